"""JSON, one line at a time: what the scanner of JSON lines and the unwrapping of `json-file` are made of.

Libraries were measured first, on 700 bytes a line and 15 fields: DuckDB takes 3 µs a line, pyarrow 5, before any
value is where it is needed; both give up a whole block for one bad line, or want UTF-8. This takes 1 to 2 µs, and
forgives what servers write that is no JSON (RFC 8259): bytes that are no UTF-8 (nginx), `\\xhh` escapes (Apache, and
nginx without `escape=json`), nothing or a bare `-` for a number, a comma behind the last member.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import find_byte, find_quote, hash_bytes, same_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.end_fields import QUOTE, QUOTED, is_absent
from footfall.transforms.scanning.json_texts import decode_text
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_FORMAT

PLAIN, ESCAPED, LISTED = range(3)
"""How a value stands in the line: as it is meant, with escapes, as a list of values."""
MAX_DEPTH: Final = 64
MAX_SEEN: Final = 128
NO_RANK: Final = 255
"""Of a value that was not met; an empty client, which is none but not nothing, has the one before it."""
_NODE_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_BACKSLASH: Final = np.uint8(92)
_OPEN_OBJECT: Final = np.uint8(ord("{"))
_CLOSE_OBJECT: Final = np.uint8(ord("}"))
_OPEN_LIST: Final = np.uint8(ord("["))
_CLOSE_LIST: Final = np.uint8(ord("]"))
_COMMA: Final = np.uint8(ord(","))
_COLON: Final = np.uint8(ord(":"))
_SEMICOLON: Final = np.uint8(ord(";"))
_SPACE: Final = np.uint8(ord(" "))


@inlined_kernel
def skip_blanks(block: Bytes, position: int, end: int) -> int:
    """The place of the first byte that is no white space, or `end`."""
    while position < end and (block[position] == 32 or 9 <= block[position] <= 13):
        position += 1
    return position


@inner_kernel
def key_hash(keys: Bytes, begin: int, end: int, node: int) -> np.uint64:
    """The hash of a key within an object of the paths' tree."""
    return hash_bytes(keys, begin, end) + np.uint64(node) * _NODE_FACTOR


@inlined_kernel
def _find_edge(
    block: Bytes,
    begin: int,
    end: int,
    node: int,
    table: Offsets,
    keys: Bytes,
    key_begins: Offsets,
    edge_nodes: Offsets,
) -> int:
    """The edge of the paths' tree that leaves `node` under the key block[begin:end], or -1."""
    mask = len(table) - 1
    place = np.int64(key_hash(block, begin, end, node) & np.uint64(mask))
    while table[place] >= 0:
        edge = int(np.int64(table[place]))
        key = np.int64(key_begins[edge])
        length = np.int64(key_begins[edge + 1]) - key
        if edge_nodes[edge] == node and length == end - begin and same_bytes(block, begin, keys, key, length):
            return edge
        place = (place + 1) & mask
    return -1


@inlined_kernel
def _behind_bare(block: Bytes, position: int, end: int) -> int:
    """Where a number, `true`, `null` or what else has no quotes ends: a second record may begin in it."""
    while position < end and 45 <= block[position] <= 57:
        position += 1
    while position < end:
        byte = block[position]
        is_blank = byte == 32 or 9 <= byte <= 13
        if is_blank or byte in (_COMMA, _CLOSE_OBJECT, _CLOSE_LIST, _OPEN_OBJECT, _OPEN_LIST, QUOTE):
            break
        position += 1
    return position


@inlined_kernel
def _says_nothing(block: Bytes, begin: int, end: int, is_text: bool) -> bool:
    """Whether a value is empty, `-` or null."""
    if is_absent(block, begin, end, np.uint8(QUOTED)):
        return True
    if is_text or end - begin != 4:
        return False
    return bool(block[begin] == 110 and block[begin + 1] == 117 and block[begin + 2] == 108 and block[begin + 3] == 108)


