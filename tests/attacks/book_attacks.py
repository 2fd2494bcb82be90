"""Attacks by the line counts of runs: each returns what it learned about few people.

Hits of machines are published exactly, by hour. The lines that remain when these are subtracted are of people.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.attacks.attacks import Evidence, attacks, read
from tests.attacks.logs import BOT, RARE, Log, day, options_of, publish
from tests.running import Rows, publish_logs

PEOPLE: Final = ("human", "automated")
ALL_DAYS: Final[dict[str, Any]] = {"first_day": None, "last_day": None}


def hours_of_machines(log: Log, first: int, last: int) -> None:
    """A bot comes at half past each hour of some days."""
    for number in range(first, last + 1):
        for hour in range(24):
            at = datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=hour, minutes=30)
            log.hit(at, client="66.249.66.1", agent=BOT)


def few_between_many() -> Log:
    """Four visitors on the third day, and many on the days around it."""
    log = Log()
    log.edges(2, 4)
    hours_of_machines(log, 2, 4)
    log.crowd(2, 30)
    log.crowd(4, 30)
    for number in range(1, 5):
        log.visit(3, ("/", "/jobs"), client=RARE.format(number))
    return log


def hits_of_machines(published: dict[str, Rows], **where: Any) -> int:
    """Those that `traffic` publishes."""
    rows = [row for row in published["traffic"] if row["traffic_class"] not in PEOPLE]
    return sum(row["hits"] for row in rows if all(row[name] == value for name, value in where.items()))


def published_values(rows: Rows, column: str) -> list[int]:
    """The values of a column that are not NULL."""
    return [row[column] for row in rows if row[column] is not None]


@attacks
def few_of_a_day_in_the_books_of_another(folder: Path) -> Evidence:
    """The night that publishes the fourth day reads the third one, too: the logs are kept for some days."""
    log = few_between_many()
    for number in (2, 3, 4):
        publish(folder, log, number, number)
    published = read(folder)
    last, edges = published["inputs"][-1], 2
    others = [row["hits"] for row in published["days"] if row["day"] != day(4)]
    return [f"{one - sum(others) - edges} hits of few people" for one in published_values([last], "outside_window")]


@attacks
def few_of_an_hour_by_the_file_of_the_hour(folder: Path) -> Evidence:
    """A server begins a file with each hour; at three o'clock one person came."""
    log = Log()
    log.edges(2, 2)
    hours_of_machines(log, 2, 2)
    log.crowd(2, 30)
    log.visit(2, ("/", "/jobs"), minute=200, client=RARE.format(7))
    files: dict[str, Log] = {}
    for at, line in log.lines:
        files.setdefault(f"{at:%d-%H}.log", Log()).lines.append((at, line))
    inputs = {name: own.content() for name, own in sorted(files.items())}
    publish_logs(folder, inputs, **options_of(2, 2) | ALL_DAYS)
    published = read(folder)
    hour = [row for row in published["inputs"] if row["input"].endswith("02-03.log")]
    return [f"{one - hits_of_machines(published, hour=3)} hits of one" for one in published_values(hour, "hits")]


@attacks
def few_of_a_day_before_a_torn_line(folder: Path) -> Evidence:
    """The log ends in the middle of a line, whose number is that of the lines before it plus one."""
    log = few_between_many()
    log.lines = [(at, line) for at, line in log.lines if at < datetime.combine(day(4), datetime.min.time(), UTC)]
    at = datetime.combine(day(4), datetime.min.time(), UTC) + timedelta(hours=1)
    log.hit(at, client="66.249.66.1", agent=BOT)
    torn = log.content() + b"www.example.org 66.249.66.1 - - [04/Jun"
    publish_logs(folder, {"access.log": torn}, **options_of(2, 4) | ALL_DAYS)
    published = read(folder)
    hits = sum(row["hits"] for row in published["days"])
    return [
        f"{one - 1 - hits} hits of few people" for one in published_values(published["rejects"], "first_line_number")
    ]


@attacks
def a_late_visit_in_the_books(folder: Path) -> Evidence:
    """A complete day stays as it is; the line counts of the next run include the late visitor."""
    log = Log()
    for number in (2, 3):
        log.crowd(number, 30)
    log.edges(2, 3)
    publish(folder, log, 2, 3, **ALL_DAYS)
    log.visit(2, ("/", "/jobs"), client=RARE.format(7))
    log.crowd(5, 30)
    log.edges(5, 5)
    publish(folder, log, 2, 5, **ALL_DAYS)
    published = read(folder)
    hits = sum(row["hits"] for row in published["days"])
    more = [one - hits for one in published_values(published["inputs"][-1:], "hits")]
    return [f"{one} hits of one late visitor" for one in more if one]
