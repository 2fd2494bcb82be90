"""Finds by evidence which things that look like documents are parts of pages, or asked for in the background.

A part follows its page at once, names it as its referrer, comes with it from most clients, and is never left: nothing
names the part as its own referrer. Things are grouped by the shape of their pages' names, in which all numbers, codes
and placeholders are alike. Each day is judged by itself, from clients that load parts, as browsers do. The rules are in
docs/definitions.md, section "Page view".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Codes, Columns, Digests, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.client_days import ClientDays
from footfall.transforms.behaviour.evidence import methods_of
from footfall.transforms.behaviour.learned import Learned
from footfall.transforms.describing.shape_pages import HOME_SHAPE
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, first_rows, mix_keys, pack_pairs
from footfall.transforms.tables.partial_tables import Part, grouped_parts, parts_by_day
from footfall.transforms.values.read_requests import METHOD_POST
from footfall.transforms.visits.cut_visits import Visits
from footfall.transforms.visits.visit_rows import NAME_COLUMNS, PAGE_VIEW

FOLLOWS_MS: Final = 10_000
"""A part is asked for at most this long after its page."""
FRAMES_MS: Final = 3_000
"""A frame is asked for at most this long after its frameset."""
FEW: Final = 3
"""What fewer addresses or clients do may be chance."""
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_NEVER: Final = np.int64(-(2**62))


def learn_parts(clients: ClientDays, day_shares: int) -> Iterator[Part]:
    """Yield the tables `shape_habits` and `shape_follows` of a bucket's clients; of pages by rows with a shape."""
    entries = clients.entries
    loads = clients.count("parts") > 0
    seen = np.flatnonzero((entries.shape > 0) & loads[entries.group])
    group, shape = entries.group[seen], entries.shape[seen]
    of_group = group.astype(np.uint64) << _HALF_BITS
    pages, pairs = KeyTable(), KeyTable()
    page = pages.intern(of_group | entries.asked[seen])
    opened_count = pages.count
    named = np.flatnonzero(entries.is_own[seen] & (entries.from_page[seen] > 0))
    source = np.full(len(seen), -1, dtype=np.int32)
    source[named] = pages.intern(of_group[named] | entries.from_page[seen[named]])
    is_loaded = _are_loaded(clients, pages)
    is_left = _are_left(clients, pages, source[named], is_loaded)
    source[source == page] = -1
    sourced = np.flatnonzero(source >= 0)
    pair = np.full(len(seen), -1, dtype=np.int32)
    pair[sourced] = pairs.intern(pack_pairs(page, source, sourced))
    follows, attached, framed = _follow(group, entries.time_ms[seen], page, source, pair, pages.count, pairs.count)
    of_page = _Pages(
        np.zeros(pages.count, dtype=np.uint32),
        (pages.keys[:opened_count] >> _HALF_BITS).astype(np.int64),
        is_left,
        is_loaded[:opened_count],
    )
    of_page.shape[page] = shape
    yield from _habits(clients, day_shares, page, attached, framed, of_page)
    rows = np.flatnonzero(follows)
    yield from _follows(clients, day_shares, group[rows], shape[rows], source[rows], of_page.shape)


class _Pages(NamedTuple):
    """The pages that clients opened, each once for a client, and behind them those that are only named."""

    shape: HalfDigests
    """0 for those that are only named."""
    group: Ints
    """The clients and days of those that were opened."""
    is_left: Flags
    is_loaded: Flags
    """Of those that were opened, whether parts were loaded with it."""


def _are_loaded(clients: ClientDays, pages: KeyTable) -> Flags:
    """Return for each client's page whether it loaded parts with it; `pages` gets those that only parts name."""
    opened = clients.opened
    loaded = np.flatnonzero(opened.is_loaded)
    with_parts = pages.intern(opened.group[loaded].astype(np.uint64) << _HALF_BITS | opened.page[loaded])
    is_loaded = np.zeros(pages.count, dtype=np.bool_)
    is_loaded[with_parts] = True
    return is_loaded


def _are_left(clients: ClientDays, pages: KeyTable, sources: Codes, is_loaded: Flags) -> Flags:
    """Return for each client's page whether it names it as its own referrer: of a part, a document or a post.

    `sources` are the pages that documents name; `pages` gets those that only posts name.
    """
    entries = clients.entries
    posts = np.flatnonzero((methods_of(entries.evidence) == METHOD_POST) & entries.is_own & entries.is_human)
    posted = pages.intern(pack_pairs(entries.group, entries.from_page, posts))
    is_left = np.zeros(pages.count, dtype=np.bool_)
    is_left[: len(is_loaded)] = is_loaded
    for codes in (sources, posted):
        is_left[codes] = True
    return is_left


