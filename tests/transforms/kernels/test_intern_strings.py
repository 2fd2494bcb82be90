"""Each distinct string and key has one code, in the order of first appearance."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.intern_strings import KeyTable, StringTable, first_rows, pack_pairs


def intern(table: StringTable, strings: list[bytes | None]) -> list[int]:
    present = [string for string in strings if string is not None]
    ends = np.cumsum([len(string or b"") for string in strings]).astype(np.int32)
    begins = np.array([end - len(s) if s is not None else -1 for s, end in zip(strings, ends, strict=True)], np.int32)
    codes: list[int] = table.intern(padded(b"".join(present)), begins, ends).tolist()
    return codes


def first_come(strings: list[bytes | None]) -> dict[bytes | None, int]:
    codes: dict[bytes | None, int] = {None: 0}
    for string in strings:
        codes.setdefault(string, len(codes))
    return codes


@given(st.lists(st.lists(st.none() | st.binary(max_size=20), max_size=40), max_size=4))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_strings_keep_their_codes_from_block_to_block(blocks: list[list[bytes | None]]) -> None:
    table = StringTable()
    expected = first_come([string for block in blocks for string in block])
    for block in blocks:
        assert intern(table, block) == [expected[string] for string in block]
    assert table.bytes_since(1).to_pylist() == list(expected)[1:]


def test_a_table_grows_with_what_it_holds_and_can_be_emptied() -> None:
    table = StringTable()
    strings: list[bytes | None] = [b"%d" % number * 30 for number in range(20_000)]
    assert intern(table, strings + strings) == [*range(1, 20_001)] * 2
    assert table.bytes_since(19_999).to_pylist() == strings[-2:]
    table.clear()
    assert intern(table, [b"again", None, b""]) == [1, 0, 2]


@given(st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=900), max_size=3))
@settings(max_examples=50, derandomize=True, deadline=None)
def test_keys_keep_their_codes_too(blocks: list[list[int]]) -> None:
    table = KeyTable()
    known: dict[int, int] = {}
    for block in blocks:
        for key in block:
            known.setdefault(key, len(known))
        assert table.intern(np.array(block, dtype=np.uint64)).tolist() == [known[key] for key in block]
    assert table.keys.tolist() == list(known)


def test_a_table_of_keys_is_no_larger_than_all_of_them_need() -> None:
    table = KeyTable()
    table.intern(np.arange(512, dtype=np.uint64))
    table.intern(np.arange(512, 600, dtype=np.uint64))
    assert table.count == 600
    assert len(table._keys) == 1_024


def test_keys_are_found_without_being_added() -> None:
    table = KeyTable()
    table.intern(np.array([7, 0, 2**63], dtype=np.uint64))
    found = table.find(np.array([2**63, 8, 8, 7, 0], dtype=np.uint64))
    assert found.tolist() == [2, -1, -1, 0, 1]
    assert table.count == 3


def test_the_first_rows_of_codes_are_those_of_their_keys() -> None:
    keys = np.array([7, 7, 0, 9, 0, 7, 1], dtype=np.uint64)
    table = KeyTable()
    rows = first_rows(table.intern(keys))
    assert rows.tolist() == [0, 2, 3, 6]
    assert keys[rows].tolist() == table.keys.tolist()
    assert first_rows(np.zeros(0, dtype=np.int32)).tolist() == []


def test_pairs_of_values_are_packed_in_the_order_of_the_rows() -> None:
    first, second = np.array([1, 2, 2**31 - 1], dtype=np.int32), np.array([5, 0, 2**32 - 1], dtype=np.uint32)
    keys = pack_pairs(first, second, np.array([2, 0, 2]))
    assert keys.tolist() == [(2**31 - 1) << 32 | 2**32 - 1, 1 << 32 | 5, (2**31 - 1) << 32 | 2**32 - 1]
