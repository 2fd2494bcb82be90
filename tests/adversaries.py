"""Adversaries that pretend to be people in all combinations, and people who look like machines, with truth.

On each day of the log a magazine has its ordinary readers, and clients of one kind besides. Machines are scrapers with
browsers' agents: fast or slow, with no parts, some or all of them, from one address or many, with or without referrers,
opening a few pages or many; and checkers of links, with more or less of a browser's habits. People are those of
`behaviour_logs` and more whom rules have wronged elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from random import Random
from typing import Final

from tests import behaviour_logs as known
from tests.behaviour_logs import HOST, ORDINARY, PAGES, SEARCH, KnownLog, Visitor, Writer, any_time

ORDINARY_READERS: Final = "ordinary readers"
_PACES: Final = {"fast": (0.2, 1.5), "slow": (40.0, 900.0)}
_PARTS: Final = ("no parts", "a few parts", "all parts")
_FROM: Final = {"one address": 1, "many addresses": 30}
_REFERRERS: Final = ("no referrers", "referrers")


@dataclass(frozen=True)
class Kind:
    """Clients of one kind: whether they are people, and what writes their lines."""

    name: str
    is_person: bool
    write: Writer


def scraper(pace: str, parts: str, source: str, referrers: str) -> Kind:
    """A program that reads some forty pages, from one address or a few pages from each of many."""

    def write(log: KnownLog, kind: str, random: Random) -> None:
        agent = random.choice(ORDINARY)
        addresses = _FROM[source]
        for _ in range(addresses):
            visitor = Visitor(log, kind, agent, any_time(random) if addresses > 1 else 7.5 * 3600)
            pages = list(PAGES) + [f"/news/story-{number}" for number in range(25, 40)]
            for number, page in enumerate(random.sample(pages, 40 if addresses == 1 else random.randrange(1, 3))):
                visitor.seconds += random.uniform(*_PACES[pace]) if number else 0
                visitor.ask(page, visitor.referrer if referrers == "referrers" else "-")
                visitor.referrer = HOST + page
                if parts == "all parts" or (parts == "a few parts" and number % 4 == 0):
                    visitor.load(page)

    return Kind(f"scraper, {pace}, {parts}, {source}, {referrers}", False, write)


def _checker(name: str, *, seconds: float, parts: bool, same_agent: bool) -> Kind:
    """A filter that opens a link of a letter before or after its reader does."""

    def write(log: KnownLog, kind: str, random: Random) -> None:
        filters = known.CHROME if same_agent else ""
        for number in range(8):
            at, link = any_time(random), f"/offer/{number}?to={random.getrandbits(40):010x}"
            reader = Visitor(log, ORDINARY_READERS, random.choice((known.EDGE, known.PHONE)), at)
            reader.open(link)
            reader.follow(random.choice(PAGES))
            checker = Visitor(log, kind, filters or random.choice(ORDINARY), at + random.choice((-1, 1)) * seconds)
            checker.open(link, parts=parts)

    return Kind(name, False, write)


# --- people ---


def without_pictures(log: KnownLog, kind: str, random: Random) -> None:
    """A phone that saves data: style sheets and scripts alone."""
    for _ in range(6):
        visitor = Visitor(log, kind, known.ANDROID, any_time(random))
        for number, page in enumerate(random.sample(PAGES, 3)):
            visitor.ask(page, visitor.referrer)
            visitor.referrer = HOST + page
            if number == 0:
                for part in ("/static/site.css", "/static/site.js"):
                    visitor.ask(part, HOST + page)
            visitor.seconds += random.uniform(20, 90)


def without_scripts(log: KnownLog, kind: str, random: Random) -> None:
    """A browser with a blocker: pictures, but no script, font or icon."""
    for _ in range(6):
        visitor = Visitor(log, kind, known.FIREFOX, any_time(random))
        visitor.has = {"/static/site.js", "/static/text.woff2", "/favicon.ico"}
        visitor.open(random.choice(PAGES), SEARCH)
        visitor.follow(random.choice(PAGES), after=random.uniform(20, 90))


def fast_readers(log: KnownLog, kind: str, random: Random) -> None:
    """Who looks for something opens page after page, in tabs."""
    for _ in range(4):
        visitor = Visitor(log, kind, known.MAC_CHROME, any_time(random))
        visitor.open("/")
        for page in random.sample(PAGES, 20):
            visitor.follow(page, after=random.uniform(0.8, 4))


def long_readers(log: KnownLog, kind: str, random: Random) -> None:
    """Somebody who reads half of the magazine in an evening."""
    visitor = Visitor(log, kind, known.EDGE, 14 * 3600)
    visitor.open("/")
    for page in random.sample(PAGES, 26):
        visitor.follow(page, after=random.uniform(60, 600))


def one_office_with_one_agent(log: KnownLog, kind: str, random: Random) -> None:
    """Thirty desks with the same browser behind one address: one client, and all parts are in the office's proxy."""
    address = "10.253.0.1"
    for number in range(30):
        visitor = Visitor(log, kind, known.EDGE, any_time(random), address)
        visitor.open(random.choice(PAGES), SEARCH if number % 3 == 0 else "-", parts=number == 0)
        visitor.follow(random.choice(PAGES), parts=number % 5 == 0, after=random.uniform(5, 60))


