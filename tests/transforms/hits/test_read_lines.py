"""Scanned lines become numbers, codes of texts and digests of cookies; what is no hit is left out with a reason."""

from __future__ import annotations

import ipaddress
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from footfall.transforms.arrays import Key
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.formats.log_formats import join_log_formats
from footfall.transforms.hits.read_lines import NAME_MARK, LineReader, ReadLines, join_lines
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import as_key, digest_spans
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.choose_clients import TRUST_KNOWN, ProxyTrust
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS, CLIENT_NAME, CLIENT_NONE
from footfall.transforms.values.read_numbers import NO_NUMBER
from footfall.transforms.values.read_requests import (
    METHOD_GET,
    METHOD_HEAD,
    METHOD_NONE,
    METHOD_OTHER,
    METHOD_POST,
    PROTOCOLS,
)
from footfall.transforms.vocabulary import (
    DUPLICATE,
    REJECT_CLIENT,
    REJECT_FORMAT,
    REJECT_NUMBER,
    REJECT_STATUS,
    REJECT_TIME,
    UNKNOWN,
)

KEY, OTHER_KEY = as_key(bytes(range(16))), as_key(bytes(range(1, 17)))
SITE = "shop.example"
"""The site of formats without a field for it."""
FULL = (
    '$host $remote_addr [$time_local] "$request" $status $bytes_sent $request_time '
    '"$http_referer" "$http_user_agent" "$cookie_session"'
)
HEADER = '$host $remote_addr $msec "$http_cookie"'
JUNE_MS = 1_780_272_000_000
"""2026-06-01 00:00:00 UTC."""


def full_line(**changes: str) -> str:
    """A line of FULL with some fields changed."""
    usual = {
        **{"site": "www.example.org", "client": "192.0.2.1", "time": "01/Jun/2026:00:00:00 +0000"},
        **{"request": "GET /a HTTP/1.1", "status": "200", "bytes": "10", "seconds": "0.5"},
        **{"referrer": "-", "agent": "-", "cookie": "-"},
    }
    return '{site} {client} [{time}] "{request}" {status} {bytes} {seconds} "{referrer}" "{agent}" "{cookie}"'.format(
        **{**usual, **changes}
    )


def make_reader(
    key: Key = KEY, cookie_name: str = "", trust: ProxyTrust = TRUST_KNOWN
) -> tuple[LineReader, Descriptions]:
    """A reader, and the descriptions that it fills."""
    describe = Descriptions(key, SITE, (), ())
    return LineReader(describe, key, cookie_name, trust), describe


def scan(*lines: str, log_format: str = FULL) -> ScannedFields:
    """The places of the fields of lines that have one format."""
    content = "".join(f"{line}\n" for line in lines).encode()
    (part,) = scan_block(padded(content), len(content), log_format).parts
    return part


def read(*lines: str, log_format: str = FULL, key: Key = KEY, cookie_name: str = "") -> dict[str, list[Any]]:
    """The columns of lines with their texts in place of codes, None for an absent one; a client is one number."""
    reader, describe = make_reader(key, cookie_name)
    return show(reader.read_lines(scan(*lines, log_format=log_format)), describe)


def show(found: ReadLines, describe: Descriptions) -> dict[str, list[Any]]:
    """The columns of lines that were read, as `read` gives them."""
    tables = {name: getattr(describe, f"{name}s").strings for name in ("path", "url", "agent", "referrer")}
    texts = {name: [None, *(text.decode() for text in own.bytes_since(1).to_pylist())] for name, own in tables.items()}
    texts |= {"site": [*describe.sites], "protocol": [*PROTOCOLS]}
    columns = {name: getattr(found, name).tolist() for name in COLUMNS}
    shown = {name: [texts[name][code] for code in own] if name in texts else own for name, own in columns.items()}
    high, low = shown.pop("high"), shown.pop("low")
    shown["client"] = [one << 64 | other for one, other in zip(high, low, strict=True)]
    return shown


