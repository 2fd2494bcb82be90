"""The tables of hits: days, traffic, protocols and kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from footfall.transforms import vocabulary as words
from tests.reference.asked import KINDS, cell_of_kind
from tests.reference.cells import span_of
from tests.reference.describe import Described
from tests.reference.run import Run, TableRow, complete_days, in_order, utc
from tests.reference.small_hits import (
    PEOPLE,
    Cells,
    folded_to_other,
    is_dominated,
    joined_cells,
    known,
    visitors_by,
)
from tests.reference.visits import Client


def days(run: Run) -> list[TableRow]:
    """What was read of each day, and whether that was all of it."""
    groups = run.groups_of_hits
    times, shown = defaultdict(list), defaultdict(set)
    for (day, site, traffic_class), hits in groups.items():
        hours = {run.hour(described.hit.time_ms) for described in hits}
        shown[day, site] |= hours - hours_together(run, traffic_class, hits)
    for described in run.published_hits:
        times[run.day(described.hit.time_ms), described.hit.site].append(described.hit.time_ms)
    complete = complete_days(run)
    return in_order(
        [
            {
                "day": day,
                "site": site,
                "complete": complete[site, day],
                **{
                    name: utc(end(of_day)).replace(minute=0, second=0, microsecond=0)
                    if end(map(run.hour, of_day)) in shown[day, site]
                    else None
                    for name, end in (("first_hit", min), ("last_hit", max))
                },
                "hits": sum(len(hits) for (*own, _), hits in groups.items() if own == [day, site]),
                "hits_5xx": errors_of_day(groups, day, site, run.settings.k),
            }
            for (day, site), of_day in times.items()
        ]
    )


def told_in(site: str, day: date, run: Run) -> str:
    """The coarsest published span that holds the day."""
    published = run.site_days[site].published
    return next((grain for grain in ("month", "week") if span_of(day, grain) in published), "day")


def hours_together(run: Run, traffic_class: str, hits: list[Described]) -> set[int]:
    """The hours of a day that are one row; none for classes without people."""
    if traffic_class not in PEOPLE:
        return set()
    return joined_cells(visitors_by(hits, lambda described: run.hour(described.hit.time_ms)), run.settings.k)


def errors_of_day(groups: Mapping[tuple[date, str, str], list[Described]], day: date, site: str, k: int) -> int | None:
    """The human and monitor hits of a day with 5xx; None if few people met any."""
    human, monitor = (
        [described for described in groups.get((day, site, name), []) if described.hit.status // 100 == 5]
        for name in ("human", "monitor")
    )
    return None if 0 < len({described.client for described in human}) < k else len(human) + len(monitor)


STATUSES = ("hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")


def measures_of(described: Described) -> list[str]:
    """The measures of `traffic` in which a hit counts as one; `other_status` is not published."""
    status = described.hit.status // 100
    names = ["hits", f"hits_{status}xx" if 2 <= status <= 5 else "other_status"]
    return [*names, "page_views"] if described.page_view else names


def traffic(run: Run) -> list[TableRow]:
    """Every hit of every class, in the hour in which it happened, or in an hour NULL."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        together = hours_together(run, traffic_class, hits)
        own: dict[int | None, Counter[str]] = defaultdict(Counter)
        for described in hits:
            hour = run.hour(described.hit.time_ms)
            row = own[None if hour in together else hour]
            row.update(measures_of(described))
            row["bytes_sent"] += described.hit.bytes_sent
        few = traffic_class == "human" and (site, day) in run.few_over_midnight
        hidden = hidden_measures(run, hits, own, together, few=few) if traffic_class in PEOPLE else set()
        for hour, counts in own.items():
            shown: TableRow = {"day": day, "hour": hour, "site": site, "traffic_class": traffic_class}
            for measure in ("hits", "page_views", "bytes_sent", *STATUSES):
                shown[measure] = None if (hour, measure) in hidden else counts[measure]
            if traffic_class in PEOPLE:
                has_bytes = hour is not None and not is_dominated([sizes_by(hits, run.hour_of)[hour]], run.settings.k)
                shown["bytes_sent"] = rounded_bytes(counts, run.settings.k) if has_bytes else None
            rows.append(shown)
    return in_order(rows)


