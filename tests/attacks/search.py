"""Searches small generated logs for counts that the solver bounds too closely: `python -m tests.attacks.search`.

Every log is drawn from a seed and has some of what makes the rules for small groups hard. It is published at once, or
with `--nights` as a week in two nights: all days but the last, then that one, with which the week is published. With
`--months` it is a month, of which the file of the 28th was kept. The attacker has both files. What is found is printed,
one line each.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Final

import duckdb

from tests.attacks.bounds import Narrow
from tests.attacks.cells import Truth
from tests.attacks.logs import BROWSER, CROWD, FORMAT, RARE, RARE_BROWSER, SITE, Log, day, publish, truth_of
from tests.attacks.solver import Result, attack

FEATURES: Final = (
    *("searches", "campaigns", "referrers", "errors", "links", "downloads", "goals", "cookies", "times", "folders"),
    *("countries", "browsers", "small days", "machines", "returning", "midnights", "assets"),
)
"""What a log may have; of each, half of the logs do."""
COUNTRIES: Final = (RARE, "90.0.7.{}", "88.0.7.{}", "5.45.207.{}", "8.8.8.{}")
AGENTS: Final = (
    RARE_BROWSER,
    RARE_BROWSER.replace("115", "128"),
    BROWSER.replace("140", "139"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Mobile/15E148 Safari/604.1",
)
MACHINES: Final = ("Mozilla/5.0 (compatible; Googlebot/2.1)", "UptimeRobot/2.0", "curl/8.5.0", "madebot/1.0")
PAGES: Final = ("/", "/programme", "/contact", "/press")
IN_FOLDERS: Final = tuple("/events/jazz /events/rock /shop/lamps/blue /shop/lamps/red /shop/chairs/oak /a/b/c".split())
PHRASES: Final = ("jazz", "opera", "cello", "oboe")
FILES: Final = ("/talk.mp3", "/files/letters.zip", "/files/plan.pdf")
MISSING: Final = ("/gone", "/old/page", "/old/other", "/shop/none")
REFERRERS: Final = ("https://www.google.com/", "https://news.example/", "https://blog.example/post", "https://x.com/")
CAMPAIGNS: Final = tuple(
    one.split() for one in ("news mail spring", "news mail summer", "ads web june", "google cpc june")
)
GOALS: Final = {"order": "/done", "contact": "/contact"}


@dataclass(frozen=True)
class Drawn:
    """A log, its days and the settings to publish it with."""

    log: Log
    days: int
    options: dict[str, Any]
    features: tuple[str, ...]
    nights: tuple[int, ...] = ()
    """The last days of the files that the attacker has besides."""


@dataclass(frozen=True)
class Finding:
    """What was found in the log of a seed, and why it may be (`docs/definitions.md`, Limits): empty if it may not."""

    seed: int
    narrow: Narrow
    limit: str

    def __str__(self) -> str:
        low, high = self.narrow.low, self.narrow.high
        return f"seed {self.seed}: {self.narrow.label}: {low:g} to {high:g}{self.limit and f', {self.limit}'}"


def draw_log(seed: int, k: int, most_days: int, *, whole_week: bool) -> Drawn:
    """The log of a seed; a whole week begins on a Monday, and so do all others."""
    drawn = Random(seed)
    features = tuple(one for one in FEATURES if drawn.random() < 0.5)
    days = 7 if whole_week else drawn.choice([one for one in (2, 3, 5, 7) if one <= most_days])
    usual = drawn.randint(12, 120 if days < 7 else 60)
    return replace(_draw_days(drawn, features, days, usual, k), nights=(days - 1,) if whole_week else ())


def draw_month(seed: int, k: int) -> Drawn:
    """The log of a month for a seed: of fewer visits and features than a week, as the solver takes longer for it."""
    drawn = Random(f"month {seed}")
    features = tuple(one for one in FEATURES if one not in ("times", "midnights") and drawn.random() < 0.4)
    return replace(_draw_days(drawn, features, 30, drawn.randint(8, 25), k), nights=(28,))


def _draw_days(drawn: Random, features: tuple[str, ...], days: int, usual: int, k: int) -> Drawn:
    log = Log()
    writer = _Writer(drawn, log, features)
    for number in range(1, days + 1):
        is_small = "small days" in features and drawn.random() < 0.4
        visits = drawn.randint(1, k - 1) if is_small else round(usual * drawn.uniform(0.6, 1.4))
        for _ in range(visits):
            writer.visit(number)
        for _ in range(drawn.randint(1, 40) if "machines" in features else 0):
            at = _midnight(number) + timedelta(seconds=drawn.randrange(86_000))
            page, status = drawn.choice(((drawn.choice(PAGES), 200), ("/gone", 404), ("/", 500)))
            log.hit(at, page, client="66.249.66.1", agent=drawn.choice(MACHINES), status=status)
    log.edges(1, days)
    options: dict[str, Any] = {"k": k, "goals": GOALS if "goals" in features else {}}
    if "times" not in features:
        options["log_format"] = FORMAT.rpartition(" ")[0]
        log.lines = [(at, line.rpartition(" ")[0]) for at, line in log.lines]
    return Drawn(log, days, options, features)


def _midnight(number: int) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), UTC)


class _Writer:
    """Writes visits; how often they do something is drawn for each log."""

    def __init__(self, drawn: Random, log: Log, features: tuple[str, ...]) -> None:
        self.drawn, self.log = drawn, log
        self.known: list[dict[str, Any]] = []
        self.pages = PAGES + (IN_FOLDERS if "folders" in features else ())
        self.weights = [1 / (place + 1) ** drawn.choice((0.5, 1, 2)) for place in range(len(self.pages))]
        self.often = {one: drawn.choice((0.03, 0.1, 0.3)) if one in features else 0.0 for one in FEATURES}
        self.bounces = drawn.choice((0.05, 0.3, 0.7))
        self.hours = drawn.choice(((10, 11), (8, 12, 12, 20), tuple(range(6, 23))))

    def does(self, feature: str) -> bool:
        return self.drawn.random() < self.often[feature]

    def visit(self, number: int) -> None:
        """One visit on a day, by somebody who may have come before."""
        drawn = self.drawn
        if self.known and self.does("returning"):
            who = drawn.choice(self.known)
        else:
            self.log.known += 1
            addresses = drawn.choice(COUNTRIES) if self.does("countries") else CROWD
            own = divmod(self.log.known, 200) if addresses is CROWD else (self.log.known % 250,)
            agent = drawn.choice(AGENTS) if self.does("browsers") else BROWSER
            who = {"client": addresses.format(own[0], own[-1] + 1), "agent": agent}
            self.known.append(who)
        cookie = {"cookie": f"c{drawn.randrange(10**9):09}"} if drawn.random() < 2 * self.often["cookies"] else {}
        at = _midnight(number) + timedelta(hours=drawn.choice(self.hours), seconds=drawn.randrange(3_600))
        if self.does("midnights"):
            at = _midnight(number) + timedelta(hours=23, minutes=58)
        for place, (path, options) in enumerate(self.requests()):
            at += timedelta(seconds=drawn.choice((1, 5, 20, 60)))
            seconds = drawn.choice((0.001, 0.02, 0.02, 0.3))
            if place == 0 and self.does("referrers"):
                options = {"referrer": drawn.choice(REFERRERS)}
            self.log.hit(at, path, **{"seconds": seconds, **who, **cookie, **options})

    def requests(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The requests of a visit: paths and options."""
        drawn = self.drawn
        source, medium, campaign = drawn.choice(CAMPAIGNS)
        letter = f"?utm_source={source}&utm_medium={medium}&utm_campaign={campaign}"
        for place in range(1 if drawn.random() < self.bounces else drawn.randint(2, 5)):
            (page,) = drawn.choices(self.pages, self.weights)
            yield page + letter * (place == 0 and self.does("campaigns")), {}
            if self.does("searches"):
                yield f"/search?q={drawn.choice(PHRASES)}", {}
            if self.does("downloads"):
                yield drawn.choice(FILES), {"status": drawn.choice((200, 200, 200, 206, 403))}
            if self.does("errors"):
                yield drawn.choice(MISSING), {"status": drawn.choice((404, 404, 410, 500))}
            if self.does("links"):
                place_of_link = drawn.choice((f"https://{SITE}/press", f"https://{SITE}/", "https://blog.example/post"))
                yield drawn.choice(MISSING), {"status": 404, "referrer": place_of_link}
            if self.does("assets"):
                yield "/style.css", {}
            if self.does("goals"):
                yield "/done", {}


