"""Damaged lines of every format: none breaks the reading, none is taken for more than it is, and none harms another.

What a damaged line means is what the slow reference says. `FOOTFALL_FUZZ=20000` makes so many damaged lines of each
format instead of some hundred, from another seed with `FOOTFALL_FUZZ_SEED`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

import pytest

from footfall.pipelines.display.explain_lines import Explanation, LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.line_formats import NAMED_FORMATS
from footfall.transforms.formats.log_formats import WRAPPINGS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.vocabulary import MAX_LINE_BYTES, REJECT_REASONS, UNKNOWN
from tests.reference import Hit, ReferenceSettings, compile_format, parse_line
from tests.reference.formats import UNCOVERED
from tests.reference.lines import milliseconds
from tests.reference.wrappings import open_lines
from tests.transforms.scanning.test_unwrap_lines import unwrap

DAMAGED_LINES = int(os.environ.get("FOOTFALL_FUZZ", "150"))
SEED = os.environ.get("FOOTFALL_FUZZ_SEED", "1")

# Lines of W3C logs are damaged in `test_scan_w3c`.
FORMATS = (
    *(name for name, text in NAMED_FORMATS.items() if not text.startswith("w3c:") and name not in UNCOVERED),
    '$remote_addr - [$msec] "$request" $status "$http_x_real_ip" "$http_x_forwarded_for" "$http_forwarded" '
    "$request_time $cookie_sid",
    '%v:%p %a %{c}a %u %t "%m" %>s %b %D "%{Cookie}i" "%{sid}C"',
    '$time_iso8601|$remote_addr|$request_method|$request_uri|$status|$upstream_response_time|"$http_user_agent"',
)

# What may stand in a field, by the reference's name of it; TOKENS in one that is not used.
VALUES: dict[str, tuple[str, ...]] = {
    "client": ("192.0.2.7", "2001:db8::7", "203.0.113.9", "host.example", "-"),
    "peer": ("10.0.0.2", "192.0.2.7"),
    "edge_client": ("-", "198.51.100.3"),
    "proxy_client": ("-", "198.51.100.4"),
    "forwarded": ("-", "198.51.100.7, 10.0.0.1", "for=198.51.100.8", "unknown"),
    "user": ("-", "frank", "a@example.org"),
    "time_local": ("01/Jun/2026:12:00:00 +0200", "28/Feb/2026:23:59:60 -0330", "01/Jun/2026:12:00:00.123"),
    "time_iso": ("2026-06-01T12:00:00+02:00", "2026-06-01T12:00:00.250Z", "2026-06-01 12:00:00"),
    "time_s": ("1780308000", "1780308000.125"),
    "time_ms": ("1780308000125",),
    "time_us": ("1780308000125000",),
    "request": (
        *("GET / HTTP/1.1", "GET /a/b.html?q=x%20y#z HTTP/2.0", "POST /api/v1 HTTP/1.1", "-", r"\x16\x03\x01"),
        *(r"GET /\x22caf\xC3\xA9 HTTP/1.1", "GET http://www.example.org:80/a HTTP/1.1", "HEAD /x", "PRI * HTTP/2.0"),
    ),
    "method": ("GET", "POST", "-"),
    "url": ("/", "/a?b=c", "http://www.example.org/a"),
    "path": ("/", "/a/b"),
    "query": ("-", "a=b", "?a=b"),
    "protocol": ("HTTP/1.1", "HTTP/2.0"),
    "status": ("200", "404", "503", "000", "-"),
    "body_bytes": ("0", "2326", "-"),
    "all_bytes": ("0", "2326", "-"),
    "referrer": ("-", "https://www.example.org/a", r"https://a.example/\"q\""),
    "agent": (
        "-",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "curl/8.5.0",
        "Googlebot/2.1",
    ),
    "site": ("www.example.org", "192.0.2.1", "-"),
    "session": ("-", "0123456789abcdef"),
    "request_s": ("0.010", "1", "-"),
    "upstream_s": ("0.010, 0.020 : 0.030", "-"),
    "request_ms": ("15", "0"),
    "request_us": ("1500", "-"),
}
TOKENS = ("-", "x", "12", "web", "a/b", "0/0/0/0", "HIER_NONE/-")
JUNK = (
    *(b'"', b'""', b"\\", b'\\"', b"\\x", b"\\x2", b"\\x22", b"[", b"]", b"{", b"}", b" ", b"  ", b"\t", b"\r", b"\0"),
    *(b",", b", ", b" : ", b":", b";", b"-", b"- -", b" - - ", b"|", b"+", b"%", b"%00", b"#", b"HTTP/", b" HTTP/1.1"),
    *(b"\xef\xbb\xbf", b"\xc3\xa9", b"\xff", b"[01/Jun/2026:12:00:00 +0000]", b"999", b"18446744073709551616", b"0"),
    *(b"1e9", b"-1", b"::", b"::ffff:", b"for=", b'"-" 408 - "-" "-"', b"\x1b[31m", b"a" * 300, b"\x16\x03\x01\x02"),
)


def make_line(log_format: str, random: Random) -> bytes:
    """A line of a format that the reference takes for a hit."""
    settings = ReferenceSettings(log_format=log_format)
    for _ in range(200):
        line = "".join(
            " ".join(random.choices(VALUES.get(piece.text, TOKENS), k=piece.words)) if piece.is_field else piece.text
            for piece in compile_format(log_format).pieces
        ).encode()
        # A line end in a format stands for blanks that fill up a column.
        line = line.replace(b"\n", b" " * random.randrange(4))
        if isinstance(parse_line(line, settings), Hit):
            return line
    raise AssertionError(f"no line of {log_format} is understood; VALUES needs something for its fields")


def cut(line: bytes, other: bytes, random: Random) -> bytes:
    return line[: random.randrange(len(line) + 1)]


def cut_front(line: bytes, other: bytes, random: Random) -> bytes:
    return line[random.randrange(len(line) + 1) :]


def join(line: bytes, other: bytes, random: Random) -> bytes:
    return line[: random.randrange(len(line) + 1)] + other[random.choice((0, 0, random.randrange(len(other)))) :]


def flip(line: bytes, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(line))
    return line[:place] + bytes([line[place] ^ 1 << random.randrange(8)]) + line[place + 1 :]


def insert(line: bytes, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(line) + 1)
    return line[:place] + random.choice(JUNK) + line[place:]


def replace(line: bytes, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(line))
    return line[:place] + random.choice(JUNK) + line[place + random.randrange(1, 4) :]


def leave_out(line: bytes, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(line))
    return line[:place] + line[place + random.choice((1, 1, 2, 10)) :]


def repeat(line: bytes, other: bytes, random: Random) -> bytes:
    begin = random.randrange(len(line))
    end = begin + random.choice((1, 2, 20))
    return line[:end] + line[begin:end] * random.choice((1, 2, 5)) + line[end:]


def double_marks(line: bytes, other: bytes, random: Random) -> bytes:
    mark = random.choice((b'"', b"[", b"]", b" ", b"\\", b"-", b":"))
    return line.replace(mark, mark * 2, random.choice((1, 2, -1)))


def lengthen(line: bytes, other: bytes, random: Random) -> bytes:
    place = random.randrange(len(line) + 1)
    return line[:place] + random.choice((b"a", b" ", b'\\"')) * random.choice((8_000, 66_000)) + line[place:]


DAMAGES: tuple[Callable[[bytes, bytes, Random], bytes], ...] = (
    *(cut, cut_front, join, flip, flip, flip, insert, insert, insert, insert),
    *(replace, replace, leave_out, leave_out, repeat, double_marks),
)


def damage(line: bytes, other: bytes, random: Random) -> bytes:
    """A line damaged once or more, still one line."""
    damaged = line
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if damaged:
            change = lengthen if random.random() < 0.004 else random.choice(DAMAGES)
            damaged = change(damaged, other, random).replace(b"\n", b"\v")
    return damaged


@cache
def explainer() -> LineExplainer:
    """One for all: what it knows of agents and pages must not depend on what it has seen."""
    return LineExplainer(load_settings(None, {}))


def explain(lines: list[bytes], log_format: str) -> list[Explanation]:
    """What we make of lines that stand together in a block."""
    content = b"".join(line + b"\n" for line in lines)
    return list(explainer().explain(scan_block(padded(content), len(content), log_format), 1))


def told(hit: Hit) -> dict[str, Any]:
    """What `footfall parse` says of a hit that the reference understood."""
    return {
        "client": None if hit.client == "-" else hit.client,
        "user": hit.user,
        "method": hit.method,
        "url": hit.url if hit.url is not None else hit.request,
        "path": hit.path,
        "query": hit.query,
        "protocol": hit.protocol,
        "status": hit.status or None,
        "bytes": hit.bytes_sent,
        "referrer": hit.referrer,
        "user_agent": hit.agent,
        "site": None if hit.site == UNKNOWN else hit.site,
        "request_time_s": None if hit.request_us is None else hit.request_us / 1e6,
        "session": hit.session is not None,
    }


def difference(line: Explanation, expected: Hit | str) -> str | None:
    """In what an explanation differs from what the reference says."""
    if isinstance(expected, str) or "reject" in line:
        reason = expected if isinstance(expected, str) else "a hit"
        return None if line.get("reject") == reason else f"{line.get('reject', 'a hit')} instead of {reason}"
    found = {**line, "bytes": line["bytes"] or 0}
    wrong = {key: (found[key], value) for key, value in told(expected).items() if found[key] != value}
    at = milliseconds(datetime.fromisoformat(str(line["time"]).replace("Z", "+00:00")))
    if at != expected.time_ms:
        wrong["time"] = (at, expected.time_ms)
    return str(wrong) if wrong else None


@pytest.mark.parametrize("log_format", FORMATS)
def test_damaged_lines_mean_what_the_reference_says_and_harm_no_other(log_format: str) -> None:
    random = Random(f"{log_format} {SEED}")
    settings = ReferenceSettings(log_format=log_format)
    good = [make_line(log_format, random) for _ in range(40)]
    unharmed = explain(good, log_format)
    assert not any("reject" in line for line in unharmed)
    wrong: list[tuple[bytes, str]] = []
    for _ in range(0, DAMAGED_LINES, len(good)):
        damaged = [damage(line, random.choice(good), random) for line in good]
        found = explain([line for pair in zip(good, damaged, strict=True) for line in pair], log_format)
        assert [line["line_number"] for line in found] == [*range(1, 2 * len(good) + 1)]
        assert {line["reject"] for line in found if "reject" in line} <= set(REJECT_REASONS[1:])
        for before, after in zip(unharmed, found[::2], strict=True):
            assert {**after, "line_number": 0} == {**before, "line_number": 0}
        for line, explanation in zip(damaged, found[1::2], strict=True):
            different = difference(explanation, parse_line(line.removesuffix(b"\r"), settings))
            wrong += [(line[:500], different)] if different else []
    assert not wrong, "\n".join(map(str, wrong[:5])) + f"\n{len(wrong)} lines"


FOUND = (
    ("common", b'203.0.113.9 web frank [01/Jun/2026:12:00:00.123] "GET - HTTP/1.1" 200 2326'),
    (
        "vhost_combined",
        b'192.0.2.1www.example.org:80 198.51.100.7 - - [01/Jun/2026:12:00:00 +0200] "GET / HTTP/1.1" 200 1 "-" "-"',
    ),
    # A host that is a postcode of London names no site.
    (
        "vhost_combined",
        b'w1e9ww.example.org:80 192.0.2.7 - - [01/Jun/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"',
    ),
    # An escape in the host of a url is a character of it; a name with an empty label names no site.
    *(
        (
            "elb",
            b"2026-06-01T12:00:00+02:00 a/b 192.0.2.7:HIER_NONE/- web - - 0.010 000 x HIER_NONE/- - "
            b'"GET http://www.exampl' + end + b':80/a HTTP/1.1" "-" - HIER_NONE/-',
        )
        for end in (rb"\x2e.org", rb"e\x2eorg", b"e..org")
    ),
    # Between date and time a tab may stand.
    ("zoraxy", b"a/b x [2026-06-01\t12:00:00.250Z] [router:x] [origin:-] [client: 203.0.113.9] [useragent: a] - / 200"),
    ("granian", b'[2026-06-01\t12:00:00+02:00] 203.0.113.9 - "GET ht|://www.example.o:80/a HTTP/1.1" 503 0'),
    ("couchdb", b"[x] 2026-06-01\t12:00:00+02:00 x - web 192.0.2.1 192.0.2.7 frank GET /a?b=c - HIER_NONE/- 15"),
    # An IPv4 address has no zone.
    (
        "bunny",
        rb"a/b|503|17 : 80308000125|-|12|192.0.2.7%00tps://a.example/\"q\|https://a.example/\"q\"|/|a/b|curl/8.5.0|"
        b"HIER_NONE/-|0/0/0/0",
    ),
    ("common", b'192.0.2.7%0:x - - [01/Jun/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1'),
    # In a url, `-` is a query like any other.
    ("squid", b"1780308000    0 - -/200 - GET /a?- -b=c a@example.org web web"),
    ("squid", b"178030800 15 -- 12/404 2326 GET /a?- -b=c a@example.org 0/0/0/0 x"),
    # A peer of ::/96 is the IPv4 address in it, here one of 0.0.0.0/8, so that what it forwards is believed.
    *(
        (FORMATS[-3], b'%b - [1780308000] "GET / HTTP/1.1" 200 %b 1 -' % (peer, fields))
        for peer in (b"::7", b"::9:7", b"::a00:7", b"::c000:207", b"2001:db8,::7")
        for fields in (b'"-" "unknown" "198.51.100.7, 10.0.0.1"', b'"-" "-" "unknown"', b'"198.51.100.4" "-" "-"')
    ),
    *(
        (
            "istio",
            b'[2026-06-01T12:00:00Z] "GET / HTTP/1.1" 200 web - a/b "web" a/b 2326 0 12 "%b" "-" "x" "-" "12" x x x '
            b"%b x a/b" % fields,
        )
        for fields in ((b"unknown", b"2001:db,::7"), (b"for=18.51.100.8", b"2001:db8, ::7"))
    ),
)
"""Damaged lines that once meant something else to the reference."""


@pytest.mark.parametrize(("log_format", "line"), FOUND)
def test_lines_that_were_found_mean_what_the_reference_says(log_format: str, line: bytes) -> None:
    (explanation,) = explain([line], log_format)
    assert not difference(explanation, parse_line(line, ReferenceSettings(log_format=log_format)))


# Pairs and objects behind words become objects: they are damaged in `test_write_objects`.
ENVELOPES: dict[str, Callable[[bytes], bytes]] = {
    "cri": lambda line: b"2026-06-01T12:00:00.669794202Z stdout F " + line,
    "syslog": lambda line: b"<190>Jun  1 12:00:00 web1 nginx[7]: " + line,
    "journal": lambda line: b"MESSAGE=" + line,
    "journal-json": lambda line: b'{"PRIORITY":"6","MESSAGE":%b}' % json_text(line),
    "json-message": lambda line: b'{"@timestamp":"2026-06-01T12:00:00Z","message":%b}' % json_text(line),
    "compose": lambda line: b"web-1  | " + line,
    "fly": lambda line: b"2026-06-01T12:00:00Z app[d891] ams [info] " + line,
    "words": lambda line: b"2026-06-01 12:00:00,123 7 INFO shop werkzeug: " + line,
    "docker": lambda line: b'{"log":%b,"stream":"stdout","time":"2026-06-01T12:00:00Z"}' % json_text(line + b"\n"),
}


def json_text(line: bytes) -> bytes:
    return json.dumps(line.decode("utf-8", "replace"), ensure_ascii=False).encode()


@pytest.mark.parametrize("wrapping", [name for name in WRAPPINGS if name in ENVELOPES])
def test_damaged_envelopes_mean_what_the_reference_says(wrapping: str) -> None:
    random = Random(f"{wrapping} {SEED}")
    settings = ReferenceSettings(log_format="combined")
    good = [make_line("combined", random) for _ in range(40)]
    wrong: list[tuple[bytes, str]] = []
    for _ in range(0, DAMAGED_LINES, len(good)):
        lines = []
        for line in good:
            inside = damage(line, random.choice(good), random) if random.random() < 0.2 else line
            wrapped = ENVELOPES[wrapping](inside)
            lines += [wrapped, damage(wrapped, ENVELOPES[wrapping](random.choice(good)), random)]
        found = explain(lines, f"{wrapping}+combined")
        opened = open_lines(lines, [wrapping])
        assert len(found) == len(lines)
        for line, content, explanation in zip(lines, opened, found, strict=True):
            expected = parse_line(content, settings) if isinstance(content, bytes) else content
            different = difference(explanation, expected)
            wrong += [(line[:500], different)] if different else []
    assert not wrong, "\n".join(map(str, wrong[:5])) + f"\n{len(wrong)} lines"


def docker_part(text: bytes, is_last: bool, stream: bytes) -> list[bytes]:
    return [b'{"log":%b,"stream":"%b","time":"2026-06-01T12:00:00Z"}' % (json_text(text + b"\n" * is_last), stream)]


def cri_part(text: bytes, is_last: bool, stream: bytes) -> list[bytes]:
    return [b"2026-06-01T12:00:00.669794202Z %b %b %b" % (stream, b"F" if is_last else b"P", text)]


def journal_field(text: bytes, is_last: bool, stream: bytes) -> list[bytes]:
    """A message, or a field whose value has a length before it and may have line ends in it."""
    if is_last:
        return [b"MESSAGE=" + text]
    value = text.replace(b" ", b"\n") if stream == b"stdout" else text + b"\r"
    return [b"_FIELD", *(len(value).to_bytes(8, "little") + value).split(b"\n")]


@pytest.mark.parametrize(
    ("wrapping", "write"), [("docker", docker_part), ("cri", cri_part), ("journal", journal_field)]
)
def test_parts_of_records_between_damaged_lines_are_joined_for_any_division_into_blocks(
    wrapping: str, write: Callable[[bytes, bool, bytes], list[bytes]]
) -> None:
    random = Random(f"parts of {wrapping} {SEED}")
    texts = [make_line("combined", random) for _ in range(40)]
    for _ in range(0, DAMAGED_LINES, 20):
        lines: list[bytes] = []
        while len(lines) < 20:
            text = random.choice(texts)
            text = text[: random.choice((0, 1, 40, len(text)))]
            written = write(text, random.random() < 0.5, random.choice((b"stdout", b"stdout", b"stderr")))
            is_damaged = random.random() < 0.4
            other = written[0]
            lines += [damage(line, other, random) for line in written] if is_damaged else written
        cuts = tuple(random.sample(range(len(lines)), 3))
        found = unwrap(b"".join(line + b"\n" for line in lines), (wrapping,), cuts)
        opened = [one.removesuffix(b"\r") if isinstance(one, bytes) else one for one in found]
        # Of a record that is too long, no more is kept than what shows that.
        told = [one[: MAX_LINE_BYTES + 1] for one in opened]
        assert told == [one[: MAX_LINE_BYTES + 1] for one in open_lines(lines, [wrapping])], (cuts, lines)


JSON_LINES: dict[str, bytes] = {
    "nginx_json": rb'{"time_iso8601":"2026-06-01T00:00:00+00:00","remote_addr":"192.0.2.7","remote_user":"","request":'
    rb'"GET /a\"b?c=\\d HTTP/1.1","status":"200","body_bytes_sent":"154","http_referer":"","http_user_agent":"curl/8.5"'
    rb',"request_time":"0.012","http_x_forwarded_for":"198.51.100.7, 10.0.0.1"}',
    "caddy": rb'{"level":"info","ts":1780272000.123,"logger":"http.log.access","msg":"handled request","request":{'
    rb'"remote_ip":"192.0.2.7","remote_port":"4711","proto":"HTTP/2.0","method":"GET","host":"www.example.org","uri":'
    rb'"/a?b=c","headers":{"User-Agent":["curl/8.5.0"],"X-Forwarded-For":["198.51.100.7"]}},"duration":0.000929675,'
    rb'"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}',
    "traefik_json": rb'{"ClientAddr":"192.0.2.7:4711","ClientHost":"192.0.2.7","ClientUsername":"-","Duration":2001375,'
    rb'"DownstreamContentSize":357,"DownstreamStatus":200,"RequestHost":"www.example.org","RequestMethod":"GET",'
    rb'"RequestPath":"/a?b=c","RequestProtocol":"HTTP/2.0","StartUTC":"2026-06-01T00:00:00.587782192Z"}',
}


@pytest.mark.parametrize("log_format", JSON_LINES)
def test_damaged_json_lines_mean_what_the_reference_says_and_harm_no_other(log_format: str) -> None:
    random = Random(f"{log_format} {SEED}")
    settings = ReferenceSettings(log_format=log_format)
    line = JSON_LINES[log_format]
    (unharmed,) = explain([line], log_format)
    assert "reject" not in unharmed
    wrong: list[tuple[bytes, str]] = []
    for _ in range(0, DAMAGED_LINES, 40):
        damaged = [damage(line, line, random) for _ in range(40)]
        found = explain([one for pair in zip([line] * 40, damaged, strict=True) for one in pair], log_format)
        assert len(found) == 80
        assert {one["reject"] for one in found if "reject" in one} <= set(REJECT_REASONS[1:])
        assert all({**one, "line_number": 1} == unharmed for one in found[::2])
        for one, explanation in zip(damaged, found[1::2], strict=True):
            different = difference(explanation, parse_line(one.removesuffix(b"\r"), settings))
            wrong += [(one[:500], different)] if different else []
    assert not wrong, "\n".join(map(str, wrong[:5])) + f"\n{len(wrong)} lines"
