"""Judges each client by what it did on a day: the rules, in the order in which they are tried.

A rule finds machines, for a reason that an analyst can read, or decides that clients are people. Clients are compared
with the people of the site: see docs/definitions.md, "People and machines".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.learned import Learned
from footfall.transforms.behaviour.thresholds import DEFAULTS, Thresholds
from footfall.transforms.describing.judge_agents import FAMILIES
from footfall.transforms.exchange.row_files import read_rows
from footfall.transforms.kernels.intern_strings import KeyTable, first_rows, mix_keys
from footfall.transforms.kernels.take_rows import take_rows

PERSON: Final = ""
"""The reason of rules that find people."""
_FEW_ADDRESSES, FEW_PEOPLE = 3, 3
"""What fewer addresses do may be chance."""
_AGEING_FAMILIES: Final = [FAMILIES.index(name) for name in ("Chrome", "Firefox", "Explorer")]
"""A tablet's Safari is as old as its tablet."""


class Clients:
    """The clients of a day that are judged: columns of `ClientDays.rows`, and what the rules ask about them."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, columns: Columns, pages: Columns, links: Columns, learned: Learned, limits: Thresholds) -> None:
        vars(self).update(columns)
        self.limits = limits
        day, site = columns["day"].astype(np.int64), columns["site"]
        habits = learned.find("site_habits", day, site)
        self.has_agents: Flags = learned.has_agents(day)
        self.site_has_referrers: Flags = (habits["referred"] * 10 >= 3 * habits["documents"]) & (
            habits["documents"] > 0
        )
        self.people, self.loading_people = _count_people(habits, self.site_has_referrers)
        self.site_people, self.site_readers = habits["people"], habits["readers"]
        self.site_has_parts: Flags = (
            (habits["parts"] * 100 >= limits.parts_percent * habits["answered"])
            & (habits["parts"] > 0)
            & ((habits["people"] < FEW_PEOPLE) | (self.loading_people * 2 >= self.people))
            & (self.people > 0)
            & (
                _choose("loading_readers", habits, self.site_has_referrers) * 100
                >= limits.reading_percent * habits["readers"]
            )
        )
        self.site_walks: Flags = habits["walking_loaders"] * 100 >= limits.walking_percent * habits["loaders"]
        self.site_hurries: Flags = habits["hurried"] * 100 >= limits.hurrying_percent * habits["readers"]
        self.has_way: Flags = (self.steps > 0) | (self.known_documents > 0)
        self.same_agent = _with_same_agent(learned.find("agent_habits", day, site, columns["agent"]), self)
        typical, of_people = _compare_releases(day, site, self.released, learned)
        behind = np.where(self.released > 0, typical - self.released, 0)
        self.is_old: Flags = np.isin(self.family, _AGEING_FAMILIES) & (behind >= limits.old_days)
        self.is_stale: Flags = (
            self.is_updated
            & (behind >= limits.stale_days)
            & (of_people["people"] >= FEW_PEOPLE)
            & (of_people["as_old"] * 100 <= limits.stale_percent * of_people["people"])
        )
        # A false referrer is recognised only where the log has the pages that people come from.
        is_walked = habits["walking_addresses"] >= _FEW_ADDRESSES
        self.false_documents = np.where(is_walked, columns["false_documents"], 0)
        self.same_agent["false_documents"] = np.where(is_walked, self.same_agent["false_documents"], 0)
        self.needy, self.bare_pages = _count_needy(day, site, pages, learned, habits, self.site_has_referrers, limits)
        self.is_paired: Flags = _is_paired(day, site, links, learned, limits)
        self.is_pair_of_pages: Flags = (self.pages == 2) & (self.steps > 0)
        self.loads: Flags = _choose("loading", columns, self.site_has_referrers)
        self.is_page_alone: Flags = (
            (self.pages <= 2)
            & (self.posts == 0)
            & ~self.has_way
            & (self.external_documents == 0)
            & (self.needy > 0)
            & (self.not_modified == 0)
            & (self.false_documents == 0)
        )
        self.is_address_of_machines: Flags = self.bad_address & ~self.walks & ~self.address_loads


def _compare_releases(day: Ints, site: Digests, released: Ints, learned: Learned) -> tuple[Ints, Columns]:
    """Return `typical` and `people_as_old` of Releases: many clients have the same browser."""
    code = KeyTable().intern(mix_keys(site, day, released))
    row = first_rows(code)
    day, site, released = day[row], site[row], released[row]
    of_people = learned.releases.people_as_old(day, site, released)
    return learned.releases.typical(day, site)[code], {name: people[code] for name, people in of_people.items()}


def _is_paired(day: Ints, site: Digests, links: Columns, learned: Learned, limits: Thresholds) -> Flags:
    """Return which clients opened a link at the time of another client that reads on, as link checkers do."""
    row = links["row"]
    of_link = learned.find("openings", take_rows(day, row), take_rows(site, row), links["link"])
    is_checked = (of_link["clients"] > 0) & (of_link["last_ms"] - of_link["first_ms"] <= limits.link_ms)
    paired: Flags = np.bincount(row, weights=is_checked, minlength=len(day)) > 0
    return paired


def _with_same_agent(habits: Columns, clients: Clients) -> Columns:
    """Return the rows of `agent_habits` of clients; a client without a row is the only one with its agent."""
    alone: Columns = {
        "clients": np.ones(len(clients.client), dtype=np.int64),
        "loaders": clients.parts > 0,
        "walkers": clients.has_way,
        **{name: getattr(clients, name) for name in ("documents", "false_documents", "home_documents")},
    }
    return {name: np.where(habits["clients"] > 0, habits[name], own) for name, own in alone.items()}


def _count_people(habits: Columns, has_referrers: Flags) -> tuple[Ints, Ints]:
    """Return how many people a site has, and how many of them load parts.

    People are those that walk or arrive; where these are few, all that read.
    """
    people, loading = habits["people"], _choose("loading_people", habits, has_referrers)
    readers, loading_readers = habits["readers"], _choose("loading_readers", habits, has_referrers)
    are_many = people >= FEW_PEOPLE
    return np.where(are_many, people, readers), np.where(are_many, loading, loading_readers)


def _choose(name: str, columns: Columns, has_referrers: Flags) -> NDArray[Any]:
    """Return a column by the rule for logs with referrers, or by that for logs without."""
    return np.where(has_referrers, columns[name], columns[f"{name}_bare"])


def _count_needy(
    day: Ints,
    site: Digests,
    pages: Columns,
    learned: Learned,
    habits: Columns,
    site_has_referrers: Flags,
    limits: Thresholds,
) -> tuple[Ints, Ints]:
    """Return how many pages of each client need parts, and how many bring parts to most clients that open them.

    A page needs parts if enough of those who load parts load some with it. Where nobody who loads parts viewed it,
    the site's pages together decide. It needs none if most people that view it load no parts at all.
    """
    row = pages["row"]
    needs = learned.find("page_needs", take_rows(day, row), take_rows(site, row), pages["page"])
    of_site = (habits["loaded_views"] * 2 >= habits["views"]) & (habits["views"] > 0)
    is_needy = np.where(
        needs["viewers"] > 0, needs["loaders"] * 100 >= limits.needing_percent * needs["viewers"], of_site[row]
    )
    loading = _choose("loading_people", needs, site_has_referrers[row])
    is_needy &= ~((needs["people"] >= FEW_PEOPLE) & (loading * 2 < needs["people"]))
    brings = (needs["loaders"] * 2 >= needs["viewers"]) & (needs["viewers"] > 0)
    needy, bringing = (np.bincount(row, weights=holds, minlength=len(day)) for holds in (is_needy, brings))
    return needy.astype(np.int64), bringing.astype(np.int64)


class Rule(NamedTuple):
    """A rule: the reason why clients are machines, or PERSON, and for which clients it holds."""

    reason: str
    holds: Callable[[Clients], Flags]


def _probes(c: Clients) -> Flags:
    """Return who looked for vulnerabilities, and is no reader of the site who followed a broken link."""
    found: Flags = ~(c.loads & c.walks) & ((c.holes > 0) | (c.probed_pages >= 3) | ((c.probes > 0) & ~c.loads))
    return found


def _is_of_fleet(c: Clients) -> Flags:
    """Return whose exact agent comes from many addresses that hardly ever load parts."""
    found: Flags = (c.same_agent["clients"] >= c.limits.fleet_clients) & (
        c.same_agent["loaders"] * 100 < c.limits.fleet_percent * c.same_agent["clients"]
    )
    return found & (c.known_documents == 0)


def _reads(c: Clients) -> Flags:
    """Return who follows links: with a browser that shows texts alone, or for few pages that ought to bring parts."""
    found: Flags = c.walks & (c.shows_texts | (c.bare_pages < c.limits.cached_pages))
    return found


def _has_cached_parts(c: Clients) -> Flags:
    """Return who loads style sheets alone, with an agent that mostly loads parts."""
    found: Flags = (c.own_styles > 0) & (c.same_agent["loaders"] * 2 >= c.same_agent["clients"])
    return found


def _misses_parts(c: Clients) -> Flags:
    """Return who opens more pages without parts than a cache explains, by how many of the site's people load."""
    is_short = ((c.needy == 1) | c.is_pair_of_pages) & (c.documents < c.limits.cached_pages)
    # Agents of phones name the model, so that many phones have an agent of their own.
    is_usual = (c.same_agent["loaders"] * 2 >= c.same_agent["clients"]) | c.is_mobile
    percent = np.where(is_short & is_usual, c.limits.loading_once_percent, c.limits.loading_percent)
    found: Flags = c.loading_people * 100 >= percent * c.people
    return found


