"""Finds the byte offsets of the fields of JSON lines, in one pass.

The values are written to a new block, decoded, and escaped as by Apache, so that the following steps read one dialect.
The block has only these values, which makes reading them fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Bytes, Codes, Flags, Ints, Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.json_formats import JsonFormat, compile_json_format
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, padded
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.field_ends import SPACE
from footfall.transforms.scanning.json_kernels import (
    LISTED,
    MAX_DEPTH,
    MAX_REMEMBERED_KEYS,
    NO_RANK,
    PLAIN,
    KeyTree,
    LineValues,
    WalkMemory,
    decode_list,
    holds_second_record,
    key_hash,
    skip_blanks,
    walk_object,
)
from footfall.transforms.scanning.json_strings import decode_string
from footfall.transforms.scanning.scan_lines import ScannedFields, Spans, is_blank
from footfall.transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_DIRECTIVE,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_NO_REQUEST,
    REJECT_TOO_LONG,
)

_REQUEST_PARTS: Final = (Meaning.REQUEST, Meaning.METHOD, Meaning.URL, Meaning.PROTOCOL)


class JsonPlan(NamedTuple):
    """A JsonFormat as the arrays that the scanner reads.

    `is_record` has one flag per row, set for fields that only records of requests have. `request_rows` are the rows of
    request, method, url and protocol if a line may have either the request or its parts, else the array is empty;
    `time_rows` those of time, date and clock if date and clock are apart.
    """

    tree: KeyTree
    is_record: Flags
    client_row: int
    cookie_row: int
    request_rows: Codes
    time_rows: Codes


@lru_cache(maxsize=256)
def plan_json(format_text: str) -> tuple[JsonPlan, dict[Meaning, int]]:
    """Return the plan for a JSON format's name or text, and the row of each meaning in the result.

    Row 0 and the last row stay absent.
    """
    json_format: JsonFormat = compile_json_format(format_text)
    row_of = {meaning: row for row, meaning in enumerate(sorted(json_format.meanings), start=1)}
    edges: dict[tuple[int, bytes], list[int]] = {}  # (node, key) → child, row, rank
    node_count = 1
    for meaning, paths in json_format.paths.items():
        for rank, path in enumerate(paths):
            # `a.b.c` may be keys of objects in objects, and from each of them on one key with dots.
            names = path.split(".")
            for outer in range(len(names)):
                keys = (*names[:outer], ".".join(names[outer:]))
                node = 0
                for level, key in enumerate(keys, start=1):
                    edge = edges.setdefault((node, key.encode()), [-1, -1, NO_RANK])
                    if level == len(keys):
                        edge[1], edge[2] = row_of[meaning], rank
                        break
                    if edge[0] < 0:
                        edge[0] = node_count
                        node_count += 1
                    node = edge[0]
    is_either = set(_REQUEST_PARTS[:3]) <= json_format.meanings
    is_record = np.zeros(len(row_of) + 2, dtype=np.bool_)
    is_record[[row_of[meaning] for meaning in json_format.request_meanings]] = True
    request_rows = [row_of.get(meaning, 0) for meaning in _REQUEST_PARTS] if is_either else []
    is_apart = Meaning.DATE in json_format.paths
    time_rows = [row_of[meaning] for meaning in (Meaning.TIME_ANY, Meaning.DATE, Meaning.CLOCK)] if is_apart else []
    plan = JsonPlan(
        tree=_key_tree(edges),
        is_record=is_record,
        client_row=row_of.get(Meaning.CLIENT, -1),
        cookie_row=row_of.get(Meaning.COOKIE_HEADER, -1),
        request_rows=np.array(request_rows, dtype=np.int32),
        time_rows=np.array(time_rows, dtype=np.int32),
    )
    return plan, {meaning: row for meaning, row in row_of.items() if not is_either or meaning not in _REQUEST_PARTS[1:]}


def _key_tree(edges: Mapping[tuple[int, bytes], list[int]]) -> KeyTree:
    """Build the tree from edges: (node, key) → child, row, rank."""
    keys = padded(b"".join(key for _, key in edges))
    key_begins = np.cumsum([0, *(len(key) for _, key in edges)]).astype(np.int32)
    table = np.full(1 << (4 * len(edges)).bit_length(), -1, dtype=np.int32)
    for edge, (node, _) in enumerate(edges):
        slot = int(key_hash(keys, int(key_begins[edge]), int(key_begins[edge + 1]), node))
        while table[slot % len(table)] >= 0:
            slot += 1
        table[slot % len(table)] = edge
    children, rows, ranks = (np.array(column, dtype=np.int32) for column in zip(*edges.values(), strict=True))
    parents = np.array([node for node, _ in edges], dtype=np.int32)
    return KeyTree(table, keys, key_begins, parents, children, rows, ranks)


def scan_json(spans: Spans, lines: Ints, format_text: str) -> ScannedFields:
    """Find the fields of JSON lines with the indexes `lines` in the block. A CR at the end of a line is ignored."""
    plan, row_of = plan_json(format_text)
    rows = len(plan.is_record)
    begins = np.full((rows, len(lines)), -1, dtype=np.int32)
    ends = np.full((rows, len(lines)), -1, dtype=np.int32)
    rejects = np.zeros(len(lines), dtype=np.uint8)
    # Decoding makes nothing longer except lists of numbers, by the spaces between them.
    room = 2 * int(np.maximum(spans.ends - spans.begins, 0).sum(dtype=np.int64))
    block = np.empty(room + PADDING, dtype=np.uint8)
    values = LineValues(
        begins=np.empty(rows, dtype=np.int32),
        ends=np.empty(rows, dtype=np.int32),
        forms=np.empty(rows, dtype=np.uint8),
        ranks=np.empty(rows, dtype=np.int32),
    )
    memory = WalkMemory(
        nodes=np.empty(MAX_DEPTH, dtype=np.int32),
        previous_keys=np.full((MAX_REMEMBERED_KEYS, 4), -2, dtype=np.int64),
    )
    used = _scan(spans, plan, values, memory, block, begins, ends, rejects)
    block = block[: used + PADDING]
    block[used:] = 0
    return ScannedFields(block, lines, begins, ends, rejects, row_of)


@inner_kernel
def _scan(
    spans: Spans,
    plan: JsonPlan,
    values: LineValues,
    memory: WalkMemory,
    out: Bytes,
    begins: Offsets,
    ends: Offsets,
    rejects: Bytes,
) -> int:
    """Write values to `out`, and fill the offsets and rejects of a ScannedFields. Returns the end of the values."""
    block = spans.block
    request_rows = plan.request_rows
    used = 0
    for line in range(len(rejects)):
        begin = np.int64(spans.begins[line])
        end = np.int64(spans.ends[line])
        if end > begin and block[end - 1] == 13:
            end -= 1
        if is_blank(block, begin, end):
            rejects[line] = REJECT_EMPTY
            continue
        if end - begin > MAX_LINE_BYTES:
            rejects[line] = REJECT_TOO_LONG
            continue
        begin = _skip_array(block, skip_blanks(block, begin, end), end)
        if begin == end:
            rejects[line] = REJECT_DIRECTIVE
            continue
        reject = REJECT_FORMAT
        if block[begin] == 123:  # {
            values.ranks[:] = NO_RANK
            values.begins[:] = -1
            reject, object_end = walk_object(block, begin, end, plan.tree, plan.client_row, values, memory)
            if reject == ACCEPTED and _skip_array(block, skip_blanks(block, object_end, end), end) < end:
                reject = REJECT_FORMAT
            if reject != ACCEPTED and holds_second_record(block, begin, end):
                reject = REJECT_JOINED
            if reject == ACCEPTED and not _has_any(plan.is_record, values.begins):
                # Some servers write other messages into the same file.
                reject = REJECT_NO_REQUEST
        if reject != ACCEPTED:
            rejects[line] = reject
            continue
        if (
            len(request_rows)
            and values.begins[request_rows[0]] < 0
            and values.begins[request_rows[1]] >= 0
            and values.begins[request_rows[2]] >= 0
        ):
            # `METHOD url protocol`, of which the protocol may be missing.
            begins[request_rows[0], line] = used
            for part in range(1, len(request_rows)):
                row = request_rows[part]
                if values.begins[row] >= 0:
                    if part > 1:
                        out[used] = SPACE
                        used += 1
                    used = _write_value(block, values, row, False, out, used)
            ends[request_rows[0], line] = used
        time_rows = plan.time_rows
        if len(time_rows) and values.begins[time_rows[1]] >= 0 and values.begins[time_rows[2]] >= 0:
            begins[time_rows[0], line] = used
            used = _write_value(block, values, time_rows[1], False, out, used)
            out[used] = SPACE
            used = _write_value(block, values, time_rows[2], False, out, used + 1)
            ends[time_rows[0], line] = used
        for row in range(len(begins)):
            if values.begins[row] >= 0:
                begins[row, line] = used
                used = _write_value(block, values, row, row == plan.cookie_row, out, used)
                ends[row, line] = used
    return used


@inlined_kernel
def _skip_array(block: Bytes, position: int, end: int) -> int:
    """Return the offset after what a list of objects, one a line, puts before and behind them: `[`, `,` and `]`."""
    while position < end and (block[position] == 91 or block[position] == 44 or block[position] == 93):
        position = skip_blanks(block, position + 1, end)
    return position


@inlined_kernel
def _has_any(flags: Flags, begins: Offsets) -> bool:
    """Return whether any row with a flag has a value."""
    is_any = False
    for row in range(len(flags)):
        is_any = is_any or (flags[row] and begins[row] >= 0)
    return is_any


@inner_kernel
def _write_value(block: Bytes, values: LineValues, row: int, of_cookies: bool, out: Bytes, used: int) -> int:
    """Write a row's value to out[used:], decoded and escaped for logs. Returns the end of the output."""
    begin, end = np.int64(values.begins[row]), np.int64(values.ends[row])
    form = values.forms[row]
    if form == PLAIN:
        copy_bytes(out, used, block, begin, end - begin)
        return int(used + end - begin)
    if form == LISTED:
        return decode_list(block, begin, end, out, used, of_cookies)
    return decode_string(block, begin, end, out, used, True)


__all__ = ["JsonPlan", "plan_json", "scan_json"]
