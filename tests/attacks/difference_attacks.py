"""More attacks: one table's figures less another table's of the same; they are in the list of `attacks`.

They follow from the published columns alone: every part is subtracted from its whole, a night from the next.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from footfall.transforms.tables.published import TABLES_BY_NAME
from footfall.transforms.vocabulary import OTHER
from tests.attacks.attacks import DB, Evidence, attacks, naming, read, rows_of, solve
from tests.attacks.differences import small_differences
from tests.attacks.logs import RARE, RARE_BROWSER, K, Log, day, publish
from tests.attacks.visit_attacks import publish_arrivals, publish_those_who_go_on


@attacks
def bounces_by_the_lengths_of_visits(folder: Path) -> Evidence:
    """Three visits saw one page: `visits` hides them, and so must the lengths, which have the same sum."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40)
    log.crowd(2, 20, ("/", "/programme", "/press"))
    log.crowd(2, 3, ("/",))
    return solve(folder, log, 2, 2, ("lengths", "visits", "visit_lengths")) + small_differences(folder / DB, K)


@attacks
def a_file_that_was_refused(folder: Path) -> Evidence:
    """Of a day's hits that asked for files, those that got one are counted by file; one person was refused."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 31, ("/", "/talk.mp3"))
    log.visit(2, ("/letters.zip",), client=RARE.format(7), status=403)
    return solve(folder, log, 2, 2, ("kinds", "downloads", "refused")) + small_differences(folder / DB, K)


@attacks
def errors_by_the_availability_of_a_day(folder: Path) -> Evidence:
    """One person's three failures beside those of a monitor, whose hits `traffic` publishes exactly."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 60)
    begin = datetime.combine(day(2), datetime.min.time(), UTC) + timedelta(hours=11)
    for minute in range(40):
        options: dict[str, Any] = {
            "client": "198.51.100.9",
            "agent": "UptimeRobot/2.0",
            "status": 500 if minute > 30 else 200,
        }
        log.hit(begin + timedelta(minutes=minute), **options)
    log.hit(begin, client=RARE.format(7))
    for second in range(3):
        log.hit(begin + timedelta(seconds=200 * second), "/order", client=RARE.format(7), status=502)
    publish(folder, log, 2, 2)
    return small_differences(folder / DB, K)


@attacks
def two_nights_with_one_more(folder: Path) -> Evidence:
    """Two days of the same visits, and on the second one more, in whom everything is rare: what only it names."""
    log = Log()
    log.edges(2, 3)
    for number in (2, 3):
        log.crowd(number, 60)
        log.crowd(number, 20, ("/search?q=jazz", "/talk.mp3"))
    rare: dict[str, Any] = {"client": RARE.format(7), "agent": RARE_BROWSER}
    link = "/?utm_source=letter&utm_medium=mail&utm_campaign=to-anna"
    log.visit(3, (link, "/search?q=divorce", "/anna/photos", "/anna/letters.zip"), **rare)
    log.visit(3, ("/anna/gone",), minute=602, status=404, referrer="https://forum.example.net/anna", **rare)
    publish(folder, log, 2, 3)
    named: dict[Any, set[str]] = {day(2): set(), day(3): set()}
    for name, rows in read(folder).items():
        for row in rows if TABLES_BY_NAME[name].by_day else ():
            named.get(row["day"], set()).update(text for text in row.values() if isinstance(text, str))
    return [f"only the second night names {text}" for text in named[day(3)] - named[day(2)] - {OTHER}]


@attacks
def one_more_on_a_day_on_which_few_saw_pages(folder: Path) -> Evidence:
    """An incomplete day publishes no visits, but the hits of all who came; then somebody else comes."""
    log = Log()
    log.crowd(2, 12, ("/style.css",))
    log.crowd(2, 1)
    publish(folder, log, 2, 2)
    before = rows_of(read(folder), 2)
    log.visit(2, ("/style.css", "/logo.svg"), minute=900, client=RARE.format(7))
    publish(folder, log, 2, 2)
    return [f"changed: {row[0]}" for row in before ^ rows_of(read(folder), 2)]


@attacks
def the_order_of_rows(folder: Path) -> Evidence:
    """The rows of a file stand as they were made, which may follow what folding hid."""
    log = Log()
    log.edges(2, 2)
    for path in ("/programme", "/contact", "/zoo", "/about"):
        log.crowd(2, 15, ("/", path))
    publish(folder, log, 2, 2)
    found = []
    for name, rows in read(folder).items():
        keys = [key.name for key in TABLES_BY_NAME[name].keys] if TABLES_BY_NAME[name].by_day else []
        order = [[(row[key] is None, row[key]) for key in keys] for row in rows]
        if order != sorted(order):
            found.append(f"{name} is not in the order of its keys")
    return found