def _spams(c: Clients) -> Flags:
    """Return who sends forms, with two signs that nobody filled them in."""
    is_false = c.false_documents > 0
    is_fast = (c.fast_posts > 0) & (c.linked_documents == 0)
    signs = (
        is_false.astype(np.int64) + is_fast + (c.form_pages >= 2) + (c.same_agent["clients"] >= c.limits.fleet_clients)
    )
    found: Flags = (c.form_posts > 0) & (is_false | is_fast) & (signs >= 2)
    return found


def _is_campaign(c: Clients) -> Flags:
    """Return whose agent comes from several addresses, with referrers that these never opened: mostly the home page."""
    agent = c.same_agent
    found: Flags = (
        (agent["clients"] >= c.limits.agent_clients)
        & (c.known_documents == 0)
        & (agent["documents"] > 0)
        & (agent["false_documents"] * 3 >= agent["documents"])
        & (agent["home_documents"] * 2 >= agent["documents"])
    )
    return found


def _is_of_slow_fleet(c: Clients) -> Flags:
    """Return whose exact agent comes from many addresses, to one or two pages each, where others have referrers."""
    is_alone = (c.pages <= 2) & (c.documents > 0) & (c.direct_documents == c.documents) & (c.posts == 0)
    is_crowd = (c.same_agent["clients"] >= c.limits.fleet_clients) & (c.same_agent["walkers"] == 0)
    others = c.site_readers - c.same_agent["clients"]
    others_come = (c.site_people >= FEW_PEOPLE) & (c.site_people * 2 >= others)
    found: Flags = is_alone & is_crowd & others_come & ~c.is_mobile & ~c.is_web_view
    return found