COLUMNS = [one.name for one in fields(ReadLines) if not one.name.startswith(("has_", "can_"))]


def number(address: str) -> int:
    """An address as `show` gives it."""
    return int(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("log_format", "lines", "expected"),
    [
        pytest.param(
            "combined",
            (
                '192.0.2.1 - - [01/Jun/2026:00:00:07 +0200] "GET /a?q=x HTTP/1.1" 304 - "http://b.example/" "Lynx"',
                '2001:db8::1 - jo [01/Jun/2026:00:00:00 +0000] "POST /b HTTP/1.1" 500 12 "-" "-"',
            ),
            {
                "lines": [0, 1],
                "time_ms": [JUNE_MS + 7_000 - 7_200_000, JUNE_MS],
                "status": [304, 500],
                "bytes_sent": [0, 12],
                "request_us": [NO_NUMBER, NO_NUMBER],
                "client": [number("192.0.2.1"), number("2001:db8::1")],
                "kind": [CLIENT_ADDRESS, CLIENT_ADDRESS],
                "session": [0, 0],
                "site": [SITE, SITE],
                "method": [METHOD_GET, METHOD_POST],
                "protocol": ["HTTP/1.1", "HTTP/1.1"],
                "path": ["/a", "/b"],
                "url": ["/a?q=x", None],
                "agent": ["Lynx", None],
                "referrer": ["http://b.example/", None],
                "opted_out": [False, False],
                "asks": [0, 0],
            },
            id="request line, default site, no request time, no cookie",
        ),
        pytest.param(
            "$msec|$http_x_forwarded_for|$request_method|$request_uri|$status|$body_bytes_sent|$upstream_response_time",
            ("1780272000.123|10.0.0.1, 192.0.2.7|HEAD|/a|404|0|0.010, 0.020", "1780272000|-|-|-|-|-|-"),
            {
                "lines": [0, 1],
                "time_ms": [JUNE_MS + 123, JUNE_MS],
                "status": [404, 0],
                "bytes_sent": [0, 0],
                "request_us": [30_000, NO_NUMBER],
                "client": [number("192.0.2.7"), 0],
                "kind": [CLIENT_ADDRESS, CLIENT_NONE],
                "session": [0, 0],
                "site": [SITE, SITE],
                "method": [METHOD_HEAD, METHOD_NONE],
                "protocol": [UNKNOWN, UNKNOWN],
                "path": ["/a", None],
                "url": [None, None],
                "agent": [None, None],
                "referrer": [None, None],
                "opted_out": [False, False],
                "asks": [0, 0],
            },
            id="method and url in fields of their own, client behind a proxy, dashes everywhere",
        ),
        pytest.param(
            "squid",
            (
                "1780272000.603    310 192.0.2.7 TCP_MISS/200 2326 GET http://www.example.org/a?b - DIRECT/- x/y",
                "1780272000.604      0 gate.example TCP_HIT/000 0 GET http://www.example.org - NONE/- -",
            ),
            {
                "lines": [0, 1],
                "time_ms": [JUNE_MS + 603, JUNE_MS + 604],
                "status": [200, 0],
                "bytes_sent": [2326, 0],
                "request_us": [310_000, 0],
                "client": [number("192.0.2.7"), None],
                "kind": [CLIENT_ADDRESS, CLIENT_NAME],
                "session": [0, 0],
                "site": ["www.example.org", "www.example.org"],
                "method": [METHOD_GET, METHOD_GET],
                "protocol": [UNKNOWN, UNKNOWN],
                "path": ["/a", None],
                "url": ["/a?b", None],
                "agent": [None, None],
                "referrer": [None, None],
                "opted_out": [False, False],
                "asks": [0, 0],
            },
            id="absolute urls, whose host is the site, and a client known by its name",
        ),
    ],
)
def test_a_line_has_a_value_in_every_column(
    log_format: str, lines: tuple[str, ...], expected: dict[str, list[Any]]
) -> None:
    found = read(*lines, log_format=log_format)
    for row, client in enumerate(expected["client"]):
        if client is None:
            found["client"][row] = None
    assert found == expected


