"""A run that is killed or finds the disk full leaves the old file whole, or the new one complete; see `tests.kills`."""

from __future__ import annotations

import signal
import sys

import pytest

from tests.kills import Trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial"), lines=500)


@pytest.mark.parametrize(("share", "by"), [(0.5, signal.SIGKILL), (0.8, signal.SIGKILL), (0.9, signal.SIGTERM)])
def test_a_killed_run_leaves_one_whole_file_and_nothing_of_visitors(
    trial: Trial, share: float, by: signal.Signals
) -> None:
    assert trial.kill(share * trial.seconds, by) in ("old", "new")
    trial.sweep()


@pytest.mark.parametrize("size", [4_096, 300_000])
def test_a_run_on_a_full_disk_leaves_the_old_file_and_says_so(trial: Trial, size: int) -> None:
    assert trial.fill(size) == "old"
    trial.sweep()
