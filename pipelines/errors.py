"""Errors that end a command, with their exit statuses. Messages contain nothing from a log."""

from __future__ import annotations


class RunError(Exception):
    """Nothing was published, the old file is unchanged: exit status 1."""

    status = 1


class UsageError(RunError):
    """The command line or a setting is wrong: exit status 2."""

    status = 2
