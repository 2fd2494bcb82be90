"""What one client or one cookie sends on many days is gathered in windows and parts, and the figures are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from footfall.transforms import vocabulary
from footfall.transforms.behaviour import client_days, divide_clients, floods
from footfall.transforms.running import run_options
from footfall.transforms.visits import divide_sessions
from tests.behaviour_logs import CHROME, MAGAZINE, write
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

MOST = 80
"""No client has as many hits on a day, so that there are no floods."""
CROWDED = 25
FORMAT = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{sid}C"'
BEGIN = datetime(2025, 6, 9, 20, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _limits_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (vocabulary, floods):
        monkeypatch.setattr(module, "FLOOD_HITS", MOST)
    for module in (vocabulary, client_days, divide_clients, divide_sessions):
        monkeypatch.setattr(module, "CROWD_HITS", CROWDED)
    monkeypatch.setattr(run_options, "ROWS_AT_ONCE", MOST)


def steady(address: str, every: timedelta, cookies: tuple[str, ...]) -> bytes:
    """Hits of one client over three midnights: pages, errors of the server around midnight, and cookies in turn."""
    lines, time, number = [], BEGIN, 0
    while time < BEGIN + timedelta(days=3, hours=8):
        is_night = time.hour in (23, 0)
        path = ("/", "/about", "/search?q=boats", "/missing")[number % 4]
        status = 503 if is_night and number % 2 else 404 if path == "/missing" else 200
        lines.append(
            f'{address} - - [{time:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} {number} "-" '
            f'"{CHROME}" "{cookies[number % len(cookies)]}"\n'
        )
        time += every
        number += 1
    return "".join(lines).encode()


def probing(number: int) -> bytes:
    """Hits of a client that probes before a midnight, and reads after it: it is a machine on both days."""
    first = datetime(2025, 6, 11, 23, 40, tzinfo=UTC)
    paths = ("/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/", "/cgi-bin/luci", "/", "/about")
    return "".join(
        f"192.0.2.{number} - - [{first + place * timedelta(minutes=4):%d/%b/%Y:%H:%M:%S} +0000] "
        f'"GET {path} HTTP/1.1" 200 512 "-" "{CHROME}" "-"\n'
        for place, path in enumerate(paths)
    ).encode()


def content() -> dict[str, bytes]:
    people = b"".join(line + b' "-"\n' for line in write(MAGAZINE, 3).content.splitlines())
    return {
        "a.log": people + steady("192.0.2.1", timedelta(minutes=29), ("-",)),
        "b.log": steady("192.0.2.2", timedelta(minutes=21), ("-", "c2", "-", "c4"))
        + steady("192.0.2.3", timedelta(hours=2), ("-",))
        + b"".join(map(probing, range(4, 8))),
        # One cookie of several clients, crowded on the whole days alone, and a client that brings it and another one.
        "c.log": b"".join(
            steady(f"198.51.100.{number}", timedelta(minutes=97 + number), ("c1", "-", "c3", "-")[: 1 + number % 4])
            for number in range(5)
        ),
        "d.log": b"".join(map(of_proxy, range(120))),
        "e.log": b"".join(map(of_filter, range(60))),
    }


def of_proxy(number: int) -> bytes:
    """Hits of one of many clients of an address, which is a crowd on one day, and some that tell of the address."""
    first = datetime(2025, 6, 10, 22, tzinfo=UTC) + number * timedelta(minutes=9)
    agent = of_phone(number % 40) if number % 3 else CHROME
    asked = (
        [("/", "-"), ("/about", "https://www.example.org/"), ("/static/site.css", "https://www.example.org/about")],
        [("/about", "https://www.example.org/news"), ("/robots.txt" if number % 20 == 1 else "/news", "-")],
        [("/.env" if number % 20 == 2 else "/?id=" + str(number // 6), "-"), ("/logo.png", "https://www.example.org/")],
    )[number % 3]
    return "".join(
        f"203.0.113.7 - - [{first + place * timedelta(seconds=9):%d/%b/%Y:%H:%M:%S} +0000] "
        f'"GET {path} HTTP/1.1" 200 {number} "{referrer}" "{agent}" "-"\n'
        for place, (path, referrer) in enumerate(asked)
    ).encode()


def of_filter(number: int) -> bytes:
    """A page for one of many clients of an address that is a crowd on one day, and loads nothing; few of them probe."""
    time = datetime(2025, 6, 11, 1, tzinfo=UTC) + number * timedelta(minutes=17)
    path = "/.env" if number % 15 == 4 else "/about"
    asked = f'[{time:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 7'
    return f'203.0.113.9 - - {asked} "-" "{of_phone(number)}" "-"\n'.encode()


def of_phone(number: int) -> str:
    """The agent of a browser on a model of its own."""
    return CHROME.replace("Windows NT 10.0; Win64; x64", f"Linux; Android 14; SM-A{100 + number}B")


@pytest.mark.parametrize("behaviour", [True, False])
def test_all_tables_are_those_of_the_reference(behaviour: bool) -> None:
    options: dict[str, Any] = {"log_format": FORMAT, "k": 2, "behaviour": behaviour}
    logs = content()
    assert differences(published_tables(logs, **options), compute(logs, reference_settings(Settings(**options)))) == []
