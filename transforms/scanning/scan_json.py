"""From JSON lines to the places of their fields, in one pass (step 2 of the path).

Values without escapes stay where they are; the others are decoded into room behind a copy of the block, and escaped as
Apache does, so that all that follows reads one dialect. The block that was read is never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.formats.json_formats import JsonFormat, compile_json_format
from transforms.formats.slots import Slot
from transforms.kernels.byte_kernels import PADDING, Bytes, padded
from transforms.scanning.json_kernels import (
    LISTED,
    MAX_DEPTH,
    NO_RANK,
    PLAIN,
    decode_list,
    holds_second_record,
    key_hash,
    skip_blanks,
    walk_object,
)
from transforms.scanning.json_texts import decode_text
from transforms.scanning.scan_lines import Places, ScannedBlock, Spans, is_blank
from transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_TOO_LONG,
)

_REQUEST_PARTS: Final = (Slot.REQUEST, Slot.METHOD, Slot.URL, Slot.PROTOCOL)


@dataclass(frozen=True)
class JsonPlan:
    """A JsonFormat as the flat arrays that the compiled scanner reads: a tree of keys.

    An edge leads from a node (an object; 0 is the line) under a key to a child node, a row of the result, or both;
    -1 where not. `table` has the edges by their hashes, -1 where empty; `is_record` says of each row whether a
    request would have it. `parts` has the rows of request, method, url and protocol where lines may have either the
    request or its parts, else it is empty.
    """

    table: Places
    keys: Bytes
    key_begins: Places
    edge_nodes: Places
    edge_children: Places
    edge_rows: Places
    edge_ranks: Places
    is_record: NDArray[np.bool_]
    client_row: int
    cookie_row: int
    parts: Places
    row_of: dict[Slot, int]


@lru_cache(maxsize=256)
def plan_json(format_text: str) -> JsonPlan:
    """The plan for a JSON format's name or text; row 0 stays empty, row -1 of the result is always absent."""
    layout: JsonFormat = compile_json_format(format_text)
    row_of = {slot: row for row, slot in enumerate(sorted(layout.slots), start=1)}
    edges: dict[tuple[int, bytes], list[int]] = {}  # (node, key) → child, row, rank
    node_count = 1
    for slot, paths in layout.paths.items():
        for rank, path in enumerate(paths):
            # `a.b` may be the key b in the object a, or a key with a dot.
            for steps in {tuple(path.split(".")), (path,)}:
                node = 0
                for place, step in enumerate(steps):
                    edge = edges.setdefault((node, step.encode()), [-1, -1, NO_RANK])
                    if place + 1 == len(steps):
                        edge[1], edge[2] = row_of[slot], rank
                        break
                    if edge[0] < 0:
                        edge[0] = node_count
                        node_count += 1
                    node = edge[0]
    keys = padded(b"".join(key for _, key in edges))
    key_begins = np.cumsum([0, *(len(key) for _, key in edges)]).astype(np.int32)
    table = np.full(1 << (4 * len(edges)).bit_length(), -1, dtype=np.int32)
    for edge_number, (node, _) in enumerate(edges):
        place = int(key_hash(keys, int(key_begins[edge_number]), int(key_begins[edge_number + 1]), node))
        while table[place % len(table)] >= 0:
            place += 1
        table[place % len(table)] = edge_number
    children, rows, ranks = (np.array(column, dtype=np.int32) for column in zip(*edges.values(), strict=True))
    is_either = set(_REQUEST_PARTS[:3]) <= layout.slots
    is_record = np.zeros(len(row_of) + 2, dtype=np.bool_)
    is_record[[row_of[slot] for slot in layout.record_slots]] = True
    return JsonPlan(
        table=table,
        keys=keys,
        key_begins=key_begins,
        edge_nodes=np.array([node for node, _ in edges], dtype=np.int32),
        edge_children=children,
        edge_rows=rows,
        edge_ranks=ranks,
        is_record=is_record,
        client_row=row_of.get(Slot.CLIENT, -1),
        cookie_row=row_of.get(Slot.COOKIE_HEADER, -1),
        parts=np.array([row_of.get(slot, 0) for slot in _REQUEST_PARTS] if is_either else [], dtype=np.int32),
        row_of={slot: row for slot, row in row_of.items() if not is_either or slot not in _REQUEST_PARTS[1:]},
    )


def scan_json(spans: Spans, lines: NDArray[np.int64], format_text: str) -> ScannedBlock:
    """Find the fields of JSON lines, whose numbers in the block are `lines`; a CR at a line's end is dropped."""
    plan = plan_json(format_text)
    shape = (len(plan.is_record), len(lines))
    # One row for each line while it is scanned: its fields are written together.
    begins = np.full(shape[::-1], -1, dtype=np.int32)
    ends = np.full(shape[::-1], -1, dtype=np.int32)
    forms = np.zeros(shape[::-1], dtype=np.uint8)
    rejects = np.zeros(len(lines), dtype=np.uint8)
    room = _scan(
        spans.block,
        spans.begins,
        spans.ends,
        plan.table,
        plan.keys,
        plan.key_begins,
        plan.edge_nodes,
        plan.edge_children,
        plan.edge_rows,
        plan.edge_ranks,
        plan.is_record,
        plan.client_row,
        plan.parts,
        begins,
        ends,
        forms,
        rejects,
    )
    block = spans.block
    if room:
        length = int(spans.ends.max())
        block = np.empty(length + room + PADDING, dtype=np.uint8)
        block[:length] = spans.block[:length]
        block[length:] = 0
        length = _decode(block, length, plan.cookie_row, begins, ends, forms)
        _compose_requests(block, length, plan.parts, begins, ends)
    return ScannedBlock(
        block, lines, np.ascontiguousarray(begins.T), np.ascontiguousarray(ends.T), rejects, plan.row_of
    )


