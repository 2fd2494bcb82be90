"""The published tables, from the logs: one function a table, in the contract's order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from tests.reference.asked import KINDS, cell_of_kind, folder_of, is_broken_link, is_download
from tests.reference.behaviour import Act, acts_of, find_floods, find_own_domains, judge_all
from tests.reference.describe import Described, describe_all
from tests.reference.folding import (
    COLUMNS,
    CROSSED,
    ROUNDED,
    WITHIN,
    Cell,
    Key,
    Row,
    SiteDays,
    Span,
    cells_within,
    days_of_errors,
    fold,
    span_of,
    told_visits,
)
from tests.reference.formats import compile_format
from tests.reference.goals import times_of_visit
from tests.reference.incidents import find_incidents
from tests.reference.inputs import find_duplicates
from tests.reference.lines import EPOCH, Hit, ReferenceSettings, milliseconds, parse_line, split_lines
from tests.reference.many_names import cut_names
from tests.reference.measures import DIVIDED, MEASURES_OF_SOME, goal_measure, hide_all, hide_few
from tests.reference.page_parts import Parts, find_all_parts, is_part
from tests.reference.pairs import ends_of, pair_cells, transitions_of
from tests.reference.robots import asks_robots_txt, is_forbidden, rules_of
from tests.reference.rounded import Wholes, round_rows, wholes_of_downloads, wholes_of_links, wholes_of_rows
from tests.reference.small_hits import (
    PEOPLE,
    Cells,
    is_dominated,
    join_neighbours,
    known,
    told_as_other,
    told_together,
    visitors_by,
)
from tests.reference.speeds import (
    TimedRow,
    bucket_begin_us,
    bucket_of,
    leave_others,
    leave_pages,
    meet,
    timed_rows,
    visitors_of_buckets,
)
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
    """Time of the latest one that is no later than the run: the end of the data."""
    hits: list[Described]
    """The hits of the window, with the classes that their agents tell: the published days and what surrounds them."""

    @cached_property
    def acts(self) -> list[Act]:
        """The hits as behaviour sees them."""
        return acts_of(self.hits, self.settings)

    @cached_property
    def machines(self) -> dict[tuple[Client, date], str]:
        """The clients that are machines by their behaviour on a published day, and why."""
        judged = {
            (client, day): verdict.reason
            for (client, day), verdict in (
                judge_all(self.acts, self.settings) if self.settings.behaviour else {}
            ).items()
            if not verdict.is_person
        }
        return judged | dict.fromkeys(self.floods, "flood")

    @cached_property
    def floods(self) -> set[tuple[Client, date]]:
        """The clients that have too many hits on a day to be judged; none of these hits is in a visit."""
        return find_floods(self.acts)

    @cached_property
    def parts(self) -> Parts:
        """What are parts of pages, by day."""
        return find_all_parts(self.acts, self.settings) if self.settings.behaviour else {}

    def is_part(self, described: Described, time_ms: int) -> bool:
        """Whether a hit asks for a part by the evidence of the day of an instant, which is published."""
        return is_published(time_ms, self.settings) and is_part(described, self.day(time_ms), self.parts)

    @cached_property
    def judged_hits(self) -> list[Described]:
        """The hits of the window; those of published days with the classes that behaviour tells."""
        judged = []
        for described, cut in zip(self.hits, self.cut_hits, strict=True):
            reason = self.machines.get((described.client, self.day(described.hit.time_ms)))
            is_judged = described.traffic_class == "human" and not described.is_counted_only
            if reason and is_judged and is_published(described.hit.time_ms, self.settings):
                cut = replace(
                    cut, traffic_class="automated", bot_name=reason, bot_category="behaviour", page_view=False
                )
            elif self.is_part(described, described.hit.time_ms):
                cut = replace(cut, page_view=False)
            judged.append(cut)
        return judged

    @cached_property
    def cut_hits(self) -> list[Described]:
        """The hits of the window without rare names, if there are too many."""
        return cut_names(self.hits, self.settings)

    @cached_property
    def all_visits(self) -> list[Visit]:
        """The visits of the window by the classes that agents tell, in order of their first hit."""
        whole = {id(cut): described for described, cut in zip(self.hits, self.cut_hits, strict=True)}
        gathered = [one for one in self.cut_hits if (one.client, self.day(one.hit.time_ms)) not in self.floods]
        visits = assign_visits(
            gathered, self.settings.timeout_s, lambda one, begin_ms: self.is_part(whole[id(one)], begin_ms), self.day
        )
        return [as_internal(visit, self.own_domains.get((visit.site, self.day(visit.first_ms)))) for visit in visits]

    @cached_property
    def own_domains(self) -> dict[tuple[str, date], str]:
        """The domain by site and day that was found to be the site's own."""
        return find_own_domains(self.acts, self.settings)

    @cached_property
    def visits(self) -> list[Visit]:
        """Those of people: the client of the entry page view is none of a machine on the day on which it began."""
        return [visit for visit in self.all_visits if (visit.visitor, self.day(visit.first_ms)) not in self.machines]

    @cached_property
    def published_hits(self) -> list[Described]:
        """The hits of the published days; those on sites without a name are on the site `(other)`."""
        return [
            described
            if self.is_named(described.hit.site, self.day(described.hit.time_ms))
            else replace(described, hit=replace(described.hit, site=words.OTHER))
            for described in self.judged_hits
            if is_published(described.hit.time_ms, self.settings)
        ]

    @cached_property
    def groups_of_hits(self) -> dict[tuple[date, str, str], list[Described]]:
        """The published hits by day, site and traffic class; not those of people that were too few."""
        groups = defaultdict(list)
        for described in self.published_hits:
            groups[self.day(described.hit.time_ms), described.hit.site, described.traffic_class].append(described)
        return {key: hits for key, hits in groups.items() if not is_untold(*key[1:], hits, self.settings.k)}

    @cached_property
    def published_visits(self) -> list[Visit]:
        """The visits that began on a published day, on a site with a name."""
        return [
            visit
            for visit in self.visits
            if is_published(visit.first_ms, self.settings) and self.is_named(visit.site, self.day(visit.first_ms))
        ]

    def is_named(self, site: str, day: date) -> bool:
        """Do the settings name the site, or did k people ask for it on the day?"""
        named = {name.lower().removeprefix("www.") for name in (self.settings.site, *self.settings.own_hosts)}
        if site == words.UNKNOWN or site.lower().removeprefix("www.") in named:
            return True
        return len(self.people_on_sites[site, day]) >= self.settings.k

    @cached_property
    def told_rows(self) -> dict[str, dict[str, dict[Row, set[str]]]]:
        """The rows by table and site, with their hidden measures, for the tables within them; those are made later."""
        return defaultdict(dict)

    @cached_property
    def error_days(self) -> dict[tuple[str, int], SiteDays]:
        """The days of each site and hundred of the status, as `errors` tells them."""
        return {}

    @cached_property
    def cells_of(self) -> dict[tuple[str, str], list[Cell]]:
        """The cells of each table and site, told or not."""
        return {}

    @cached_property
    def divided(self) -> Tables:
        """The tables that divide rows of others by goal; made with those."""
        return {}

    @cached_property
    def few_over_midnight(self) -> set[tuple[str, date]]:
        """The sites and days that do not tell page views by the day of the hit."""
        people: dict[tuple[str, date, str], set[Client]] = defaultdict(set)
        for visit in self.all_visits:
            begun = self.day(visit.first_ms)
            for later in {self.day(view.hit.time_ms) for view in visit.page_views} - {begun}:
                people[visit.site, later, "coming"].add(visit.visitor)
                people[visit.site, begun, "going"].add(visit.visitor)
        return {(site, day) for (site, day, _), visitors in people.items() if len(visitors) < self.settings.k}

    @cached_property
    def few_with_documents(self) -> set[tuple[str, date]]:
        """Those of them on which page views and other documents are told together."""
        people: dict[tuple[str, date], set[Client]] = defaultdict(set)
        for one in self.published_hits:
            if one.traffic_class == "human" and KINDS[cell_of_kind(one)] == "document":
                people[one.hit.site, self.day(one.hit.time_ms)].add(one.client)
        return {place for place in self.few_over_midnight if len(people[place]) >= self.settings.k}

    @cached_property
    def people_on_sites(self) -> dict[tuple[str, date], set[Client]]:
        """The people by site and day."""
        people = defaultdict(set)
        for described in self.hits:
            if described.traffic_class in PEOPLE:
                people[described.hit.site, self.day(described.hit.time_ms)].add(described.client)
        return people

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

    def hour_of(self, described: Described) -> int:
        """The hour of the day of a hit."""
        return self.hour(described.hit.time_ms)


