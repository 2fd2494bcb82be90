"""What somebody can learn even so: the limits that `docs/privacy.md` states; who mends one takes it off there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attacks import read
from tests.attacks.logs import K, Log, day, publish, truth_of
from tests.attacks.solver import attack
from tests.running import Rows


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """A day with three searches for nothing, and one visitor who stayed."""
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 20, ("/search?q=jazz",))
    log.crowd(2, 3, ("/search",))
    log.crowd(2, 11, referrer="https://example.com/")
    log.crowd(2, 1, tuple(f"/{number}" for number in range(60)), referrer="https://example.com/")
    folder = tmp_path_factory.mktemp("limits")
    publish(folder, log, 2, 2)
    return read(folder)


def of_day(rows: Rows, **where: Any) -> Rows:
    """The rows of the second day with some values."""
    return [row for row in rows if row["day"] == day(2) and all(row[name] == value for name, value in where.items())]


def test_views_of_a_search_page_without_a_phrase_are_known_to_those_who_know_the_page(
    published: dict[str, Rows],
) -> None:
    (page,) = of_day(published["pages"], page="/search")
    assert page["page_views"] - sum(row["searches"] for row in of_day(published["searches"])) == 3


@pytest.mark.parametrize("knows", [True, False])
def test_a_solver_bounds_them_that_knows_the_search_pages(knows: bool, tmp_path: Path) -> None:
    log = Log()
    log.edges(2, 2)
    log.crowd(2, 20, ("/search?q=jazz",))
    log.crowd(2, 3, ("/search",))
    publish(tmp_path, log, 2, 2)
    result = attack(tmp_path / "traffic.duckdb", truth_of(log, 2, 2), K, knows_search_pages=knows)
    found = [(one.label.count, one.low, one.high) for one in result.answers.narrow if one.label.what == "plain"]
    assert found == ([(3, 3, 3)] if knows else [])


def test_a_sum_of_durations_may_be_nearly_that_of_one(published: dict[str, Rows]) -> None:
    (channel,) = of_day(published["referrers"], source="example.com")
    assert (channel["visits"], channel["duration_s"]) == (12, 11 * 10 + 590)