def behind_a_carrier_with_a_scraper(log: KnownLog, kind: str, random: Random) -> None:
    """Phones behind the one address of a carrier, behind which somebody probes as well."""
    address = "10.253.0.2"
    for agent in (known.PHONE, known.ANDROID, known.OLD_ANDROID, known.WEB_VIEW):
        visitor = Visitor(log, kind, agent, any_time(random), address)
        visitor.open(random.choice(PAGES), SEARCH)
        visitor.follow(random.choice(PAGES), after=random.uniform(10, 60))
    prober = Visitor(log, "", known.OLD_CHROME, any_time(random), address)
    del log.kinds[address, known.OLD_CHROME]
    for path in ("/.env", "/.git/config", "/wp-config.php.bak"):
        prober.ask(path, status=404)


def letters_in_web_views(log: KnownLog, kind: str, random: Random) -> None:
    """A post in an app that many open in the app, a page each and nothing else."""
    for _ in range(25):
        Visitor(log, kind, known.WEB_VIEW, any_time(random)).open("/news/story-7")


def text_browsers_from_a_search(log: KnownLog, kind: str, random: Random) -> None:
    """One page, found by a search, without parts."""
    for _ in range(3):
        Visitor(log, kind, known.TEXT_BROWSER, any_time(random)).open(random.choice(PAGES), SEARCH, parts=False)


def reloaders(log: KnownLog, kind: str, random: Random) -> None:
    """Somebody who looks at one page all day long, with all parts asked for again."""
    visitor = Visitor(log, kind, known.CHROME, 8 * 3600)
    visitor.open("/")
    for _ in range(20):
        visitor.seconds += random.uniform(60, 1200)
        visitor.ask("/")
        visitor.ask("/static/site.css", HOST + "/", status=304)


def screen_readers(log: KnownLog, kind: str, random: Random) -> None:
    """Long and steady pauses, headings jumped over, all parts loaded."""
    for pause in (60, 120, 300):
        visitor = Visitor(log, kind, known.FIREFOX, 8 * 3600)
        visitor.open("/")
        for page in random.sample(PAGES, 8):
            visitor.follow(page, after=pause)


def with_parts_from_yesterday(log: KnownLog, kind: str, random: Random) -> None:
    """All parts are there; pages are opened by links."""
    for _ in range(6):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.open("/", parts=False)
        for page in random.sample(PAGES[1:], random.randrange(1, 4)):
            visitor.follow(page, parts=False, after=random.uniform(10, 90))


_PEOPLE: Final[tuple[Writer, ...]] = (
    *(known.one_page_people, known.text_browser, known.valid_cache, known.office, known.web_view, known.old_devices),
    *(known.carrier_phones, known.no_referrers, known.broken_site, known.developer, known.friends, known.old_desktops),
    *(without_pictures, without_scripts, fast_readers, long_readers, one_office_with_one_agent, reloaders),
    *(behind_a_carrier_with_a_scraper, letters_in_web_views, text_browsers_from_a_search, screen_readers),
    with_parts_from_yesterday,
)


def all_kinds() -> Iterator[Kind]:
    """Every kind: people first."""
    for write in _PEOPLE:
        yield Kind(write.__name__.replace("_", " "), True, write)
    for combination in product(_PACES, _PARTS, _FROM, _REFERRERS):
        yield scraper(*combination)
    yield _checker("link checker, at once, all parts, one agent", seconds=4, parts=True, same_agent=True)
    yield _checker("link checker, at once, all parts, people's agents", seconds=4, parts=True, same_agent=False)
    yield _checker("link checker, at once, no parts, people's agents", seconds=4, parts=False, same_agent=False)
    yield _checker("link checker, a minute away, all parts, people's agents", seconds=60, parts=True, same_agent=False)


def readers(log: KnownLog, random: Random, count: int = 150) -> None:
    """Ordinary people; one of six has all parts of all pages."""
    for _ in range(count):
        visitor = Visitor(log, ORDINARY_READERS, random.choice(ORDINARY), any_time(random))
        has_parts = random.random() < 1 / 6
        visitor.open(random.choice(PAGES), SEARCH if random.random() < 0.5 else "-", parts=not has_parts)
        for _ in range(random.randrange(4)):
            visitor.follow(random.choice(PAGES), parts=not has_parts, after=random.uniform(4, 90))


def write_days(seed: int, kinds: Callable[[], Iterator[Kind]] = all_kinds) -> KnownLog:
    """A log with a day for each kind; who comes besides is of the kind ORDINARY_READERS, and is a person."""
    log, random = KnownLog(), Random(seed)
    for kind in kinds():
        readers(log, random)
        kind.write(log, kind.name, random)
        log.day += timedelta(days=1)
    return log
