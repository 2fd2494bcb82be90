"""Opens a published file with other versions of DuckDB and with libraries; `tests/clients/install` fetches them.

`python -m tests.clients.try_clients` writes docs/clients.md, as `make docs` does where they are installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from tests.clients.programs import DUCKDB, LIBRARIES, SHELL, SQL, WASM
from tests.cookbook.pages import PAGE, publish_sample, read_examples

ROOT: Final = Path(__file__).parents[2]
INSTALLED: Final = ROOT / ".venv" / "clients"
TABLE: Final = ROOT / "docs" / "clients.md"

INTRODUCTION: Final = """# Programs that open the file

Footfall writes the storage format of DuckDB 1.0 (`v1.0.0`). Each program below was given the file of the
[cookbook](cookbook.md), and the versions of DuckDB all its queries; this page is made from what they answered
(`tests/clients/install`, then `make docs`). "All" is all {count} of them, with the same results.

| program | opens it | queries of the cookbook |
|---|---|---|
"""
NOTES: Final = """Before 1.1, `list_reduce` is wrong for some of several groups, and so is `percentile_ms`: use a newer
version for latencies. Everything else is the same there.

ibis 12 wants a DuckDB before 2 (`duckdb<2`). A version that does not open the file says so at once
and changes nothing. Open it read-only (`read_only=True`, `-readonly`), as the next night replaces it.

DuckDB-Wasm was run by node, with the build that browsers take as well. There the file is a buffer of bytes
(`registerFileBuffer`), and is opened by its name with `accessMode: DuckDBAccessMode.READ_ONLY`.
"""


def _run(name: str, command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(INSTALLED / name)}
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=300, env=environment)


@cache
def answers(version: str, db: Path, queries: tuple[str, ...]) -> list[str] | None:
    """What a version of DuckDB answers; None if it does not open the file."""
    script = str(ROOT / "tests" / "cookbook" / "show_rows.py")
    ended = _run(f"duckdb-{version}", [sys.executable, script, str(db)], json.dumps(queries))
    return list(json.loads(ended.stdout)) if ended.returncode == 0 else None


@cache
def wasm_answers(db: Path, queries: tuple[str, ...]) -> list[str]:
    """What DuckDB-Wasm answers."""
    script = str(ROOT / "tests" / "clients" / "ask_wasm.cjs")
    ended = _run("wasm", ["node", script, str(INSTALLED / "wasm" / "node_modules"), str(db)], json.dumps(queries))
    assert ended.returncode == 0, ended.stderr[-2_000:]
    return list(json.loads(ended.stdout))


def visits_since_june(library: str, db: Path) -> int:
    """The visits that a library reads."""
    script = f"import duckdb\ndb, sql = {str(db)!r}, {SQL!r}\n{LIBRARIES[library][1]}"
    ended = _run(library, [sys.executable, "-c", script])
    assert ended.returncode == 0, ended.stderr[-2_000:]
    return int(float(ended.stdout))


def visits_in_shell(db: Path) -> int:
    """The visits that the shell `duckdb` reads."""
    shell = str(INSTALLED / "shell" / "bin" / "duckdb")
    ended = _run("shell", [shell, "-readonly", "-noheader", "-list", str(db), f"SELECT sum(visits) FROM ({SQL})"])
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def _tell_same(given: list[str] | None, examples: list[tuple[str, str]]) -> str:
    """How many answers are those of the page."""
    same = sum(one == shown for one, (_, shown) in zip(given or (), examples, strict=False))
    return "none" if given is None else "all" if same == len(examples) else f"{same} of {len(examples)}"


def list_clients(db: Path) -> str:
    """The page for the docs."""
    examples = read_examples(PAGE.read_text("utf-8"))
    queries = tuple(sql for sql, _ in examples)
    lines = [INTRODUCTION.format(count=len(examples)).rstrip("\n")]
    for version in DUCKDB:
        given = answers(version, db, queries)
        told = _tell_same(given, examples)
        lines.append(f"| Python `duckdb` {version} | {'no' if given is None else 'yes'} | {told} |")
    told = _tell_same(wasm_answers(db, queries), examples)
    lines.append(f"| WebAssembly `@duckdb/duckdb-wasm` {WASM['@duckdb/duckdb-wasm'][0]} | yes | {told} |")
    shell = SHELL[0].partition("==")[2]
    expected = visits_since_june("pandas", db)
    assert visits_in_shell(db) == expected
    lines.append(f"| shell `duckdb -readonly` {shell} | yes | as Python {shell} |")
    for library, (needs, _) in LIBRARIES.items():
        assert visits_since_june(library, db) == expected
        versions = ", ".join(f"{one.partition('==')[0].partition('[')[0]} {one.partition('==')[2]}" for one in needs)
        lines.append(f"| {library} | yes | rows of `visits` ({versions}) |")
    lines += ["", NOTES]
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        TABLE.write_text(list_clients(publish_sample(Path(folder))), "utf-8")
