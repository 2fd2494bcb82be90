"""The published file is what analysts were promised: tables, columns, types, comments, views and the macro."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pytest

from footfall.pipelines.sample.site import GOALS
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.tables.published import TABLES
from tests.running import publish_logs

# Copied from the contract, so that a name that changes there by mistake is noticed here.
PROMISED: Final = {
    "days": "day site complete first_hit last_hit hits hits_5xx told_in run_id published_at",
    "traffic": "day hour site traffic_class hits page_views bytes_sent hits_2xx hits_3xx hits_4xx hits_5xx",
    "protocols": "day site protocol traffic_class hits bytes_sent",
    "kinds": "day site kind traffic_class hits bytes_sent",
    "visits": "day site visits page_views bounces visitors duration_s fallback_visits cut_visits",
    "visit_lengths": "day site measure at_least at_most visits",
    "pages": "day site grain page page_views visits entries exits bounces",
    "locations": "day site grain continent country region visits page_views bounces duration_s completions",
    "technology": "day site grain browser os device visits page_views bounces duration_s completions",
    "browser_versions": "day site grain browser browser_version visits page_views",
    "os_versions": "day site grain os os_version visits page_views",
    "referrers": "day site grain kind source visits page_views bounces duration_s completions",
    "campaigns": "day site grain source medium campaign visits page_views bounces duration_s completions",
    "searches": "day site grain phrase searches visits exits refined",
    "errors": "day site grain status page hits visits",
    "broken_links": "day site grain status page referrer hits visits",
    "downloads": "day site grain page hits visits partial",
    "latency": "day hour site traffic_class from_ms bucket_ms hits",
    "incidents": "site started ended started_local ended_local kind hits hits_5xx",
    "bots": "day site traffic_class name category hits bytes_sent",
    "kind_latency": "day site kind from_ms bucket_ms hits",
    "page_latency": "day site page_group from_ms bucket_ms hits",
    "robots_txt": "day site name category hits asked forbidden disobeyed",
    "crawlers": "day site name category page_group status_class hits bytes_sent",
    "crawler_errors": "day site name category status page hits",
    "cookie_audit": "day site grain finding visits",
    "goals": "day site grain goal visits times",
    "goal_sources": "day site grain goal kind source visits",
    "goal_campaigns": "day site grain goal source medium campaign visits",
    "goal_entries": "day site grain goal page visits",
    "transitions": "day site grain page next_page visits",
    "entry_exits": "day site grain page exit_page visits",
    "inputs": "run_id input lines hits outside_window rejected duplicates damaged",
    "rejects": "run_id input reason lines first_line_number",
    "runs": "run_id started_at finished_at version k timezone geo_source geo_built_on user_agent_rules options_digest "
    "schema_version",
    "promises": "run_id promise checked findings evidence",
}
TYPES: Final = {
    "DATE": "day geo_built_on",
    "TIMESTAMP": "first_hit last_hit published_at started ended started_local ended_local started_at finished_at",
    "BOOLEAN": "complete damaged",
    "BIGINT": "hits page_views bytes_sent hits_2xx hits_3xx hits_4xx hits_5xx visits bounces visitors duration_s "
    "fallback_visits cut_visits completions times entries exits refined searches lines outside_window rejected "
    "duplicates first_line_number checked findings",
    "DOUBLE": "from_ms bucket_ms",
}
# Tables of goals but `goals` divide rows of others.
WITH_VIEWS: Final = [
    name for name, columns in PROMISED.items() if "grain" in columns.split() and not name.startswith("goal_")
]
VIEWS: Final = {
    *"availability trend availability_by_month outages statuses_by_day incomplete_days location_data".split(),
    "privacy_checks",
    *(f"{name}_by_{span}" for name in ("visits", *WITH_VIEWS) for span in ("week", "month")),
}
LINES: Final = 60_000
DAYS: Final = 11
"""The first and the last are incomplete."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A file published from a generated log of more than a week."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "logs").mkdir()
    write_sample(folder / "logs" / "access.log", LINES, 3, DAYS)
    content = (folder / "logs" / "access.log").read_bytes()
    # Nobody fetches files there.
    lines = content.splitlines(keepends=True)
    content += b"".join(
        re.sub(rb'"GET [^ "]*', b'"GET /files/plan.zip', line) for line in lines[:400] if b'" 200 ' in line
    )
    # A monitor meets errors in one minute.
    content += next(line for line in lines if b"UptimeRobot" in line).replace(b'" 200 ', b'" 503 ') * 6
    goals = {**GOALS, "product": "/products/**"}
    publish_logs(folder, {"access.log": content}, log_format="footfall", site="www.example.org", goals=goals)
    with duckdb.connect(str(folder / "traffic.duckdb"), read_only=True) as connection:
        yield connection