@pytest.mark.parametrize(
    ("client", "kind", "address"),
    [
        pytest.param("192.0.2.1", CLIENT_ADDRESS, "192.0.2.1", id="IPv4"),
        pytest.param("[2001:db8::2]:443", CLIENT_ADDRESS, "2001:db8::2", id="IPv6 in brackets, with its port"),
        pytest.param("::ffff:192.0.2.7", CLIENT_ADDRESS, "192.0.2.7", id="IPv4 mapped to IPv6"),
        pytest.param("-", CLIENT_NONE, "0.0.0.0", id="nobody"),
    ],
)
def test_a_client_is_an_address_of_128_bits(client: str, kind: int, address: str) -> None:
    found = read(full_line(client=client))
    assert (found["kind"], found["client"]) == ([kind], [number(address)])


def test_a_client_known_by_its_name_is_the_keyed_digest_of_the_name() -> None:
    lines = [full_line(client=name) for name in ("one.example", "two.example", "one.example:80")]
    found = read(*lines)
    assert found["kind"] == [CLIENT_NAME] * 3
    first, second, again = found["client"]
    assert first == again != second
    digest = int(digest_spans(KEY, padded(b"one.example"), np.array([0]), np.array([11]))[0])
    assert first == digest << 64 | int(NAME_MARK)
    assert not set(found["client"]) & set(read(*lines, key=OTHER_KEY)["client"])


def test_the_trusted_proxies_of_the_run_choose_the_client() -> None:
    lines = scan('10.0.0.2 "6.6.6.6, 192.0.2.8" 1780272000', log_format='$remote_addr "$http_x_forwarded_for" $msec')
    found = {}
    for trusted in (None, 1, 0):
        reader, describe = make_reader(trust=ProxyTrust.of(trusted))
        found[trusted] = show(reader.read_lines(lines), describe)["client"]
    assert found == {None: [number("6.6.6.6")], 1: [number("192.0.2.8")], 0: [number("10.0.0.2")]}


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        pytest.param({"time": "01/Jun/2026:02:00:00 +0200"}, "time_ms", JUNE_MS, id="a time in another zone"),
        pytest.param({"time": "01/Jan/1970:00:00:00 +0000"}, "time_ms", 0, id="the first time of all"),
        pytest.param({"status": "304"}, "status", 304, id="a status"),
        pytest.param({"status": "-"}, "status", 0, id="no status"),
        pytest.param({"status": "000"}, "status", 0, id="a status that is unknown"),
        pytest.param({"bytes": "999999999999999999"}, "bytes_sent", 10**18 - 1, id="the greatest size"),
        pytest.param({"bytes": "-"}, "bytes_sent", 0, id="no size is 0"),
        pytest.param({"seconds": "0.010"}, "request_us", 10_000, id="seconds in microseconds"),
        pytest.param({"seconds": "9.2e-05"}, "request_us", 92, id="an exponent"),
        pytest.param({"seconds": "-"}, "request_us", NO_NUMBER, id="no request time"),
        pytest.param({"seconds": "-0.001"}, "request_us", NO_NUMBER, id="a negative request time is unknown"),
        pytest.param({"request": "GET /a HTTP/2.0"}, "protocol", "HTTP/2.0", id="a protocol"),
        pytest.param({"agent": "Lynx/2.8"}, "agent", "Lynx/2.8", id="an agent"),
        pytest.param({"referrer": "http://b.example/"}, "referrer", "http://b.example/", id="a referrer"),
        pytest.param({"site": "WWW.Example.org.:80"}, "site", "www.example.org", id="a site is put in order"),
        pytest.param({"site": "192.0.2.1"}, "site", UNKNOWN, id="an address is no site"),
        pytest.param({"site": "-"}, "site", UNKNOWN, id="a missing site is unknown where the format has the field"),
    ],
)
def test_a_field_has_its_value(changes: dict[str, str], column: str, expected: Any) -> None:
    assert read(full_line(**changes))[column] == [expected]