def search(drawn: Drawn, k: int, seed: int) -> tuple[Result, list[Finding]]:
    """Publish the log of a seed, attack it, and return what was found."""
    with tempfile.TemporaryDirectory() as name:
        folder, earlier, first = Path(name), None, 1
        db = folder / "traffic.duckdb"
        for night in drawn.nights:
            publish(folder, drawn.log, first, night, **drawn.options)
            earlier, first = shutil.copy(db, folder / "earlier.duckdb"), night + 1
        publish(folder, drawn.log, first, drawn.days, **drawn.options)
        truth = truth_of(drawn.log, 1, drawn.days, **drawn.options)
        # The pairs of pages of a month take the solver too long.
        knows: dict[str, Any] = {"knows_profiles": False, "earlier": earlier, "knows_pairs": drawn.days <= 7}
        result = attack(db, truth, k, **knows)
        complements = _complements(db)
        found = [Finding(seed, one, _limit(one, complements, truth, k)) for one in result.answers.narrow]
        if any(_is_of_ends(one.narrow) for one in found):
            less = attack(db, truth, k, **knows, compares_bounces=False)
            still = {one.label for one in less.answers.narrow}
            found = [
                replace(one, limit=_OF_ENDS[one.narrow.label.measure])
                if _is_of_ends(one.narrow) and one.narrow.label not in still
                else one
                for one in found
            ]
    return result, found