def as_internal(visit: Visit, own_domain: str | None) -> Visit:
    """The visit; if it came from the domain that was found to be the site's own, as one from within."""
    entry = visit.entry
    if entry.kind != "other" or entry.campaign is not None or entry.source != own_domain:
        return visit
    entry = replace(entry, kind="internal", source=words.NONE)
    return replace(visit, page_views=[entry, *visit.page_views[1:]])


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
    last_ms = max((time_ms for time_ms in every_time_ms if time_ms <= settings.started_ms), default=0)
    run = Run(settings, min(every_time_ms, default=0), last_ms, described)
    tables: Tables = {
        "days": [{**row, "told_in": told_in(row["site"], row["day"], run)} for row in days(run)],
        "traffic": traffic(run),
        "protocols": protocols(run),
        "kinds": kinds(run),
        "visits": visits(run),
        "visit_lengths": visit_lengths(run),
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
        "goals": goals(run),
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
    told = {name: [row for row in rows if is_told(row, run, asked)] for name, rows in tables.items()}
    return told | told_books(books, sum(row["hits"] for row in told["days"]), settings.k)


def told_books(books: Tables, hits_of_days: int, k: int) -> Tables:
    """The books, as far as they tell no more than the days do."""
    read = [row for row in books["inputs"] if row["lines"]]
    others, hits = (sum(row[name] for row in read) for name in ("outside_window", "hits"))
    if k == 1 or (len(read) == 1 and not others and hits == hits_of_days):
        return books
    hidden = dict.fromkeys(("lines", "hits", "outside_window", "duplicates"))
    return {
        "inputs": [row | hidden for row in books["inputs"]],
        "rejects": [row | {"first_line_number": None} for row in books["rejects"]],
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
    is_asked = (settings.first_day or day) <= day <= (settings.last_day or day)
    return is_asked and day <= local_time(settings.started_ms, settings).date()


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
    groups = run.groups_of_hits
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
                "first_hit": utc(min(of_day)).replace(minute=0, second=0, microsecond=0),
                "last_hit": utc(max(of_day)).replace(minute=0, second=0, microsecond=0),
                "hits": sum(len(hits) for (*own, _), hits in groups.items() if own == [day, site]),
                "hits_5xx": errors_of_day(groups, day, site, run.settings.k),
            }
        )
    return in_order(rows)


