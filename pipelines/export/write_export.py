"""Writes each table of a published file into a folder, as Parquet or CSV, with the comments of tables and columns.

A Parquet file has the comment of its table as `comment` in the metadata of the file, and that of each column as
`comment` of the field in Arrow's schema and as `comment.<column>` in the metadata of the file, which programs without
Arrow read. Beside CSV files lies `datapackage.json`, a Data Package with the type and comment of each column
(https://datapackage.org/standard/table-schema/).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from footfall.pipelines.errors import UsageError
from footfall.pipelines.report.open_published import open_published
from footfall.transforms.running.failures import kind_of
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES

DESCRIPTION: Final = "datapackage.json"
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_KINDS: Final[Mapping[str, dict[str, str]]] = {
    "DATE": {"type": "date"},
    "TIMESTAMP": {"type": "datetime"},
    "VARCHAR": {"type": "string"},
    "BOOLEAN": {"type": "boolean"},
    "SMALLINT": {"type": "integer"},
    "INTEGER": {"type": "integer"},
    "BIGINT": {"type": "integer"},
    "DOUBLE": {"type": "number"},
}
"""Types of a Data Package's fields by those of DuckDB."""


def write_export(db: Path, folder: Path, file_format: str, *, overwrite: bool = False) -> list[Path]:
    """Write the tables of `db` to files `<table>.<file_format>` in `folder`; return the files written.

    The folder is made if it isn't there. One with files in it is refused unless `overwrite`: then files of the same
    names are replaced, and others stay. Nothing is written unless all is. Raises UsageError or RunError.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder with -o")
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder}: is not empty; name another folder with -o, or add --overwrite to replace its files"
        )
    write = FORMATS[file_format]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            open_published(db) as connection,
            tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as name,
        ):
            own = Path(name)
            for table in TABLES:
                write(connection, table, own / f"{table.name}.{file_format}")
            if file_format == "csv":
                described = json.dumps(describe_tables(), indent=1, ensure_ascii=False)
                (own / DESCRIPTION).write_text(f"{described}\n", "utf-8")
            folder.mkdir(exist_ok=True)
            written = [folder / path.name for path in sorted(own.iterdir())]
            for path in written:
                os.replace(own / path.name, path)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({kind_of(error)}); name another folder with -o") from None
    return written


def describe_tables() -> dict[str, Any]:
    """The Data Package that describes the files of CSV."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "footfall",
        "version": str(SCHEMA_VERSION),
        "resources": [
            {
                "name": table.name,
                "type": "table",
                "path": f"{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "description": table.comment,
                "schema": {
                    "fields": [
                        {"name": column.name, **_KINDS[column.type], "description": column.comment}
                        for column in table.columns
                    ],
                    "missingValues": [""],
                },
            }
            for table in TABLES
        ],
    }


def _select(table: Table) -> str:
    return f"SELECT {', '.join(table.column_names)} FROM {table.name}"


def _write_parquet(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    reader = connection.sql(_select(table)).to_arrow_reader()
    fields = [
        reader.schema.field(column.name).with_metadata({"comment": column.comment.encode()}) for column in table.columns
    ]
    comments = {"comment": table.comment, **{f"comment.{column.name}": column.comment for column in table.columns}}
    schema = pa.schema(fields, {name: text.encode() for name, text in comments.items()})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(pa.record_batch(batch.columns, schema=schema))


def _write_csv(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    target = str(path).replace("'", "''")
    connection.execute(f"COPY ({_select(table)}) TO '{target}' (FORMAT csv, HEADER, TIMESTAMPFORMAT '{_TIME}')")


FORMATS: Final[Mapping[str, Callable[[duckdb.DuckDBPyConnection, Table, Path], None]]] = {
    "parquet": _write_parquet,
    "csv": _write_csv,
}
"""Writes a table to a file, by format."""
