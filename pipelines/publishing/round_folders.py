"""Keeps request times by folder from revealing what rows of `pages` leave (`docs/definitions.md`, Tables of hits)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np

from footfall.pipelines.publishing.fold_cells import GRAINS
from footfall.pipelines.publishing.least_cut import Opened, least_cut
from footfall.pipelines.publishing.round_rows import Links
from footfall.transforms.arrays import Flags, Ints
from footfall.transforms.describing.name_crawls import ROOT
from footfall.transforms.tables.asked_tables import NAMED_FOLDERS
from footfall.transforms.vocabulary import OTHER

_Place = tuple[bool, int]
"""(whether it is a folder, its number or that of a whole; -1: the end)."""
_FOLDER: Final = f"""CASE WHEN page LIKE '/%/%' THEN '/' || str_split(page, '/')[2] || '/…'
  WHEN page LIKE '/%' THEN '{ROOT}' ELSE '{OTHER}' END"""


@dataclass(frozen=True)
class Parts:
    """The page views of folders in wholes that are known: arrays with an element for each folder and whole."""

    folder: Ints
    """The number of the folder of a day, -1 for one without request times."""
    whole: Ints
    """-1 where nothing is known."""
    views: Ints
    of_whole: Ints
    """The page views of the whole."""


def round_folders(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Change `published_page_latency`: leave out folders that nothing names, and lower or raise the hits of some by k.

    Known are rows of `pages`, and what those of a day, week or month alone leave of its page views.
    """
    connection.execute(
        f"""DELETE FROM published_page_latency t WHERE page_group <> '{ROOT}' AND (site, page_group) NOT IN (
          WITH {NAMED_FOLDERS} SELECT site, folder FROM named);
        CREATE TABLE timed_folders AS
        SELECT *, row_number() OVER (ORDER BY day, site, page_group) - 1 AS folder FROM (
          SELECT day, site, page_group, sum(sum)::BIGINT AS sum, sum(spare)::BIGINT AS spare, sum(room)::BIGINT AS room
          FROM published_page_latency GROUP BY ALL)"""
    )
    folders = connection.execute("SELECT sum, spare, room FROM timed_folders ORDER BY folder").fetchnumpy()
    sums, spare = folders["sum"], folders["spare"].copy()
    lower = np.zeros(len(sums), dtype=np.bool_)
    known = list(_parts_of_pages(connection))
    for parts in known:
        links = _links_of(parts, sums, spare, k)
        for one in np.argsort(sums, kind="stable").tolist():
            if links.is_close[one] and links.leaves_few(one):
                lower[one] = True
                spare[one] += 2 * k
    higher = _folders_to_raise(known, sums, folders["room"].copy(), lower, k)
    for chosen, change in ((lower, -k), (higher, k)):
        _change(connection, np.flatnonzero(chosen), change)


def _parts_of_pages(connection: duckdb.DuckDBPyConnection) -> Iterator[Parts]:
    """Yield the rows of `pages`, then those of a day alone and what they leave of it, then of a week, of a month."""
    by_row = "p.row >= 0 AS is_known, p.row AS own_row, NULL::DATE AS first"
    spans = (
        f"""s.joins_{span} AS is_known, s.{span} AS first,
        CASE WHEN p.row >= 0 AND bool_and(s.joins_{span}) OVER of_row
          AND min(s.{span}) OVER of_row = max(s.{span}) OVER of_row THEN p.row ELSE -1 END AS own_row"""
        for span in GRAINS
    )
    for columns in (by_row, *spans):
        read = connection.execute(
            f"""WITH placed AS (
              SELECT c.day, c.site, {_FOLDER} AS page_group, c.page_views, {columns}
              FROM pages_cells c JOIN pages_placed p USING (cell) JOIN spans s USING (day, site)
              WINDOW of_row AS (PARTITION BY p.row)
            ), parts AS (
              SELECT day, site, page_group, first, own_row, is_known, sum(page_views)::BIGINT AS views
              FROM placed GROUP BY ALL
            )
            SELECT coalesce(f.folder, -1) AS folder, p.views,
              CASE WHEN is_known THEN dense_rank() OVER of_whole - 1 ELSE -1 END AS whole,
              sum(p.views) OVER (PARTITION BY site, first, own_row, is_known)::BIGINT AS of_whole
            FROM parts p LEFT JOIN timed_folders f USING (day, site, page_group)
            WINDOW of_whole AS (ORDER BY site, first, own_row, is_known)"""
        ).fetchnumpy()
        yield Parts(*(read[name].astype(np.int64) for name in ("folder", "whole", "views", "of_whole")))


def _links_of(parts: Parts, sums: Ints, spare: Ints, k: int) -> Links:
    """Return the links of folders with what is known, but of those whose request times are not those of these views."""
    of_wholes = np.zeros(parts.whole.max(initial=-1) + 1, dtype=np.int64)
    is_known = parts.whole >= 0
    of_wholes[parts.whole[is_known]] = parts.of_whole[is_known]
    others = np.flatnonzero(_views_of(parts, len(sums)) != sums)
    folder = np.concatenate([parts.folder, others])
    whole, views = (np.concatenate([column, np.full(len(others), -1)]) for column in (parts.whole, parts.views))
    return Links(folder, whole, views, of_wholes, spare, k)


