"""Goals are told from paths, queries and statuses as the settings say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms.describing.goal_rules import NO_GOALS, Goal, GoalRules


def reached(url: str, status: int = 200, *goals: Goal, ignores_case: bool = False) -> list[int]:
    """The numbers of the goals that a request reaches."""
    rules = GoalRules(goals, ignores_case)
    path, _, query = url.partition("?")
    of_path, of_query = rules.match_paths(pa.array([path])), rules.match_queries(pa.array([query]))
    (bits,) = rules.reached(of_path, of_query, np.array([status])).tolist()
    return [number for number in range(len(goals)) if bits >> number & 1]


@pytest.mark.parametrize(
    ("glob", "url", "expected"),
    [
        ("/done", "/done", True),
        ("/done", "/done/", True),
        ("/done", "//done;sid=7", True),
        ("/done", "/done/index.html?a=b", True),
        ("/done", "/Done", False),
        ("/done", "/x/done", False),
        ("/f/*", "/f/a", True),
        ("/f/*", "/f/a/b", False),
        ("/f/**", "/f/a/b", True),
        ("/caf\u00e9", "/caf%C3%A9", True),
        # What is personal has a placeholder in published pages; goals are of what was asked for.
        ("/orders/*/paid", "/orders/100234/paid", True),
        ("/**", "*", False),
    ],
)
def test_a_goal_is_of_paths_in_their_one_spelling(glob: str, url: str, expected: bool) -> None:
    assert bool(reached(url, 200, Goal(glob))) is expected


def test_letter_case_is_ignored_where_pages_ignore_it() -> None:
    assert reached("/DONE", 200, Goal("/Done"), ignores_case=True) == [0]


@pytest.mark.parametrize(
    ("condition", "query", "expected"),
    [
        ("paid", "paid", True),
        ("paid", "a=1&paid=", True),
        ("paid", "unpaid=1", False),
        ("paid", "", False),
        ("step=done", "a=1&step=done&b=2", True),
        ("step=done", "step=done2", False),
        ("step=done", "last_step=done", False),
        ("q=two words", "q=two+words", True),
        ("q=two words", "q=two%20words", True),
        ("a.c=1", "abc=1", False),
    ],
)
def test_a_goal_may_need_a_key_of_the_query_or_a_value(condition: str, query: str, expected: bool) -> None:
    assert bool(reached(f"/?{query}", 200, Goal("/", (condition,)))) is expected


def test_all_conditions_hold_and_several_goals_are_reached_at_once() -> None:
    goals = Goal("/", ("a", "b=2")), Goal("/**"), Goal("/", ("a",), (303,))
    assert reached("/?a=1&b=2", 200, *goals) == [0, 1]
    assert reached("/?a=1", 303, *goals) == [1, 2]


@pytest.mark.parametrize(("status", "expected"), [(0, False), (199, False), (200, True), (302, True), (404, False)])
def test_without_a_status_a_goal_needs_an_answer_or_the_way_to_one(status: int, expected: bool) -> None:
    assert bool(reached("/done", status, Goal("/done"))) is expected


def test_sixteen_goals_have_a_bit_each_and_none_have_none() -> None:
    assert reached("/15", 200, *(Goal(f"/{number}") for number in range(16))) == [15]
    assert NO_GOALS.match_paths(pa.array(["/", None])).tolist() == [0, 0]
