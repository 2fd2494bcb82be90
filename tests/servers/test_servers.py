"""The values parsed from a real server's log equal those of the requests sent to it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from footfall.pipelines.display.explain_lines import Explanation, explain_lines
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.log_formats import read_log_format
from tests.servers.configurations import SERVERS, Log, Server
from tests.servers.requests import REQUESTS, Answer, Request, send
from tests.servers.running import Running, read_log, server_folder


@dataclass(frozen=True)
class Made:
    """The requests sent to a server, its responses, and its parsed logs with one explanation per request."""

    server: Server
    requests: list[Request]
    answers: list[Answer]
    began: float
    ended: float
    logs: dict[str, list[Explanation]]

    def each_line(self) -> Iterator[tuple[Log, Request, Answer, Explanation]]:
        """Each parsed line of each log, with its request and response."""
        for log in self.server.logs:
            for request, answer, line in zip(self.requests, self.answers, self.logs[log.file], strict=True):
                if "reject" not in line:
                    yield log, request, answer, line


def send_alone(request: Request, running: Running, file: str) -> Answer:
    """Send a request and wait briefly for its line: servers may log concurrent requests in any order."""
    path = running.folder / file
    size = path.stat().st_size if path.exists() else 0
    answer = send(request, running.port)
    patience = time.monotonic() + 0.1
    while time.monotonic() < patience and not (path.exists() and path.stat().st_size > size):
        time.sleep(0.005)
    return answer


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.name)
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    """All requests, sent to one server."""
    server: Server = request.param
    with server_folder() as running:
        server.start(running)
        began = time.time()
        answers = {one.name: send_alone(one, running, server.logs[-1].file) for one in REQUESTS}
        ended = time.time()
        requests = [one for one in REQUESTS if one.name not in server.unlogged]
        logs = {}
        for log in server.logs:
            path = running.folder / log.file
            lines = [line for line in read_log(path, b"/last") if server.noise is None or server.noise not in line]
            # Earlier lines come from checking whether the server listens.
            (running.folder / "compared.log").write_bytes(b"".join(lines[-len(requests) :]))
            settings = load_settings(None, {"log_format": log.log_format, "session_cookie": log.session_cookie})
            logs[log.file] = list(explain_lines(str(running.folder / "compared.log"), settings))
        yield Made(server, requests, [answers[one.name] for one in requests], began, ended, logs)


def test_every_request_is_logged_in_a_line_that_is_parsed(made: Made) -> None:
    assert {file: len(lines) for file, lines in made.logs.items()} == {
        log.file: len(made.requests) for log in made.server.logs
    }
    rejected = {
        (log.file, request.name)
        for log in made.server.logs
        for request, line in zip(made.requests, made.logs[log.file], strict=True)
        if "reject" in line and request.name not in made.server.unescaped
    }
    assert not rejected, rejected


def text(raw: bytes | None) -> str | None:
    """The expected value of a field; nothing and a dash mean None."""
    return None if raw in (None, b"", b"-") else raw.decode("utf-8", "replace")


def test_requests_are_read_as_they_were_sent(made: Made) -> None:
    wrong = []
    for log, request, _, line in made.each_line():
        if request.name in made.server.unescaped:
            continue
        meanings = read_log_format(log.log_format).meanings
        expected: dict[str, Any] = {"client": "::1" if request.over_ipv6 else "127.0.0.1"}
        is_read = made.server.reads_fields(request)
        if not is_read and not made.server.knows_client:
            expected["client"] = None
        if Meaning.FORWARDED in meanings and request.forwarded is not None:
            expected["client"] = request.forwarded.decode().split(", ")[0]
        if Meaning.AGENT in meanings:
            expected["user_agent"] = text(request.agent) if is_read else None
        if Meaning.REFERRER in meanings:
            expected["referrer"] = text(request.referrer) if is_read else None
        if meanings & {Meaning.COOKIE, Meaning.COOKIE_HEADER}:
            expected["session"] = b" sid=" in (request.cookie or b"")
        if Meaning.REQUEST in meanings:
            method, url, protocol = split_line(made.server.logged_line(request))
            expected |= {"method": method, "url": without_host(url), "protocol": protocol}
        found = {**line, "url": without_host(line.get("url"))}
        wrong += [
            (log.file, request.name, key, found[key], value) for key, value in expected.items() if found[key] != value
        ]
    assert not wrong, "\n".join(map(str, wrong[:9]))


def without_host(url: Any) -> Any:
    """The URL without the scheme and host that proxies add."""
    return re.sub(r"^http://(www\.example\.org|localhost)(?=/|\*|$)", "", url) if url else url


def split_line(line: bytes) -> tuple[str | None, str | None, str | None]:
    """Method, URL and protocol of a request line; if it has no method and URL, the whole line is the URL."""
    words = line.decode("utf-8", "replace").split(" ")
    protocol = words.pop() if len(words) > 2 and words[-1].startswith("HTTP/") else None
    if len(words) > 1 and words[0][:1].isalpha() and all(one.isalpha() or one in "-_" for one in words[0]):
        return words[0], " ".join(words[1:]), protocol
    return None, text(line), None


def test_responses_are_read_as_they_were_received(made: Made) -> None:
    wrong = []
    for log, request, answer, line in made.each_line():
        meanings = read_log_format(log.log_format).meanings
        if answer.status is not None and line["status"] != answer.status:
            wrong.append((log.file, request.name, line["status"], answer.status))
        if Meaning.BYTES in meanings and made.server.counts_body and (line["bytes"] or 0) != answer.body_bytes:
            wrong.append((log.file, request.name, line["bytes"], answer.body_bytes))
    assert not wrong, "\n".join(map(str, wrong[:9]))


def test_times_are_those_of_the_requests(made: Made) -> None:
    for log, request, _, line in made.each_line():
        at = datetime.fromisoformat(str(line["time"])).timestamp()
        # Most formats log whole seconds.
        assert made.began - 1 <= at <= made.ended + 0.1, (log.file, request.name)
        meanings = read_log_format(log.log_format).meanings
        if (
            meanings & {Meaning.REQUEST_TIME_S, Meaning.REQUEST_TIME_MS, Meaning.REQUEST_TIME_US}
            and line["request_time_s"]
        ):
            assert 0 <= float(line["request_time_s"]) <= made.ended - made.began + 1, (log.file, request.name)
