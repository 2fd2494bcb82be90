"""What was learned is looked up by key; what is looked up in vain takes no memory for long."""

from __future__ import annotations

import numpy as np

from footfall.transforms.behaviour.learned import Learned
from footfall.transforms.tables.partial_tables import part_of


def test_keys_that_are_not_there_are_not_remembered() -> None:
    day, site, agent = np.array([3, 3]), np.array([2**63, 2**63], dtype=np.uint64), np.array([7, 8], dtype=np.uint64)
    counts = {name: np.array([10, 20]) for name in ("loaders", "walkers", "documents", "false_documents")}
    columns = {"day": day, "site": site, "agent": agent, "clients": np.array([1, 2]), "home_documents": agent}
    known = Learned(dict([part_of("agent_habits", 0, **columns, **counts)]))
    for begin in range(0, 1_000, 40):
        agents = np.append(np.arange(begin, begin + 40, dtype=np.uint64) + np.uint64(100), agent)
        found = known.find("agent_habits", np.full(42, 3), np.full(42, 2**63, dtype=np.uint64), agents)
        assert found["clients"].tolist() == [0] * 40 + [1, 2]
        assert known._lookups["agent_habits"]._keys.count == 2