def hidden_measures(
    run: Run, hits: list[Described], rows: Mapping[int | None, Counter[str]], together: set[int], *, few: bool
) -> set[tuple[int | None, str]]:
    """The measures of rows of people that few visitors are behind, and those from which these could be calculated.

    On a day with `few` visitors over a midnight, page views of some hours are among them.
    """
    k = run.settings.k
    cells = {
        measure: visitors_by(
            [described for described in hits if measure in measures_of(described)],
            lambda described: run.hour(described.hit.time_ms),
        )
        for measure in ("hits", "page_views", *STATUSES, "other_status")
    }

    def least(row: int | None, measure: str) -> int:
        return known(cells[measure], together if row is None else {row})

    def most(row: int | None, measure: str) -> int:
        return sum(
            len(own) for hour, own in cells[measure].items() if hour == row or (row is None and hour in together)
        )

    def smallest_first(cell: tuple[int | None, str]) -> tuple[Any, ...]:
        row, measure = cell
        return measure in ("hits_4xx", "hits_5xx"), rows[row][measure], row is None, row, measure

    some = [
        (row, measure) for row in rows for measure in ("page_views", *STATUSES, "other_status") if rows[row][measure]
    ]
    hidden = {(row, measure) for row, measure in some if least(row, measure) < k}
    if few:
        of_views = sorted((cell for cell in some if cell[1] == "page_views"), key=smallest_first)
        others = 0
        for row, measure in sorted(of_views, key=lambda cell: cell not in hidden):
            if others < k / 2:
                hidden.add((row, measure))
            counts = rows[row]
            others += max(counts["hits_2xx"] + counts["hits_3xx"] - counts["page_views"], 0)
    # What is hidden of a day must not be calculable from the day's sum.
    for measure in ("page_views", "hits_4xx", "hits_5xx"):
        of_measure = [cell for cell in some if cell[1] == measure]
        behind = [least(*cell) for cell in of_measure if cell in hidden]
        shown = [cell for cell in of_measure if cell not in hidden]
        if behind and shown:
            visitors = len(set().union(*cells[measure].values()))
            if max(*behind, visitors - sum(most(*cell) for cell in shown), 0) < k:
                hidden.add(min(shown, key=smallest_first))
    # Nor from the hits of its row.
    for row in rows:
        of_row = [cell for cell in some if cell[0] == row and cell[1] != "page_views"]
        nulls = [cell for cell in of_row if cell in hidden or cell[1] == "other_status"]
        shown = [cell for cell in of_row if cell not in nulls]
        if any(cell in hidden for cell in of_row):
            is_open = any(cell[1] in ("other_status", "hits_2xx", "hits_3xx") for cell in nulls)
            visitors = least(row, "hits") - sum(most(*cell) for cell in shown)
            if max(*(least(*cell) for cell in nulls), visitors) >= k:
                shown = [] if is_open else [cell for cell in shown if cell[1] in ("hits_2xx", "hits_3xx")]
            if shown:
                hidden.add(min(shown, key=smallest_first))
    # A NULL that is never zero stands for one at least: where that is nearly all, zeros are NULL as well.
    for measure in ("page_views", "hits_4xx", "hits_5xx"):
        nulls = [row for row in rows if (row, measure) in hidden]
        if nulls and sum(rows[row][measure] - 1 for row in nulls) < k / 2:
            hidden |= {(row, measure) for row in rows if not rows[row][measure]}
    return hidden


def protocols(run: Run) -> list[TableRow]:
    """Every hit by the version of HTTP that its request named."""
    return by_day(run, "protocol", lambda described: protocol_name(described.hit.protocol), str)


