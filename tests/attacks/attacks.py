"""The attacks on `footfall nightly`: each publishes a small log and returns what it learned about few people.

An attack that returns nothing has failed, as it should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Final

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.sample.site import GOALS
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from tests.attacks.cells import PEOPLE, read_truth
from tests.attacks.differences import small_differences
from tests.attacks.logs import BOT, BROWSER, RARE, RARE_BROWSER, SITE, K, Log, day, publish, truth_of
from tests.attacks.solver import attack
from tests.reference.clients import read_address
from tests.reference.describe import place_of
from tests.running import Rows, publish_logs, read_published, reference_settings

Evidence = list[str]
Attack = Callable[[Path], Evidence]

ATTACKS: Final[dict[str, Attack]] = {}
DB: Final = "traffic.duckdb"


def attacks(run: Attack) -> Attack:
    """Add an attack to the list, by its name."""
    ATTACKS[run.__name__] = run
    return run


def read(folder: Path) -> dict[str, Rows]:
    """The published tables."""
    return read_published(folder / DB)


def naming(published: Mapping[str, Rows], *texts: str) -> Evidence:
    """The rows, outside the run's books, in which one of some texts stands."""
    return [
        f"{name} names {text}"
        for name, rows in published.items()
        for row in rows
        for text in texts
        if any(isinstance(value, str) and text in value for column, value in row.items() if column != "input")
    ]


def rows_of(published: Mapping[str, Rows], number: int) -> set[tuple[Any, ...]]:
    """All rows of a day of June."""
    return {
        (name, *sorted((column, str(value)) for column, value in row.items()))
        for name, rows in published.items()
        for row in rows
        if row.get("day") == day(number) and row.get("grain", "day") == "day"
    }


def small_counts(rows: Rows, measures: tuple[str, ...]) -> Evidence:
    """Counts of rows from 1 to k - 1."""
    return [f"{measure} {row[measure]}" for row in rows for measure in measures if 0 < (row.get(measure) or 0) < K]


# --- two versions ---


def rare_visitor(log: Log, number: int = 2, last: int = 7) -> None:
    """A visitor with a browser, a country and pages of his own."""
    log.visit(number, ("/jobs/7", "/contact"), minute=1_000, client=RARE.format(last), agent=RARE_BROWSER)