@attacks
def few_who_end_elsewhere(folder: Path) -> Evidence:
    """Of the visits that begin with a page and go on, all but three end on the same one: exact totals less pairs."""
    publish_those_who_go_on(folder)
    published = read(folder)
    (row,) = (row for row in published["pages"] if row["page"] == "/")
    named = [row["visits"] for row in published["entry_exits"] if row["page"] == "/" and row["exit_page"] != OTHER]
    left = row["entries"] - row["bounces"] - sum(named)
    return [f"{left} ended elsewhere"] if left == 3 else []


@attacks
def few_who_end_on_a_page_after_a_third(folder: Path) -> Evidence:
    """Visits that end on one page began with three others; those of the third are what is left of its exits."""
    publish_arrivals(folder, 30, 20, 3)
    published = read(folder)
    (row,) = (row for row in published["pages"] if row["page"] == "/programme")
    known = sum(row["visits"] for row in published["entry_exits"] if row["exit_page"] == "/programme")
    left = row["exits"] - row["bounces"] - known
    return [f"{left} began with another page"] if left == 3 else []


@attacks
def how_long_one_stayed(folder: Path) -> Evidence:
    """Ten of a channel leave at once, one stays for minutes: the sum of durations would be his."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40)
    log.crowd(2, 10, ("/",), referrer="https://example.com/")
    log.crowd(2, 1, tuple(f"/{number}" for number in range(30)), referrer="https://example.com/")
    publish(folder, log, 2, 2)
    rows = [row for name in ("referrers", "locations", "technology") for row in read(folder)[name]]
    return [f"somebody stayed for {row['duration_s']} s" for row in rows if row["duration_s"] == 290]


@attacks
def the_same_few_on_several_days(folder: Path) -> Evidence:
    """Three people come on five days of a week, with four cookies each: sixty visits of three."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        log.crowd(number, 20, ("/search?q=jazz",))
    for number in range(1, 6):
        for place in range(12):
            rare: dict[str, Any] = {"client": RARE.format(place % 3), "cookie": f"c0ffee{number}{place:03}"}
            log.visit(number, ("/search?q=divorce",), minute=700 + 5 * place, **rare)
    publish(folder, log, 1, 7)
    return naming(read(folder), "divorce")


def views_of_shop(folder: Path) -> int:
    """The page views in all rows of pages of one folder, or of the folder itself."""
    return sum(row["page_views"] for row in read(folder)["pages"] if row["page"].startswith("/shop/"))


def views_by_night(folder: Path, log: Log, *nights: tuple[int, int]) -> list[int]:
    """The same after each of some nights, which publish days of a log."""
    views = []
    for first, last in nights:
        publish(folder, log, first, last)
        views.append(views_of_shop(folder))
    return views


def log_of_shop(days: dict[int, dict[str, int]]) -> Log:
    """On each day 20 visits, of which some open pages of a folder, and a dozen of other rare pages."""
    log = Log()
    log.edges(min(days), max(days))
    for number, visits in days.items():
        log.crowd(number, 20)
        for page, count in visits.items():
            log.crowd(number, count, ("/", f"/shop/{page}"))
        for page in ("/jobs", "/team"):
            log.crowd(number, 6, (f"{page}{number}",))
    return log


@attacks
def few_views_in_a_folder_on_the_last_day_of_a_week(folder: Path) -> Evidence:
    """Each page of a folder has a row by week, which the folder had by day the night before; four came on Sunday."""
    few = {"lamps": 2, "chairs": 2}
    log = log_of_shop({number: few if number == 7 else {"lamps": 6, "chairs": 6} for number in range(1, 8)})
    of_days, of_week = views_by_night(folder, log, (1, 6), (7, 7))
    assert of_days == 72
    left = of_week - of_days
    return [f"{left} views of its pages"] if 0 < left < K else []


@attacks
def few_views_beside_a_folder_on_the_last_day_of_a_week(folder: Path) -> Evidence:
    """Rows by week less those of the night before are what a folder had on Sunday: four views of others are left."""
    log = log_of_shop({number: {"lamps": 6, "chairs": 6} for number in range(1, 7)})
    log.edges(1, 7)
    log.crowd(7, 20)
    for page, visits in (("/shop/lamps", 6), ("/shop/chairs", 6), ("/jobs7", 4)):
        log.crowd(7, visits, ("/", page))
    of_days, of_week = views_by_night(folder, log, (1, 6), (7, 7))
    assert of_days == 72
    published = read(folder)
    (views,) = (row["page_views"] for row in published["visits"] if row["day"] == day(7))
    views -= sum(row["page_views"] for row in published["pages"] if (row["grain"], row["day"]) == ("day", day(7)))
    left = views - (of_week - of_days)
    return [f"{left} views of other pages"] if 0 < left < K else []


