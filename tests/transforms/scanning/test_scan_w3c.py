"""Lines of W3C logs are parsed with the preceding `#Fields` line, for any division of the input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.pipelines.display.explain_lines import Explanation
from footfall.pipelines.inputs.cut_inputs import cut_input
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.line_formats import compile_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import parse_fields_line
from footfall.transforms.formats.w3c_headers import formats_at
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.scan_blocks import BlockScanner, scan_block
from tests.transforms.scanning.test_scan_lines import DAMAGE, expected, explainer, told

SHUFFLED = "w3c:sc-status cs-uri-query c-ip date time cs(User-Agent) cs-uri-stem cs-method X-Forwarded-For time-taken x"
FORMATS = (NAMED_FORMATS["w3c"], NAMED_FORMATS["cloudfront"], SHUFFLED)

VALUES: dict[str, tuple[str, ...]] = {
    "date": ("2026-06-01", "2026-13-01", "-"),
    "time": ("12:00:00", "12:00:00.5", "12:00"),
    "c-ip": ("192.0.2.1", "2001:db8::1", "-", "", "a;b", '"192.0.2.2"'),
    "x-forwarded-for": ("-", "198.51.100.7", "192.0.2.4,+10.0.0.1", "192.0.2.4,%20203.0.113.9"),
    "cs-method": ("GET", "POST", "-"),
    "cs-uri-stem": ("/", "/a/b.aspx", "/a?b#c", "/a%20b", '"/a b"', "\\\\x", "-"),
    "cs-uri-query": ("-", "utm_source=x&q=a+b", "a%3Db", "", "?x", "a=\\x41"),
    "cs-username": ("-", "DOMAIN\\bob", "jo"),
    "cs(user-agent)": (
        *("Mozilla/5.0+(X11;+Linux+x86_64)", "Mozilla/5.0%20(X11;%2520Linux)", "-", '"quoted one"', '"half', "a,"),
        *("%22%5C%0a%41", "%2525%zz%", "+", "\\\\x22"),
    ),
    "cs(referer)": ("-", "https://www.example.org/x?q=a+b", "https://a.example/%2520%5Cx41"),
    "sc-status": ("200", "304", "404", "0", "-"),
    "sc-bytes": ("100", "-", "x"),
    "time-taken": ("93", "0.113", "-", "x"),
    "x-host-header": ("www.example.org", "-", "192.0.2.1"),
    "cs(host)": ("d111111abcdef8.cloudfront.net",),
    "cs-protocol-version": ("HTTP/1.1", "-"),
}


@st.composite
def lines_of(draw: st.DrawFn, text: str) -> bytes:
    """A line of a format, sometimes damaged or without its last fields."""
    values = []
    for name in text.removeprefix("w3c:").lower().split():
        choices = VALUES.get(name, ("-", "x", "1"))
        values.append(choices[draw(st.integers(0, len(choices) - 1)) if draw(st.integers(0, 3)) == 0 else 0])
    if draw(st.integers(0, 5)) == 0:
        values = values[: draw(st.integers(1, len(values)))]
    line = ("\t" if "x-edge" in text else " ").join(values).encode()
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        place = draw(st.integers(0, len(line)))
        line = line[:place] + draw(st.sampled_from((*DAMAGE, b"\t", b"+", b"%", b"#"))) + line[place:]
    return line.replace(b"\n", b"")


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A format and some lines."""
    text = draw(st.sampled_from(FORMATS))
    return text, draw(st.lists(lines_of(text), min_size=1, max_size=12))


