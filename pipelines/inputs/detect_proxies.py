"""Detects logs that record a proxy's address instead of the visitor's: a few addresses make nearly all human hits.

This needs no addresses. Workers count human hits in 256 buckets by eight bits of the keyed digest of the address, and
in 256 more by the digest of the client (address and user agent). A proxy's hits are in few buckets of the former and,
since many browsers are behind it, in many of the latter.
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
"""Human hits: fewer may really come from a few people."""
HANDFUL: Final = 8
MIN_ADDRESS_SHARE: Final = 0.95
"""Of the human hits that come from the busiest HANDFUL of addresses."""
MAX_CLIENT_SHARE: Final = 0.8
"""Of the human hits that come from the busiest HANDFUL of clients: a larger share means a few unrecognized bots."""


def detect_proxies(spread: pa.Table) -> dict[int, float]:
    """The numbers of the inputs that record a proxy, each with the share of human hits from its busiest addresses.

    `spread` is the partial table `address_spread`: input, bucket, address_hits, client_hits.
    """
    found = {}
    spread = spread.sort_by("input")
    inputs, *hits = (spread[name].to_numpy() for name in ("input", "address_hits", "client_hits"))
    numbers, begins = np.unique(inputs, return_index=True)
    ends = np.append(begins, len(inputs))[1:]
    for number, begin, end in zip(numbers.tolist(), begins, ends, strict=True):
        (total, by_address), (_, by_client) = (_top(column[begin:end]) for column in hits)
        if total >= MIN_HITS and by_address >= MIN_ADDRESS_SHARE * total and by_client <= MAX_CLIENT_SHARE * total:
            found[number] = by_address / total
    return found


def _top(hits: NDArray[np.int64]) -> tuple[int, int]:
    """The sum of all, and the sum of the HANDFUL largest."""
    return int(hits.sum()), int(np.sort(hits)[-HANDFUL:].sum())


def describe_proxy(one: Input, share: float, cookie_name: str) -> str:
    """The warning about an input that `detect_proxies` found."""
    assert one.recognition is not None
    meanings = read_log_format(one.recognition.log_format).meanings
    if has_forwarded_field(meanings):
        remedy = "its forwarded fields are not trusted, or contain proxies too; check --trusted-proxies"
    else:
        remedy = "log X-Forwarded-For, or the header that the proxy sends, in addition to the address"
        if not has_session_field(meanings, cookie_name):
            remedy += ", and a session cookie: without either, visits of different people are counted as one"
    return (
        f"{one.path}: {share:.0%} of the human hits come from at most {HANDFUL} addresses, with many browsers: "
        f"probably a proxy before the server, so that visitors are located at the proxy; {remedy}"
    )
