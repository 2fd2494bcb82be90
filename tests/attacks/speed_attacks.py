"""Attacks on the request times by kind and by folder; each returns what it learned about few people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from tests.attacks.attacks import DB, Evidence, attacks, read, solve
from tests.attacks.cells import read_truth
from tests.attacks.logs import RARE, K, Log, day, publish
from tests.attacks.solver import attack
from tests.running import publish_logs, reference_settings

ABOUT: Final = ("pages", "kinds", "latency", "kind_times", "page_times", "kind_latency", "page_latency")


@attacks
def times_of_a_folder_of_one(folder: Path) -> Evidence:
    """A folder is known by other days; on this one somebody was there alone."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        log.crowd(number, 30)
    log.crowd(3, 30, ("/letters/a", "/letters/b"))
    log.visit(4, ("/letters/a", "/talks/of-one.mp3"), client=RARE.format(7))
    publish(folder, log, 1, 7)
    published = read(folder)
    folders = [row for row in published["page_latency"] if row["day"] == day(4) and row["page_group"] != "/"]
    kinds = [row for row in published["kind_latency"] if row["kind"] == "download"]
    return [f"{row['hits']} hits from {row['from_ms']} ms" for row in (*folders, *kinds)]


@attacks
def times_by_hour_less_those_by_kind(folder: Path) -> Evidence:
    """One request is slower than a row by hour; the row by kind goes on beyond it, so that the sums differ by it.

    By hour, the slow style sheet is in a row with pages; by kind, with other style sheets.
    """
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, ("/",), seconds=0.020)
    log.crowd(2, 30, ("/style.css",), seconds=0.001)
    log.visit(2, ("/style.css",), client=RARE.format(7), seconds=0.010)
    publish(folder, log, 2, 2)
    published = read(folder)
    hours = sum(row["hits"] for row in published["latency"] if row["traffic_class"] == "human" and row["bucket_ms"] < 9)
    styles = sum(row["hits"] for row in published["kind_latency"] if row["kind"] == "asset")
    return [f"{styles - hours} slow style sheets"] if 0 < abs(styles - hours) < K else []


@attacks
def times_of_a_folder_less_its_page(folder: Path) -> Evidence:
    """Twenty see one page of a folder and six another one; the folder's request times count both."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40)
    log.crowd(2, 20, ("/letters/a",))
    for rare in ("/letters/b", "/press", "/jobs"):
        log.crowd(2, 6, (rare,))
    return solve(folder, log, 2, 2, ("pages", "page_times", "page_latency"))


@attacks
def times_of_a_folder_hardly_more_than_its_page(folder: Path) -> Evidence:
    """Thirty-three see a page of a folder and one another one: the folder's times, thirty, are 34 at most."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40)
    log.crowd(2, 33, ("/letters/a",))
    log.crowd(2, 1, ("/letters/b",))
    for rare in ("/press", "/jobs"):
        log.crowd(2, 6, (rare,))
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def times_of_a_folder_that_has_nearly_all_rare_pages(folder: Path) -> Evidence:
    """All rare pages but one are of a folder with times of forty: 35 at least, of 37 with the page that is named."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 39)
    log.crowd(2, 20, ("/letters/c",))
    for rare in ("/letters/a", "/letters/b"):
        log.crowd(2, 8, (rare,))
    log.crowd(2, 1, ("/press",))
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def times_by_hour_hardly_more_than_those_of_a_kind(folder: Path) -> Evidence:
    """Of what is answered within a millisecond, all are style sheets but one page."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, ("/",), seconds=0.020)
    log.crowd(2, 56, ("/style.css",), seconds=0.001)
    log.crowd(2, 20, ("/style.css",), seconds=0.3)
    log.crowd(2, 1, ("/",), seconds=0.001)
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def a_page_as_fast_as_all_of_a_kind(folder: Path) -> Evidence:
    """All style sheets are answered within a millisecond, and `kinds` has their number; so is one page."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, ("/",), seconds=0.020)
    log.crowd(2, 42, ("/style.css",), seconds=0.001)
    log.crowd(2, 1, ("/",), seconds=0.001)
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def a_kind_in_a_row_with_others(folder: Path) -> Evidence:
    """Fifteen style sheets and one missing page are sixteen requests; twenty style sheets are published, or fifteen."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 30, ("/",))
    log.crowd(2, 15, ("/style.css",))
    log.visit(2, ("/gone",), client=RARE.format(7), status=404)
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def a_request_in_an_hour_with_all_of_a_kind(folder: Path) -> Evidence:
    """All pages are slow, and in one hour; the faster request that `latency` has there is one style sheet."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 25, ("/",), seconds=0.3, minute=610)
    log.crowd(2, 1, ("/style.css",), seconds=0.02, minute=620)
    log.crowd(2, 30, ("/style.css",), seconds=0.02, minute=700)
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def times_of_two_folders_that_have_all_rare_pages(folder: Path) -> Evidence:
    """Two folders have six views of rare pages each, which are twelve, and times of twenty-four at most."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 40)
    log.crowd(2, 30, ("/style.css",))
    for name in ("letters", "talks"):
        log.crowd(2, 18, (f"/{name}/a",))
        log.crowd(2, 6, (f"/{name}/b",))
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def fast_requests_beside_rows_that_are_both_rounded_up(folder: Path) -> Evidence:
    """Fifteen page views are fast and twenty-eight slow, which are 20 and 30 of 43; so are six fast style sheets."""
    return _two_rows(folder, 15, 28)


@attacks
def fast_requests_beside_rows_that_are_both_rounded_down(folder: Path) -> Evidence:
    """Fourteen page views are fast and twenty-three slow, which are 10 and 20 of 37; so are six fast style sheets."""
    return _two_rows(folder, 14, 23)


def _two_rows(folder: Path, fast: int, slow: int) -> Evidence:
    log = Log()
    log.edges(2, 2)
    log.crowd(2, fast, ("/",), seconds=0.001)
    log.crowd(2, slow, ("/",), seconds=0.3)
    log.crowd(2, 6, ("/style.css",), seconds=0.001)
    log.crowd(2, 33, ("/style.css",), seconds=0.3)
    return solve(folder, log, 2, 2, ABOUT)


@attacks
def times_of_generated_days(folder: Path) -> Evidence:
    """All request times of a generated log: a week, or the days that an environment variable says."""
    days = int(os.environ.get("FOOTFALL_TIMED_DAYS", "7"))
    log = folder / "sample.log"
    truth = write_sample(log, 360 * days, 7, days + 2, "footfall", day(0))
    options: dict[str, Any] = {"log_format": "footfall", "site": truth.site, "behaviour": False}
    options |= {"first_day": day(1), "last_day": day(days)}
    content = log.read_bytes()
    publish_logs(folder, {"access.log": content}, **options)
    known = read_truth({"access.log": content}, reference_settings(Settings(**options)))
    result = attack(folder / DB, known, K, knows_pairs=False)
    assert not set(ABOUT) & set(result.not_understood)
    return [str(one.label) for one in result.answers.narrow]
