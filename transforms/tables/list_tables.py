"""Writes the list of published tables for the docs, as `make docs` does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES
from footfall.transforms.tables.questions import ALL_VIEWS, MACROS

_INTRODUCTION: Final = f"""# Published tables

Version {SCHEMA_VERSION} of the tables; `runs.schema_version` is the one that a run published. This page is made from
the declarations in `transforms/tables/` with `make docs`; a test fails when it is out of date. Words are defined in
[definitions.md](definitions.md). A folded value is `(other)`, an unknown one `(unknown)`; times are UTC.
"""

_OF_MACROS: Final = """Macros with `first_day, last_day` return tables of the rows whose whole span lies in these days:
`FROM landing_pages(first_day := DATE '2026-06-01', last_day := DATE '2026-06-30')`. The parameters are optional except
for `page_interest`; without them, all days count. Open the file itself or say `USE traffic`: DuckDB does not find a
macro as `traffic.landing_pages()`. A rate is calculated from the rows in which both of its measures are published. It
is NULL where these rows hold less than four fifths of the whole: rows hide what few visitors did, so the others alone
would be misleading. [cookbook.md](cookbook.md) has examples.
"""


def list_tables() -> str:
    """The list as Markdown."""
    lines = [_INTRODUCTION]
    for table in TABLES:
        lines += _list_table(table)
    lines += ["## Views and macros", "", "| name | what it shows |", "|---|---|"]
    lines += [f"| `{name}` | {comment} |" for name, comment, _ in ALL_VIEWS]
    lines += [f"| `{macro.name}({macro.parameters})` | {macro.comment} |" for macro in MACROS]
    lines += ["", _OF_MACROS]
    return "\n".join(lines)


def _list_table(table: Table) -> Iterator[str]:
    since = f" Since version {table.since}." if table.since > 1 else ""
    yield from (f"## `{table.name}`", "", f"{table.comment}.{since}", "", "| column | type | |", "|---|---|---|")
    for column in table.columns:
        kind = "key" if column in table.keys else "measure"
        since = f" (since version {column.since})" if column.since > 1 else ""
        yield f"| `{column.name}` | {column.type}, {kind} | {column.comment}{since} |"
    yield ""
    if table.levels:
        losing = ", then ".join(dict.fromkeys(f"`{name}`" for level in table.levels for name in level))
        yield from (f"Values that are too rare even for the longest span lose {losing}.", "")
    for total in table.totals:
        span = "month" if table.levels else "day"
        yield f"Per {span} and site the sum of `{total.measure}` is `{total.expected}` of `{total.whole}`."
    if table.totals:
        yield ""


if __name__ == "__main__":
    print(list_tables(), end="")