@inner_kernel
def _read_element(block: Bytes, position: int, end: int) -> tuple[int, int, int]:
    """Begin and end of the next value of a list that says something, and the place behind it; -1, -1 behind the last.

    Lists and objects in the list are read over. The list is known to be well formed.
    """
    depth = 0
    while position < end:
        byte = block[position]
        if byte == QUOTE:
            begin = position + 1
            stop = find_quote(block, begin, end, QUOTE)
            position = stop + 1
            if depth == 0 and not _says_nothing(block, begin, stop, True):
                return begin, stop, position
        elif byte in (_OPEN_LIST, _OPEN_OBJECT):
            depth += 1
            position += 1
        elif byte in (_CLOSE_LIST, _CLOSE_OBJECT):
            depth -= 1
            position += 1
        elif byte in (_COMMA, _COLON) or byte == 32 or 9 <= byte <= 13:
            position += 1
        else:
            begin = position
            position = _behind_bare(block, position, end)
            if depth == 0 and not _says_nothing(block, begin, position, False):
                return begin, position, position
    return -1, -1, end


@inner_kernel
def walk_object(
    block: Bytes,
    begin: int,
    end: int,
    table: Offsets,
    keys: Bytes,
    key_begins: Offsets,
    edge_nodes: Offsets,
    edge_children: Offsets,
    edge_rows: Offsets,
    edge_ranks: Offsets,
    client_row: int,
    value_begins: Offsets,
    value_ends: Offsets,
    forms: NDArray[np.uint8],
    ranks: Offsets,
    nodes: Offsets,
    seen: NDArray[np.int64],
) -> tuple[int, int]:
    """Find the wanted values of the object that begins at `begin`; returns why it is none, and the place behind it.

    `value_begins`, `value_ends`, `forms` have one value per row, as has `ranks`, which is NO_RANK everywhere before;
    `nodes` has room for MAX_DEPTH. `seen` remembers the keys of the line before, MAX_SEEN of them, one a row: where it
    begins, how long it is with its quotes and colon, the node that it was met at, its edge.

    Of several values for a row that say something the one of the lowest rank is taken, of those the first.
    """
    is_object = np.uint64(1)  # one bit for each level: object or list
    depth = 0
    nodes[0] = 0
    list_row = np.int64(-1)
    list_rank = np.int64(NO_RANK)
    list_begin = np.int64(0)
    list_depth = -1
    key = 0
    position = begin + 1
    while True:
        position = skip_blanks(block, position, end)
        if position >= end:
            return REJECT_CUT, end
        byte = block[position]
        in_object = (is_object & np.uint64(1)) == np.uint64(1)
        closing = _CLOSE_OBJECT if in_object else _CLOSE_LIST
        if byte != closing:
            row = np.int64(-1)
            rank = np.int64(NO_RANK)
            child = np.int64(-1)
            if in_object:
                if byte != QUOTE:
                    return REJECT_FORMAT, position
                node = np.int64(nodes[depth])
                # Lines of a log are alike: mostly the key is that of the line before.
                length = seen[key, 1]
                if (
                    seen[key, 2] == node
                    and position + length < end
                    and same_bytes(block, position, block, seen[key, 0], length)
                ):
                    edge = seen[key, 3]
                    position += length
                else:
                    key_begin = position
                    key_end = find_quote(block, position + 1, end, QUOTE)
                    edge = np.int64(-1)
                    if node >= 0 and key_end < end:
                        edge = np.int64(
                            _find_edge(block, position + 1, key_end, node, table, keys, key_begins, edge_nodes)
                        )
                    position = skip_blanks(block, key_end + 1, end)
                    if position >= end:
                        return REJECT_CUT, end
                    if block[position] != _COLON:
                        return REJECT_FORMAT, position
                    position += 1
                    seen[key, 0] = key_begin
                    seen[key, 1] = position - key_begin
                    seen[key, 2] = node
                    seen[key, 3] = edge
                key = min(key + 1, MAX_SEEN - 1)
                position = skip_blanks(block, position, end)
                if position >= end:
                    return REJECT_CUT, end
                byte = block[position]
                if edge >= 0:
                    row = np.int64(edge_rows[edge])
                    rank = np.int64(edge_ranks[edge])
                    child = np.int64(edge_children[edge])
            if byte in (_OPEN_LIST, _OPEN_OBJECT):
                if depth + 1 >= MAX_DEPTH:
                    return REJECT_FORMAT, position
                if byte == _OPEN_LIST and row >= 0 and list_depth < 0:
                    list_row, list_rank, list_begin, list_depth = row, rank, position, depth + 1
                depth += 1
                nodes[depth] = child if byte == _OPEN_OBJECT else -1
                is_object = is_object << np.uint64(1) | np.uint64(byte == _OPEN_OBJECT)
                position += 1
                continue
            is_text = byte == QUOTE
            if is_text:
                value_begin = position + 1
                value_end = find_quote(block, value_begin, end, QUOTE)
                if value_end >= end:
                    return REJECT_CUT, end
                position = value_end + 1
            else:
                value_begin = position
                value_end = _behind_bare(block, position, end)
                position = value_end
            if row >= 0 and rank < ranks[row]:
                if not _says_nothing(block, value_begin, value_end, is_text):
                    value_begins[row] = value_begin
                    value_ends[row] = value_end
                    ranks[row] = rank
                    has_escape = is_text and find_byte(block, value_begin, value_end, _BACKSLASH) < value_end
                    forms[row] = ESCAPED if has_escape else PLAIN
                elif row == client_row and is_text and value_begin == value_end and ranks[row] == NO_RANK:
                    value_begins[row] = value_begin
                    value_ends[row] = value_end
                    ranks[row] = NO_RANK - 1
        else:
            position += 1
            if depth == list_depth:
                list_depth = -1
                first, last, behind = _read_element(block, list_begin + 1, position - 1)
                if first >= 0 and list_rank < ranks[list_row]:
                    more, _, _ = _read_element(block, behind, position - 1)
                    if more >= 0:
                        first, last = list_begin + 1, position - 1
                        forms[list_row] = LISTED
                    else:
                        has_escape = find_byte(block, first, last, _BACKSLASH) < last
                        forms[list_row] = ESCAPED if has_escape else PLAIN
                    value_begins[list_row] = first
                    value_ends[list_row] = last
                    ranks[list_row] = list_rank
            is_object = is_object >> np.uint64(1)
            depth -= 1
            if depth < 0:
                return ACCEPTED, position
        # Behind a value: a comma, or the end of what it stands in.
        position = skip_blanks(block, position, end)
        if position >= end:
            return REJECT_CUT, end
        in_object = (is_object & np.uint64(1)) == np.uint64(1)
        if block[position] == _COMMA:
            position += 1
        elif block[position] != (_CLOSE_OBJECT if in_object else _CLOSE_LIST):
            return REJECT_FORMAT, position


