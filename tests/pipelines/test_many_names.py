"""A log with more names than there is memory for is published as any other."""

from __future__ import annotations

import duckdb
import pytest

from footfall.pipelines.publishing import load_tables
from footfall.pipelines.settings import Settings
from footfall.transforms import merge_tables, vocabulary, withhold_identifiers
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
