"""Lists which rule protects each published column that counts people, as `docs/privacy.md` shows it.

python -m footfall.transforms.tables.list_protection docs/privacy.md    replaces the list in that file
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from footfall.transforms.tables.declaring import Column, Table
from footfall.transforms.tables.published import TABLES

BEGIN: Final = "<!-- list of protected columns: made by `make docs` -->"
END: Final = "<!-- end of the list -->"


def list_protection() -> str:
    """The list as Markdown, between BEGIN and END."""
    rows = [row for table in TABLES if table.by_day for row in _list_table(table)]
    return "\n".join([BEGIN, "| table | columns | how small groups are protected |", "|---|---|---|", *rows, END])


def _list_table(table: Table) -> Iterator[str]:
    by_rule: dict[str, list[str]] = {}
    for column in table.measures:
        if column.type in ("BIGINT", "INTEGER", "TIMESTAMP"):
            by_rule.setdefault(_rule(table, column), []).append(f"`{column.name}`")
    for rule, columns in by_rule.items():
        yield f"| `{table.name}` | {', '.join(columns)} | {rule} |"


def _rule(table: Table, column: Column) -> str:
    rounded = "; rounded to a multiple of *k*" if table.known_by else ""
    if table.crossed:
        rounded = f"; rounded down to a multiple of *k*; by `{table.crossed}`, rows leave at least *k*/2 of all visits"
    if table.cells is not None and column.name in table.cells.parts:
        return (
            "NULL where some but fewer than *k* visitors of the row take part; the next smallest too, where such a "
            "measure could be calculated"
            f"{rounded}"
        )
    if not table.levels:
        return table.protection
    lost = ", then ".join(f"`{name}`" for name in dict.fromkeys(name for level in table.levels for name in level))
    if table.shown:
        known = f"the total of a span by the hundred of {' and '.join(f'`{name}`' for name in table.shown)}"
    elif table.within is None:
        known = "the total of a span"
    else:
        shared = [name for name in table.folded_columns if name in table.within.folded_columns][:1]
        columns = " and ".join(f"`{name}`" for name in table.outer_keys or shared)
        known = f"a {columns} of `{table.within.name}` in a span"
    return (
        f"each row has *k* visitors: by day, week or month, or without {lost}; "
        f"the rest of {known} has *k* visitors or none{rounded}"
    )


def replace_list(text: str) -> str:
    """Return a text with its list replaced. Raises ValueError if the text has no place for it."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"expected {BEGIN} and {END} in the text")
    return before + list_protection() + after


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(replace_list(path.read_text("utf-8")), "utf-8")
