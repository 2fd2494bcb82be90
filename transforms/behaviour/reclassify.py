"""Moves the hits of clients that are machines by their behaviour from `human` to `automated`.

Page views that turn out to be none are corrected in the same way.

Hits are counted where they are parsed, before all hits of their client are together, by the class of the agent. Here,
these counts are subtracted, and added under the other class: partial tables add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Words
from footfall.transforms.behaviour.judge_clients import REASONS
from footfall.transforms.hits.count_hits import HitTables
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.hits.hit_facts import unpack_facts
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import digest_names, join_parts
from footfall.transforms.tables.partial_tables import Part

BEHAVIOUR: Final = "behaviour"
"""The category of machines that were found by their behaviour; their name is the reason."""
MACHINES: Final = [("", ""), *((reason, BEHAVIOUR) for reason in REASONS[1:])]
"""Names and categories by reason."""
_NAMES: Final = [join_parts(machine) for machine in MACHINES]
MACHINE_DIGESTS: Final = digest_names(_NAMES)
"""The digests of name and category by reason."""


@dataclass(frozen=True)
class _Names:
    """What the codes of moved hits stand for; see `HitNames`."""

    site_digests: Digests
    machines: list[tuple[str, str]]

    folders: tuple[str, ...] = ()

    def crawls(self, codes: Words) -> tuple[Words, Words]:
        """No hit has any: bots are not found by their behaviour."""
        _expect_none(codes)
        return codes, codes

    def crawl_errors(self, codes: Words) -> tuple[Words, Words, Digests, Codes]:
        """Likewise."""
        _expect_none(codes)
        return codes, codes, codes, codes.astype(np.int32)


def _expect_none(codes: Words) -> None:
    if len(codes):
        raise ValueError(f"{len(codes)} hits of bots are moved, expected none: bots are not found by their behaviour")


def move_hits(rows: Columns, changed: Words, reasons: Bytes, day_shares: int) -> Iterator[Part]:
    """Yield the partial tables of hits that change.

    `rows` are human hits of published days (site, time_ms, facts, bytes_sent), `changed` their corrected
    facts, `reasons` indices of REASONS. `day_shares` is the number of shares that the days are divided into.
    """
    if len(reasons) == 0:
        return
    sites = KeyTable()
    site = sites.intern(rows["site"])
    names = _Names(sites.keys, MACHINES)
    for sign, facts, machine in (
        (-1, rows["facts"], np.zeros_like(reasons)),
        (1, changed, reasons),
    ):
        known: Columns = {name: rows[name] for name in ("time_ms", "bytes_sent")}
        known |= {
            "opted_out": np.zeros(len(facts), dtype=np.bool_),
            "site": site,
            "machine": machine,
            **unpack_facts(facts),
        }
        # The declared tables read no other column.
        hits = Hits(**{one.name: known.get(one.name, np.zeros(0)) for one in fields(Hits)})
        tables = HitTables(day_shares)
        for around in (False, True):
            tables.count(hits, around=around)
        yield from tables.parts(names, sign)


def name_reasons(reasons: Bytes) -> pa.Table:
    """Return the names of the machines with these reasons, as a table of names."""
    used = np.unique(reasons)
    texts = pa.array([_NAMES[reason] for reason in used.tolist()], pa.string())
    return pa.table({"id": pa.array(MACHINE_DIGESTS[used], pa.uint64()), "text": texts})
