"""From JSON lines to the places of their fields, in one pass (step 2 of the path).

The values are written one behind the other into a new block, decoded, and escaped as Apache does, so that all that
follows reads one dialect; and reads it fast, since what lies together is soon at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.json_formats import JsonFormat, compile_json_format
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, padded
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.end_fields import SPACE
from footfall.transforms.scanning.json_kernels import (
    LISTED,
    MAX_DEPTH,
    MAX_SEEN,
    NO_RANK,
    PLAIN,
    decode_list,
    holds_second_record,
    key_hash,
    skip_blanks,
    walk_object,
)
from footfall.transforms.scanning.json_texts import decode_text
from footfall.transforms.scanning.scan_lines import ScannedBlock, Spans, is_blank
from footfall.transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_TOO_LONG,
)

_REQUEST_PARTS: Final = (Meaning.REQUEST, Meaning.METHOD, Meaning.URL, Meaning.PROTOCOL)


@dataclass(frozen=True)
class JsonPlan:
    """A JsonFormat as the flat arrays that the compiled scanner reads: a tree of keys.

    An edge leads from a node (an object; 0 is the line) under a key to a child node, a row of the result, or both;
    -1 where not. `table` has the edges by their hashes, -1 where empty; `is_record` says of each row whether a
    request would have it. `parts` has the rows of request, method, url and protocol where lines may have either the
    request or its parts, else it is empty.
    """

    table: Offsets
    keys: Bytes
    key_begins: Offsets
    edge_nodes: Offsets
    edge_children: Offsets
    edge_rows: Offsets
    edge_ranks: Offsets
    is_record: NDArray[np.bool_]
    client_row: int
    cookie_row: int
    parts: Offsets
    row_of: dict[Meaning, int]


@lru_cache(maxsize=256)
def plan_json(format_text: str) -> JsonPlan:
    """The plan for a JSON format's name or text; row 0 stays empty, row -1 of the result is always absent."""
    layout: JsonFormat = compile_json_format(format_text)
    row_of = {meaning: row for row, meaning in enumerate(sorted(layout.meanings), start=1)}
    edges: dict[tuple[int, bytes], list[int]] = {}  # (node, key) → child, row, rank
    node_count = 1
    for meaning, paths in layout.paths.items():
        for rank, path in enumerate(paths):
            # `a.b` may be the key b in the object a, or a key with a dot.
            for steps in {tuple(path.split(".")), (path,)}:
                node = 0
                for place, step in enumerate(steps):
                    edge = edges.setdefault((node, step.encode()), [-1, -1, NO_RANK])
                    if place + 1 == len(steps):
                        edge[1], edge[2] = row_of[meaning], rank
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
    is_either = set(_REQUEST_PARTS[:3]) <= layout.meanings
    is_record = np.zeros(len(row_of) + 2, dtype=np.bool_)
    is_record[[row_of[meaning] for meaning in layout.record_slots]] = True
    return JsonPlan(
        table=table,
        keys=keys,
        key_begins=key_begins,
        edge_nodes=np.array([node for node, _ in edges], dtype=np.int32),
        edge_children=children,
        edge_rows=rows,
        edge_ranks=ranks,
        is_record=is_record,
        client_row=row_of.get(Meaning.CLIENT, -1),
        cookie_row=row_of.get(Meaning.COOKIE_HEADER, -1),
        parts=np.array([row_of.get(meaning, 0) for meaning in _REQUEST_PARTS] if is_either else [], dtype=np.int32),
        row_of={meaning: row for meaning, row in row_of.items() if not is_either or meaning not in _REQUEST_PARTS[1:]},
    )