def told_in(site: str, day: date, run: Run) -> str:
    """The coarsest span that is told and holds the day."""
    told = run.site_days[site].told
    return next((grain for grain in ("month", "week") if span_of(day, grain) in told), "day")


def is_untold(site: str, traffic_class: str, hits: list[Described], k: int) -> bool:
    """Were the hits of a day, a site and a class made by fewer than k people, or by people on sites without a name?"""
    few = len({described.client for described in hits}) < k
    return traffic_class in PEOPLE and (few or site == words.OTHER)


def hours_together(run: Run, traffic_class: str, hits: list[Described]) -> set[int]:
    """The hours of a day that are told together: none of those without people."""
    if traffic_class not in PEOPLE:
        return set()
    return told_together(visitors_by(hits, lambda described: run.hour(described.hit.time_ms)), run.settings.k)


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
            told: TableRow = {"day": day, "hour": hour, "site": site, "traffic_class": traffic_class}
            for measure in ("hits", "page_views", "bytes_sent", *STATUSES):
                told[measure] = None if (hour, measure) in hidden else counts[measure]
            if traffic_class in PEOPLE:
                is_told = hour is not None and not is_dominated([sizes_by(hits, run.hour_of)[hour]], run.settings.k)
                told["bytes_sent"] = rounded_bytes(counts, run.settings.k) if is_told else None
            rows.append(told)
    return in_order(rows)


