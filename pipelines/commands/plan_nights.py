"""The command `footfall install-timer`, whose options are those of the nights that it plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.find_settings import find_config
from footfall.pipelines.log_options import given_flags

_OF_THE_UNITS: Final = (
    "date",
    "from",
    "to",
    "all_days",
    "complete_days",
    "replace",
    "strict",
    "as_json",
    "quiet",
    "log_json",
)
"""Options of `nightly` that the units set themselves."""
_OPTIONS: Final = (
    click.Option(["--at"], default="02:30", show_default=True, metavar="TIME", help="Time of day, in --timezone."),
    click.Option(
        ["--log-group", "groups"],
        multiple=True,
        metavar="GROUP",
        help="Group that may read the logs. May be repeated.  [default: that of the logs that are there]",
    ),
    click.Option(
        ["--on-failure"],
        default="footfall-failed@%n.service",
        show_default=True,
        metavar="UNIT",
        help="Unit to start when a run has failed; this one writes an alert to the journal.",
    ),
    click.Option(["--program"], metavar="FILE", help="The footfall that the service runs.  [default: this one]"),
    click.Option(
        ["--root"],
        type=click.Path(path_type=Path),
        default=Path("/"),
        metavar="FOLDER",
        help="Write the files below this folder and enable the timers there, as for an image; start nothing.",
    ),
    click.Option(["--dry-run"], is_flag=True, help="Print the files and write none."),
)


def make_install_timer(nightly: click.Command) -> click.Command:
    """Return the command, with the options of `nightly` that an operator chooses for every night."""
    taken = [one for one in nightly.params if isinstance(one, click.Option) and one.name not in _OF_THE_UNITS]
    return click.Command(
        "install-timer",
        callback=click.pass_context(install_timer),
        params=[click.Argument(["logs"], nargs=-1, metavar="LOG..."), *taken, *_OPTIONS],
        help=install_timer.__doc__,
    )


def install_timer(
    context: click.Context,
    /,
    config: Path | None,
    groups: tuple[str, ...],
    at: str,
    on_failure: str,
    program: str | None,
    root: Path,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Install systemd timers for the nightly run: a service in a sandbox, with a user and a folder of its own.

    Give it the arguments of the nightly run: the logs as a glob with an absolute path, and options. The file is
    published in /var/lib/footfall, unless --db says otherwise. The command writes the units, creates the user and
    starts the timers, for which it needs root. It overwrites the units of an earlier call: keep changes in drop-ins
    (systemctl edit footfall).
    """
    from footfall.pipelines.schedule.install_timer import (
        as_arguments,
        describe_next,
        find_program,
        plan_schedule,
        start_timers,
        with_absolute_paths,
        with_published_file,
        write_units,
    )
    from footfall.pipelines.schedule.timer_units import fill_in_units
    from footfall.pipelines.settings import load_settings

    found = find_config(config)
    given = with_absolute_paths(given_flags(**flags))
    settings = load_settings(found, given)
    named = {"config": Path.cwd() / found} if found is not None else {}
    options = with_published_file(settings, as_arguments(context.command.params, given | named))
    schedule, problems = plan_schedule(
        settings,
        options,
        program=(program,) if program else find_program(),
        at=at,
        groups=groups,
        on_failure=on_failure,
    )
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)
    if dry_run:
        for name, text in fill_in_units(schedule):
            click.echo(f"# /{name}\n{text}")
        return
    for path in write_units(schedule, root):
        click.echo(f"wrote {path}")
    start_timers(root)
    click.echo(describe_next(root, options))