@inner_kernel
def holds_second_record(block: Bytes, begin: int, end: int) -> bool:
    """Whether the opening of a line, `{` and its first key, stands in it a second time."""
    first = find_byte(block, begin, end, QUOTE)
    key_end = find_quote(block, first + 1, end, QUOTE)
    if key_end >= end:
        return False
    length = key_end + 1 - begin
    index = find_byte(block, begin + 1, end, _OPEN_OBJECT)
    while index + length <= end:
        if same_bytes(block, index, block, begin, length):
            return True
        index = find_byte(block, index + 1, end, _OPEN_OBJECT)
    return False


@inner_kernel
def decode_list(block: Bytes, begin: int, end: int, out: Bytes, used: int, of_cookies: bool) -> int:
    """Write the values of a list with `, ` between them, as fields of one name combine (RFC 9110, 5.3).

    Cookies have `; ` between them (RFC 9113, 8.2.3). It is never longer than what was read, but for the spaces: a
    list of numbers may have none, so there is room for one more byte a value.
    """
    first, last, behind = _read_element(block, begin, end)
    separated = False
    while first >= 0:
        if separated:
            out[used] = _SEMICOLON if of_cookies else _COMMA
            out[used + 1] = _SPACE
            used += 2
        used = decode_text(block, first, last, out, used, True)
        separated = True
        first, last, behind = _read_element(block, behind, end)
    return used
