"""`footfall check` finds what a run would have refused to publish."""

from __future__ import annotations

import duckdb

from tests.commands import Operator, write_log


def test_a_published_file_passes(operator: Operator) -> None:
    write_log(operator.folder / "a.log", 30)
    assert operator.nightly("a.log").status == 0
    ended = operator.run("check", "--db", str(operator.db))
    assert ended.status == 0
    assert "no row of fewer than k visitors" in ended.out


def test_findings_are_told_by_their_place_and_never_by_their_value(operator: Operator) -> None:
    write_log(operator.folder / "a.log", 30)
    assert operator.nightly("a.log").status == 0
    with duckdb.connect(str(operator.db)) as connection:
        connection.execute(
            "INSERT INTO pages VALUES ('2026-06-01', 'default', 'day', '/for/198.51.100.7', 3, 2, 1, 1, 1)"
        )
    ended = operator.run("check", "--db", str(operator.db))
    assert ended.status == 1
    assert "found 1 in pages.page" in ended.out
    assert "198.51.100.7" not in ended.out + ended.err


def test_a_missing_file_is_wrong_usage(operator: Operator) -> None:
    ended = operator.run("check", "--db", str(operator.folder / "none.duckdb"))
    assert ended.status == 2
    assert "no such file" in ended.err
