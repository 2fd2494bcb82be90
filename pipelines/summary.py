"""What a run prints at its end: how inputs were understood, the books, what was published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipelines.run import Outcome


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
                "log_format": one.recognition.log_format if one.recognition else None,
                "sampled_lines": one.recognition.sampled if one.recognition else 0,
                "fitting_lines": one.recognition.fitting if one.recognition else 0,
            }
            for one in outcome.inputs
        ],
        "left_out": [{"input": one.path, "problem": one.problem or "no known log format"} for one in outcome.left_out],
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
            {"day": str(day), "site": site, "published_hits": before, "hits": now} for day, site, before, now in books.kept
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
    formats: dict[str, list[int]] = {}
    for one in outcome.inputs:
        if one.recognition:
            totals = formats.setdefault(one.recognition.log_format, [0, 0, 0])
            totals[0] += 1
            totals[1] += one.recognition.fitting
            totals[2] += one.recognition.sampled
    lines = [
        f"read       {count} {'input' if count == 1 else 'inputs'} as {name} ({fitting:,} of {sampled:,} sampled lines fit)"
        for name, (count, fitting, sampled) in formats.items()
    ]
    rate = books.lines / max(outcome.seconds, 0.001)
    lines += [
        f"lines      {books.lines:>12,}   in {outcome.seconds:.1f} s, {rate:,.0f} lines/s",
        f"= hits     {books.hits:>12,}",
        f"+ outside  {books.outside_window:>12,}   hits of other days",
        f"+ rejected {books.rejected:>12,}",
        f"+ repeated {books.duplicates:>12,}   lines that stand in another input too",
    ]
    shown = books.rejects[:10]
    lines += [
        f"           {count:>12,}   {reason}, first at {name}:{first}" for name, reason, count, first in shown
    ]
    if len(books.rejects) > len(shown):
        lines.append(f"                          and {len(books.rejects) - len(shown)} more kinds, see table rejects")
    lines += [
        f"visits     {books.visits:>12,}   with {books.page_views:,} page views",
        f"folded     {books.folded_rows:>12,}   rows of fewer than {outcome.record.k} visits into (other)",
    ]
    for day, site, before, now in books.kept:
        lines.append(
            f"kept       {day} of {site}: published from {before:,} hits, these logs hold {now:,}; --replace publishes it anew"
        )
    days = len(books.published)
    unchanged = f", {len(books.unchanged)} unchanged" if books.unchanged else ""
    lines.append(f"published  {days} {'day' if days == 1 else 'days'} and sites{unchanged}, to {db}")
    return lines
