"""The attack with a solver on days that an earlier version published without rules, and that were carried over.

What is true are the rows of the earlier file. Each of its visits and hits is taken to be another visitor's, as the file
does not know better; `docs/definitions.md` (Days) says what that leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from footfall.transforms.tables.published import TABLES
from tests.attacks.cells import NO_CAMPAIGN, Cell, Truth
from tests.attacks.mutations import MUTATIONS
from tests.attacks.solver import Result, attack
from tests.pipelines.publishing.test_earlier_file import LATER, OPTIONS, VERSIONS_WITHOUT_RULES, open_version, write_log
from tests.running import publish_logs

K: Final = 20
"""Files were published with 3, so that many of their rows are small now."""
KEYS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "visits": ("visits", ()),
    "locations": ("locations", ("continent", "country", "region")),
    "technology": ("profiles", ("browser", "browser_version", "os", "os_version", "device")),
    "pages": ("pages", ("page",)),
    "searches": ("searches", ("phrase",)),
    "cookie_audit": ("cookie_audit", ("finding",)),
    "traffic": ("hours", ("hour", "traffic_class")),
    "protocols": ("protocols", ("protocol", "traffic_class")),
    "bots": ("bots", ("traffic_class", "name", "category")),
    "latency": ("latency", ("hour", "traffic_class", "bucket_ms")),
}
"""Tables of earlier files, the quantity that they count, and its key; referrers and campaigns are one quantity."""
UNKNOWN: Final = {"errors", "visits.bounces", "visits.duration_s", "page views by hour"}
"""What these rows do not say: whose errors they have, who bounced and stayed in other tables, who came at midnight."""


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """The rows of a table; none if the file has no such table."""
    if not connection.execute("FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall():
        return []
    cursor = connection.execute(f"FROM {table}")
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def truth_of_rows(db: Path) -> Truth:
    """The rows of a file as cells."""
    cells: dict[str, list[Cell]] = {}
    people = 0

    def add(quantity: str, key: Iterable[Any], row: dict[str, Any]) -> None:
        nonlocal people
        cell = Cell(quantity, row["day"], row["site"], tuple(key))
        for measure, count in row.items():
            if isinstance(count, int) and measure not in ("hour", "status"):
                cell.counts[measure] = count
                cell.people[measure] = set(range(people, people + count))
                people += count
        if quantity in ("pages", "searches"):
            cell.items = set(cell.people["visits"])
        # Those who stayed are those who saw another page.
        cell.people["duration_s"] = set(range(cell.counts["visits"] - cell.counts["bounces"]))
        cells.setdefault(quantity, []).append(cell)

    with duckdb.connect(str(db), read_only=True) as connection:
        for table, (quantity, columns) in KEYS.items():
            for row in rows_of(connection, table):
                # Bytes are no count of anything.
                counts = {name: value for name, value in row.items() if name not in ("bytes_sent", "visitors")}
                add(quantity, (row[column] for column in columns), counts)
        for row in rows_of(connection, "referrers"):
            if row["kind"] != "campaign":
                add("acquisitions", (row["kind"], row["source"], *NO_CAMPAIGN), row)
        for row in rows_of(connection, "campaigns"):
            add("acquisitions", ("campaign", row["source"], row["source"], row["medium"], row["campaign"]), row)
    return Truth(cells, timed=True, ends=(date(2026, 6, 1), date(2026, 6, 3)))


def attack_earlier_days(version: int, folder: Path) -> Result:
    """Carry a file over, and attack what is then published of its days alone."""
    db = open_version(version, folder)
    with duckdb.connect(str(db)) as connection:
        connection.execute(f"UPDATE runs SET k = {K}")
    truth = truth_of_rows(db)
    publish_logs(folder, {"a.log": write_log(folder / "a.log", LATER)}, **{**OPTIONS, "k": K})
    with duckdb.connect(str(db)) as connection:
        for table in TABLES:
            if table.by_day:
                connection.execute(f"DELETE FROM {table.name} WHERE day >= DATE '{LATER}'")
        connection.execute("DELETE FROM inputs WHERE run_id NOT IN (SELECT run_id FROM days)")
    return attack(db, truth, K, knows_pairs=False, knows_times=False)


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_a_solver_learns_nothing_of_earlier_days(version: int, tmp_path: Path) -> None:
    result = attack_earlier_days(version, tmp_path)
    assert result.narrow() == {}
    assert set(result.not_understood) <= UNKNOWN
    assert result.answers.questions > 300


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("rows of earlier versions are not folded", ("locations", "visits")),
        ("hours of earlier versions are told", ("hours", "hits")),
    ],
)
def test_a_solver_learns_something_of_them_from_a_weakened_build(
    name: str, found: tuple[str, str], tmp_path: Path
) -> None:
    (mutation,) = (one for one in MUTATIONS if one.name == name)
    with mutation.made():
        assert attack_earlier_days(2, tmp_path).narrow()[found]
