"""Attacks by rows of days, weeks and other tables beside each other, most of them with the solver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from footfall.pipelines.sample.site import GOALS
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from tests.attacks.attacks import (
    DB,
    FRANCE,
    ITALY,
    SPAIN,
    Evidence,
    attacks,
    read,
    several,
    small_counts,
    solve,
)
from tests.attacks.cells import read_truth
from tests.attacks.differences import small_differences
from tests.attacks.logs import BROWSER, RARE, RARE_BROWSER, K, Log, day
from tests.attacks.solver import attack
from tests.running import publish_logs, reference_settings


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
