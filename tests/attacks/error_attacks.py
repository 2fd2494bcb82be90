"""Attacks on errors: who met them is in several tables; each returns what it learned about few people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.attacks.attacks import Evidence, attacks, read, solve
from tests.attacks.logs import BOT, CROWD, RARE, SITE, K, Log, day, publish
from tests.running import Rows

ABOUT: Final = ("errors", "hours")
LINKED: Final = ("unlinked", "broken_links")
MONITOR: Final = "UptimeRobot/2.0"


@attacks
def errors_of_servers_by_hour(folder: Path) -> Evidence:
    """Four meet a rare failure, and are in one row with those who may not see a page; the hour has all of 5xx."""
    return solve(folder, failures(60), 2, 2, ABOUT)


@attacks
def errors_of_servers_by_day(folder: Path) -> Evidence:
    """The same, where the failures are spread over hours of few; the day has their sum."""
    return solve(folder, failures(1), 2, 2, ABOUT)


def failures(in_an_hour: int) -> Log:
    """A day on which twelve meet one failure, and four another one, so many of them in an hour."""
    log = Log()
    log.edges(2, 2)
    for hour in range(10, 20):
        log.crowd(2, 12, minute=60 * hour)
    for status, visitors in ((500, 12), (502, 4), (404, 20), (403, 7)):
        for place in range(visitors):
            log.crowd(2, 1, (f"/{status}",), status=status, minute=60 * (10 + place // in_an_hour % 10))
    return log


@attacks
def errors_of_people_beside_those_of_bots(folder: Path) -> Evidence:
    """Three may not see a page, nor may bots, whose errors are published by status; other machines meet the same."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 14, ("/gone",), status=404)
    log.crowd(2, 3, ("/members",), status=403)
    for number, (agent, status) in enumerate([(BOT, 403)] * 5 + [(BOT, 404), (MONITOR, 404)] * 3):
        log.visit(2, ("/members",), client="66.249.66.1", agent=agent, status=status, minute=100 + number)
    return solve(folder, log, 2, 2, ("errors",))


@attacks
def failures_of_a_week_less_those_of_its_days(folder: Path) -> Evidence:
    """Three meet a failure on a day without a sum that reveals it; the week's errors less those of six days would."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        log.crowd(number, 3 if number == 4 else 12, ("/order",), status=502)
    return solve(folder, log, 1, 7, ABOUT)


@attacks
def failures_of_a_week_of_one_each(folder: Path) -> Evidence:
    """On each day of two weeks one of many meets a failure: together they are enough, one on each day."""
    log = Log()
    log.edges(1, 30)
    for number in range(1, 31):
        log.crowd(number, 30)
        if number < 12:
            log.visit(number, ("/order",), client=RARE.format(number), status=502, minute=650)
    return solve(folder, log, 1, 30, ABOUT)


@attacks
def one_of_many_at_a_missing_page_who_had_no_link(folder: Path) -> Evidence:
    """Fifteen followed a link to a missing page, which rounds to twenty, and one typed its address."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 15, ("/gone",), status=404, referrer="https://www.example.com/links")
    log.visit(2, ("/gone",), client=RARE.format(7), status=404)
    return solve(folder, log, 2, 2, ("unlinked",))


@attacks
def two_who_had_no_link_to_pages_of_a_folder(folder: Path) -> Evidence:
    """Links to two missing pages are published by their folder, and all errors there by page: 55 hits, of 57."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    for page, last in (("/old/a", 3), ("/old/b", 4)):
        follow(log, 2, page, 9, last)
        log.crowd(2, 1, (page,), status=404)
    return solve(folder, log, 2, 2, LINKED)


@attacks
def two_who_had_no_link_on_days_of_a_week(folder: Path) -> Evidence:
    """Links to a missing page are published by week, and all errors there by day."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, last in ((2, 3), (3, 4)):
        follow(log, number, "/gone", 9, last)
        log.crowd(number, 1, ("/gone",), status=404)
    return solve(folder, log, 1, 7, LINKED)


@attacks
def two_who_had_no_link_by_what_several_rows_leave(folder: Path) -> Evidence:
    """Of two missing pages, one has a row of links; the folder has other links to it, and all to the second."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    follow(log, 2, "/old/a", 12, 3, "/programme")
    for page, last in (("/old/a", 3), ("/old/b", 4)):
        follow(log, 2, page, 9, last)
        log.crowd(2, 1, (page,), status=404)
    return solve(folder, log, 2, 2, LINKED)


@attacks
def one_who_had_no_link_to_what_a_day_hides(folder: Path) -> Evidence:
    """Links to a missing page are published by day, all errors by week, to hide one of the day and three of another."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    follow(log, 2, "/gone", 12, 2, "/programme")
    log.crowd(2, 1, ("/mistyped",), status=404)
    log.crowd(4, 12, ("/gone",), status=404)
    log.crowd(4, 3, ("/mistyped",), status=404)
    return solve(folder, log, 1, 7, LINKED)


@attacks
def one_visit_of_many_that_followed_no_link(folder: Path) -> Evidence:
    """Fifteen visits follow a link three times, which rounds to twenty visits; one meets the page without a link."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    lost(log, 15, "https://www.example.com/links", 3)
    lost(log, 1, "-", 20)
    return solve(folder, log, 2, 2, LINKED)


@attacks
def six_visits_of_many_that_followed_no_link(folder: Path) -> Evidence:
    """Fourteen visits have fifteen hits by links: six visits at least came otherwise, with six hits at most."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    lost(log, 13, "https://www.example.com/links", 1)
    lost(log, 1, "https://www.example.com/links", 2)
    lost(log, 6, "-", 1)
    return solve(folder, log, 2, 2, LINKED)


