"""More attacks: on tables of visits together with other tables; they are in the list of `attacks`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from footfall.transforms.vocabulary import OTHER
from tests.attacks.attacks import FRANCE, ITALY, Evidence, attacks, read, several, small_counts, solve
from tests.attacks.logs import Log, day, publish
from tests.running import Rows

GOALS: Final = {"order": "/done", "contact": "/contact"}
LETTER: Final = "/?utm_source=news&utm_medium=mail&utm_campaign=spring"


@attacks
def a_goal_that_few_of_a_channel_reach(folder: Path) -> Evidence:
    """Two goals that nobody reaches both; three visits of one channel reach the first, `completions` less the other."""
    log = Log()
    log.edges(2, 2)
    for referrer, orders, contacts in (("-", 12, 14), ("https://www.google.com/", 20, 15), ("https://x.com/", 3, 15)):
        log.crowd(2, orders, ("/", "/done"), referrer=referrer)
        log.crowd(2, contacts, ("/", "/contact"), referrer=referrer)
        log.crowd(2, 20, referrer=referrer)
    return solve(folder, log, 2, 2, ("acquisitions", "referrers", "goal_sources"), goals=GOALS)


@attacks
def a_goal_of_a_campaign_that_its_channel_hides(folder: Path) -> Evidence:
    """Of one channel three visits reach the goal; the next smallest, which hides them, came by a single campaign."""
    log = Log()
    log.edges(2, 2)
    for paths, referrer, reached in (((LETTER,), "-", 12), (("/",), "-", 25), (("/",), "https://example.com/", 3)):
        log.crowd(2, 20, (*paths, "/programme"), referrer=referrer)
        log.crowd(2, reached, (*paths, "/done"), referrer=referrer)
    return solve(folder, log, 2, 2, ("acquisitions", "campaigns", "referrers"), goals={"order": "/done"})


@attacks
def a_goal_of_all_who_begin_with_a_page(folder: Path) -> Evidence:
    """Three visits begin with a page; the entries of the next smallest, which hide them, all reach the goal."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40, ("/", "/press"))
    log.crowd(2, 14, ("/", "/done"))
    log.crowd(2, 15, ("/programme", "/", "/done"))
    log.crowd(2, 3, ("/press", "/"))
    return solve(folder, log, 2, 2, ("pages",), goals={"order": "/done"})


@attacks
def a_goal_of_few_beside_another_one(folder: Path) -> Evidence:
    """Fifteen visits reach some goal, and as many hits; those of one channel, which is all, reach the first fourteen
    times.
    """
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 14, ("/", "/done"))
    log.crowd(2, 1, ("/", "/contact"))
    log.crowd(2, 20)
    return solve(folder, log, 2, 2, ("goals", "acquisitions"), goals=GOALS)


@attacks
def a_goal_of_few_days_beside_another_one(folder: Path) -> Evidence:
    """All contacts of a week are published, and those of the one day that is large; on the other days `goals` counts
    them together with three orders.
    """
    log = Log()
    log.edges(1, 7)
    log.crowd(4, 16, ("/", "/contact"), referrer="https://www.google.com/")
    log.crowd(4, 20, ("/", "/done"), referrer="https://www.google.com/")
    log.crowd(4, 9, ("/", "/contact"))
    for number, contacts in ((2, 4), (3, 4), (5, 3)):
        log.crowd(number, contacts, ("/", "/contact"))
        log.crowd(number, 1, ("/", "/done"))
    return solve(folder, log, 1, 7, ("goals", "acquisitions"), goals=GOALS)


@attacks
def a_goal_that_a_night_before_told_with_another_one(folder: Path) -> Evidence:
    """On each of two days few order; `goals` tells orders by week, and the night before together with contacts."""
    log = Log()
    log.edges(1, 7)
    for number in (2, 3):
        log.crowd(number, 14, ("/", "/contact"))
        log.crowd(number, 8, ("/", "/done"))
        log.crowd(number, 20)
    told = []
    for first, last in ((1, 6), (7, 7)):
        publish(folder, log, first, last, goals=GOALS)
        told.append({name: of_day(read(folder)[name], 2) for name in ("goals", "goal_sources")})
    before, after = told
    (both,) = before["goals"]
    return [f"{both['visits'] - row['visits']} ordered" for row in after["goal_sources"]]