_OF_ENDS: Final = {"exits": "complement of bounces", "bounces": "nearly all exits"}
"""Why exits and bounces may be found that are bounded only because each bounce is an exit."""


def _is_of_ends(found: Narrow) -> bool:
    """Is it about exits or bounces of a page?"""
    return found.label.what == "pages" and found.label.measure in _OF_ENDS


_OF_HITS: Final = ("kinds", "kind_times", "midnights", "downloads", "refused")
"""What is bounded where page views are nearly all hits."""


def _limit(found: Narrow, complements: Mapping[date, set[int]], truth: Truth, k: int) -> str:
    """Why something may be found, if it is known how many page views, and how many other hits there are."""
    label, near = found.label, [found.label.day + timedelta(days) for days in (-1, 0, 1)]
    if not any(one in label.what for one in _OF_HITS):
        return ""
    if label.what == "hidden of kinds by week" or {label.count, round(found.high)} & complements.get(label.day, set()):
        return "complement"
    others: Counter[date] = Counter()
    for cell in truth.cells["kinds"]:
        others[cell.day] += cell.counts["hits"] if cell.key[1] == "human" and cell.key[0] != "page_view" else 0
    are_close = any(one in others and 2 * others[one] < k for one in near)
    return "nothing but page views" if are_close else ""


def _complements(db: Path) -> dict[date, set[int]]:
    """The hits of people less page views that anybody can subtract, by day: of a row, a class or all.

    What is less than that is known to be no more.
    """
    found: dict[date, set[int]] = {}
    with duckdb.connect(str(db), read_only=True) as connection:
        for day_of_rows, count in connection.execute(
            """WITH people AS (FROM traffic WHERE traffic_class IN ('human', 'automated'))
            SELECT day, hits - page_views FROM people
            UNION ALL SELECT day, sum(hits) - sum(page_views) FROM people GROUP BY day, traffic_class
            UNION ALL SELECT p.day, sum(p.hits) - any_value(v.page_views) FROM people p JOIN visits v USING (day, site)
            WHERE traffic_class = 'human' GROUP BY p.day"""
        ).fetchall():
            found.setdefault(day_of_rows, set()).add(count)
    return found


def _search_one(asked: tuple[int, int, int, str]) -> tuple[int, str, list[Finding], dict[str, int], float]:
    begun = time.monotonic()
    seed, k, most_days, of = asked
    drawn = draw_month(seed, k) if of == "month" else draw_log(seed, k, most_days, whole_week=of == "week")
    result, found = search(drawn, k, seed)
    about = f"{drawn.days} days, {len(drawn.log.lines)} lines, {', '.join(drawn.features)}"
    return seed, about, found, dict(result.not_understood), time.monotonic() - begun


def main() -> None:
    """Search the logs of some seeds, and print what is found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0-19", help="a seed, or the first and the last (0-19)")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--days", type=int, default=7, help="the most days of a log")
    of = parser.add_mutually_exclusive_group()
    of.add_argument("--nights", dest="of", action="store_const", const="week", default="", help="a week, in two nights")
    of.add_argument(
        "--months", dest="of", action="store_const", const="month", help="a month, and the file of the 28th"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="a line for each log, too")
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    asked = [(seed, given.k, given.days, given.of) for seed in range(int(first), int(last or first) + 1)]
    kinds: Counter[tuple[str, str]] = Counter()
    with get_context("spawn").Pool(given.processes, maxtasksperchild=20) as pool:
        for seed, about, found, unexplained, seconds in pool.imap(_search_one, asked):
            if given.verbose or unexplained:
                print(f"seed {seed}: {about}; {seconds:.0f} s{f'; not explained: {unexplained}' * bool(unexplained)}")
            for one in found:
                print(one, flush=True)
            kinds.update({(one.narrow.label.what, one.narrow.label.measure) for one in found if not one.limit})
    print(f"{len(asked)} logs; logs with findings, by kind: {dict(kinds)}")


if __name__ == "__main__":
    main()
