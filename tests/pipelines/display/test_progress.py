"""What the display of progress calls the step that a run is in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from footfall.pipelines.display.progress import _name_step
from footfall.transforms.running.progress_counts import progress_counts


@pytest.fixture(autouse=True)
def counts() -> Iterator[None]:
    """Counts that no other test has added to, and that none sees."""
    progress_counts.reset()
    yield
    progress_counts.reset()


def test_comparing_inputs_moves_while_nothing_is_read() -> None:
    progress_counts.add(stored_bytes=500, to_compare=200)
    assert _name_step(1_000) == "reading"
    progress_counts.add(compared=50)
    assert _name_step(1_000) == "comparing inputs (25%)"
    progress_counts.add(compared=150)
    assert _name_step(1_000) == "reading"
    progress_counts.add(stored_bytes=500)
    assert _name_step(1_000) == "building visits"
