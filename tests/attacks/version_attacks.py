"""Attacks on days that an earlier version published, without rules, and that the next run carried over.

Of such a file the hits of a row, of a day's request times and of its errors are known exactly.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import duckdb

from tests.attacks.attacks import DB, PEOPLE, Evidence, attacks, naming, read
from tests.attacks.logs import K
from tests.pipelines.publishing.test_earlier_file import LATER, OPTIONS, open_version, write_log
from tests.running import Rows, publish_logs

STATUSES: Final = ("hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")


def carry_over(folder: Path, *statements: str) -> dict[str, Rows]:
    """Change a file of version 2, publish later days into it, and return what it tells of the earlier days."""
    db = open_version(2, folder)
    assert db.name == DB
    with duckdb.connect(str(db)) as connection:
        for statement in (f"UPDATE runs SET k = {K}", *statements):
            connection.execute(statement)
    publish_logs(folder, {"a.log": write_log(folder / "a.log", LATER)}, **{**OPTIONS, "k": K})
    return {name: [row for row in rows if "day" in row and row["day"] < LATER] for name, rows in read(folder).items()}


def of_people(rows: Rows) -> Rows:
    """Those of the classes of people."""
    return [row for row in rows if row["traffic_class"] in PEOPLE]


@attacks
def statuses_of_an_earlier_version(folder: Path) -> Evidence:
    """The hits of an hour less those of the statuses that are told."""
    found = []
    for row in of_people(carry_over(folder)["traffic"]):
        told = [row[name] for name in STATUSES if row[name] is not None]
        if told and (0 < row["hits"] - sum(told) < K or any(0 < one < K for one in told)):
            found.append(f"{row['hits']} hits, of which {told} are told by status")
    return found


@attacks
def page_views_of_an_earlier_version(folder: Path) -> Evidence:
    """The 242 page views of a day less those of the hours that tell theirs; four are of a late hour."""
    published = carry_over(
        folder,
        """UPDATE traffic SET page_views = CASE hour WHEN 12 THEN 238 WHEN 20 THEN 4 ELSE 0 END
        WHERE day = '2026-06-02' AND traffic_class = 'human'""",
    )
    views = {row["day"]: row["page_views"] for row in published["visits"]}
    hours: dict[object, list[int]] = {}
    for row in published["traffic"]:
        if row["traffic_class"] == "human" and row["page_views"] is not None:
            hours.setdefault(row["day"], []).append(row["page_views"])
    return [f"{views[day] - sum(told)} page views" for day, told in hours.items() if 0 < views[day] - sum(told) < K]


@attacks
def request_times_of_an_earlier_version(folder: Path) -> Evidence:
    """All requests of a day, each of which has a time, less those whose times are told."""
    published = carry_over(folder)
    left: Counter[tuple[object, str]] = Counter()
    for table, sign in (("traffic", 1), ("latency", -1)):
        for row in of_people(published[table]):
            left[row["day"], row["traffic_class"]] += sign * row["hits"]
    return [f"{count} requests were as slow" for count in left.values() if 0 < count < K]


@attacks
def errors_of_an_earlier_version(folder: Path) -> Evidence:
    """Errors of all less those of machines; four of people are in no visit."""
    people = """UPDATE traffic SET hits_4xx = 0 WHERE day = '2026-06-02' AND traffic_class IN ('human', 'automated');
        UPDATE traffic SET hits_4xx = 4 WHERE day = '2026-06-02' AND traffic_class = 'human' AND hour = 20"""
    machines = """DELETE FROM errors WHERE day = '2026-06-02';
        INSERT INTO errors BY NAME
        SELECT day, site, 404 AS status, '(other)' AS page, 4 + sum(hits_4xx) AS hits, 0 AS visits FROM traffic
        WHERE day = '2026-06-02' AND traffic_class NOT IN ('human', 'automated') GROUP BY ALL"""
    published = carry_over(folder, people, machines)
    total: Counter[object] = Counter()
    for row in published["errors"]:
        total[row["day"]] += row["hits"]
    for row in published["traffic"]:
        if row["traffic_class"] not in PEOPLE:
            total[row["day"]] -= row["hits_4xx"] + row["hits_5xx"]
    return [f"{count} errors of people" for count in total.values() if 0 < count < K]


@attacks
def a_bot_and_a_site_of_an_earlier_version(folder: Path) -> Evidence:
    """One client called itself a bot with its name, and another made up a site."""
    hit = "day, 3 AS hour, 'made-up.example' AS site, '{}' AS traffic_class, 1 AS hits, 1 AS hits_2xx, 0 AS hits_3xx"
    published = carry_over(
        folder,
        "UPDATE bots SET hits = hits - 1 WHERE day = '2026-06-02' AND name = 'Googlebot'",
        "INSERT INTO bots SELECT '2026-06-02', 'www.example.org', 'bot', 'janebot', 'other', 1, 777",
        *(
            f"""INSERT INTO traffic BY NAME SELECT {hit.format(one)}, 0 AS page_views, 500 AS bytes_sent,
            0 AS hits_4xx, 0 AS hits_5xx FROM days LIMIT 1"""
            for one in ("human", "bot")
        ),
        "INSERT INTO visits SELECT day, 'made-up.example', 1, 1, 1, 1, 0, 0, 0 FROM days LIMIT 1",
        "INSERT INTO days SELECT * REPLACE ('made-up.example' AS site, 2 AS hits) FROM days LIMIT 1",
    )
    return naming(published, "janebot", "made-up.example")