def test_all_promised_tables_and_columns_are_there(published: duckdb.DuckDBPyConnection) -> None:
    columns = defaultdict(list)
    for table, column in published.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
    ).fetchall():
        columns[table].append(column)
    for name, promised in PROMISED.items():
        added = ["day"] if name == "incidents" else []
        assert columns[name] == added + promised.split(), name
    assert set(columns) == set(PROMISED) | VIEWS
    assert {table.name for table in TABLES} == set(PROMISED)


def test_columns_have_the_promised_types(published: duckdb.DuckDBPyConnection) -> None:
    kinds = {column: kind for kind, names in TYPES.items() for column in names.split()}
    rows = published.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    for table, column, kind in rows:
        if table not in VIEWS and column in kinds:
            assert kind == kinds[column], f"{table}.{column}"


def test_every_table_column_view_and_macro_has_a_comment(published: duckdb.DuckDBPyConnection) -> None:
    without = published.execute(
        """SELECT table_name FROM duckdb_tables() WHERE comment IS NULL
        UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL
        UNION ALL SELECT function_name FROM duckdb_functions()
          WHERE NOT internal AND database_name = current_database() AND comment IS NULL
        UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns()
          WHERE NOT internal AND comment IS NULL AND table_name NOT IN (SELECT view_name FROM duckdb_views())"""
    ).fetchall()
    assert without == []


def test_no_table_is_empty(published: duckdb.DuckDBPyConnection) -> None:
    empty = [name for name in PROMISED if published.execute(f"SELECT count(*) FROM {name}").fetchall() == [(0,)]]
    assert empty == []


def test_rows_are_sorted_by_their_keys(published: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        keys = published.execute(f"SELECT {', '.join(key.name for key in table.keys)} FROM {table.name}").fetchall()
        assert len(set(keys)) == len(keys), table.name
        assert keys == sorted(keys, key=lambda row: [(value is None, value) for value in row]), table.name


def test_availability_is_the_share_of_hits_without_server_error(published: duckdb.DuckDBPyConnection) -> None:
    expected: dict[date, list[tuple[int, int | None]]] = defaultdict(list)
    for day, hits, errors in published.execute(
        "SELECT day, hits, hits_5xx FROM traffic WHERE traffic_class IN ('human', 'monitor')"
    ).fetchall():
        expected[day].append((hits, errors))
    rows = published.execute("SELECT day, site, hits, hits_5xx, availability FROM availability").fetchall()
    assert len(rows) == DAYS
    for day, site, hits, errors, availability in rows:
        assert site == "www.example.org"
        assert hits == sum(own for own, _ in expected[day])
        told = sum(own or 0 for _, own in expected[day])
        if all(own is not None for _, own in expected[day]):
            assert errors == told
        # The sum of a day may be told where that of an hour is not.
        assert availability is errors is None or (errors >= told and availability == pytest.approx(1 - errors / hits))
    assert any(errors for _, _, _, errors, _ in rows)


def test_trend_compares_with_the_same_weekday_a_week_before(published: duckdb.DuckDBPyConnection) -> None:
    complete = "SELECT day, visits, page_views FROM visits JOIN days USING (day, site) WHERE complete"
    visits = {day: row for day, *row in published.execute(complete).fetchall()}
    rows = published.execute("FROM trend").fetchall()
    assert [row[0] for row in rows] == sorted(visits)
    for day, _, now, before, change, now_views, before_views, views_change in rows:
        assert [now, now_views] == visits[day]
        week_before = visits.get(date.fromordinal(day.toordinal() - 7))
        if week_before is None:
            assert (before, change, before_views, views_change) == (None, None, None, None)
        else:
            assert [before, before_views] == week_before
            assert change == pytest.approx(now / before - 1)
            assert views_change == pytest.approx(now_views / before_views - 1)
    assert len(rows) == DAYS - 2
    assert sum(row[3] is not None for row in rows) == DAYS - 2 - 7


def test_interest_in_pages_is_that_of_complete_days(published: duckdb.DuckDBPyConnection) -> None:
    first, last = published.execute("SELECT min(day), max(day) FROM days").fetchall()[0]
    period = published.execute(
        "SELECT page, days, page_views, page_views_before FROM page_interest(?, ?)", [first + timedelta(days=7), last]
    ).fetchall()
    assert period, "days 8 to 11 against days 1 to 4: day 8 follows an incomplete one, and day 11 is one"
    views = {
        (day, page): count
        for day, page, count in published.execute(
            "SELECT day, page, page_views FROM pages WHERE grain = 'day'"
        ).fetchall()
    }
    for page, days, now, before in period:
        told = [
            day
            for day in (first + timedelta(days=8), first + timedelta(days=9))
            if {(day, page), (day - timedelta(days=7), page)} <= views.keys()
        ]
        assert days == len(told)
        assert now == sum(views[day, page] for day in told)
        assert before == sum(views[day - timedelta(days=7), page] for day in told)


def test_bots_have_an_availability_of_their_own(published: duckdb.DuckDBPyConnection) -> None:
    traffic = published.execute(
        "SELECT day, sum(hits), sum(hits_5xx) FROM traffic WHERE traffic_class = 'bot' GROUP BY day ORDER BY day"
    ).fetchall()
    rows = published.execute("SELECT day, bot_hits, bot_hits_5xx, bot_availability FROM availability").fetchall()
    assert [row[:3] for row in rows] == traffic
    for _, hits, errors, availability in rows:
        assert availability == pytest.approx(1 - errors / hits)
    assert any(errors for _, _, errors, _ in rows)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95, 0.99, 1.0])
