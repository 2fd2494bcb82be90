"""The published tables, from the logs: one function a table, in the contract's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from tests.reference.describe import Described, describe_all
from tests.reference.folding import Row, fold
from tests.reference.formats import compile_format
from tests.reference.incidents import find_incidents
from tests.reference.inputs import find_duplicates
from tests.reference.lines import EPOCH, Hit, ReferenceSettings, milliseconds, parse_line, split_lines
from tests.reference.visits import Visit, assign_visits, audit_cookies

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
    return {
        "days": days(run),
        "traffic": traffic(run),
        "protocols": protocols(run),
        "visits": visits(run),
        "pages": pages(run),
        "locations": by_entry(run, "locations", place_of_visit),
        "technology": by_entry(run, "technology", technology_of_visit),
        "referrers": by_entry(run, "referrers", referrer_of_visit),
        "campaigns": by_entry(run, "campaigns", campaign_of_visit),
        "searches": searches(run),
        "errors": errors(run),
        "latency": latency(run),
        "incidents": incidents(run),
        "bots": bots(run),
        "cookie_audit": cookie_audit(run),
        **books,
    }


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
    """The visits that began on each day that has hits, and the day's visitors."""
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    visitors: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    for described in run.published_hits:
        key = run.day(described.hit.time_ms), described.hit.site
        counts[key]["hits"] += 1
        if described.page_view:
            visitors[key].add(described.client)
    for visit in run.published_visits:
        row = counts[run.day(visit.first_ms), visit.site]
        row["visits"] += 1
        row["page_views"] += len(visit.page_views)
        row["bounces"] += visit.is_bounce
        row["duration_s"] += visit.duration_s
        row["fallback_visits"] += visit.is_fallback
        row["cut_visits"] += is_cut(visit, run)
    for key, clients in visitors.items():
        counts[key]["visitors"] = len(clients)
    measures = ("visits", "page_views", "bounces", "visitors", "duration_s", "fallback_visits", "cut_visits")
    return with_measures(("day", "site"), counts, measures)


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
            rows.add(visit.first_ms, visit.site, {"page": described.page}, visit, {"page_views": 1})
        rows.add(visit.first_ms, visit.site, {"page": visit.entry.page}, visit, {"entries": 1})
        rows.add(visit.first_ms, visit.site, {"page": visit.exit.page}, visit, {"exits": 1})
        rows.add(visit.first_ms, visit.site, {"page": visit.entry.page}, visit, {"bounces": int(visit.is_bounce)})
    return rows.folded(("page_views", "entries", "exits", "bounces"))


def by_entry(run: Run, table: str, key_of: Callable[[Visit], dict[str, str] | None]) -> list[TableRow]:
    """Visits and their page views by something about the visit's entry page view."""
    rows = FoldedRows(run, table)
    for visit in run.published_visits:
        key = key_of(visit)
        if key is not None:
            rows.add(visit.first_ms, visit.site, key, visit, {"page_views": len(visit.page_views)})
    return rows.folded(("page_views",))


def place_of_visit(visit: Visit) -> dict[str, str]:
    """Key of `locations`."""
    return dict(zip(("continent", "country", "region"), visit.entry.place, strict=True))


def technology_of_visit(visit: Visit) -> dict[str, str]:
    """Key of `technology`."""
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
                rows.add(visit.first_ms, visit.site, {"phrase": described.phrase}, visit, {"searches": 1})
    return rows.folded(("searches",))


def errors(run: Run) -> list[TableRow]:
    """Hits of status 400 and above, on the day of the hit; whose visits they are."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "errors")
    without_visit: Counter[tuple[date, str, int]] = Counter()
    for described in run.published_hits:
        hit = described.hit
        visit = visit_of.get(id(described))
        if hit.status >= 400 and visit is not None:
            rows.add(hit.time_ms, hit.site, {"status": hit.status, "page": described.page}, visit, {"hits": 1})
        elif hit.status >= 400:
            without_visit[run.day(hit.time_ms), hit.site, hit.status] += 1
    published = rows.folded(("hits",))
    for (day, site, status), count in without_visit.items():
        key = {"day": day, "site": site, "status": status, "page": words.OTHER}
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
            rows.add(visit.first_ms, visit.site, {"finding": finding}, visit, {})
    return rows.folded(())


# --- rows ---


class FoldedRows:
    """The rows of a table that describes people, kept apart by day and site."""

    def __init__(self, run: Run, table: str) -> None:
        self.run = run
        self.table = table
        self.rows: dict[tuple[date, str], dict[tuple[Any, ...], Row]] = defaultdict(dict)

    def add(self, time_ms: int, site: str, key: dict[str, Any], visit: Visit | None, measures: dict[str, int]) -> None:
        """Count something of a visit (None: of nobody's visit) under a key on the day of an instant."""
        of_day = self.rows[self.run.day(time_ms), site]
        row = of_day.setdefault(tuple(key.values()), Row(dict(key)))
        row.visits |= {visit} if visit is not None else set()
        row.measures.update(measures)

    def folded(self, measures: Iterable[str]) -> list[TableRow]:
        """The rows to publish."""
        published = []
        for (day, site), of_day in self.rows.items():
            for row in fold(self.table, list(of_day.values()), self.run.settings.k):
                counts = {measure: row.measures[measure] for measure in measures} | {"visits": len(row.visits)}
                published.append({"day": day, "site": site, **row.key, **counts})
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
