"""Keeps the sums of a table that are known by a second page as well (`docs/definitions.md`, Pairs of pages)."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np

from footfall.pipelines.publishing.fold_cells import Cells, Last, Placement, count_distinct, number, smallest_rows
from footfall.pipelines.publishing.hide_measures import known_spans
from footfall.transforms.arrays import Codes, Flags, Ints
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.pair_tables import FEW
from footfall.transforms.vocabulary import OTHER


def join_few(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Create `<table>_pairs` from the partial rows, of which those of few visits are joined by their first page.

    Pairs with fewer than k visits in a month are most, and can have no row: they lose their second page before any name
    is looked up, and have the first one for their item. `<table>_few` has the items that they had. Digests that have
    one name count together.
    """
    name, second, source = table.name, table.crossed, f"p_{table.partials[0].name}"
    (first,) = (column for column in table.folded_columns if column != second)
    connection.execute(
        f"""CREATE TABLE {name}_same AS
        WITH alike AS (
          SELECT id, text FROM p_names
          SEMI JOIN (SELECT text FROM p_names GROUP BY ALL HAVING count(*) > 1) USING (text)
        ), used AS (
          SELECT {first} AS id FROM {source} WHERE {first} IN (SELECT id FROM alike)
          UNION SELECT {second} FROM {source} WHERE {second} IN (SELECT id FROM alike)
        )
        SELECT id, min(id) OVER (PARTITION BY text) AS same FROM alike SEMI JOIN used USING (id)
        QUALIFY count(*) OVER (PARTITION BY text) > 1;
        CREATE TABLE {name}_counted AS SELECT t.*, c.month, coalesce(a.same, t.{first}) AS one,
          coalesce(b.same, t.{second}) AS other
        FROM {source} t JOIN calendar c USING (day)
        LEFT JOIN {name}_same a ON a.id = t.{first} LEFT JOIN {name}_same b ON b.id = t.{second};
        CREATE TABLE {name}_many AS SELECT site, month, one, other FROM {name}_counted
        GROUP BY ALL HAVING sum(visits) >= {k};
        CREATE TABLE {name}_few AS SELECT day, site, {first} AS item, pair, visits, least_visitors
        FROM {name}_counted ANTI JOIN {name}_many USING (site, month, one, other);
        CREATE TABLE {name}_pairs AS
        SELECT day, site, {first}, {second}, pair, visits, least_visitors
        FROM {name}_counted SEMI JOIN {name}_many USING (site, month, one, other)
        UNION ALL SELECT day, site, item, NULL, item, sum(visits)::BIGINT, max(least_visitors)
        FROM {name}_few GROUP BY ALL;
        DROP TABLE {name}_counted; DROP TABLE {name}_many; DROP TABLE {name}_same; DROP TABLE {source}"""
    )


