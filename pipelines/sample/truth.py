"""The true figures of a sample log, counted from the simulated visits and never from the log's lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.sample.agents import MACHINES, MONITORS, Agents
from footfall.pipelines.sample.hits import NO_COOKIE, Hits
from footfall.pipelines.sample.referrers import Referrers
from footfall.pipelines.sample.site import MAILED_SOURCES, SITE, Kind, Site
from footfall.pipelines.sample.visits import Visits
from footfall.transforms.arrays import Flags, Ints
from footfall.transforms.visits.visit_lengths import BUCKETS

_TIMEOUT_S = 30 * 60

Row = dict[str, Any]
"""One row of a table; its columns are named as in the published tables."""


@dataclass(frozen=True)
class Truth:
    """The true totals of a sample log; each list has the rows of one table, with `day` as an ISO date.

    `site` is the site's host. A run needs it as --site: otherwise internal referrers count as other sites.
    """

    lines: int
    hits: int
    site: str
    timezone: str
    rejects: dict[str, int]
    traffic: dict[str, int]
    bots: list[Row]
    days: list[Row]
    visits: list[Row]
    pages: list[Row]
    countries: list[Row]
    technology: list[Row]
    referrers: list[Row]
    campaigns: list[Row]
    searches: list[Row]
    cookie_audit: list[Row]
    broken_links: list[Row]
    downloads: list[Row]
    goals: list[Row]
    """With the settings of `footfall.pipelines.sample.site.GOALS`."""
    visit_lengths: list[Row]
    """`bucket` is its number in `footfall.transforms.visits.visit_lengths.BUCKETS`, before any are joined."""
    transitions: list[Row]
    entry_exits: list[Row]

    def to_json(self) -> str:
        """The text of `truth.json`."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


class _Tally:
    """Sums of measures by day and name; names are given by number."""

    def __init__(self, days: int, names: int, measures: tuple[str, ...]) -> None:
        self._sums = {measure: np.zeros((days, names), dtype=np.int64) for measure in measures}

    def add(self, measure: str, day: Ints, name: Ints, amount: Ints | None = None) -> None:
        np.add.at(self._sums[measure], (day, name), 1 if amount is None else amount)

    def rows(self, days: list[date], columns: tuple[str, ...], names: Sequence[tuple[str | int, ...]]) -> list[Row]:
        """All rows in which a measure is not 0, sorted by day and name."""
        order = sorted(range(len(names)), key=names.__getitem__)
        return [
            {"day": day.isoformat(), **dict(zip(columns, names[i], strict=True)), **sums}
            for d, day in enumerate(days)
            for i in order
            if any((sums := {m: int(s[d, i]) for m, s in self._sums.items()}).values())
        ]


class _Pairs:
    """Visits by day and two pages, which are given by number."""

    def __init__(self) -> None:
        self._visits: Counter[tuple[int, int, int]] = Counter()

    def add(self, day: Ints, visit: Ints, first: Ints, second: Ints) -> None:
        """Count each visit once for each of its pairs."""
        pairs = np.unique(np.stack([visit, day, first, second], axis=1), axis=0)
        self._visits.update((d, a, b) for _, d, a, b in pairs.tolist())

    def rows(self, days: list[date], pages: list[tuple[str, ...]], second: str) -> list[Row]:
        """All rows, sorted by day and names."""
        named = sorted((d, pages[a][0], pages[b][0], visits) for (d, a, b), visits in self._visits.items())
        return [{"day": days[d].isoformat(), "page": a, second: b, "visits": visits} for d, a, b, visits in named]