@pytest.mark.parametrize(
    ("request_line", "method", "path", "url"),
    [
        pytest.param("GET /a HTTP/1.1", METHOD_GET, "/a", None, id="a url that is all path"),
        pytest.param("GET /a?b=c HTTP/1.1", METHOD_GET, "/a", "/a?b=c", id="a query"),
        pytest.param("GET /a?", METHOD_GET, "/a", "/a?", id="an empty query"),
        pytest.param("GET /a#b HTTP/1.1", METHOD_GET, "/a", "/a#b", id="a fragment"),
        pytest.param("PUT /a HTTP/1.1", METHOD_OTHER, "/a", None, id="another method"),
        pytest.param("get /a HTTP/1.1", METHOD_OTHER, "/a", None, id="methods are told by their capitals"),
        pytest.param("-", METHOD_NONE, None, None, id="no request"),
        pytest.param(r"\x16\x03\x01", METHOD_NONE, r"\x16\x03\x01", None, id="bytes that are no request"),
        pytest.param("GET", METHOD_NONE, "GET", None, id="a bare word"),
        pytest.param(
            *("GET http://a.example/b HTTP/1.1", METHOD_GET, "/b", "http://a.example/b"), id="a proxy is asked for"
        ),
        pytest.param(
            *("GET http://a.example HTTP/1.1", METHOD_GET, None, "http://a.example"), id="an absolute url without path"
        ),
    ],
)
def test_a_request_has_a_method_a_path_and_perhaps_more(
    request_line: str, method: int, path: str | None, url: str | None
) -> None:
    found = read(full_line(request=request_line))
    assert (found["method"], found["path"], found["url"]) == ([method], [path], [url])


@pytest.mark.parametrize(
    ("request_line", "site", "path", "url"),
    [
        pytest.param("GET http://a.example/b?c HTTP/1.1", "a.example", "/b", "/b?c", id="path and query"),
        pytest.param("GET http://A.example:80/b HTTP/1.1", "a.example", "/b", None, id="a path alone"),
        pytest.param("GET http://a.example?c HTTP/1.1", "a.example", None, "?c", id="a query alone"),
        pytest.param("GET http://a.example HTTP/1.1", "a.example", None, None, id="a host alone"),
        pytest.param(
            "GET http://a.example/b#c HTTP/1.1", "a.example", "/b", None, id="a fragment, which nobody is sent"
        ),
        pytest.param("GET /b?c HTTP/1.1", UNKNOWN, "/b", "/b?c", id="no host"),
    ],
)
def test_where_urls_are_absolute_their_host_is_the_site_and_no_part_of_what_was_asked_for(
    request_line: str, site: str, path: str | None, url: str | None
) -> None:
    line = f'192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "{request_line}" 200 1 "-" "-"'
    found = read(line, log_format="varnish")
    assert (found["site"], found["path"], found["url"]) == ([site], [path], [url])


@pytest.mark.parametrize(("host", "site"), [("c.example", "c.example"), ("-", "a.example")])
def test_a_field_for_the_site_goes_before_the_host_of_an_absolute_url(host: str, site: str) -> None:
    line = f'192.0.2.1 {host} "GET http://a.example/b HTTP/1.1" 1780272000'
    assert read(line, log_format='$remote_addr $host "$absolute_request" $msec')["site"] == [site]


