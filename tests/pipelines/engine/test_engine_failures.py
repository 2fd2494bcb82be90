"""A failed job is told by its first cause, in words that hold nothing of what the engine quotes."""

from __future__ import annotations

import pytest

from footfall.pipelines.engine.engine_failures import explain_failure
from footfall.transforms.running.failures import stage_failure

SECRET = "203.0.113.77 GET /private"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("java.io.IOException: Insufficient number of network buffers: required 3", "too few network buffers"),
        ("NoResourceAvailableException: Could not acquire the minimum required resources.", "no free slots"),
        (
            'java.io.IOException: Cannot run program "/opt/footfall-worker": error=2, No such file',
            "can't start the command",
        ),
        ("ModuleNotFoundError: No module named 'footfall'", "no Footfall of this version"),
        ("java.lang.OutOfMemoryError: Java heap space", "ran out of memory"),
        ("TimeoutException: Heartbeat of TaskManager with id 10.0.0.7:33-1 timed out.", "a TaskManager was lost"),
        ("java.lang.IllegalStateException: SDK harness closed connection", "a worker ended"),
        ("StatusCode.UNAVAILABLE: failed to connect to all addresses", "does not answer"),
        ("JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy", "restart-strategy is none"),
        ("JobException: Recovery is suppressed by FixedDelayRestartBackoffTimeStrategy(1)", "strategy allows"),
    ],
)
def test_known_faults_are_told_in_our_words(text: str, cause: str) -> None:
    told = explain_failure(["job failed", f"{SECRET}\nCaused by: {text} {SECRET}"])
    assert told is not None
    assert cause in told
    assert not set(SECRET.split()) & set(told.split())


def test_a_steps_own_words_come_first_wherever_they_stand() -> None:
    own = f"Caused by: StageFailure: {stage_failure('access.log: the file is truncated')} [while running 'Parse']\n"
    assert explain_failure([f"SDK harness closed connection {SECRET}", own]) == "access.log: the file is truncated"


def test_what_is_not_known_is_not_quoted() -> None:
    assert explain_failure([SECRET]) is None
