"""Attacks by what one person, one site, one program or few do, and by two versions of their day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Final

from footfall.pipelines.errors import RunError, UsageError
from tests.attacks.attacks import (
    DB,
    Evidence,
    attacks,
    naming,
    read,
    rows_of,
    small_counts,
)
from tests.attacks.cells import PEOPLE
from tests.attacks.logs import BOT, RARE, RARE_BROWSER, SITE, K, Log, day, publish
from tests.reference.clients import read_address
from tests.reference.describe import place_of

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