@pytest.mark.parametrize(
    ("log_format", "line", "method"),
    [
        pytest.param("$remote_addr $request_uri $msec", "192.0.2.1 /a 1780272000", METHOD_GET, id="a url is got"),
        pytest.param("$remote_addr $request_uri $msec", "192.0.2.1 - 1780272000", METHOD_NONE, id="no url, no method"),
        pytest.param(
            *("$remote_addr $request_method $uri $msec", "192.0.2.1 PUT /a 1780272000", METHOD_OTHER),
            id="its own field",
        ),
    ],
)
def test_a_format_without_methods_means_get(log_format: str, line: str, method: int) -> None:
    assert read(line, log_format=log_format)["method"] == [method]


@pytest.mark.parametrize(
    ("header", "has_session"),
    [
        pytest.param("session=abc", True, id="alone"),
        pytest.param("a=1; session=abc; b=2", True, id="between others"),
        pytest.param("a=1;session=abc", True, id="without a space before it"),
        pytest.param("session=abc; session=xyz", True, id="the first one counts"),
        pytest.param("xsession=abc", False, id="a longer name that ends alike"),
        pytest.param("sessions=abc", False, id="a longer name that begins alike"),
        pytest.param("a=session=abc", False, id="inside another cookie's value"),
        pytest.param("session=", False, id="empty"),
        pytest.param("session=-", False, id="a dash"),
        pytest.param("session=-; session=abc", False, id="an empty first one counts too"),
        pytest.param("-", False, id="no cookies"),
    ],
)
def test_the_session_is_picked_from_a_cookie_header_by_its_name(header: str, has_session: bool) -> None:
    from_header = read(f'www.example.org 192.0.2.1 1780272000 "{header}"', log_format=HEADER, cookie_name="session")
    from_field = read(full_line(cookie="abc"))
    assert from_header["session"] == (from_field["session"] if has_session else [0])


def test_a_field_for_the_session_goes_before_a_cookie_header() -> None:
    log_format = '$host $remote_addr $msec "$http_cookie" "$cookie_session"'
    found = read('www.example.org 192.0.2.1 1780272000 "id=xyz" "abc"', log_format=log_format, cookie_name="id")
    assert found["session"] == read(full_line(cookie="abc"))["session"]


def test_a_cookie_header_has_no_session_while_no_cookie_is_named() -> None:
    lines = scan('www.example.org 192.0.2.1 1780272000 "session=abc"', log_format=HEADER)
    for cookie_name, can_have_cookie in (("", False), ("session", True)):
        reader, _ = make_reader(cookie_name=cookie_name)
        found = reader.read_lines(lines)
        assert (found.can_have_cookie, bool(found.session[0])) == (can_have_cookie, can_have_cookie)


@pytest.mark.parametrize(
    ("log_format", "line", "has_agent_field", "can_have_cookie"),
    [
        pytest.param(FULL, full_line(), True, True, id="agent and cookie"),
        pytest.param(
            *("common", '192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1', False, False), id="neither"
        ),
    ],
)
def test_a_format_tells_whether_lines_have_agents_and_cookies(
    log_format: str, line: str, has_agent_field: bool, can_have_cookie: bool
) -> None:
    found = make_reader()[0].read_lines(scan(line, log_format=log_format))
    assert (found.has_agent_field, found.can_have_cookie) == (has_agent_field, can_have_cookie)


def test_a_session_is_a_digest_of_site_and_cookie_under_the_key_of_the_run() -> None:
    lines = [
        full_line(cookie="abc", client="192.0.2.1", agent="Lynx"),
        full_line(cookie="abc", client="192.0.2.2"),
        full_line(cookie="abc", site="www.example.net"),
        full_line(cookie="abd"),
        full_line(),
    ]
    first, second, elsewhere, other, none = read(*lines)["session"]
    assert first == second
    assert len({first, elsewhere, other, 0}) == 4
    assert none == 0
    assert not {first, elsewhere, other} & set(read(*lines, key=OTHER_KEY)["session"])