def lost(log: Log, visitors: int, referrer: str, times: int) -> None:
    """Visits that see a page and meet a missing one so often."""
    for _ in range(visitors):
        log.known += 1
        client = CROWD.format(log.known // 200, log.known % 200 + 1)
        log.hit(at(700 + log.known % 200), "/", client=client)
        for second in range(times):
            place = at(701 + log.known % 200) + timedelta(seconds=second)
            log.hit(place, "/gone", client=client, status=404, referrer=referrer)


@attacks
def one_who_was_refused_a_file_on_days_of_a_week(folder: Path) -> Evidence:
    """Files of two days are published by week; on these one was refused a file, and on a third day twenty were."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number, visitors in ((2, 8), (3, 7)):
        log.crowd(number, visitors, ("/", "/songs.zip"))
        log.crowd(number, visitors, ("/", f"/songs-{number}.zip"))
    log.crowd(2, 1, ("/songs.zip",), status=403)
    log.crowd(5, 20, ("/songs.zip",), status=403)
    return solve(folder, log, 1, 7, ("refused",))


def follow(log: Log, number: int, page: str, visitors: int, last: int, referrer: str = "") -> None:
    """Visitors who follow links to a missing page three times each, one of them so often; each from a page of his own.

    Or all from one page of the site.
    """
    for place in range(visitors):
        at = f"https://{SITE}{referrer}" if referrer else f"https://{place}.example.com/links"
        times = last if place == 0 else 3
        log.crowd(number, 1, (page,) * times, status=404, referrer=at)


@attacks
def one_of_many_who_was_refused_a_file(folder: Path) -> Evidence:
    """Fifteen fetched the only file of the day, which rounds to twenty, and one was refused it."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 15, ("/", "/songs.zip"))
    log.crowd(2, 1, ("/songs.zip",), status=403)
    return solve(folder, log, 2, 2, ("refused",))


@attacks
def failures_of_an_incident(folder: Path) -> Evidence:
    """One person's eight failures of a minute are an incident, a lower bound of the hour that hides its 5xx."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.crowd(2, 15, ("/gone",), minute=200, status=404)
    for second in range(8):
        log.hit(at(200) + timedelta(seconds=second), "/order", client=RARE.format(7), status=502)
    return solve(folder, log, 2, 2, ("hours", "traffic"))


def at(minute: int) -> datetime:
    """A minute of the day that is attacked."""
    return datetime.combine(day(2), datetime.min.time(), UTC) + timedelta(minutes=minute)


@attacks
def failures_besides_an_incident(folder: Path) -> Evidence:
    """Fifteen people meet an outage, and one a failure in the evening: the day's 5xx less the outage's."""
    publish(folder, outage(15, 7), 2, 2)
    return besides_incidents(read(folder), "days", "hits_5xx")


@attacks
def failures_besides_a_round_incident(folder: Path) -> Evidence:
    """The same, where the outage has a multiple of k failures."""
    publish(folder, outage(10, 10), 2, 2)
    return besides_incidents(read(folder), "days", "hits_5xx")


@attacks
def hits_besides_an_incident(folder: Path) -> Evidence:
    """One person came in the hour of the outage, when it was over: the hour's hits less the outage's."""
    publish(folder, outage(15, 7), 2, 2)
    return besides_incidents(read(folder), "traffic", "hits")


@attacks
def an_incident_over_midnight(folder: Path) -> Evidence:
    """Twelve people meet an outage before midnight, three after it: its failures less those of the first day."""
    log = Log()
    log.edges(2, 3)
    for number in (2, 3):
        log.crowd(number, 60)
    log.crowd(2, 12, ["/"] * 6, minute=1439, status=500)
    log.crowd(3, 3, ["/"] * 6, minute=0, status=500)
    publish(folder, log, 2, 3)
    published = read(folder)
    of_days = {row["day"]: row["hits_5xx"] for row in published["days"]}
    return [
        f"{row['hits_5xx']} of two days, {of_days[row['day']]} of the first one"
        for row in published["incidents"]
        if of_days[row["day"]] and of_days[day(3)] is None and row["hits_5xx"] is not None
    ]


def outage(people: int, failures: int) -> Log:
    """A day with an outage, three hits of one person when it was over, and another one's failure hours later."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    log.crowd(2, 12, minute=960)
    for place in range(people):
        for number in range(failures):
            log.hit(at(845 + place) + timedelta(seconds=number), client=CROWD.format(99, place + 1), status=500)
    for number in range(3):
        log.hit(at(880 + number), client=RARE.format(7))
    log.hit(at(1100), client=RARE.format(8), status=500)
    return log


def besides_incidents(published: Mapping[str, Rows], table: str, measure: str) -> Evidence:
    """What people did besides the incidents of a day (hour), where that is known as less than half of k."""
    found = []
    for incident in published["incidents"]:
        begun = incident["started"]
        for row in published[table]:
            is_around = row["day"] == begun.date() and row.get("hour", begun.hour) == begun.hour
            is_of_people = row.get("traffic_class", "human") == "human"
            if is_around and is_of_people and None not in (row[measure], incident[measure]):
                rest = row[measure] - incident[measure]
                found += [f"at most {rest} of {row[measure]} {measure}"] if 0 < rest < K / 2 else []
    return found
