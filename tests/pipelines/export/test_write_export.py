"""Exported files have the rows of the published one, and its comments; nothing is replaced unless asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from footfall.pipelines.export.write_export import describe_tables, write_export
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES, TABLES_BY_NAME
from tests.commands import Operator
from tests.pipelines.report.published_files import HOSTILE, write_file


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_file(tmp_path_factory.mktemp("export") / "traffic.duckdb", 12, names=HOSTILE)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_every_table_is_exported_with_all_its_rows(
    kind: str, table: str, db: Path, exported: dict[str, Path], tmp_path: Path
) -> None:
    columns = TABLES_BY_NAME[table].columns
    path = exported[kind] / f"{table}.{kind}"
    # An empty text is written as "", and nothing as NULL.
    types = "{" + ", ".join(f"'{one.name}': '{one.type}'" for one in columns) + "}"
    read = f"read_csv('{path}', columns = {types}, allow_quoted_nulls = false)" if kind == "csv" else f"'{path}'"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{db}' AS file (READ_ONLY)")
        for first, second in ((f"file.{table}", read), (read, f"file.{table}")):
            assert connection.execute(f"SELECT count(*) FROM (FROM {first} EXCEPT ALL FROM {second})").fetchone() == (
                0,
            )
        assert connection.execute(f"SELECT count(*) > 0 FROM {read}").fetchone() == (True,)


@pytest.fixture(scope="module")
def exported(db: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    for kind in ("parquet", "csv"):
        write_export(db, folder / kind, kind)
    return {kind: folder / kind for kind in ("parquet", "csv")}


def test_a_parquet_file_has_the_comments_of_its_table_and_columns(exported: dict[str, Path]) -> None:
    for table in TABLES:
        schema = pq.read_schema(exported["parquet"] / f"{table.name}.parquet")
        assert schema.metadata[b"comment"].decode() == table.comment
        for column in table.columns:
            assert schema.field(column.name).metadata[b"comment"].decode() == column.comment
    path = exported["parquet"] / "pages.parquet"
    with duckdb.connect(":memory:") as connection:
        told = dict(connection.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall())
    (page,) = (column for column in TABLES_BY_NAME["pages"].columns if column.name == "page")
    assert told[b"comment.page"].decode() == page.comment


def test_a_data_package_describes_the_csv_files(exported: dict[str, Path]) -> None:
    told = json.loads((exported["csv"] / "datapackage.json").read_text("utf-8"))
    assert told == describe_tables()
    assert told["version"] == str(SCHEMA_VERSION)
    for resource in told["resources"]:
        with (exported["csv"] / resource["path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
        assert resource["description"] == TABLES_BY_NAME[resource["name"]].comment


def test_a_folder_with_files_is_refused_unless_asked_for(operator: Operator) -> None:
    write_file(operator.db, 2)
    assert operator.run("export", "-o", "out").status == 0
    notes = operator.folder / "out" / "notes.txt"
    notes.write_text("mine", "utf-8")
    before = (operator.folder / "out" / "days.parquet").read_bytes()
    operator.db.unlink()
    write_file(operator.db, 4)
    refused = operator.run("export", "-o", "out")
    assert (refused.status, "out: is not empty; name another folder with -o" in refused.err) == (2, True)
    assert (operator.folder / "out" / "days.parquet").read_bytes() == before
    assert operator.run("export", "-o", "out", "--overwrite").status == 0
    assert (operator.folder / "out" / "days.parquet").read_bytes() != before
    assert notes.read_text("utf-8") == "mine"
    assert not list(operator.folder.glob(".out*"))


def test_an_export_reads_a_file_that_may_only_be_read_and_one_that_others_read(operator: Operator) -> None:
    write_file(operator.db, 2)
    operator.db.chmod(0o440)
    with duckdb.connect(str(operator.db), read_only=True) as reader:
        reader.execute("FROM days")
        result = operator.run("export", "--format", "csv", "-o", "new/out")
    assert (result.status, result.out) == (0, f"{len(TABLES)} tables exported to new/out\n")
    assert len(list((operator.folder / "new" / "out").glob("*.csv"))) == len(TABLES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--db", "none.duckdb", "-o", "out"), "none.duckdb: no such file"),
        (("-o", "traffic.duckdb"), "traffic.duckdb: is a file"),
        (("-o", "traffic.duckdb/out"), "cannot be written"),
        (("--format", "xlsx", "-o", "out"), "--format"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], message: str, operator: Operator) -> None:
    write_file(operator.db, 1)
    result = operator.run("export", *arguments)
    assert result.status == 2
    assert message in result.err
    assert not (operator.folder / "out").exists()