@kernel
def _follow(
    groups: Codes, times_ms: Ints, pages: Codes, sources: Codes, pairs: Codes, page_count: int, pair_count: int
) -> tuple[Flags, Flags, Flags]:
    """Return which hits follow the page that they name at once, which are attached to it, and which follow as frames.

    A hit is also attached if it asks for the same again from a page that was not opened again since. A page that was
    not opened is shown by a script if something else is asked for from it at once: both follow it. Frames of a page
    follow it together. `pages` and `sources` are codes of a client's pages, `pairs` of both together, -1 for none. Hits
    of one instant have no order.
    """
    length = len(groups)
    follows, attached = np.zeros(length, dtype=np.bool_), np.zeros(length, dtype=np.bool_)
    framed = np.zeros(length, dtype=np.bool_)
    is_company = _come_together(times_ms, pages, sources, page_count)
    opened_ms, asked_ms = np.full(page_count, _NEVER), np.full(pair_count, _NEVER)
    begin = 0
    while begin < length:
        end = begin
        while end < length and groups[end] == groups[begin] and times_ms[end] == times_ms[begin]:
            opened_ms[pages[end]] = times_ms[end]
            end += 1
        for row in range(begin, end):
            source = sources[row]
            if source >= 0 and opened_ms[source] != _NEVER:
                follows[row] = times_ms[row] - opened_ms[source] <= FOLLOWS_MS
                attached[row] = follows[row] or asked_ms[pairs[row]] >= opened_ms[source]
                framed[row] = is_company[row] and times_ms[row] - opened_ms[source] <= FRAMES_MS
            elif source >= 0:
                follows[row] = attached[row] = is_company[row]
        for row in range(begin, end):
            if pairs[row] >= 0:
                asked_ms[pairs[row]] = times_ms[row]
        begin = end
    return follows, attached, framed


@kernel
def _come_together(times_ms: Ints, pages: Codes, sources: Codes, page_count: int) -> Flags:
    """Return which hits have a hit on another page at most FOLLOWS_MS before or after that names the same page.

    For each page, the last two different pages that named it are remembered, forwards and backwards.
    """
    length = len(pages)
    found = np.zeros(length, dtype=np.bool_)
    last_page = np.empty((2, page_count), dtype=np.int64)
    last_ms = np.empty((2, page_count), dtype=np.int64)
    for backwards in range(2):
        last_page[:] = -1
        for step in range(length):
            row = length - 1 - step if backwards else step
            source = sources[row]
            if source < 0:
                continue
            page = np.int64(pages[row])
            place = 1 if last_page[0, source] == page else 0
            if last_page[place, source] >= 0 and abs(times_ms[row] - last_ms[place, source]) <= FOLLOWS_MS:
                found[row] = True
            if place == 0:
                last_page[1, source], last_ms[1, source] = last_page[0, source], last_ms[0, source]
            last_page[0, source], last_ms[0, source] = page, times_ms[row]
    return found


def _habits(
    clients: ClientDays, day_shares: int, page: Codes, attached: Flags, framed: Flags, pages: _Pages
) -> Iterator[Part]:
    """Yield the table `shape_habits`; each address and each client is in one bucket only."""
    group, opened_count = pages.group, len(pages.group)
    days_and_sites = KeyTable().intern(mix_keys(clients.site, clients.day))
    shapes = KeyTable()
    shape = shapes.intern(days_and_sites[group].astype(np.uint64) << _HALF_BITS | pages.shape[:opened_count])
    row_of = first_rows(shape)
    # Rows of an address become neighbours, as those of a group are.
    by_address = np.argsort(clients.address_on_site[group], kind="stable")
    left = by_address[pages.is_left[by_address]]
    address, day = clients.address_on_site[group], clients.day[group[row_of]]
    yield from parts_by_day(
        "shape_habits",
        day_shares,
        day,
        day=day,
        site=clients.site[group[row_of]],
        shape=pages.shape[row_of],
        addresses=_count_runs(shape[by_address], address[by_address], shapes.count),
        hits=np.bincount(shape[page], minlength=shapes.count),
        attached=np.bincount(shape[page[attached]], minlength=shapes.count),
        framed=np.bincount(shape[page[framed]], minlength=shapes.count),
        leaving=_count_runs(shape[left], address[left], shapes.count),
        openers=_count_runs(shape, group, shapes.count),
        opened=np.bincount(shape, minlength=shapes.count),
        loaded=np.bincount(shape[pages.is_loaded], minlength=shapes.count),
    )


@kernel
def _count_runs(shapes: Codes, values: Ints, count: int) -> Ints:
    """Return how many different values each of `count` shapes has; rows with the same value stand together."""
    counts, last = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    for row in range(len(shapes)):
        counts[shapes[row]] += last[shapes[row]] != values[row]
        last[shapes[row]] = values[row]
    return counts


def _follows(
    clients: ClientDays, day_shares: int, group: Codes, shape: HalfDigests, source: Codes, shape_of_page: HalfDigests
) -> Iterator[Part]:
    """Yield the table `shape_follows` of hits that follow their `source` at once."""
    by_page, by_client = KeyTable(), KeyTable()
    from_shape = shape_of_page[source]
    of_page = first_rows(by_page.intern(source.astype(np.uint64) << _HALF_BITS | shape))
    both = mix_keys(shape, from_shape, group)
    of_client = first_rows(by_client.intern(both))
    rows = np.concatenate([of_page, of_client])
    yield from grouped_parts(
        "shape_follows",
        day_shares,
        day=clients.day[group[rows]],
        site=clients.site[group[rows]],
        shape=shape[rows],
        source=from_shape[rows],
        pages=np.repeat(np.array([1, 0]), [len(of_page), len(of_client)]),
        clients=np.repeat(np.array([0, 1]), [len(of_page), len(of_client)]),
    )


