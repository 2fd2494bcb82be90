"""What is true: the cells behind every published row, from the slow reference, before anything is folded.

A cell is what a table has for one day, one site and one finest key. Tables that show the same thing from different
sides share cells: `technology`, `browser_versions` and `os_versions` have those of `profiles`, `referrers` and
`campaigns` those of `acquisitions`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from footfall.transforms.vocabulary import OTHER
from tests.reference.acts import acts_of
from tests.reference.asked import KINDS, cell_of_kind, folder_of, is_broken_link, is_download
from tests.reference.cells import span_of, spans_of
from tests.reference.describe import Described, describe_all
from tests.reference.formats import compile_format
from tests.reference.goals import times_of_visit
from tests.reference.hit_tables import protocol_name
from tests.reference.inputs import find_duplicates
from tests.reference.learned_days import find_own_domains
from tests.reference.lines import Hit, ReferenceSettings, parse_line, split_lines
from tests.reference.measures import goal_measure
from tests.reference.pairs import ends_of, transitions_of
from tests.reference.run import as_internal
from tests.reference.speeds import bucket_edge_us
from tests.reference.visit_tables import LENGTHS, refined_phrases
from tests.reference.visits import Visit, assign_visits, audit_cookies

PEOPLE = ("human", "automated")
"""The traffic classes that are treated as people."""
NO_CAMPAIGN = ("", "", "")
MISSING = (404, 410)
"""The status of what is not there."""
VISIT_MEASURES = ("visits", "page_views", "bounces", "fallback_visits", "cut_visits")


@dataclass(eq=False)
class Cell:
    """What one quantity has for one day, one site and one key."""

    quantity: str
    day: date
    site: str
    key: tuple[Any, ...]
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How much of every measure."""
    people: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The visitors behind every measure."""
    items: set[int] = field(default_factory=set)
    """The visits, where one visit can be in several cells."""
    grain: str = "day"
    """That of the span of which it is a figure, whose first day is `day`."""


@dataclass
class Truth:
    """The cells of a log, by quantity, and the hits of those who are no people."""

    cells: dict[str, list[Cell]]
    timed: bool
    """Whether every hit has a request time."""
    ends: tuple[date, date]
    """The days of the earliest and of the latest hit."""
    goals: tuple[str, ...] = ()
    """The measures that count the visits that reached each goal."""

    def days(self) -> list[tuple[date, str]]:
        """Days and sites that have hits."""
        return sorted({(cell.day, cell.site) for cell in self.cells["protocols"]})


def read_truth(inputs: Mapping[str, bytes], settings: ReferenceSettings) -> Truth:
    """The cells of some inputs: name → content. Only days of the settings are given."""
    lines = {name: split_lines(content) for name, content in inputs.items()}
    duplicates = find_duplicates(lines)
    hits = [
        hit
        for name in sorted(lines)
        for number, line in enumerate(lines[name])
        if number not in duplicates[name] and isinstance(hit := parse_line(line, settings), Hit)
    ]
    log_format = compile_format(settings.log_format)
    described = describe_all(hits, "agent" in log_format.fields, settings)
    counter = _Counter(settings)
    for one in described:
        counter.count_hit(one)
    own_domains = find_own_domains(acts_of(described, settings), settings)
    visits = [
        as_internal(visit, own_domains.get((visit.site, counter.day(visit.first_ms))))
        for visit in assign_visits(described, settings.timeout_s)
    ]
    last_ms = max((hit.time_ms for hit in hits), default=0)
    for number, visit in enumerate(visits):
        counter.count_visit(number, visit, is_cut=last_ms - visit.last_ms < settings.timeout_s * 1000)
    visit_of = {id(one): number for number, visit in enumerate(visits) for one in visit.hits}
    for one in described:
        counter.count_error(one, visit_of.get(id(one)))
        counter.count_download(one, visit_of.get(id(one)))
    for visit, finding, grain in audit_cookies(
        visits, "session" in log_format.fields, lambda time_ms: spans_of(counter.day(time_ms))
    ):
        counter.count_finding(visit, finding, grain)
    times = [hit.time_ms for hit in hits]
    ends = counter.day(min(times)), counter.day(max(times))
    goals = tuple(map(goal_measure, settings.goals))
    return Truth(counter.listed(), all(hit.request_us is not None for hit in hits), ends, goals)


class _Counter:
    """Counts cells."""

    def __init__(self, settings: ReferenceSettings) -> None:
        self.settings = settings
        self.zone = ZoneInfo(settings.timezone)
        self.found: dict[tuple[Any, ...], Cell] = {}
        self.clients: dict[Any, int] = {}
        self.unlinked: dict[int, dict[int, int]] = {}
        """The visits that came to a missing page without a link, by cell, and the client of each."""
        self.linked: dict[Any, set[int]] = {}
        """Those that followed one, by day, site and page."""

    def local(self, time_ms: int) -> datetime:
        """An instant on the site's clocks."""
        return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(self.zone)

    def day(self, time_ms: int) -> date:
        """The calendar day of an instant."""
        return self.local(time_ms).date()

    def add(
        self,
        quantity: str,
        time_ms: int,
        site: str,
        key: tuple[Any, ...],
        client: Any,
        counts: Mapping[str, int],
        grain: str = "day",
    ) -> Cell | None:
        """Count something of a client (None: of a machine); the result is None outside the settings' days."""
        day = self.day(time_ms)
        if not (self.settings.first_day or day) <= day <= (self.settings.last_day or day):
            return None
        place = quantity, span_of(day, grain), site, key
        cell = self.found.get(place)
        if cell is None:
            cell = self.found[place] = Cell(quantity, span_of(day, grain).first_day, site, key, grain=grain)
        for measure, count in counts.items():
            cell.counts[measure] += count
            if count and client is not None:
                cell.people[measure].add(self.clients.setdefault(client, len(self.clients)))
        return cell

    def count_hit(self, one: Described) -> None:
        """Hits by hour, by protocol, by latency and by name."""
        hit, traffic_class = one.hit, one.traffic_class
        client = one.client if traffic_class in PEOPLE else None
        counts = {"hits": 1, "page_views": int(one.page_view), "bytes_sent": hit.bytes_sent}
        if 200 <= hit.status < 600:
            counts[f"hits_{hit.status // 100}xx"] = 1
        hour = self.local(hit.time_ms).hour
        self.add("hours", hit.time_ms, hit.site, (hour, traffic_class), client, counts)
        protocol = protocol_name(hit.protocol)
        sums = {"hits": 1, "bytes_sent": hit.bytes_sent}
        self.add("protocols", hit.time_ms, hit.site, (protocol, traffic_class), client, sums)
        self.add("kinds", hit.time_ms, hit.site, (KINDS[cell_of_kind(one)], traffic_class), client, sums)
        if traffic_class == "human" and one.asked == "download" and not is_download(one):
            self.add("refused", hit.time_ms, hit.site, (), client, {"hits": 1})
        if hit.request_us is not None:
            edge_ms = bucket_edge_us(hit.request_us) / 1000
            self.add("latency", hit.time_ms, hit.site, (hour, traffic_class, edge_ms), client, {"hits": 1})
            if traffic_class == "human":
                kind = KINDS[cell_of_kind(one)]
                self.add("kind_times", hit.time_ms, hit.site, (kind, edge_ms), client, {"hits": 1})
                if one.page_view:
                    self.add("page_times", hit.time_ms, hit.site, (one.folder, edge_ms), client, {"hits": 1})
        if traffic_class != "human":
            self.add("bots", hit.time_ms, hit.site, (traffic_class, one.bot_name, one.bot_category), client, sums)

    def count_visit(self, number: int, visit: Visit, *, is_cut: bool) -> None:
        """A visit in all tables of visits."""
        entry, at, site = visit.entry, visit.first_ms, visit.site
        counts = {"visits": 1, "page_views": len(visit.page_views)}
        flags = {"bounces": visit.is_bounce, "fallback_visits": visit.is_fallback, "cut_visits": is_cut}
        flagged = {name: int(flag) for name, flag in flags.items()}
        goals = times_of_visit(visit, self.settings.goals)
        counts |= {"bounces": flagged["bounces"], "duration_s": visit.duration_s, "completions": int(bool(goals))}
        self.add("visits", at, site, (), entry.client, counts | flagged)
        for length, value in (("page_views", len(visit.page_views)), ("duration_s", visit.duration_s)):
            begin = max(one for one in LENGTHS[length] if one <= value)
            self.add("lengths", at, site, (length, begin), entry.client, {"visits": 1})
        self.add("locations", at, site, entry.place, entry.client, counts)
        self.add("profiles", at, site, entry.technology, entry.client, counts)
        came = entry.kind, entry.source, *(entry.campaign or NO_CAMPAIGN)
        reached = {goal_measure(goal): 1 for goal in goals}
        self.add("acquisitions", at, site, came, entry.client, counts | reached)
        for later in visit.page_views:
            if self.day(later.hit.time_ms) > self.day(at):
                folder = folder_of(later.page)
                self.add("midnights", at, site, ("going", folder), entry.client, {"page_views": 1})
                self.add("midnights", later.hit.time_ms, site, ("coming", folder), entry.client, {"page_views": 1})
        for pairs, found in (("transitions", transitions_of(visit)), ("entry_exits", ends_of(visit))):
            for pair in found:
                cell = self.add(pairs, at, site, pair, entry.client, {"visits": 1})
                if cell is not None:
                    cell.items.add(number)
        for view in visit.page_views:
            cell = self.add("pages", at, site, (view.page,), entry.client, {"page_views": 1, "visits": 0})
            if cell is not None:
                cell.items.add(number)
                cell.people["visits"] |= cell.people["page_views"]
            if view.phrase is None:
                self.add("plain", at, site, (view.page,), entry.client, {"page_views": 1})
            else:
                self.add("pages", at, site, (view.page,), entry.client, {"searches": 1})
                cell = self.add("searches", at, site, (view.phrase,), entry.client, {"searches": 1, "visits": 0})
                if cell is not None:
                    cell.items.add(number)
                    cell.people["visits"] |= cell.people["searches"]
        for measure, phrases in (("exits", {visit.exit.phrase} - {None}), ("refined", refined_phrases(visit))):
            for phrase in phrases:
                self.add("searches", at, site, (phrase,), entry.client, {measure: 1})
        for goal in goals:
            cell = self.add("goals", at, site, (goal,), entry.client, {"times": 1, "visits": 0})
            if cell is not None:
                cell.items.add(number)
                cell.people["visits"] |= cell.people["times"]
        self.add(
            "pages", at, site, (entry.page,), entry.client, {"entries": 1, "bounces": flagged["bounces"]} | reached
        )
        self.add("pages", at, site, (visit.exit.page,), entry.client, {"exits": 1})

    def count_error(self, one: Described, visit: int | None) -> None:
        """A hit of status 400 and above; machines' have no page. Those of what is missing also by the link to it."""
        hit = one.hit
        if hit.status < 400:
            return
        is_person = one.traffic_class in PEOPLE
        page = one.page if one.traffic_class == "human" else OTHER
        who = one.traffic_class if is_person or one.traffic_class == "bot" else "machines"
        client = one.client if is_person else None
        cell = self.add("errors", hit.time_ms, hit.site, (hit.status, page, who), client, {"hits": 1, "visits": 0})
        if cell is not None and visit is not None:
            cell.items.add(visit)
            cell.people["visits"].add(self.clients[one.client])
        if one.traffic_class == "human" and hit.status in MISSING and not is_broken_link(one):
            cell = self.add("unlinked", hit.time_ms, hit.site, (hit.status, page), client, {"hits": 1, "visits": 0})
            if cell is not None and visit is not None:
                self.unlinked.setdefault(id(cell), {})[visit] = self.clients[one.client]
        if is_broken_link(one):
            key = hit.status, *one.link
            cell = self.add("broken_links", hit.time_ms, hit.site, key, one.client, {"hits": 1, "visits": 0})
            if cell is not None and visit is not None:
                cell.items.add(visit)
                cell.people["visits"].add(self.clients[one.client])
                self.linked.setdefault((cell.day, cell.site, key[:2]), set()).add(visit)

    def count_download(self, one: Described, visit: int | None) -> None:
        """A person's hit that was answered with a file or a part of it."""
        if not is_download(one):
            return
        hit = one.hit
        counts = {"hits": 1, "visits": 0, "partial": int(hit.status == 206)}
        cell = self.add("downloads", hit.time_ms, hit.site, (one.page,), one.client, counts)
        if cell is not None and visit is not None:
            cell.items.add(visit)
            cell.people["visits"].add(self.clients[one.client])

    def count_finding(self, visit: Visit, finding: str, grain: str) -> None:
        """A finding of the cookie audit, which is a figure of the day, week or month."""
        self.add("cookie_audit", visit.first_ms, visit.site, (finding,), visit.entry.client, {"visits": 1}, grain)

    def listed(self) -> dict[str, list[Cell]]:
        """All cells by quantity."""
        cells: dict[str, list[Cell]] = defaultdict(list)
        searched = {(one.day, one.site, one.key) for one in self.found.values() if one.counts.get("searches")}
        for cell in self.found.values():
            # Who followed a link as well is no visit that came otherwise.
            linked = self.linked.get((cell.day, cell.site, cell.key), ())
            others = {one: by for one, by in self.unlinked.get(id(cell), {}).items() if one not in linked}
            cell.items |= others.keys()
            cell.people["visits"] |= set(others.values())
            if cell.quantity == "plain" and (cell.day, cell.site, cell.key) not in searched:
                continue
            if cell.items:
                cell.counts["visits"] = len(cell.items)
            cells[cell.quantity].append(cell)
        return cells
