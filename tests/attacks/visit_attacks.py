"""More attacks: on what tables of visits tell beside what other tables tell; they are in the list of `attacks`."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.attacks import Evidence, attacks, solve
from tests.attacks.logs import Log

GOALS = {"order": "/done", "contact": "/contact"}
LETTER = "/?utm_source=news&utm_medium=mail&utm_campaign=spring"


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
