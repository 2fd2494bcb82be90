"""Finds the first cause of a failed job, in Footfall's own words: engines quote exceptions, which may quote log
lines."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.request
from collections.abc import Iterable
from typing import Any, Final

from footfall.transforms.running.failures import find_failure

_ENDED: Final = ("FINISHED", "FAILED", "CANCELED")
_CAUSES: Final = tuple(
    (re.compile(pattern), cause)
    for pattern, cause in (
        (
            r"Insufficient number of network buffers",
            "Flink has too few network buffers for the job's tasks; raise taskmanager.memory.network.min "
            "and .max to 512m for each slot",
        ),
        (
            r"NoResourceAvailableException|Could not acquire the minimum required resources",
            "Flink has no free slots for the job; start TaskManagers, or lower --parallelism",
        ),
        (
            r"Cannot run program|error=2, No such file",
            "a TaskManager can't start the command of --environment_config; install Footfall at the same place on each "
            "host, and name its footfall-worker",
        ),
        (
            r"ModuleNotFoundError: No module named 'footfall|AttributeError: Can't get attribute",
            "a worker has no Footfall of this version; install the same on each host",
        ),
        (r"OutOfMemoryError|GC overhead limit", "Flink ran out of memory; give its TaskManagers more"),
        (
            r"TaskManager with id [^\n]{0,200}(?:timed out|no longer reachable)|Heartbeat of TaskManager",
            "a TaskManager was lost, more often than Flink's restart-strategy allows",
        ),
        (
            r"SDK [Hh]arness closed connection|SDK [Hh]arness connection lost|Process died with exit code",
            "a worker ended: killed, out of memory, or sharing its pool with another TaskManager (each needs its own)",
        ),
        (
            r"Connection refused|UNAVAILABLE|Failed to connect|failed to connect|DNS resolution failed",
            "an address of the cluster does not answer; check --job_endpoint, --artifact_endpoint, --flink_master and "
            "the pools of workers",
        ),
        (r"suppressed by NoRestartBackoffTimeStrategy", "a task failed, and Flink's restart-strategy is none"),
        (r"Recovery is suppressed", "tasks failed, more often than Flink's restart-strategy allows"),
    )
)


def explain_failure(texts: Iterable[str]) -> str | None:
    """The first cause that an engine's messages name: a step's own message, else a known fault; else None."""
    kept = list(texts)
    for text in kept:
        if found := find_failure(text):
            return found
    return next((cause for pattern, cause in _CAUSES if any(pattern.search(text) for text in kept)), None)


class FlinkRest:
    """Flink's web interface; all answers are None if it can't be reached."""

    def __init__(self, master: str) -> None:
        self.address = master if "://" in master else f"http://{master}"

    def ask(self, path: str) -> Any:
        """The answer for a path, decoded."""
        try:
            with urllib.request.urlopen(f"{self.address.rstrip('/')}{path}", timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def find_job(self, name: str, is_under_way: bool = False) -> str:
        """The id of the newest job of a name, or of the newest that has not ended; empty if there is none."""
        jobs = [
            one
            for one in (self.ask("/jobs/overview") or {}).get("jobs", ())
            if one["name"] == name and not (is_under_way and one["state"] in _ENDED)
        ]
        return str(max(jobs, key=lambda one: int(one["start-time"]))["jid"]) if jobs else ""

    def cancel(self, name: str) -> None:
        """Ask Flink to end the newest job of a name, unless it has ended."""
        if job := self.find_job(name):
            request = urllib.request.Request(f"{self.address.rstrip('/')}/jobs/{job}?mode=cancel", method="PATCH")
            # It refuses what has ended already.
            with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10):
                pass

    def exceptions(self, job_name: str) -> tuple[str, list[str]]:
        """The id of the newest job of a name, and what Flink noted of its failures, the first one first."""
        job = self.find_job(job_name)
        if not job:
            return "", []
        answer = self.ask(f"/jobs/{job}/exceptions") or {}
        entries = sorted(answer.get("exceptionHistory", {}).get("entries", ()), key=lambda one: int(one["timestamp"]))
        return job, [str(one.get("stacktrace", "")) for one in entries] + [str(answer.get("root-exception", ""))]
