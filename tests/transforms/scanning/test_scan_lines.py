"""Lines as servers write them, valid and damaged, are parsed as by the slow reference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.pipelines.display.explain_lines import Explanation, LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.vocabulary import UNKNOWN
from tests.reference import Hit, ReferenceSettings, compile_format, parse_line
from tests.reference.describe import describe_all
from tests.reference.formats import UNCOVERED
from tests.reference.lines import text_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FORMATS = (
    "combined",
    "common",
    "vhost_combined",
    "footfall",
    '$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_x_forwarded_for" $body_bytes_sent',
    '[$time_local] $host $remote_addr $request_time "$request" $status $body_bytes_sent $http_referer $http_user_agent',
    '$remote_addr:$remote_port [$time_iso8601] "$request_method $request_uri $server_protocol" $status $bytes_sent',
    '$msec\t$http_x_forwarded_for\t$status\t$request_uri\t"$http_user_agent"\t$upstream_response_time',
    '"$remote_addr" "$request" $status $upstream_addr $upstream_response_time $time_iso8601 $cookie_sid',
    '%v:%p %a %{X-Forwarded-For}i %u %t "%r" %>s %O %D "%{User-Agent}i" "%{session}C"',
    '%{msec}t %h "%m" %s %B %{ms}T %T %{Host}i "%{Referer}i"',
    *(name for name, text in NAMED_FORMATS.items() if not text.startswith("w3c:") and name not in UNCOVERED),
)

VALUES: dict[str, tuple[str, ...]] = {
    "client": (
        *("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.7", "[2001:db8::2]:443", "192.0.2.3:80", "fe80::1%eth0", "::1"),
        *(
            "unix:",
            "unix:/run/x.sock",
            "host.example",
            "host.example:80",
            "-",
            "",
            "192.0.2.256",
            "10.0.0.1, 192.0.2.9",
        ),
        *("a;b", "010.0.0.1", "1.2.3", "unknown, 198.51.100.2", "2001:db8::1:2:3:4:5:6:7"),
    ),
    "forwarded": ("-", "", "192.0.2.4", "10.1.2.3, 198.51.100.7:9, 192.0.2.1", "unknown", "127.0.0.1, ::1", '\\"x\\"'),
    "user": ("-", "", '""', "frank", "jo@example.org", "DOMAIN\\\\jo", "two words", "- - b", "a, b", "x -"),
    "site": ("www.example.org", "WWW.Example.org.", "192.0.2.1", "_", "-", "", "a:80", "-x", "x.9", "[::1]"),
    "time_local": (
        *("10/Oct/2000:13:55:36 -0700", "01/Jun/2026:00:00:00 +0000", "29/Feb/2024:23:59:60 +0530", "-", ""),
        *(
            "31/Jun/2026:00:00:00 +0000",
            "01/jun/2026:00:00:00 +0000",
            "01/Jan/1969:00:00:00 +0000",
            "01/Jun/2026:00:00:00",
            "01/Jun/2026:00:00:00.655",
        ),
    ),
    "time_iso": (
        "2026-06-01T12:00:00+02:00",
        "2026-06-01T12:00:00.123456Z",
        "2026-06-01 12:00:00",
        "2026-13-01T00:00:00Z",
    ),
    "time_s": ("1780272000.123", "1780272000", "-1", "", "999999999999999999"),
    "time_ms": ("1780272000123", "1780272000123.9", "x"),
    "time_us": ("1780272000123456", "x"),
    "request": (
        *(
            "GET / HTTP/1.1",
            "GET /a?b=c#d HTTP/2.0",
            "HEAD http://www.example.org HTTP/1.1",
            "-",
            "",
            "GET /a b HTTP/1.1",
        ),
        *(
            "\\x16\\x03\\x01",
            "PRI * HTTP/2.0",
            "GET",
            "GET HTTP/1.0",
            "GET  HTTP/1.0",
            "get /x",
            "POST /?",
            "SSH-2.0-Go",
        ),
        *(
            'GET /\\"x\\" HTTP/1.1',
            "GET /\\xC3\\xA9 HTTP/1.1",
            "GET ?q HTTP/1.1",
            "- http://www.example.org:80- -",
            "GET https://www.example.org:443?q=a#b HTTP/1.1",
            "GET //x://y HTTP/1.1",
            "-A /x HTTP/1.1",
        ),
    ),
    "url": ("/", "/a?b=c", "http://a.example/b", "-", "*", "/x#y", "a:b://c"),
    "method": ("GET", "POST", "-", "", "M-SEARCH", "1"),
    "protocol": ("HTTP/1.1", "-", "HTTP/2.0"),
    "status": ("200", "304", "404", "000", "-", "", "20", "2000", "2x0", "-1"),
    "body_bytes": ("0", "2326", "-", "", "x", "9" * 18, "9" * 19),
    "all_bytes": ("1", "-", "1.5"),
    "referrer": ("-", "", "https://www.example.org/x", "\\x22", 'a\\"b', "(none)"),
    "agent": ("-", "", "Mozilla/5.0 (X11; Linux x86_64)", '\\"curl\\"', "a [10/Oct/2000:13:55:36 b", "\\\\", "\\t"),
    "session": ("-", "", "a1b2", "x\\x22"),
    "request_s": (
        "0.010",
        "-",
        "",
        "1",
        "-0.001",
        "0.1, 0.2",
        "0.1 : -",
        "0,1",
        "1e3",
        "9" * 19,
        "5.",
        "0.1 0.2 -1",
        "-1 -1 -1",
    ),
    "request_ms": ("12", "-", "x"),
    "request_us": ("1200", "-", "-1", "1.5"),
    "upstream_s": ("0.010, 0.020 : 0.030", "-", "-, 0.5", "0.001", "x"),
    "type": ("text/html", "-", "image/png"),
    "": ("-", "x", "192.0.2.1:80, 192.0.2.2:80", "", "a : b"),
}
"""The reference's name of a field → values that servers write, then invalid ones."""

