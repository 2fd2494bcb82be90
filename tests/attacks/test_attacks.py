"""Every attack fails on the product, and succeeds on a build that was weakened for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.attacks.attacks import ATTACKS
from tests.attacks.mutations import HOOKS_TO_COME, MUTATIONS, HookMissing, Mutation

NOT_YET: Final = frozenset({"subtraction_over_all_tables"})
"""Attacks that still succeed: the list must shrink, and whoever stops one takes it off here."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_learns_nothing(name: str, tmp_path: Path) -> None:
    evidence = ATTACKS[name](tmp_path)
    if name in NOT_YET:
        assert evidence, f"{name} fails now: take it off the list NOT_YET"
    else:
        assert evidence == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutation", "name"),
    [
        pytest.param(mutation, name, id=f"{mutation.name}: {name}")
        for mutation in MUTATIONS
        if mutation.name not in HOOKS_TO_COME
        for name in mutation.attacks
    ],
)
def test_an_attack_succeeds_on_a_weakened_build(mutation: Mutation, name: str, tmp_path: Path) -> None:
    with mutation.made():
        assert ATTACKS[name](tmp_path), f"{name} finds nothing although {mutation.name}"


@pytest.mark.parametrize("mutation", [one for one in MUTATIONS if one.name in HOOKS_TO_COME], ids=lambda one: one.name)
def test_a_mutation_to_come_has_no_place_yet(mutation: Mutation) -> None:
    with pytest.raises(HookMissing), mutation.made():
        pytest.fail(f"{mutation.name} can be made now: take it off the list HOOKS_TO_COME")


def test_lists_name_what_there_is() -> None:
    assert ATTACKS.keys() >= NOT_YET
    assert {one.name for one in MUTATIONS} >= HOOKS_TO_COME
    assert {name for one in MUTATIONS for name in one.attacks} | NOT_YET == ATTACKS.keys()
