"""Small logs for attacks: a crowd of people who cannot be distinguished, and in it somebody who can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from footfall.pipelines.run import RunResult
from footfall.pipelines.settings import Settings
from tests.attacks.cells import Truth, read_truth
from tests.running import publish_logs, reference_settings

FORMAT: Final = (
    '$host $remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '"$cookie_sid" $request_time'
)
SITE: Final = "www.example.org"
BROWSER: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
RARE_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
BOT: Final = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CROWD: Final = "79.192.{}.{}"
"""Addresses of one region of Germany."""
RARE: Final = "151.20.7.{}"
"""Addresses of another country."""
K: Final = 10


def day(number: int) -> date:
    """A day of June 2026, whose first is a Monday."""
    return date(2026, 6, 1) + timedelta(days=number - 1)


@dataclass
class Log:
    """Lines of a log."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    known: int = 0
    """How many clients the crowd has had so far."""

    def hit(
        self,
        at: datetime,
        path: str = "/",
        *,
        client: str = "192.0.2.1",
        agent: str = BROWSER,
        cookie: str = "-",
        status: int = 200,
        size: int = 5_000,
        seconds: float = 0.02,
        referrer: str = "-",
        site: str = SITE,
        protocol: str = "HTTP/1.1",
    ) -> None:
        """One request."""
        line = (
            f'{site} {client} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} {protocol}" {status} {size} '
            f'"{referrer}" "{agent}" "{cookie}" {seconds:.3f}'
        )
        self.lines.append((at, line))

    def visit(self, number: int, paths: Sequence[str] = ("/",), *, minute: int = 600, **options: Any) -> None:
        """A visit on a day of June, a page every ten seconds from a minute of the day on."""
        begin = datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(minutes=minute)
        for place, path in enumerate(paths):
            self.hit(begin + timedelta(seconds=10 * place), path, **options)

    def crowd(self, number: int, visitors: int, paths: Sequence[str] = ("/", "/programme"), **options: Any) -> None:
        """Visits of others on a day, one every minute from ten o'clock on; always from new addresses."""
        for place in range(visitors):
            self.known += 1
            client = CROWD.format(self.known // 200, self.known % 200 + 1)
            chosen: dict[str, Any] = {"minute": 600 + place % 200, "client": client}
            self.visit(number, paths, **chosen | options)

    def edges(self, first: int, last: int) -> None:
        """A bot's hits before and after some days, so that they are complete."""
        for one, hours in ((first, -1), (last + 1, 2)):
            begin = datetime.combine(day(one), datetime.min.time(), UTC)
            self.hit(begin + timedelta(hours=hours), client="66.249.66.1", agent=BOT)

    def content(self) -> bytes:
        """The log, in order of time."""
        return "".join(f"{line}\n" for _, line in sorted(self.lines)).encode()


def options_of(first: int, last: int) -> dict[str, Any]:
    """The settings to publish some days of June from such a log; the attacker knows the classes by agents."""
    return {"log_format": FORMAT, "site": SITE, "first_day": day(first), "last_day": day(last), "behaviour": False}


def publish(folder: Path, log: Log, first: int, last: int, name: str = "access.log", **options: Any) -> RunResult:
    """Publish some days of a log to `folder`/traffic.duckdb."""
    return publish_logs(folder, {name: log.content()}, **options_of(first, last) | options)


def truth_of(log: Log, first: int, last: int, **options: Any) -> Truth:
    """What is true of these days."""
    settings = Settings(**options_of(first, last) | options)
    return read_truth({"access.log": log.content()}, reference_settings(settings))
