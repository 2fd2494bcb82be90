"""Envelopes of log collectors are removed as by the slow reference, for any division into blocks."""

from __future__ import annotations

import re
import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.formats.fields import FormatError
from footfall.transforms.formats.log_formats import WRAPPINGS, read_log_format
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_lines import Spans, find_lines
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.vocabulary import MAX_LINE_BYTES, REJECT_REASONS
from tests.reference.wrappings import Opened, open_lines

TIME = b"2016-10-06T00:17:09.669794202Z"

# (wrapping, line, its content or the reject reason). Lines of RFC 3164, 5424 and the CRI proposal with
# contents of our own, and what nginx, HAProxy, rsyslog and journalctl write.
LINES: list[tuple[str, bytes, Opened]] = [
    ("cri", TIME + b" stdout F a b", b"a b"),
    ("cri", b"2016-10-06T00:17:09.669794202+02:00 stderr F a", b"a"),
    ("cri", TIME + b" stdout F:X:Y a", b"a"),
    ("cri", TIME + b" stdout F ", b""),
    ("cri", TIME + b" stdout F", b""),
    ("cri", TIME + b" stdout F  a ", b" a "),
    ("cri", TIME + b" stdout P a", "directive"),
    ("cri", TIME + b" stdout X a", "format"),
    ("cri", TIME + b" stdout Fa", "format"),
    ("cri", TIME + b" stdin F a", "format"),
    ("cri", TIME + b" std", "format"),
    ("cri", b"2016-10-06 00:17:09 stdout F a", "format"),
    ("cri", b" ", "empty"),
    ("compose", b"web-1  | a b", b"a b"),
    ("compose", b"\x1b[36mweb-1  |\x1b[0m a b", b"a b"),
    ("compose", b"shop_web.1 | 2026-06-01T00:17:09.6Z a b", b"a b"),
    ("compose", b"web-1  |", b""),
    ("compose", b"HIT|200|a", "format"),
    ("compose", b"192.0.2.1 - - [", "format"),
    ("compose", b"", "empty"),
    ("fly", b"2026-06-01T10:00:00Z app[d891] ams [info] a b", b"a b"),
    ("fly", b"2026-06-01T10:00:00Z app[d891] ams [info]a b", b"a b"),
    ("fly", b"2026-06-01T10:00:00Z app ams a b", "format"),
    ("json-message", b'{"@timestamp":"2026-06-01T10:00:00Z","message":"a \\"b\\""}', b'a "b"'),
    ("json-message", b'{"log":"a","msg":"b"}', b"a"),
    ("json-message", b'{"level":"info","msg":"a"}', b"a"),
    ("json-message", b'{"level":"info"}', "directive"),
    ("paired", b"Completed 200 OK in 1ms", "directive"),
    ("paired", b'Started GET "/a"', "directive"),
    ("paired", b"Processing by A#b as HTML", "directive"),
    ("nested", b'{"a":1,"p":"{\\"b\\":\\"c \\\\\\"d\\\\\\"\\",\\"e\\":2}"}', b'{"a":1,"p":{"b":"c \\"d\\"","e":2}}'),
    ("nested", b'{"a":"b"}', "format"),
    ("nested", b'{"a":"{\\"b', "cut"),
    ("asides", b"- -> /a", "directive"),
    ("asides", b"https://www.example.org/ -> /a", "directive"),
    ("asides", b"a b -> /c", b"a b -> /c"),
    ("asides", b"[Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 Accepted", "directive"),
    ("asides", b"[Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 Closing\r", "directive"),
    (
        "asides",
        b"[Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 [200]: GET /Closing ",
        b"[Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 [200]: GET /Closing ",
    ),
    ("syslog", b"", "empty"),
    ("syslog", b"<34>Oct 11 22:14:15 mymachine su: a b", b"a b"),
    ("syslog", b"<190>Feb  6 12:14:14 web1 nginx: a", b"a"),
    ("syslog", b"<190>Feb  6 12:14:14 nginx: a", b"a"),
    ("syslog", b"Feb  6 12:14:14 localhost haproxy[14389]: a", b"a"),
    ("syslog", b"2016-10-06T00:17:09.669794+02:00 web1 nginx[7]: a", b"a"),
    ("syslog", b"2016-10-06T00:17:09+0000 web1 nginx[7]: a", b"a"),
    ("syslog", b"Feb 06 12:14:14.123456 web1 nginx[7]: a", b"a"),
    ("syslog", b"Feb  6 12:14:14 web1 nginx[7]:", b""),
    ("syslog", b"Feb  6 12:14:14 web1 nginx a", "format"),
    ("syslog", b"Feb 6 12:14:14 web1 nginx: a", "format"),
    ("syslog", b"Feb  6 12:14:14", "format"),
    ("syslog", b"<>Feb  6 12:14:14 web1 nginx: a", "format"),
    ("syslog", b"<1234>Feb  6 12:14:14 web1 nginx: a", "format"),
    ("syslog", b"-- Boot 6c7c6013a26343b29e964691ff25d04c --", "directive"),
    ("syslog", b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbfa b", b"a b"),
    ("syslog", b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - a", b"a"),
    ("syslog", b'<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [x@32473 iut="3" s="a\\"]b"][y@1 z="]"] a', b"a"),
    ("syslog", b'<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [x@32473 iut="3"]', b""),
    ("syslog", b"<165>1 - - - - - -", b""),
    ("syslog", b'<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [x@32473 iut="3" a', "format"),
    ("syslog", b"<165>1 2003-10-11T22:14:15.003Z h evntslog -", "format"),
    ("syslog", b"<165>1 2003-10-11T22:14:15.003Z h evntslog - - -a", "format"),
    ("journal", b"MESSAGE=a=b", b"a=b"),
    ("journal", b"MESSAGE=", b""),
    ("journal", b"MESSAGE_ID=a", "directive"),
    ("journal", b"_PID=12", "directive"),
    ("journal", b"", "directive"),
    ("journal", b"192.0.2.1 - - [", "format"),
    ("journal", b"=a", "format"),
    # Lines of a journal end in a line feed alone, since its binary fields are told by their length.
    ("journal", b"MESSAG\r", "format"),
    ("journal", b"\r", "format"),
    ("journal-json", b'{"__CURSOR":"s=1","MESSAGE":"a \\"b\\" \\\\x","PRIORITY":"6"}', b'a "b" \\x'),
    ("journal-json", b'{ "a" : {"MESSAGE":"no", "b":[1,{}]}, "MESSAGE" : "a\\/b\\t" } ', b"a/b\t"),
    ("journal-json", b'{"MESSAGE":"\\u00e9\\ud83d\\ude00\\ud83d \xff"}', "é😀\ufffd ".encode() + b"\xff"),
    ("journal-json", b'{"MESSAGE":[97,32,255]}', b"a \xff"),
    ("journal-json", b'{"MESSAGE":[97,256]}', "format"),
    ("journal-json", b'{"MESSAGE":null}', "format"),
    ("journal-json", b'{"MESSAGE":"a\\q"}', "format"),
    ("journal-json", b'{"PRIORITY":"6"}', "directive"),
    ("journal-json", b"{}", "directive"),
    ("journal-json", b'{"MESSAGE":"a"', "cut"),
    ("journal-json", b'{"MESSAGE":"a', "cut"),
    ("journal-json", b'{"MESSAGE":"a"}}', "format"),
    ("journal-json", b'["MESSAGE"]', "format"),
    ("journal-json", b'192.0.2.1 - - "{}"', "format"),
    ("journal-json", b" ", "empty"),
    ("journal-json", b'{"MESSAGE":[97, 98 ,99]}', b"abc"),
    ("journal-json", b'{"MESSAGE":[9 7,98]}', "format"),
    ("journal-json", b'{"a":x{"b":1},"MESSAGE":"a"}', "format"),
    ("journal-json", b'{"a":1[2],"MESSAGE":"a"}', "format"),
    ("docker", b'{"log":"a \\"b\\"\\n","stream":"stdout","time":"2026-06-01T00:00:00Z"}', b'a "b"'),
    ("docker", b'{"log":"a\\r\\n","stream":"stderr","time":"2026-06-01T00:00:00Z"}', b"a\r"),
    ("docker", b'{"log":"\\n","stream":"stdout"}', b""),
    ("docker", b'{"log":"a","stream":"stdout"}', "directive"),
    ("docker", b'{"stream":"stdout"}', "directive"),
    # What is damaged elsewhere in an object does not lose its line.
    ("docker", b'{"log":"a\\n","stream":"std\\q","time":2026-06-01T}', b"a"),
    ("docker", b'{"log":"a\\n","attrs":{"a":]},"time":"x"}', "format"),
    ("docker", b'{"log":"a\\n","attrs":{"a":x y},"time":"x"}', b"a"),
    ("docker", b'{"log":"no\\n","stream":"stdout","log":"a\\n"}', b"a"),
    ("journal-json", b'{"MESSAGE":"\\udc80\\ud83d\\u0041"}', "\ufffd\ufffdA".encode()),
]


def unwrap(content: bytes, wrappings: tuple[str, ...], cuts: tuple[int, ...] = ()) -> list[Opened]:
    """Unwrap an input with the kernels, in blocks that end after some lines."""
    unwrapper = LineUnwrapper(wrappings)
    lines = re.findall(rb"[^\n]*\n|[^\n]+", content)
    found: list[Opened] = []
    borders = sorted({0, *(cut for cut in cuts if cut < len(lines)), len(lines)})
    for first, last in pairwise(borders):
        piece = b"".join(lines[first:last])
        block = padded(piece)
        begins = find_lines(block, len(piece))
        opened = unwrapper.unwrap(Spans(block, begins[:-1], begins[1:] - 1))
        for begin, end, reason in zip(
            opened.spans.begins.tolist(), opened.spans.ends.tolist(), opened.reasons.tolist(), strict=True
        ):
            found.append(REJECT_REASONS[reason] if reason else opened.spans.block[begin:end].tobytes())
    return found


@pytest.mark.parametrize(("wrapping", "line", "expected"), LINES)
def test_a_line_of_an_envelope(wrapping: str, line: bytes, expected: Opened) -> None:
    assert unwrap(line + b"\n", (wrapping,)) == [expected]
    assert open_lines([line], [wrapping]) == [expected.removesuffix(b"\r") if isinstance(expected, bytes) else expected]


def test_parts_of_a_record_are_joined_within_their_stream() -> None:
    lines = [
        TIME + b" stdout P one ",
        TIME + b" stderr P other ",
        TIME + b" stdout P two ",
        TIME + b" stderr F end",
        TIME + b" stdout F three",
        TIME + b" stdout F alone",
    ]
    expected: list[Opened] = ["directive"] * 3
    expected += [b"other end", b"one two three", b"alone"]
    for cut in range(len(lines)):
        assert unwrap(b"\n".join(lines), ("cri",), (cut,)) == expected


def test_parts_of_dockers_records_are_joined_within_their_stream() -> None:
    lines = [
        b'{"log":"one ","stream":"stdout"}',
        b'{"log":"other ","stream":"stderr"}',
        b'{"stream":"stdout","log":"two "}',
        b'{"log":"end\\n","stream":"stderr"}',
        b'{"log":"three\\n","stream":"stdout"}',
        b'{"log":"alone\\n","stream":"stdout"}',
    ]
    expected: list[Opened] = ["directive"] * 3
    expected += [b"other end", b"one two three", b"alone"]
    for cut in range(len(lines)):
        assert unwrap(b"\n".join(lines), ("docker",), (cut,)) == expected


@pytest.mark.parametrize("stream", [b"stdeut", b"stderr ", b"Stderr", b"stdout"])
def test_a_part_whose_stream_is_damaged_is_one_of_standard_output(stream: bytes) -> None:
    lines = [b'{"log":"one ","stream":"%b"}' % stream, b'{"log":"two\\n","stream":"stdout"}']
    assert unwrap(b"\n".join(lines), ("docker",)) == open_lines(lines, ["docker"]) == ["directive", b"one two"]


def test_a_record_of_endless_parts_is_too_long_and_no_more() -> None:
    part = TIME + b" stdout P " + b"x" * 16_000
    content = b"\n".join([part] * 9 + [TIME + b" stdout F end", TIME + b" stdout F next"])
    *_, long, following = unwrap(content, ("cri",))
    assert len(long) > MAX_LINE_BYTES
    assert following == b"next"


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 266, 2570])
def test_binary_fields_of_a_journal_are_skipped_by_their_length(length: int) -> None:
    value = (b"MESSAGE=no\n" * 300)[:length]
    content = b"_A=1\nMESSAGE\n" + struct.pack("<Q", length) + value + b"\nMESSAGE=yes\n\n"
    for cut in range(content.count(b"\n")):
        found = unwrap(content, ("journal",), (cut,))
        assert [one for one in found if one != "directive"] == ["format", b"yes"]
    assert unwrap(content, ("journal",)) == open_lines(content.split(b"\n")[:-1], ["journal"])


