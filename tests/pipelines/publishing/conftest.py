"""What several tests of publishing share."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from footfall.pipelines.publishing.least_cut import least_cut


@pytest.fixture
def count_places(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType], list[int]]:
    """Return a function that lets a module count, in a list, how many places each of its minimum cuts looks at."""

    def count_in(module: ModuleType) -> list[int]:
        looked_at: list[int] = []

        def count(room: dict[object, dict[object, float]], begin: object, end: object, limit: float) -> object:
            found = least_cut(room, begin, end, limit)
            looked_at.append(len(room))
            return found

        monkeypatch.setattr(module, "least_cut", count)
        return looked_at

    return count_in
