"""The escapes of Apache and nginx are removed, and invalid UTF-8 is accepted."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.values.decode_texts import decode_texts, unescape

TEXTS = [
    (rb"/plain path", "/plain path"),
    (rb"\x22nginx\x5C\xC3\xA9", '"nginx\\é'),
    (rb"\"apache\" \\ \t\n\r\b\v\f \xe2\x82\xac", '"apache" \\ \t\n\r\b\v\f €'),
    (rb"\xZZ \q \x4", "\\xZZ \\q \\x4"),
    (rb"\\x41", "\\x41"),
    (b"\\", "\\"),
    (b"\xff\xc3\xa9", "\ufffdé"),
    (rb"\x00\x16\x03", "\x00\x16\x03"),
    (b"", ""),
]


@pytest.mark.parametrize(("raw", "text"), TEXTS)
def test_a_text_is_read_as_it_was_before_the_server_wrote_it(raw: bytes, text: str) -> None:
    assert decode_texts(pa.array([raw], pa.large_binary())).to_pylist() == [text]


def test_plain_and_escaped_texts_come_back_in_their_order() -> None:
    raw, texts = zip(*TEXTS, strict=True)
    assert decode_texts(pa.array(raw, pa.large_binary())).to_pylist() == list(texts)
    assert decode_texts(pa.array([], pa.large_binary())).to_pylist() == []


@given(st.binary(max_size=60))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_whatever_a_server_escapes_is_the_same_again(content: bytes) -> None:
    nginx = b"".join(
        b"\\x%02X" % byte if byte < 32 or byte > 126 or byte in b'"\\' else bytes([byte]) for byte in content
    )
    assert unescape(nginx) == content
    apache = content.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n").replace(b"\t", b"\\t")
    assert unescape(apache) == content
