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
WASM: Final[Mapping[str, tuple[str, str]]] = {
    "@duckdb/duckdb-wasm": ("1.32.0", "13c29d80888b795cb493b281685d3d3e1738db2fad50d419e2884c6585789722"),
    "apache-arrow": ("17.0.0", "3517f9ef256e9e5bf819f92652028545131660784c68818604e9025ec643b317"),
    "flatbuffers": ("24.3.25", "ac17c94fbd2afbb44ed847da86b40fc88da01b08969f2fb0e9ba02169fa23055"),
    "json-bignum": ("0.0.3", "03ec077e19b0b3445bfbf73dcdfe62660861ea821a832da90d3289f85eae1542"),
    "tslib": ("2.6.3", "a98498d6cd1a4e935ecc8e1687754c7da833980c247a913ca29f610a191d0a00"),
}
"""DuckDB as browsers run it, and what it needs: the version and the SHA-256 of each package of npm."""


def packages() -> dict[str, tuple[str, ...]]:
    """What is installed for each client, by the name of its folder."""
    own = {f"duckdb-{version}": (f"duckdb=={version}",) for version in DUCKDB}
    return {**own, **{name: needs for name, (needs, _) in LIBRARIES.items()}, "shell": SHELL}
