"""Telling that a log has seen a proxy instead of visitors: nearly all people come from a handful of addresses.

No address is needed for that. Each worker counts human hits by eight bits of a keyed digest of the address, and by as
many of one of the client (address and agent): whatever has the same bits is one. A proxy's hits are in few of the
former and, since many browsers stand behind it, in many of the latter.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.pipelines.inputs.list_inputs import Input
from footfall.transforms.formats.fields import has_forwarded_field, has_session_field
from footfall.transforms.formats.log_formats import read_log_format

MIN_HITS: Final = 1_000
"""Human hits: fewer may come from few people."""
HANDFUL: Final = 8
MIN_ADDRESS_SHARE: Final = 0.95
"""Of the human hits that the busiest HANDFUL of addresses make."""
MAX_CLIENT_SHARE: Final = 0.8
"""Of those that the busiest HANDFUL of clients make: more, and it is a few busy machines that pass for people."""


def detect_proxies(spread: pa.Table) -> dict[int, float]:
    """The inputs, by number, whose people come from a handful of addresses, and the share of the hits that do.

    `spread` is the partial table: input, bucket, address_hits, client_hits.
    """
    found = {}
    inputs = spread["input"].to_numpy()
    for number in np.unique(inputs).tolist():
        own = spread.filter(inputs == number)
        total, by_address = _top(own["address_hits"].to_numpy())
        _, by_client = _top(own["client_hits"].to_numpy())
        if total >= MIN_HITS and by_address >= MIN_ADDRESS_SHARE * total and by_client <= MAX_CLIENT_SHARE * total:
            found[number] = by_address / total
    return found


def _top(hits: NDArray[np.int64]) -> tuple[int, int]:
    """The sum, and that of the HANDFUL largest."""
    return int(hits.sum()), int(np.sort(hits)[-HANDFUL:].sum())


def warn_of_proxy(one: Input, share: float, cookie_name: str) -> str:
    """What the operator should know of an input that `detect_proxies` found."""
    assert one.recognition is not None
    meanings = read_log_format(one.recognition.log_format).meanings
    if has_forwarded_field(meanings):
        remedy = "its forwarded fields do not count, or name proxies too; check --trusted-proxies"
    else:
        remedy = "let the server log X-Forwarded-For, or what its proxy sends, beside the address"
        if not has_session_field(meanings, cookie_name):
            remedy += ", and a session cookie: without either, visits of different people run together"
    return (
        f"{one.path}: at most {HANDFUL} addresses make {share:.0%} of the human hits, with many browsers: that looks "
        f"like a proxy before the server, and visitors are then located where it stands; {remedy}"
    )
