"""Hits without a cookie, given to the visit they belong to (step 7).

All rows of a client come together here, in one bucket: those with a cookie only as (client, session, time), those without
one whole. The result goes on to the buckets by session, where visits are built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import apache_beam as beam
import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.failures import tell_safely
from transforms.exchange_rows import Reference, read_bucket, write_buckets
from transforms.intern_strings import Codes, KeyTable
from transforms.local_days import LocalDays
from transforms.merge_tables import parts_by_day
from transforms.visit_rows import BARE, COOKIED, FALLBACK, PAGE_VIEW, Columns, Words

Ints = NDArray[np.int64]
VISITORS: Final = "visitors"


def adopt_hits(bare: Columns, cookied: Columns, timeout_ms: int) -> Columns:
    """Fill in `session` and `flags` of hits without a cookie.

    bare: VISIT_ROWS columns, cookied: client, session, time_ms. A hit joins the cookie that its client brings next
    within the timeout, else the one it brought last; what nothing adopts has its client for a session and the flag FALLBACK.
    """
    clients = KeyTable()
    cookied_codes = clients.intern(cookied["client"])
    known = clients.count
    bare_codes = clients.intern(bare["client"])
    times = cookied["time_ms"]
    ranks = _rank_sessions(cookied_codes, cookied["session"], times)
    # Sessions of the same instant stand in the order of their rank, so the first of them is the one to take.
    order = np.lexsort((ranks, times, cookied_codes))
    sessions = _adopt(
        bare_codes,
        bare["time_ms"],
        cookied_codes[order],
        times[order],
        cookied["session"][order],
        known,
        timeout_ms,
    )
    fallback = sessions == 0
    return {
        **bare,
        "session": np.where(fallback, bare["client"], sessions),
        "flags": bare["flags"] | np.where(fallback, np.uint8(FALLBACK), np.uint8(0)),
    }


def _rank_sessions(clients: Codes, sessions: Words, times: Ints) -> Ints:
    """A rank of each row's (client, session): by first time, last time, number of hits, and digest at the very last.

    So that which of two simultaneous cookies adopts depends on the log alone: digests differ from run to run.
    """
    if len(times) == 0:
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((times, sessions, clients))
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (clients[order][1:] != clients[order][:-1]) | (sessions[order][1:] != sessions[order][:-1])
    begins = np.flatnonzero(is_new)
    ends = np.append(begins[1:], len(order))
    first, last = times[order[begins]], times[order[ends - 1]]
    ranking = np.lexsort((sessions[order[begins]], ends - begins, last, first))
    rank_of_group = np.empty(len(begins), dtype=np.int64)
    rank_of_group[ranking] = np.arange(len(begins))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.repeat(rank_of_group, ends - begins)
    return ranks


@njit(nogil=True, cache=True)
def _adopt(
    bare_clients: Codes,
    bare_times: Ints,
    clients: Codes,
    times: Ints,
    sessions: Words,
    client_count: int,
    timeout_ms: int,
) -> Words:
    """The adopting session per hit, 0 for none; `clients`, `times`, `sessions` are sorted by client and time."""
    begins = np.full(client_count + 1, len(clients), dtype=np.int64)
    for row in range(len(clients) - 1, -1, -1):
        begins[clients[row]] = row
    for client in range(client_count - 1, -1, -1):
        begins[client] = min(begins[client], begins[client + 1])
    adopted = np.zeros(len(bare_times), dtype=np.uint64)
    for row in range(len(bare_times)):
        client = bare_clients[row]
        if client >= client_count:
            continue
        time = bare_times[row]
        first = begins[client]
        low, high = first, begins[client + 1]
        while low < high:
            middle = (low + high) // 2
            if times[middle] < time:
                low = middle + 1
            else:
                high = middle
        if low < begins[client + 1] and times[low] - time <= timeout_ms:
            adopted[row] = sessions[low]
        elif low > first and time - times[low - 1] <= timeout_ms:
            nearest = low - 1
            while nearest > first and times[nearest - 1] == times[low - 1]:
                nearest -= 1
            adopted[row] = sessions[nearest]
    return adopted


def count_visitors(days: LocalDays, first_day: int, last_day: int, *shapes: Columns) -> Iterator[tuple[str, bytes]]:
    """Partial tables `visitors`: distinct clients with a page view per day and site, of one bucket of clients."""
    views = [shape for shape in shapes if len(shape["time_ms"])]
    if not views:
        return
    is_view = np.concatenate([shape["flags"] & PAGE_VIEW for shape in views]) > 0
    client = np.concatenate([shape["client"] for shape in views])[is_view]
    site = np.concatenate([shape["site"] for shape in views])[is_view]
    day = days.local_hours(np.concatenate([shape["time_ms"] for shape in views])[is_view]) // 24
    kept = (day >= first_day) & (day <= last_day)
    # A client's digest holds its site already.
    rows = np.unique(np.rec.fromarrays([day[kept], site[kept], client[kept]], names="day,site,client"))
    yield from parts_by_day(
        VISITORS, rows["day"], day=rows["day"], site=rows["site"], visitors=np.ones(len(rows), dtype=np.int64)
    )


class AdoptHitsFn(beam.DoFn):  # type: ignore[misc]
    """(client bucket, references) → references to session buckets, and partial tables on the output `visitors`."""

    def __init__(
        self, folder: str, bucket_count: int, timeout_ms: int, timezone: str, first_day: int, last_day: int
    ) -> None:
        self._folder = folder
        self._bucket_count = bucket_count
        self._timeout_ms = timeout_ms
        self._timezone = timezone
        self._window = (first_day, last_day)

    @tell_safely
    def process(self, element: tuple[int, Iterable[str]]) -> Iterator[Any]:
        """One bucket of clients."""
        shapes = read_bucket(element[1])
        bare, cookied = shapes.get(BARE), shapes.get(COOKIED)
        for part in count_visitors(
            LocalDays(self._timezone), *self._window, *(shape for shape in (bare, cookied) if shape is not None)
        ):
            yield beam.pvalue.TaggedOutput(VISITORS, part)
        if bare is None:
            return
        adopted = adopt_hits(bare, cookied or _no_rows(), self._timeout_ms)
        yield from write_buckets(self._folder, BARE, adopted, adopted["session"], self._bucket_count)


def _no_rows() -> Columns:
    return {
        "client": np.zeros(0, dtype=np.uint64),
        "session": np.zeros(0, dtype=np.uint64),
        "time_ms": np.zeros(0, dtype=np.int64),
    }


class AdoptHits(beam.PTransform):  # type: ignore[misc]
    """References to client buckets → (references to session buckets, partial tables of visitors)."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._options = options

    def expand(self, references: beam.PCollection[Reference]) -> Any:
        """Group by bucket, adopt."""
        return (
            references
            | "Group by client bucket" >> beam.GroupByKey()
            | "Adopt" >> beam.ParDo(AdoptHitsFn(**self._options)).with_outputs(VISITORS, main="sessions")
        )
