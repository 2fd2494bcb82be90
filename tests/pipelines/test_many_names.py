"""A log with more names than there is memory for is published as any other."""

from __future__ import annotations

import pytest

from footfall.pipelines.publishing import load_tables
from footfall.transforms import merge_tables, withhold_identifiers
from footfall.transforms.tables.stored_tables import StoredTables
from tests.running import LOG, days_of, differences, published_tables, sample_log, sample_options


def test_tables_that_are_too_large_for_memory_are_added_up_from_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    content, _ = sample_log("footfall", 1_000)
    expected = published_tables({LOG: content}, k=10, **sample_options("footfall"))
    divided = set[str]()
    load = load_tables._load_partial

    def load_and_note(connection: object, name: str, tables: StoredTables) -> None:
        if tables.is_divided(name):
            divided.add(name)
        load(connection, name, tables)  # type: ignore[arg-type]

    monkeypatch.setattr(load_tables, "_load_partial", load_and_note)
    # So that each piece and each bucket puts its own sum aside.
    monkeypatch.setattr(merge_tables, "_MERGE_AFTER_ROWS", -1)
    monkeypatch.setattr(merge_tables, "MOST_ROWS", 0)
    monkeypatch.setattr(withhold_identifiers, "_NAMES_AT_ONCE", 100)
    published = published_tables({LOG: content}, k=10, **sample_options("footfall"))
    assert {"pages", "locations", "visitors", "names"} <= divided
    assert not differences(days_of(published), days_of(expected))
