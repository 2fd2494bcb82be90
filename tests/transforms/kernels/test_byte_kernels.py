"""The searches over raw bytes agree with Python's, for all begins and ends of slices."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.kernels.byte_kernels import find_byte, find_quote, hash_bytes, padded, same_bytes

CONTENTS = st.lists(st.sampled_from(b'ab"\\\n\x00\xff'), max_size=70).map(bytes)


@given(CONTENTS, st.integers(0, 70), st.integers(0, 70), st.sampled_from(b'ab"\\\n\x00\xff'))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_byte_is_found_where_it_first_stands(content: bytes, one: int, other: int, byte: int) -> None:
    begin, end = sorted((min(one, len(content)), min(other, len(content))))
    place = content.find(bytes([byte]), begin, end)
    assert find_byte(padded(content), begin, end, np.uint8(byte)) == (place if place >= 0 else end)


@given(CONTENTS, st.integers(0, 70))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_quote_is_found_where_no_backslash_escapes_it(content: bytes, begin: int) -> None:
    begin = min(begin, len(content))
    unquoted = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL).match(content, begin)
    assert unquoted is not None
    expected = unquoted.end() if content[unquoted.end() : unquoted.end() + 1] == b'"' else len(content)
    assert find_quote(padded(content), begin, len(content), np.uint8(ord('"'))) == expected


@given(CONTENTS, CONTENTS)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_equal_pieces_are_the_same_and_hash_alike(left: bytes, right: bytes) -> None:
    length = min(len(left), len(right))
    one, other = padded(left + right), padded(right)
    same = left[:length] == right[:length]
    assert same_bytes(one, 0, other, 0, length) == same
    assert same_bytes(one, len(left), other, 0, len(right))
    assert hash_bytes(one, len(left), len(left) + len(right)) == hash_bytes(other, 0, len(right))
    assert same or hash_bytes(one, 0, length) != hash_bytes(other, 0, length)