class PageParts:
    """The shapes of things that are parts of pages, by day and site, from what was learned of all clients."""

    def __init__(self, learned: Learned) -> None:
        self._keys = KeyTable()
        habits = learned.table("shape_habits")
        if len(habits):
            found = _find_parts(habits, learned)
            self._keys.intern(mix_keys(found["shape"], found["site"], found["day"]))

    @property
    def are_there(self) -> bool:
        """Whether there are any."""
        return self._keys.count > 0

    def are_parts(self, day: Ints, site: Digests, shape: HalfDigests) -> Flags:
        """Return whether things of a shape, 0 for none, are parts on a day of a site."""
        parts = np.zeros(len(shape), dtype=np.bool_)
        rows = np.flatnonzero(shape) if self.are_there else np.zeros(0, dtype=np.int64)
        if len(rows):
            parts[rows] = self._keys.find(mix_keys(shape[rows], site[rows], day[rows])) >= 0
        return parts


@lru_cache(maxsize=1)
def open_parts(learned: Learned) -> PageParts:
    """Return the parts of what was learned in a run; the steps and threads of a process share them."""
    return PageParts(learned)


def _find_parts(habits: pa.Table, learned: Learned) -> Columns:
    """Return day, site and shape of the parts."""
    columns: Columns = {name: habits[name].to_numpy() for name in habits.column_names}
    of_site = mix_keys(columns["site"], columns["day"])
    is_page = columns["shape"] != HOME_SHAPE
    sites = GroupSums(1)
    codes = sites.add(of_site, np.where(is_page, columns["leaving"], 0))
    are_many = is_page & (sites.measure(0)[codes] >= FEW) & (columns["addresses"] >= FEW)
    is_never_left = (columns["attached"] * 5 >= columns["hits"] * 4) & (columns["leaving"] * 10 <= columns["addresses"])
    is_framed = columns["framed"] * 5 >= columns["hits"] * 4
    suspects = np.flatnonzero(are_many & (is_never_left | is_framed))
    suspected = KeyTable()
    suspected.intern(mix_keys(columns["shape"], columns["site"], columns["day"])[suspects])
    follows = {name: column.to_numpy() for name, column in zip(*_columns(learned.table("shape_follows")), strict=True)}
    of_suspect = suspected.find(mix_keys(follows["shape"], follows["site"], follows["day"]))
    of_source = learned.find("shape_habits", follows["day"], follows["site"], follows["source"])
    # Of a source that was left out, nothing is known; those without a shape were not opened, but only named.
    rows = np.flatnonzero((of_suspect >= 0) & ((of_source["openers"] > 0) | (follows["source"] == 0)))
    of_suspect = of_suspect[rows]
    follows, of_source = ({name: column[rows] for name, column in own.items()} for own in (follows, of_source))
    pages, opened = (
        np.bincount(of_suspect, weights=weights, minlength=len(suspects))
        for weights in (follows["pages"], of_source["opened"])
    )
    is_often = (follows["clients"] >= FEW) & (follows["clients"] * 2 >= of_source["openers"])
    often = np.bincount(of_suspect, weights=is_often, minlength=len(suspects)) > 0
    is_part = is_never_left[suspects] & (often | ((pages * 2 >= opened) & (pages > 0)))
    # A frameset shows nothing itself, and nearly all that its frames follow is it.
    is_frameset = (of_source["loaded"] * 5 <= of_source["opened"]) & (follows["pages"] * 2 >= of_source["opened"])
    is_frameset &= (of_source["opened"] > 0) & (follows["pages"] * 5 >= pages[of_suspect] * 4) & (follows["pages"] > 0)
    in_frames = is_framed[suspects] & (np.bincount(of_suspect, weights=is_frameset, minlength=len(suspects)) > 0)
    chosen = suspects[is_part | in_frames]
    return {name: columns[name][chosen] for name in ("day", "site", "shape")}


def _columns(table: pa.Table) -> tuple[list[str], list[pa.ChunkedArray]]:
    return table.column_names, table.columns


def without_views(rows: Columns, visits: Visits, begin_days: Ints, parts: PageParts) -> Columns:
    """Return VISIT_ROWS of which those of parts are no page views.

    The day on which a visit begins decides about all of it. If there are no such rows, `rows` itself is returned.
    """
    is_part = parts.are_parts(np.append(begin_days, -1)[visits.visit_of], rows["site"], rows["shape"])
    if not is_part.any():
        return rows
    flags = np.where(is_part, rows["flags"] & ~np.uint8(PAGE_VIEW), rows["flags"])
    return rows | {"flags": flags} | {name: np.where(is_part, np.uint64(0), rows[name]) for name in NAME_COLUMNS}
