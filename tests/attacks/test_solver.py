"""The attack with a solver finds what follows from a subtraction, and nothing else, in files made by hand."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from footfall.transforms.vocabulary import OTHER
from tests.attacks.bounds import Equations, Question
from tests.attacks.cells import NO_CAMPAIGN
from tests.attacks.hand_made import HandMade, day, values
from tests.attacks.solver import attack
from tests.attacks.views import VIEWS, days_of, month_of, week_of

VIEW = {view.table: view for view in VIEWS}
K = 10


def findings(made: HandMade, folder: Path) -> list[tuple[str, str, int, float, float]]:
    """What is found: quantity, measure, true count and interval."""
    db, truth = made.publish(folder)
    result = attack(db, truth, K)
    assert not result.not_understood
    return sorted(
        (one.label.what, one.label.measure, one.label.count, round(one.low, 6), round(one.high, 6))
        for one in result.answers.narrow
        if one.label.measure == "visits"
    )


def test_a_campaign_that_only_referrers_count_is_found(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("acquisitions", ("campaign", "news", "news", "mail", "spring"), 12)
    made.cell("acquisitions", ("campaign", "news", "news", "mail", "invitation"), 3)
    made.row("campaigns", values(VIEW["campaigns"], "news", "mail", "spring"), 12)
    made.row("referrers", values(VIEW["referrers"], "campaign", "news"), 15)
    assert findings(made, tmp_path) == [("acquisitions", "visits", 3, 3, 3)]


def test_what_a_total_leaves_beside_its_rows_is_found(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("visits", (), 26)
    made.cell("locations", ("EU", "DE", "Berlin"), 17)
    made.cell("locations", ("EU", "FR", "Brittany"), 5)
    made.cell("locations", ("EU", "IT", "Lazio"), 4)
    made.row("visits", {}, 26)
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 17)
    # Each of the two is between 0 and 9; together they are 9.
    assert findings(made, tmp_path) == [("locations", "visits", 9, 9, 9)]


def test_days_that_a_week_must_not_tell_apart_are_found(tmp_path: Path) -> None:
    made = HandMade(range(1, 8))
    for number, rare in ((2, 6), (3, 7)):
        made.cell("visits", (), 20 + rare, number)
        made.cell("locations", ("EU", "DE", "Berlin"), 20, number)
        made.cell("locations", ("EU", "DE", "Hesse"), rare, number)
        made.row("visits", {}, 20 + rare, number)
        made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 20, number, grain="day")
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Hesse"), 13, 1, grain="week")
    assert findings(made, tmp_path) == [("locations", "visits", 6, 6, 6), ("locations", "visits", 7, 7, 7)]


def test_a_week_with_two_keys_keeps_its_days(tmp_path: Path) -> None:
    made = HandMade(range(1, 8))
    for number, rare in ((2, 6), (3, 7)):
        made.cell("visits", (), 20 + 2 * rare, number)
        made.cell("locations", ("EU", "DE", "Berlin"), 20, number)
        made.cell("locations", ("EU", "DE", "Hesse"), rare, number)
        made.cell("locations", ("EU", "FR", "Brittany"), rare, number)
        made.row("visits", {}, 20 + 2 * rare, number)
        made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 20, number, grain="day")
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Hesse"), 13, 1, grain="week")
    made.row("locations", values(VIEW["locations"], "EU", "FR", "Brittany"), 13, 1, grain="week")
    assert findings(made, tmp_path) == []


def test_one_hidden_cell_in_two_margins_is_found(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("visits", (), 45)
    made.cell("profiles", ("Chrome", "128", "Windows", "10", "desktop"), 20)
    made.cell("profiles", ("Chrome", "128", "Linux", "x", "desktop"), 12)
    made.cell("profiles", ("Firefox", "127", "Linux", "x", "desktop"), 4)
    made.cell("profiles", ("Firefox", "127", "Windows", "10", "desktop"), 9)
    made.row("visits", {}, 45)
    made.row("technology", values(VIEW["technology"], "Chrome", "Windows", "desktop"), 20)
    made.row("technology", values(VIEW["technology"], "Chrome", "Linux", "desktop"), 12)
    made.row("technology", values(VIEW["technology"], "Firefox", OTHER, OTHER), 13)
    made.row("os_versions", values(VIEW["os_versions"], "Linux", "x"), 16)
    made.row("os_versions", values(VIEW["os_versions"], "Windows", "10"), 29)
    assert findings(made, tmp_path) == [("profiles", "visits", 4, 4, 4), ("profiles", "visits", 9, 9, 9)]


def versions_of_one_system() -> HandMade:
    """Two hidden profiles, of which the attacker may know that no other has their versions."""
    made = HandMade()
    made.cell("visits", (), 40)
    for key, visits in (
        (("Chrome", "128", "Windows", "10", "desktop"), 12),
        (("Chrome", "128", "Windows", "11", "desktop"), 8),
        (("Chrome", "127", "Windows", "10", "desktop"), 20),
    ):
        made.cell("profiles", key, visits)
    made.row("visits", {}, 40)
    made.row("technology", values(VIEW["technology"], "Chrome", "Windows", "desktop"), 40)
    made.row("browser_versions", values(VIEW["browser_versions"], "Chrome", "128"), 20)
    made.row("browser_versions", values(VIEW["browser_versions"], "Chrome", "127"), 20)
    made.row("os_versions", values(VIEW["os_versions"], "Windows", "10"), 32)
    made.row("os_versions", values(VIEW["os_versions"], "Windows", "11"), 8)
    return made


@pytest.mark.parametrize("knows_profiles", [True, False])
def test_what_follows_from_versions_that_go_together_is_found_by_those_who_know_them(
    knows_profiles: bool, tmp_path: Path
) -> None:
    made = versions_of_one_system()
    db, truth = made.publish(tmp_path)
    result = attack(db, truth, K, knows_profiles=knows_profiles)
    found = [one.label for one in result.answers.narrow if one.label.measure == "visits"]
    assert {label.count for label in found} == {8}, "a row of eight visits, which everybody sees"
    assert (str(("Chrome", "128", "Windows", "11", "desktop")) in {label.key for label in found}) is knows_profiles


def test_hidden_cells_that_share_a_row_are_safe(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("visits", (), 31)
    made.cell("locations", ("EU", "DE", "Berlin"), 20)
    made.cell("locations", ("EU", "FR", "Brittany"), 5)
    made.cell("locations", ("EU", "IT", "Lazio"), 6)
    made.row("visits", {}, 31)
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 20)
    made.row("locations", values(VIEW["locations"], "EU", OTHER, OTHER), 11)
    assert findings(made, tmp_path) == []


def test_a_measure_of_few_people_in_a_large_row_is_found(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("pages", ("/jobs",), 14, entries=3, exits=0, bounces=0)
    made.row("pages", {"page": "/jobs"}, 14, entries=3, exits=0, bounces=0)
    db, truth = made.publish(tmp_path)
    (one,) = attack(db, truth, K).answers.narrow
    assert (one.label.measure, one.low, one.high) == ("entries", 3, 3)


def test_twelve_visits_of_one_person_are_found(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("locations", ("EU", "DE", "Berlin"), 12)
    made.cells["locations"][0].people["visits"] = {1}
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 12)
    db, truth = made.publish(tmp_path)
    assert [one.label.visitors for one in attack(db, truth, K).answers.narrow if one.label.measure == "visits"] == [1]


def test_what_the_truth_does_not_explain_is_counted(tmp_path: Path) -> None:
    made = HandMade()
    made.cell("locations", ("EU", "DE", "Berlin"), 12)
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 13)
    db, truth = made.publish(tmp_path)
    assert attack(db, truth, K).not_understood == {"locations": 2}


# --- bounds ---


def test_bounds_are_those_of_all_solutions() -> None:
    """Against all whole numbers that fulfil random equations of sums."""
    drawn = random.Random(5)
    for _ in range(20):
        true = [drawn.randrange(4) for _ in range(5)]
        rows = [sorted(drawn.sample(range(5), drawn.choice((2, 3)))) for _ in range(3)]
        grid = np.stack(np.meshgrid(*[np.arange(13)] * 5, indexing="ij"), -1).reshape(-1, 5)
        equations = Equations()
        for number in range(5):
            equations.unknown(number)
        for row in rows:
            equations.equal(dict.fromkeys(row, 1.0), sum(true[one] for one in row))
            grid = grid[grid[:, row].sum(1) == sum(true[one] for one in row)]
        asked = [Question(one, (one,), 1e9) for one in range(5) if any(one in row for row in rows)]
        for narrow in equations.answer(asked).narrow:
            assert narrow.low <= grid[:, narrow.label].min() + 1e-6
            assert narrow.high >= grid[:, narrow.label].max() - 1e-6
            assert narrow.high - narrow.low <= np.ptp(grid[:, narrow.label]) + 1


def test_an_interval_is_enough_even_if_no_count_is_exact() -> None:
    equations = Equations()
    a, b, c, d = (equations.unknown(name) for name in "abcd")
    equations.equal({a: 1, b: 1}, 20)
    equations.equal({c: 1, d: 1}, 30)
    equations.equal({a: 1, c: 1}, 22)
    equations.at_most({d: 1}, 11)
    asked = [Question("a", (a,), 5), Question("b", (b,), 3), Question("both", (a, b), 5)]
    answers = equations.answer(asked)
    assert [(one.label, one.low, one.high) for one in answers.narrow] == [("a", 0, 3), ("both", 20, 20)]


def test_contradictions_are_refused() -> None:
    equations = Equations()
    one, other = equations.unknown("a"), equations.unknown("b")
    equations.equal({one: 1, other: 1}, 3)
    equations.equal({one: 1}, 5)
    with pytest.raises(ValueError, match="contradict"):
        equations.answer([Question("a", (one, other), 5)])


def test_spans() -> None:
    weeks = dict.fromkeys(week_of(one) for one in days_of(month_of(day(17))))
    assert [len(days_of(week)) for week in weeks] == [7, 7, 7, 7, 2]


def small_days(*numbers: int) -> HandMade:
    """A week in which some days have six visitors, whose rows are those of the week."""
    made = HandMade(range(1, 8))
    for number in range(1, 8):
        visits = 6 if number in numbers else 20
        made.cell("visits", (), visits, number)
        made.cell("locations", ("EU", "DE", "Berlin"), visits, number)
        made.row("visits", {}, None if number in numbers else visits, number)
        if number not in numbers:
            made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), visits, number, grain="day")
    return made


def test_small_days_that_a_week_tells_together_are_safe(tmp_path: Path) -> None:
    made = small_days(2, 3)
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 12, 1, grain="week")
    assert findings(made, tmp_path) == []


def test_a_small_day_with_a_row_of_its_own_is_found_and_so_is_the_other(tmp_path: Path) -> None:
    made = small_days(2, 3)
    made.row("locations", values(VIEW["locations"], "EU", "DE", "Berlin"), 12, 1, grain="week")
    made.row("referrers", values(VIEW["referrers"], "direct", "(none)"), 6, 2, grain="day")
    made.cell("acquisitions", ("direct", "(none)", *NO_CAMPAIGN), 6, 2)
    # Referrers have one day's total, and the week's row the other day's.
    found = {(what, count, low) for what, _, count, low, _ in findings(made, tmp_path)}
    assert {("locations", 6, 6), ("visits", 6, 6)} <= found


def test_small_days_without_a_week_are_not_told(tmp_path: Path) -> None:
    made = small_days(2)
    assert findings(made, tmp_path) == []
