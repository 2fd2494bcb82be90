"""What tests share: a table of published cases, printed at the end of a run, and counts that begin at 0."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from footfall.transforms.running.progress_counts import progress_counts


def pytest_collection() -> None:
    """Reading 250 files of tests leaves nothing to collect; looking for it took a third of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays to the end: leave it out of all later collections."""
    gc.enable()
    gc.collect()
    gc.freeze()


@dataclass
class CaseTable:
    """How many of other people's published cases pass, by source and format."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reasons: dict[str, list[str]] = field(default_factory=dict)

    def add(self, source: str, case_format: str, outcome: str) -> None:
        """Count one case: its outcome is `passed`, `failed`, `declared` (fails, and says why) or `not yet`."""
        self.outcomes[source, case_format, outcome] += 1

    def explain(self, case: str, reason: str) -> None:
        """Why a declared case doesn't pass."""
        self.reasons.setdefault(reason, []).append(case)

    def rows(self) -> Iterator[str]:
        """The table's lines."""
        yield f"{'source':<12} {'format':<36} {'passed':>6} {'of':>4}  {'declared':>8} {'not yet':>7}"
        for source, case_format in sorted({(source, case_format) for source, case_format, _ in self.outcomes}):
            passed, failed, declared, later = (
                self.outcomes[source, case_format, outcome] for outcome in ("passed", "failed", "declared", "not yet")
            )
            total = passed + failed + declared + later
            yield f"{source:<12} {case_format:<36} {passed:>6} {total:>4}  {declared or '':>8} {later or '':>7}"
        for reason, cases in sorted(self.reasons.items()):
            yield f"declared: {reason} ({', '.join(cases)})"


_TABLE = pytest.StashKey[CaseTable]()


@pytest.fixture(scope="session")
def case_table(pytestconfig: pytest.Config) -> CaseTable:
    """The table of this run."""
    return pytestconfig.stash.setdefault(_TABLE, CaseTable())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the table of a process that runs a part of the tests to the one that prints it."""
    sent, table = getattr(session.config, "workeroutput", None), session.config.stash.get(_TABLE, None)
    if sent is not None and table is not None:
        sent["published cases"] = ([(*row, count) for row, count in table.outcomes.items()], table.reasons)


def pytest_testnodedown(node: Any) -> None:
    """Add the table of such a process."""
    outcomes, reasons = getattr(node, "workeroutput", {}).get("published cases", ([], {}))
    if outcomes:
        table = node.config.stash.setdefault(_TABLE, CaseTable())
        for source, case_format, outcome, count in outcomes:
            table.outcomes[source, case_format, outcome] += count
        for reason, cases in reasons.items():
            table.reasons.setdefault(reason, []).extend(cases)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, where a test has used it."""
    table = config.stash.get(_TABLE, None)
    if table is not None and table.outcomes:
        terminalreporter.section("published cases")
        for row in table.rows():
            terminalreporter.write_line(row)


@pytest.fixture
def counts_from_nothing() -> Iterator[None]:
    """The progress counts of this process begin at 0."""
    progress_counts.reset()
    yield
    progress_counts.reset()
