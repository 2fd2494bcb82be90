"""A run of the reference: what it has read, and what every table asks of its days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from tests.reference.acts import Act, acts_of, find_floods
from tests.reference.asked import KINDS, cell_of_kind
from tests.reference.behaviour import judge_all
from tests.reference.cells import Cell, Row, SiteDays, Span, span_of
from tests.reference.describe import Described
from tests.reference.learned_days import find_own_domains
from tests.reference.lines import EPOCH, ReferenceSettings, milliseconds
from tests.reference.many_names import cut_names
from tests.reference.page_parts import Parts, find_all_parts, is_part
from tests.reference.small_hits import PEOPLE
from tests.reference.visits import Client, Visit, assign_visits

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
    """The hits of the window, with the classes of their agents: the published days and what surrounds them."""

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
        """The hits of the window; those of published days with the classes by behaviour."""
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
        """The visits of the window by the classes of agents, in order of their first hit."""
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
        return {key: hits for key, hits in groups.items() if not is_small_class(*key[1:], hits, self.settings.k)}

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
    def rows_of_table(self) -> dict[str, dict[str, dict[Row, set[str]]]]:
        """The rows by table and site, with their hidden measures, for the tables within them; those are made later."""
        return defaultdict(dict)

    @cached_property
    def error_days(self) -> dict[tuple[str, int], SiteDays]:
        """The days of each site and hundred of the status for `errors`."""
        return {}

    @cached_property
    def cells_of(self) -> dict[tuple[str, str], list[Cell]]:
        """The cells of each table and site, published or not."""
        return {}

    @cached_property
    def divided(self) -> Tables:
        """The tables that divide rows of others by goal; made with those."""
        return {}

    @cached_property
    def few_over_midnight(self) -> set[tuple[str, date]]:
        """The sites and days that do not publish page views by the day of the hit."""
        people: dict[tuple[str, date, str], set[Client]] = defaultdict(set)
        for visit in self.all_visits:
            begun = self.day(visit.first_ms)
            for later in {self.day(view.hit.time_ms) for view in visit.page_views} - {begun}:
                people[visit.site, later, "coming"].add(visit.visitor)
                people[visit.site, begun, "going"].add(visit.visitor)
        few = {(site, day) for (site, day, _), visitors in people.items() if len(visitors) < self.settings.k}
        # Page views less those over the midnights would be those of the few who came on the day.
        small = {(site, day) for site, days in self.site_days.items() for day in days.small_days if days.visitors[day]}
        return few | small & {(site, day) for site, day, _ in people}

    @cached_property
    def few_with_documents(self) -> set[tuple[str, date]]:
        """Those of them on which page views and other documents are one row."""
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
        complete = complete_days(self)
        found = {}
        for site, by_day in visitors.items():
            spans = {span_of(day, grain) for day in by_day for grain in ("week", "month")}
            published = {
                span
                for span in spans
                if self.is_whole(span, [complete[site, day] for day in by_day if day in span.days])
            }
            found[site] = SiteDays(self.settings.k, by_day, frozenset(published))
        return found

    def is_whole(self, span: Span, are_complete: list[bool]) -> bool:
        """Did the run read all of a week or month? `are_complete` says so for each of its days with hits."""
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


def complete_days(run: Run) -> dict[tuple[str, date], bool]:
    """Were all hits of a day read, and how its visits went on? By site and day that have hits."""
    timeout_ms = run.settings.timeout_s * 1000
    visits_end = defaultdict(list)
    for visit in run.published_visits:
        visits_end[visit.site, run.day(visit.first_ms)].append(visit.last_ms)
    complete = {}
    for site, day in {(one.hit.site, run.day(one.hit.time_ms)) for one in run.published_hits}:
        begins_before = run.first_ms < start_of_day(day, run.settings)
        goes_on = run.last_ms >= end_of_day(day, run.settings) + timeout_ms
        bound = end_of_day(day, run.settings) + words.VISIT_BOUND_S * 1000
        saw_visits_end = all(run.last_ms >= min(end + timeout_ms, bound) for end in visits_end[site, day])
        complete[site, day] = begins_before and goes_on and saw_visits_end
    return complete


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


def is_small_class(site: str, traffic_class: str, hits: list[Described], k: int) -> bool:
    """Were the hits of a day, a site and a class made by fewer than k people, or by people on sites without a name?"""
    few = len({described.client for described in hits}) < k
    return traffic_class in PEOPLE and (few or site == words.OTHER)


def in_order(rows: list[TableRow]) -> list[TableRow]:
    """Rows in a fixed order."""
    return sorted(rows, key=lambda row: [(value is None, 0 if value is None else value) for value in row.values()])
