"""The tables of visits: those of their entries and pages, searches, goals and cookies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import pairwise

from tests.reference.cells import GRAINS, spans_of
from tests.reference.folded_tables import FoldedRows, fold_sites
from tests.reference.folding import cells_within
from tests.reference.formats import compile_format
from tests.reference.goals import times_of_visit
from tests.reference.levels import WITHIN
from tests.reference.measures import MEASURES_OF_SOME, goal_measure, hide_few
from tests.reference.pairs import pair_cells
from tests.reference.run import Run, TableRow, bound_ms, in_order
from tests.reference.visits import Client, Visit, audit_cookies


def visits(run: Run) -> list[TableRow]:
    """The visits that began on each day that has hits, and the day's visitors; nothing of a small day."""
    viewers: dict[tuple[date, str], set[Client]] = defaultdict(set)
    for described in run.published_hits:
        if described.page_view:
            viewers[run.day(described.hit.time_ms), described.hit.site].add(described.client)
    of_day: dict[tuple[date, str], list[Visit]] = defaultdict(list)
    for visit in run.published_visits:
        of_day[run.day(visit.first_ms), visit.site].append(visit)

    findings = findings_of(run)
    rows = []
    for site, site_days in run.site_days.items():
        for day in site_days.visitors:
            clients = viewers[day, site]
            counts = measures_of_visits(of_day[day, site], run)
            if leaves_few([one for one in of_day[day, site] if one.is_fallback and not findings[one, "day"]], run):
                counts["fallback_visits"] = None
            counts["visitors"] = hide_few(len(clients), clients, run.settings.k)
            is_small = site_days.is_small(day)
            measures = ("visits", "page_views", "bounces", "visitors", "duration_s", "fallback_visits", "cut_visits")
            published = {measure: None if is_small else counts[measure] for measure in measures}
            rows.append({"day": day, "site": site, **published})
    return in_order(rows)


LENGTHS = {
    "page_views": (1, 2, 3, 4, 5, 6, 8, 11, 15, 21),
    "duration_s": (0, 1, 11, 31, 61, 121, 241, 421, 601, 901, 1801),
}
"""The least values of the buckets of visits by their lengths."""


def visit_lengths(run: Run) -> list[TableRow]:
    """Visits by number of page views and duration, in neighbouring buckets that hold k visitors; not of small days."""
    rows = []
    for site, site_days in run.site_days.items():
        for day in site_days.visitors:
            visits = [one for one in run.published_visits if one.site == site and run.day(one.first_ms) == day]
            if site_days.is_small(day):
                continue
            lengths = {
                "page_views": [len(one.page_views) for one in visits],
                "duration_s": [one.duration_s for one in visits],
            }
            for measure, begins in LENGTHS.items():
                joined: list[list[Visit]] = []
                starts: list[int] = []
                for begin, end in pairwise([*begins, None]):
                    own = [
                        visit
                        for visit, length in zip(visits, lengths[measure], strict=True)
                        if begin <= length and (end is None or length < end)
                    ]
                    if joined and len({visit.visitor for visit in joined[-1]}) < run.settings.k:
                        joined[-1] += own
                    else:
                        joined.append(own)
                        starts.append(begin)
                if len(joined) > 1 and len({visit.visitor for visit in joined[-1]}) < run.settings.k:
                    few = joined.pop()
                    joined[-1] += few
                    starts.pop()
                for own, begin, after in zip(joined, starts, [*starts[1:], None], strict=True):
                    row = {"day": day, "site": site, "measure": measure, "at_least": begin}
                    rows.append({**row, "at_most": None if after is None else after - 1, "visits": len(own)})
    return in_order(rows)


def measures_of_visits(visits: list[Visit], run: Run) -> dict[str, int | None]:
    """Sums over the visits of a day, NULL where some but fewer than k visitors take part."""
    counts: dict[str, Callable[[Visit], int]] = {
        "visits": lambda visit: 1,
        "page_views": lambda visit: len(visit.page_views),
        "bounces": lambda visit: int(visit.is_bounce),
        "duration_s": lambda visit: visit.duration_s,
        "fallback_visits": lambda visit: int(visit.is_fallback),
        "cut_visits": lambda visit: int(is_cut(visit, run)),
    }
    return {
        measure: hide_few(
            sum(count(visit) for visit in visits),
            {visit.visitor for visit in visits if count(visit) > 0},
            run.settings.k,
        )
        for measure, count in counts.items()
    }


def is_cut(visit: Visit, run: Run) -> bool:
    """Could the next hit of the visit have been missed?"""
    ends = [run.last_ms]
    bound = bound_ms(run.settings)
    if bound is not None:
        ends.append(bound)
    return any(end - visit.last_ms < run.settings.timeout_s * 1000 for end in ends)


def pages(run: Run) -> list[TableRow]:
    """Page views by page."""
    rows = FoldedRows(run, "pages")
    for visit in run.published_visits:
        for described in visit.page_views:
            rows.add_visit(visit, {"page": described.page}, {"page_views": 1})
        by_entry = {"entries": 1, "bounces": int(visit.is_bounce), **reached(visit, run)}
        rows.add_visit(visit, {"page": visit.entry.page}, by_entry)
        rows.add_visit(visit, {"page": visit.exit.page}, {"exits": 1})
    return rows.folded(("page_views", "entries", "exits", "bounces"))


def pairs(run: Run, table: str, pairs_of: Callable[[Visit], set[tuple[str, str]]]) -> list[TableRow]:
    """Visits by pairs of pages, rounded down."""
    cells = {site: pair_cells(rows, pairs_of, run.settings.k) for site, rows in run.rows_of_table["pages"].items()}
    return fold_sites(run, table, cells, ())


