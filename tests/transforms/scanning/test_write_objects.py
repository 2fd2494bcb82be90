"""Pairs, and objects behind words, become the objects that the slow reference writes, also where they are damaged."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_lines import Spans, find_lines
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.vocabulary import REJECT_REASONS
from tests.reference.wrappings import Opened, open_lines
from tests.test_fuzz import damage

HEROKU = (
    b'2026-06-01T00:00:00.123456+00:00 heroku[router]: at=info method=GET path="/a?b=\\"c\\"" host=www.example.org '
    b'request_id=1 fwd="192.0.2.7" dyno=web.1 connect=0ms service=18ms status=200 bytes=512 protocol=https'
)
RAILS = b"I, [2026-06-01T10:00:00.123456 #7]  INFO -- : method=GET path=/a error=Not found \\ here status=404 db=1.3"
CONSOLE = b'2026/06/01 10:00:00.123\tINFO\thttp.log.access\thandled request\t{"request":{"uri":"/a"},"status":200}'


def unwrapped(lines: list[bytes], wrapping: str) -> list[Opened]:
    """Return the content of each line, or its reason."""
    content = b"".join(line + b"\n" for line in lines)
    begins = find_lines(padded(content), len(content))
    opened = LineUnwrapper((wrapping,)).unwrap(Spans(padded(content), begins[:-1], begins[1:] - 1))
    spans = opened.spans
    block = spans.block.tobytes()
    assert np.all(spans.begins <= spans.ends)
    return [
        REJECT_REASONS[reason] if reason else block[begin:end]
        for reason, begin, end in zip(opened.reasons, spans.begins.tolist(), spans.ends.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("wrapping", "line", "expected"),
    [
        ("pairs", b'a=1 b=two words c="x y" d', b'{"a":"1","b":"two words","c":"x y"}'),
        ("pairs", b"2026-06-01 10:00:00,123 a=", b'{"line_time":"2026-06-01 10:00:00,123","a":""}'),
        ("pairs", b'a=x"y', b'{"a":"x\\"y"}'),
        ("pairs", b'a="x', "cut"),
        ("pairs", b"no pair = here", "format"),
        ("pairs", b" ", "empty"),
        ("console", b'2026/06/01 10:00:00 x {"a":1}', b'{"line_time":"2026/06/01 10:00:00","a":1}'),
        ("console", b'{"a":1}', "format"),
    ],
)
def test_a_line_becomes_an_object(wrapping: str, line: bytes, expected: Opened) -> None:
    assert unwrapped([line], wrapping) == [expected]


@pytest.mark.parametrize(("wrapping", "line"), [("pairs", HEROKU), ("pairs", RAILS), ("console", CONSOLE)])
def test_damaged_lines_become_what_the_reference_writes(wrapping: str, line: bytes) -> None:
    random = Random(line)
    lines = [line, *(damage(line, line, random).removesuffix(b"\r") for _ in range(400))]
    found = unwrapped(lines, wrapping)
    assert found == open_lines(lines, [wrapping])
