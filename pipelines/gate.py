"""The last check before a file is published: what is found here stops it (promise 8).

It reads the finished file as an outsider would. Each check is an entry: what is promised, what is looked at, and the SQL
that lists findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.contract import FOLDED_COLUMNS, TABLES
from pipelines.refusals import Refusal

_NOT_ABOUT_VISITORS: Final = frozenset({"inputs", "rejects", "runs", "promises"})
"""What these say is the operator's own: paths, versions, digests of options."""

# RE2 patterns over every published text.
PATTERNS: Final[dict[str, tuple[str, str]]] = {
    "no address": (
        r"(^|[^0-9.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)($|[^0-9.])"
        r"|(^|[^0-9A-Za-z:])([0-9A-Fa-f]{1,4}:){3,7}[0-9A-Fa-f]{1,4}($|[^0-9A-Za-z:])",
        "searched all published texts for IPv4 and IPv6 addresses",
    ),
    "no e-mail address": (
        r"[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
        "searched all published texts for e-mail addresses",
    ),
    "no user agent": (
        r"Mozilla/\d\.\d|AppleWebKit/|Gecko/20100101",
        "searched all published texts for parts of raw user agents",
    ),
    "no identifier": (
        r"(^|[^0-9A-Za-z])([0-9a-f]{32,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})($|[^0-9A-Za-z])",
        "searched all published texts for UUIDs and long hexadecimal tokens, as cookies are",
    ),
}


_ANY_PATTERN: Final = "|".join(f"(?:{pattern})" for pattern, _ in PATTERNS.values())
"""All in one: what it does not match, none of them does, and no text is searched four times."""


@dataclass(frozen=True)
class _Outcome:
    promise: str
    checked: int
    findings: int
    evidence: str
    place: str = ""


def check_file(
    connection: duckdb.DuckDBPyConnection, run_id: str, k: int, partial_tables: dict[str, pa.Table]
) -> None:
    """Check the attached database `fresh` and write the outcome to its table `promises`. Raises Refusal on any finding."""
    outcomes = [*_check_texts(connection), _check_folding(connection, k), _check_books(connection, run_id, partial_tables)]
    for outcome in outcomes:
        if outcome.findings:
            raise Refusal(
                f"not published: the promise '{outcome.promise}' is broken by {outcome.findings:,} rows of {outcome.place} "
                f"({outcome.evidence}); the old file stands. Please report it, with the version but without your logs"
            )
        connection.execute(
            "INSERT INTO fresh.promises VALUES (?, ?, ?, ?, ?)",
            [run_id, outcome.promise, outcome.checked, outcome.findings, outcome.evidence],
        )


def _check_texts(connection: duckdb.DuckDBPyConnection) -> list[_Outcome]:
    texts = [
        (table.name, name)
        for table in TABLES
        if table.name not in _NOT_ABOUT_VISITORS
        for name, kind, _ in table.columns
        if kind == "VARCHAR" and name != "run_id"
    ]
    checked = 0
    suspects: list[tuple[str, str]] = []
    for table, column in texts:
        row = connection.execute(
            f"SELECT count({column}), count(*) FILTER (regexp_matches({column}, ?)) FROM fresh.{table}", [_ANY_PATTERN]
        ).fetchone()
        seen, found = row or (0, 0)
        checked += seen
        if found:
            suspects.append((table, column))
    outcomes = []
    for promise, (pattern, evidence) in PATTERNS.items():
        findings = 0
        place = ""
        for table, column in suspects:
            row = connection.execute(
                f"SELECT count(*) FILTER (regexp_matches({column}, ?)) FROM fresh.{table}", [pattern]
            ).fetchone()
            if row and row[0]:
                findings += row[0]
                place = f"{table}.{column}"
        outcomes.append(_Outcome(promise, checked, findings, evidence, place))
    return outcomes


def _check_folding(connection: duckdb.DuckDBPyConnection, k: int) -> _Outcome:
    """Rows below k that are not all there is of their day and site."""
    checked = findings = 0
    place = ""
    for name in FOLDED_COLUMNS:
        row = connection.execute(
            f"""SELECT count(*), count(*) FILTER (visits BETWEEN 1 AND {k - 1} AND described > 1) FROM (
              SELECT visits, count(*) FILTER (visits > 0) OVER (PARTITION BY day, site) AS described
              FROM fresh.{name} SEMI JOIN replaced USING (day, site))"""
        ).fetchone()
        seen, found = row or (0, 0)
        checked += seen
        if found:
            findings += found
            place = name
    return _Outcome(f"no row of fewer than {k} visits", checked, findings, "looked at visits of every row about people", place)


def _check_books(
    connection: duckdb.DuckDBPyConnection, run_id: str, partial_tables: dict[str, pa.Table]
) -> _Outcome:
    """Lines of every input add up, and so do the tables of every published day."""
    findings = 0
    place = ""
    row = connection.execute(
        """SELECT count(*), count(*) FILTER (lines <> hits + outside_window + rejected + duplicates)
        FROM fresh.inputs WHERE run_id = ?""",
        [run_id],
    ).fetchone()
    checked, findings = row or (0, 0)
    if findings:
        place = "inputs"
    sums = {
        "traffic": ("hits", "SELECT day, site, hits AS total FROM fresh.days"),
        **{
            name: (measure, f"SELECT day, site, {measure} AS total FROM fresh.visits")
            for name in ("locations", "technology", "referrers")
            for measure in ("visits",)
        },
        "pages": ("page_views", "SELECT day, site, page_views AS total FROM fresh.visits"),
    }
    for name, (measure, expected) in sums.items():
        row = connection.execute(
            f"""SELECT count(*), count(*) FILTER (coalesce(t.total, 0) <> e.total)
            FROM ({expected}) e LEFT JOIN (
              SELECT day, site, sum({measure}) AS total FROM fresh.{name} GROUP BY day, site) t USING (day, site)"""
        ).fetchone()
        seen, found = row or (0, 0)
        checked += seen
        if found:
            findings += found
            place = name
    rows = sum(len(table) for table in partial_tables.values())
    return _Outcome("the books balance", checked, findings, f"added up inputs and tables; {rows:,} partial rows merged", place)
