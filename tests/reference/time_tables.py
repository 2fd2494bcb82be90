"""The tables of request times: of all hits, by kind, and by folder."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from types import MappingProxyType

from footfall.transforms import vocabulary as words
from tests.reference.asked import KINDS, cell_of_kind, folder_of
from tests.reference.describe import Described
from tests.reference.hit_tables import hours_together, rows_of_kinds
from tests.reference.rounded import wholes_of_rows
from tests.reference.run import Run, TableRow, in_order, is_small_class
from tests.reference.small_hits import (
    PEOPLE,
    join_neighbours,
    joined_cells,
    visitors_by,
)
from tests.reference.speeds import (
    TimedRow,
    balance,
    bucket_begin_us,
    bucket_of,
    leave_others,
    leave_pages,
    meet,
    timed_rows,
    visitors_of_buckets,
)


def latency(run: Run) -> list[TableRow]:
    """Hits by server time, in buckets that are never more than 6.25% wide, or joined with their neighbours."""
    rows = []
    for (day, site, traffic_class), all_hits in run.groups_of_hits.items():
        hits = [one for one in all_hits if one.hit.request_us is not None and not one.is_counted_only]
        if is_small_class(site, traffic_class, hits, run.settings.k):
            continue
        together: set[int] = set()
        by_hour = visitors_by(hits, lambda described: run.hour(described.hit.time_ms))
        if traffic_class in PEOPLE:
            together = joined_cells(by_hour, run.settings.k, hours_together(run, traffic_class, all_hits))
        by_row: dict[int | None, list[Described]] = defaultdict(list)
        for described in hits:
            hour = run.hour(described.hit.time_ms)
            by_row[None if hour in together else hour].append(described)
        for hour, own in by_row.items():
            counts = Counter(bucket_of(described) for described in own)
            joined = [[bucket] for bucket in sorted(counts)]
            if traffic_class in PEOPLE:
                visitors = visitors_of_buckets(own)
                if hour is None:
                    visitors = visitors_of_buckets(hits)
                    for alone in (by_row[other] for other in by_row if other is not None):
                        for bucket, (count, _, _) in visitors_of_buckets(alone).items():
                            visitors[bucket] = [known - count for known in visitors[bucket]]
                joined = join_neighbours([(bucket, *visitors[bucket]) for bucket in sorted(counts)], run.settings.k)
            for buckets in joined:
                key = {"day": day, "hour": hour, "site": site, "traffic_class": traffic_class}
                edges = {"from_ms": bucket_begin_us(buckets[0]) / 1000, "bucket_ms": buckets[-1] / 1000}
                rows.append({**key, **edges, "hits": sum(counts[bucket] for bucket in buckets)})
    return in_order(rows)


def kind_latency(run: Run) -> list[TableRow]:
    """Server time of what people asked for, by kind."""

    def needs_rows(place: tuple[str, date], kind: str) -> bool:
        return kind in ("page_view", "document") or place not in run.few_with_documents

    rows = times_by(
        run, lambda described: KINDS[cell_of_kind(described)], lambda _: True, needs_rows, hits_of_others(run)
    )
    return in_order([row.row("kind") for row in rows])


def hits_of_others(run: Run) -> dict[tuple[date, str, str], int]:
    """For each day, site and kind that `kinds` has in `(other)`: the hits of that row, without page views."""
    found = {}
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class == "human":
            of_day = len({described.client for described in hits})
            rows_of = rows_of_kinds(run, visitors_by(hits, cell_of_kind), of_day, site, day, traffic_class)
            folded = {KINDS[kind] for kind, name in rows_of.items() if name == words.OTHER} - {"page_view"}
            count = sum(KINDS[cell_of_kind(described)] in folded for described in hits)
            found |= {(day, site, kind): count for kind in folded}
    return found


def page_latency(run: Run, named: list[TableRow]) -> list[TableRow]:
    """Server time of page views by folder; `named` are rows with a page."""
    folders = {(row["site"], folder_of(row["page"])) for row in named}
    rows = [
        row
        for row in times_by(run, lambda described: described.folder, lambda one: one.page_view)
        if row.name == "/" or (row.site, row.name) in folders
    ]
    leave_pages(rows, views_of_folders(run), run.settings.k)
    return in_order([row.row("page_group") for row in rows])


def views_of_folders(run: Run) -> list[Mapping[tuple[date, str, str], Counter[Hashable]]]:
    """The page views of each day and folder by row of `pages`, and by the rows of a span and what they leave of it."""
    found: list[dict[tuple[date, str, str], Counter[Hashable]]] = [defaultdict(Counter) for _ in range(4)]
    for (table, site), cells in run.cells_of.items():
        if table == "pages":
            rows = list(run.rows_of_table["pages"].get(site, {}))
            for views, whole_of in zip(found, wholes_of_rows(rows, cells, run.site_days[site]), strict=True):
                for cell in cells:
                    whole = whole_of.get(cell)
                    place = None if whole is None else (site, whole)
                    views[cell.day, site, folder_of(cell.key[0])][place] += cell.measures["page_views"]
    return list(found)


def times_by(
    run: Run,
    name_of: Callable[[Described], str],
    is_counted: Callable[[Described], bool],
    needs_rows: Callable[[tuple[str, date], str], bool] = lambda *_: True,
    hits_of_row: Mapping[tuple[date, str, str], int] = MappingProxyType({}),
) -> list[TimedRow]:
    """Request times of people, by day and something else."""
    rows: list[TimedRow] = []
    everybody: Counter[tuple[date, str, int]] = Counter()
    visitors: dict[tuple[date, str], dict[int, list[int]]] = {}
    for (day, site, traffic_class), all_hits in run.groups_of_hits.items():
        if traffic_class == "human":
            timed = [one for one in all_hits if one.hit.request_us is not None and not one.is_counted_only]
            everybody.update((day, site, bucket_of(one)) for one in timed)
            visitors[day, site] = visitors_of_buckets(timed)
            rows += timed_rows(day, site, filter(is_counted, timed), name_of, run.settings.k)
    leave_others(
        rows,
        lambda row: Counter({(row.day, row.site, edge): count for edge, count in row.hits.items()}),
        everybody,
        run.settings.k,
    )
    leave_others(
        rows,
        lambda row: Counter({row.place[:2]: row.hits.total()} if row.place in hits_of_row else {}),
        Counter({place[:2]: hits for place, hits in hits_of_row.items()}),
        run.settings.k,
    )
    balance(rows, run.settings.k)
    # Nobody adds up three rounded rows.
    has_enough = {place for place, count in Counter(row.place for row in rows).items() if count >= 3}
    published = [
        row
        for row in rows
        if row.place in has_enough
        or (row.site, row.day) not in run.few_over_midnight
        or not needs_rows((row.site, row.day), row.name)
    ]
    meet(published, everybody, visitors, run.settings.k)
    return published
