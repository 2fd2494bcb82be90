"""Requests, urls and protocols are parsed as defined."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.transforms.arrays import Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.values.read_requests import (
    METHOD_GET,
    METHOD_NONE,
    METHOD_OTHER,
    PROTOCOLS,
    read_methods,
    read_protocols,
    split_requests,
    split_urls,
)


def places(text: str) -> tuple[Offsets, Offsets]:
    return np.array([0, -1], np.int32), np.array([len(text.encode()), -1], np.int32)


@pytest.mark.parametrize(
    ("request_line", "method", "url"),
    [
        ("GET / HTTP/1.1", METHOD_GET, "/"),
        ("GET /a b HTTP/1.1", METHOD_GET, "/a b"),
        ("GET /a HTTP/b HTTP/1.1", METHOD_GET, "/a HTTP/b"),
        ("GET /a", METHOD_GET, "/a"),
        ("get /a", METHOD_OTHER, "/a"),
        ("M-SEARCH * HTTP/1.1", METHOD_OTHER, "*"),
        ("GET", METHOD_NONE, "GET"),
        ("GET ", METHOD_NONE, "GET "),
        ("GET HTTP/1.0", METHOD_NONE, "GET HTTP/1.0"),
        ("GET  HTTP/1.0", METHOD_NONE, "GET  HTTP/1.0"),
        ("\\x16\\x03 \\x01", METHOD_NONE, "\\x16\\x03 \\x01"),
        ("-A /", METHOD_NONE, "-A /"),
    ],
)
def test_a_request_line_is_split_at_its_first_and_last_space(request_line: str, method: int, url: str) -> None:
    methods, begins, ends = split_requests(padded(request_line.encode()), *places(request_line))
    assert (methods[0], request_line[begins[0] : ends[0]]) == (method, url)


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("/a?b=c#d", "/a", "b=c"),
        ("/a#b?c", "/a", None),
        ("/a?", "/a", None),
        ("/a?b?c", "/a", "b?c"),
        ("http://a.example/b?c", "/b", "c"),
        ("http://a.example", None, None),
        ("http://a.example?c", None, "c"),
        ("/x?u=http://a.example/", "/x", "u=http://a.example/"),
        ("a b://c", "a b://c", None),
        ("*", "*", None),
        ("?q", None, "q"),
    ],
)
def test_a_url_has_a_path_and_a_query(url: str, path: str | None, query: str | None) -> None:
    parts = split_urls(padded(url.encode()), *places(url))
    found = [url[begins[0] : ends[0]] if begins[0] >= 0 else None for begins, ends in (parts[:2], parts[2:])]
    assert found == [path, query]


@pytest.mark.parametrize(
    ("text", "protocol"),
    [
        ("HTTP/1.0", "HTTP/1.0"),
        ("HTTP/1.1", "HTTP/1.1"),
        ("HTTP/2.0", "HTTP/2.0"),
        pytest.param("HTTP/2", "HTTP/2.0", id="as Envoy and Cloudflare write it"),
        pytest.param("h2", "HTTP/2.0", id="as its ALPN identifier"),
        ("h2c", "HTTP/2.0"),
        ("HTTP/3.0", "HTTP/3.0"),
        ("http/1.1", "HTTP/1.1"),
        ("HTTP/1", "(other)"),
        ("HTTP/1.2", "(other)"),
        ("HTTP/2.1", "(other)"),
        ("HTTP/11", "(other)"),
        ("HTTP/1.10", "(other)"),
        ("HTTP/", "(other)"),
        ("h22", "(other)"),
        ("h", "(other)"),
        ("SIP/2.0", "(other)"),
        ("jane@example.org", "(other)"),
        ("-", "(unknown)"),
    ],
)
def test_a_protocol_is_a_version_of_http_or_none(text: str, protocol: str) -> None:
    line = f"192.0.2.1 [01/Jun/2026:00:00:00 +0000] GET / {text} 200\n".encode()
    log_format = "$remote_addr [$time_local] $request_method $uri $server_protocol $status"
    lines = scan_block(padded(line), len(line), log_format).parts[0]
    codes = read_protocols(lines, read_methods(lines.block, *lines.offsets(Meaning.METHOD)))
    assert [PROTOCOLS[code] for code in codes] == [protocol]


@pytest.mark.parametrize(
    ("request_line", "protocol"),
    [
        ("GET / HTTP/1.1", "HTTP/1.1"),
        ("GET /a b HTTP/2.0", "HTTP/2.0"),
        ("GET /", "(unknown)"),
        pytest.param("GET /h2", "(unknown)", id="a url that ends like a protocol"),
        pytest.param("GET / http/1.1", "(unknown)", id="a url with a blank: servers log the protocol in capitals"),
        ("PRI * HTTP/2.0", "HTTP/2.0"),
        ("GET / HTTP/9.9", "(other)"),
        pytest.param("GET / HXXP/1.1", "(unknown)", id="a url that ends like a misspelt protocol"),
        pytest.param("GET HTTP/1.0", "(unknown)", id="no url, so no request"),
        ("\\x16\\x03\\x01", "(unknown)"),
        ("-", "(unknown)"),
    ],
)
def test_a_request_line_ends_with_its_protocol(request_line: str, protocol: str) -> None:
    line = f'192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "{request_line}" 200 1\n'.encode()
    lines = scan_block(padded(line), len(line), "common").parts[0]
    methods, _, _ = split_requests(lines.block, *lines.offsets(Meaning.REQUEST))
    assert [PROTOCOLS[code] for code in read_protocols(lines, methods)] == [protocol]