def hidden_measures(
    run: Run, hits: list[Described], rows: Mapping[int | None, Counter[str]], together: set[int], *, few: bool
) -> set[tuple[int | None, str]]:
    """The measures of rows of people that few visitors are behind, and what would give them away.

    Of a day with `few` over a midnight these are page views of some hours, too.
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
    # What is hidden of a day must not follow from the day's sum.
    for measure in ("page_views", "hits_4xx", "hits_5xx"):
        of_measure = [cell for cell in some if cell[1] == measure]
        behind = [least(*cell) for cell in of_measure if cell in hidden]
        told = [cell for cell in of_measure if cell not in hidden]
        if behind and told:
            visitors = len(set().union(*cells[measure].values()))
            if max(*behind, visitors - sum(most(*cell) for cell in told), 0) < k:
                hidden.add(min(told, key=smallest_first))
    # Nor from the hits of its row.
    for row in rows:
        of_row = [cell for cell in some if cell[0] == row and cell[1] != "page_views"]
        untold = [cell for cell in of_row if cell in hidden or cell[1] == "other_status"]
        told = [cell for cell in of_row if cell not in untold]
        if any(cell in hidden for cell in of_row):
            is_open = any(cell[1] in ("other_status", "hits_2xx", "hits_3xx") for cell in untold)
            visitors = least(row, "hits") - sum(most(*cell) for cell in told)
            if max(*(least(*cell) for cell in untold), visitors) >= k:
                told = [] if is_open else [cell for cell in told if cell[1] in ("hits_2xx", "hits_3xx")]
            if told:
                hidden.add(min(told, key=smallest_first))
    # A NULL that is never zero stands for one at least: where that is nearly all, zeros are NULL as well.
    for measure in ("page_views", "hits_4xx", "hits_5xx"):
        untold = [row for row in rows if (row, measure) in hidden]
        if untold and sum(rows[row][measure] - 1 for row in untold) < k / 2:
            hidden |= {(row, measure) for row in rows if not rows[row][measure]}
    return hidden


def protocols(run: Run) -> list[TableRow]:
    """Every hit by the version of HTTP that its request named."""
    return by_day(run, "protocol", lambda described: protocol_name(described.hit.protocol), str)


def kinds(run: Run) -> list[TableRow]:
    """Every hit by what it asked for; page views, whose number other tables tell, are folded at last."""
    view, document = KINDS.index("page_view"), KINDS.index("document")

    def fold(cells: Cells, of_day: int, site: str, day: date, traffic_class: str) -> dict[Any, str]:
        few = traffic_class == "human" and (site, day) in run.few_over_midnight
        together = few and (site, day) in run.few_with_documents
        last = [document, view] if together else [view]
        aside = {view} & cells.keys() if few and not together else set()
        folded = told_as_other(cells, of_day, run.settings.k, words.OTHER, last, aside)
        if together and document in folded:
            folded.add(view)
        return dict.fromkeys(last if together else [], "documents") | dict.fromkeys(folded, words.OTHER)

    return by_day(run, "kind", cell_of_kind, lambda cell: KINDS[cell], fold)


def by_day(
    run: Run,
    column: str,
    cell_of: Callable[[Described], Any],
    name_of: Callable[[Any], str],
    fold: Callable[[Cells, int, str, date, str], dict[Any, str]] | None = None,
) -> list[TableRow]:
    """Every hit by something that is told by day; cells that few people are behind are `(other)`."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        cells = visitors_by(hits, cell_of)
        of_day = len({described.client for described in hits})
        renamed: dict[Any, str] = {}
        if traffic_class in PEOPLE and fold is not None:
            renamed = fold(cells, of_day, site, day, traffic_class)
        elif traffic_class in PEOPLE:
            renamed = dict.fromkeys(told_as_other(cells, of_day, run.settings.k, words.OTHER), words.OTHER)
        sizes = sizes_by(hits, cell_of)
        told_as = {cell: renamed.get(cell, name_of(cell)) for cell in sizes}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for described in hits:
            row = counts[told_as[cell_of(described)]]
            row["hits"] += 1
            row["bytes_sent"] += described.hit.bytes_sent
        tells = tells_bytes(run, traffic_class, hits, sizes, told_as)
        for name, row in counts.items():
            key = {"day": day, "site": site, column: name, "traffic_class": traffic_class}
            bytes_sent: int | None = row["bytes_sent"]
            if traffic_class in PEOPLE:
                bytes_sent = rounded_bytes(row, run.settings.k) if tells else None
            rows.append({**key, "hits": row["hits"], "bytes_sent": bytes_sent})
    return in_order(rows)


def sizes_by(hits: list[Described], key_of: Callable[[Described], Any]) -> dict[Any, Counter[Client]]:
    """The bytes of each visitor, by cell."""
    sizes: dict[Any, Counter[Client]] = defaultdict(Counter)
    for described in hits:
        sizes[key_of(described)][described.client] += described.hit.bytes_sent
    return sizes


def tells_bytes(
    run: Run,
    traffic_class: str,
    hits: list[Described],
    sizes: Mapping[Any, Counter[Client]],
    told_as: Mapping[Any, Any],
) -> bool:
    """Are bytes of people told in a table by day? `sizes` are those of its cells, `told_as` the row of each."""
    if hours_together(run, traffic_class, hits) or any(
        is_dominated([own], run.settings.k) for own in sizes_by(hits, run.hour_of).values()
    ):
        return False
    rows = set(told_as.values())
    return not any(
        is_dominated([sizes[cell] for cell in sizes if told_as[cell] == row], run.settings.k) for row in rows
    )


def rounded_bytes(counts: Mapping[str, int], k: int) -> int:
    """What is told of the bytes that people were sent, with more hits than none."""
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


