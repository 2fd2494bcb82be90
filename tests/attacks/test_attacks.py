"""Every attack fails on the product, and succeeds on a build that was weakened for it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.attacks.book_attacks
import tests.attacks.difference_attacks
import tests.attacks.error_attacks
import tests.attacks.few_attacks
import tests.attacks.night_attacks
import tests.attacks.set_attacks
import tests.attacks.speed_attacks
import tests.attacks.version_attacks
import tests.attacks.visit_attacks
import tests.attacks.week_attacks  # noqa: F401 (all add to ATTACKS)
from tests.attacks.attacks import ATTACKS
from tests.attacks.mutations import MUTATIONS, Mutation


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_learns_nothing(name: str, tmp_path: Path) -> None:
    assert ATTACKS[name](tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutation", "name"),
    [
        pytest.param(mutation, name, id=f"{mutation.name}: {name}")
        for mutation in MUTATIONS
        for name in mutation.attacks
    ],
)
def test_an_attack_succeeds_on_a_weakened_build(mutation: Mutation, name: str, tmp_path: Path) -> None:
    with mutation.made():
        assert ATTACKS[name](tmp_path), f"{name} finds nothing although {mutation.name}"


def test_every_attack_succeeds_on_some_weakened_build() -> None:
    assert {name for one in MUTATIONS for name in one.attacks} == ATTACKS.keys()
