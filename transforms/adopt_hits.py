"""Hits without a cookie, given to the visit they belong to (step 7).

All rows of a client come together here, in one bucket: those with a cookie only as (client, session, time), those
without one whole. The result goes on to the buckets by session, where visits are built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import apache_beam as beam
import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.exchange_rows import Reference, read_bucket, write_buckets
from transforms.failures import tell_safely
from transforms.kernels.group_sums import GroupSums
from transforms.kernels.intern_strings import Codes, KeyTable
from transforms.merge_tables import parts_by_day
from transforms.values.local_days import LocalDays
from transforms.visit_rows import BARE, COOKIED, FALLBACK, PAGE_VIEW, Columns, Words

Ints = NDArray[np.int64]
VISITORS: Final = "visitors"


def adopt_hits(bare: Columns, cookied: Columns, timeout_ms: int) -> Columns:
    """Fill in `session` and `flags` of hits without a cookie.

    bare: VISIT_ROWS columns, cookied: client, session, time_ms. A hit joins the cookie that its client brings next
    within the timeout, else the one it brought last; what nothing adopts has its client for a session, and the flag
    FALLBACK.
    """
    clients = KeyTable()
    bare_codes = clients.intern(bare["client"])
    known = clients.count
    # Only what a client without a cookie did with one matters.
    codes = clients.intern(cookied["client"])
    rows = np.flatnonzero(codes < known)
    order = rows[np.lexsort((cookied["time_ms"][rows], codes[rows]))]
    sessions = _adopt(
        bare_codes,
        bare["time_ms"],
        codes[order],
        cookied["time_ms"][order],
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
    # By the first row of an instant, once it was asked for; a log with one client must not take forever.
    adopting = np.zeros(len(clients), dtype=np.uint64)
    has_histories = np.zeros(client_count, dtype=np.bool_)
    histories = np.empty((len(clients), 3), dtype=np.int64)
    for row in range(len(bare_times)):
        client, time = bare_clients[row], bare_times[row]
        first, end = begins[client], begins[client + 1]
        nearest = _find_time(times, first, end, time)
        if nearest == end or times[nearest] - time > timeout_ms:
            if nearest == first or time - times[nearest - 1] > timeout_ms:
                continue
            nearest = _find_time(times, first, nearest, times[nearest - 1])
        if adopting[nearest] == 0:
            adopting[nearest] = sessions[nearest]
            if _is_contested(times, sessions, nearest, end):
                if not has_histories[client]:
                    _note_histories(times, sessions, first, end, histories)
                    has_histories[client] = True
                adopting[nearest] = _choose_session(times, sessions, histories, nearest, end)
        adopted[row] = adopting[nearest]
    return adopted


@njit(nogil=True, cache=True)
def _find_time(times: Ints, first: int, end: int, time: int) -> int:
    """The first of the rows first … end whose time is not before `time`, `end` if there is none."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if times[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, cache=True)
def _is_contested(times: Ints, sessions: Words, nearest: int, end: int) -> bool:
    """Whether the client brought several cookies at the instant that begins with the row `nearest`."""
    place = nearest + 1
    while place < end and times[place] == times[nearest]:
        if sessions[place] != sessions[nearest]:
            return True
        place += 1
    return False


@njit(nogil=True, cache=True)
def _note_histories(times: Ints, sessions: Words, first: int, end: int, histories: Ints) -> None:
    """For each row of one client: when it brought the row's cookie first, when last, and how often."""
    order = first + np.argsort(sessions[first:end], kind="mergesort")
    begin = 0
    while begin < len(order):
        stop = begin + 1
        while stop < len(order) and sessions[order[stop]] == sessions[order[begin]]:
            stop += 1
        for place in range(begin, stop):
            histories[order[place], 0] = times[order[begin]]
            histories[order[place], 1] = times[order[stop - 1]]
            histories[order[place], 2] = stop - begin
        begin = stop


@njit(nogil=True, cache=True)
def _choose_session(times: Ints, sessions: Words, histories: Ints, nearest: int, end: int) -> np.uint64:
    """Of the cookies of an instant the one that the client brought first, then the one it brought last earliest, then
    the one with fewest hits: the log decides, for digests differ from run to run.
    """
    chosen = nearest
    place = nearest + 1
    while place < end and times[place] == times[nearest]:
        for column in range(3):
            if histories[place, column] != histories[chosen, column]:
                if histories[place, column] < histories[chosen, column]:
                    chosen = place
                break
        place += 1
    return sessions[chosen]


def count_visitors(days: LocalDays, first_day: int, last_day: int, *shapes: Columns) -> Iterator[tuple[str, bytes]]:
    """Partial tables `visitors`: distinct clients with a page view per day and site, of one bucket of clients."""
    views = [shape for shape in shapes if len(shape["time_ms"])]
    if not views:
        return
    is_view = [np.flatnonzero(shape["flags"] & PAGE_VIEW) for shape in views]
    client, site, times = (
        np.concatenate([shape[name][rows] for shape, rows in zip(views, is_view, strict=True)])
        for name in ("client", "site", "time_ms")
    )
    day = days.local_hours(times) // 24
    kept = np.flatnonzero((day >= first_day) & (day <= last_day))
    # A client's digest holds its site already.
    clients, sites = KeyTable(), KeyTable()
    seen = KeyTable()
    seen.intern(clients.intern(client[kept]).astype(np.uint64) << np.uint64(32) | day[kept].astype(np.uint64))
    site_code = np.zeros(clients.count, dtype=np.uint64)
    site_code[clients.intern(client[kept])] = sites.intern(site[kept])
    sums = GroupSums(1)
    sums.add((seen.keys & np.uint64(0xFFFFFFFF)) << np.uint64(32) | site_code[seen.keys >> np.uint64(32)], None)
    number = (sums.keys >> np.uint64(32)).astype(np.int64)
    yield from parts_by_day(
        VISITORS,
        number,
        day=number,
        site=sites.keys[sums.keys & np.uint64(0xFFFFFFFF)],
        visitors=sums.measure(0),
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