@attacks
def a_late_visit_to_a_complete_day(folder: Path) -> Evidence:
    """The day is published, one visit's lines come later, and the day is published again."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    publish(folder, log, 2, 2)
    before = rows_of(read(folder), 2)
    rare_visitor(log)
    publish_or_refuse(folder, log, 2, 2, name="later.log")
    return [f"changed: {row[0]}" for row in before ^ rows_of(read(folder), 2)]


@attacks
def a_few_more_visits_to_an_incomplete_day(folder: Path) -> Evidence:
    """A day is published twice while it goes on; fewer than k visitors came in between."""
    log = Log()
    log.crowd(2, 60)
    publish(folder, log, 2, 2)
    before = rows_of(read(folder), 2)
    for number in range(3):
        rare_visitor(log, last=7 + number)
    publish_or_refuse(folder, log, 2, 2)
    return [f"changed: {row[0]}" for row in before ^ rows_of(read(folder), 2)]


def publish_or_refuse(folder: Path, log: Log, first: int, last: int, **options: Any) -> bool:
    """Publish, and return whether that was done."""
    try:
        publish(folder, log, first, last, **options)
    except (RunError, UsageError):
        return False
    return True


@attacks
def the_same_log_with_another_k(folder: Path) -> Evidence:
    """The file was published with k = 10; a second run has k = 2."""
    return _second_run(folder, k=2)


@attacks
def the_same_log_in_another_zone(folder: Path) -> Evidence:
    """The file was published in UTC; a second run has days that begin an hour and a half earlier."""
    return _second_run(folder, timezone="Europe/Berlin") or _second_run(folder, timezone="Asia/Kolkata", replace=True)


def _second_run(folder: Path, **options: Any) -> Evidence:
    log = Log()
    log.edges(2, 3)
    for number in (2, 3):
        log.crowd(number, 60)
    rare_visitor(log)
    if not (folder / DB).exists():
        publish(folder, log, 2, 3)
    before = rows_of(read(folder), 2)
    if not publish_or_refuse(folder, log, 2, 3, **options):
        return []
    return ["the run was not refused", *(f"changed: {row[0]}" for row in before ^ rows_of(read(folder), 2))]


# --- sizes and times ---

SIZES: Final = {"/": 5_003, "/programme": 12_347, "/jobs/7": 7_919, "/contact": 9_241, "/press": 15_671}
"""What everybody can find out about a small site."""


@attacks
def bytes_against_known_sizes_of_pages(folder: Path) -> Evidence:
    """Fourteen visits in a day; the bytes of an hour, or of the day, have one explanation by pages and their sizes."""
    log = Log()
    log.edges(2, 2)
    for number in range(14):
        path = "/" if number < 9 else list(SIZES)[number % 5]
        log.visit(2, (path,), minute=540 + 20 * number, client=RARE.format(number + 1), size=SIZES[path])
    publish(folder, log, 2, 2)
    published = read(folder)
    found = []
    for name in ("traffic", "protocols"):
        for row in published[name]:
            if row["traffic_class"] == "human" and row["bytes_sent"] is not None:
                explained = _explain(row["hits"], row["bytes_sent"])
                if len(explained) == 1 and any(0 < explained[0].count(path) < K for path in SIZES):
                    found.append(f"{name}: the pages of {row['hits']} hits")
    return found


def _explain(hits: int, size: int) -> list[tuple[str, ...]]:
    """The pages that this many hits can have asked for; zeros at the end of a size show how it is rounded."""
    unit = 10 ** (len(str(size)) - len(str(size).rstrip("0"))) if size else sum(SIZES.values())
    sums = {pages: sum(map(SIZES.__getitem__, pages)) for pages in combinations_with_replacement(SIZES, hits)}
    return [pages for pages, one in sums.items() if abs(one - size) <= unit / 2]


@attacks
def bytes_of_a_crowded_hour(folder: Path) -> Evidence:
    """Twelve visitors within an hour, so that its bytes are published; two of them saw a rare page."""
    log = Log()
    log.edges(2, 2)
    for number in range(12):
        path = "/jobs/7" if number < 2 else "/"
        log.visit(2, (path,), minute=600 + number, client=RARE.format(number + 1), size=SIZES[path])
    publish(folder, log, 2, 2)
    found = []
    for name in ("traffic", "protocols"):
        for row in read(folder)[name]:
            if row["traffic_class"] == "human" and row["bytes_sent"] is not None:
                explained = _explain(row["hits"], row["bytes_sent"])
                if len({pages.count("/jobs/7") for pages in explained}) == 1:
                    found.append(f"{name}: {explained[0].count('/jobs/7')} views of a rare page")
    return found


@attacks
def bytes_of_a_large_download(folder: Path) -> Evidence:
    """An hour of many small pages, in which one visitor fetched a film of known size."""
    film = 700_000_000
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60, minute=615)
    log.visit(2, ("/film.mp4",), minute=620, client=RARE.format(7), size=film)
    publish(folder, log, 2, 2)
    return [
        f"{name}: {row['bytes_sent']} bytes"
        for name in ("traffic", "protocols")
        for row in read(folder)[name]
        if row["traffic_class"] == "human" and film / 2 < (row["bytes_sent"] or 0) < 2 * film
    ]


@attacks
def times_of_a_slow_page(folder: Path) -> Evidence:
    """One page takes three seconds; who asks for it stands in a bucket of his own."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/search?q=x",), minute=630, client=RARE.format(7), seconds=3.1)
    publish(folder, log, 2, 2)
    rows = [row for row in read(folder)["latency"] if row["traffic_class"] in PEOPLE]
    return small_counts(rows, ("hits",))


@attacks
def the_second_of_the_first_hit(folder: Path) -> Evidence:
    """All hits before noon are of one minute."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, minute=800)
    log.crowd(2, 20, minute=437)
    publish(folder, log, 2, 2)
    times = [row[column] for row in read(folder)["days"] for column in ("first_hit", "last_hit")]
    return [f"{one:%H:%M:%S}" for one in times if one is not None and (one.minute or one.second)]


@attacks
def the_hour_of_the_only_visitor(folder: Path) -> Evidence:
    """On a day on which others come at noon, and on one of few, somebody comes before a machine does."""
    log = Log()
    log.edges(2, 3)
    log.crowd(2, 30, minute=800)
    for number in (2, 3):
        log.visit(number, minute=437, client=RARE.format(7))
        log.hit(datetime.combine(day(number), time(12), UTC), client="66.249.66.1", agent=BOT)
    publish(folder, log, 2, 3)
    tables = read(folder)
    hours = {(row["day"], row["hour"]) for row in tables["traffic"]}
    times = [row[column] for row in tables["days"] for column in ("first_hit", "last_hit")]
    return [f"{one:%H}" for one in times if one is not None and (one.date(), one.hour) not in hours]


@attacks
def an_hour_of_few(folder: Path) -> Evidence:
    """A night's only visitor stands in an hour of his own, with what he was answered."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/gone"), minute=200, client=RARE.format(7), status=404)
    publish(folder, log, 2, 2)
    rows = [row for row in read(folder)["traffic"] if row["traffic_class"] in PEOPLE]
    measures = ("hits", "page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")
    return small_counts(rows, measures)


