"""The options of several commands that say how to read a log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from footfall.transforms.vocabulary import REQUEST_TIME_UNITS

_LOG_OPTIONS: Final = [
    click.option(
        "--log-format",
        multiple=True,
        metavar="FORMAT",
        help="auto, a name (common, combined, vhost_combined, footfall), or the "
        "server's own log_format or LogFormat string, with wrappings before it (docker+combined). Repeat it for files "
        "that mix formats.  [default: auto]",
    ),
    click.option(
        "--site", metavar="NAME", help="Site name for logs that do not record the virtual host.  [default: default]"
    ),
    click.option(
        "--host",
        "hosts",
        multiple=True,
        metavar="HOST",
        help="Host name of the site; referrers with it count as internal. May be repeated.",
    ),
    click.option(
        "--session-cookie", metavar="NAME", help="Name of the session cookie, if the log has the whole Cookie header."
    ),
    click.option(
        "--trusted-proxies",
        metavar="NUMBER|NETWORKS",
        help="Proxies before the server whose X-Forwarded-For, Forwarded or X-Real-IP is trusted: their number, or "
        "their networks separated by commas.",
    ),
    click.option(
        "--request-time-unit",
        type=click.Choice(REQUEST_TIME_UNITS),
        help="Unit of the log's time per request, where the server's own does not apply.",
    ),
    click.option(
        "--geo-db",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="GeoLite2, GeoIP2 or DB-IP file to use instead of the embedded one.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Settings file; flags override it.  [default: footfall.toml in this folder, "
        "$XDG_CONFIG_HOME or /etc, the first that exists]",
    ),
]


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to read a log."""
    for option in reversed(_LOG_OPTIONS):
        command = option(command)
    return command


def given_flags(**flags: Any) -> dict[str, Any]:
    """Only the flags that were given: for the others the settings file or the default applies."""
    return {name: value for name, value in flags.items() if value is not None and value is not False and value != ()}