DAMAGE = (
    b'"',
    b"\\",
    b"\xff",
    b"\xc3\xa9",
    b"\r",
    b" ",
    b"-",
    b",",
    b":",
    b"[",
    b"]",
    b"\x00",
    b'" ',
    b" : ",
    b" - ",
    b"0",
)


@st.composite
def lines_of(draw: st.DrawFn, log_format: str) -> bytes:
    """A line of a format; every second one is damaged."""
    line = b""
    for piece in compile_format(log_format).pieces:
        # Prefer the first values, which servers write.
        values = VALUES[piece.text] if piece.is_field else (piece.text,)
        line += values[draw(st.integers(0, len(values) - 1)) if draw(st.integers(0, 3)) == 0 else 0].encode()
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        place = draw(st.integers(0, len(line)))
        kind = draw(st.sampled_from(("cut", "insert", "insert", "flip", "drop", "double")))
        if kind == "cut":
            line = line[:place]
        elif kind == "insert":
            line = line[:place] + draw(st.sampled_from(DAMAGE)) + line[place:]
        elif kind == "flip":
            line = line[:place] + bytes([draw(st.integers(0, 255))]) + line[place + 1 :]
        elif kind == "drop":
            line = line[:place] + line[place + draw(st.integers(1, 12)) :]
        else:
            line = line[:place] + line
    return line.replace(b"\n", b"")


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A format and some lines."""
    log_format = draw(st.sampled_from(FORMATS))
    return log_format, draw(st.lists(lines_of(log_format), min_size=1, max_size=12))


@cache
def explainer() -> LineExplainer:
    return LineExplainer(load_settings(None, {}))


def told(explanation: Explanation) -> dict[str, Any]:
    """Convert an explanation to the terms of the reference."""
    if "reject" in explanation:
        return {"reject": explanation["reject"]}
    seconds = explanation["request_time_s"]
    return {
        **{
            key: explanation[key]
            for key in ("client", "user", "method", "url", "path", "query", "protocol", "referrer")
        },
        **{
            key: explanation[key] for key in ("site", "traffic_class", "class_reason", "page_view", "country", "region")
        },
        "agent": explanation["user_agent"],
        "time_ms": (datetime.fromisoformat(str(explanation["time"])) - EPOCH) // timedelta(milliseconds=1),
        "status": explanation["status"] or 0,
        "bytes_sent": explanation["bytes"] or 0,
        "request_us": None if seconds is None else round(float(seconds) * 1e6),
        "session": explanation["session"],
    }


def expected(line: bytes, log_format: str) -> dict[str, Any]:
    """Parse a line with the reference."""
    run = ReferenceSettings(log_format=log_format)
    hit = parse_line(line.removesuffix(b"\r"), run)
    if not isinstance(hit, Hit):
        return {"reject": hit}
    fields = set(compile_format(log_format).fields)
    (described,) = describe_all([hit], "agent" in fields, run)
    return {
        **{key: getattr(hit, key) for key in ("user", "path", "query", "protocol", "referrer", "agent", "time_ms")},
        **{key: getattr(hit, key) for key in ("status", "bytes_sent", "request_us")},
        **{key: getattr(described, key) for key in ("traffic_class", "class_reason", "page_view")},
        "client": text_of(hit.client),
        "method": hit.method,
        "url": hit.url if hit.url is not None else hit.request,
        "site": known(hit.site),
        "session": hit.session is not None,
        "country": known(described.place[1]),
        "region": known(described.place[2]),
    }


def known(text: str) -> str | None:
    return None if text == UNKNOWN else text


@given(logs())
@settings(max_examples=400, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_scanner_agrees_with_the_reference(log: tuple[str, list[bytes]]) -> None:
    log_format, lines = log
    content = b"\n".join(lines) + b"\n"
    explanations = list(explainer().explain(scan_block(padded(content), len(content), log_format), 1))
    assert [told(one) for one in explanations] == [expected(line, log_format) for line in lines]
