"""The published tables, from the logs: one function a table, in the contract's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from tests.reference.describe import Described, describe_all
from tests.reference.folding import (
    COLUMNS,
    Cell,
    Key,
    SiteDays,
    Span,
    fold,
    hide_few,
    measures_to_hide,
    span_of,
)
from tests.reference.formats import compile_format
from tests.reference.incidents import find_incidents
from tests.reference.inputs import find_duplicates
from tests.reference.lines import EPOCH, Hit, ReferenceSettings, milliseconds, parse_line, split_lines
from tests.reference.visits import Client, Visit, assign_visits, audit_cookies

TableRow = dict[str, Any]
Tables = dict[str, list[TableRow]]


@dataclass(frozen=True)
class Run:
    """All that a run has read, and the questions about days that every table asks."""

    settings: ReferenceSettings
    first_ms: int
    """Time of the earliest hit that was read, inside the window or not."""
    last_ms: int
    """Time of the latest one: the end of the data."""
    hits: list[Described]
    """The hits of the window: the published days and what surrounds them."""

    @cached_property
    def visits(self) -> list[Visit]:
        """The visits of the window, in order of their first hit."""
        return assign_visits(self.hits, self.settings.timeout_s)

    @cached_property
    def published_hits(self) -> list[Described]:
        """The hits of the published days."""
        return [described for described in self.hits if is_published(described.hit.time_ms, self.settings)]

    @cached_property
    def published_visits(self) -> list[Visit]:
        """The visits that began on a published day."""
        return [visit for visit in self.visits if is_published(visit.first_ms, self.settings)]

    @cached_property
    def site_days(self) -> dict[str, SiteDays]:
        """The days of each site as the rules for small groups see them."""
        visitors: dict[str, dict[date, set[Client]]] = defaultdict(dict)
        for described in self.published_hits:
            visitors[described.hit.site].setdefault(self.day(described.hit.time_ms), set())
        for visit in self.published_visits:
            visitors[visit.site][self.day(visit.first_ms)].add(visit.visitor)
        complete = {(row["site"], row["day"]): row["complete"] for row in days(self)}
        found = {}
        for site, by_day in visitors.items():
            spans = {span_of(day, grain) for day in by_day for grain in ("week", "month")}
            told = {
                span
                for span in spans
                if self.is_told(span, [complete[site, day] for day in by_day if day in span.days])
            }
            found[site] = SiteDays(self.settings.k, by_day, frozenset(told))
        return found

    def is_told(self, span: Span, are_complete: list[bool]) -> bool:
        """Did the run read all of a week or month? `are_complete` tells it of each day of it that has hits."""
        first, last = span.days[0], span.days[-1]
        begins_before = self.first_ms < start_of_day(first, self.settings)
        goes_on = self.last_ms >= end_of_day(last, self.settings) + self.settings.timeout_s * 1000
        is_published = (self.settings.first_day or first) <= first and last <= (self.settings.last_day or last)
        return all(are_complete) and begins_before and goes_on and is_published

    def day(self, time_ms: int) -> date:
        """The calendar day of an instant."""
        return local_time(time_ms, self.settings).date()

    def hour(self, time_ms: int) -> int:
        """The hour of the day of an instant."""
        return local_time(time_ms, self.settings).hour


def compute(inputs: Mapping[str, bytes], settings: ReferenceSettings) -> Tables:
    """Every table from the content of every input.

    `inputs` maps an input's name to its decompressed content. The result maps a table's name to its rows, with the
    contract's columns but for those that differ from run to run (`run_id`, `published_at`, `content_digest`);
    `runs` and `promises` are left out. Days are `date`s, times naive `datetime`s in UTC.
    """
    asked, settings = settings, replace(settings, first_day=first_day_to_read(settings))
    lines = {name: split_lines(content) for name, content in inputs.items()}
    duplicates = find_duplicates(lines)
    every_time_ms: list[int] = []
    window: list[Hit] = []
    books: Tables = {"inputs": [], "rejects": []}
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
        books["inputs"].append(
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
        books["rejects"] += [
            {"input": name, "reason": reason, "lines": len(numbers), "first_line_number": numbers[0]}
            for reason, numbers in sorted(rejected.items())
        ]

    has_agent_field = "agent" in compile_format(settings.log_format).fields
    described = describe_all(window, has_agent_field, settings)
    run = Run(settings, min(every_time_ms, default=0), max(every_time_ms, default=0), described)
    tables: Tables = {
        "days": [{**row, "told_in": told_in(row["site"], row["day"], run)} for row in days(run)],
        "traffic": traffic(run),
        "protocols": protocols(run),
        "visits": visits(run),
        "pages": pages(run),
        "locations": by_entry(run, "locations", place_of_visit),
        "technology": by_entry(run, "technology", technology_of_visit),
        "browser_versions": by_entry(run, "browser_versions", technology_of_visit),
        "os_versions": by_entry(run, "os_versions", technology_of_visit),
        "referrers": by_entry(run, "referrers", referrer_of_visit),
        "campaigns": by_entry(run, "campaigns", campaign_of_visit),
        "searches": searches(run),
        "errors": errors(run),
        "latency": latency(run),
        "incidents": incidents(run),
        "bots": bots(run),
        "cookie_audit": cookie_audit(run),
    }
    return {name: [row for row in rows if is_told(row, run, asked)] for name, rows in tables.items()} | books


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


def is_told(row: TableRow, run: Run, asked: ReferenceSettings) -> bool:
    """Is the row of a day asked for, or of a week or month that is told?"""
    day = row["day"] if "day" in row else run.day(milliseconds(row["started"].replace(tzinfo=UTC)))
    if row.get("grain", "day") != "day" or day >= (asked.first_day or day):
        return True
    told = run.site_days[row["site"]].told if row["site"] in run.site_days else set()
    return any(span_of(day, grain) in told for grain in ("week", "month"))


# --- days and the window ---


def local_time(time_ms: int, settings: ReferenceSettings) -> datetime:
    """An instant on the clocks of the configured time zone."""
    return (EPOCH + timedelta(milliseconds=time_ms)).astimezone(ZoneInfo(settings.timezone))


def utc(time_ms: int) -> datetime:
    """An instant as a TIMESTAMP in UTC."""
    return (EPOCH + timedelta(milliseconds=time_ms)).replace(tzinfo=None)


def start_of_day(day: date, settings: ReferenceSettings) -> int:
    """The instant at which a day begins."""
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.timezone)))


def end_of_day(day: date, settings: ReferenceSettings) -> int:
    """The instant at which a day has ended, 23 to 25 hours after it began."""
    return start_of_day(day + timedelta(days=1), settings)


def is_published(time_ms: int, settings: ReferenceSettings) -> bool:
    """Does the instant lie on one of the days that the run publishes?"""
    day = local_time(time_ms, settings).date()
    return (settings.first_day or day) <= day <= (settings.last_day or day)


def bound_ms(settings: ReferenceSettings) -> int | None:
    """Up to when the run reads to see its visits end; None: to the end of the data."""
    return None if settings.last_day is None else end_of_day(settings.last_day, settings) + words.VISIT_BOUND_S * 1000


def is_in_window(time_ms: int, settings: ReferenceSettings) -> bool:
    """Is the hit needed to compute the published days?"""
    margin_ms = 3 * settings.timeout_s * 1000
    if settings.first_day is not None and time_ms < start_of_day(settings.first_day, settings) - margin_ms:
        return False
    bound = bound_ms(settings)
    return bound is None or time_ms < bound


# --- tables of hits ---


def days(run: Run) -> list[TableRow]:
    """What was read of each day, and whether that was all of it."""
    times = defaultdict(list)
    for described in run.published_hits:
        times[run.day(described.hit.time_ms), described.hit.site].append(described.hit.time_ms)
    rows = []
    for (day, site), of_day in times.items():
        begins_before = run.first_ms < start_of_day(day, run.settings)
        timeout_ms = run.settings.timeout_s * 1000
        goes_on = run.last_ms >= end_of_day(day, run.settings) + timeout_ms
        visits_end = [
            visit.last_ms for visit in run.published_visits if (run.day(visit.first_ms), visit.site) == (day, site)
        ]
        bound = end_of_day(day, run.settings) + words.VISIT_BOUND_S * 1000
        saw_visits_end = all(run.last_ms >= min(end + timeout_ms, bound) for end in visits_end)
        rows.append(
            {
                "day": day,
                "site": site,
                "complete": begins_before and goes_on and saw_visits_end,
                "first_hit": utc(min(of_day)),
                "last_hit": utc(max(of_day)),
                "hits": len(of_day),
            }
        )
    return in_order(rows)


def told_in(site: str, day: date, run: Run) -> str:
    """The coarsest span that is told and holds the day."""
    told = run.site_days[site].told
    return next((grain for grain in ("month", "week") if span_of(day, grain) in told), "day")


def traffic(run: Run) -> list[TableRow]:
    """Every hit of every class, in the hour in which it happened."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for described in run.published_hits:
        hit = described.hit
        row = counts[run.day(hit.time_ms), run.hour(hit.time_ms), hit.site, described.traffic_class]
        row["hits"] += 1
        row["page_views"] += described.page_view
        row["bytes_sent"] += hit.bytes_sent
        if 200 <= hit.status < 600:
            row[f"hits_{hit.status // 100}xx"] += 1
    measures = ("hits", "page_views", "bytes_sent", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")
    return with_measures(("day", "hour", "site", "traffic_class"), counts, measures)


def protocols(run: Run) -> list[TableRow]:
    """Every hit by the version of HTTP that its request named."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for described in run.published_hits:
        hit = described.hit
        row = counts[run.day(hit.time_ms), hit.site, protocol_name(hit.protocol), described.traffic_class]
        row["hits"] += 1
        row["bytes_sent"] += hit.bytes_sent
    return with_measures(("day", "site", "protocol", "traffic_class"), counts, ("hits", "bytes_sent"))


VERSIONS = {
    **{"http/1.0": "HTTP/1.0", "http/1.1": "HTTP/1.1"},
    **{spelling: "HTTP/2.0" for spelling in ("http/2.0", "http/2", "h2", "h2c")},
    **{spelling: "HTTP/3.0" for spelling in ("http/3.0", "http/3", "h3", "h3c")},
}


def protocol_name(protocol: str | None) -> str:
    """The version of HTTP, however it is spelled."""
    return words.UNKNOWN if protocol is None else VERSIONS.get(protocol.lower(), words.OTHER)


def latency(run: Run) -> list[TableRow]:
    """Hits by server time, in buckets that are never more than 6.25% wide."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for described in run.published_hits:
        hit = described.hit
        if hit.request_us is not None:
            bucket_ms = bucket_edge_us(hit.request_us) / 1000
            key = run.day(hit.time_ms), run.hour(hit.time_ms), hit.site, described.traffic_class, bucket_ms
            counts[key]["hits"] += 1
    return with_measures(("day", "hour", "site", "traffic_class", "bucket_ms"), counts, ("hits",))


def bucket_edge_us(request_us: int) -> int:
    """The upper edge of the bucket of a request time."""
    shift = max(0, request_us.bit_length() - 5)
    return ((request_us >> shift) + 1) << shift


def bots(run: Run) -> list[TableRow]:
    """Every hit that is not human, by the name of what asked."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for described in run.published_hits:
        if described.traffic_class != "human":
            day, site = run.day(described.hit.time_ms), described.hit.site
            row = counts[day, site, described.traffic_class, described.bot_name, described.bot_category]
            row["hits"] += 1
            row["bytes_sent"] += described.hit.bytes_sent
    return with_measures(("day", "site", "traffic_class", "name", "category"), counts, ("hits", "bytes_sent"))


# --- tables of visits ---


def visits(run: Run) -> list[TableRow]:
    """The visits that began on each day that has hits, and the day's visitors; nothing of a small day."""
    viewers: dict[tuple[date, str], set[Client]] = defaultdict(set)
    for described in run.published_hits:
        if described.page_view:
            viewers[run.day(described.hit.time_ms), described.hit.site].add(described.client)
    of_day: dict[tuple[date, str], list[Visit]] = defaultdict(list)
    for visit in run.published_visits:
        of_day[run.day(visit.first_ms), visit.site].append(visit)

    rows = []
    for site, site_days in run.site_days.items():
        for day in site_days.visitors:
            clients = viewers[day, site]
            counts = measures_of_visits(of_day[day, site], run)
            counts["visitors"] = hide_few(len(clients), clients, run.settings.k)
            is_small = site_days.is_small(day)
            measures = ("visits", "page_views", "bounces", "visitors", "duration_s", "fallback_visits", "cut_visits")
            told = {measure: None if is_small else counts[measure] for measure in measures}
            rows.append({"day": day, "site": site, **told})
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
        rows.add_visit(visit, {"page": visit.entry.page}, {"entries": 1, "bounces": int(visit.is_bounce)})
        rows.add_visit(visit, {"page": visit.exit.page}, {"exits": 1})
    return rows.folded(("page_views", "entries", "exits", "bounces"))


def by_entry(run: Run, table: str, key_of: Callable[[Visit], dict[str, str] | None]) -> list[TableRow]:
    """Visits and their page views by something about the visit's entry page view."""
    rows = FoldedRows(run, table)
    for visit in run.published_visits:
        key = key_of(visit)
        if key is not None:
            rows.add_visit(visit, key, {"page_views": len(visit.page_views)})
    return rows.folded(("page_views",))


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
    return rows.folded(("searches",))


def errors(run: Run) -> list[TableRow]:
    """Hits of status 400 and above, on the day of the hit, and whose visits met them; machines' are added at last."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "errors")
    of_machines: Counter[tuple[date, str, int]] = Counter()
    for described in run.published_hits:
        hit, day = described.hit, run.day(described.hit.time_ms)
        if hit.status >= 400 and described.traffic_class == "human":
            cell = rows.cell(day, hit.site, {"status": hit.status, "page": described.page})
            cell.visitors.add(described.client)
            cell.measures["hits"] += 1
            cell.taking_part["hits"].add(described.client)
            visit = visit_of.get(id(described))
            if visit is not None:
                cell.visits.add(visit)
                cell.taking_part["visits"].add(visit.visitor)
        elif hit.status >= 400:
            of_machines[day, hit.site, hit.status] += 1
    published = rows.folded(("hits",))
    for (day, site, status), count in of_machines.items():
        key = {"day": day, "site": site, "grain": "day", "status": status, "page": words.OTHER}
        same = next((row for row in published if key.items() <= row.items()), None)
        if same is None:
            published.append({**key, "hits": count, "visits": 0})
        else:
            same["hits"] += count
    return in_order(published)


def incidents(run: Run) -> list[TableRow]:
    """Incidents that began on a published day, each site's hits taken by themselves."""
    of_site: dict[str, list[Hit]] = defaultdict(list)
    for described in run.hits:
        if described.traffic_class in ("human", "monitor"):
            of_site[described.hit.site].append(described.hit)
    rows: list[TableRow] = []
    for site, hits in of_site.items():
        for incident in find_incidents(hits):
            if is_published(incident.started_ms, run.settings):
                times = {"started": utc(incident.started_ms), "ended": utc(incident.ended_ms)}
                counts = {"hits": incident.hits, "hits_5xx": incident.hits_5xx}
                rows.append({"site": site, **times, "kind": incident.kind, **counts})
    return in_order(rows)


def cookie_audit(run: Run) -> list[TableRow]:
    """Visits by what their cookie did that it should not."""
    has_cookie_field = "session" in compile_format(run.settings.log_format).fields
    rows = FoldedRows(run, "cookie_audit")
    for visit, finding in audit_cookies(run.visits, has_cookie_field):
        if is_published(visit.first_ms, run.settings):
            rows.add_visit(visit, {"finding": finding}, {})
    return rows.folded(())


# --- rows ---


class FoldedRows:
    """The cells of a table with a grain, kept apart by site."""

    def __init__(self, run: Run, table: str) -> None:
        self.run = run
        self.table = table
        self.cells: dict[str, dict[tuple[date, Key], Cell]] = defaultdict(dict)

    def cell(self, day: date, site: str, key: Mapping[str, Any]) -> Cell:
        """The cell of a day and a finest key; of `key` only the table's columns count."""
        values = tuple(key[column] for column in COLUMNS[self.table])
        return self.cells[site].setdefault((day, values), Cell(day, values))

    def add_visit(self, visit: Visit, key: Mapping[str, Any], measures: Mapping[str, int]) -> None:
        """Count something of a visit under a key on the visit's day."""
        cell = self.cell(self.run.day(visit.first_ms), visit.site, key)
        cell.visitors.add(visit.visitor)
        cell.visits.add(visit)
        for measure, count in {**measures, "visits": 1}.items():
            if count > 0:
                cell.taking_part[measure].add(visit.visitor)
        cell.measures.update(measures)

    def folded(self, measures: Iterable[str]) -> list[TableRow]:
        """The rows to publish."""
        names = [*measures, "visits"]
        published = []
        for site, cells in self.cells.items():
            rows = fold(self.table, list(cells.values()), self.run.site_days[site])
            hidden = {measure: measures_to_hide(rows, measure, self.run.settings.k) for measure in names}
            for row in rows:
                span = {"day": row.span.first_day, "site": site, "grain": row.span.grain}
                key = dict(zip(COLUMNS[self.table], row.key, strict=True))
                told = {name: None if row in hidden[name] else row.measure(name) for name in names}
                published.append({**span, **key, **told})
        return in_order(published)


def with_measures(
    columns: tuple[str, ...], counts: dict[tuple[Any, ...], Counter[str]], measures: tuple[str, ...]
) -> list[TableRow]:
    """Rows of a table that is not folded."""
    return in_order(
        [
            {**dict(zip(columns, key, strict=True)), **{measure: row[measure] for measure in measures}}
            for key, row in counts.items()
        ]
    )


def in_order(rows: list[TableRow]) -> list[TableRow]:
    """Rows in a fixed order."""
    return sorted(rows, key=lambda row: [(value is None, 0 if value is None else value) for value in row.values()])
