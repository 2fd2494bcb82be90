"""The summary that a run prints at its end: formats of the inputs, line counts, published days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.run import RunResult
from footfall.transforms.formats.log_formats import as_setting, list_log_formats, name_log_format

SHOWN_REJECTS: Final = 10
_REASON_LABELS: Final = {"directive": "directive (not a request by design)"}


def as_record(result: RunResult, db: Path) -> dict[str, Any]:
    """The summary as a JSON object."""
    books = result.books
    return {
        "run_id": result.record.run_id,
        "db": str(db),
        "status": result.status,
        "seconds": round(result.seconds, 3),
        "inputs": [
            {
                "input": one.path,
                "compression": one.compression,
                "log_format": as_setting(one.recognition.log_format) if one.recognition else None,
                "sampled_lines": one.recognition.sampled if one.recognition else 0,
                "fitting_lines": one.recognition.fitting if one.recognition else 0,
            }
            for one in result.inputs
        ],
        "left_out": [{"input": one.path, "problem": one.read_error or one.skip_reason} for one in result.left_out],
        "own_hosts": result.own_hosts,
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
        "withheld": books.withheld,
        "published": [{"day": str(day), "site": site} for day, site in books.days.published],
        "unchanged": [{"day": str(day), "site": site} for day, site in books.days.unchanged],
        **{
            name: [
                {"day": str(day), "site": site, "published_hits": before, "hits": now}
                for day, site, before, now in days
            ]
            for name, days in (("kept", books.days.kept), ("final", books.days.final), ("waiting", books.days.waiting))
        },
        "incomplete": [{"day": str(day), "site": site} for day, site in books.days.incomplete],
        "warnings": result.warnings,
    }


def print_summary(result: RunResult, db: Path) -> None:
    """Print the summary as text: warnings to standard error, line counts and published days to standard output."""
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    for line in _lines(result, db):
        click.echo(line)


def _lines(result: RunResult, db: Path) -> list[str]:
    books = result.books
    rate = books.lines / max(result.seconds, 0.001)
    lines = [*_format_rows(result.inputs)]
    lines += [
        _row("lines", books.lines, f"read in {result.seconds:.1f} s, {rate:,.0f} per second"),
        _row("= hits", books.hits, "on the days to publish"),
        _row("+ outside", books.outside_window, "hits on other days"),
        _row("+ rejected", books.rejected, "lines that could not be parsed as hits"),
    ]
    lines += [
        _row("", count, f"{_REASON_LABELS.get(reason, reason)}, first at {name}:{first}")
        for name, reason, count, first in books.rejects[:SHOWN_REJECTS]
    ]
    if len(books.rejects) > SHOWN_REJECTS:
        lines.append(_row("", None, f"and {len(books.rejects) - SHOWN_REJECTS} more reasons, see table rejects"))
    lines += [
        _row("+ duplicates", books.duplicates, "lines that another input has too, counted there"),
        _row("visits", books.visits, f"with {books.page_views:,} page views"),
        _row(
            "folded",
            books.folded_rows,
            f"values of a day with fewer than {result.record.k} visitors, told by week, month, folder, … or as (other)",
        ),
        *_withheld(books.withheld),
        *_own_hosts(result.own_hosts),
        _row("published", *_describe_days(books.days.published), f"to {db}"),
    ]
    days = books.days
    if days.unchanged:
        lines.append(_row("unchanged", *_describe_days(days.unchanged), "already published from as many hits"))
    for day, site, before, now in days.kept:
        what = f"hits on {day} of {site}, fewer than the {before:,} already published: not replaced, see --replace"
        lines.append(_row("kept", now, what))
    for day, site, before, now in days.final:
        what = f"hits on {day} of {site}, published complete from {before:,}: final, not replaced, see --replace"
        lines.append(_row("final", now, what))
    for day, site, before, now in days.waiting:
        what = f"hits on {day} of {site}, published from {before:,}: not replaced until {result.record.k} visitors more"
        lines.append(_row("waiting", now, what))
    if days.incomplete:
        lines.append(_row("incomplete", *_describe_days(days.incomplete), "not published"))
    return lines


def _own_hosts(names: Sequence[str]) -> list[str]:
    what = (
        f"found to be the site's own by what their pages load: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
    )
    return [_row("own hosts", len(names), what)] if names else []


def _withheld(texts: int) -> list[str]:
    what = "texts lost an address, cookie or user name that the logs have; [texts] keep in the settings protects names"
    return [_row("withheld", texts, what)] if texts else []


def _row(label: str, count: int | None, *what: str) -> str:
    return f"{label:<12} {'' if count is None else f'{count:,}':>12}  {' '.join(what)}"


def _format_rows(inputs: Sequence[Input]) -> Iterator[str]:
    """A row for each log format, with the number of inputs that have it."""
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


def _describe_days(units: Sequence[tuple[date, str]]) -> tuple[int, str]:
    """The number of days, and the text "days of <site>"."""
    days = len({day for day, _ in units})
    sites = {site for _, site in units}
    of_sites = f" of {next(iter(sites)) if len(sites) == 1 else f'{len(sites)} sites'}" if sites else ""
    return days, f"{'day' if days == 1 else 'days'}{of_sites}"
