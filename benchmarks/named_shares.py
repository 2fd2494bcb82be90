"""Prints how much of a published file is in named rows, and how much of that is by day, week and month.

    python benchmarks/named_shares.py [LOG…] [--association GENERATOR]

Rows about fewer than k visitors are folded: published for a longer span, at a coarser level, or as `(other)`. For each
log the output has the percentage of page views, visits or searches in rows whose finest column is not `(other)`, over
the whole file. 100 % is the result of the same log with k = 1, where nothing is folded, so that unpublished values
count as lost. More tables show the cost of each rule: the same without joint folding (rows may leave few of a known
sum), without the rest as well (it takes in no row in order to have k visitors), and the upper bound: keys of k visits
over the whole file.

The first log is an own sample: the shop on the 30 days of June 2026, with a day of lines before and after them.
`--association` takes the script of a generator that is called with the path of the log to write and a number of days.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import duckdb

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.publishing import fold_cells, place_rows, publish
from footfall.pipelines.run import run_nightly
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from footfall.transforms.vocabulary import DEFAULT_K, OTHER

FIRST_DAY: Final = date(2026, 6, 1)
LAST_DAY: Final = date(2026, 6, 30)
LINES_A_VISIT: Final = 9.6
"""Lines of the own sample per visit, machines included."""
FOLDER_END: Final = "/…"
GRAINS: Final = ("day", "week", "month")
JOINT_RULES: Final = ((fold_cells, "keep_sums"), (place_rows, "break_chains"))
"""The checks of sums of several rows."""
REST_RULES: Final = (*JOINT_RULES, (fold_cells, "fold_rest"), (publish, "check_file"))
"""What folds a named row to protect others, and the check before publishing, which would refuse a file without it."""


@dataclass(frozen=True)
class Dimension:
    """What can be named: a column of one of the tables (the first that has it), and what is counted."""

    name: str
    tables: tuple[str, ...]
    column: str
    measure: str
    is_folder_named: bool = True

    def condition(self) -> str:
        """SQL that holds for named rows; a NULL is a folded number."""
        named = f"coalesce({self.column}::VARCHAR, '{OTHER}') <> '{OTHER}'"
        return named if self.is_folder_named else f"{named} AND NOT ends_with({self.column}, '{FOLDER_END}')"


DIMENSIONS: Final = (
    Dimension("page or folder", ("pages",), "page", "page_views"),
    Dimension("page", ("pages",), "page", "page_views", is_folder_named=False),
    Dimension("country", ("locations",), "country", "visits"),
    Dimension("region", ("locations",), "region", "visits"),
    Dimension("browser", ("browser_versions", "technology"), "browser", "visits"),
    Dimension("browser version", ("browser_versions", "technology"), "browser_version", "visits"),
    Dimension("os version", ("os_versions", "technology"), "os_version", "visits"),
    Dimension("device", ("technology",), "device", "visits"),
    Dimension("phrase", ("searches",), "phrase", "searches"),
    Dimension("campaign", ("campaigns",), "campaign", "visits"),
    Dimension("source", ("referrers",), "source", "visits"),
)


@dataclass(frozen=True)
class Share:
    """Per cent of a measure in named rows, by grain; None if there is nothing to name."""

    by_grain: dict[str, float] | None

    @property
    def named(self) -> float | None:
        """Over all grains."""
        return None if self.by_grain is None else sum(self.by_grain.values())


@dataclass(frozen=True)
class Measured:
    """A log's shares by dimension."""

    log: str
    visits_a_day: float
    shares: dict[str, Share]
    alone: dict[str, Share]
    """Without joint folding."""
    without_rest: dict[str, Share]
    """Without the rest as well."""
    most: dict[str, Share]
    """In keys of k visits."""


