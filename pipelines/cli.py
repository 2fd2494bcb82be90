"""The command line `footfall`: reads the options, runs the command, prints the result. `main` is the entry point.

Modules that import Beam, NumPy or pydantic are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from footfall.pipelines.commands.compile_kernels import compile_kernels
from footfall.pipelines.commands.complete import completion
from footfall.pipelines.commands.locations import geo
from footfall.pipelines.commands.plan_nights import make_install_timer
from footfall.pipelines.commands.published_file import check, export, report
from footfall.pipelines.commands.sample_log import sample
from footfall.pipelines.commands.show_settings import make_settings
from footfall.pipelines.display.log_events import as_log_line
from footfall.pipelines.endings import (
    STOPPED,
    Interrupted,
    explain_end,
    heed_signals,
    ignore_signals,
    open_standard_streams,
)
from footfall.pipelines.engine.hide_messages import hide_messages
from footfall.pipelines.engine.tune_process import tune_process
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.find_settings import find_config
from footfall.pipelines.log_options import given_flags, log_options

if TYPE_CHECKING:
    from footfall.pipelines.run import RunResult
    from footfall.pipelines.settings import Settings


class _CommandWithBeamOptions(click.Command):
    """A command whose own arguments end at `--`; the arguments after it are kept in `meta["beam"]`."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Split off Beam's options before click parses the arguments."""
        end = args.index("--") if "--" in args else len(args)
        context.meta["beam"] = tuple(args[end + 1 :])
        return super().parse_args(context, args[:end])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="footfall")
def footfall() -> None:
    """Web-log analytics that forgets: traffic, visits and searches from server logs, and nothing about a person."""


@footfall.command(cls=_CommandWithBeamOptions)
@click.argument("logs", nargs=-1, type=click.Path(readable=False), metavar="LOG…  [-- BEAM OPTIONS]")
@click.option(
    "--db",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="DuckDB file to publish to.  [default: traffic.duckdb]",
)
@click.option("--date", metavar="DAY", help="Publish only this day: a date such as 2026-06-01, today or yesterday.")
@click.option("--from", metavar="DAY", help="First day to publish.")
@click.option("--to", metavar="DAY", help="Last day to publish.")
@click.option("--all-days", is_flag=True, help="Publish every day in the logs (default).")
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days and hours.  [default: UTC]")
@log_options
@click.option(
    "--visit-timeout-s",
    type=int,
    metavar="SECONDS",
    help="Seconds without a hit after which a visit ends, 60 to 21600.  [default: 1800]",
)
@click.option("--k", type=int, metavar="N", help="Publish no row about fewer than N visitors.  [default: 10]")
@click.option(
    "--no-behaviour",
    "behaviour",
    flag_value="no",
    default=None,
    help="Classify clients by their user agents alone, not by what they do.",
)
@click.option("--replace", is_flag=True, help="Replace a day even if it is complete, or was published from more hits.")
@click.option("--complete-days", is_flag=True, help="Publish only days that are complete in the logs.")
@click.option("--keep-days", type=int, metavar="N", help="Leave days out of the file that are older than N days.")
@click.option("--mode", metavar="OCTAL", help="Permissions of the file.  [default: those it has, 0640 if it is new]")
@click.option("--skip-damaged", is_flag=True, help="Leave out inputs that cannot be read to the end (exit status 3).")
@click.option(
    "--temp",
    metavar="URL",
    help="Folder for rows passed between stages; on a cluster, one that all workers share.  [default: beside --db]",
)
@click.option(
    "--memory",
    metavar="SIZE",
    help="Memory that a run may take, 768MiB or more; with less, it takes longer.  [default: 1536MiB]",
)
@click.option(
    "--metrics",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write figures of the run to, for the textfile collector of Prometheus' node exporter.",
)
@click.option("--strict", is_flag=True, help="Exit with status 4 if a requested day is incomplete.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as a JSON object, also if the run is refused.")
@click.option(
    "--log-json",
    is_flag=True,
    help="Print progress, warnings and the summary, or why the run is refused, as one JSON object a line to standard "
    "output, for collectors of logs.",
)
@click.option("--quiet", is_flag=True, help="Print only what needs attention: warnings, incomplete days, errors.")
@click.pass_context
def nightly(
    context: click.Context, /, config: Path | None, as_json: bool, log_json: bool, quiet: bool, **flags: Any
) -> int:
    """Read logs and publish the days in them.

    LOG is a path, glob, folder, object-store URL, or - for standard input; compression is detected from the content.
    Options can also be set in footfall.toml under their names, together with logs = [...], search-keys = [...] and
    app-agents = [...]; see footfall settings. Options after -- are passed to Beam, such as --runner=FlinkRunner.

    Exit status: 0 published, or nothing to publish; 1 refused, the old file is unchanged; 2 wrong usage; 3 published
    without an unreadable or damaged input (--skip-damaged); 4 published, but a day is incomplete (--strict); 130, 143
    or 129 interrupted (SIGINT, SIGTERM, SIGHUP), the old file is unchanged.
    """
    from footfall.pipelines.settings import load_settings

    if as_json and log_json:
        raise UsageError("--json, --log-json: one at a time; the last line of --log-json has what --json prints")
    settings = load_settings(find_config(config), given_flags(**flags))
    from footfall.pipelines.display.log_events import print_warnings
    from footfall.pipelines.display.record_run import keep_record, record_refusal, record_result

    began = time.monotonic()
    try:
        result = _run_night(context, settings, quiet=quiet, log_json=log_json)
        ignore_signals()
    except (Interrupted, Exception) as error:
        last = record_refusal(*explain_end(error), settings, time.monotonic() - began)
        print_warnings(keep_record(last, settings), log_json=log_json)
        raise
    from footfall.pipelines.display.summary import print_summary

    print_warnings(keep_record(record_result(result, settings), settings), log_json=log_json)
    print_summary(result, settings.db, as_json=as_json, quiet=quiet, log_json=log_json)
    return result.status


