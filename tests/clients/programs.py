"""The programs that the published file is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DUCKDB: Final = ("0.9.2", "0.10.0", "0.10.3", "1.0.0", "1.1.3", "1.2.2", "1.3.2", "1.4.5", "1.5.6", "2.0.1")
"""Versions of the Python package, the last of each minor version and those at the edge."""
LIBRARIES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "pandas": (
        ("pandas==3.1.1", "duckdb==2.0.1"),
        "print(duckdb.connect(db, read_only=True).sql(sql).df().visits.sum())",
    ),
    "polars": (
        ("polars==2.1.0", "pyarrow==25.0.1", "duckdb==2.0.1"),
        "print(duckdb.connect(db, read_only=True).sql(sql).pl()['visits'].sum())",
    ),
    "ibis": (
        ("ibis-framework[duckdb]==12.0.0", "duckdb==1.5.6"),
        "import ibis\nt = ibis.duckdb.connect(db, read_only=True).table('visits')\n"
        "print(t.filter(t.day >= ibis.date('2026-06-01')).visits.sum().execute())",
    ),
}
"""What to install, and how the visits since June are asked for."""
SQL: Final = "SELECT visits FROM visits WHERE day >= DATE '2026-06-01'"
SHELL: Final = ("duckdb-cli==1.5.6",)


def packages() -> dict[str, tuple[str, ...]]:
    """What is installed for each client, by the name of its folder."""
    own = {f"duckdb-{version}": (f"duckdb=={version}",) for version in DUCKDB}
    return {**own, **{name: needs for name, (needs, _) in LIBRARIES.items()}, "shell": SHELL}