# --- names that one client chose ---


@attacks
def a_site_of_one(folder: Path) -> Evidence:
    """One client invents a host."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/programme"), client=RARE.format(7), site="merger-with-acme.example.net")
    publish(folder, log, 2, 2)
    published = read(folder)
    others = [row for row in published["visits"] if row["site"] != SITE]
    return naming(published, "merger-with-acme") + small_counts(others, ("visits",))


@attacks
def a_bot_of_one(folder: Path) -> Evidence:
    """One client calls itself a bot that nobody knows."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, client=RARE.format(7), agent="ReadingOfTheMillersBot/1.0 (+https://millers.example)")
    publish(folder, log, 2, 2)
    return naming(read(folder), "Millers")


@attacks
def a_program_of_one(folder: Path) -> Evidence:
    """One person's program is automated, and stands alone in its class."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/a"), client=RARE.format(7), agent="python-requests/2.31")
    publish(folder, log, 2, 2)
    published = read(folder)
    return [
        f"{name}: {row['hits']} hits"
        for name in ("traffic", "bots", "protocols", "latency")
        for row in published[name]
        if row["traffic_class"] == "automated"
    ]


@attacks
def a_campaign_of_one(folder: Path) -> Evidence:
    """A letter to one person has a campaign of its own beside a large one of the same source, and one of another."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 11, ("/?utm_source=poster&utm_medium=print&utm_campaign=spring",))
    log.crowd(2, 20, ("/?utm_source=news&utm_medium=mail&utm_campaign=spring",))
    log.visit(2, ("/?utm_source=news&utm_medium=mail&utm_campaign=to-miller",), client=RARE.format(7))
    publish(folder, log, 2, 2)
    published = read(folder)
    named = sum(row["visits"] or 0 for row in published["campaigns"] if row["source"] == "news")
    of_source = sum(row["visits"] or 0 for row in published["referrers"] if row["source"] == "news")
    hidden = [f"{of_source - named} visits hidden below the source"] if named and 0 < of_source - named < K else []
    return naming(published, "miller") + hidden


@attacks
def an_error_of_one(folder: Path) -> Evidence:
    """One person asks for a page that is not there."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/letters/to-miller"), client=RARE.format(7))
    log.visit(2, ("/letters/to-miller",), minute=610, client=RARE.format(7), status=404)
    publish(folder, log, 2, 2)
    published = read(folder)
    return naming(published, "miller") + small_counts(published["errors"], ("hits", "visits"))


@attacks
def a_search_of_one(folder: Path) -> Evidence:
    """One person searches the site, and nobody else does."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/search?q=letters+to+miller"), client=RARE.format(7))
    publish(folder, log, 2, 2)
    published = read(folder)
    return naming(published, "miller") + small_counts(published["searches"], ("searches", "visits"))


@attacks
def an_error_of_a_program(folder: Path) -> Evidence:
    """One person's program asks for a page that it may not see."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.hit(datetime.combine(day(2), datetime.min.time(), UTC), client=RARE.format(7), agent="curl/8.0", status=403)
    publish(folder, log, 2, 2)
    return [f"{row['hits']} hits of status {row['status']}" for row in read(folder)["errors"]]


@attacks
def an_incident_of_one(folder: Path) -> Evidence:
    """One person's eight failing requests of a minute are an incident with his time of day."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    begin = datetime.combine(day(2), datetime.min.time(), UTC) + timedelta(hours=3, minutes=17)
    log.hit(begin, client=RARE.format(7))
    for second in range(8):
        log.hit(begin + timedelta(seconds=second), "/order", client=RARE.format(7), status=502)
    publish(folder, log, 2, 2)
    return [f"{row['kind']} at {row['started']:%H:%M}" for row in read(folder)["incidents"] if row["kind"] == "errors"]