@njit(nogil=True, cache=True)
def _scan(
    block: Bytes,
    line_begins: Places,
    line_ends: Places,
    table: Places,
    keys: Bytes,
    key_begins: Places,
    edge_nodes: Places,
    edge_children: Places,
    edge_rows: Places,
    edge_ranks: Places,
    is_record: NDArray[np.bool_],
    client_row: int,
    parts: Places,
    begins: Places,
    ends: Places,
    forms: NDArray[np.uint8],
    rejects: NDArray[np.uint8],
) -> int:
    """Fill places, forms and rejects; returns how much room the values need that must be decoded."""
    ranks = np.empty(begins.shape[1], dtype=np.int32)
    nodes = np.empty(MAX_DEPTH, dtype=np.int32)
    room = 0
    for line in range(len(rejects)):
        begin = np.int64(line_begins[line])
        end = np.int64(line_ends[line])
        if end > begin and block[end - 1] == 13:
            end -= 1
        if is_blank(block, begin, end):
            rejects[line] = REJECT_EMPTY
            continue
        if end - begin > MAX_LINE_BYTES:
            rejects[line] = REJECT_TOO_LONG
            continue
        begin = skip_blanks(block, begin, end)
        reject = REJECT_FORMAT
        if block[begin] == 123:  # {
            ranks[:] = NO_RANK
            reject, behind = walk_object(
                block,
                begin,
                end,
                table,
                keys,
                key_begins,
                edge_nodes,
                edge_children,
                edge_rows,
                edge_ranks,
                client_row,
                begins[line],
                ends[line],
                forms[line],
                ranks,
                nodes,
            )
            if reject == ACCEPTED and skip_blanks(block, behind, end) < end:
                reject = REJECT_FORMAT
            if reject != ACCEPTED and holds_second_record(block, begin, end):
                reject = REJECT_JOINED
            if reject == ACCEPTED and not _is_any(is_record, begins[line]):
                # Some servers write other messages into the same file.
                reject = REJECT_FORMAT
        if reject != ACCEPTED:
            rejects[line] = reject
            begins[line] = -1
            ends[line] = -1
            forms[line] = PLAIN
            continue
        for row in range(begins.shape[1]):
            if forms[line, row] != PLAIN:
                # A list of numbers without spaces becomes longer.
                factor = 2 if forms[line, row] == LISTED else 1
                room += factor * int(ends[line, row] - begins[line, row])
        if len(parts) and begins[line, parts[0]] < 0:
            # Two spaces between the three of them.
            room += 2
            for row in parts:
                room += int(ends[line, row] - begins[line, row])
    return room


@njit(nogil=True, cache=True, inline="always")
def _is_any(wanted: NDArray[np.bool_], places: Places) -> bool:
    found = False
    for row in range(len(wanted)):
        found = found or (wanted[row] and places[row] >= 0)
    return found


@njit(nogil=True, cache=True)
def _decode(block: Bytes, used: int, cookie_row: int, begins: Places, ends: Places, forms: NDArray[np.uint8]) -> int:
    """Decode the values that need it into block[used:], and move their places; returns the place behind them."""
    for line in range(begins.shape[0]):
        for row in range(begins.shape[1]):
            if forms[line, row] == PLAIN:
                continue
            begin, end = np.int64(begins[line, row]), np.int64(ends[line, row])
            begins[line, row] = used
            if forms[line, row] == LISTED:
                used = decode_list(block, begin, end, block, used, row == cookie_row)
            else:
                used = decode_text(block, begin, end, block, used, True)
            ends[line, row] = used
    return used


@njit(nogil=True, cache=True)
def _compose_requests(block: Bytes, used: int, parts: Places, begins: Places, ends: Places) -> None:
    """Write `METHOD url protocol` into block[used:] for lines that have the parts and not the whole."""
    if len(parts) == 0:
        return
    request, method, url = parts[0], parts[1], parts[2]
    for line in range(begins.shape[0]):
        if begins[line, request] >= 0 or begins[line, method] < 0 or begins[line, url] < 0:
            continue
        begins[line, request] = used
        for row in parts[1:]:
            begin, end = np.int64(begins[line, row]), np.int64(ends[line, row])
            if begin < 0:
                continue
            if row != method:
                block[used] = 32
                used += 1
            for index in range(begin, end):
                block[used] = block[index]
                used += 1
        ends[line, request] = used


__all__ = ["JsonPlan", "plan_json", "scan_json"]