def test_percentile_is_exact_to_the_bucket(share: float, published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("SELECT day, traffic_class, bucket_ms, hits FROM latency ORDER BY bucket_ms").fetchall()
    found = published.execute(
        """SELECT day, traffic_class, percentile_ms(bucket_ms, hits, ?) FROM latency
        GROUP BY day, traffic_class ORDER BY day, traffic_class""",
        [share],
    ).fetchall()
    assert len(found) > DAYS
    for day, traffic_class, percentile in found:
        own = [(edge, hits) for row_day, row_class, edge, hits in rows if (row_day, row_class) == (day, traffic_class)]
        values = np.repeat([edge for edge, _ in own], [hits for _, hits in own])
        assert percentile == np.quantile(values, share, method="inverted_cdf")


def test_percentile_of_nothing_is_null(published: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT percentile_ms(bucket_ms, hits, 0.5) FROM latency WHERE"
    assert published.execute(f"{query} day < DATE '2000-01-01'").fetchall() == [(None,)]
    assert published.execute(f"{query} traffic_class = 'none' GROUP BY day").fetchall() == []


def test_percentile_of_many_groups_in_one_query(published: duckdb.DuckDBPyConnection) -> None:
    """Two percentiles side by side, over all sites and hours: histograms add up."""
    ((low, high),) = published.execute(
        "SELECT percentile_ms(bucket_ms, hits, 0.5), percentile_ms(bucket_ms, hits, 0.99) FROM latency"
    ).fetchall()
    assert 0 < low < high


def test_the_file_says_what_it_was_made_from(published: duckdb.DuckDBPyConnection) -> None:
    ((version, k, timezone, geo, rules, digest),) = published.execute(
        "SELECT version, k, timezone, geo_source, user_agent_rules, options_digest FROM runs"
    ).fetchall()
    assert (k, timezone) == (10, "UTC")
    assert version and "DB-IP" in geo and "ua-parser" in rules and len(digest) == 16


def test_promises_say_how_much_was_looked_at(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("SELECT promise, checked, findings, evidence FROM promises ORDER BY promise").fetchall()
    assert [promise for promise, *_ in rows] == [
        "no address",
        "no cookie or other identifier",
        "no digest of a client or session",
        "no e-mail address",
        "no hits of fewer than k people",
        "no identifier of the run",
        "no row of fewer than k visitors",
        "no user agent",
        "the books balance",
    ]
    assert all(checked > 0 and findings == 0 and evidence for _, checked, findings, evidence in rows)


def test_duckdb_1_opens_what_is_written_for_it(published: duckdb.DuckDBPyConnection) -> None:
    """The version of a file's format stands behind its magic bytes: 64 is DuckDB 1.0's."""
    ((path,),) = published.execute("SELECT path FROM duckdb_databases() WHERE database_name = 'traffic'").fetchall()
    head = Path(path).read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == 64
