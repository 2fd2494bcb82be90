"""What the attack with a solver knows of sums that tables share: parts of one are parts of another, day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from tests.attacks import lengths
from tests.attacks.atoms import WITH_GOALS, Atom
from tests.attacks.cells import PEOPLE
from tests.attacks.knowledge import Knowledge
from tests.attacks.views import LATENCY
from tests.reference.measures import goal_measure

_BOTH: Final = ("visits", "page_views")
_SUMS_OF_VISITS: Final = (
    *(
        (quantity, part, part)
        for quantity in ("locations", "profiles", "acquisitions")
        for part in ("visits", "page_views", "bounces", "duration_s", "completions")
    ),
    ("pages", "page_views", "page_views"),
    ("pages", "entries", "visits"),
    ("pages", "exits", "visits"),
    ("pages", "bounces", "bounces"),
)
"""A quantity, its measure, and the measure of `visits` that it adds up to."""


def link_tables(knowledge: Knowledge) -> None:
    """What tables have in common, day by day."""
    of_day: dict[tuple[date, str], dict[str, list[Atom]]] = defaultdict(lambda: defaultdict(list))
    for atom in knowledge.atoms:
        of_day[atom.day, atom.site][atom.quantity].append(atom)
    machines = _machine_hits(knowledge)
    of_hours: dict[tuple[str, datetime], list[Atom]] = defaultdict(list)
    shown = {(row["day"], row["site"], row["traffic_class"]) for row in knowledge.published.tables["traffic"]}
    hits_of_days = {(row["day"], row["site"]): row["hits"] for row in knowledge.published.tables["days"]}
    for day, quantities in list(of_day.items()):
        whole = quantities["visits"]
        for quantity, part, total in _SUMS_OF_VISITS:
            if not quantities[quantity] or not whole:
                continue
            knowledge.equal(
                f"visits.{total}",
                [atom.unknowns[part] for atom in quantities[quantity]],
                0,
                [atom.unknowns[total] for atom in whole],
            )
        _link_goals(knowledge, quantities["goals"], whole)
        _link_lengths(knowledge, quantities["lengths"], whole)
        for quantity in WITH_GOALS:
            for measure in knowledge.truth.goals if quantities[quantity] else ():
                reached = [atom.unknowns["visits"] for atom in quantities["goals"] if _goal_of(atom) == measure]
                parts = [atom.unknowns[measure] for atom in quantities[quantity]]
                knowledge.equal(f"{quantity} of goals", parts, 0, reached)
        hours = quantities["hours"]
        for atom in hours:
            if atom.link[1] == "human":
                of_hours[day[1], datetime.combine(day[0], time(atom.link[0]))].append(atom)
        if day in hits_of_days:
            # Hits of a class of few people are in no table of their day.
            people = [atom.unknowns["hits"] for atom in hours if (*day, atom.link[1]) in shown]
            knowledge.equal("days.hits", people, hits_of_days[day] - machines[day]["hits"])
        for link in {atom.link for atom in hours}:
            of_hour = [atom.unknowns["hits"] for atom in hours if atom.link == link]
            if knowledge.truth.timed and quantities[LATENCY]:
                timed = [atom.unknowns["hits"] for atom in quantities[LATENCY] if atom.link == link]
                knowledge.equal("latency of hours", timed, 0, of_hour)
        for traffic_class in PEOPLE:
            of_class = [atom.unknowns["hits"] for atom in hours if atom.link[1] == traffic_class]
            for quantity in ("protocols", "kinds", "bots"):
                parts = [a.unknowns["hits"] for a in quantities[quantity] if a.link[0] == traffic_class]
                if parts:
                    knowledge.equal(f"{quantity} of classes", parts, 0, of_class)
        _link_views(knowledge, quantities, of_day[(day[0] + timedelta(days=1), day[1])]["midnights"])
        files = [atom.unknowns["hits"] for atom in quantities["kinds"] if atom.link == ("human", "download")]
        parts = [atom.unknowns["hits"] for name in ("downloads", "refused") for atom in quantities[name]]
        if files:
            knowledge.equal("downloads of kinds", parts, 0, files)
        _link_errors(knowledge, day, quantities, machines[day])
        _link_missing(knowledge, quantities)
        _link_searches(knowledge, quantities)
    _link_incidents(knowledge, of_hours)
    everybody = [atom.unknowns["hits"] for atom in knowledge.atoms if atom.quantity == "hours"]
    books = [row["hits"] for row in knowledge.published.tables["inputs"]]
    if everybody and None not in books:
        knowledge.equal("inputs.hits", everybody, sum(books) - sum(one["hits"] for one in machines.values()))


def _link_errors(
    knowledge: Knowledge, day: tuple[date, str], quantities: Mapping[str, list[Atom]], machines: Mapping[str, int]
) -> None:
    """Errors are those of hours, of bots by status, and of days."""
    tables, equal = knowledge.published.tables, knowledge.equal
    for hundred in (4, 5) if quantities["errors"] else ():
        measure = f"hits_{hundred}xx"
        errors = {
            who: [a.unknowns["hits"] for a in quantities["errors"] if a.link[1] == who and _hundred(a) == hundred]
            for who in (*PEOPLE, "bot", "machines")
        }
        for who in PEOPLE:
            of_class = [atom.unknowns[measure] for atom in quantities["hours"] if atom.link[1] == who]
            equal("errors of people", errors[who], 0, of_class)
        equal("errors of machines", [*errors["bot"], *errors["machines"]], machines[measure])
    met: Counter[int] = Counter()
    for row in tables["crawler_errors"]:
        if (row["day"], row["site"]) == day:
            met[row["status"]] += row["hits"]
    for status, hits in met.items():
        equal(
            "crawler_errors", [a.unknowns["hits"] for a in quantities["errors"] if a.link[:2] == (status, "bot")], hits
        )
    failed = [row["hits_5xx"] for row in tables["days"] if (row["day"], row["site"]) == day and row.get("hits_5xx")]
    if failed:
        people = [atom.unknowns["hits_5xx"] for atom in quantities["hours"] if atom.link[1] == "human"]
        equal("availability", people, failed[0] - machines["hits_5xx of monitors"])


def _link_missing(knowledge: Knowledge, quantities: Mapping[str, list[Atom]]) -> None:
    """Who met a missing page came by a link, or without one."""
    of_page: dict[tuple[int, str], dict[str, list[Atom]]] = defaultdict(lambda: defaultdict(list))
    for quantity in ("errors", "broken_links", "unlinked"):
        for atom in quantities[quantity]:
            page = atom.link[2] if quantity == "errors" else atom.link
            if page:
                of_page[page][quantity].append(atom)
    for own in of_page.values():
        linked = own["broken_links"]
        parts = [atom.unknowns["hits"] for atom in (*linked, *own["unlinked"])]
        knowledge.equal("broken links of errors", parts, 0, [atom.unknowns["hits"] for atom in own["errors"]])
        # Those that followed no link are no part of those that did.
        visits, others = ([atom.unknowns["visits"] for atom in own[name]] for name in ("errors", "unlinked"))
        for atom in linked:
            knowledge.at_most([atom.unknowns["visits"], *others], 0, visits)
        knowledge.at_most(visits, 0, [*(atom.unknowns["visits"] for atom in linked), *others])


def _hundred(atom: Atom) -> int:
    """The hundred of the status of errors."""
    status: int = atom.link[0]
    return status // 100 if status >= 100 else status


def _link_incidents(knowledge: Knowledge, hours: Mapping[tuple[str, datetime], list[Atom]]) -> None:
    """Hits of an incident are at most those of people and monitors in its hours."""
    of_monitors: dict[tuple[str, datetime], Counter[str]] = defaultdict(Counter)
    for row in knowledge.published.tables["traffic"]:
        if row["traffic_class"] == "monitor":
            begun = datetime.combine(row["day"], time(row["hour"]))
            of_monitors[row["site"], begun].update({name: row[name] for name in ("hits", "hits_5xx")})
    for row in knowledge.published.tables["incidents"]:
        begin = row["started_local"].replace(minute=0, second=0)
        times = [begin + timedelta(hours=n) for n in range(1 + (row["ended_local"] - begin) // timedelta(hours=1))]
        for measure in ("hits", "hits_5xx"):
            atoms = [atom.unknowns[measure] for one in times for atom in hours[row["site"], one]]
            if row[measure] is not None and atoms:
                known = sum(of_monitors[row["site"], one][measure] for one in times)
                knowledge.at_most([], known - row[measure], atoms)


def _link_searches(knowledge: Knowledge, quantities: Mapping[str, list[Atom]]) -> None:
    """Searches are page views, and exits after them visits; who knows the search pages knows their other views."""
    searches, pages = quantities["searches"], quantities["pages"]
    if not searches:
        return
    searched = [atom.unknowns["searches"] for atom in searches]
    of_pages = [atom.unknowns["page_views"] for atom in pages if atom.link[1]]
    knowledge.at_most(searched, 0, [atom.unknowns["page_views"] for atom in pages])
    knowledge.at_most([a.unknowns["exits"] for a in searches], 0, [a.unknowns["visits"] for a in quantities["visits"]])
    if knowledge.knows_search_pages:
        plain = [atom.unknowns["page_views"] for atom in quantities["plain"]]
        knowledge.equal("searches", [*searched, *plain], 0, of_pages)


def _link_lengths(knowledge: Knowledge, buckets: list[Atom], whole: list[Atom]) -> None:
    """Each measure has all visits; those of one page view are the bounces."""
    if not buckets:
        return
    for measure in ("page_views", "duration_s"):
        parts = [atom.unknowns["visits"] for atom in buckets if atom.link[0] == measure]
        knowledge.equal(lengths.TABLE, parts, 0, [atom.unknowns["visits"] for atom in whole])
    bounced = [atom.unknowns["visits"] for atom in buckets if atom.link == ("page_views", True)]
    knowledge.equal(f"bounces of {lengths.TABLE}", bounced, 0, [atom.unknowns["bounces"] for atom in whole])


def _link_views(knowledge: Knowledge, quantities: Mapping[str, list[Atom]], next_midnights: list[Atom]) -> None:
    """Page views by hour and by kind are those of visits, and what comes over a midnight less what goes."""
    viewed = [atom.unknowns["page_views"] for atom in quantities["hours"] if atom.link[1] == "human"]
    coming, going, coming_next = (
        [atom.unknowns["page_views"] for atom in atoms if atom.link[0] == way]
        for way, atoms in (
            ("coming", quantities["midnights"]),
            ("going", quantities["midnights"]),
            ("coming", next_midnights),
        )
    )
    if quantities["visits"] and quantities["hours"]:
        of_visits = [atom.unknowns["page_views"] for atom in quantities["visits"]]
        knowledge.equal("page views by hour", [*viewed, *going], 0, [*of_visits, *coming])
    of_kinds = [atom.unknowns["hits"] for atom in quantities["kinds"] if atom.link == ("human", "page_view")]
    if of_kinds:
        knowledge.equal("page views by kind", of_kinds, 0, viewed)
    if going and sum(knowledge.true[one] for one in going) == sum(knowledge.true[one] for one in coming_next):
        # No visit goes on over a second midnight.
        knowledge.equal("midnights", going, 0, coming_next)


def _link_goals(knowledge: Knowledge, goals: list[Atom], whole: list[Atom]) -> None:
    """The visits that reached some goal are at least those of each goal, and at most those of all."""
    if whole:
        completions = [atom.unknowns["completions"] for atom in whole]
        for atom in goals:
            knowledge.at_most([atom.unknowns["visits"]], 0, completions)
        knowledge.at_most(completions, 0, [atom.unknowns["visits"] for atom in goals])


def _machine_hits(knowledge: Knowledge) -> dict[tuple[date, str], Counter[str]]:
    """The published hits of those who are no people, by day and site."""
    sums: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    for row in knowledge.published.tables["traffic"]:
        if row["traffic_class"] not in PEOPLE:
            for measure in ("hits", "hits_4xx", "hits_5xx"):
                sums[row["day"], row["site"]][measure] += row[measure]
            if row["traffic_class"] == "monitor":
                sums[row["day"], row["site"]]["hits_5xx of monitors"] += row["hits_5xx"]
    return sums


def _goal_of(atom: Atom) -> str:
    """The measure of the goal that cells of `goals` are about."""
    return goal_measure(atom.link)