def latency(run: Run) -> list[TableRow]:
    """Hits by server time, in buckets that are never more than 6.25% wide, or joined with their neighbours."""
    rows = []
    for (day, site, traffic_class), all_hits in run.groups_of_hits.items():
        hits = [one for one in all_hits if one.hit.request_us is not None and not one.is_counted_only]
        if is_untold(site, traffic_class, hits, run.settings.k):
            continue
        together: set[int] = set()
        by_hour = visitors_by(hits, lambda described: run.hour(described.hit.time_ms))
        if traffic_class in PEOPLE:
            together = told_together(by_hour, run.settings.k, hours_together(run, traffic_class, all_hits))
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
                    for told in (by_row[other] for other in by_row if other is not None):
                        for bucket, (count, _, _) in visitors_of_buckets(told).items():
                            visitors[bucket] = [known - count for known in visitors[bucket]]
                joined = join_neighbours([(bucket, *visitors[bucket]) for bucket in sorted(counts)], run.settings.k)
            for buckets in joined:
                key = {"day": day, "hour": hour, "site": site, "traffic_class": traffic_class}
                edges = {"from_ms": bucket_begin_us(buckets[0]) / 1000, "bucket_ms": buckets[-1] / 1000}
                rows.append({**key, **edges, "hits": sum(counts[bucket] for bucket in buckets)})
    return in_order(rows)


def kind_latency(run: Run) -> list[TableRow]:
    """Server time of what people asked for, by kind."""

    def is_untold(place: tuple[str, date], kind: str) -> bool:
        return kind in ("page_view", "document") or place not in run.few_with_documents

    rows = times_by(run, lambda described: KINDS[cell_of_kind(described)], lambda _: True, is_untold)
    return in_order([row.row("kind") for row in rows])


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
            rows = list(run.told_rows["pages"].get(site, {}))
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
    is_untold: Callable[[tuple[str, date], str], bool] = lambda *_: True,
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
    leave_others(rows, everybody, run.settings.k)
    # Nobody adds up three rounded rows.
    has_enough = {place for place, count in Counter(row.place for row in rows).items() if count >= 3}
    told = [
        row
        for row in rows
        if row.place in has_enough
        or (row.site, row.day) not in run.few_over_midnight
        or not is_untold((row.site, row.day), row.name)
    ]
    meet(told, everybody, visitors, run.settings.k)
    return told