@attacks
def a_goal_of_days_on_which_the_night_before_told_none(folder: Path) -> Evidence:
    """`goals` counts all of a week as one, and had rows of two days the night before: less these, two are left."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    for number in (2, 3):
        for page, visits in (("/contact", 6), ("/done", 1)):
            log.crowd(number, visits, ("/", page), referrer="https://blog.example/")
    for number, contacts, orders in ((4, 9, 2), (5, 7, 4)):
        log.crowd(number, contacts, ("/", "/contact"))
        log.crowd(number, orders, ("/", "/done"))
    publish(folder, log, 1, 6, goals=GOALS)
    before = sum(row["visits"] for row in read(folder)["goals"])
    assert before == 22
    publish(folder, log, 7, 7, goals=GOALS)
    (after,) = (row["visits"] for row in read(folder)["goals"])
    told = [row["visits"] for row in read(folder)["goal_sources"] if row["source"] == "blog.example"]
    return [f"{after - before - visits} ordered" for visits in told]


def of_day(rows: Rows, number: int) -> Rows:
    """The rows by day of one day."""
    return [row for row in rows if row["day"] == day(number) and row["grain"] == "day"]


@attacks
def a_visit_longer_than_all_others(folder: Path) -> Evidence:
    """Visits of one page and of two, and one of twenty that lasts for minutes."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30)
    log.crowd(2, 20, ("/",))
    log.crowd(2, 1, tuple(f"/{number}" for number in range(30)))
    publish(folder, log, 2, 2)
    return small_counts(read(folder)["visit_lengths"], ("visits",))


def publish_cookies(folder: Path, *, shared: int, own: int, several: int, one: int) -> dict[str, Rows]:
    """Publish visits of a day: with cookies that two clients share or that are their own, and without a cookie, of
    several pages or one.
    """
    log = Log()
    log.edges(2, 2)
    for place in range(shared + own):
        for client in (1, 2) if place < shared else (1,):
            address, cookie = f"79.192.{20 + client}.{place}", f"cookie{place:06}"
            log.visit(2, ("/", "/programme"), minute=600 + place, client=address, cookie=cookie)
    log.crowd(2, several)
    log.crowd(2, one, ("/",))
    publish(folder, log, 2, 2)
    return read(folder)


def visits_of(published: dict[str, Rows], *findings: str) -> int | None:
    """The visits with a finding, or several, of which no visit has two; None where one is not published."""
    told = {row["finding"]: row["visits"] for row in published["cookie_audit"]}
    return sum(told[one] for one in findings) if told.keys() >= set(findings) else None


@attacks
def visits_of_one_page_without_a_cookie(folder: Path) -> Evidence:
    """Twelve visits without a cookie see several pages, three one; many others bring one."""
    published = publish_cookies(folder, shared=0, own=30, several=12, one=3)
    never_issued, (day_row,) = visits_of(published, "never_issued"), published["visits"]
    assert never_issued == 12
    return [f"{day_row['fallback_visits'] - 12} of one page"] if day_row["fallback_visits"] is not None else []


@attacks
def visits_of_one_page_where_nobody_has_a_cookie(folder: Path) -> Evidence:
    """All come without a cookie, and three of them see one page: as many as `never_issued` leaves, at most."""
    published = publish_cookies(folder, shared=0, own=0, several=22, one=3)
    never_issued, (day_row,) = visits_of(published, "never_issued"), published["visits"]
    return [] if never_issued is None else [f"{day_row['visits'] - never_issued} of one page at most"]


@attacks
def visits_without_a_cookie_beside_shared_ones(folder: Path) -> Evidence:
    """Three come without a cookie, two clients share each of the others' cookies: no more than these leave."""
    published = publish_cookies(folder, shared=20, own=0, several=0, one=3)
    shared, (day_row,) = visits_of(published, "shared"), published["visits"]
    return [] if shared is None else [f"{day_row['visits'] - shared} without a cookie at most"]


@attacks
def visits_of_one_page_beside_two_findings(folder: Path) -> Evidence:
    """Of visits without a cookie three see one page; two clients share each of the others' cookies."""
    published = publish_cookies(folder, shared=20, own=0, several=22, one=3)
    found, (day_row,) = visits_of(published, "shared", "never_issued"), published["visits"]
    return [] if found is None else [f"{day_row['visits'] - found} of one page"]


