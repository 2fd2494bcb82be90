"""Wrapped and mixed logs are parsed as by the slow reference, for any division into blocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.pipelines.display.explain_lines import LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.log_formats import join_log_formats, read_log_format
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import BlockScanner
from tests.reference import Hit, ReferenceSettings, parse_line
from tests.reference.wrappings import open_lines

COMMON = b'192.0.2.1 - - [01/Jun/2026:10:00:00 +0000] "GET /a\\"b HTTP/1.1" 200 7'
LINES = [
    COMMON,
    COMMON + b' "-" "Agent/1"',
    COMMON + b' "-" "Agent/1" more',
    b"www.example.org:80 " + COMMON + b' "-" "Agent/1"',
    COMMON.replace(b"192.0.2.1", b"no;client"),
    COMMON.replace(b"/2026", b"/1926"),
    b"",
    b"nothing\xff",
]


def in_docker(line: bytes, cut: int) -> list[bytes]:
    parts = [line[:cut], line[cut:]] if cut else [line]
    texts = [json.dumps(part.decode("utf-8", "replace"), ensure_ascii=cut % 2 == 0) for part in parts]
    ends = [""] * (len(parts) - 1) + ["\\n"]
    return [
        f'{{"log":{text[:-1]}{end}","stream":"stdout","time":"2026-06-01T10:00:00Z"}}'.encode()
        for text, end in zip(texts, ends, strict=True)
    ]


def in_cri(line: bytes, cut: int) -> list[bytes]:
    head = b"2026-06-01T10:00:00.123456789Z stdout "
    return [head + b"P " + line[:cut], head + b"F " + line[cut:]] if cut else [head + b"F " + line]


def in_syslog(line: bytes, cut: int) -> list[bytes]:
    heads = [b"<190>Jun  1 10:00:00 web1 nginx: ", b"<190>1 2026-06-01T10:00:00Z web1 nginx 7 - - "]
    return [heads[cut % 2] + line]


def in_journal(line: bytes, cut: int) -> list[bytes]:
    return [b"__CURSOR=s=1", b"_A", cut.to_bytes(8, "little") + b"x" * cut, b"MESSAGE=" + line, b""]


WRAP: dict[str, Callable[[bytes, int], list[bytes]]] = {
    "docker": in_docker,
    "cri": in_cri,
    "syslog": in_syslog,
    "journal": in_journal,
}


@cache
def explainer() -> LineExplainer:
    return LineExplainer(load_settings(None, {}))


def told(content: bytes, log_format: str, cuts: tuple[int, ...]) -> list[Any]:
    """Parse an input with the kernels, in blocks that end after some lines."""
    lines = content.split(b"\n")[:-1]
    scanner = BlockScanner(log_format)
    borders = sorted({0, *(min(cut, len(lines)) for cut in cuts), len(lines)})
    result = []
    for first, last in pairwise(borders):
        piece = b"".join(line + b"\n" for line in lines[first:last])
        for one in explainer().explain(scanner.scan(padded(piece), len(piece)), first + 1):
            fields = (one.get("client"), one.get("url"), one.get("status"), one.get("user_agent"), one.get("site"))
            result.append((one["line_number"], one.get("reject", fields)))
    return result


def expected(content: bytes, log_format: str) -> list[Any]:
    """Parse it with the reference: each line as the first format that it matches, else as the first format."""
    how = read_log_format(log_format)
    result: list[Any] = []
    for number, content_or_reason in enumerate(open_lines(content.split(b"\n")[:-1], how.wrappings), start=1):
        found: Hit | str = content_or_reason if isinstance(content_or_reason, str) else ""
        if isinstance(content_or_reason, bytes):
            every = [parse_line(content_or_reason, ReferenceSettings(log_format=text)) for text in how.texts]
            found = next((one for one in every if one not in ("format", "cut", "joined")), every[0])
        if isinstance(found, Hit):
            site = None if found.site == "(unknown)" else found.site
            result.append((number, (found.client, found.url, found.status, found.agent, site)))
        else:
            result.append((number, found))
    return result


@pytest.mark.parametrize("wrappings", [(), ("docker",), ("cri",), ("syslog",), ("journal",), ("cri", "syslog")])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_wrapped_and_mixed_lines_are_understood_as_by_the_reference(
    wrappings: tuple[str, ...], data: st.DataObject
) -> None:
    texts = data.draw(st.permutations(["combined", "common", "vhost_combined"]))[: data.draw(st.integers(1, 3))]
    log_format = join_log_formats(["+".join((*wrappings, text)) for text in texts])
    lines: list[bytes] = []
    for _ in range(data.draw(st.integers(1, 8))):
        wrapped = [data.draw(st.sampled_from(LINES))]
        for name in reversed(wrappings):
            wrapped = [part for line in wrapped for part in WRAP[name](line, data.draw(st.integers(0, 40)))]
        lines += wrapped
    content = b"".join(line + b"\n" for line in lines)
    cuts = data.draw(st.tuples(st.integers(0, 20), st.integers(0, 20)))
    found = told(content, log_format, cuts)
    assert found == expected(content, log_format)


def test_every_line_belongs_to_one_part() -> None:
    content = b"\n".join(LINES * 3) + b"\n"
    scanned = BlockScanner(join_log_formats(["common", "combined", "vhost_combined"])).scan(
        padded(content), len(content)
    )
    numbers = sorted(number for part in scanned.parts for number in part.lines.tolist())
    assert numbers == list(range(scanned.line_count)) == list(range(3 * len(LINES)))