def rows_of_kinds(run: Run, cells: Cells, of_day: int, site: str, day: date, traffic_class: str) -> dict[Any, str]:
    """The names of rows that have several kinds, by kind."""
    view, document = KINDS.index("page_view"), KINDS.index("document")
    few = traffic_class == "human" and (site, day) in run.few_over_midnight
    together = few and (site, day) in run.few_with_documents
    last = [document, view] if together else [view]
    aside = {view} & cells.keys() if few and not together else set()
    folded = folded_to_other(cells, of_day, run.settings.k, words.OTHER, last, aside)
    if together and document in folded:
        folded.add(view)
    return dict.fromkeys(last if together else [], "documents") | dict.fromkeys(folded, words.OTHER)


def kinds(run: Run) -> list[TableRow]:
    """Every hit by kind; page views, whose number other tables publish, are folded last."""
    return by_day(run, "kind", cell_of_kind, lambda cell: KINDS[cell], partial(rows_of_kinds, run))


def by_day(
    run: Run,
    column: str,
    cell_of: Callable[[Described], Any],
    name_of: Callable[[Any], str],
    fold: Callable[[Cells, int, str, date, str], dict[Any, str]] | None = None,
) -> list[TableRow]:
    """Every hit by something that is published by day; cells that few people are behind are `(other)`."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        cells = visitors_by(hits, cell_of)
        of_day = len({described.client for described in hits})
        renamed: dict[Any, str] = {}
        if traffic_class in PEOPLE and fold is not None:
            renamed = fold(cells, of_day, site, day, traffic_class)
        elif traffic_class in PEOPLE:
            renamed = dict.fromkeys(folded_to_other(cells, of_day, run.settings.k, words.OTHER), words.OTHER)
        sizes = sizes_by(hits, cell_of)
        row_of = {cell: renamed.get(cell, name_of(cell)) for cell in sizes}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for described in hits:
            row = counts[row_of[cell_of(described)]]
            row["hits"] += 1
            row["bytes_sent"] += described.hit.bytes_sent
        has_bytes = publishes_bytes(run, traffic_class, hits, sizes, row_of)
        for name, row in counts.items():
            key = {"day": day, "site": site, column: name, "traffic_class": traffic_class}
            bytes_sent: int | None = row["bytes_sent"]
            if traffic_class in PEOPLE:
                bytes_sent = rounded_bytes(row, run.settings.k) if has_bytes else None
            rows.append({**key, "hits": row["hits"], "bytes_sent": bytes_sent})
    return in_order(rows)


def sizes_by(hits: list[Described], key_of: Callable[[Described], Any]) -> dict[Any, Counter[Client]]:
    """The bytes of each visitor, by cell."""
    sizes: dict[Any, Counter[Client]] = defaultdict(Counter)
    for described in hits:
        sizes[key_of(described)][described.client] += described.hit.bytes_sent
    return sizes


def publishes_bytes(
    run: Run,
    traffic_class: str,
    hits: list[Described],
    sizes: Mapping[Any, Counter[Client]],
    row_of: Mapping[Any, Any],
) -> bool:
    """Are bytes of people published in a table by day? `sizes` are those of its cells, `row_of` the row of each."""
    if hours_together(run, traffic_class, hits) or any(
        is_dominated([own], run.settings.k) for own in sizes_by(hits, run.hour_of).values()
    ):
        return False
    rows = set(row_of.values())
    return not any(is_dominated([sizes[cell] for cell in sizes if row_of[cell] == row], run.settings.k) for row in rows)


def rounded_bytes(counts: Mapping[str, int], k: int) -> int:
    """The published number of bytes that people were sent by one hit or more."""
    size, hits = counts["bytes_sent"], counts["hits"]
    unit = 1
    while size >= 100 * unit or 2 * hits * unit < k * size:
        unit *= 10
    return (2 * size + unit) // (2 * unit) * unit


VERSIONS = {
    **{"http/1.0": "HTTP/1.0", "http/1.1": "HTTP/1.1"},
    **{spelling: "HTTP/2.0" for spelling in ("http/2.0", "http/2", "h2", "h2c")},
    **{spelling: "HTTP/3.0" for spelling in ("http/3.0", "http/3", "h3", "h3c")},
}


def protocol_name(protocol: str | None) -> str:
    """The version of HTTP, however it is spelled."""
    return words.UNKNOWN if protocol is None else VERSIONS.get(protocol.lower(), words.OTHER)