@attacks
def one_person_with_many_cookies(folder: Path) -> Evidence:
    """Twelve cookies of one client: twelve visits of one person."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    for number in range(12):
        path = "/search?q=divorce+lawyer"
        options = {"client": RARE.format(7), "agent": RARE_BROWSER, "cookie": f"c0ffee{number:04}", "status": 200}
        log.visit(2, (path,), minute=600 + 5 * number, referrer="https://forum.example.net/", **options)
    publish(folder, log, 2, 2)
    address = read_address(RARE.format(7))
    assert address is not None
    _, country, region = place_of(address)
    published = read(folder)
    found = naming(published, "divorce", "forum.example.net", "Firefox", region)
    found += [f"locations names {country}" for row in published["locations"] if row["country"] == country]
    return found + [f"pages names {row['page']}" for row in published["pages"] if row["page"] == "/search"]


@attacks
def a_protocol_of_one(folder: Path) -> Evidence:
    """One person's browser speaks a newer protocol than all others."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/programme"), client=RARE.format(7), protocol="HTTP/3.0")
    publish(folder, log, 2, 2)
    published = read(folder)
    return naming(published, "HTTP/3") + small_counts(published["protocols"][:-1], ("hits",))


@attacks
def who_came_to_a_missing_page_by_no_link(folder: Path) -> Evidence:
    """Fourteen follow a link to a missing page, and one types it: `errors` counts all of these hits."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 14, ("/gone",), status=404, referrer="https://www.example.com/links")
    log.visit(2, ("/gone",), client=RARE.format(7), status=404)
    publish(folder, log, 2, 2)
    published = read(folder)
    all_of, linked = (
        sum(row["hits"] for row in published[name] if row["page"] == "/gone") for name in ("errors", "broken_links")
    )
    return ["one hit without a link"] if all_of - linked == 1 else []


@attacks
def a_folder_that_a_bot_made_up(folder: Path) -> Evidence:
    """Whoever calls itself a bot asks in a folder that bears a name, and so does one person."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.visit(2, ("/anna-karenina/letters",), client="66.249.66.1", agent=BOT)
    log.visit(2, ("/anna-karenina/letters",), client=RARE.format(7))
    publish(folder, log, 2, 2)
    return naming(read(folder), "anna")


@attacks
def a_page_at_which_a_bot_met_an_error(folder: Path) -> Evidence:
    """A bot follows an invitation that is over, as did the one who was invited; others met the end of theirs too."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    for number in range(K + 3):
        log.visit(2, ("/invitations/jazz",), client=RARE.format(number), status=404)
    log.visit(2, ("/invitations/anna-karenina",), client="66.249.66.1", agent=BOT, status=404)
    log.visit(2, ("/invitations/anna-karenina",), client=RARE.format(7), status=404)
    publish(folder, log, 2, 2)
    return naming(read(folder), "anna")


@attacks
def a_download_of_one(folder: Path) -> Evidence:
    """One person fetches the only file that the site has."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.visit(2, ("/", "/recording.mp3"), client=RARE.format(7))
    publish(folder, log, 2, 2)
    published = read(folder)
    return naming(published, "download", "recording") + small_counts(published["kinds"][:-1], ("hits",))


# --- small days and sites ---


@attacks
def a_day_of_few(folder: Path) -> Evidence:
    """Four visitors on a Sunday, beside machines and between days of many."""
    log = Log()
    log.edges(6, 8)
    for number in (6, 8):
        log.crowd(number, 40)
    log.crowd(7, 4)
    for minute in range(0, 1_440, 60):
        log.visit(7, client="66.249.66.1", agent="Mozilla/5.0 (compatible; bingbot/2.0)", minute=minute)
    publish(folder, log, 6, 8)
    published = read(folder)
    of_day = [row for row in published["visits"] if row["day"] == day(7)]
    found = small_counts(of_day, ("visits", "page_views", "bounces", "visitors", "fallback_visits", "duration_s"))
    people = [r for n in ("traffic", "protocols", "latency") for r in published[n] if r["traffic_class"] in PEOPLE]
    found += [f"{row['hits']} hits" for row in people if row["day"] == day(7)]
    machines = sum(
        row["hits"] for row in published["traffic"] if row["day"] == day(7) and row["traffic_class"] not in PEOPLE
    )
    hits = sum(row["hits"] for row in published["days"] if row["day"] == day(7))
    return found + ([f"{hits - machines} hits beside the machines'"] if hits != machines else [])


