"""What a terabyte costs a cluster stays within the limits, and the simulation notices what does not."""

from __future__ import annotations

import pytest

from benchmarks.terabyte import Amount, Costs, Examined, find_excesses, list_costs, simulate

LINES = 40_000


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Costs:
    """Counted on a small object, of which there are more in a terabyte."""
    return simulate(tmp_path_factory.mktemp("terabyte"), LINES)


def test_references_and_tables_of_a_terabyte_are_within_the_limits(costs: Costs) -> None:
    # Small objects need more references: in a terabyte there are a million of them here.
    for name, one in costs.shuffles.items():
        assert 0 < one.largest <= one.bytes, name
    assert not [one for one in find_excesses(costs) if "shuffled" not in one and "side inputs" not in one]
    assert len(list(list_costs(costs))) == len(costs.shuffles) + 11
    assert 0 < costs.examined.reported_bytes < costs.driver_bytes


def test_what_is_too_much_is_told(costs: Costs) -> None:
    much = Amount().add([(0, b"")], 4e11)
    examined = Examined(1e10, 1, 1)
    changed = Costs({**costs.shuffles, "Merge tables": much}, {"Learn": much}, 5 << 20, 1 << 40, examined)
    found = " ".join(find_excesses(changed))
    for what in (
        "of the log's bytes are shuffled",
        "Merge tables: a key of",
        "side inputs of",
        "bytes to examine inputs",
        "of the driver",
        "graph has",
    ):
        assert what in found