def _has_false_referrers(c: Clients) -> Flags:
    """Return who only names referrers that its address never opened."""
    is_from_home = (c.home_documents == c.documents) & (c.documents >= 2)
    found: Flags = (c.documents > 0) & (c.false_documents == c.documents) & ((c.forms > 0) | is_from_home)
    return found


def _crawls(c: Clients) -> Flags:
    """Return who opens page after page without coming from any."""
    found: Flags = (
        (c.paths >= c.limits.crawled_pages) & (c.direct_documents == c.documents) & (c.posts == 0) & ~c.is_mobile
    )
    return found


def _opens_all_from_nowhere(c: Clients) -> Flags:
    """Return whose browser sends referrers for parts, but for none of very many pages."""
    is_from_nowhere = (c.direct_documents == c.documents) & (c.posts == 0)
    found: Flags = (c.paths >= 2 * c.limits.crawled_pages) & is_from_nowhere & (c.own_parts > 0)
    return found


def _where(condition: Callable[[Clients], Flags], *rules: Rule) -> tuple[Rule, ...]:
    """Return the rules, limited to where a condition holds."""

    def narrowed(rule: Rule) -> Rule:
        return Rule(rule.reason, lambda c: condition(c) & rule.holds(c))

    return tuple(narrowed(rule) for rule in rules)


def _everybody(c: Clients) -> Flags:
    return np.ones(len(c.client), dtype=np.bool_)


