"""Every question of the list has its place in the cookbook; what its queries give is looked at in `tests/clients`."""

from __future__ import annotations

import re

import duckdb
import pytest

from footfall.transforms.tables.questions import MACROS
from tests.cookbook.pages import PAGE, read_examples
from tests.cookbook.show_rows import run_queries, show_rows

TEXT = PAGE.read_text("utf-8")
EXAMPLES = read_examples(TEXT)


def test_every_query_of_the_page_is_run() -> None:
    assert len(EXAMPLES) == TEXT.count("```sql")
    assert all(shown.count("\n") >= 2 for _, shown in EXAMPLES)


def test_questions_stand_in_their_order_with_a_query_and_a_reading_each() -> None:
    sections = re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]
    numbers = [int(section.partition(".")[0]) for section in sections]
    assert numbers == list(range(1, 41))
    for section in sections:
        assert "```sql" in section
        last = section.rpartition("|\n")[2].partition("\n## ")[0].strip()
        assert last.endswith("."), section[:80]


def test_every_macro_of_a_period_is_shown_or_named_by_its_question() -> None:
    shown = {name for sql, _ in EXAMPLES for name in re.findall(r"\b([a-z_]+)\((?:first_day|DATE|\))", sql)}
    untold = {macro.name for macro in MACROS if macro.is_table} - shown
    assert untold <= {"countries", "devices", "systems"}


def test_values_are_shown_alike_by_all_versions() -> None:
    assert show_rows(["a", "b"], [(1.0, None), ("x|y", True)]) == "| a | b |\n|---|---|\n| 1 | NULL |\n| x\\|y | yes |"


def test_an_error_of_a_query_is_no_result(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Else a page could show one."""
    db = tmp_path_factory.mktemp("error") / "a.duckdb"
    duckdb.connect(str(db)).close()
    assert run_queries(str(db), ["FROM nothing"])[0].startswith("Catalog Error")
    assert not any("Error:" in shown for _, shown in EXAMPLES)
