"""Why a run ends without publishing, each with the exit status of the contract. Messages hold nothing from a log."""

from __future__ import annotations


class RunError(Exception):
    """The data or the gate refused: exit status 1, the old file stands."""

    status = 1


class UsageError(RunError):
    """The command was called wrongly: exit status 2."""

    status = 2
