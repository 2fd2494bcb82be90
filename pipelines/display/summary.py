"""What a run prints at its end: how inputs were understood, the books, what was published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.run import Outcome
from footfall.transforms.formats.log_formats import as_setting, list_log_formats, name_log_format

SHOWN_REJECTS: Final = 10
_MEANT: Final = {"directive": "directive (holds no request by design)"}


def as_record(outcome: Outcome, db: Path) -> dict[str, Any]:
    """The summary for machines."""
    books = outcome.books
    return {
        "run_id": outcome.record.run_id,
        "db": str(db),
        "status": outcome.status,
        "seconds": round(outcome.seconds, 3),
        "inputs": [
            {
                "input": one.path,
                "compression": one.compression,
                "log_format": as_setting(one.recognition.log_format) if one.recognition else None,
                "sampled_lines": one.recognition.sampled if one.recognition else 0,
                "fitting_lines": one.recognition.fitting if one.recognition else 0,
            }
            for one in outcome.inputs
        ],
        "left_out": [{"input": one.path, "problem": one.problem or one.misfit} for one in outcome.left_out],
        "lines": books.lines,
        "hits": books.hits,
        "outside_window": books.outside_window,
        "rejected": books.rejected,
        "duplicates": books.duplicates,
        "rejects": [
            {"input": name, "reason": reason, "lines": lines, "first_line_number": first}
            for name, reason, lines, first in books.rejects
        ],
        "visits": books.visits,
        "page_views": books.page_views,
        "folded_rows": books.folded_rows,
        "published": [{"day": str(day), "site": site} for day, site in books.published],
        "unchanged": [{"day": str(day), "site": site} for day, site in books.unchanged],
        "kept": [
            {"day": str(day), "site": site, "published_hits": before, "hits": now}
            for day, site, before, now in books.kept
        ],
        "warnings": outcome.warnings,
    }


def print_summary(outcome: Outcome, db: Path) -> None:
    """The summary for people: warnings on standard error, the books on standard output."""
    for warning in outcome.warnings:
        click.echo(f"warning: {warning}", err=True)
    for line in _lines(outcome, db):
        click.echo(line)


def _lines(outcome: Outcome, db: Path) -> list[str]:
    books = outcome.books
    rate = books.lines / max(outcome.seconds, 0.001)
    lines = [*_tell_formats(outcome.inputs)]
    lines += [
        _row("lines", books.lines, f"read in {outcome.seconds:.1f} s, {rate:,.0f} a second"),
        _row("= hits", books.hits, "of the days asked for"),
        _row("+ outside", books.outside_window, "hits of other days"),
        _row("+ rejected", books.rejected, "lines that are no hits"),
    ]
    lines += [
        _row("", count, f"{_MEANT.get(reason, reason)}, first at {name}:{first}")
        for name, reason, count, first in books.rejects[:SHOWN_REJECTS]
    ]
    if len(books.rejects) > SHOWN_REJECTS:
        lines.append(_row("", None, f"and {len(books.rejects) - SHOWN_REJECTS} more kinds, see table rejects"))
    lines += [
        _row("+ duplicates", books.duplicates, "lines that stand in another input too, and are counted there"),
        _row("visits", books.visits, f"with {books.page_views:,} page views"),
        _row("folded", books.folded_rows, f"rows of fewer than {outcome.record.k} visits, into (other)"),
        _row("published", *_tell_days(books.published), f"to {db}"),
    ]
    if books.unchanged:
        lines.append(_row("unchanged", *_tell_days(books.unchanged), "published before with the same figures"))
    for day, site, before, now in books.kept:
        what = f"hits of {day} of {site} here, but it was published from {before:,}: left as it was, see --replace"
        lines.append(_row("kept", now, what))
    return lines


def _row(word: str, count: int | None, *what: str) -> str:
    return f"{word:<12} {'' if count is None else f'{count:,}':>12}  {' '.join(what)}"


def _tell_formats(inputs: Sequence[Input]) -> Iterator[str]:
    """A line for each log format, with the inputs that were read as it."""
    formats: dict[str, list[int]] = {}
    for one in inputs:
        if one.recognition:
            found = one.recognition
            counts = (1, found.fitting, found.sampled, *found.by_format)
            totals = formats.get(found.log_format, [0] * len(counts))
            formats[found.log_format] = [total + count for total, count in zip(totals, counts, strict=True)]
    for text, (count, fitting, sampled, *by_format) in formats.items():
        what = f"{'input' if count == 1 else 'inputs'} as {name_log_format(text)}"
        yield _row("read", count, f"{what}; {fitting:,} of {sampled:,} sampled lines fit")
        if len(by_format) > 1:
            for own, lines in zip(list_log_formats(text), by_format, strict=True):
                yield _row("", None, f"{lines:,} of them {name_log_format(own)}")


def _tell_days(units: Sequence[tuple[date, str]]) -> tuple[int, str]:
    """How many days, and of which sites."""
    days = len({day for day, _ in units})
    sites = {site for _, site in units}
    whose = f" of {next(iter(sites)) if len(sites) == 1 else f'{len(sites)} sites'}" if sites else ""
    return days, f"{'day' if days == 1 else 'days'}{whose}"
