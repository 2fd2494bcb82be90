"""What a run warns of: each warning names the place, the problem and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.publishing.publish import Books
from footfall.transforms.formats.log_formats import name_log_format

MIN_FITTING_SHARE: Final = 0.9
"""Of an input's lines: if fewer fit its log format, the operator is warned."""
OTHER_FORMAT_REASONS: Final = frozenset({"format", "cut", "joined"})
"""Reject reasons of lines that may have another log format."""


def warn_of_inputs(readable: Sequence[Input], left_out: Sequence[Input]) -> list[str]:
    """Warn of inputs that were left out, though not empty, and of doubtful samples of the others."""
    warnings = [f"{one.path}: {one.read_error or one.skip_reason}; left out" for one in left_out if not one.is_empty]
    for one in readable:
        found = one.recognition
        assert found is not None
        if found.fitting < MIN_FITTING_SHARE * found.sampled:
            fitting = (
                f"only {found.fitting:,} of {found.sampled:,} sampled lines fit {name_log_format(found.log_format)}"
            )
            warnings.append(f"{one.path}: {fitting}; check --log-format")
        warnings += [f"{one.path}: {hint}" for hint in found.hints]
    return warnings


def warn_of_other_program(db: Path) -> str:
    """Warn of a program that had the published file open for writing."""
    return (
        f"{db}: another program had the earlier file open for writing, or had left changes of it unfinished; they are "
        "not in the new file. Close it there, or what it writes next spoils the new file for its readers; open it "
        "read-only (duckdb -readonly) from then on (docs/operations.md, Analysts' tables)"
    )


def warn_of_later_hits(path: str, count: int) -> str:
    """Warn of an input with hits from the future."""
    return (
        f"{path}: {count:,} {'hit is' if count == 1 else 'hits are'} dated after this run began, which completes no "
        "day, and days that had not begun are not published; check the clocks of the servers and of this machine"
    )


def warn_of_format_changes(books: Books, readable: Sequence[Input]) -> Iterator[str]:
    """Warn of each input whose sampled lines fit its format but many others do not: the format may have changed."""
    rejects: dict[str, list[tuple[str, int, int]]] = {}
    for name, reason, lines, first in books.rejects:
        rejects.setdefault(name, []).append((reason, lines, first))
    for one in readable:
        found = one.recognition
        assert found is not None
        own = rejects.get(one.path, [])
        unfitting = [(lines, first) for reason, lines, first in own if reason in OTHER_FORMAT_REASONS]
        count = sum(lines for lines, _ in unfitting)
        total = books.lines_of[one.path] - sum(lines for reason, lines, _ in own if reason == "directive")
        if found.fitting >= MIN_FITTING_SHARE * found.sampled and count > (1 - MIN_FITTING_SHARE) * total:
            first = min(first for _, first in unfitting)
            yield (
                f"{one.path}: {count:,} of {total:,} lines do not fit {name_log_format(found.log_format)} (the first: "
                f"line {first:,}), although the sampled lines do; if the format changes there, give each format with "
                "its own --log-format"
            )
