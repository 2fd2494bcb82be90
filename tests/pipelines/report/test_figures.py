"""Each figure on the page is that of a query of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.report.collect_figures import collect_figures
from footfall.pipelines.report.figures import Period, Report
from footfall.pipelines.report.rankings import RANKINGS
from footfall.pipelines.report.render_page import render_page
from footfall.pipelines.report.scope import Scope
from tests.pipelines.report.published_files import FIRST, SITE, write_file
from tests.pipelines.report.reading import PageReader, read_number

LAST = FIRST + timedelta(69)
FROM = LAST - timedelta(29)
MAIN = {
    # ranking: (table, keys, measures beside ratios, condition on rows)
    "channels": ("referrers", ("kind",), ("visits", "completions"), "true"),
    "sources": ("referrers", ("kind", "source"), ("visits", "completions"), "source <> '(none)'"),
    "campaigns": ("campaigns", ("source", "medium", "campaign"), ("visits", "completions"), "true"),
    "goals": ("goals", ("goal",), ("visits", "times"), "true"),
    "goal_sources": ("goal_sources", ("goal", "kind", "source"), ("visits",), "true"),
    "goal_campaigns": ("goal_campaigns", ("goal", "source", "medium", "campaign"), ("visits",), "true"),
    "goal_entries": ("goal_entries", ("goal", "page"), ("visits",), "true"),
    "robots_txt": ("robots_txt", ("category", "name"), ("forbidden", "asked", "hits"), "true"),
    "page_latency": ("page_latency", ("page_group",), ("hits",), "true"),
    "kind_latency": ("kind_latency", ("kind",), ("hits",), "true"),
    "landing_pages": ("pages", ("page",), ("entries",), "true"),
    "exit_pages": ("pages", ("page",), ("exits",), "true"),
    "pages": ("pages", ("page",), ("page_views", "visits"), "true"),
    "transitions": ("transitions", ("page", "next_page"), ("visits",), "true"),
    "entry_exits": ("entry_exits", ("page", "exit_page"), ("visits",), "true"),
    "searches": ("searches", ("phrase",), ("searches", "visits", "exits", "refined"), "true"),
    "countries": ("locations", ("country",), ("visits", "completions"), "true"),
    "regions": ("locations", ("country", "region"), ("visits", "page_views"), "true"),
    "devices": ("technology", ("device",), ("visits", "completions"), "true"),
    "browsers": ("technology", ("browser",), ("visits", "page_views"), "true"),
    "browser_versions": ("browser_versions", ("browser", "browser_version"), ("visits", "page_views"), "true"),
    "systems": ("technology", ("os",), ("visits", "page_views"), "true"),
    "system_versions": ("os_versions", ("os", "os_version"), ("visits", "page_views"), "true"),
    "classes": ("traffic", ("traffic_class",), ("hits", "page_views", "bytes_sent", "hits_4xx", "hits_5xx"), "true"),
    "bots": ("bots", ("traffic_class", "category", "name"), ("hits", "bytes_sent"), "true"),
    "crawlers": ("crawlers", ("category", "name"), ("hits", "bytes_sent"), "true"),
    "crawler_errors": ("crawler_errors", ("status", "page"), ("hits",), "true"),
    "ai_crawlers": ("crawlers", ("category", "name", "page_group"), ("hits", "bytes_sent"), "category LIKE 'ai %'"),
    "kinds": ("kinds", ("traffic_class", "kind"), ("hits", "bytes_sent"), "true"),
    "protocols": ("protocols", ("protocol",), ("hits", "bytes_sent"), "true"),
    "statuses": ("errors", ("status",), ("hits", "visits"), "true"),
    "error_pages": ("errors", ("status", "page"), ("hits", "visits"), "true"),
    "broken_links": ("broken_links", ("status", "page", "referrer"), ("hits", "visits"), "true"),
    "downloads": ("downloads", ("page",), ("hits", "visits", "partial"), "true"),
    "cookie_audit": ("cookie_audit", ("finding",), ("visits",), "true"),
}
RATIOS = {
    "pages_per_visit": ("page_views", "visits"),
    "bounce_rate": ("bounces", "visits"),
    "seconds_per_visit": ("duration_s", "visits"),
    "completion_rate": ("completions", "visits"),
    "exit_rate": ("exits", "visits"),
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_file(tmp_path_factory.mktemp("figures") / "traffic.duckdb")


@pytest.fixture(scope="module")
def report(db: Path) -> Report:
    return collect_figures(db)


@pytest.fixture(scope="module")
def page(report: Report) -> PageReader:
    return PageReader(render_page(report, "en"))


@pytest.fixture
def query(db: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file, with `told`: each span with the days that it tells."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{db}' AS file (READ_ONLY); USE file")
        connection.execute(
            """CREATE TABLE memory.told AS
            WITH calendar AS (
                SELECT unnest(generate_series(DATE '2026-02-01', DATE '2026-06-30', INTERVAL 1 DAY))::DATE d)
            SELECT 'day' AS grain, d AS day, d FROM calendar
            UNION ALL SELECT 'month', date_trunc('month', d)::DATE, d FROM calendar
            UNION ALL SELECT 'week', min(d) OVER (PARTITION BY year(d), month(d), yearweek(d)), d FROM calendar"""
        )
        yield connection


def span_condition(table: str, first: date, last: date, connection: duckdb.DuckDBPyConnection) -> str:
    """The condition on rows of the table all of whose days lie in a period."""
    columns = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
    inside = f"BETWEEN DATE '{first}' AND DATE '{last}'"
    if "grain" not in columns:
        return f"day {inside}"
    return (
        f"NOT EXISTS (FROM memory.told WHERE told.grain = {table}.grain AND told.day = {table}.day AND NOT d {inside})"
    )


def test_every_ranking_of_the_report_is_compared() -> None:
    assert {one.name for one in RANKINGS} == {*MAIN, "sites"}


@pytest.mark.parametrize("days", [30, 7, 70])
@pytest.mark.parametrize("name", MAIN)
def test_rankings_on_the_page_are_those_of_sql(
    name: str, days: int, page: PageReader, query: duckdb.DuckDBPyConnection
) -> None:
    table, keys, measures, where = MAIN[name]
    first = LAST - timedelta(days - 1)
    inside = span_condition(table, first, LAST, query)
    sums = ", ".join(f"sum({one}), count({one}) < count(*)" for one in measures)
    main = measures[0]
    spec = next(one for one in RANKINGS if one.name == name)
    found = query.execute(
        f"SELECT {', '.join(keys)}, {sums} FROM {table} WHERE {inside} AND {where} GROUP BY ALL "
        f"HAVING sum({main}) > 0 ORDER BY sum({main}) DESC, {', '.join(keys)}"
    ).fetchall()
    named = [row for row in found if row[len(keys) - 1] not in (None, "(other)")]
    rare = [row for row in found if row[len(keys) - 1] in (None, "(other)")]
    cells = page.tables[f"days-{days}", name][1:]
    shown = cells[: min(len(named), spec.limit)]
    assert shown
    for row, expected in zip(shown, named, strict=False):
        numbers = [read_number(cell) for cell in row[len(keys) :]]
        del numbers[1]  # the share
        exact = [sums for sums in expected[len(keys) :: 2]]
        shown_cells = [row[len(keys)], *row[len(keys) + 2 :]]
        places = [[one.name for one in (*spec.measures, *spec.of_goals)].index(one) for one in measures]
        for place, value in zip(places, exact, strict=True):
            number, cell = numbers[place], shown_cells[place]
            if "B" in cell:
                continue  # rounded to kB and MB; compared in the figures below
            assert number == (value if value else None if expected[len(keys) + 1] or value is None else 0), (
                row,
                expected,
            )
        share = read_number(row[len(keys) + 1])
        assert share is not None
    texts = {row[0].strip(): read_number(row[1]) for row in cells[len(shown) :] if len(row) > 1}
    more = sum(row[len(keys)] for row in named[spec.limit :])
    assert next((value for text, value in texts.items() if "more with a name" in text), 0) == more
    unnamed = sum(row[len(keys)] for row in rare)
    assert next((v for t, v in texts.items() if t.startswith(("Not named", "Without a status"))), 0) == unnamed
    told = sum(row[len(keys)] for row in found)
    elsewhere = next((value for text, value in texts.items() if text.startswith("In rows of weeks")), 0) or 0
    assert texts["Together"] == told + elsewhere
    if spec.total:
        whole = query.execute(
            f"SELECT sum({spec.total}) FROM visits WHERE day BETWEEN DATE '{first}' AND DATE '{LAST}'"
        ).fetchall()[0][0]
        assert texts["Together"] == max(whole, told)


@pytest.mark.parametrize("name", MAIN)
def test_values_of_rankings_are_those_of_sql(name: str, report: Report, query: duckdb.DuckDBPyConnection) -> None:
    table, keys, measures, _ = MAIN[name]
    inside = span_condition(table, FROM, LAST, query)
    ranking = report.periods[0].rankings[name]
    assert ranking.rows
    for row in ranking.rows:
        own = " AND ".join(f"{key} IS NOT DISTINCT FROM ?" for key in keys)
        select = {one: f"sum({one})" for one in measures}
        own_ratios = {**RATIOS, "bounce_rate": ("bounces", "entries")} if table == "pages" else RATIOS
        for ratio, (above, below) in own_ratios.items():
            if ratio in row.values:
                told = f"sum(if({above} IS NULL, NULL, {below}))"
                rate = f"sum(if({below} IS NULL, NULL, {above})) / {told}"
                select[ratio] = f"if({told} >= 0.8 * sum({below}), {rate}, NULL)"
        if table.endswith("_latency"):
            select |= {f"p{share}_ms": f"percentile_ms(bucket_ms, hits, {share} / 100)" for share in (50, 95, 99)}
        if table == "crawlers":
            for status in ("4xx", "5xx"):
                select[f"hits_{status}"] = f"coalesce(sum(if(status_class = '{status}', hits, 0)), 0)"
        (expected,) = query.execute(
            f"SELECT {', '.join(select.values())}, {', '.join(f'count(*) - count({one})' for one in measures)} "
            f"FROM {table} WHERE {inside} AND {own}",
            [row.keys[key] for key in keys],
        ).fetchall()
        assert set(row.values) == set(select)
        for one, value in zip(select, expected, strict=False):
            assert row.values[one] == pytest.approx(value), (one, row)
        hidden = dict(zip(measures, expected[len(select) :], strict=True))
        assert set(row.at_least) == {one for one in measures if hidden[one] and row.values[one]}


def test_what_lies_in_weeks_and_months_beyond_the_days_is_told(
    report: Report, query: duckdb.DuckDBPyConnection
) -> None:
    for name in ("searches", "campaigns", "statuses"):
        table, _, (main, *_), where = MAIN[name]
        inside = span_condition(table, FROM, LAST, query)
        touching = (
            f"EXISTS (FROM memory.told WHERE told.grain = {table}.grain AND told.day = {table}.day "
            f"AND d BETWEEN DATE '{FROM}' AND DATE '{LAST}')"
        )
        ((expected,),) = query.execute(
            f"SELECT sum({main}) FROM {table} WHERE {touching} AND NOT ({inside}) AND {where}"
        ).fetchall()
        rest = report.periods[0].rankings[name].rest
        assert rest.elsewhere == expected > 0
        assert not rest.is_elsewhere_exact


KEY_FIGURES = {
    "Visits": ("sum(visits)", "visits"),
    "Page views": ("sum(page_views)", "page_views"),
    "Visitors a day": ("round(avg(visitors))", "visitors"),
    "Pages a visit": ("round(sum(page_views) / sum(visits), 2)", "page_views + visits"),
    "Bounce rate": ("round(100 * sum(bounces) / sum(visits), 1)", "bounces + visits"),
    "Availability": (None, ""),
    "95% answered within": (None, ""),
    "Time a visit": (None, ""),
}


@pytest.mark.parametrize("days", [30, 7, 70])
def test_key_figures_on_the_page_are_those_of_sql(
    days: int, page: PageReader, query: duckdb.DuckDBPyConnection
) -> None:
    within = f"day BETWEEN DATE '{LAST - timedelta(days - 1)}' AND DATE '{LAST}'"
    shown = page.values[f"days-{days}"]
    assert set(shown) == set(KEY_FIGURES)
    for label, (sql, told) in KEY_FIGURES.items():
        if sql:
            ((expected,),) = query.execute(
                f"SELECT {sql} FROM visits WHERE {within} AND ({told}) IS NOT NULL"
            ).fetchall()
            assert read_number(shown[label]) == pytest.approx(expected, abs=0.051 if "rate" in label else 0.0051), label
    ((seconds,),) = query.execute(
        f"SELECT sum(duration_s) / sum(visits) FROM visits WHERE {within} AND duration_s + visits IS NOT NULL"
    ).fetchall()
    assert shown["Time a visit"] == f"{round(seconds)}\xa0s"
    told = query.execute(
        f"""SELECT sum(hits), CASE WHEN days.hits_5xx IS NOT NULL THEN days.hits_5xx
               WHEN bool_and(traffic.hits_5xx IS NOT NULL) THEN sum(traffic.hits_5xx) END AS failed
        FROM traffic JOIN (SELECT day, hits_5xx FROM days) days USING (day)
        WHERE {within} AND traffic_class IN ('human', 'monitor')
        GROUP BY day, days.hits_5xx HAVING failed IS NOT NULL"""
    ).fetchall()
    available = 1 - sum(failed for _, failed in told) / sum(hits for hits, _ in told)
    assert read_number(shown["Availability"]) == pytest.approx(100 * available, abs=0.051)
    buckets = query.execute(
        f"SELECT bucket_ms, sum(hits) FROM latency WHERE {within} AND traffic_class = 'human' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert read_number(shown["95% answered within"]) == round(percentile(buckets, 0.95))


def percentile(buckets: list[tuple[float, int]], share: float) -> float:
    """The upper edge of the bucket in which the share of all hits is reached."""
    wanted, seen = share * sum(hits for _, hits in buckets), 0
    for edge, hits in buckets:
        seen += hits
        if seen >= wanted:
            return edge
    raise AssertionError


def test_changes_are_those_of_pairs_of_complete_days(report: Report, query: duckdb.DuckDBPyConnection) -> None:
    for period in report.periods:
        days = len(period.days)
        for attribute, back in (("before", days), ("weekdays", -(-days // 7) * 7)):
            ((now, before, pairs),) = query.execute(
                f"""SELECT sum(a.visits), sum(b.visits), count(*) FROM visits a JOIN visits b ON b.day = a.day - {back}
                JOIN days c ON c.day = a.day JOIN days d ON d.day = b.day
                WHERE a.day BETWEEN DATE '{period.first}' AND DATE '{period.last}' AND c.complete AND d.complete
                  AND a.visits IS NOT NULL AND b.visits IS NOT NULL"""
            ).fetchall()
            change = getattr(period.key_figures[0], attribute)
            if not pairs:
                assert change is None
            else:
                assert (change.change, change.pairs) == (pytest.approx(now / before - 1), pairs)


def test_days_on_the_page_are_those_of_sql(page: PageReader, query: duckdb.DuckDBPyConnection) -> None:
    for name in ("visits", "page_views"):
        rows = page.tables["days-30", name][1:]
        expected = query.execute(
            f"""SELECT a.{name}, b.{name}, complete FROM visits a JOIN visits b ON b.day = a.day - 30
            JOIN days ON days.day = a.day WHERE a.day >= DATE '{FROM}' ORDER BY a.day"""
        ).fetchall()
        assert [(read_number(row[1]), read_number(row[2]), row[3].strip() == "yes") for row in rows] == expected
    rows = page.tables["days-30", "latency"][1:]
    for row, day in zip(rows, Scope(FROM, LAST).days(), strict=True):
        buckets = query.execute(
            "SELECT bucket_ms, sum(hits) FROM latency WHERE day = ? AND traffic_class = 'human' GROUP BY 1 ORDER BY 1",
            [day],
        ).fetchall()
        expected = [round(percentile(buckets, share)) for share in (0.5, 0.95, 0.99)] if buckets else [None] * 3
        assert [None if (value := read_number(cell)) is None else round(value) for cell in row[1:4]] == expected


@pytest.mark.parametrize("days", [30, 7, 70])
@pytest.mark.parametrize("measure", ["page_views", "duration_s"])
def test_lengths_of_visits_are_those_of_sql(
    measure: str, days: int, page: PageReader, query: duckdb.DuckDBPyConnection
) -> None:
    """A bucket begins where days with four fifths of the visits have one; what lies across stands apart."""
    told = query.execute(
        "SELECT day, at_least, at_most, visits FROM visit_lengths WHERE measure = ? AND day > ?",
        [measure, LAST - timedelta(days)],
    ).fetchall()
    of_day = {day: sum(row[-1] for row in told if row[0] == day) for day, *_ in told}
    total = sum(of_day.values())
    begins = [
        begin
        for begin in sorted({row[1] for row in told})
        if sum(of_day[row[0]] for row in told if row[1] == begin) >= 0.8 * total
    ]
    expected = []
    for begin, following in zip(begins, [*begins[1:], None], strict=True):
        within = [
            visits
            for _, least, most, visits in told
            if least >= begin and (following is None or (most is not None and most < following))
        ]
        expected.append(sum(within))
    rows = page.tables[f"days-{days}", f"lengths_{measure}"][1:]
    assert [read_number(row[1]) for row in rows[: len(begins)]] == expected
    assert rows[0][0] == ("0\xa0s" if measure == "duration_s" else "1")
    assert rows[len(begins) - 1][0].endswith(" or more")
    wider = total - sum(expected)
    assert wider == 0 or read_number(rows[-2][1]) == wider
    assert read_number(rows[-1][1]) == total


def test_the_heat_map_has_the_mean_page_views_of_each_hour(page: PageReader, query: duckdb.DuckDBPyConnection) -> None:
    rows = page.tables["days-70", "heat_map"][1:25]
    for hour, row in enumerate(rows):
        for weekday, cell in enumerate(row[1:]):
            told = query.execute(
                """SELECT day, sum(page_views) FROM traffic WHERE traffic_class = 'human' AND hour = ?
                AND dayofweek(day) = ? AND page_views IS NOT NULL GROUP BY day""",
                [hour, (weekday + 1) % 7],
            ).fetchall()
            mean = sum(views for _, views in told) / len(told) if told else None
            assert (read_number(cell) is None) == (mean is None)
            assert mean is None or abs((read_number(cell) or 0) - mean) <= 0.5


def test_incidents_and_books_are_those_of_sql(
    page: PageReader, report: Report, query: duckdb.DuckDBPyConnection
) -> None:
    expected = query.execute(
        f"""SELECT kind, hits, hits_5xx, epoch(ended - started), strftime(started + INTERVAL 2 HOUR, '%H:%M')
        FROM incidents WHERE day >= DATE '{FROM}' ORDER BY started, site"""
    ).fetchall()
    found = report.periods[0].incidents
    assert [
        (one.kind, one.hits, one.hits_5xx, (one.ended - one.started).total_seconds(), f"{one.started:%H:%M}")
        for one in found
    ] == expected
    (lines,) = query.execute("SELECT sum(lines), sum(hits), sum(rejected), sum(duplicates) FROM inputs").fetchall()
    shown = {row[0]: read_number(row[1]) for row in page.tables["days-30", "books"]}
    assert tuple(shown[name] for name in ("Lines", "= Hits", "+ Lines that could not be read", "+ Duplicates")) == lines
    reasons = query.execute(
        "SELECT reason, sum(lines) n FROM rejects GROUP BY reason ORDER BY n DESC, reason"
    ).fetchall()
    rows = [(row[0].strip(), read_number(row[1])) for row in page.tables["days-30", "rejects"][1:]]
    assert rows == reasons and rows


def test_the_sql_behind_a_panel_gives_its_figures(db: Path, report: Report) -> None:
    """It is run as it stands in a new connection, as somebody would who copied it."""
    period: Period = report.periods[0]
    with duckdb.connect(str(db), read_only=True) as connection:
        for ranking in period.rankings.values():
            first: Any = connection.execute(ranking.sql).fetchall()[0]
            assert ranking.rows
            assert first is not None
        for sql in (*period.sql.values(), period.heat_map.sql, period.books.sql, period.books.rejects_sql):
            assert connection.execute(sql).fetchall()
        promises = [(one.promise, one.checked, one.findings) for one in report.head.promises]
        assert connection.execute(report.head.promises_sql).fetchall() == promises


def test_a_site_is_told_alone_and_days_can_be_chosen(tmp_path: Path) -> None:
    db = write_file(tmp_path / "traffic.duckdb", 20, (SITE, "it's.example"))
    report = collect_figures(db, "it's.example", FIRST + timedelta(3), FIRST + timedelta(9))
    (period,) = report.periods
    assert (period.first, period.last, len(period.days)) == (FIRST + timedelta(3), FIRST + timedelta(9), 7)
    with duckdb.connect(str(db), read_only=True) as connection:
        ((visits,),) = connection.execute(
            "SELECT sum(visits) FROM visits WHERE site <> ? AND day BETWEEN ? AND ?", [SITE, period.first, period.last]
        ).fetchall()
        ((both,),) = connection.execute("SELECT sum(visits) FROM visits").fetchall()
    assert period.key_figures[0].value == visits
    whole = collect_figures(db).periods[0]
    assert whole.key_figures[0].value == both == sum(row.values["visits"] or 0 for row in whole.rankings["sites"].rows)


def test_weeks_and_months_add_up_the_days_that_are_told(report: Report) -> None:
    for period in report.periods:
        for spans in (period.weeks, period.months):
            for measure in ("visits", "page_views"):
                total = sum(getattr(day, measure) or 0 for day in period.days)
                assert sum(getattr(span, measure) or 0 for span in spans) == total
        months = {span.day: span for span in period.months}
        april = months.get(date(2026, 4, 1))
        days = [day for day in period.days if day.day.month == 4]
        if april is not None and len(days) == 30:
            assert april.complete is all(day.complete for day in days)
        else:
            assert all(span.complete is False for span in months.values() if span.day.month != 4)


def test_the_largest_sites_have_figures_of_their_own(tmp_path: Path) -> None:
    names = [f"{name}.example" for name in "abcdefg"]
    db = write_file(tmp_path / "traffic.duckdb", 9, names, rows=2)
    report = collect_figures(db)
    own = [period.site for period in report.periods]
    assert own == [None, None, *(name for name in report.head.sites[:5] for _ in range(2))]
    alone = collect_figures(db, report.head.sites[0]).periods[0]
    assert next(period for period in report.periods if period.site == alone.site) == alone
