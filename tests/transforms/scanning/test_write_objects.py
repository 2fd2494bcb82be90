"""Pairs, and objects behind words, become the objects that the slow reference writes, also where they are damaged."""

from __future__ import annotations

import json
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
        (
            "ltsv",
            b'time:[01/Jun/2026:10:00:00 +0000]\ta.b:\t\treq:x "y\\z',
            b"""{"time":"[01/Jun/2026:10:00:00 +0000]","a.b":"","req":"x \\"y\\\\z"}""",
        ),
        ("ltsv", b"a:1\tb c:2", "format"),
        ("ltsv", b"\t", "empty"),
        ("words", b"INFO:x.y:192.0.2.7 [01/Jun/2026:10:00:00 +0000] -", b"192.0.2.7 [01/Jun/2026:10:00:00 +0000] -"),
        ("words", b"a.log:7:2001:db8::7 - - [01/Jun/2026 10:00:00] -", b"7:2001:db8::7 - - [01/Jun/2026 10:00:00] -"),
        (
            "words",
            b"x ::ffff:192.0.2.7 - frank [01/Jun/2026 10:00:00] -",
            b"::ffff:192.0.2.7 - frank [01/Jun/2026 10:00:00] -",
        ),
        ("words", b'x "192.0.2.7" - - [01/Jun/2026 10:00:00] -', b'"192.0.2.7" - - [01/Jun/2026 10:00:00] -'),
        ("words", b"x 203.0.113.9, 192.0.2.7 - - [01/Jun/2026 10:00:00] -", "format"),
        ("words", b"x 192.0.2.7 - - - [01/Jun/2026 10:00:00] -", "format"),
        ("words", b"x 192.0.2 - - [01/Jun/2026 10:00:00] -", "format"),
        ("indented", b'  {"a": "}"}, ', b'{"a": "}"}'),
        ("indented", b" ],", "directive"),
        ("indented", b'"a": 1', "format"),
    ],
)
def test_a_line_becomes_an_object(wrapping: str, line: bytes, expected: Opened) -> None:
    assert unwrapped([line], wrapping) == [expected]


HEAD = b'time,ip,"url",agent,status'
ROW = b'2026-06-01T10:00:00Z,192.0.2.7,"/a?q=""x"",y","Mozilla\\5.0",200'


def test_the_first_line_of_a_csv_file_names_the_values_of_all_others() -> None:
    first = b'{"time":"2026-06-01T10:00:00Z","ip":"192.0.2.7",'
    expected = first + b'"url":"/a?q=\\"x\\",y","agent":"Mozilla\\\\5.0","status":"200"}'
    lines = [HEAD, ROW, b"", HEAD, ROW + b",1", ROW[:-4], b'1,2,"x']
    assert unwrapped(lines, "csv") == ["directive", expected, "empty", "directive", "format", "format", "cut"]


OBJECTS = b"""[
  {
    "a": "x { \\" [",
    "b": [
      1
    ]
  },
  {
    "a": {}
  }
]""".split(b"\n")


def test_an_object_over_several_lines_is_that_of_its_last_line() -> None:
    found = unwrapped(OBJECTS, "indented")
    assert [place for place, one in enumerate(found) if one != "directive"] == [6, 9]
    assert [json.loads(one) for one in found if isinstance(one, bytes)] == [{"a": 'x { " [', "b": [1]}, {"a": {}}]


@pytest.mark.parametrize(("wrapping", "lines"), [("csv", [HEAD, ROW]), ("indented", OBJECTS)])
def test_damaged_files_become_what_the_reference_writes(wrapping: str, lines: list[bytes]) -> None:
    random = Random(wrapping)
    for _ in range(300):
        damaged = [
            damage(line, ROW, random).removesuffix(b"\r")[:400] if random.random() < 0.2 else line for line in lines * 3
        ]
        assert unwrapped(damaged, wrapping) == open_lines(damaged, [wrapping])


LTSV = b'time:[01/Jun/2026:10:00:00 +0000]\thost:192.0.2.7\treq:GET /a HTTP/1.1\tstatus:200\tua:curl\\8 "x"'


@pytest.mark.parametrize(
    ("wrapping", "line"), [("ltsv", LTSV), ("pairs", HEROKU), ("pairs", RAILS), ("console", CONSOLE)]
)
def test_damaged_lines_become_what_the_reference_writes(wrapping: str, line: bytes) -> None:
    random = Random(line)
    lines = [line, *(damage(line, line, random).removesuffix(b"\r") for _ in range(400))]
    found = unwrapped(lines, wrapping)
    assert found == open_lines(lines, [wrapping])