@attacks
def a_site_of_few(folder: Path) -> Evidence:
    """A second site of the same log has four visitors, and is named in the settings."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 4)
    publish(folder, log, 2, 2)
    published = read(folder)
    tables = ("visits", "pages", "locations", "technology", "referrers")
    return [
        f"{name}: {row['visits']} visits" for name in tables for row in published[name] if 0 < (row["visits"] or 0) < K
    ]


# --- with the solver ---


ITALY: Final = "151.20.7.{}"
FRANCE: Final = "90.0.7.{}"
SPAIN: Final = "88.0.7.{}"


def several(log: Log, number: int, addresses: str, visitors: int) -> None:
    """Visitors of one place on a day, always others."""
    for place in range(visitors):
        log.visit(number, ("/", "/programme"), minute=700 + place, client=addresses.format(20 * number + place))


@attacks
def days_of_a_week_told_apart(folder: Path) -> Evidence:
    """A rare country on two days of a week, and nothing else rare on these days."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        rare = {3: 6, 5: 7}.get(number, 0)
        for place in range(rare):
            log.visit(number, ("/", "/programme"), minute=700 + place, client=RARE.format(number * 10 + place))
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def a_week_that_leaves_a_country(folder: Path) -> Evidence:
    """Two countries that are rare on all days; one is published by week, which leaves few of the other."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, rare in ((2, (ITALY, 6)), (3, (ITALY, 7)), (5, (FRANCE, 4))):
        several(log, number, *rare)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def a_week_of_one_day(folder: Path) -> Evidence:
    """A country that would have a row on its only day, if there were not few people of another one."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, *rare in ((3, ITALY, 12), (3, FRANCE, 5), (5, ITALY, 0), (5, FRANCE, 6)):
        several(log, number, *rare)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def a_folded_week_of_one_day(folder: Path) -> Evidence:
    """The same, where the week's rest has many others, and a row has the country without its regions."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, *rare in ((3, ITALY, 12), (3, FRANCE, 5), (5, FRANCE, 6), (5, SPAIN, 7)):
        several(log, number, *rare)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def a_rest_of_one_day(folder: Path) -> Evidence:
    """A country that is withdrawn on its only day, and alone is left of its week; the day has few of another one."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, *rare in ((3, ITALY, 19), (3, FRANCE, 5), (5, FRANCE, 6), (5, SPAIN, 5), (6, FRANCE, 4), (6, SPAIN, 7)):
        several(log, number, *rare)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def days_that_hang_together_by_few(folder: Path) -> Evidence:
    """A crowd that is published by week on two days, each beside two people of a country; the week has both."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, *rare in ((2, ITALY, 12), (2, FRANCE, 2), (3, FRANCE, 2), (4, ITALY, 12), (5, ITALY, 2)):
        several(log, number, *rare)
    for rare in ((FRANCE, 12), (SPAIN, 7)):
        several(log, 7, *rare)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def a_page_of_a_week_where_few_stay(folder: Path) -> Evidence:
    """Visits that saw nothing but one of two pages, which are published by week, on a day whose bounces are known."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        log.crowd(number, 20, ("/",))
        for page in ("/jobs", "/press"):
            log.crowd(number, 5, (page, "/"))
    log.crowd(3, 3, ("/jobs",))
    log.crowd(5, 9, ("/jobs",))
    return solve(folder, log, 1, 7, ("pages",))


@attacks
def a_page_where_few_begin(folder: Path) -> Evidence:
    """All visits begin with one of two pages, three of them with the second."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.crowd(2, 3, ("/programme", "/"))
    published = solve(folder, log, 2, 2, ("pages",))
    return published + small_counts(read(folder)["pages"], ("entries", "exits"))


@attacks
def pages_where_one_stays(folder: Path) -> Evidence:
    """Many pages that somebody saw alone, one visitor each; the day has the number of visits that saw one page."""
    pages = tuple(f"/{number}" for number in range(12))
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, ("/", *pages))
    for page in pages[:11]:
        log.crowd(2, 1, (page,))
    return solve(folder, log, 2, 2, ("pages",))


@attacks
def a_campaign_beside_a_large_one(folder: Path) -> Evidence:
    """Two letters of one source, one of them to few people; referrers count those who came by both."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 11, ("/?utm_source=poster&utm_medium=print&utm_campaign=spring",))
    log.crowd(2, 20, ("/?utm_source=news&utm_medium=mail&utm_campaign=spring",))
    log.crowd(2, 4, ("/?utm_source=news&utm_medium=mail&utm_campaign=board",))
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"))