def by_entry(run: Run, table: str, key_of: Callable[[Visit], dict[str, str] | None]) -> list[TableRow]:
    """Visits and their page views by something about the visit's entry page view."""
    rows = FoldedRows(run, table)
    for visit in run.published_visits:
        key = key_of(visit)
        if key is not None:
            rows.add_visit(visit, key, engagement(visit, run))
    return rows.folded(("page_views", *MEASURES_OF_SOME.get(table, ())))


def engagement(visit: Visit, run: Run) -> dict[str, int]:
    """What is counted of a visit in tables by its entry page view."""
    return {
        "page_views": len(visit.page_views),
        "bounces": int(visit.is_bounce),
        "duration_s": visit.duration_s,
        "completions": int(bool(times_of_visit(visit, run.settings.goals))),
        **reached(visit, run),
    }


def reached(visit: Visit, run: Run) -> dict[str, int]:
    """1 for each goal that a visit reached, by its measure."""
    return {goal_measure(goal): 1 for goal in times_of_visit(visit, run.settings.goals)}


def within(run: Run, table: str, key_of: Callable[[Visit], dict[str, str] | None]) -> list[TableRow]:
    """Likewise, for a table that is folded within the rows of another one."""
    outer_table, _ = WITHIN[table]
    outer = run.rows_of_table[outer_table]
    cells, beside = {}, {}
    for site, rows in outer.items():
        cells[site], beside[site] = cells_within(table, rows, key_of, run.settings.k, partial(engagement, run=run))
    return fold_sites(run, table, cells, ("page_views", *MEASURES_OF_SOME.get(table, ())), beside)


def place_of_visit(visit: Visit) -> dict[str, str]:
    """Key of `locations`."""
    return dict(zip(("continent", "country", "region"), visit.entry.place, strict=True))


def technology_of_visit(visit: Visit) -> dict[str, str]:
    """Keys of `technology`, `browser_versions` and `os_versions`."""
    columns = ("browser", "browser_version", "os", "os_version", "device")
    return dict(zip(columns, visit.entry.technology, strict=True))


def referrer_of_visit(visit: Visit) -> dict[str, str]:
    """Key of `referrers`."""
    return {"kind": visit.entry.kind, "source": visit.entry.source}


def campaign_of_visit(visit: Visit) -> dict[str, str] | None:
    """Key of `campaigns`."""
    campaign = visit.entry.campaign
    return None if campaign is None else dict(zip(("source", "medium", "campaign"), campaign, strict=True))


def searches(run: Run) -> list[TableRow]:
    """Page views with a phrase, by phrase."""
    rows = FoldedRows(run, "searches")
    for visit in run.published_visits:
        for described in visit.page_views:
            if described.phrase is not None:
                rows.add_visit(visit, {"phrase": described.phrase}, {"searches": 1})
        if visit.exit.phrase is not None:
            rows.add_visit(visit, {"phrase": visit.exit.phrase}, {"exits": 1})
        for phrase in refined_phrases(visit):
            rows.add_visit(visit, {"phrase": phrase}, {"refined": 1})
    return rows.folded(("searches", *MEASURES_OF_SOME["searches"]))


def refined_phrases(visit: Visit) -> set[str]:
    """The phrases after which the visit's next search is for another one."""
    phrases = [described.phrase for described in visit.page_views if described.phrase is not None]
    return {one for one, following in pairwise(phrases) if one != following}


def cookie_audit(run: Run) -> list[TableRow]:
    """Visits by what their cookie did that it should not; not of days of which few would be left.

    What is found of a week or month is a cell of this span.
    """
    rows = FoldedRows(run, "cookie_audit")
    findings = findings_of(run)
    of_day: dict[tuple[date, str], list[Visit]] = defaultdict(list)
    for visit in run.published_visits:
        of_day[run.day(visit.first_ms), visit.site].append(visit)
    for (day, site), visits in of_day.items():
        is_small = len({visit.visitor for visit in visits}) < run.settings.k
        found: dict[Visit, set[str]] = {visit: set() for visit in visits}
        for grain in GRAINS:
            for visit in visits:
                found[visit] |= findings[visit, grain]
            left = (
                [visit for visit in visits if "never_issued" not in found[visit]],
                [visit for visit in visits if not found[visit] - {"never_issued"}],
                [visit for visit in visits if not found[visit]],
            )
            if not is_small and any(leaves_few(one, run) for one in left):
                break
            for visit in visits:
                for finding in findings[visit, grain]:
                    rows.cell(day, site, {"finding": finding}, grain).add(visit, {})
    return rows.folded(())


def findings_of(run: Run) -> dict[tuple[Visit, str], set[str]]:
    """What the cookie audit finds about each visit, by the grain of which it is a figure."""
    has_cookie_field = "session" in compile_format(run.settings.log_format).fields
    found: dict[tuple[Visit, str], set[str]] = defaultdict(set)
    for visit, finding, grain in audit_cookies(
        run.all_visits, has_cookie_field, lambda time_ms: spans_of(run.day(time_ms))
    ):
        found[visit, grain].add(finding)
    return found


def leaves_few(visits: list[Visit], run: Run) -> bool:
    """Are these the visits of some but fewer than k visitors?"""
    return 0 < len({visit.visitor for visit in visits}) < run.settings.k


def goals(run: Run) -> list[TableRow]:
    """Visits that reached a goal, and the hits by which they did."""
    rows = FoldedRows(run, "goals")
    for visit in run.published_visits:
        for goal in times_of_visit(visit, run.settings.goals):
            rows.add_visit(visit, {"goal": goal}, {"times": 1})
    return rows.folded(("times",))
