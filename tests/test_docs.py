"""What the README shows works: its commands, its settings file, its SQL; and docs name what exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import apache_beam as beam
import duckdb
import pytest

from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.json_formats import JSON_FORMATS
from footfall.transforms.formats.log_formats import WRAPPINGS, read_log_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.tables.list_tables import list_tables
from footfall.transforms.tables.published import TABLES
from footfall.transforms.tables.questions import ALL_VIEWS
from footfall.transforms.vocabulary import REFERRER_KINDS, REJECT_REASONS, TRAFFIC_CLASSES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
DEFINITIONS = (ROOT / "docs" / "definitions.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FORMATS = (ROOT / "docs" / "formats.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log, as the README's reader has one."""
    place = tmp_path_factory.mktemp("reader")
    write_sample(place / "access.log", 3_000, seed=4, days=3, log_format="combined")
    return place


def run_footfall(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`footfall` with arguments in a folder."""
    command = [sys.executable, "-m", "footfall.pipelines.cli", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_commands_that_the_readme_shows_work(folder: Path) -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "footfall"
        result = run_footfall(folder, *arguments)
        assert result.returncode == 0, f"{command}: {result.stderr}"


def test_the_settings_file_that_the_readme_shows_works(folder: Path) -> None:
    (settings,) = blocks("toml")
    (folder / "shown.toml").write_text(settings, "utf-8")
    result = run_footfall(folder, "nightly", "access.log", "--config", "shown.toml", "--db", "settings.duckdb")
    assert result.returncode == 0, result.stderr


def test_the_sql_that_the_readme_shows_works(folder: Path) -> None:
    published = folder / "sql.duckdb"
    result = run_footfall(folder, "nightly", "access.log", "--db", str(published), "--k", "2")
    assert result.returncode == 0, result.stderr
    statements = [sql for block in blocks("sql") for sql in block.split(";\n") if sql.strip()]
    assert len(statements) >= 5
    with duckdb.connect(str(published), read_only=True) as connection:
        for sql in statements:
            connection.sql(sql).fetchall()


def test_the_definitions_name_every_reason_class_kind_and_folded_table() -> None:
    for word in (
        *REJECT_REASONS[1:],
        *TRAFFIC_CLASSES,
        *REFERRER_KINDS,
        *(table.name for table in TABLES if table.levels),
    ):
        assert f"`{word}`" in DEFINITIONS, word


def test_the_page_of_formats_has_every_name_wrapping_and_reason() -> None:
    first_columns = re.findall(r"^\| `([a-z0-9_-]+)` \|", FORMATS, re.MULTILINE)
    assert sorted(first_columns) == sorted([*WRAPPINGS, *NAMED_FORMATS, *JSON_FORMATS, *REJECT_REASONS[1:]])


def test_the_page_of_formats_says_what_each_one_reads() -> None:
    letters = {
        "A": {Meaning.AGENT},
        "S": {Meaning.COOKIE, Meaning.COOKIE_HEADER},
        "T": {meaning for meaning in Meaning if meaning.name.startswith("REQUEST_TIME")},
        "F": {Meaning.EDGE_CLIENT, Meaning.PROXY_CLIENT, Meaning.FORWARDED},
    }
    shown = dict(re.findall(r"^\| `([a-z0-9_-]+)` \| [^|]* \| ([ASTHF ]*)\| ", FORMATS, re.MULTILINE))
    for name in (*NAMED_FORMATS, *JSON_FORMATS):
        meanings = read_log_format(name).meanings
        assert {letter for letter, own in letters.items() if own & meanings} == set(shown[name].split()) - {"H"}, name


def test_the_page_of_tables_is_made_from_their_declarations() -> None:
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == list_tables(), "run make docs"


def test_the_readme_shows_only_tables_that_exist() -> None:
    known = {table.name for table in TABLES} | {name for name, _, _ in ALL_VIEWS} | {"duckdb_columns()"}
    shown = {name for block in blocks("sql") for name in re.findall(r"\bFROM ([a-z_]+(?:\(\))?)", block)}
    assert shown <= known


def test_each_step_of_the_path_is_a_module_with_a_transform_of_its_name() -> None:
    steps = re.findall(r"^\| \d+ \| ([a-z ]+) \| `([a-z_]+)\.py` \|", ARCHITECTURE, re.MULTILINE)
    assert len(steps) >= 9
    for step, module in steps:
        assert module == step.replace(" ", "_")
        transform = getattr(import_module(f"footfall.transforms.{module}"), step.title().replace(" ", ""))
        assert issubclass(transform, beam.PTransform)
    others = {path.stem for path in (ROOT / "transforms").glob("[a-z]*.py")} - {module for _, module in steps}
    assert all(f"`{name}.py`" in ARCHITECTURE or f"`transforms/{name}.py`" in ARCHITECTURE for name in others), others
