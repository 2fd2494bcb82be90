"""A log with more names than there is memory for is published as any other."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest

from footfall.pipelines.publishing import load_tables
from footfall.pipelines.settings import Settings
from footfall.transforms import merge_tables, vocabulary, withhold_identifiers
from footfall.transforms.describing import describe_hits
from footfall.transforms.scanning import read_blocks
from footfall.transforms.tables.stored_tables import StoredTables
from tests.reference import compute
from tests.running import LOG, days_of, differences, published_tables, reference_settings, sample_log, sample_options


def test_tables_that_are_too_large_for_memory_are_added_up_from_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    content, _ = sample_log("footfall", 1_000)
    expected = published_tables({LOG: content}, k=10, **sample_options("footfall"))
    divided = set[str]()
    load = load_tables._load_partial

    def load_and_note(connection: duckdb.DuckDBPyConnection, name: str, tables: StoredTables) -> None:
        if tables.is_divided(name):
            divided.add(name)
        load(connection, name, tables)

    monkeypatch.setattr(load_tables, "_load_partial", load_and_note)
    # So that each piece and each bucket puts its own sum aside.
    monkeypatch.setattr(merge_tables, "_MERGE_AFTER_ROWS", -1)
    monkeypatch.setattr(merge_tables, "MOST_ROWS", 0)
    monkeypatch.setattr(withhold_identifiers, "_NAMES_AT_ONCE", 100)
    published = published_tables({LOG: content}, k=10, **sample_options("footfall"))
    assert {"pages", "locations", "visitors", "names"} <= divided
    assert not differences(days_of(published), days_of(expected))


@pytest.mark.parametrize("log_format", ["footfall", "combined"])
def test_names_that_few_hits_have_are_other_where_there_are_too_many(
    log_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, _ = sample_log(log_format, 1_000)
    options = sample_options(log_format)
    usual = published_tables({LOG: content}, k=3, **options)
    monkeypatch.setattr(vocabulary, "MOST_RARE_NAMES", 20)
    published = published_tables({LOG: content}, k=3, **options)
    expected = compute({LOG: content}, reference_settings(Settings(k=3, **options)))
    assert not differences(days_of(published), days_of(expected))
    # What can be told by itself still is; folders of what cannot are not.
    assert days_of(published)["visits"] == days_of(usual)["visits"]
    assert any(one.startswith("pages: ") for one in differences(days_of(published), days_of(usual)))


def test_sites_and_machines_may_be_more_than_a_worker_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up hosts and names of bots: what lasts as long as a worker begins anew, in the middle of a piece."""
    content, _ = sample_log("combined", 2_000)
    lines = content.splitlines(keepends=True)
    bot = b'"Harvest%d/1.0 (+https://harvest.example/bot)"\n'
    lines = [
        line.rpartition(b' "')[0] + b" " + bot % (number // 9) if number % 5 == 0 else line
        for number, line in enumerate(lines)
    ]
    log = b"".join(b"host%d.example.org " % (number // 25) + line for number, line in enumerate(lines))
    options = {"log_format": '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"', "k": 2}
    for size in ("BLOCK_BYTES", "READ_BYTES"):
        monkeypatch.setattr(read_blocks, size, 32 * 1024)
    monkeypatch.setattr(describe_hits, "MAX_NEW_STRINGS", 40)
    began = Counter[str]()
    begin = describe_hits.Descriptions.__init__
    monkeypatch.setattr(
        describe_hits.Descriptions, "__init__", lambda *own, **named: (began.update(["anew"]), begin(*own, **named))[1]
    )
    usual = published_tables({LOG: log}, **options)
    assert began.pop("anew") <= 4, "the limit is met without being lowered"
    monkeypatch.setattr(describe_hits, "MAX_LASTING", 12)
    published = published_tables({LOG: log}, **options)
    assert began["anew"] > 4
    assert not differences(days_of(published), days_of(usual))