@attacks
def visits_beside_a_campaign(folder: Path) -> Evidence:
    """A service that most visitors come from by a link of the site's own, and a few without one."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 17, ("/?utm_source=chatgpt.com&utm_campaign=answers",))
    log.crowd(2, 4, ("/",), referrer="https://chatgpt.com/")
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"))


@attacks
def few_who_stay_beside_a_campaign(folder: Path) -> Evidence:
    """A service: visits by a link of the site's own have their bounces published; of the others three bounce."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    for link, seen, left in (("/?utm_source=chatgpt.com&utm_campaign=answers", 20, 12), ("/", 14, 3)):
        log.crowd(2, seen, (link, "/programme"), referrer="https://chatgpt.com/")
        log.crowd(2, left, (link,), referrer="https://chatgpt.com/")
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"))


@attacks
def a_campaign_that_tells_a_hidden_channel(folder: Path) -> Evidence:
    """Of one channel three bounce; the next smallest, which hides them, came by a single campaign."""
    letter = "/?utm_source=news&utm_medium=mail&utm_campaign=spring"
    log = Log()
    log.edges(2, 2)
    for paths, referrer, left in (((letter,), "-", 12), (("/",), "-", 25), (("/",), "https://example.com/", 3)):
        log.crowd(2, 20, (*paths, "/programme"), referrer=referrer)
        log.crowd(2, left, paths, referrer=referrer)
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"))


@attacks
def a_campaign_that_two_sources_name(folder: Path) -> Evidence:
    """Links of one service by two names, and others of the second name, which count elsewhere."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 20, ("/?utm_source=google&utm_medium=cpc&utm_campaign=spring",))
    log.crowd(2, 4, ("/?utm_source=google&utm_medium=cpc&utm_campaign=board",))
    log.crowd(2, 15, ("/?utm_source=google&utm_medium=post&utm_campaign=spring",))
    log.crowd(2, 7, ("/?utm_source=google&utm_medium=post&utm_campaign=june",))
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"))


@attacks
def a_goal_that_few_of_a_place_reach(folder: Path) -> Evidence:
    """One goal, whose visits are in `goals`; all of them are of two places, three of the second."""
    log = Log()
    log.edges(2, 2)
    for paths, reached, others in ((("/",), 20, 10), (("/", "/programme"), 15, 9)):
        log.crowd(2, reached, (*paths, "/done"))
        log.crowd(2, others, paths)
    for place in range(14):
        log.visit(2, ("/", "/done") if place < 3 else ("/", "/programme"), minute=700, client=RARE.format(place))
    about = ("goals", "locations", "profiles", "acquisitions")
    return solve(folder, log, 2, 2, about, goals={"order": "/done"})


@attacks
def a_rare_browser_in_two_tables(folder: Path) -> Evidence:
    """Browsers of two systems; the one hidden combination is what the margins leave."""
    mac = BROWSER.replace("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        log.crowd(number, 14, agent=mac)
        log.crowd(number, 12, agent=RARE_BROWSER.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64"))
    for place in range(4):
        agent = RARE_BROWSER.replace("X11; Linux x86_64", "Macintosh; Intel Mac OS X 10.15")
        log.visit(3, ("/", "/programme"), minute=700 + place, client=RARE.format(place), agent=agent)
    return solve(folder, log, 1, 7, ("profiles", "technology", "browser_versions", "os_versions"))


@attacks
def subtraction_over_all_tables(folder: Path) -> Evidence:
    """A generated log of five weeks with a whole month: every hidden count, over all tables at once."""
    log = folder / "sample.log"
    truth = write_sample(log, 9_000, 7, 33, "footfall", day(0))
    options: dict[str, Any] = {"log_format": "footfall", "site": truth.site, "first_day": day(1), "last_day": day(30)}
    options |= {"behaviour": False, "goals": GOALS}
    content = log.read_bytes()
    publish_logs(folder, {"access.log": content}, **options)
    known = read_truth({"access.log": content}, reference_settings(Settings(**options)))
    # Pairs and request times of five weeks would take too long; other logs have them.
    result = attack(folder / DB, known, K, most=100, knows_pairs=False, knows_times=False)
    return [str(one.label) for one in result.answers.narrow] + small_differences(folder / DB, K)


def solve(folder: Path, log: Log, first: int, last: int, about: tuple[str, ...], **options: Any) -> Evidence:
    """What the solver finds about some quantities or tables."""
    publish(folder, log, first, last, **options)
    result = attack(folder / DB, truth_of(log, first, last, **options), K)
    assert not set(about) & set(result.not_understood)
    return [str(one.label) for one in result.answers.narrow if set(one.label.what.split()) & set(about)]