REJECTED = {
    REJECT_CLIENT: full_line(client="a;b"),
    REJECT_TIME: full_line(time="31/Jun/2026:00:00:00 +0000"),
    REJECT_STATUS: full_line(status="20"),
    REJECT_NUMBER: full_line(bytes="1.5"),
}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        *(pytest.param(line, reason, id=f"reason {reason}") for reason, line in REJECTED.items()),
        pytest.param(full_line(time="31/Dec/1969:23:59:59 +0000"), REJECT_TIME, id="before 1970"),
        pytest.param(full_line(time="-"), REJECT_TIME, id="no time"),
        pytest.param(full_line(seconds="x"), REJECT_NUMBER, id="a request time that is no number"),
        pytest.param("no such line", REJECT_FORMAT, id="what the scanner has rejected already"),
        pytest.param(full_line(client="a;b", time="-", status="x", bytes="x"), REJECT_CLIENT, id="client comes first"),
        pytest.param(full_line(time="-", status="x", bytes="x"), REJECT_TIME, id="then time"),
        pytest.param(full_line(status="x", bytes="x"), REJECT_STATUS, id="then status"),
    ],
)
def test_a_line_that_is_no_hit_gets_one_reason_and_is_left_out(line: str, reason: int) -> None:
    lines = scan(full_line(request="GET /before HTTP/1.1"), line, full_line(request="GET /behind HTTP/1.1"))
    reader, describe = make_reader()
    found = show(reader.read_lines(lines), describe)
    assert lines.rejects.tolist() == [0, reason, 0]
    assert (found["lines"], found["path"]) == ([0, 2], ["/before", "/behind"])
    assert {len(own) for own in found.values()} == {2}


def test_lines_keep_the_numbers_that_they_have_in_a_block_of_several_formats() -> None:
    common = '192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET /{} HTTP/1.1" {} 1'
    lines = [
        f'{common.format("a", 200)} "-" "-"',
        common.format("b", 200),
        common.format("c", "x"),
        common.format("d", 200),
    ]
    content = "".join(f"{line}\n" for line in lines).encode()
    parts = scan_block(padded(content), len(content), join_log_formats(["combined", "common"])).parts
    reader, describe = make_reader()
    found = [show(reader.read_lines(part), describe) for part in parts]
    assert [own["lines"] for own in found] == [[0], [1, 3]]
    assert [own["path"] for own in found] == [["/a"], ["/b", "/d"]]


def test_a_duplicate_stays_one_whatever_else_is_wrong_with_it() -> None:
    lines = scan(full_line(), full_line(client="a;b"))
    lines.rejects[:] = DUPLICATE
    assert len(make_reader()[0].read_lines(lines).lines) == 0
    assert lines.rejects.tolist() == [DUPLICATE, DUPLICATE]


def test_blocks_of_one_worker_share_codes_and_stand_behind_one_another_when_joined() -> None:
    reader, describe = make_reader()
    lines = [full_line(request=f"GET /{name} HTTP/1.1", status=f"20{row}") for row, name in enumerate("abac")]
    whole, _ = make_reader()
    together = whole.read_lines(scan(*lines))
    joined = join_lines([reader.read_lines(scan(*lines[:3])), reader.read_lines(scan(*lines[3:]))])
    assert show(joined, describe)["path"] == ["/a", "/b", "/a", "/c"]
    assert joined.path[0] == joined.path[2]
    assert joined.lines.tolist() == [0, 1, 2, 0]
    for name in set(COLUMNS) - {"lines"}:
        assert getattr(joined, name).tolist() == getattr(together, name).tolist(), name
    assert (joined.has_agent_field, joined.can_have_cookie) == (True, True)


def test_lines_that_are_taken_keep_their_values() -> None:
    reader, describe = make_reader()
    found = reader.read_lines(scan(*(full_line(request=f"GET /{name}", cookie=name) for name in "abc")))
    everything, some = show(found, describe), show(found.take(np.array([2, 0])), describe)
    assert some == {name: [own[2], own[0]] for name, own in everything.items()}
