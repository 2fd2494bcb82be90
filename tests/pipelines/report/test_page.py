"""The page stands for itself, holds what logs say as text only, and is whole for small and large files."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import string
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.report.charts import choose_ticks, draw_chart
from footfall.pipelines.report.collect_figures import SITES, collect_figures
from footfall.pipelines.report.figures import Change, Day
from footfall.pipelines.report.rankings import RANKINGS
from footfall.pipelines.report.render_page import SECTIONS, render_page
from footfall.pipelines.report.texts import LANGUAGES
from footfall.pipelines.report.write_values import ValueWriter
from footfall.transforms.behaviour.reclassify import BEHAVIOUR
from footfall.transforms.describing.agent_rules import CATEGORIES
from footfall.transforms.vocabulary import (
    AUDIT_FINDINGS,
    DEVICES,
    NONE,
    REFERRER_KINDS,
    REJECT_REASONS,
    TRAFFIC_CLASSES,
)
from tests.commands import Operator
from tests.pipelines.report.published_files import FIRST, HOSTILE, NAMES, SITE, write_file
from tests.pipelines.report.reading import PageReader


def read_page(db: Path, language: str = "en") -> str:
    return render_page(collect_figures(db), language)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_file(tmp_path_factory.mktemp("page") / "traffic.duckdb", 40)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_needs_nothing_else(db: Path, language: str) -> None:
    page = read_page(db, language)
    assert f'<html lang="{language}">' in page
    assert re.findall(r"(?:src|href)=\"(?!#|data:,)", page) == []
    assert "url(" not in re.sub(r"url\(#[a-z-]+\)", "", page)
    reader = PageReader(page)
    assert not {name for name in reader.attributes if name.startswith("on") or name == "style"}
    assert reader.tags["main"] == 1
    assert reader.tags["table"] == reader.tags["caption"]


def test_the_policy_allows_the_own_style_and_script_alone(db: Path) -> None:
    page = read_page(db)
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0].replace("&#39;", "'")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        contents = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in contents]
        named = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert f"{tag}-src {named};" in policy


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_a_log_reach_the_page_as_text_only(tmp_path: Path, language: str) -> None:
    hostile = read_page(write_file(tmp_path / "hostile.duckdb", 10, names=HOSTILE), language)
    plain = read_page(write_file(tmp_path / "plain.duckdb", 10, names=NAMES[: len(HOSTILE)]), language)
    found, expected = PageReader(hostile), PageReader(plain)
    assert set(found.tags) == set(expected.tags)
    assert found.attributes <= expected.attributes | {"fill", "points", "title"}
    assert found.scripts == expected.scripts
    shown = " ".join(cell for rows in found.tables.values() for row in rows for cell in row)
    for name in HOSTILE:
        assert name.replace("\x00", "\ufffd") in shown.replace("\x00", "\ufffd"), name


def test_a_hostile_site_is_quoted_in_sql_and_page(tmp_path: Path) -> None:
    db = write_file(tmp_path / "traffic.duckdb", 5, ("x' OR '1'='1", "<b>"))
    report = collect_figures(db, "x' OR '1'='1")
    assert report.periods[0].rankings["classes"].total < collect_figures(db).periods[0].rankings["classes"].total
    assert "b" not in PageReader(render_page(report, "en")).tags or "<b>▲" in render_page(report, "en")


def test_all_languages_have_the_same_texts() -> None:
    english, *others = LANGUAGES.values()
    for other in others:
        assert list(other) == list(english)
        for key, text in english.items():
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert names == {name for _, name, _, _ in string.Formatter().parse(other[key]) if name}, key


def test_all_words_of_footfall_have_a_text() -> None:
    words = {"kind": REFERRER_KINDS, "traffic_class": TRAFFIC_CLASSES, "device": DEVICES, "finding": AUDIT_FINDINGS}
    words["category"] = [one for one in (*CATEGORIES, BEHAVIOUR, "probe") if one != NONE]
    words["reason"] = REJECT_REASONS[1:]
    for column, values in words.items():
        for value in values:
            assert f"{column}_{value}" in LANGUAGES["en"]
    assert {one.name for one in RANKINGS} == {name for _, names in SECTIONS for name in names}


def test_every_panel_has_its_sql(db: Path) -> None:
    page = read_page(db)
    panels = re.findall(r'<article class="panel.*?</article>', page, re.DOTALL)
    assert panels and [one[:80] for one in panels if 'class="source"' not in one] == []


def test_every_table_ends_in_what_it_leaves_out(db: Path) -> None:
    for (_, name), rows in PageReader(read_page(db)).tables.items():
        if name in {one.name for one in RANKINGS}:
            last = " ".join(row[0] for row in rows[-5:]).replace("\xa0", " ")
            assert "k = 10" in last or "Nothing is left out" in last or "Without a status" in last, name


@pytest.mark.parametrize(("days", "sites"), [(1, 1), (2, 200), (120, 1), (730, 1)])
def test_pages_of_small_and_large_files(tmp_path: Path, days: int, sites: int) -> None:
    names = [f"site{number}.example" for number in range(sites)]
    page = read_page(write_file(tmp_path / "traffic.duckdb", days, names, rows=2))
    reader = PageReader(page)
    periods = {period for period, _ in reader.tables}
    of_all = {"days-30", "days-7", "days-90"} if days >= 120 else {f"days-{days}"}
    # The largest sites have figures of their own beside those of all.
    shown = {one for one in periods if not one.startswith("days-")}
    assert (periods - shown, len(shown)) == (of_all, SITES if sites > 1 else 0)
    assert (("days-2", "sites") in reader.tables) == (sites > 1)
    # Of the largest sites there are five more pages in one.
    assert len(page.encode()) < (1_000_000 if sites == 1 else 1_200_000)


def test_nothing_is_compared_or_drawn_where_nothing_is_told(tmp_path: Path) -> None:
    db = write_file(tmp_path / "traffic.duckdb", 3)
    with duckdb.connect(str(db)) as connection:
        for table in ("visits", "pages", "referrers", "latency", "incidents", "traffic", "errors"):
            connection.execute(f"DELETE FROM {table}")
    period = collect_figures(db).periods[0]
    assert {one.value for one in period.key_figures} == {None}
    assert "Nothing is published for these days." in read_page(db)


def test_a_file_without_days_is_refused(operator: Operator) -> None:
    with duckdb.connect(str(write_file(operator.db, 1))) as connection:
        connection.execute("DELETE FROM days")
    ended = operator.run("report")
    assert ended.status == 1
    assert "has no days; publish some with footfall nightly" in ended.err
    assert not (operator.folder / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--site", "other.example"), "--site: the file has no such site, but www.example.org"),
        (("--from", "2026-03-05", "--to", "2026-03-01"), "--from, --to: no day lies from 2026-03-05 to 2026-03-01"),
        (("--from", "2027-01-01"), "--from, --to: no day lies"),
        (("--to", "2025-01-01"), "--from, --to: no day lies"),
        (("--db", "no.duckdb"), "no.duckdb: no such file; name the published file with --db"),
        (("--db", "some.log"), "some.log: is no DuckDB file"),
        (("-o", "no/such.html"), "no/such.html: cannot be written (FileNotFoundError); give another file with -o"),
        (("-o", "traffic.duckdb"), "traffic.duckdb: is the published file itself"),
    ],
)
def test_refusals_name_place_and_remedy(operator: Operator, arguments: tuple[str, ...], message: str) -> None:
    write_file(operator.db, 5)
    (operator.folder / "some.log").write_text("no database at all")
    ended = operator.run("report", *arguments)
    assert ended.status in (1, 2)
    assert message in ended.err


def test_a_file_of_another_version_is_refused(operator: Operator) -> None:
    with duckdb.connect(str(write_file(operator.db, 1))) as connection:
        connection.execute("UPDATE runs SET schema_version = 1")
    assert "has version 1 of the tables, expected" in operator.run("report").err


def test_a_file_that_another_program_writes_to_is_read_all_the_same(operator: Operator) -> None:
    write_file(operator.db, 3)
    code = f"import duckdb; c = duckdb.connect({str(operator.db)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "open\n"
        ended = operator.run("report")
        writer.communicate("\n")
    assert (ended.status, ended.out) == (0, "report report.html\n")
    assert "www.example.org" in (operator.folder / "report.html").read_text("utf-8")


def test_json_has_the_figures_of_the_page(operator: Operator) -> None:
    write_file(operator.db, 35)
    ended = operator.run("report", "--json")
    found = json.loads(ended.out)
    report: Any = collect_figures(operator.db)
    assert found["head"]["site"] == SITE
    assert found["periods"][0]["first"] == str(report.periods[0].first)
    assert found["periods"][0]["rankings"]["pages"]["total"] == report.periods[0].rankings["pages"].total
    assert len(found["periods"]) == len(report.periods)
    assert not (operator.folder / "report.html").exists()


def test_two_pages_of_one_file_are_equal(db: Path) -> None:
    assert read_page(db) == read_page(db)


def test_figures_are_written_as_their_language_does() -> None:
    english, german = ValueWriter("en", 10), ValueWriter("de", 10)
    assert english.value(1_234_567, "count") == "1,234,567"
    assert german.value(1_234_567, "count") == "1.234.567"
    assert (english.value(0.4971, "share"), german.value(0.4971, "share")) == ("49.7%", "49,7\xa0%")
    assert english.value(0.9997, "share") == "99.97%"
    assert english.value(108.4, "seconds") == "1\xa0min 48\xa0s"
    assert english.value(2_188_500_000, "bytes") == "2.2\xa0GB"
    assert german.day(date(2026, 3, 1)) == "1. März 2026"
    assert german.name("country", "DE") == "Deutschland"
    assert english.name("page", "DE") == "DE"
    assert english.change(Change(-0.0004, 3), "count") == "=\xa0±0.0%"
    assert english.change(Change(-0.031, 3), "count") == "▼\xa0−3.1%"
    assert english.change(Change(0.031, 3), "share") == "▲\xa0+3.1\xa0points"


def test_lines_are_broken_where_a_day_is_not_told() -> None:
    values = [10, 20, None, 30, None, 40, 50]
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(Day))
    days = [
        Day(**{**nothing, "day": FIRST + timedelta(number), "complete": number != 3, "visits": value})  # type: ignore[arg-type]
        for number, value in enumerate(values)
    ]
    chart = draw_chart("visits", "count", days, ("visits",))
    (line,) = chart.lines
    assert [len(run.split()) for run in line.runs] == [2, 2]
    assert len(line.dots) == 1
    assert len(chart.incomplete) == 1
    assert chart.ticks[-1] == (0, 60)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (0, 1), (0, 7), (0, 734), (0, 5e9), (0.9891, 1), (0.999, 1), (0, 0.3)]
)
def test_ticks_are_few_and_hold_all_values(low: float, high: float) -> None:
    ticks = choose_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] <= low
    assert ticks[-1] >= high
