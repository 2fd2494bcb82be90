"""The commands about a published file: `footfall check`, `footfall report` and `footfall export`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import click

published_file = partial(
    click.option, "--db", type=click.Path(path_type=Path), default="traffic.duckdb", show_default=True, metavar="FILE"
)


@click.command()
@published_file(help="Published file to check.")
def check(db: Path) -> int:
    """Check a published file for texts that look personal, rows about few people, and sums that do not add up.

    Exit status: 0 nothing found; 1 something found, or the file can't be read; 2 wrong usage.
    """
    from footfall.pipelines.publishing.check_published import check_published

    outcomes = check_published(db)
    for one in outcomes:
        found = f"{one.findings:,} in {one.place}" if one.findings else "none"
        click.echo(f"{one.promise:<36} {one.checked:>12,} looked at, found {found} ({one.evidence})")
    return int(any(one.findings for one in outcomes))


@click.command()
@published_file(help="Published file to report on.")
@click.option("-o", "--output", metavar="FILE", help="File to write; - for standard output.  [default: report.html]")
@click.option("--site", metavar="NAME", help="Report on this site of the file alone.  [default: all sites]")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="First day to report on.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Last day to report on.")
@click.option(
    "--language", default="en", show_default=True, type=click.Choice(["en", "de"]), help="Language of the page."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Write the figures as JSON instead; to standard output unless -o."
)
def report(
    db: Path,
    output: str | None,
    site: str | None,
    first: datetime | None,
    last: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Write one self-contained page about a published file: visits, pages, origins, errors, machines, line counts.

    It shows the last 30 days, with the last 7 and 90 a click away, or the days that --from and --to choose.
    """
    from footfall.pipelines.report.write_report import write_report

    days = (first and first.date(), last and last.date())
    written = write_report(db, output, site, *days, language=language, as_json=as_json)
    if written != "-":
        click.echo(f"report {written}")


@click.command()
@published_file(help="Published file to export.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="Folder to write."
)
@click.option(
    "--format",
    "file_format",
    default="parquet",
    show_default=True,
    type=click.Choice(["parquet", "csv"]),
    help="Format of the files.",
)
@click.option(
    "--overwrite", is_flag=True, help="Write to a folder that has files already, and replace those of the same names."
)
def export(db: Path, output: Path, file_format: str, overwrite: bool) -> None:
    """Write each table of a published file to a file of its own, with the comments of tables and columns."""
    from footfall.pipelines.export.write_export import write_export

    files = write_export(db, output, file_format, overwrite=overwrite)
    tables = sum(path.suffix == f".{file_format}" for path in files)
    click.echo(f"{tables} tables exported to {output}")
