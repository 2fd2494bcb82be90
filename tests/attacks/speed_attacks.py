"""Attacks on the request times by kind and by folder; each returns what it learned about few people."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.attacks import Evidence, attacks, read, solve
from tests.attacks.logs import RARE, K, Log, day, publish


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