def _run_night(context: click.Context, settings: Settings, *, quiet: bool, log_json: bool) -> RunResult:
    """Import what a night needs, and run it. A night that is stopped meanwhile has a record, too."""
    # Only after the settings are checked: these import Beam. Some import compiles the first kernels.
    from footfall.pipelines.display.announce_compiling import announce_compiling

    if not quiet:
        context.with_resource(announce_compiling(log_json=log_json))
    from footfall.pipelines.display.progress import show_progress
    from footfall.pipelines.run import run_nightly

    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    gc.enable()
    show = _show_nothing if quiet else partial(show_progress, log_json=log_json)
    return run_nightly(settings, context.meta["beam"], show)


def _show_nothing(_: Any) -> contextlib.AbstractContextManager[None]:
    """Take the place of the display of progress."""
    return contextlib.nullcontext()


footfall.add_command(make_install_timer(nightly))
footfall.add_command(make_settings(nightly))


@footfall.command()
@click.argument("logs", nargs=-1, type=click.Path(readable=False), required=True, metavar="LOG...")
@log_options
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days.  [default: UTC]")
@click.option(
    "--behaviour",
    is_flag=True,
    help="Read all logs first, and show the classes that a run derives from what clients do, with the reasons.",
)
@click.option("--summary", is_flag=True, help="Print the detected format, counts and rejects instead of lines.")
@click.option("--private", is_flag=True, help="Show only what a run would keep of each line.")
@click.pass_context
def parse(
    context: click.Context,
    /,
    logs: tuple[str, ...],
    config: Path | None,
    behaviour: bool,
    summary: bool,
    private: bool,
    **flags: Any,
) -> None:
    """Show how each line of a log is parsed, one JSON object per line; nothing is stored.

    This is a diagnostic on your own log: it shows addresses, users and whole requests as they are. With --private it
    shows what a run would keep of each line, before small groups are folded.
    """
    from footfall.pipelines.settings import load_settings

    settings = load_settings(find_config(config), given_flags(**flags))
    from footfall.pipelines.display.announce_compiling import announce_compiling

    context.with_resource(announce_compiling())
    from footfall.geo_data.location_files import LocationError
    from footfall.pipelines.display.explain_lines import LineExplainer, explain_judged, explain_lines, summarize
    from footfall.pipelines.display.show_kept import KeptExplainer

    if behaviour and summary:
        raise UsageError("--behaviour, --summary: one at a time; --summary classifies by user agents alone")
    if len(logs) > 1 and not behaviour:
        raise UsageError(f"{len(logs)} logs: footfall parse shows one at a time, unless --behaviour is given; name one")
    log = logs[0]
    try:
        if summary:
            click.echo(json.dumps(summarize(log, settings), indent=2))
            return
        if not private:
            click.echo("note: this shows addresses and requests as they are in the log; see --private", err=True)
        explainer = KeptExplainer if private else LineExplainer
        lines = explain_judged(logs, settings, explainer) if behaviour else explain_lines(log, settings, explainer)
        for line in lines:
            click.echo(json.dumps(line, ensure_ascii=False))
    except LocationError as error:
        raise UsageError(str(error)) from None