def test_a_length_beyond_reason_hides_no_more_than_its_line() -> None:
    content = b"_A\n" + struct.pack("<Q", 2**60) + b"\nMESSAGE=yes\n"
    assert unwrap(content, ("journal",))[-1] == b"yes"


def test_envelopes_nest() -> None:
    line = TIME + b" stdout F <190>Feb  6 12:14:14 web1 nginx: a\n"
    assert unwrap(line, ("cri", "syslog")) == [b"a"]
    with pytest.raises(FormatError, match="journal is an inner wrapping"):
        read_log_format("cri+journal+combined")


HEADS = [b'{"log":"', b'{"stream":"stderr","log":"\\u00e9', b'{"MESSAGE":"x', b'\\n"}']
HEADS += [line[: -len(content)] for _, line, content in LINES if isinstance(content, bytes) and content] + [
    TIME + b" stdout P ",
    TIME + b" stderr P ",
    b"MESSAGE=",
    b"",
]
BODIES = [
    b"a b",
    b"",
    b" ",
    b"\r",
    b"MESSAGE",
    b"\xff\x00",
    b'192.0.2.1 - - "x"',
    b'a \\"b\\"\\n","stream":"stdout"}',
    b'"}',
]


@st.composite
def _inputs(draw: st.DrawFn) -> list[bytes]:
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        line = draw(st.sampled_from(HEADS)) + draw(st.sampled_from(HEADS)) * draw(st.booleans())
        line += draw(st.sampled_from(BODIES))
        place = draw(st.integers(0, len(line)))
        lines.append(
            draw(st.sampled_from([line, line, line[:place], line[place:], line[:place] + b"x" + line[place:]]))
        )
    return lines


@settings(max_examples=400, deadline=None)
@given(
    lines=_inputs(),
    wrappings=st.sampled_from(
        [*((name,) for name in WRAPPINGS), ("cri", "syslog"), ("syslog", "cri"), ("docker", "syslog")]
    ),
    cuts=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_damaged_envelopes_come_off_as_the_reference_takes_them_off(
    lines: list[bytes], wrappings: tuple[str, ...], cuts: tuple[int, int]
) -> None:
    content = b"".join(line + b"\n" for line in lines)
    found = [one.removesuffix(b"\r") if isinstance(one, bytes) else one for one in unwrap(content, wrappings, cuts)]
    assert found == open_lines(lines, wrappings)
