"""The command `footfall sample`: writes the log of an invented shop."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from footfall.pipelines.endings import standard_output
from footfall.pipelines.errors import UsageError
from footfall.transforms.running.failures import kind_of


@click.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="File to write the log to; - for standard output.")
@click.option("--lines", default=200_000, show_default=True, type=click.IntRange(min=1), help="Number of lines.")
@click.option("--seed", default=1, show_default=True, help="Random seed: the same seed gives the same log.")
@click.option("--days", default=3, show_default=True, type=click.IntRange(min=1), help="Number of days covered.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="First day.  [default: 2026-06-01]")
@click.option(
    "--format",
    "log_format",
    default="footfall",
    show_default=True,
    type=click.Choice(["common", "combined", "vhost_combined", "footfall"]),
    help="Log format.",
)
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone of the server.")
@click.option(
    "--truth", type=click.Path(path_type=Path), metavar="FILE", help="File to write the log's true figures to, as JSON."
)
def sample(
    output: str,
    lines: int,
    seed: int,
    days: int,
    start: datetime | None,
    log_format: str,
    timezone: str,
    truth: Path | None,
) -> None:
    """Write a realistic, reproducible log of an invented shop."""
    from footfall.pipelines.sample.write_sample import FIRST_DAY, write_sample

    target: Any = standard_output() if output == "-" else Path(output)
    try:
        known = write_sample(target, lines, seed, days, log_format, start.date() if start else FIRST_DAY, timezone)
        if truth is not None:
            truth.write_text(known.to_json(), "utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({kind_of(error)}); give another file with -o") from None
