"""Attacks on days that an earlier version published, and that the next run carried over.

Files of version 1 and 2 know no rules for small groups: of a row they have its hits or visits, and of visitors their
number on the day alone. Those of version 3 had no rule for midnights, and some none for bytes.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from footfall.pipelines.publishing.tighten_days import FIRST_TIGHT_VERSION
from footfall.transforms.vocabulary import OTHER
from tests.attacks.attacks import DB, Evidence, attacks, naming, read
from tests.attacks.cells import PEOPLE
from tests.attacks.logs import K
from tests.pipelines.publishing.test_earlier_file import LATER, OPTIONS, open_version, write_log
from tests.running import Rows, publish_logs

STATUSES: Final = ("hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")
OF_DAY: Final = "WHERE day = '2026-06-02'"


def carry_over(folder: Path, *statements: str, version: int = 2) -> dict[str, Rows]:
    """Change a file of a version, publish later days into it, and return what it tells of the earlier days."""
    db = open_version(version, folder)
    assert db.name == DB
    # Files with rules obey those of their own k.
    k = OPTIONS["k"] if version >= FIRST_TIGHT_VERSION else K
    with duckdb.connect(str(db)) as connection:
        for statement in (f"UPDATE runs SET k = {k}", *statements):
            connection.execute(statement)
    publish_logs(folder, {"a.log": write_log(folder / "a.log", LATER)}, **{**OPTIONS, "k": k})
    return {name: [row for row in rows if "day" in row and row["day"] < LATER] for name, rows in read(folder).items()}


def of_people(rows: Rows) -> Rows:
    """Those of the classes of people."""
    return [row for row in rows if row["traffic_class"] in PEOPLE]


@attacks
def statuses_of_an_earlier_version(folder: Path) -> Evidence:
    """The hits of a day less those of the statuses that are told."""
    found = []
    for row in of_people(carry_over(folder)["traffic"]):
        told = [row[name] for name in STATUSES if row[name] is not None]
        if told and (0 < row["hits"] - sum(told) < K or any(0 < one < K for one in told)):
            found.append(f"{row['hits']} hits, of which {told} are told by status")
    return found


@attacks
def page_views_of_an_earlier_version(folder: Path) -> Evidence:
    """The page views of a day by hour less those of its visits: some of few went on after midnight."""
    found = []
    for version in (2, 3):
        own = folder / str(version)
        own.mkdir()
        begun = f"SELECT page_views FROM visits {OF_DAY}"
        published = carry_over(
            own,
            f"""UPDATE traffic SET page_views = CASE hour WHEN 12 THEN ({begun}) - 22 WHEN 13 THEN 20 ELSE 0 END
            {OF_DAY} AND traffic_class = 'human'""",
            version=version,
        )
        views = {row["day"]: row["page_views"] for row in published["visits"]}
        hours: dict[date, list[int | None]] = {}
        for row in published["traffic"]:
            if row["traffic_class"] == "human":
                hours.setdefault(row["day"], []).append(row["page_views"])
        for day, told in hours.items():
            if None not in told and 0 < abs(views[day] - sum(filter(None, told))) < K:
                found.append(f"version {version}: page views over a midnight")
    return found


@attacks
def twelve_hits_of_one_of_an_earlier_version(folder: Path) -> Evidence:
    """Somebody came at night, with an old browser and a slow line, and made twelve hits; so did a program."""
    day = "DATE '2026-06-02' AS day, 'www.example.org' AS site, 12 AS hits"
    published = carry_over(
        folder,
        f"UPDATE traffic SET hour = 12 {OF_DAY} AND hour = 3",
        f"UPDATE traffic SET hits = hits - 12 {OF_DAY} AND hour = 14 AND traffic_class = 'human'",
        f"""INSERT INTO traffic BY NAME SELECT {day}, 3 AS hour, 'human' AS traffic_class, 0 AS page_views,
        500 AS bytes_sent, 12 AS hits_2xx, 0 AS hits_3xx, 0 AS hits_4xx, 0 AS hits_5xx""",
        f"UPDATE protocols SET hits = hits - 12 {OF_DAY} AND traffic_class = 'human' AND protocol = 'HTTP/2.0'",
        f"""INSERT INTO protocols BY NAME SELECT {day}, 'HTTP/1.0' AS protocol, 'human' AS traffic_class,
        500 AS bytes_sent""",
        f"INSERT INTO latency BY NAME SELECT {day}, 3 AS hour, 'human' AS traffic_class, 262144 AS bucket_ms",
        f"DELETE FROM bots {OF_DAY} AND traffic_class = 'automated'",
        f"""INSERT INTO bots BY NAME SELECT {day}, 'automated' AS traffic_class, 'curl' AS name, 'tool' AS category,
        500 AS bytes_sent""",
    )
    return [
        f"{name}: {row['hits']} hits"
        for name in ("traffic", "protocols", "latency", "bots")
        for row in of_people(published[name])
        if row["hits"] == 12
    ]


@attacks
def a_program_of_an_earlier_version(folder: Path) -> Evidence:
    """All hits of programs on a day are those of one client; they are in no row, and in no sum."""
    published = carry_over(folder)
    left: Counter[object] = Counter({row["day"]: row["hits"] for row in published["days"]})
    found = []
    for row in published["traffic"]:
        left[row["day"]] -= row["hits"]
        if row["traffic_class"] == "automated":
            found.append(f"{row['hits']} hits of programs")
    return found + [f"{count} hits of programs in days" for count in left.values() if count]


@attacks
def twelve_visits_of_three_of_an_earlier_version(folder: Path) -> Evidence:
    """Of a day with more than a hundred visits it is known that three visitors made them, of another that forty did."""
    published = carry_over(
        folder,
        f"UPDATE visits SET visitors = 3 {OF_DAY}",
        "UPDATE visits SET visitors = 40 WHERE day = '2026-06-03'",
    )
    found = []
    small, busy = date(2026, 6, 2), date(2026, 6, 3)
    for name, rows in published.items():
        for row in rows:
            if row["day"] == small and (
                row.get("visits") or ("traffic_class" in row and row["traffic_class"] in PEOPLE)
            ):
                found.append(f"a row of {name} on a day of three")
            # With forty visitors of 107 visits, ten of them have some 27.
            is_named = name in ("locations", "technology") and OTHER not in row.values()
            if row["day"] == busy and is_named and row["visits"] < 26:
                found.append(f"a row of {name} of {row['visits']} visits")
    return found


@attacks
def seconds_of_few_of_an_earlier_version(folder: Path) -> Evidence:
    """All visits of a day but three saw one page; only these three stayed."""
    published = carry_over(folder, f"UPDATE visits SET bounces = visits - 3 {OF_DAY}")
    return [f"{row['duration_s']} s" for row in published["visits"] if row["day"].day == 2 and row["duration_s"]]


@attacks
def a_silence_of_an_earlier_version(folder: Path) -> Evidence:
    """One person's hits before and after a silence have the minutes at which it began and ended; another met errors."""
    incident = """INSERT INTO incidents BY NAME SELECT DATE '2026-06-02' AS day, 'www.example.org' AS site,
        TIMESTAMP '2026-06-02 03:17:00' AS started, TIMESTAMP '2026-06-02 04:41:00' AS ended, '{}' AS kind,
        {} AS hits, {} AS hits_5xx"""
    found = []
    for version, kinds in ((2, ("silence", "errors")), (3, ("silence",))):
        own = folder / str(version)
        own.mkdir()
        failed = f"UPDATE traffic SET hits_5xx = 6 {OF_DAY} AND hour = 12 AND traffic_class = 'human'"
        published = carry_over(
            own,
            *((failed,) if version == 2 else ()),
            *(incident.format(kind, *((0, 0) if kind == "silence" else (6, 6))) for kind in kinds),
            version=version,
        )
        found += [
            f"version {version}: {row['kind']} at {row['started']:%H:%M}"
            for row in published["incidents"]
            if row["started"].minute or row["ended"].minute
        ]
    return found


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