def scan_json(spans: Spans, lines: NDArray[np.int64], format_text: str) -> ScannedBlock:
    """Find the fields of JSON lines, whose numbers in the block are `lines`; a CR at a line's end is dropped."""
    plan = plan_json(format_text)
    shape = (len(plan.is_record), len(lines))
    begins = np.full(shape, -1, dtype=np.int32)
    ends = np.full(shape, -1, dtype=np.int32)
    rejects = np.zeros(len(lines), dtype=np.uint8)
    # Nothing becomes longer by decoding, but lists of numbers by the spaces between them.
    room = 2 * int(np.maximum(spans.ends - spans.begins, 0).sum(dtype=np.int64))
    block = np.empty(room + PADDING, dtype=np.uint8)
    used = _scan(
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
        plan.cookie_row,
        plan.parts,
        block,
        begins,
        ends,
        rejects,
    )
    block = block[: used + PADDING]
    block[used:] = 0
    return ScannedBlock(block, lines, begins, ends, rejects, plan.row_of)


@kernel
def _scan(
    block: Bytes,
    line_begins: Offsets,
    line_ends: Offsets,
    table: Offsets,
    keys: Bytes,
    key_begins: Offsets,
    edge_nodes: Offsets,
    edge_children: Offsets,
    edge_rows: Offsets,
    edge_ranks: Offsets,
    is_record: NDArray[np.bool_],
    client_row: int,
    cookie_row: int,
    parts: Offsets,
    out: Bytes,
    begins: Offsets,
    ends: Offsets,
    rejects: NDArray[np.uint8],
) -> int:
    """Write values into `out`, fill places and rejects; returns where the values end."""
    rows = begins.shape[0]
    value_begins = np.empty(rows, dtype=np.int32)
    value_ends = np.empty(rows, dtype=np.int32)
    value_forms = np.empty(rows, dtype=np.uint8)
    ranks = np.empty(rows, dtype=np.int32)
    nodes = np.empty(MAX_DEPTH, dtype=np.int32)
    seen = np.full((MAX_SEEN, 4), -2, dtype=np.int64)
    used = 0
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
            value_begins[:] = -1
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
                value_begins,
                value_ends,
                value_forms,
                ranks,
                nodes,
                seen,
            )
            if reject == ACCEPTED and skip_blanks(block, behind, end) < end:
                reject = REJECT_FORMAT
            if reject != ACCEPTED and holds_second_record(block, begin, end):
                reject = REJECT_JOINED
            if reject == ACCEPTED and not _is_any(is_record, value_begins):
                # Some servers write other messages into the same file.
                reject = REJECT_FORMAT
        if reject != ACCEPTED:
            rejects[line] = reject
            continue
        if len(parts) and value_begins[parts[0]] < 0 and value_begins[parts[1]] >= 0 and value_begins[parts[2]] >= 0:
            # `METHOD url protocol`, of which the protocol may be missing.
            begins[parts[0], line] = used
            for row in parts[1:]:
                if value_begins[row] >= 0:
                    if row != parts[1]:
                        out[used] = SPACE
                        used += 1
                    used = _write_value(
                        block, int(value_begins[row]), int(value_ends[row]), value_forms[row], False, out, used
                    )
            ends[parts[0], line] = used
        for row in range(rows):
            if value_begins[row] >= 0:
                begins[row, line] = used
                used = _write_value(
                    block,
                    int(value_begins[row]),
                    int(value_ends[row]),
                    value_forms[row],
                    row == cookie_row,
                    out,
                    used,
                )
                ends[row, line] = used
    return used


@inlined_kernel
def _is_any(wanted: NDArray[np.bool_], places: Offsets) -> bool:
    found = False
    for row in range(len(wanted)):
        found = found or (wanted[row] and places[row] >= 0)
    return found


@inner_kernel
def _write_value(block: Bytes, begin: int, end: int, form: np.uint8, of_cookies: bool, out: Bytes, used: int) -> int:
    """Write a value to out[used:], decoded and escaped for logs; returns the place behind it."""
    if form == PLAIN:
        copy_bytes(out, used, block, begin, end - begin)
        return used + end - begin
    if form == LISTED:
        return decode_list(block, begin, end, out, used, of_cookies)
    return decode_text(block, begin, end, out, used, True)


__all__ = ["JsonPlan", "plan_json", "scan_json"]
