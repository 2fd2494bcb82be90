"""Checks the finished file before it is published; any finding stops the publication.

The checks read only what the file contains. Each one reports its promise, the number of values or rows it checked, and
the number of findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import duckdb
import pyarrow as pa

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.check_hits import find_small_hits
from footfall.pipelines.publishing.check_identifiers import MET_EVIDENCE, find_met
from footfall.pipelines.publishing.run_statements import Work, do_side_by_side
from footfall.transforms.describing.personal.common_addresses import LOOK_LIKE_ADDRESSES
from footfall.transforms.describing.personal.sought import ADVERTISERS_NUMBER, SOUGHT
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES

DIGEST_FROM: Final = 2**48
"""Digests of clients and sessions are random 64-bit numbers, nearly all of them larger; no count is as large."""

_OF_CAMPAIGNS: Final = ("source", "medium", "campaign")
"""Columns in which campaigns are named."""


@dataclass(frozen=True)
class Outcome:
    """What a check looked at and found; `place` has the tables or columns with findings."""

    promise: str
    checked: int
    findings: int
    evidence: str
    place: str = ""


def check_file(
    connection: duckdb.DuckDBPyConnection,
    run_id: str,
    partial_tables: Mapping[str, pa.Table],
    rules: TextRules,
) -> None:
    """Check the attached database `fresh` and write the findings to its `promises`. Raises RunError on any finding.

    The connection has the run's own tables too, whose texts are searched for what the run met, but for what the `rules`
    keep. The bytes of the file are searched when it is complete (`check_bytes`).
    """

    def check_words(own: duckdb.DuckDBPyConnection) -> list[Outcome]:
        return [_sum_up("no identifier of the run", find_met(own, partial_tables, rules), MET_EVIDENCE)]

    outcomes = find_breaches(connection, "UNION ALL BY NAME FROM p_line_counts", check_words)
    for outcome in outcomes:
        if outcome.findings:
            raise RunError(
                f"not published: the promise '{outcome.promise}' is broken by {outcome.findings:,} rows of "
                f"{outcome.place} ({outcome.evidence}); the old file is unchanged. Please report it, with the version "
                "but without your logs"
            )
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO fresh.promises VALUES (?, ?, ?, ?, ?)",
        [[run_id, one.promise, one.checked, one.findings, one.evidence] for one in outcomes],
    )
    connection.execute("COMMIT")


def find_breaches(
    connection: duckdb.DuckDBPyConnection, more_books: str = "", *more_checks: Work[list[Outcome]]
) -> list[Outcome]:
    """Run all checks on the attached database `fresh`, and `more_checks`; return their outcomes by promise.

    `more_books` is SQL for further books than those of inputs.
    """
    checks: tuple[Work[list[Outcome]], ...] = (
        *more_checks,
        _check_texts,
        _check_numbers,
        _check_folding,
        _check_hits,
        partial(_check_books, more_books=more_books),
    )
    outcomes = [outcome for found in do_side_by_side(connection, checks) for outcome in found]
    return sorted(outcomes, key=lambda one: one.promise)


def _sum_up(promise: str, rows: Sequence[tuple[str, int, int]], evidence: str) -> Outcome:
    """Return the outcome of a check; each row is (place, number checked, number of findings)."""
    places = ", ".join(sorted({place for place, _, found in rows if found}))
    return Outcome(promise, sum(seen for _, seen, _ in rows), sum(found for _, _, found in rows), evidence, places)


def _columns_about_visitors(kind: str) -> list[tuple[str, str]]:
    """Return (table, column) of all columns of a type whose rows come from requests.

    Tables of runs are left out: they contain the operator's own data, such as paths, versions and digests of options.
    """
    return [
        (table.name, column.name)
        for table in TABLES
        if table.by_day
        for column in table.columns
        if column.type == kind and column.name != "run_id"
    ]


def _check_texts(connection: duckdb.DuckDBPyConnection) -> list[Outcome]:
    """Search all published texts for SOUGHT; each distinct text of a column is searched once.

    The advertisers' numbers, which are no identifiers, are left out where campaigns are named.
    """
    matches = ", ".join(
        f"coalesce(sum(size) FILTER (regexp_matches(text, '{pattern}')), 0)::BIGINT" for pattern, _ in SOUGHT.values()
    )
    # Grouped at once: in a small file, forty groupings take longer than all else.
    columns = " UNION ALL ".join(
        f"SELECT '{table}.{column}' AS place, {column in _OF_CAMPAIGNS} AS of_campaign, {column} AS text "
        f"FROM fresh.{table}"
        for table, column in _columns_about_visitors("VARCHAR")
    )
    rows = connection.execute(
        f"""WITH texts AS (SELECT place, of_campaign, text, count(*) AS size FROM ({columns}) GROUP BY ALL)
        SELECT place, sum(size)::BIGINT, {matches} FROM (
          SELECT place, size, regexp_replace(
            CASE WHEN of_campaign THEN regexp_replace(text, '{ADVERTISERS_NUMBER}', '', 'g') ELSE text END,
            '{LOOK_LIKE_ADDRESSES}', '-', 'g') AS text FROM texts) GROUP BY place"""
    ).fetchall()
    checked = sum(row[1] for row in rows)
    outcomes = []
    for number, (promise, (_, evidence)) in enumerate(SOUGHT.items(), start=2):
        findings = {row[0]: row[number] for row in rows if row[number]}
        outcomes.append(Outcome(promise, checked, sum(findings.values()), evidence, ", ".join(sorted(findings))))
    return outcomes


def _check_numbers(connection: duckdb.DuckDBPyConnection) -> list[Outcome]:
    """Check that no integer column contains digests by mistake."""
    columns = " UNION ALL ".join(
        f"""SELECT '{table}.{column}', count({column}), count(*) FILTER ({column} NOT BETWEEN 0 AND {DIGEST_FROM})
        FROM fresh.{table}"""
        for table, column in _columns_about_visitors("BIGINT")
    )
    rows = connection.execute(columns).fetchall()
    return [_sum_up("no digest of a client or session", rows, "looked at the size of every published count")]


def _check_folding(connection: duckdb.DuckDBPyConnection) -> list[Outcome]:
    """Find measures of visits that are neither NULL, nor 0, nor at least k, as k visitors make k visits."""
    tables = " UNION ALL ".join(
        f"""SELECT '{table.name}', count(*),
          count(*) FILTER ({" OR ".join(f"{one} BETWEEN 1 AND k - 1" for one in _measures_of_visits(table))})
        FROM fresh.{table.name} JOIN (
          SELECT site, max(k) AS k FROM fresh.days JOIN fresh.runs USING (run_id) GROUP BY site
        ) USING (site)"""
        for table in TABLES
        if table.counts_visits
    )
    rows = connection.execute(tables).fetchall()
    return [
        _sum_up(
            "no row of fewer than k visitors",
            rows,
            "looked at the visits of every row about people, and at the k of the run that published it",
        )
    ]


def _measures_of_visits(table: Table) -> list[str]:
    parts = table.cells.parts if table.cells is not None else {}
    return ["visits", *parts]


def _span(table: Table) -> str:
    return "date_trunc('month', day)" if table.levels else "day"


def _check_hits(connection: duckdb.DuckDBPyConnection) -> list[Outcome]:
    """Find hits of fewer than k people."""
    return [
        _sum_up(
            "no hits of fewer than k people",
            find_small_hits(connection),
            "looked at every row of traffic, latency, protocols, kinds and bots about people, and at the k of its run",
        )
    ]


def _check_books(connection: duckdb.DuckDBPyConnection, more_books: str) -> list[Outcome]:
    """Check the sums of the lines of each input, and of the tables of each published day.

    A table is checked only on days that were published with a schema version that has it. Tables with grains are
    checked by month, since a row of a week or month may have visits of any of its days. Days of fewer than k visitors
    have no total; visits of some of them are in such rows. Where the file has no lines of an input, the run's own
    counts show that they add up. The published evidence of the checks depends on published rows only: anything else
    would count what few people did.
    """
    sums = "".join(
        f""" UNION ALL SELECT '{table.name}', count(*), count(*) FILTER (coalesce(t.total, 0) <> e.total
          AND NOT (e.has_small AND coalesce(t.total, 0) > e.total)) FROM (
          SELECT {_span(table)} AS span, site, coalesce({total.expected}, 0) AS total,
            {"bool_or(visits IS NULL)" if table.levels else "FALSE"} AS has_small FROM fresh.{total.whole}
          SEMI JOIN (FROM published_by WHERE version >= {table.since}) USING (day, site) GROUP BY ALL) e
        LEFT JOIN (
          SELECT {_span(table)} AS span, site, sum({total.measure}) AS total FROM fresh.{table.name} GROUP BY ALL
        ) t USING (span, site)"""
        for table in TABLES
        for total in table.totals
    )
    rows = connection.execute(
        f"""WITH published_by AS (
          SELECT day, site, coalesce(schema_version, 1) AS version FROM fresh.days JOIN fresh.runs USING (run_id)
        )
        SELECT 'inputs', count(*), count(*) FILTER (lines <> hits + outside_window + rejected + duplicates)
        FROM (FROM fresh.inputs {more_books}) {sums}"""
    ).fetchall()
    return [_sum_up("the books balance", rows, "added up inputs and tables")]