def bots(run: Run) -> list[TableRow]:
    """Every hit that is not human, by the name of what asked."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class == "human":
            continue
        by_name: dict[tuple[str, str], list[Described]] = defaultdict(list)
        for described in hits:
            by_name[described.bot_name, described.bot_category].append(described)
        told_as = {name: name for name in by_name}
        if traffic_class == "automated":
            cells = visitors_by(hits, lambda described: (described.bot_name, described.bot_category))
            of_day = len({described.client for described in hits})
            other = (words.OTHER, words.OTHER)
            told_as |= dict.fromkeys(told_as_other(cells, of_day, run.settings.k, other), other)
        else:
            for (name, category), own in by_name.items():
                clients = {described.client for described in own if described.has_own_name}
                if 0 < len(clients) < run.settings.k:
                    told_as[name, category] = (words.OTHER, category)
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for name, own in by_name.items():
            counts[told_as[name]]["hits"] += len(own)
            counts[told_as[name]]["bytes_sent"] += sum(described.hit.bytes_sent for described in own)
        sizes = sizes_by(hits, lambda described: (described.bot_name, described.bot_category))
        tells = traffic_class in PEOPLE and tells_bytes(run, traffic_class, hits, sizes, told_as)
        for (name, category), row in counts.items():
            key = {"day": day, "site": site, "traffic_class": traffic_class, "name": name, "category": category}
            bytes_sent: int | None = row["bytes_sent"]
            if traffic_class in PEOPLE:
                bytes_sent = rounded_bytes(row, run.settings.k) if tells else None
            rows.append({**key, "hits": row["hits"], "bytes_sent": bytes_sent})
    return in_order(rows)


def crawlers(run: Run, named: list[TableRow]) -> list[TableRow]:
    """Every hit of a declared bot by its name, the folder it asked in and the status; `named` are rows with a page."""
    folders = {(row["site"], folder_of(row["page"])) for row in named}
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class != "bot":
            continue
        told_as = told_bots(hits, run.settings.k)
        for described in hits:
            name, category = told_as[described.bot_name, described.bot_category]
            folder = described.folder
            if folder != "/" and (site, folder) not in folders:
                folder = words.OTHER
            status = described.hit.status
            of_status = f"{status // 100}xx" if 200 <= status < 600 else words.OTHER
            row = counts[day, site, name, category, folder, of_status]
            row["hits"] += 1
            row["bytes_sent"] += described.hit.bytes_sent
    columns = ("day", "site", "name", "category", "page_group", "status_class")
    return with_measures(columns, counts, ("hits", "bytes_sent"))


def crawler_errors(run: Run, named: list[TableRow]) -> list[TableRow]:
    """Every hit of a declared bot with an error, by its name, the page and the status; `named` are rows with a page."""
    pages = {(row["day"], row["site"], row["page"]) for row in named if row["grain"] == "day"}
    folders = {(day, site, folder_of(page)) for day, site, page in pages}
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        told_as = told_bots(hits, run.settings.k)
        for described in hits if traffic_class == "bot" else []:
            if not 400 <= described.hit.status < 600:
                continue
            page = described.page
            if (day, site, page) not in pages:
                is_named = described.folder != "/" and (day, site, described.folder) in folders
                page = described.folder if is_named else words.OTHER
            name, category = told_as[described.bot_name, described.bot_category]
            counts[day, site, name, category, described.hit.status, page]["hits"] += 1
    return with_measures(("day", "site", "name", "category", "status", "page"), counts, ("hits",))


def told_bots(hits: list[Described], k: int) -> dict[tuple[str, str], tuple[str, str]]:
    """As what the name and category of each bot are told, of all hits of a class and day; names of few clients go."""
    clients: dict[tuple[str, str], set[Client]] = defaultdict(set)
    for one in hits:
        clients[one.bot_name, one.bot_category] |= {one.client} if one.has_own_name else set()
    return {
        (name, category): (words.OTHER if 0 < len(own) < k else name, category)
        for (name, category), own in clients.items()
    }


def robots_txt(run: Run) -> list[TableRow]:
    """Who asked for robots.txt, and for what it forbids."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class != "bot":
            continue
        rules = rules_of(site, run.settings.robots)
        told_as = told_bots(hits, run.settings.k)
        of_bot: dict[tuple[str, str], list[Described]] = defaultdict(list)
        for described in hits:
            of_bot[told_as[described.bot_name, described.bot_category]].append(described)
        for (name, category), own in of_bot.items():
            asked = [one.hit.time_ms for one in own if asks_robots_txt(one)]
            forbidden = [one.hit.time_ms for one in own if rules is not None and is_forbidden(one, rules)]
            disobeyed = bool(asked and forbidden) and max(forbidden) > min(asked)
            rows.append(
                {
                    **{"day": day, "site": site, "name": name, "category": category},
                    **{"hits": len(own), "asked": len(asked)},
                    "forbidden": None if rules is None else len(forbidden),
                    "disobeyed": None if rules is None or words.OTHER in (name, site) else disobeyed,
                }
            )
    return in_order(rows)


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
    cells = {site: pair_cells(rows, pairs_of, run.settings.k) for site, rows in run.told_rows["pages"].items()}
    return told(run, table, cells, ())


def by_entry(run: Run, table: str, key_of: Callable[[Visit], dict[str, str] | None]) -> list[TableRow]:
    """Visits and their page views by something about the visit's entry page view."""
    rows = FoldedRows(run, table)
    for visit in run.published_visits:
        key = key_of(visit)
        if key is not None:
            rows.add_visit(visit, key, engagement(visit, run))
    return rows.folded(("page_views", *MEASURES_OF_SOME.get(table, ())))


def engagement(visit: Visit, run: Run) -> dict[str, int]:
    """What is counted of a visit wherever it is told by its entry page view."""
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
    """Likewise, for a table that is told within the rows of another one."""
    outer_table, _ = WITHIN[table]
    outer = run.told_rows[outer_table]
    cells, beside = {}, {}
    for site, rows in outer.items():
        cells[site], beside[site] = cells_within(table, rows, key_of, run.settings.k, partial(engagement, run=run))
    return told(run, table, cells, ("page_views", *MEASURES_OF_SOME.get(table, ())), beside)


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


