"""Only tables whose names were passed on are read, whatever lost attempts have left in the folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from footfall.transforms.tables.partial_tables import encode_table
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.write_tables import ListTablesFn, TablesMissing, WriteTablesFn, read_tables

NAME = "rejects"


def part(rows: int) -> tuple[str, bytes]:
    """A merged table with that many rows of nothing."""
    schema = PARTIAL_TABLES[NAME].schema
    return f"{NAME}/3", encode_table(pa.table([pa.nulls(rows, field.type) for field in schema], schema=schema))


def test_two_attempts_that_overlap_leave_the_tables_of_one(tmp_path: Path) -> None:
    folder = str(tmp_path)
    (lost,) = WriteTablesFn(folder).process(part(5))
    (counted,) = WriteTablesFn(folder).process(part(2))
    assert lost != counted
    with pytest.raises(TablesMissing, match="--temp"):
        read_tables(folder)
    list(ListTablesFn(folder).process(b"", [counted]))
    (late,) = WriteTablesFn(folder).process(part(7))
    assert late != counted
    assert read_tables(folder)[NAME].num_rows == 2
    # The list is there as a whole or not at all.
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("tables.json")] == ["tables.json"]