class TruthCounter:
    """Counts the true figures, hour by hour."""

    _VISIT_MEASURES = ("visits", "page_views", "bounces", "duration_s", "fallback_visits", "visitors", "cut_visits")
    _AUDIT = ("reused", "shared", "never_issued")

    def __init__(
        self,
        site: Site,
        agents: Agents,
        referrers: Referrers,
        places: list[tuple[str, str]],
        day_starts_s: Ints,
        format_fields: tuple[bool, bool],
    ) -> None:
        """`day_starts_s`: first second of each day and of the day after; `format_fields`: has agent, has cookie."""
        days = len(day_starts_s) - 1
        self._day_starts_s, self._places, self._agents, self._referrers, self._site = (
            day_starts_s,
            places,
            agents,
            referrers,
            site,
        )
        self._has_agent, self._has_cookie = format_fields
        requests = site.requests
        self._is_document = np.array(requests.kinds, dtype=np.int64) == Kind.DOCUMENT
        self._page = np.array(requests.pages, dtype=np.int64)
        self._phrase = np.array(requests.phrases, dtype=np.int64)
        self._campaign = np.array(requests.campaigns, dtype=np.int64)
        sources = [
            *referrers.sources,
            *(_source_of_campaign(source) for source in sorted({name[0] for name in site.campaigns})),
        ]
        self._sources = sources
        internal = [referrers.internal] * len(requests.texts)
        self._source = np.array([*referrers.source, *internal], dtype=np.int64)
        self._source_of_campaign = np.array(
            [sources.index(_source_of_campaign(name[0])) for name in site.campaigns], dtype=np.int64
        )
        engagement = ("visits", "page_views", "bounces", "duration_s", "completions")
        self._goals = _Tally(days, len(site.goals), ("visits", "times"))
        self._visits = _Tally(days, 1, self._VISIT_MEASURES)
        self._pages = _Tally(days, len(site.pages), ("page_views", "visits", "entries", "exits", "bounces"))
        self._countries = _Tally(days, len(places), engagement)
        self._technology = _Tally(days, len(agents.profiles), engagement)
        self._referrers_tally = _Tally(days, len(sources), engagement)
        self._campaigns = _Tally(days, len(site.campaigns), engagement)
        self._lengths = {measure: _Tally(days, len(least), ("visits",)) for measure, least in BUCKETS.items()}
        self._transitions = _Pairs()
        self._entry_exits = _Pairs()
        self._searches = _Tally(days, len(site.phrases), ("searches", "visits", "exits", "refined"))
        self._audit = _Tally(days, len(self._AUDIT), ("visits",))
        self._hits_by_day = np.zeros(days, dtype=np.int64)
        self._hits_by_machine = np.zeros(len(MACHINES) + len(MONITORS), dtype=np.int64)
        self._link_pages = _name_pages(site)
        self._link_referrers = [
            *("" if kind == "direct" else source for kind, source in (referrers.sources[i] for i in referrers.source)),
            *self._link_pages,
        ]
        self._is_missing = np.array(requests.kinds, dtype=np.int64) == Kind.MISSING
        kinds = np.array(requests.kinds, dtype=np.int64)
        self._files = sorted({self._link_pages[request] for request in np.flatnonzero(kinds == Kind.FILE)})
        self._file_of = np.array([self._files.index(page) if page in self._files else -1 for page in self._link_pages])
        self._downloads = _Tally(days, len(self._files), ("hits", "visits", "partial"))
        self._links: Counter[tuple[int, str, str]] = Counter()
        self._visits_of_links: Counter[tuple[int, str, str]] = Counter()
        self._human_hits = 0
        self._rejects: dict[str, int] = {}
        self._visitors: list[Ints] = []
        self._ends: tuple[Ints, Ints] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self._latest_s = 0

    def add_visits(self, made: Visits) -> NDArray[np.bool_]:
        """Count the visits that begin in an hour; return which of them have both a cookie and page views."""
        hits, visit = made.hits, made.visit
        seconds = hits.time_ms // 1000
        day = np.searchsorted(self._day_starts_s, seconds, side="right") - 1
        view = np.flatnonzero(self._is_document[hits.request] & ((hits.status == 200) | (hits.status == 304)))
        views = np.bincount(visit[view], minlength=made.count)
        first, last = (
            np.searchsorted(visit, np.arange(made.count)),
            np.searchsorted(visit, np.arange(made.count), side="right") - 1,
        )
        with_cookie = np.bincount(visit[hits.cookie != NO_COOKIE], minlength=made.count) > 0
        rows = np.flatnonzero(views)
        day_of_visit = day[first]
        d, zero, count = day_of_visit[rows], np.zeros(len(rows), dtype=np.int64), views[rows]
        bounced, fallback = count == 1, ~with_cookie[rows]
        duration_s = seconds[last][rows] - seconds[first][rows]

        add = self._visits.add
        add("visits", d, zero)
        add("page_views", d, zero, count)
        add("bounces", d, zero, bounced.astype(np.int64))
        add("duration_s", d, zero, duration_s)
        add("fallback_visits", d, zero, fallback.astype(np.int64))
        self._ends = (np.append(self._ends[0], d), np.append(self._ends[1], seconds[last][rows]))
        self._visitors.append(np.unique(day[view] << 40 | made.client[view]))

        entry = view[np.searchsorted(visit[view], rows)]
        exit_ = view[np.searchsorted(visit[view], rows, side="right") - 1]
        page = self._page[hits.request]
        self._pages.add("page_views", day_of_visit[visit[view]], page[view])
        self._pages.add("entries", d, page[entry])
        self._pages.add("exits", d, page[exit_])
        self._pages.add("bounces", d[bounced], page[entry][bounced])
        seen = np.unique(visit[view] << 32 | page[view])
        self._pages.add("visits", day_of_visit[seen >> 32], seen & 0xFFFF_FFFF)

        for measure, values in (("page_views", count), ("duration_s", duration_s)):
            self._lengths[measure].add("visits", d, np.searchsorted(BUCKETS[measure], values, side="right") - 1)
        went_on = (visit[view[:-1]] == visit[view[1:]]) & (page[view[:-1]] != page[view[1:]])
        come, gone = view[:-1][went_on], view[1:][went_on]
        self._transitions.add(day_of_visit[visit[come]], visit[come], page[come], page[gone])
        self._entry_exits.add(d[~bounced], rows[~bounced], page[entry[~bounced]], page[exit_[~bounced]])

        campaign = self._campaign[hits.request[entry]]
        tagged = campaign >= 0
        source = self._source[hits.referrer[entry]]
        source[tagged] = self._source_of_campaign[campaign[tagged]]
        completed = np.zeros(made.count, dtype=np.bool_)
        for number, (goal, requests) in enumerate(self._site.goals.items()):
            answered = hits.status == 302 if goal == "order" else (hits.status >= 200) & (hits.status < 400)
            by = np.flatnonzero(np.isin(hits.request, requests) & answered & (views > 0)[visit])
            once = np.unique(visit[by])
            self._goals.add("times", day_of_visit[visit[by]], np.full(len(by), number))
            self._goals.add("visits", day_of_visit[once], np.full(len(once), number))
            completed[once] = True

        everybody = np.ones(len(rows), dtype=np.bool_)
        for tally, name, who in (
            (self._countries, made.place[entry], everybody),
            (self._technology, self._agents.profile[hits.agent[entry]], everybody),
            (self._referrers_tally, source, everybody),
            (self._campaigns, campaign, tagged),
        ):
            tally.add("visits", d[who], name[who])
            tally.add("page_views", d[who], name[who], count[who])
            tally.add("bounces", d[who], name[who], bounced[who].astype(np.int64))
            tally.add("duration_s", d[who], name[who], duration_s[who])
            tally.add("completions", d[who], name[who], completed[rows][who].astype(np.int64))

        self._count_links(hits, day, visit, views > 0)
        self._count_downloads(hits, day, visit, views > 0)

        phrase = self._phrase[hits.request]
        searched = view[phrase[view] >= 0]
        self._searches.add("searches", day_of_visit[visit[searched]], phrase[searched])
        seen = np.unique(visit[searched] << 32 | phrase[searched])
        self._searches.add("visits", day_of_visit[seen >> 32], seen & 0xFFFF_FFFF)
        left = exit_[phrase[exit_] >= 0]
        self._searches.add("exits", day_of_visit[visit[left]], phrase[left])
        before, after = searched[:-1], searched[1:]
        refined = before[(visit[before] == visit[after]) & (phrase[before] != phrase[after])]
        seen = np.unique(visit[refined] << 32 | phrase[refined])
        self._searches.add("refined", day_of_visit[seen >> 32], seen & 0xFFFF_FFFF)

        bearer = np.unique(np.stack([visit, made.client], axis=1)[hits.cookie != NO_COOKIE], axis=0)
        shared = np.bincount(bearer[:, 0], minlength=made.count) > 1
        day_before = np.searchsorted(self._day_starts_s, made.before_ms[rows] // 1000, side="right") - 1
        reused = made.kept_cookie[rows] & (day_before == d)
        found = (reused, shared[rows], fallback & (count > 1) & self._has_cookie)
        for number, of_visit in enumerate(found):
            self._audit.add("visits", d[of_visit], zero[of_visit] + number)
        self._human_hits += len(hits)
        return with_cookie & (views > 0)

    def _count_links(self, hits: Hits, day: Ints, visit: Ints, has_views: Flags) -> None:
        """Count the hits of pages that are missing, by where the link stands, on the days of the hits."""
        by = np.flatnonzero(self._is_missing[hits.request])
        followed: set[tuple[int, tuple[int, str, str]]] = set()
        columns = (day[by], hits.request[by], hits.referrer[by], visit[by])
        for own_day, request, referrer, own_visit in zip(*(column.tolist() for column in columns), strict=True):
            link = (own_day, self._link_pages[request], self._link_referrers[referrer])
            if link[-1]:
                self._links[link] += 1
                if has_views[own_visit]:
                    followed.add((own_visit, link))
        self._visits_of_links.update(link for _, link in followed)

    def _count_downloads(self, hits: Hits, day: Ints, visit: Ints, has_views: Flags) -> None:
        """Count the hits of files, on the days of the hits."""
        file = self._file_of[hits.request]
        by = np.flatnonzero(file >= 0)
        self._downloads.add("hits", day[by], file[by])
        self._downloads.add("partial", day[by], file[by], (hits.status[by] == 206).astype(np.int64))
        fetched = np.stack([visit[by], day[by], file[by]], axis=1)[has_views[visit[by]]]
        _, own_day, own_file = np.unique(fetched, axis=0).T
        self._downloads.add("visits", own_day, own_file)

    def add_machines(self, machine: Ints) -> None:
        """Count the hits of machines, given by machine number."""
        self._hits_by_machine += np.bincount(machine, minlength=len(self._hits_by_machine))

    def add_written(self, hits: Hits, rejects: list[str]) -> None:
        """Count the hits written in an hour, in their order, and the reject reasons of its broken lines."""
        seconds = hits.time_ms // 1000
        day = np.searchsorted(self._day_starts_s, seconds, side="right") - 1
        self._hits_by_day += np.bincount(day, minlength=len(self._hits_by_day))
        if len(hits):
            self._latest_s = int(seconds[-1])
        for reason in rejects:
            self._rejects[reason] = self._rejects.get(reason, 0) + 1
        alive = self._ends[1] > self._latest_s - _TIMEOUT_S
        self._ends = (self._ends[0][alive], self._ends[1][alive])

    def truth(self, first_day: date, timezone: str) -> Truth:
        """The totals; call it after everything is written."""
        days = [first_day + timedelta(days=i) for i in range(len(self._hits_by_day))]
        visitors = np.unique(np.concatenate(self._visitors)) >> 40 if self._visitors else np.empty(0, dtype=np.int64)
        for measure, of_days in (("visitors", visitors), ("cut_visits", self._ends[0])):
            self._visits.add(measure, of_days, np.zeros(len(of_days), dtype=np.int64))
        hits = int(self._hits_by_day.sum())
        traffic, bots = self._machine_totals()
        return Truth(
            lines=hits + sum(self._rejects.values()),
            hits=hits,
            site=SITE,
            timezone=timezone,
            rejects=dict(sorted(self._rejects.items())),
            traffic=traffic,
            bots=bots,
            days=[{"day": day.isoformat(), "hits": int(n)} for day, n in zip(days, self._hits_by_day, strict=True)],
            visits=self._visits.rows(days, (), [()]),
            pages=self._pages.rows(days, ("page",), self._site.pages),
            countries=self._countries.rows(days, ("continent", "country"), list(self._places)),
            technology=self._technology.rows(days, ("browser", "device"), list(self._agents.profiles))
            if self._has_agent
            else [],
            referrers=self._referrers_tally.rows(days, ("kind", "source"), list(self._sources))
            if self._has_agent
            else [],
            campaigns=self._campaigns.rows(days, ("source", "medium", "campaign"), self._site.campaigns),
            searches=self._searches.rows(days, ("phrase",), self._site.phrases),
            cookie_audit=self._audit.rows(days, ("finding",), [(name,) for name in self._AUDIT]),
            broken_links=[
                {
                    "day": days[link[0]].isoformat(),
                    "status": 404,
                    "page": link[1],
                    "referrer": link[2],
                    "hits": count,
                    "visits": self._visits_of_links[link],
                }
                for link, count in sorted(self._links.items())
            ]
            if self._has_agent
            else [],
            downloads=self._downloads.rows(days, ("page",), [(page,) for page in self._files]),
            goals=self._goals.rows(days, ("goal",), [(name,) for name in self._site.goals]),
            visit_lengths=[
                row
                for measure, tally in self._lengths.items()
                for row in tally.rows(
                    days, ("measure", "bucket"), [(measure, number) for number in range(len(BUCKETS[measure]))]
                )
            ],
            transitions=self._transitions.rows(days, self._site.pages, "next_page"),
            entry_exits=self._entry_exits.rows(days, self._site.pages, "exit_page"),
        )

    def _machine_totals(self) -> tuple[dict[str, int], list[Row]]:
        """Hits by traffic class, and by name; without user agents only probes can be distinguished from people."""
        traffic = {"human": self._human_hits, "bot": 0, "automated": 0, "probe": 0, "monitor": 0}
        names: dict[tuple[str, str], int] = {}
        for machine, count in zip((*MACHINES, *MONITORS), self._hits_by_machine.tolist(), strict=True):
            known = self._has_agent or machine.traffic_class == "probe"
            traffic[machine.traffic_class if known else "human"] += count
            if self._has_agent and count and machine.traffic_class != "probe":
                names[machine.traffic_class, machine.name] = names.get((machine.traffic_class, machine.name), 0) + count
        return traffic, [{"traffic_class": c, "name": n, "hits": hits} for (c, n), hits in sorted(names.items())]


def _name_pages(site: Site) -> list[str]:
    """The page that each request asks for, as it is named where a link stands on it or leads to it."""
    return [
        site.pages[page][0] if page >= 0 else unquote(text.rpartition(" ")[2].partition("?")[0])
        for page, text in zip(site.requests.pages, site.requests.texts, strict=True)
    ]


def _source_of_campaign(source: str) -> tuple[str, str]:
    """Kind and source of visits by a campaign."""
    return "email" if source in MAILED_SOURCES else "campaign", source
