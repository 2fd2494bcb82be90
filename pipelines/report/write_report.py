"""Writes the report of a published file: the page, or its figures as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Final

from footfall.pipelines.endings import standard_output
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.report.collect_figures import collect_figures
from footfall.pipelines.report.render_page import render_page
from footfall.transforms.running.failures import kind_of

STANDARD_OUTPUT: Final = "-"
DEFAULT_PAGE: Final = "report.html"


def write_report(
    db: Path,
    output: str | None,
    site: str | None = None,
    first: date | None = None,
    last: date | None = None,
    *,
    language: str = "en",
    as_json: bool = False,
) -> str:
    """Write the report and return where it is, `-` for standard output. Raises UsageError or RunError.

    Without an output the page is `report.html` in the current folder, and JSON goes to standard output.
    """
    report = collect_figures(db, site, first, last)
    text = json.dumps(asdict(report), indent=1, default=_as_text) if as_json else render_page(report, language)
    target = output or (STANDARD_OUTPUT if as_json else DEFAULT_PAGE)
    if target == STANDARD_OUTPUT:
        try:
            screen = standard_output()
            screen.write(f"{text}\n".encode())
            screen.flush()
        except OSError as error:
            raise RunError(f"standard output: cannot be written ({kind_of(error)})") from None
        return target
    path = Path(target)
    if path.exists() and path.resolve() == db.resolve():
        raise UsageError(f"{target}: is the published file itself; give another file with -o")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_text(text, "utf-8")
        else:
            _replace(path, text)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written ({kind_of(error)}); give another file with -o") from None
    return target


def _as_text(value: date) -> str:
    return value.isoformat()


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: who opens it meanwhile sees the old page or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
