"""Each published column that counts people has a rule, and the page on privacy shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from footfall.transforms.tables.hit_tables import TRAFFIC
from footfall.transforms.tables.list_protection import list_protection, replace_list
from footfall.transforms.tables.published import TABLES

PRIVACY = Path(__file__).parents[3] / "docs/privacy.md"


def test_the_page_on_privacy_has_the_list() -> None:
    text = PRIVACY.read_text("utf-8")
    assert replace_list(text) == text, "make docs"


def test_every_count_of_a_day_is_listed() -> None:
    listed = [row.split(" | ") for row in list_protection().splitlines() if row.startswith("| `")]
    columns = {(row[0].strip("| `"), column.strip("` ")) for row in listed for column in row[1].split(",")}
    counts = {
        (table.name, column.name)
        for table in TABLES
        if table.by_day
        for column in table.measures
        if column.type in ("BIGINT", "TIMESTAMP")
    }
    assert columns == counts


def test_a_table_without_protection_is_refused() -> None:
    with pytest.raises(ValueError, match="no levels and no protection"):
        replace(TRAFFIC, protection="")