RULES: Final = (
    # Machines, whatever else they do.
    Rule("impossible_agent", lambda c: c.impossible),
    Rule("robots_txt", lambda c: c.robots > 0),
    Rule("prefetch_proxy", lambda c: c.advice > 0),
    Rule("probes", _probes),
    Rule("head_only", lambda c: (c.heads * 2 >= c.hits) & (c.parts == 0)),
    Rule("form_spam", lambda c: (c.form_posts >= c.limits.form_posts) & (c.form_posts * 10 >= c.hits * 9)),
    # Without agents in the log, there is too little evidence.
    Rule(PERSON, lambda c: ~c.has_agents),
    # A client that loads the parts of a page is a person, except one with a single page and a second sign.
    *_where(
        lambda c: c.site_has_parts & c.loads,
        Rule("bad_address", lambda c: c.is_page_alone & c.bad_address),
        Rule("link_checker", lambda c: c.is_page_alone & c.is_paired),
        *_where(
            lambda c: c.is_page_alone & c.site_walks,
            Rule(
                "many_addresses",
                # A post that many people open in the same app leads each of them to one page and no other.
                lambda c: (
                    (c.same_agent["clients"] >= c.limits.agent_clients)
                    & (c.same_agent["walkers"] == 0)
                    & ~c.is_web_view
                ),
            ),
        ),
        Rule("outdated_agent", lambda c: c.is_page_alone & c.is_stale),
        Rule("crawl", lambda c: c.site_walks & _opens_all_from_nowhere(c)),
        Rule("crawl", lambda c: c.hurries & ~c.site_hurries),
        Rule(PERSON, _everybody),
    ),
    # Where people load parts, a client that loads none is a machine, unless something else indicates a person.
    *_where(
        lambda c: c.site_has_parts,
        Rule("many_addresses", _is_of_fleet),
        Rule("bad_address", lambda c: c.is_address_of_machines),
        Rule(PERSON, lambda c: c.needy == 0),
        Rule("outdated_agent", lambda c: c.is_old),
        Rule(PERSON, lambda c: (c.cookies > 0) | (c.known_documents > 0) | _reads(c) | _has_cached_parts(c)),
        Rule("link_checker", lambda c: c.is_page_alone & c.is_paired),
        Rule("no_parts", _misses_parts),
    ),
    # The log leaves parts out, the site has none, or many people have them all; but referrers show paths.
    *_where(
        lambda c: c.site_has_referrers,
        Rule("form_spam", _spams),
        Rule("many_addresses", _is_campaign),
        Rule("false_referrer", _has_false_referrers),
        Rule("crawl", _crawls),
        Rule("many_addresses", _is_of_slow_fleet),
    ),
    Rule("bad_address", lambda c: c.is_address_of_machines),
)
"""The first that holds decides; if none does, the client is a person."""

FLOOD: Final = "flood"
"""The reason of clients that have too many hits to be judged: see `floods`."""
REASONS: Final = (PERSON, *dict.fromkeys(rule.reason for rule in RULES if rule.reason != PERSON), FLOOD)
"""The index is the code in columns; the first is that of people."""


def judge(clients: Clients, count: int, rules: Sequence[Rule] = RULES) -> Bytes:
    """Return the reason why each of `count` clients is a machine, an index of REASONS: 0 for people."""
    reasons = np.zeros(count, dtype=np.uint8)
    is_open = np.ones(count, dtype=np.bool_)
    for rule in rules:
        found = is_open & rule.holds(clients)
        reasons[found] = REASONS.index(rule.reason)
        is_open &= ~found
    return reasons


Judged = tuple[Digests, Ints, Bytes]
"""Machines: client, day and reason."""
NO_MACHINES: Final[Judged] = (np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
"""Without machines."""
Observed = tuple[Columns, Columns, Columns]
"""The rows of `ClientDays.rows`, `pages` and `links` of a part of a bucket."""


def read_observed(files: Sequence[str]) -> Observed:
    """Read the three files of a part of a bucket."""
    rows, pages, links = (
        {name: table[name].combine_chunks().to_numpy(zero_copy_only=False) for name in table.column_names}
        for table in map(read_rows, files)
    )
    return rows, pages, links


def judge_clients(observed: Observed, learned: Learned, limits: Thresholds = DEFAULTS) -> Columns:
    """Return the machines of a part of a bucket: client, address, day and reason, the columns of VERDICT rows."""
    rows, pages, links = observed
    reasons = judge(Clients(rows, pages, links, learned, limits), len(rows["client"]))
    machines = np.flatnonzero(reasons)
    return {**{name: rows[name][machines] for name in ("client", "address", "day")}, "reason": reasons[machines]}


def judged(verdicts: Columns) -> Judged:
    """Return the machines of VERDICT rows."""
    return verdicts["client"], verdicts["day"].astype(np.int64), verdicts["reason"]