@footfall.command()
@click.argument("logs", nargs=-1, type=click.Path(readable=False), metavar="LOG...")
@click.option("--db", type=click.Path(path_type=Path), metavar="FILE", help="DuckDB file that the run publishes to.")
@click.option("--timezone", metavar="ZONE", help="IANA time zone of days.  [default: UTC]")
@click.option("--temp", metavar="URL", help="Folder for rows passed between stages.  [default: beside --db]")
@click.option("--k", type=int, metavar="N", help="The k of the nightly run.  [default: 10]")
@log_options
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(config: Path | None, as_json: bool, **flags: Any) -> int:
    """Check what a nightly run needs before it runs, one line for each finding with its remedy; nothing is published.

    Give it the arguments of the nightly run. It checks the logs (whether this user can read them, their format, the
    session cookie, what rotation keeps), the time zone, the location data, the published file, space, and the schedule.

    Exit status: 0 a run would succeed; 1 something would prevent that (error); 2 wrong usage.
    """
    from footfall.pipelines.settings import load_settings

    settings = load_settings(find_config(config), given_flags(**flags))
    from footfall.pipelines.doctor.look import look

    findings = look(settings)
    click.echo(
        json.dumps([asdict(one) for one in findings], indent=2)
        if as_json
        else "\n".join(one.as_line() for one in findings)
    )
    return int(any(one.level == "error" for one in findings))


for command in (check, report, export, sample, geo, completion, compile_kernels):
    footfall.add_command(command)


@footfall.command()
@click.option("--pool", type=click.IntRange(1, 65535), metavar="PORT", help="Serve a pool of workers on this port.")
@click.option("--bind", default="localhost", show_default=True, metavar="HOST", help="Address that a pool listens on.")
@click.option("--id", "worker_id", help="The worker's name, given by an engine.")
@click.option("--provision_endpoint", help="Where a worker asks for its job, given by an engine.")
@click.option("--control_endpoint", help="Where a worker gets its instructions, given by an engine.")
@click.option("--logging_endpoint", help="Not used: logs might quote lines.")
@click.option("--artifact_endpoint", help="Not used: Footfall is installed on each host.")
def worker(pool: int | None, bind: str, worker_id: str | None, **endpoints: str | None) -> None:
    """Run steps of a pipeline on a host of a cluster; its engine starts this, not an operator (docs/cluster.md).

    The engine starts one worker as `footfall-worker` (--environment_type=PROCESS), or asks a pool for it
    (--environment_type=EXTERNAL). A pool trusts everybody who reaches its port.
    """
    if pool is not None:
        from footfall.pipelines.engine.worker_pool import serve_pool

        serve_pool(bind, pool)
        return
    if not worker_id:
        raise UsageError("worker: no --id; an engine gives it, or give --pool PORT")
    from footfall.pipelines.engine.worker import run_worker

    gc.enable()
    run_worker(worker_id, endpoints["provision_endpoint"], endpoints["control_endpoint"])


def _refuse(status: int, problem: str, given: Sequence[str], show: Callable[[], None]) -> int:
    """Report why a command ends, in the form that its arguments choose, and return its exit status.

    `show` prints it to standard error.
    """
    event = "interrupted" if status > STOPPED else "refused"
    with contextlib.suppress(OSError):
        if "--log-json" in given:
            click.echo(as_log_line(event, "error", problem, status=status))
        else:
            show()
    if "--json" in given:
        with contextlib.suppress(OSError):
            click.echo(json.dumps({"status": status, "reason": problem}, indent=2))
    return status


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: this process's arguments), print its output, and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    own = given[: given.index("--") if "--" in given else None]
    try:
        return footfall.main(given, prog_name="footfall", standalone_mode=False) or 0
    except click.ClickException as error:
        return _refuse(UsageError.status, error.format_message(), own, error.show)
    except click.Abort:
        status, problem = explain_end(Interrupted())
    except (Interrupted, Exception) as error:
        status, problem = explain_end(error)
    return _refuse(status, problem, own, lambda: click.echo(f"footfall: {problem}", err=True))


def main() -> None:
    """Run the command line of this process, then end the process with its exit status."""
    open_standard_streams()
    tune_process()
    # Imported modules live until the process ends, so searching them for garbage wastes time.
    gc.disable()
    hide_messages()
    heed_signals()
    try:
        status = run_command()
    except SystemExit as end:  # click's answer to a closed pipe
        status = end.code if isinstance(end.code, int) else RunError.status
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, AttributeError):  # full, or closed from the start
            stream.flush()
    # Not sys.exit: it waits for threads that engines leave running.
    os._exit(status)


def worker_main() -> None:
    """Run `footfall worker`: an engine can start a command, but not one with arguments of the operator's."""
    sys.argv.insert(1, "worker")
    main()


if __name__ == "__main__":
    main()
