"""The summary that a run prints at its end: formats of the inputs, line counts, published days."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.display.log_events import Level, as_log_line, print_warnings
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.publishing.find_incomplete import IncompleteDay
from footfall.pipelines.run import RunResult
from footfall.transforms.formats.log_formats import as_setting, list_log_formats, name_log_format
from footfall.transforms.running.failures import kind_of
from footfall.transforms.vocabulary import MOST_LEARNED, MOST_RARE_NAMES

SHOWN_REJECTS: Final = 10
_REASON_LABELS: Final = {"directive": "directive (not a request by design)"}


def as_record(result: RunResult, db: Path) -> dict[str, Any]:
    """The summary as a JSON object."""
    books = result.books
    return {
        "run_id": result.record.run_id,
        "db": str(db),
        "status": result.status,
        "reason": books.nothing or None,
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
        "cut_names": books.cut_names,
        "unlearned": books.unlearned,
        "published": [{"day": str(day), "site": site} for day, site in books.days.published],
        "unchanged": [{"day": str(day), "site": site} for day, site in books.days.unchanged],
        **{
            name: [
                {"day": str(day), "site": site, "published_hits": before, "hits": now}
                for day, site, before, now in days
            ]
            for name, days in (("kept", books.days.kept), ("final", books.days.final), ("waiting", books.days.waiting))
        },
        "by_day": [
            {"grain": grain, "day": str(day), "site": site, "changed": changed}
            for grain, day, site, changed in books.days.by_day
        ],
        "incomplete": [
            {"day": str(one.day), "site": one.site or None, "why": one.why, "published": one.is_published}
            for one in books.incomplete
        ],
        "warnings": [*result.notices, *result.warnings],
    }


def print_summary(
    result: RunResult, db: Path, *, as_json: bool = False, quiet: bool = False, log_json: bool = False
) -> None:
    """Print warnings to standard error, and what was published and the line counts to standard output.

    With `quiet`, only what the operator should look at is printed, all of it to standard error: warnings, days that
    are incomplete, and that there was nothing to publish. With `log_json`, all lines are JSON on standard output. Where
    standard output takes nothing, standard error says what was published; this raises no error.
    """
    print_warnings(_list_warnings(result) if quiet else [*result.notices, *result.warnings], log_json=log_json)
    if quiet and not as_json:
        return
    if log_json:
        level: Level = "warning" if result.status else "info"
        text = as_log_line("summary", level, _describe_outcome(result, db), **as_record(result, db))
    else:
        text = json.dumps(as_record(result, db), indent=2) if as_json else "\n".join(_lines(result, db))
    problem = "it is closed"
    if sys.stdout is not None:
        try:
            # In one call: a reader such as `head -1` gets its line, and that the pipe is closed then is no error.
            click.echo(text)
            return
        except OSError as error:
            problem = kind_of(error)
    with contextlib.suppress(OSError):
        unwritten = f"the summary could not be written to standard output ({problem})"
        click.echo(f"footfall: {_describe_outcome(result, db)}; {unwritten}", err=True)


def _list_warnings(result: RunResult) -> Iterator[str]:
    """Yield what an operator must know who wants to read nothing else."""
    yield from result.warnings
    if result.books.nothing:
        yield f"nothing to publish: {result.books.nothing}"
    for one in result.books.incomplete:
        if one.is_published or result.is_strict:
            published = "published, but incomplete" if one.is_published else "not published, since it is incomplete"
            yield f"{one.day}{f' of site {one.site}' if one.site else ''}: {published}: {one.why}"


def _describe_outcome(result: RunResult, db: Path) -> str:
    """What was published, in a few words."""
    if result.books.nothing:
        return f"nothing to publish to {db}"
    days, of_sites = _describe_days(result.books.days.published)
    return f"published {days} {of_sites} to {db}"


def _lines(result: RunResult, db: Path) -> list[str]:
    books = result.books
    rate = books.lines / max(result.seconds, 0.001)
    # First, so that one line is enough.
    if books.nothing:
        lines = [_row("published", 0, f"days to {db}: {books.nothing}")]
    else:
        lines = [_row("published", *_describe_days(books.days.published), f"to {db}")]
    lines += _format_rows(result.inputs)
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
            f"values of a day with fewer than {result.record.k} visitors, published by week, month, folder, … "
            "or as (other)",
        ),
        *_withheld(books.withheld),
        *_cut_names(books.cut_names, result.record.k),
        *_unlearned(books.unlearned),
        *_own_hosts(result.own_hosts),
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
    lines += [_row("by day", 1, _explain_by_day(*span)) for span in days.by_day]
    return [*lines, *_incomplete(books.incomplete), *_place(db)]


def _explain_by_day(grain: str, day: date, site: str, changed: Sequence[str]) -> str:
    """Why a week or month is not published."""
    return (
        f"{grain} from {day} on of {site}, published by day only: days of it were published with other "
        f"{' and '.join(changed)}; --replace publishes all of it again; better, change these on the first of a month, "
        "before the night that publishes its first day"
    )


def _place(db: Path) -> Iterator[str]:
    """Where the published file is: last, so that it is just above the next prompt."""
    if db.is_file():
        yield _row("file", db.stat().st_size, f"bytes in {db.resolve()}")


def _incomplete(days: Sequence[IncompleteDay]) -> Iterator[str]:
    """A row for each reason."""
    for is_published, why in dict.fromkeys((one.is_published, one.why) for one in days):
        alike = [(one.day, one.site) for one in days if (one.is_published, one.why) == (is_published, why)]
        count, of_sites = _describe_days(alike)
        yield _row("incomplete", count, f"{of_sites}, {'published' if is_published else 'not published'}: {why}")


def _own_hosts(names: Sequence[str]) -> list[str]:
    what = (
        f"found to be the site's own by what their pages load: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
    )
    return [_row("own hosts", len(names), what)] if names else []


def _withheld(texts: int) -> list[str]:
    what = "texts lost an address, cookie or user name that the logs have; [texts] keep in the settings protects names"
    return [_row("withheld", texts, what)] if texts else []


def _cut_names(names: int, k: int) -> list[str]:
    what = (
        f"pages, phrases and sources that fewer than {k} hits have, published as (other): more than {MOST_RARE_NAMES:,}"
    )
    return [_row("cut", names, what)] if names else []


def _unlearned(count: int) -> list[str]:
    what = f"agents, pages, sites and links ignored when clients are classified: more than {MOST_LEARNED:,} on a day"
    return [_row("unlearned", count, what)] if count else []


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
    """The number of days, and the text "days of <site>"; days of no site stand for all."""
    days = len({day for day, _ in units})
    sites = {site for _, site in units if site}
    of_sites = f" of {next(iter(sites)) if len(sites) == 1 else f'{len(sites)} sites'}" if sites else ""
    return days, f"{'day' if days == 1 else 'days'}{of_sites}"
