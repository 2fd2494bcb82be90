"""More attacks: rows of several days less the sums of some of them; they are in the list of `attacks`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from footfall.transforms.vocabulary import OTHER
from tests.attacks.attacks import FRANCE, ITALY, SPAIN, Evidence, attacks, read, several, solve
from tests.attacks.logs import K, Log, day, publish

RUSSIA: Final = "5.45.207.{}"


@attacks
def bounces_of_a_day_by_a_row_of_its_week(folder: Path) -> Evidence:
    """On one of two days five visits of rare countries bounce; the row that hides this is known by both days."""
    log = Log()
    log.edges(1, 7)
    for number, country, visits, bounces in ((2, ITALY, 6, 3), (2, FRANCE, 6, 2), (3, SPAIN, 9, 9), (3, RUSSIA, 9, 9)):
        for place in range(visits):
            paths = ("/",) if place < bounces else ("/", "/programme")
            log.visit(number, paths, minute=700 + place, client=country.format(20 * number + place))
    for number in (2, 3):
        log.crowd(number, 18)
        log.crowd(number, 12, ("/",))
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def few_of_small_days_in_rows_of_their_week(folder: Path) -> Evidence:
    """Two small days have one visit each from abroad; the week's rows of two countries have those of one other day."""
    log = Log()
    log.edges(1, 7)
    log.crowd(2, 30)
    for country in (ITALY, FRANCE):
        several(log, 2, country, 9)
    for number, country in ((4, ITALY), (5, FRANCE)):
        log.crowd(number, 6)
        several(log, number, country, 1)
    return solve(folder, log, 1, 7, ("locations",))


@attacks
def exits_of_a_day_before_and_after_its_week(folder: Path) -> Evidence:
    """Three visits end on a page; the next one, which hides them, must still do so when the week is published."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30, ("/press", "/"))
    for number in (2, 4):
        for page in ("/jobs", "/team", "/shop"):
            log.crowd(number, 6, ("/", page))
    log.crowd(2, 12, ("/programme", "/"))
    for page, exits in (("/programme", 3), ("/press", 14)):
        log.crowd(2, exits, ("/", page))
    told = []
    for first, last in ((1, 6), (7, 7)):
        publish(folder, log, first, last)
        told.append({row["page"]: row["exits"] for row in read(folder)["pages"] if row["day"] == day(2)})
    assert told[0]["/programme"] is None
    return [
        f"{told[1][page]} exits of {page}" for page, exits in told[0].items() if exits is None and told[1].get(page)
    ]


@attacks
def searches_of_a_day_of_few_by_its_week(folder: Path) -> Evidence:
    """Five search on a day. The sum of the week, less that of each day in the file of the night before, is theirs."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for phrase in ("opera", "cello", "viola", "oboe"):
        log.crowd(2, 5, (f"/search?q={phrase}",))
    log.crowd(4, 5, ("/search?q=harp",))
    searches = []
    for first, last in ((1, 6), (7, 7)):
        publish(folder, log, first, last)
        searches.append(sum(row["searches"] for row in read(folder)["searches"]))
    before, after = searches
    assert before >= 20
    return [f"{after - before} searches"] if after > before else []


@attacks
def seconds_that_were_told_before_they_were_hidden(folder: Path) -> Evidence:
    """Four of twelve from Spain stay; the smallest row, which hides them in the week's file, is one of a day."""
    log = Log()
    log.edges(1, 7)
    log.crowd(5, 20)
    for number in (2, 5):
        for country in (RUSSIA, FRANCE, SPAIN):
            for place in range(6):
                paths = ("/",) if country is SPAIN and place > 1 else ("/", "/programme") * 5
                log.visit(number, paths, minute=700 + place, client=country.format(20 * number + place))
    told = []
    for first, last in ((1, 6), (7, 7)):
        publish(folder, log, first, last)
        rows = [row for row in read(folder)["locations"] if row["grain"] == "day" and row["country"] == "DE"]
        told += [row["duration_s"] for row in rows]
    before, after = told
    assert before is not None
    return [] if after is not None else [f"{before} seconds, which the day's file told"]


@attacks
def exits_of_pages_on_which_nearly_all_visits_end(folder: Path) -> Evidence:
    """Of ten visits of a page nine end there, of twenty of another one all: both are NULL, and 29 together."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 9, ("/jobs",))
    log.crowd(2, 1, ("/jobs", "/"))
    log.crowd(2, 20, ("/press",))
    log.crowd(2, 40, ("/",))
    log.crowd(2, 30, ("/team", "/"))
    return solve(folder, log, 2, 2, ("pages",))


@attacks
def bounces_of_pages_that_nearly_all_exits_are(folder: Path) -> Evidence:
    """Nine of ten exits from a page are bounces, and ten of twelve from another one, which most only pass through."""
    log = Log()
    log.edges(2, 2)
    for page, bounces, begin, end in (("/jobs", 9, 3, 1), ("/press", 10, 4, 2)):
        log.crowd(2, bounces, (page,))
        log.crowd(2, begin, (page, "/"))
        log.crowd(2, end, ("/", page))
        log.crowd(2, 11, ("/", page, "/"))
    log.crowd(2, 40, ("/",))
    log.crowd(2, 30, ("/team", "/"))
    return solve(folder, log, 2, 2, ("pages",))


@attacks
def few_visits_in_a_rest_that_has_all_of_small_days(folder: Path) -> Evidence:
    """Everybody on three small days opened a rare page; a row counts visits once, and has two more, of another day."""
    log = Log()
    log.edges(1, 7)
    for number in (2, 4):
        log.crowd(number, 30)
        for page in ("/press", "/contact"):
            log.crowd(number, 9, ("/", page))
    log.crowd(2, 2, ("/", "/jobs"))
    for number in (5, 6, 7):
        log.crowd(number, 4, (f"/team{number}", "/press"))
    publish(folder, log, 1, 7)
    of_week = {
        table: [row for row in read(folder)[table] if row["grain"] == "week"] for table in ("pages", "locations")
    }
    (of_small_days,) = (row["visits"] for row in of_week["locations"])
    assert of_small_days == 12
    (rest,) = (row["visits"] for row in of_week["pages"] if row["page"] == OTHER)
    return [f"{rest - of_small_days} visits"] if 0 < rest - of_small_days < K else []