@attacks
def few_views_in_a_folder_in_one_week_of_a_month(folder: Path) -> Evidence:
    """Each page of a folder has a row by month, which the folder had by week before; four came in the last one."""
    some, few = {"lamps": 6, "chairs": 6}, {"lamps": 2, "chairs": 2}
    of_days = {3: some, 10: some, 17: some, 24: few}
    log = log_of_shop({number: of_days.get(number, {}) for number in range(1, 31)})
    of_weeks, of_month = views_by_night(folder, log, (1, 28), (1, 30))
    assert of_weeks == 36
    left = of_month - of_weeks
    return [f"{left} views of its pages"] if 0 < left < K else []


@attacks
def views_of_the_only_page_of_a_folder_that_is_not_told_by_week(folder: Path) -> Evidence:
    """The folder had a row on each day; two of its pages have one by week, so that six views of the third are left."""
    some = {"lamps": 6, "chairs": 5, "desks": 1}
    log = log_of_shop({number: {} if number == 7 else some for number in range(1, 8)})
    of_days, of_week = views_by_night(folder, log, (1, 6), (7, 7))
    assert of_days == 72
    left = of_days - of_week
    return [f"{left} views of another page"] if 0 < left < K else []


@attacks
def entries_that_rests_of_days_had_before_their_week(folder: Path) -> Evidence:
    """Two rests by day had ten entries each, and one of their pages has 16 by week: four are of another page.

    The rows of the same days by page hide theirs, so that the sums of the days are no help.
    """
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 3, ("/", "/programme"))
        log.crowd(number, 6, ("/", "/press"))
        log.crowd(number, 7, ("/programme", "/"))
        for page, visits in (("/contact", 8), ("/press", 2)) if number in (2, 3) else (("/jobs", 8), ("/press", 3)):
            log.crowd(number, visits, (page, "/"))
    publish(folder, log, 1, 6)
    rests = [row["entries"] for row in read(folder)["pages"] if row["page"] == OTHER and row["day"] in (day(2), day(3))]
    assert rests == [10, 10]
    publish(folder, log, 7, 7)
    (entries,) = (row["entries"] for row in read(folder)["pages"] if row["page"] == "/contact")
    return [] if entries is None else [f"{sum(rests) - entries} entries"]


@attacks
def entries_that_a_rest_of_a_day_hid_before_its_week(folder: Path) -> Evidence:
    """A rest by day hid the entries of five, beside a page that hid seven; those of the other days showed theirs.

    By week there are enough NULLs without it, as two pages of another day hide theirs.
    """
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        entries = {"/programme": 7 if number in (2, 3) else 13, "/jobs": 7 if number == 3 else 13}
        entries |= {"/contact": 5, "/press": 0} if number == 2 else {"/contact": 6, "/press": 6}
        for page, begun in entries.items():
            log.crowd(number, begun, (page, "/"))
            log.crowd(number, (13 if page in ("/programme", "/jobs") else 6) - begun, ("/", page))
    publish(folder, log, 1, 6)
    rests = {row["day"]: row["entries"] for row in read(folder)["pages"] if row["page"] == OTHER}
    assert rests == {day(number): None if number == 2 else 12 for number in range(1, 7)}
    publish(folder, log, 7, 7)
    pages = read(folder)["pages"]
    entries = [row["entries"] for row in pages if row["grain"] == "week"]
    sunday = sum(row["entries"] for row in pages if row["day"] == day(7) and row["grain"] == "day")
    of_sunday = next(row["visits"] for row in read(folder)["visits"] if row["day"] == day(7)) - sunday
    if None in entries:
        return []
    return [f"{sum(entries) - of_sunday - sum(known for known in rests.values() if known)} entries"]


@attacks
def views_that_rests_of_days_had_before_their_week(folder: Path) -> Evidence:
    """Two rests by day had ten views each, of which 16 are of a page by week; a smaller row by day is no help."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 8, ("/", "/programme"))
        log.crowd(number, 7, ("/programme", "/"))
        for page, visits in (("/contact", 8), ("/press", 2)) if number in (2, 3) else (("/press", 6), ("/jobs", 4)):
            log.crowd(number, visits, (page, "/"))
    publish(folder, log, 1, 6)
    rests = [
        row["page_views"] for row in read(folder)["pages"] if row["page"] == OTHER and row["day"] in (day(2), day(3))
    ]
    assert rests == [10, 10]
    publish(folder, log, 7, 7)
    return [f"{sum(rests) - row['page_views']} views" for row in read(folder)["pages"] if row["page"] == "/contact"]
