"""Checks a published file as `footfall check` does: the same checks as before publishing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.check_file import Outcome, find_breaches
from footfall.pipelines.publishing.earlier_file import attach_as
from footfall.pipelines.publishing.explain_damage import explain_damage
from footfall.transforms.tables.published import SCHEMA_VERSION


def check_published(db: Path) -> list[Outcome]:
    """Return what was looked at and found, by promise. Raises UsageError or RunError if the file can't be checked."""
    if not db.is_file():
        raise UsageError(f"{db}: no such file; name the published file with --db")
    with (
        tempfile.TemporaryDirectory(prefix="footfall-") as folder,
        duckdb.connect(":memory:", config={"threads": 1}) as connection,
        explain_damage(db),
    ):
        version = attach_as(connection, db, "fresh", Path(folder)).version
        if version != SCHEMA_VERSION:
            raise RunError(
                f"{db}: has version {version} of the tables, expected {SCHEMA_VERSION}; the next run of footfall "
                "nightly folds its days by the current rules"
            )
        return find_breaches(connection)
