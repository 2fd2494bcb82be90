"""Reads the robots.txt files that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from footfall.pipelines.errors import UsageError
from footfall.transforms.running.failures import kind_of

MAX_BYTES: Final = 500 * 1024
"""What crawlers read at least (RFC 9309, 2.5), and Google at most."""


def read_robots(files: Mapping[str, Path]) -> tuple[tuple[str, str], ...]:
    """Return the site and the text of each file. Raises UsageError where one cannot be read."""
    return tuple((site, _read(path)) for site, path in files.items())


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"robots: {path}: cannot be read ({kind_of(error)}); expected a copy of the site's robots.txt"
        ) from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"robots: {path}: larger than {MAX_BYTES:,} bytes, which crawlers do not read; shorten it")
    return content.decode("utf-8-sig", "replace")