def errors(run: Run) -> list[TableRow]:
    """Hits of status 400 and above, on the day of the hit, and whose visits met them; machines' are added at last."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "errors")
    of_machines: Counter[tuple[date, str, int | None]] = Counter()
    of_automated: dict[tuple[date, str, int], list[Client]] = defaultdict(list)
    for described in run.published_hits:
        hit, day = described.hit, run.day(described.hit.time_ms)
        if described.is_counted_only:
            continue
        if hit.status >= 400 and described.traffic_class == "human":
            cell = rows.cell(day, hit.site, {"status": hit.status, "page": described.page})
            add_hit(cell, described, visit_of.get(id(described)))
        elif described.traffic_class == "automated" and 400 <= hit.status < 600:
            of_automated[day, hit.site, hit.status // 100].append(described.client)
        elif hit.status >= 400 and described.traffic_class != "automated":
            of_machines[day, hit.site, hit.status] += 1
    for (day, site, _), clients in of_automated.items():
        if len(set(clients)) >= run.settings.k:
            of_machines[day, site, None] += len(clients)
    published = rows.folded(("hits",))
    for (day, site, status), count in of_machines.items():
        key = {"day": day, "site": site, "grain": "day", "status": status, "page": words.OTHER}
        same = next((row for row in published if key.items() <= row.items()), None)
        if same is None:
            published.append({**key, "hits": count, "visits": 0})
        else:
            same["hits"] += count
    return in_order(published)


def add_hit(cell: Cell, described: Described, visit: Visit | None) -> None:
    """Count a hit whose visitor is its own client, in a visit or not."""
    cell.visitors.add(described.client)
    cell.measures["hits"] += 1
    cell.taking_part["hits"].add(described.client)
    if visit is not None:
        cell.visits.add(visit)
        cell.taking_part["visits"].add(visit.visitor)


def broken_links(run: Run) -> list[TableRow]:
    """People's hits of what is missing, by where the link to it stands; on the day of the hit."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "broken_links")
    for described in run.published_hits:
        hit = described.hit
        if is_broken_link(described):
            key = {"status": hit.status, "page": described.link[0], "referrer": described.link[1]}
            add_hit(rows.cell(run.day(hit.time_ms), hit.site, key), described, visit_of.get(id(described)))
    return rows.folded(("hits",))


def downloads(run: Run) -> list[TableRow]:
    """People's GETs of files that were answered with all or a part of them, on the day of the hit."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "downloads")
    for described in run.published_hits:
        hit = described.hit
        if is_download(described):
            cell = rows.cell(run.day(hit.time_ms), hit.site, {"page": described.page})
            add_hit(cell, described, visit_of.get(id(described)))
            if hit.status == 206:
                cell.measures["partial"] += 1
                cell.taking_part["partial"].add(described.client)
    return rows.folded(("hits", "partial"))


def incidents(run: Run) -> list[TableRow]:
    """Incidents that began on a published day, each site's hits taken by themselves."""
    of_site: dict[str, list[Described]] = defaultdict(list)
    for described in run.judged_hits:
        if not described.is_counted_only:
            of_site[described.hit.site].append(described)
    rows: list[TableRow] = []
    for site, hits in of_site.items():
        for incident in find_incidents(hits, run.settings.k):
            if is_published(incident.started_ms, run.settings) and run.is_named(site, run.day(incident.started_ms)):
                times = {
                    "started": utc(incident.started_ms),
                    "ended": utc(incident.ended_ms),
                    "started_local": local_time(incident.started_ms, run.settings).replace(tzinfo=None),
                    "ended_local": local_time(incident.ended_ms, run.settings).replace(tzinfo=None),
                }
                if incident.kind == "silence":
                    rows.append({"site": site, **times, "kind": "silence", "hits": 0, "hits_5xx": 0})
                    continue
                within = [one for one in hits if incident.started_ms <= one.hit.time_ms < incident.ended_ms]
                human = [one for one in within if one.traffic_class == "human"]
                met = [one for one in human if 500 <= one.hit.status <= 599]
                are_few = len({one.client for one in met}) < run.settings.k
                if incident.kind == "errors" and are_few and len(met) == incident.hits_5xx:
                    continue
                counts = {
                    "hits": None if human and are_few else incident.hits,
                    "hits_5xx": None if met and are_few else incident.hits_5xx,
                }
                rows.append({"site": site, **times, "kind": incident.kind, **counts})
    return in_order(rows)


def cookie_audit(run: Run) -> list[TableRow]:
    """Visits by what their cookie did that it should not."""
    has_cookie_field = "session" in compile_format(run.settings.log_format).fields
    rows = FoldedRows(run, "cookie_audit")
    of_people = set(run.visits)
    for visit, finding in audit_cookies(run.all_visits, has_cookie_field):
        if visit in of_people and is_published(visit.first_ms, run.settings):
            rows.add_visit(visit, {"finding": finding}, {})
    return rows.folded(())


def goals(run: Run) -> list[TableRow]:
    """Visits that reached a goal, and the hits by which they did."""
    rows = FoldedRows(run, "goals")
    for visit in run.published_visits:
        for goal in times_of_visit(visit, run.settings.goals):
            rows.add_visit(visit, {"goal": goal}, {"times": 1})
    return rows.folded(("times",))


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
        return self.cells[site].setdefault((day, values), Cell(span_of(day, "day"), values))

    def add_visit(self, visit: Visit, key: Mapping[str, Any], measures: Mapping[str, int]) -> None:
        """Count something of a visit under a key on the visit's day."""
        self.cell(self.run.day(visit.first_ms), visit.site, key).add(visit, measures)

    def folded(self, measures: Iterable[str]) -> list[TableRow]:
        """The rows to publish."""
        named = {
            site: [cell for cell in cells.values() if self.run.is_named(site, cell.day)]
            for site, cells in self.cells.items()
        }
        return told(self.run, self.table, named, measures)


