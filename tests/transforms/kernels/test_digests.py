"""Digests agree with the test vectors of SipHash-2-4."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import as_key, digest_bytes, digest_pair_and_four, digest_spans, digest_words
from footfall.transforms.running.run_options import draw_run_key
from tests.reference.visits import siphash24

KEY = bytes(range(16))
# https://github.com/veorq/SipHash, vectors.h: for the inputs b"", b"\x00", b"\x00\x01", …
VECTORS = [
    "310e0edd47db6f72",
    "fd67dc93c539f874",
    "5a4fa9d909806c0d",
    "2d7efbd796666785",
    "b7877127e09427cf",
    "8da699cd64557618",
    "cee3fe586e46c9cb",
    "37d1018bf50002ab",
    "6224939a79f5f593",
    "b0e4a90bdf82009e",
    "f3b9dd94c5bb5d7a",
    "a7ad6b22462fb3f4",
    "fbe50e86bc8f1e75",
    "903d84c02756ea14",
    "eef27a8e90ca23f7",
    "e545be4961ca29a1",
]


def digest(key: bytes, content: bytes) -> int:
    return int(digest_bytes(as_key(key), np.uint64(0), False, padded(content), 0, len(content)))


@pytest.mark.parametrize("length", range(len(VECTORS)))
def test_the_published_vectors(length: int) -> None:
    assert digest(KEY, bytes(range(length))).to_bytes(8, "little").hex() == VECTORS[length]


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=40), st.integers(0, 2**64 - 1))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_digests_of_bytes_behind_a_prefix_and_of_words(key: bytes, content: bytes, prefix: int) -> None:
    words = as_key(key)
    whole = prefix.to_bytes(8, "little") + content
    assert digest_bytes(words, np.uint64(prefix), True, padded(content), 0, len(content)) == siphash24(whole, key)
    assert digest(key, content) == siphash24(content, key)
    four = [np.uint64(prefix), np.uint64(1), np.uint64(2**63), np.uint64(0)]
    bytes_of_four = b"".join(int(word).to_bytes(8, "little") for word in four)
    assert digest_words(words, *four) == siphash24(bytes_of_four, key)
    assert digest_pair_and_four(words, *four) == (siphash24(bytes_of_four[:16], key), siphash24(bytes_of_four, key))


def test_each_span_has_its_own_digest() -> None:
    content, begins, ends = padded(b"abcabcd"), np.array([0, 3, 3, 7]), np.array([3, 6, 7, 7])
    digests = digest_spans(as_key(KEY), content, begins, ends).tolist()
    assert digests == [digest(KEY, text) for text in (b"abc", b"abc", b"abcd", b"")]


def test_no_two_runs_have_the_same_key() -> None:
    assert len(draw_run_key()) == 16
    assert draw_run_key() != draw_run_key()
