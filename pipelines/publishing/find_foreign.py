"""Finds what others have added to the published file, and what the next file, which is written anew, would lose."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.tighten_days import FIRST_TIGHT_VERSION
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES
from footfall.transforms.tables.questions import ALL_VIEWS, FIRST_VERSION, MACROS
from footfall.transforms.tables.span_views import SPAN_VIEWS
from footfall.transforms.tables.views import PERCENTILE, VIEWS, Macro

_SHOWN: Final = 5
_OBJECTS: Final = """
    SELECT 'schema' AS kind, schema_name AS schema, schema_name AS name FROM duckdb_schemas()
    WHERE NOT internal AND database_name = $db AND schema_name <> 'main'
    UNION ALL SELECT 'table', schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND database_name = $db
    UNION ALL SELECT 'view', schema_name, view_name FROM duckdb_views() WHERE NOT internal AND database_name = $db
    UNION ALL SELECT DISTINCT 'macro', schema_name, function_name FROM duckdb_functions()
    WHERE NOT internal AND database_name = $db
    UNION ALL SELECT 'sequence', schema_name, sequence_name FROM duckdb_sequences() WHERE database_name = $db
    UNION ALL SELECT 'index', schema_name, index_name FROM duckdb_indexes() WHERE database_name = $db
    UNION ALL SELECT 'type', schema_name, type_name FROM duckdb_types() WHERE NOT internal AND database_name = $db
    UNION ALL SELECT 'column', schema_name, table_name || '.' || column_name FROM duckdb_columns()
    WHERE NOT internal AND database_name = $db AND schema_name = 'main' AND table_name IN $tables"""


def refuse_foreign(connection: duckdb.DuckDBPyConnection, db: Path, name: str, version: int) -> None:
    """Raise RunError with the names of what Footfall did not publish in `db`, attached as `name`, of a schema version.

    Columns are looked at in files of the current version only: earlier ones had others.
    """
    tables = [table for table in TABLES if table.since <= version]
    views = (*VIEWS, *(SPAN_VIEWS if version >= FIRST_TIGHT_VERSION else ()))
    macros: tuple[Macro, ...] = (PERCENTILE,)
    if version >= FIRST_VERSION:
        views, macros = ALL_VIEWS, MACROS
    own = {("table", "main", table.name) for table in tables}
    own |= {("view", "main", name) for name, _, _ in views} | {("macro", "main", macro.name) for macro in macros}
    own |= {("column", "main", f"{table.name}.{column}") for table in tables for column in table.column_names}
    looked_at = [table.name for table in tables] if version == SCHEMA_VERSION else []
    found = set(connection.execute(_OBJECTS, {"db": name, "tables": looked_at}).fetchall()) - own
    if found:
        shown = [
            f"{kind} {text if schema in ('main', text) else f'{schema}.{text}'}" for kind, schema, text in sorted(found)
        ]
        more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        raise RunError(
            f"{db}: holds what Footfall did not publish, and the next run would remove: "
            f"{', '.join(shown[:_SHOWN])}{more}; keep it in a file of your own that attaches this one, and drop it "
            "here (docs/operations.md, Analysts' tables)"
        )
