"""Rounds the rows of tables that tell part of what others tell exactly (`docs/definitions.md`, Rounded)."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np

from footfall.pipelines.publishing.fold_cells import Cells, Told, count_distinct, smallest_rows
from footfall.transforms.arrays import Ints
from footfall.transforms.tables.declaring import Table


def round_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    cells: Cells,
    told: Told,
    row: Ints,
    sums: Mapping[str, Ints],
) -> dict[str, Ints]:
    """Return the measures of rows, rounded half up to multiples of k, or down where they would tell what is left.

    `row` is the number of the row that tells each cell, -1 for none. Each query of `known_by` selects cells and, by
    number, the `whole` that they are part of, whose `hits` another table tells. So n rounded rows of a whole tell of
    what is left that it is at most its hits less theirs, and n k/2 more: that must not be less than k/2.
    """
    k, rows = cells.k, len(sums["hits"])
    shown = {name: (2 * values + k) // (2 * k) * k for name, values in sums.items()}
    is_told = row >= 0
    visits = np.bincount(row[is_told], cells.visits[is_told], rows)
    for query in table.known_by:
        read = connection.execute(query).fetchnumpy()
        whole = np.full(len(row), -1, dtype=np.int64)
        whole[read["cell"]] = read["whole"]
        wholes = whole.max(initial=-1) + 1
        hits = np.zeros(wholes, dtype=np.int64)
        hits[read["whole"]] = read["hits"]
        # Rows of which all cells are of one whole.
        is_alone = is_told & (whole >= 0)
        outside = np.bincount(row[is_told & ~is_alone], minlength=rows) > 0
        outside |= count_distinct(np.where(is_alone, row, -1), whole, rows) > 1
        is_alone[is_told] &= ~outside[row[is_told]]
        of_row = np.full(rows, -1, dtype=np.int64)
        of_row[row[is_alone]] = whole[is_alone]
        alone = of_row >= 0
        count = np.bincount(of_row[alone], minlength=wholes)
        told_of = np.bincount(of_row[alone], shown["hits"][alone], wholes)
        # Then all of them were rounded up, and one that is not is enough.
        is_close = (count > 0) & (2 * told_of > 2 * hits + (count - 1) * k)
        is_alone[is_alone] = is_close[whole[is_alone]]
        shown["hits"][smallest_rows(cells, told, is_alone, row, visits, whole)] -= k
    # No part of the hits tells more of them.
    return {name: np.minimum(values, shown["hits"]) for name, values in shown.items()}
