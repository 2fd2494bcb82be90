"""The queries of the cookbook give what it shows, in DuckDB and in other programs (tests/clients/install)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.clients.programs import DUCKDB, LIBRARIES, packages
from tests.clients.try_clients import (
    INSTALLED,
    TABLE,
    answers,
    list_clients,
    visits_in_shell,
    visits_since_june,
    wasm_answers,
)
from tests.cookbook.pages import PAGE, publish_sample, read_examples
from tests.cookbook.show_rows import run_queries

OPENS = DUCKDB[DUCKDB.index("0.10.3") :]
WRONG_PERCENTILES = ("0.10.3", "1.0.0")
pytestmark = pytest.mark.slow


def needs(client: str) -> None:
    if not (INSTALLED / client / "ready").exists():
        pytest.skip(f"no {client} here; run tests/clients/install")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_sample(tmp_path_factory.mktemp("clients"))


def test_every_query_gives_what_the_page_of_the_cookbook_shows(db: Path) -> None:
    examples = read_examples(PAGE.read_text("utf-8"))
    given = run_queries(str(db), [sql for sql, _ in examples])
    for (sql, shown), one in zip(examples, given, strict=True):
        assert one == shown, f"{sql}\nif that is right, run make docs"


@pytest.mark.parametrize("version", OPENS)
def test_every_query_gives_the_same_in_every_version_since_0_10_3(version: str, db: Path) -> None:
    needs(f"duckdb-{version}")
    examples = read_examples(PAGE.read_text("utf-8"))
    given = answers(version, db, tuple(sql for sql, _ in examples))
    assert given is not None
    for (sql, shown), one in zip(examples, given, strict=True):
        if version not in WRONG_PERCENTILES or not re.search("latency|percentile_ms", sql):
            assert one == shown, sql


@pytest.mark.parametrize("version", sorted({*DUCKDB} - {*OPENS}))
def test_older_versions_refuse_the_file(version: str, db: Path) -> None:
    needs(f"duckdb-{version}")
    assert answers(version, db, ("SELECT 1",)) is None


def test_every_query_gives_the_same_in_webassembly(db: Path) -> None:
    needs("wasm")
    if shutil.which("node") is None:
        pytest.skip("no node here; run tests/servers/install")
    examples = read_examples(PAGE.read_text("utf-8"))
    given = wasm_answers(db, tuple(sql for sql, _ in examples))
    assert given == [shown for _, shown in examples]


def test_the_shell_and_libraries_read_the_same_visits(db: Path) -> None:
    for client in ("shell", *LIBRARIES):
        needs(client)
    assert len({visits_in_shell(db), *(visits_since_june(library, db) for library in LIBRARIES)}) == 1


def test_the_page_of_clients_is_what_they_answer(db: Path) -> None:
    for client in (*packages(), "wasm"):
        needs(client)
    assert list_clients(db) == TABLE.read_text("utf-8"), "run tests/clients/install and make docs"