def find_few(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Put the items of pairs of few visits into `<table>_items`, in place of those that they were joined by."""
    name = table.name
    connection.execute(
        f"""CREATE OR REPLACE TABLE {name}_items AS
        SELECT * FROM {name}_items WHERE code <> {FEW}
        UNION ALL SELECT f.day, f.site, f.pair, 0, i.cell
        FROM {name}_few f JOIN {name}_items i USING (day, site, item) WHERE i.code = {FEW};
        DROP TABLE {name}_few; DROP TABLE {name}_pairs"""
    )


def name_crossed(connection: duckdb.DuckDBPyConnection, table: Table, outer: Table, k: int) -> None:
    """Fold the second page in `<table>_rows` where `outer` does not name it for the row's span or a finer one.

    So are pairs of which fewer than k visits in a month remain.
    """
    name, second = table.name, table.crossed
    (first,) = (column for column in table.folded_columns if column != second)
    connection.execute(
        f"""CREATE OR REPLACE TABLE {name}_rows AS
        WITH named AS (
          SELECT r.*, s.month, coalesce(p.level = 0 AND p.grain <= r.own, FALSE) AS is_named
          FROM {name}_rows r
          JOIN spans s ON s.site = r.site AND s.day = DATE '1970-01-01' + r.day_number::INTEGER
          LEFT JOIN {outer.name}_cells c ON c.site = r.site AND c.day = s.day AND c.{first} = r.{second}
          LEFT JOIN {outer.name}_placed p ON p.cell = c.cell
        ), many AS (
          SELECT site, month, {first}, {second} FROM named WHERE is_named GROUP BY ALL HAVING sum(visits) >= {k}
        )
        SELECT * EXCLUDE (month, is_named) REPLACE (
          CASE WHEN is_named AND {first} <> '{OTHER}' AND (site, month, {first}, {second}) IN (FROM many)
            THEN {second} ELSE '{OTHER}' END AS {second})
        FROM named"""
    )


def read_crossed(connection: duckdb.DuckDBPyConnection, table: Table) -> Ints:
    """Return the number of each cell's second page, in the order of their names; -1 for `(other)`."""
    second = table.crossed
    read = connection.execute(
        f"""SELECT CASE WHEN c.{second} = '{OTHER}' THEN -1 ELSE dense_rank() OVER (ORDER BY c.{second}) END AS code
        FROM {table.name}_cells c ORDER BY cell"""
    ).fetchnumpy()
    return np.asarray(read["code"], dtype=np.int64)


_OF_FIRST: Final = {"transitions": ("exits",), "entry_exits": ("entries", "bounces")}
"""The measures of a first page that could be calculated if nearly all visits by its pairs were published."""


def read_closed(closed: Ints, table: Table) -> Flags:
    """Return of which cells the row of `pages` hides such a measure; `closed` has the bits that it hides."""
    assert table.within is not None
    assert table.within.cells is not None
    parts = table.within.cells.parts
    hidden: Flags = closed & sum(parts[part] for part in _OF_FIRST[table.name]) > 0
    return hidden


def published_visits(cells: Cells, placement: Placement, row: Codes, rows: int, is_closed: Flags) -> Ints:
    """Return the published visits of each row: rounded down to a multiple of k, or k less, or none.

    For a first page with closed cells, what is published for a span leaves k/2 visits of its sum: otherwise the
    smallest row is lowered by k. `row` is the number of the row that covers each cell, -1 for none.
    """
    is_placed = row >= 0
    visits = np.bincount(row[is_placed], cells.visits[is_placed], rows).astype(np.int64)
    shown = visits // cells.k * cells.k
    while True:
        for span_of_cells, joins in known_spans(cells):
            group, groups = number(joins, cells.site, cells.rest, span_of_cells)
            # Rows that cover cells of this span alone.
            is_alone = is_placed & (group >= 0)
            outside = np.bincount(row[is_placed & ~is_alone], minlength=rows) > 0
            several = count_distinct(np.where(is_alone, row, -1), group, rows) > 1
            is_alone[is_placed] &= ~(outside | several | (shown == 0))[row[is_placed]]
            of_row = np.full(rows, -1, dtype=np.int64)
            of_row[row[is_alone]] = group[is_alone]
            alone = of_row >= 0
            published_of = np.bincount(of_row[alone], shown[alone], groups)
            left = np.bincount(group[group >= 0], cells.visits[group >= 0], groups) - published_of
            is_open = np.bincount(group[is_closed & (group >= 0)], minlength=groups) > 0
            is_alone[is_alone] = (is_open & (published_of > 0) & (2 * left < cells.k))[group[is_alone]]
            if is_alone.any():
                shown[smallest_rows(cells, placement, is_alone, row, visits, group)] -= cells.k
                break
        else:
            return shown


def cross_sums(cells: Cells, placement: Placement, second: Ints) -> None:
    """Move rows to the rest of their first page, until what is published of a second page leaves k/2 of its visits.

    `second` is the number of each cell's second page, -1 for one without a name. The sums are those over the cells' own
    spans, weeks and months; visits of rows are rounded down to multiples of k, as they are published.
    """
    last = Last(cells)
    is_known = (second >= 0) & (last.grain >= 0)
    while True:
        is_named = is_known & (placement.grain >= 0) & (placement.level == 0)
        row, rows = number(is_named, cells.site, placement.grain, placement.span(cells), placement.code)
        visits = np.bincount(row[is_named], cells.visits[is_named], rows)
        one_cell = np.zeros(rows, dtype=np.int64)
        one_cell[row[is_named]] = np.flatnonzero(is_named)
        for span_of_cells, joins in known_spans(cells):
            group, groups = number(is_known & joins, cells.site, second, span_of_cells)
            is_alone = is_named & (group >= 0)
            is_alone[is_named] &= (count_distinct(row, group, rows) == 1)[row[is_named]]
            alone = np.flatnonzero(np.bincount(row[is_alone], minlength=rows) > 0)
            of_row = group[one_cell[alone]]
            published_of = np.bincount(of_row, visits[alone] // cells.k * cells.k, groups)
            left = np.bincount(group[group >= 0], cells.visits[group >= 0], groups) - published_of
            is_close = (published_of > 0) & (2 * left < cells.k)
            is_alone[is_alone] = is_close[group[is_alone]]
            if is_alone.any():
                withdrawn = np.isin(row, smallest_rows(cells, placement, is_alone, row, visits, group))
                placement.grain[withdrawn] = last.grain[withdrawn]
                placement.code[withdrawn] = cells.rest[withdrawn]
                placement.level[withdrawn] = len(cells.codes) - 1
                break
        else:
            return