def main() -> None:
    """Publish every log under several rules and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("logs", nargs="*", type=Path, metavar="LOG", help="a log, or a folder of the parts of one")
    parser.add_argument("--association", type=Path, metavar="GENERATOR", help="a script that writes a log")
    parser.add_argument("--association-days", type=int, default=28)
    parser.add_argument("--visits", type=int, default=6_950, help="visits a day of the own sample; 0: without it")
    parser.add_argument("--k", type=int, default=DEFAULT_K)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        measured = []
        for name, settings in list_logs(folder, chosen):
            measured.append(measure(name, settings, folder, chosen.k))
            print(f"{name} is done", file=sys.stderr)
    print_table("Per cent in named rows", measured, lambda one: one.shares, lambda share: _text(share.named))
    print_table("Of that by day + week + month", measured, lambda one: one.shares, _grains_text)
    print_table("Without joint folding", measured, lambda one: one.alone, lambda share: _text(share.named))
    print_table("Without the rest", measured, lambda one: one.without_rest, lambda share: _text(share.named))
    print_table("In keys of k visits", measured, lambda one: one.most, lambda share: _text(share.named))


def list_logs(folder: Path, chosen: argparse.Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of the logs, and the settings to read each with."""
    if chosen.visits:
        log = folder / "shop.log"
        days = (LAST_DAY - FIRST_DAY).days + 3
        lines = round(chosen.visits * days * LINES_A_VISIT)
        truth = write_sample(log, lines, seed=1, days=days, log_format="footfall", start=FIRST_DAY - timedelta(days=1))
        june = {"first_day": FIRST_DAY, "last_day": LAST_DAY}
        yield "shop", {"logs": (str(log),), "log_format": "footfall", "site": truth.site, **june}
        log.unlink()
    if chosen.association is not None:
        log = folder / "association.log"
        command = [sys.executable, str(chosen.association), str(log), str(chosen.association_days)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield "association", {"logs": (str(log),)}
        log.unlink()
    for path in chosen.logs:
        yield path.name.partition(".")[0], {"logs": (str(path),)}


def measure(name: str, settings: dict[str, Any], folder: Path, k: int) -> Measured:
    """Publish a log with k, with k and without some of the rules, and with 1, and compare the files."""
    variants: dict[str, tuple[int, Sequence[tuple[Any, str]]]] = {
        "folded": (k, ()),
        "apart": (k, JOINT_RULES),
        "named": (k, REST_RULES),
        "whole": (1, ()),
    }
    files = {variant: folder / f"{variant}.duckdb" for variant in variants}
    for variant, (wanted, rules) in variants.items():
        files[variant].unlink(missing_ok=True)
        with contextlib.ExitStack() as without:
            for module, rule in rules:
                without.enter_context(patch.object(module, rule, _withdraw_nothing))
            run_nightly(Settings(db=files[variant], k=wanted, **settings), (), _silent)
    with contextlib.ExitStack() as opened:
        read = {one: opened.enter_context(duckdb.connect(str(db), read_only=True)) for one, db in files.items()}
        whole = read.pop("whole")
        (visits, days) = _row(whole, "SELECT sum(visits), count(DISTINCT day) FILTER (visits > 0) FROM visits")
        return Measured(
            name,
            (visits or 0) / max(days, 1),
            *({one.name: read_share(published, whole, one) for one in DIMENSIONS} for published in read.values()),
            {dimension.name: read_most(whole, dimension, k) for dimension in DIMENSIONS},
        )


def _withdraw_nothing(*_: Any, **__: Any) -> None:
    """Withdraw no row."""


def read_most(everything: duckdb.DuckDBPyConnection, dimension: Dimension, k: int) -> Share:
    """The part of a dimension whose keys, down to its column, have k visits in the whole file."""
    table, measure = _table(everything, dimension), dimension.measure
    keys = [column for column in _keys(everything, table) if column not in ("day", "grain")]
    keys = ", ".join(keys[: keys.index(dimension.column) + 1])
    named, whole = _row(
        everything,
        f"""SELECT sum(size) FILTER (visits >= {k} AND {dimension.condition()}), sum(size) FROM (
          SELECT {keys}, sum(visits) AS visits, sum({measure}) AS size FROM {table} GROUP BY ALL)""",
    )
    return Share({"day": 100 * (named or 0) / whole, "week": 0, "month": 0} if whole else None)


def read_share(
    published: duckdb.DuckDBPyConnection, everything: duckdb.DuckDBPyConnection, dimension: Dimension
) -> Share:
    """The named part of a dimension in the file `published`, as a share of what `everything` has."""
    measure = dimension.measure
    (whole,) = _row(everything, f"SELECT sum({measure}) FROM {_table(everything, dimension)}")
    if not whole:
        return Share(None)
    table = _table(published, dimension)
    grain = "grain" if "grain" in _columns(published, table) else "'day'"
    rows = published.execute(
        f"SELECT {grain}, coalesce(sum({measure}), 0) FROM {table} WHERE {dimension.condition()} GROUP BY ALL"
    ).fetchall()
    return Share({name: 100 * dict(rows).get(name, 0) / whole for name in GRAINS})


@contextlib.contextmanager
def _silent(inputs: Sequence[Input]) -> Iterator[None]:
    """Show no progress."""
    yield


def _table(connection: duckdb.DuckDBPyConnection, dimension: Dimension) -> str:
    return next(table for table in dimension.tables if dimension.column in _columns(connection, table))


def _keys(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [table]
    )
    return [name for (name,) in rows.fetchall()]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table]).fetchall()
    return {name for (name,) in rows}


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row


def _text(number: float | None) -> str:
    return "–" if number is None else f"{number:.1f}"


def _grains_text(share: Share) -> str:
    return "–" if share.by_grain is None else " + ".join(_text(share.by_grain[grain]) for grain in GRAINS)


def print_table(
    title: str, measured: list[Measured], of: Callable[[Measured], dict[str, Share]], show: Callable[[Share], str]
) -> None:
    """Print a table in Markdown: a row for each dimension, a column for each log."""
    print(f"\n{title}\n")
    print("| | " + " | ".join(f"{one.log} ({one.visits_a_day:,.0f} visits a day)" for one in measured) + " |")
    print("|---" * (len(measured) + 1) + "|")
    for dimension in DIMENSIONS:
        cells = [show(of(one)[dimension.name]) for one in measured]
        print(f"| {dimension.name}: {dimension.measure} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