@given(logs())
@settings(max_examples=300, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_scanner_agrees_with_the_reference(log: tuple[str, list[bytes]]) -> None:
    text, lines = log
    explanations = explain(text, lines)
    assert [told(one) for one in explanations] == [expected(line, text) for line in lines]


def explain(text: str, lines: list[bytes]) -> list[Explanation]:
    """Parse lines with the kernels."""
    content = b"\n".join(lines) + b"\n"
    return list(explainer().explain(scan_block(padded(content), len(content), text), 1))


FIELDS = b"#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status"
OTHER_FIELDS = b"#Fields: time date sc-status cs-uri-stem c-ip"
CHANGING = [
    b"#Software: Microsoft Internet Information Services 10.0",
    b"#Date: 2026-06-01 00:00:00",
    FIELDS,
    b"2026-06-01 00:00:01 192.0.2.1 GET /a b=c 200",
    b"",
    OTHER_FIELDS,
    b"00:00:02 2026-06-01 404 /b 192.0.2.2",
    b"00:00:03 2026-06-01 404 /b",
    FIELDS,
    b"2026-06-01 00:00:04 192.0.2.4 POST /c - 500",
    b"#Fields: ???",
    b"2026-06-01 00:00:05 192.0.2.5 GET /d - 200",
    FIELDS + b"\r",
    b"2026-06-01 00:00:06 192.0.2.6 GET /e - 200\r",
]
READ = [
    *("directive", "directive", "directive", ("192.0.2.1", "/a?b=c", 200), "empty", "directive"),
    *(("192.0.2.2", "/b", 404), "cut", "directive", ("192.0.2.4", "/c", 500), "directive", "format", "directive"),
    ("192.0.2.6", "/e", 200),
]


def short(explanation: Explanation) -> object:
    """Return the reject reason, or client, url and status."""
    return explanation.get("reject") or tuple(explanation[key] for key in ("client", "url", "status"))


def test_lines_follow_the_fields_line_before_them() -> None:
    assert [short(one) for one in explain("w3c", CHANGING)] == READ


@pytest.mark.parametrize("count", range(len(CHANGING) + 1))
def test_the_fields_are_remembered_from_block_to_block(count: int) -> None:
    scanner = BlockScanner("w3c")
    found = []
    for lines in (CHANGING[:count], CHANGING[count:]):
        content = b"".join(line + b"\n" for line in lines)
        found += list(explainer().explain(scanner.scan(padded(content), len(content)), 1))
    assert [short(one) for one in found] == READ


def test_the_fields_that_hold_at_a_place_of_a_file_are_found(tmp_path: Path) -> None:
    log = tmp_path / "iis.log"
    lines = [line for line in CHANGING if line != b"#Fields: ???"]
    content = b"\xef\xbb\xbf" + b"".join(line + b"\n" for line in lines)
    log.write_bytes(content)
    places = list(range(len(content)))
    formats = formats_at(str(log), "w3c", places)
    assert formats is not None
    for place, text in zip(places, formats, strict=True):
        before = [line for begin, line in zip(_begins(lines), lines, strict=True) if begin < place]
        fields = [line for line in before if line.startswith(b"#Fields:")]
        assert text == (parse_fields_line(fields[-1]) if fields else NAMED_FORMATS["w3c"]), place


def _begins(lines: list[bytes]) -> list[int]:
    return (3 + np.cumsum([0, *(len(line) + 1 for line in lines)])[:-1]).tolist()


def test_a_file_with_fields_that_cannot_be_read_is_read_in_one_piece(tmp_path: Path) -> None:
    log = tmp_path / "iis.log"
    log.write_bytes(b"".join(line + b"\n" for line in CHANGING))
    assert formats_at(str(log), "w3c", [0, log.stat().st_size]) is None


@pytest.mark.parametrize("piece_bytes", [1, 7, 64, 200, 10_000])
def test_pieces_of_a_file_read_as_the_whole_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece_bytes: int
) -> None:
    log = tmp_path / "iis.log"
    log.write_bytes(b"".join(line + b"\n" for line in CHANGING if line != b"#Fields: ???"))
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", piece_bytes)
    one = Input(str(log), log.stat().st_size, recognition=Recognition("w3c", 1, 1))
    found: list[Explanation] = []
    for _, path, compression, text, _, begin, end in cut_input(0, one, ""):
        scanner = BlockScanner(text)
        for block in read_blocks(path, compression, begin, end):
            found += explainer().explain(scanner.scan(block.content, block.length), 1)
    # A line that matches no fields is parsed with the fields before it.
    assert [short(one) for one in found] == [*READ[:10], ("192.0.2.5", "/d", 200), *READ[12:]]


def test_a_mixed_log_reads_w3c_lines_beside_others() -> None:
    combined = b'192.0.2.9 - - [01/Jun/2026:00:00:00 +0000] "GET /z HTTP/1.1" 200 1 "-" "-"'
    for text in ("combined\x1ew3c", "w3c\x1ecombined"):
        found = [short(one) for one in explain(text, [combined, FIELDS, CHANGING[3], combined])]
        assert found == [("192.0.2.9", "/z", 200), "directive", READ[3], ("192.0.2.9", "/z", 200)]


def test_a_session_cookie_and_the_forwarded_client_are_taken() -> None:
    text = "w3c:date time c-ip cs-uri-stem sc-status cs(Cookie) X-Forwarded-For"
    assert compile_format(text).meanings >= {Meaning.COOKIE_HEADER, Meaning.FORWARDED}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("w3c:", "no list of W3C field names"),
        ("w3c:192.0.2.1|x", "no list of W3C field names"),
        ("w3c:c-ip sc-status", "has no time"),
    ],
)
def test_fields_that_make_no_log_are_refused(text: str, problem: str) -> None:
    with pytest.raises(FormatError, match=problem):
        compile_format(text)