def told(
    run: Run,
    table: str,
    cells: Mapping[str, list[Cell]],
    measures: Iterable[str],
    beside: Mapping[str, list[Cell]] | None = None,
) -> list[TableRow]:
    """The rows to publish of the cells of each site."""
    names = [*measures, "visits"]
    published: dict[tuple[Any, ...], TableRow] = {}
    by_goal: dict[tuple[Any, ...], TableRow] = {}
    for site, of_site, days in parts_of(run, table, cells):
        rows = fold(table, of_site, days)
        if not rows:
            continue
        hidden = hide_all(table, rows, run.settings.goals, days, (beside or {}).get(site, ()))
        run.told_rows[table].setdefault(site, {}).update(
            {row: {name for name in hidden if row in hidden[name]} for row in rows}
        )
        shown = told_visits(table, of_site, rows, days) if table in CROSSED else {}
        if table in ROUNDED:
            rounded = round_rows(rows, names, wholes_of(run, table, site), run.settings.k)
        for row in rows:
            if shown.get(row) == 0:
                continue
            span = {"day": row.span.first_day, "site": site, "grain": row.span.grain}
            key = dict(zip(COLUMNS[table], row.key, strict=True))
            if table == "errors" and key["status"] < 100:
                key["status"] = None
            key = {**span, **{column: value for column, value in key.items() if not column.startswith("outer_")}}
            counts = {name: None if row in hidden.get(name, ()) else row.measure(name) for name in names}
            counts |= {"visits": shown[row]} if row in shown else {}
            if table in ROUNDED:
                counts = {name: None if counts[name] is None else rounded[row][name] for name in names}
            same = published.get(tuple(key.values()))
            if same is not None:
                # Campaigns of two rows of `referrers` may look the same, and so do the rests of 4xx and 5xx.
                counts = {name: add_known(counts[name], same[name]) for name in names}
            published[tuple(key.values())] = {**key, **counts}
            for goal in run.settings.goals if table in DIVIDED else ():
                of_goal = {**span, "goal": goal, **{name: key[name] for name in key if name not in span}}
                measure = goal_measure(goal)
                count = None if row in hidden[measure] else row.measure(measure)
                before = by_goal.get(tuple(of_goal.values()), {"visits": 0})["visits"]
                by_goal[tuple(of_goal.values())] = {**of_goal, "visits": add_known(count, before)}
    if table in DIVIDED:
        run.divided[DIVIDED[table][0]] = in_order([row for row in by_goal.values() if row["visits"]])
    return in_order(list(published.values()))


def wholes_of(run: Run, table: str, site: str) -> list[Wholes]:
    """What other tables tell exactly of which the rows of a table are part."""
    if table == "broken_links":
        of_4xx = [cell for cell in run.cells_of["errors", site] if cell.key[0] // 100 == 4]
        return wholes_of_links(run.told_rows["errors"].get(site, {}), of_4xx, run.error_days[site, 4])
    asked: Counter[date] = Counter()
    for one in run.published_hits:
        if one.hit.site == site and one.traffic_class == "human" and KINDS[cell_of_kind(one)] == "download":
            asked[run.day(one.hit.time_ms)] += 1
    return wholes_of_downloads(asked)


def parts_of(run: Run, table: str, cells: Mapping[str, list[Cell]]) -> Iterator[tuple[str, list[Cell], SiteDays]]:
    """What is told by itself: the cells of each site, and errors of each hundred, with small days of its own.

    Those of broken links are the same.
    """
    for site, of_site in cells.items():
        run.cells_of[table, site] = of_site
        if table == "errors":
            for one in sorted({cell.key[0] // 100 for cell in of_site}):
                of_hundred = [cell for cell in of_site if cell.key[0] // 100 == one]
                run.error_days[site, one] = days_of_errors(of_hundred, run.site_days[site])
                yield site, of_hundred, run.error_days[site, one]
        elif of_site:
            yield site, of_site, run.error_days[site, 4] if table == "broken_links" else run.site_days[site]


def add_known(one: int | None, other: int | None) -> int | None:
    """A sum, NULL where a part of it is."""
    return None if one is None or other is None else one + other


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
