"""JSON lines, valid and damaged, are parsed as by the slow reference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.transforms.formats.fields import Meaning
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from tests.transforms.scanning.test_scan_lines import expected, explainer, told

MAPPING = (
    'json:{"client":["c","who.ip"],"forwarded":["h.X-Forwarded-For"],"user":["user"],"time":["ts","at.time"],'
    '"method":["m"],"url":["u"],"protocol":["p"],"status":["s"],"bytes":["b"],"referrer":["h.Referer"],'
    '"user-agent":["h.User-Agent","ua"],"duration-s":["d"],"session":["sid"],"site":["host"]}'
)
EITHER = (
    'json:{"client":["c"],"time":["ts"],"request":["r"],"method":["m"],"url":["u"],"protocol":["p"],'
    '"duration-ns":["d"],"bytes":["b"]}'
)
FORMATS = (MAPPING, EITHER, "caddy", "traefik_json", "gclb")
RECORD = {"c": "192.0.2.7", "ts": 1780272000, "m": "GET", "u": "/a", "s": 200}


def field(line: bytes, meaning: Meaning, log_format: str = MAPPING) -> bytes | str | None:
    """Return a field of a single line, None if it is absent, or the reject reason."""
    (part,) = scan_block(padded(line + b"\n"), len(line) + 1, log_format).parts
    if part.rejects[0]:
        return str(expected(line, log_format)["reject"])
    begins, ends = part.offsets(meaning)
    return part.block[begins[0] : ends[0]].tobytes() if begins[0] >= 0 else None


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (rb'"/a"', b"/a"),
        (rb'"\/a\u00e9\ud83d\ude00"', "/aé😀".encode()),
        (rb'"/\ud83dx\ude00"', "/\ufffdx\ufffd".encode()),
        (rb'"/\"\\\n\u0022\u005c\u0001"', rb"/\"\\\n\"\\\x01"),
        (rb'"/\x22\u12"', rb"/\x22\u12"),
        (b'"/\xff\xc3\xa9"', b"/\xff\xc3\xa9"),
        (b"123", b"123"),
        (b"-1.5e+3", b"-1.5e+3"),
        (b"null", None),
        (b'"null"', b"null"),
        (b"-", None),
        (b'""', None),
        (b"", None),
        (b'{"x":"/a"}', None),
        (b"[]", None),
        (b'["/a"]', b"/a"),
        (b'[null, "-", ["/x"], {"u": "/y"}, "/a"]', b"/a"),
        (rb'["a\n","b", 3]', rb"a\n, b, 3"),
        (b'"/a","u":"/b"', b"/a"),
        (b'"","u":"/b"', b"/b"),
    ],
)
def test_a_value_is_read_as_it_is_meant(value: bytes, url: bytes | None) -> None:
    assert field(b'{"c":"192.0.2.7","ts":1780272000,"s":200,"u":%b}' % value, Meaning.URL) == url


def test_lists_of_cookies_are_joined_as_cookies_are() -> None:
    line = b'{"ts":1780272000.1,"status":200,"request":{"headers":{"Cookie":["a=1","sid=x"]}}}'
    assert field(line, Meaning.COOKIE_HEADER, "caddy") == b"a=1; sid=x"


def test_a_long_list_of_numbers_has_room() -> None:
    line = b'{"ts":1780272000,"s":200,"u":[%b]}' % b",".join([b"1"] * 5000)
    assert field(line, Meaning.URL) == b", ".join([b"1"] * 5000)


@pytest.mark.parametrize(
    ("line", "reject"),
    [
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a"}', None),
        (b' {"c":"192.0.2.7",\t"ts" : 1780272000 ,"u":"/a",} \r', None),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a"', "cut"),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a', "cut"),
        (b'{"c":"192.0.2.7","ts":', "cut"),
        (b"{", "cut"),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a"}{"c":"192.0.2.8","ts":1780272000,"u":"/a"}', "joined"),
        (b'{"c":"192.0.2.7","ts":17802{"c":"192.0.2.8","ts":1780272000,"u":"/a"}', "joined"),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a"}}', "format"),
        (b'{"c":"192.0.2.7" "ts":1780272000,"u":"/a"}', "format"),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":["/a"}}', "format"),
        (b'["c","192.0.2.7"]', "format"),
        (b"192.0.2.7 - - [", "format"),
        (b'{"c":"192.0.2.7","ts":1780272000,"msg":"started"}', "no_request"),
        (b'{"x":' + b"[" * 100 + b"]" * 100 + b',"ts":1780272000,"u":"/a"}', "format"),
        (b'{"c":"192.0.2.7","u":"/a"}', "time"),
        (b'{"c":"192.0.2.7","ts":"yesterday","u":"/a"}', "time"),
        (b'{"c":"","ts":1780272000,"u":"/a"}', "client"),
        (b'{"c":"","who":{"ip":"192.0.2.7"},"ts":1780272000,"u":"/a"}', None),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a","s":"abc"}', "status"),
        (b'{"c":"192.0.2.7","ts":1780272000,"u":"/a","b":"many"}', "number"),
        (b" \t", "empty"),
        (b'{"x":"' + b"x" * 65_536 + b'","ts":1780272000,"u":"/a"}', "too_long"),
    ],
)
def test_a_line_that_is_no_hit_says_why_and_harms_no_neighbour(line: bytes, reject: str | None) -> None:
    good = json.dumps(RECORD).encode()
    content = b"\n".join([good, line, good]) + b"\n"
    first, found, last = explainer().explain(scan_block(padded(content), len(content), MAPPING), 1)
    assert found.get("reject") == reject
    assert told(first) == told(last) == expected(good, MAPPING)
    assert told(found) == expected(line, MAPPING)


TIMES = (
    *(1780272000, 1780272000.1239, 1780272000123, 1780272000123456, 1780272000123456789, "1780272000.123", 0, -1),
    *("2026-06-01T00:00:00Z", "2026-06-01T00:00:00.587782192+02:00", "2026/06/01 00:00:00.5", "2026-06/01 00:00:00"),
    *("01/Jun/2026:00:00:00 +0200", "[01/Jun/2026:00:00:00 +0200]", "[]", "x", None, 9223372036854775808, 99999999999),
)
VALUES: dict[str, tuple[Any, ...]] = {
    "c": ("192.0.2.7", "2001:db8::7", "[2001:db8::7]:80", "", "-", None, "10.0.0.1, 192.0.2.9", 7, ["192.0.2.1"]),
    "ts": TIMES,
    "m": ("GET", "POST", "", None, "M-SEARCH", 'G"T'),
    "u": ("/", "/a?b=c#d", "/é\U0001f600", '/"\\\n\x01', "https://www.example.org/x?y", "", None, "*", ["/a", "/b"]),
    "p": ("HTTP/1.1", "HTTP/2.0", None, ""),
    "s": (200, "404", 0, "000", None, "-", 2000, True, "2x0"),
    "b": (0, "364", None, -1, 1.5, 10**18),
    "d": (0.000002701, 9.2e-05, "0.123s", "2.7µs", 2001375, None, -1, "1, 2", "fast", 1e300),
    "r": ("GET /a HTTP/1.1", "GET /a b HTTP/1.1", "-", "", None, "\x16\x03"),
    "text": ("x", "", "-", None, 'a"b\\c', "é", ["a", "-", None, "b"], [], {"u": "/z"}, [[1], 2], False),
}
PLACES = {
    MAPPING: {
        "c": "c who.ip",
        "ts": "ts at.time",
        **{key: key for key in "musb"},
        "p": "p",
        "d": "d",
        "text": "h.X-Forwarded-For h.Referer h.User-Agent ua user sid host other",
    },
    EITHER: {"c": "c", "ts": "ts", "m": "m", "u": "u", "p": "p", "d": "d", "r": "r", "text": "other"},
    "caddy": {
        "c": "request.client_ip request.remote_ip request.headers.X-Forwarded-For",
        "ts": "ts",
        "m": "request.method",
        "u": "request.uri",
        "p": "request.proto",
        "s": "status",
        "b": "size",
        "d": "duration",
        "text": "user_id request.host request.headers.Referer request.headers.User-Agent resp_headers.Server",
    },
    "traefik_json": {
        "c": "ClientHost ClientAddr",
        "ts": "StartUTC time",
        "m": "RequestMethod",
        "u": "RequestPath",
        "p": "RequestProtocol",
        "s": "DownstreamStatus OriginStatus",
        "b": "DownstreamContentSize",
        "d": "Duration",
        "text": "ClientUsername RequestHost request_Referer request_User-Agent ServiceURL.Path",
    },
    "gclb": {
        "c": "httpRequest.remoteIp",
        "ts": "timestamp",
        "m": "httpRequest.requestMethod",
        "u": "httpRequest.requestUrl",
        "s": "httpRequest.status",
        "b": "httpRequest.responseSize",
        "d": "httpRequest.latency",
        "text": "httpRequest.referer httpRequest.userAgent insertId",
    },
}
"""Format → paths of values of each kind."""
DAMAGE = (b'"', b"\\", b"\xff", b"{", b"}", b"[", b"]", b",", b":", b"\r", b" ", b"\\x22", b"\\u00", b"null", b"-")


@st.composite
def lines_of(draw: st.DrawFn, log_format: str) -> bytes:
    """A line of a format; every second one is damaged."""
    written: dict[str, Any] = {}
    for kind, places in PLACES[log_format].items():
        for path in draw(st.permutations(places.split())):
            if draw(st.integers(0, 9)) == 0:
                continue
            choices = VALUES[kind]
            value = choices[draw(st.integers(0, len(choices) - 1)) if draw(st.integers(0, 3)) == 0 else 0]
            keys = path.split(".") if draw(st.integers(0, 9)) else [path]
            inner = written
            for key in keys[:-1]:
                inner = inner.setdefault(key, {})
            inner[keys[-1]] = value
    line = json.dumps(
        written, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    ).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        place = draw(st.integers(0, len(line)))
        kind = draw(st.sampled_from(("cut", "insert", "insert", "drop", "double")))
        if kind == "cut":
            line = line[:place]
        elif kind == "insert":
            line = line[:place] + draw(st.sampled_from(DAMAGE)) + line[place:]
        elif kind == "drop":
            line = line[:place] + line[place + draw(st.integers(1, 12)) :]
        else:
            line = line[:place] + line
    return line.replace(b"\n", b"")


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A format and some lines."""
    log_format = draw(st.sampled_from(FORMATS))
    return log_format, draw(st.lists(lines_of(log_format), min_size=1, max_size=6))


@given(logs())
@settings(max_examples=400, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_scanner_agrees_with_the_reference(log: tuple[str, list[bytes]]) -> None:
    log_format, lines = log
    content = b"\n".join(lines) + b"\n"
    explanations = list(explainer().explain(scan_block(padded(content), len(content), log_format), 1))
    assert [told(one) for one in explanations] == [expected(line, log_format) for line in lines]