def _views_of(parts: Parts, folders: int) -> Ints:
    """Return the page views of each folder."""
    of_folder = parts.folder >= 0
    return np.bincount(parts.folder[of_folder], parts.views[of_folder], folders).astype(np.int64)


def _folders_to_raise(known: list[Parts], sums: Ints, room: Ints, lower: Flags, k: int) -> Flags:
    """Return which folders, with others or alone, leave less than k/2 of the page views that no row of `pages` has.

    `room` is twice the hits that a folder may have beyond its own, by its rows; those of `lower` are not checked.
    """
    higher = np.zeros(len(sums), dtype=np.bool_)
    for parts in known:
        has_times = _views_of(parts, len(sums)) == sums
        wholes = _Wholes(parts, has_times, room, k)
        beside = (parts.folder >= 0) & ((parts.whole < 0) | (parts.views < parts.of_whole))
        may_be_raised = (np.bincount(parts.folder[beside], minlength=len(sums)) > 0) & has_times & ~lower & (room < k)
        for one in np.argsort(sums, kind="stable").tolist():
            if may_be_raised[one] and wholes.leaves_few(one):
                higher[one] = True
                room[one] += 2 * k
                wholes.leave_out(one)
    return higher


class _Wholes:
    """The wholes of folders.

    What some folders have of wholes that are not all theirs, and the `room` of these folders, is what they are known to
    have of them at most: what they cost. A whole is all theirs where each of its folders is one of them. It is open if
    its folders may cost less than k. All is counted twice over, since k may be odd.
    """

    def __init__(self, parts: Parts, has_times: Flags, room: Ints, k: int) -> None:
        self._room, self._k = room, k
        is_timed = np.append(has_times, False)[parts.folder]
        is_open = np.bincount(parts.whole + 1, ~is_timed, 1) == 0
        is_open[0] = False
        timed = np.flatnonzero(is_timed)
        folder, whole, views = parts.folder[timed], parts.whole[timed], parts.views[timed]
        while True:
            inside = is_open[whole + 1]
            self._others = np.bincount(folder[~inside], views[~inside], len(room)).astype(np.int64)
            """What each folder has of wholes that are not open."""
            costs = np.bincount(whole[inside] + 1, self._cost(folder[inside]), len(is_open))
            if not (is_open & (costs >= k)).any():
                break
            is_open &= costs < k
        self._costs = costs.tolist()
        """What the folders of each whole cost at least; the first is of what is known of none."""
        self._views: dict[int, dict[int, int]] = defaultdict(dict)
        self._folders: dict[int, list[int]] = defaultdict(list)
        columns = (column[inside].tolist() for column in (folder, whole, views))
        for one, of_folders, count in zip(*columns, strict=True):
            self._views[one][of_folders] = count
            self._folders[of_folders].append(one)

    def leaves_few(self, folder: int) -> bool:
        """Whether that is less than k/2 for a folder and some others, or none: a minimum cut.

        Who takes a whole takes its folders; who takes a folder pays for what it has of wholes that are not taken.
        """
        return least_cut(Opened(self._room_of), (True, folder), (False, -1), self._k) is not None

    def _room_of(self, place: _Place) -> dict[_Place, float]:
        is_folder, one = place
        if is_folder:
            room: dict[_Place, float] = {(False, whole): 2 * views for whole, views in self._views[one].items()}
            return room | {(False, -1): int(self._cost(one))}
        return {(True, other): float("inf") for other in self._folders[one]}

    def leave_out(self, folder: int) -> None:
        """Let no whole of a folder, which costs k now, be open, nor any other that then costs as much."""
        closing = list(self._views[folder])
        for whole in closing:
            for one in self._folders.pop(whole, ()):
                views = self._views[one].pop(whole)
                was_cheap = self._cost(one) < self._k
                self._others[one] += views
                # Each whole takes 2 at least, so that this is done k/2 times for a folder.
                for other in self._views[one] if was_cheap else ():
                    self._costs[other + 1] += 2 * views
                    if self._costs[other + 1] >= self._k:
                        closing.append(other)

    def _cost(self, folder: Ints | int) -> Any:
        return self._room[folder] + 2 * self._others[folder]


def _change(connection: duckdb.DuckDBPyConnection, folders: Ints, change: int) -> None:
    """Change the hits of the smallest row of some folders."""
    connection.execute(
        f"""UPDATE published_page_latency t SET hits = t.hits + {change} FROM (
          SELECT day, site, page_group, arg_min(from_ms, (l.sum, from_ms)) AS from_ms
          FROM published_page_latency l JOIN timed_folders USING (day, site, page_group)
          WHERE folder IN (SELECT unnest($1)) GROUP BY ALL) s
        WHERE t.day = s.day AND t.site = s.site AND t.page_group = s.page_group AND t.from_ms = s.from_ms""",
        [folders.tolist()],
    )
