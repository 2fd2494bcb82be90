"""The published tables, from the logs: one function a table, in the contract's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta

from tests.reference.bot_tables import bots, crawler_errors, crawlers, robots_txt
from tests.reference.cells import span_of
from tests.reference.describe import describe_all
from tests.reference.error_tables import broken_links, downloads, errors, incidents
from tests.reference.formats import compile_format
from tests.reference.hit_tables import days, kinds, protocols, told_in, traffic
from tests.reference.inputs import find_duplicates
from tests.reference.lines import Hit, ReferenceSettings, milliseconds, parse_line, split_lines
from tests.reference.pairs import ends_of, transitions_of
from tests.reference.run import Run, TableRow, Tables, is_in_window, is_published
from tests.reference.time_tables import kind_latency, latency, page_latency
from tests.reference.visit_tables import (
    by_entry,
    campaign_of_visit,
    cookie_audit,
    goals,
    pages,
    pairs,
    place_of_visit,
    referrer_of_visit,
    searches,
    technology_of_visit,
    visit_lengths,
    visits,
    within,
)


def compute(inputs: Mapping[str, bytes], settings: ReferenceSettings) -> Tables:
    """Every table from the content of every input.

    `inputs` maps an input's name to its decompressed content. The result maps a table's name to its rows, with the
    contract's columns but for those that differ from run to run (`run_id`, `published_at`);
    `runs` and `promises` are left out. Days are `date`s, times naive `datetime`s in UTC.
    """
    asked, settings = settings, replace(settings, first_day=first_day_to_read(settings))
    lines = {name: split_lines(content) for name, content in inputs.items()}
    duplicates = find_duplicates(lines)
    every_time_ms: list[int] = []
    window: list[Hit] = []
    line_counts: Tables = {"inputs": [], "rejects": []}
    for name in sorted(lines):
        counts: Counter[str] = Counter()
        rejected: dict[str, list[int]] = defaultdict(list)
        for i, line in enumerate(lines[name]):
            if i in duplicates[name]:
                counts["duplicates"] += 1
                continue
            hit = parse_line(line, settings)
            if isinstance(hit, str):
                rejected[hit].append(i + 1)
                continue
            every_time_ms.append(hit.time_ms)
            counts["hits" if is_published(hit.time_ms, settings) else "outside_window"] += 1
            if is_in_window(hit.time_ms, settings):
                window.append(hit)
        line_counts["inputs"].append(
            {
                "input": name,
                "lines": len(lines[name]),
                "hits": counts["hits"],
                "outside_window": counts["outside_window"],
                "rejected": sum(len(numbers) for numbers in rejected.values()),
                "duplicates": counts["duplicates"],
                "damaged": False,
            }
        )
        line_counts["rejects"] += [
            {"input": name, "reason": reason, "lines": len(numbers), "first_line_number": numbers[0]}
            for reason, numbers in sorted(rejected.items())
        ]

    has_agent_field = "agent" in compile_format(settings.log_format).fields
    described = describe_all(window, has_agent_field, settings)
    last_ms = max((time_ms for time_ms in every_time_ms if time_ms <= settings.started_ms), default=0)
    run = Run(settings, min(every_time_ms, default=0), last_ms, described)
    tables: Tables = {
        "days": [{**row, "told_in": told_in(row["site"], row["day"], run)} for row in days(run)],
        "traffic": traffic(run),
        "protocols": protocols(run),
        "kinds": kinds(run),
        "visits": visits(run),
        "visit_lengths": visit_lengths(run),
        "goals": goals(run),
        "pages": pages(run),
        "locations": by_entry(run, "locations", place_of_visit),
        "technology": by_entry(run, "technology", technology_of_visit),
        "browser_versions": within(run, "browser_versions", technology_of_visit),
        "os_versions": within(run, "os_versions", technology_of_visit),
        "referrers": by_entry(run, "referrers", referrer_of_visit),
        "campaigns": within(run, "campaigns", campaign_of_visit),
        "searches": searches(run),
        "errors": errors(run),
        "broken_links": broken_links(run),
        "downloads": downloads(run),
        "latency": latency(run),
        "kind_latency": kind_latency(run),
        "incidents": incidents(run),
        "bots": bots(run),
        "robots_txt": robots_txt(run),
        "cookie_audit": cookie_audit(run),
    }
    tables |= run.divided
    tables |= {
        "transitions": pairs(run, "transitions", transitions_of),
        "entry_exits": pairs(run, "entry_exits", ends_of),
    }
    named = [*tables["pages"], *tables["downloads"]]
    tables["crawlers"] = crawlers(run, named)
    tables["crawler_errors"] = crawler_errors(run, [*named, *tables["errors"]])
    tables["page_latency"] = page_latency(run, named)
    published = {name: [row for row in rows if is_row_published(row, run, asked)] for name, rows in tables.items()}
    return published | published_line_counts(line_counts, sum(row["hits"] for row in published["days"]), settings.k)


def published_line_counts(line_counts: Tables, hits_of_days: int, k: int) -> Tables:
    """The line counts; hidden where they would reveal more than the days."""
    read = [row for row in line_counts["inputs"] if row["lines"]]
    others, hits = (sum(row[name] for row in read) for name in ("outside_window", "hits"))
    if k == 1 or (len(read) == 1 and not others and hits == hits_of_days):
        return line_counts
    hidden = dict.fromkeys(("lines", "hits", "outside_window", "duplicates"))
    return {
        "inputs": [row | hidden for row in line_counts["inputs"]],
        "rejects": [row | {"first_line_number": None} for row in line_counts["rejects"]],
    }


def first_day_to_read(settings: ReferenceSettings) -> date | None:
    """The first day asked for, or the begin of the week or month that ends on one of the days asked for."""
    first, last = settings.first_day, settings.last_day or date.max
    if first is None:
        return None
    ending = [first + timedelta(days=i) for i in range(32) if first + timedelta(days=i) <= last]
    begins = [
        span_of(day, grain).days[0]
        for day in ending
        for grain in ("week", "month")
        if span_of(day, grain).days[-1] == day
    ]
    return min([first, *begins])


def is_row_published(row: TableRow, run: Run, asked: ReferenceSettings) -> bool:
    """Is the row of a day asked for, or of a published week or month?"""
    day = row["day"] if "day" in row else run.day(milliseconds(row["started"].replace(tzinfo=UTC)))
    if row.get("grain", "day") != "day" or day >= (asked.first_day or day):
        return True
    spans = run.site_days[row["site"]].published if row["site"] in run.site_days else set()
    return any(span_of(day, grain) in spans for grain in ("week", "month"))