@attacks
def the_same_two_on_five_days(folder: Path) -> Evidence:
    """Two people of a country come on five days, which the week's row of another country has alone."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
        if number <= 5:
            several(log, number, FRANCE, 12)
            for place in range(2):
                log.visit(number, ("/", "/programme"), minute=800, client=ITALY.format(place))
        else:
            several(log, number, ITALY, 5)
    publish(folder, log, 1, 7)
    published = read(folder)
    of_days = sum(row["visits"] for row in published["visits"] if row["day"] <= day(5))
    known = [row for row in published["locations"] if row["grain"] == "day" and row["day"] <= day(5)]
    known += [row for row in published["locations"] if row["grain"] == "week" and row["country"] == "FR"]
    left = of_days - sum(row["visits"] for row in known)
    return [f"{left} visits of two people"] if left == 10 else []


@attacks
def page_views_of_few_over_midnight(folder: Path) -> Evidence:
    """Two visitors go on reading after midnight; page views by hour and by kind are published by the day of the hit."""
    log = Log()
    log.edges(1, 2)
    for number in (1, 2):
        log.crowd(number, 30, ("/", "/site.css", "/programme"))
        log.crowd(number, 12, ("/", "/logo.png", "/site.css"), minute=780)
    log.crowd(2, 12, ("/", "/gone"), status=404)
    log.crowd(1, 2, ("/", *(f"/{number}" for number in range(40))), minute=23 * 60 + 57)
    return solve(folder, log, 1, 2, ("midnights",))


@attacks
def page_views_of_a_small_day_after_a_midnight(folder: Path) -> Evidence:
    """Twelve visitors go on reading after midnight, on a day on which six others come; nobody stays over the next."""
    log = Log()
    log.edges(1, 2)
    log.crowd(1, 30, ("/", "/site.css", "/programme"))
    log.crowd(1, 12, ("/", "/programme", "/press", "/site.css") * 2, minute=23 * 60 + 59)
    log.crowd(2, 6, ("/", "/programme", "/site.css", "/jobs"))
    return solve(folder, log, 1, 2, ("visits",))


def left_of_arrivals(folder: Path, page: str) -> int:
    """How many visits came to a page from others than those that are published."""
    published = read(folder)
    (row,) = (row for row in published["pages"] if row["page"] == page)
    known = sum(row["visits"] for row in published["transitions"] if row["next_page"] == page)
    return int(row["page_views"] - row["entries"] - known)


@attacks
def few_who_come_to_a_page_from_a_third(folder: Path) -> Evidence:
    """Visits come to one page from three others; from the third came three, and the figures of the others are exact."""
    return _arrivals(folder, 30, 20, 3)


@attacks
def some_who_come_to_a_page_from_a_third(folder: Path) -> Evidence:
    """From the third came seven, so that it is enough to be wrong by less than k."""
    return _arrivals(folder, 34, 21, 7)


def _arrivals(folder: Path, *visitors: int) -> Evidence:
    publish_arrivals(folder, *visitors)
    left = left_of_arrivals(folder, "/programme")
    return [f"{left} came from another page"] if left == visitors[-1] else []


def publish_arrivals(folder: Path, *visitors: int) -> None:
    """Publish a day on which visits come to a page from three others, of which others see nothing else."""
    log = Log()
    log.edges(2, 2)
    for page, number in zip(("/", "/press", "/jobs"), visitors, strict=True):
        log.crowd(2, number, (page, "/programme"))
        log.crowd(2, 20, (page,))
    publish(folder, log, 2, 2)


@attacks
def few_who_end_on_a_page_that_others_leave(folder: Path) -> Evidence:
    """Of twelve who see a page eleven go on, to the same one; its exits are hidden."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 11, ("/", "/programme"))
    log.crowd(2, 1, ("/",))
    log.crowd(2, 40, ("/press", "/jobs"))
    return solve(folder, log, 2, 2, ("pages", "transitions"))


def publish_those_who_go_on(folder: Path) -> None:
    """Publish a day on which visits go on from a page to two others, three of them to the second."""
    log = Log()
    log.edges(2, 2)
    for page, number in (("/programme", 30), ("/jobs", 3)):
        log.crowd(2, number, ("/", page))
        log.crowd(2, 20, ("/press", page))
    publish(folder, log, 2, 2)


@attacks
def few_who_go_on_to_another_page(folder: Path) -> Evidence:
    """Of those who go on from a page, all but three go to the same one."""
    publish_those_who_go_on(folder)
    published = read(folder)
    (row,) = (row for row in published["pages"] if row["page"] == "/")
    named = [row["visits"] for row in published["transitions"] if row["page"] == "/" and row["next_page"] != OTHER]
    left = row["page_views"] - row["exits"] - sum(named)
    return [f"{left} went elsewhere"] if left == 3 else []


@attacks
def few_bounces_of_days_that_a_row_of_a_week_tells(folder: Path) -> Evidence:
    """A week's row tells the bounces of two days; three others of one of them are hidden by their row alone.

    Another day of the week hides enough for the week, and tells the sum of that by itself.
    """
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 20)
        log.crowd(number, 12, ("/",))
    for number, others in ((2, 8), (3, 8), (5, 0)):
        log.crowd(number, others, ("/",), referrer="https://news.example/")
        log.crowd(number, others, ("/",), referrer="https://blog.example/")
        if number != 3:
            log.crowd(number, 12, referrer="https://www.google.com/")
            log.crowd(number, 3, ("/",), referrer="https://www.google.com/")
    return solve(folder, log, 1, 7, ("acquisitions", "referrers"))


@attacks
def few_bounces_of_a_day_in_rows_of_its_week(folder: Path) -> Evidence:
    """Three of twelve visits bounce on a day, which does not tell it; two rows of its week do, less other days."""
    log = Log()
    log.edges(1, 7)
    google, news = "https://www.google.com/", "https://news.example/"
    for referrer, visits, bounces in ((google, 5, 1), (news, 4, 2)):
        log.crowd(2, visits, referrer=referrer)
        log.crowd(2, bounces, ("/",), referrer=referrer)
    for number in (1, 3, 4, 5, 6, 7):
        log.crowd(number, 20)
        log.crowd(number, 12, ("/",))
        for referrer in (google, news) if number in (3, 4) else ():
            log.crowd(number, 8, ("/",), referrer=referrer)
    return solve(folder, log, 1, 7, ("visits", "acquisitions", "referrers"))
