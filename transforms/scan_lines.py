"""From a block of bytes to the places of every line's fields, in one pass (step 2 of the path).

The scanner knows nothing of what fields mean beyond their slot; `read_fields` turns places into values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.byte_kernels import Bytes, find_byte, find_quote, hash_bytes
from transforms.line_formats import SLOT_COUNT, LineFormat, Slot, compile_format
from transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_CUT,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_TOO_LONG,
)

Places = NDArray[np.int32]

_QUOTE = np.uint8(ord('"'))
_SPACE = np.uint8(ord(" "))
_COMMA = np.uint8(ord(","))
_COLON = np.uint8(ord(":"))
_DASH = np.uint8(ord("-"))
_BRACKET = np.uint8(ord("["))
_SLASH = np.uint8(ord("/"))
_USER = np.int64(Slot.USER)
_REQUEST_TIMES = (np.int64(Slot.REQUEST_TIME_S), np.int64(Slot.REQUEST_TIME_US))


@dataclass(frozen=True)
class ScanPlan:
    """A LineFormat as the flat arrays that the compiled scanner reads."""

    literals: Bytes
    literal_begins: Places
    rows: Places
    quoted: NDArray[np.bool_]
    widths: Places
    befores: Bytes
    user_row: int
    extras: bool
    row_of: dict[Slot, int]


@lru_cache(maxsize=256)
def plan_scan(format_text: str) -> ScanPlan:
    """The plan for a format name or string; row 0 takes what is read over, row -1 of the result is always absent."""
    layout: LineFormat = compile_format(format_text)
    row_of = {slot: row for row, slot in enumerate(sorted(layout.slots), start=1)}
    return ScanPlan(
        literals=np.frombuffer(b"".join(layout.literals) + bytes(16), dtype=np.uint8),
        literal_begins=np.cumsum([0, *map(len, layout.literals)]).astype(np.int32),
        rows=np.array([row_of.get(part.slot, 0) for part in layout.fields], dtype=np.int32),
        quoted=np.array([part.quoted for part in layout.fields], dtype=np.bool_),
        widths=np.array([part.width for part in layout.fields], dtype=np.int32),
        befores=np.array([part.before[0] if part.before else 0 for part in layout.fields], dtype=np.uint8),
        user_row=row_of.get(Slot.USER, -1),
        extras=layout.extras,
        row_of=row_of,
    )


@dataclass(frozen=True)
class ScannedBlock:
    """The places of all fields in a block: one column per line.

    `block` is padded; `begins`, `ends` are (slot rows, lines), -1 where a field is absent, empty or `-`; `rejects` holds
    a code of REJECT_REASONS for each line; `line_begins` has one more entry than there are lines.
    """

    block: Bytes
    line_begins: Places
    begins: Places
    ends: Places
    rejects: NDArray[np.uint8]
    row_of: dict[Slot, int]

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.rejects)

    def has(self, slot: Slot) -> bool:
        """Whether the format has a field for this meaning."""
        return slot in self.row_of

    def places(self, slot: Slot) -> tuple[Places, Places]:
        """Begins and ends of one field; -1 everywhere if the format has no such field."""
        row = self.row_of.get(slot, -1)
        return self.begins[row], self.ends[row]


def scan_lines(block: Bytes, length: int, format_text: str) -> ScannedBlock:
    """Find the fields of all lines of block[:length], which ends at the end of a line.

    `block` has PADDING bytes behind `length`. Lines end with LF; one CR before it is dropped.
    """
    plan = plan_scan(format_text)
    line_begins = find_lines(block, length)
    shape = (len(plan.row_of) + 2, len(line_begins) - 1)
    begins = np.full(shape, -1, dtype=np.int32)
    ends = np.full(shape, -1, dtype=np.int32)
    rejects = np.zeros(shape[1], dtype=np.uint8)
    _scan(
        block,
        line_begins,
        plan.literals,
        plan.literal_begins,
        plan.rows,
        plan.quoted,
        plan.widths,
        plan.befores,
        plan.user_row,
        plan.extras,
        begins,
        ends,
        rejects,
    )
    return ScannedBlock(block, line_begins, begins, ends, rejects, plan.row_of)


@njit(nogil=True, cache=True)
def find_lines(block: Bytes, length: int) -> Places:
    """Where each line of block[:length] begins, and behind them where the next one would."""
    begins = np.empty(length // 64 + 1024, dtype=np.int32)
    count = 0
    index = 0
    while index < length:
        if count + 1 >= len(begins):
            grown = np.empty(2 * len(begins), dtype=np.int32)
            grown[:count] = begins[:count]
            begins = grown
        begins[count] = index
        count += 1
        index = find_byte(block, index, length, np.uint8(10)) + 1
    # A last line without LF ends where a LF would have stood.
    begins[count] = index
    return begins[: count + 1]


@njit(nogil=True, cache=True)
def sum_line_hashes(block: Bytes, line_begins: Places) -> int:
    """The hashes of a block's lines (without line ends), added up in two lanes of 32 bits: whatever the order, the same."""
    low = np.uint64(0)
    high = np.uint64(0)
    for line in range(len(line_begins) - 1):
        begin = np.int64(line_begins[line])
        end = np.int64(line_begins[line + 1]) - 1
        if end > begin and block[end - 1] == 13:
            end -= 1
        word = hash_bytes(block, begin, end)
        low += word & np.uint64(0xFFFFFFFF)
        high += word >> np.uint64(32)
    return np.int64((low & np.uint64(0xFFFFFFFF)) | (high & np.uint64(0x7FFFFFFF)) << np.uint64(32))


@njit(nogil=True, cache=True)
def _scan(
    block: Bytes,
    line_begins: Places,
    literals: Bytes,
    literal_begins: Places,
    rows: Places,
    quoted: NDArray[np.bool_],
    widths: Places,
    befores: Bytes,
    user_row: int,
    extras: bool,
    begins: Places,
    ends: Places,
    rejects: NDArray[np.uint8],
) -> None:
    field_count = len(rows)
    for line in range(len(rejects)):
        begin = np.int64(line_begins[line])
        end = np.int64(line_begins[line + 1]) - 1
        if end > begin and block[end - 1] == 13:
            end -= 1
        if _is_blank(block, begin, end):
            rejects[line] = REJECT_EMPTY
            continue
        if end - begin > MAX_LINE_BYTES:
            rejects[line] = REJECT_TOO_LONG
            continue
        position = _match_literal(block, begin, end, literals, literal_begins[0], literal_begins[1])
        missing_quote = False
        if position < 0 and field_count > 0 and quoted[0]:
            position = _match_bare_dash(block, begin, end, literals, literal_begins[0], literal_begins[1])
            missing_quote = position >= 0
        field = 0
        reject = ACCEPTED if position >= 0 else REJECT_FORMAT
        while reject == ACCEPTED and field < field_count:
            literal_begin = np.int64(literal_begins[field + 1])
            literal_end = np.int64(literal_begins[field + 2])
            if missing_quote:
                # A quoted field written as a bare `-`: the quote that closes it is missing too.
                field_end = position + 1
                literal_begin += 1
            elif quoted[field]:
                field_end = find_quote(block, position, end, _QUOTE)
                if field_end >= end:
                    reject = REJECT_CUT
                    break
            elif widths[field] > 0:
                field_end = position + widths[field]
            elif befores[field] != 0:
                field_end = min(
                    find_byte(block, position, end, befores[field]), find_byte(block, position, end, _SPACE)
                )
            else:
                next_quoted = field + 1 < field_count and quoted[field + 1]
                field_end = _find_literal(block, position, end, literals, literal_begin, literal_end, next_quoted)
            if field_end > end or field_end < 0:
                reject = REJECT_CUT
                break
            row = rows[field]
            if row > 0 and begins[row, line] < 0:
                blank = field_end == position or (field_end == position + 1 and block[position] == _DASH)
                if not blank:
                    begins[row, line] = position
                    ends[row, line] = field_end
            field += 1
            last = field == field_count
            missing_quote = False
            position = _match_literal(block, field_end, end, literals, literal_begin, literal_end)
            if position < 0 and not last and quoted[field]:
                position = _match_bare_dash(block, field_end, end, literals, literal_begin, literal_end)
                missing_quote = position >= 0
            if position < 0:
                reject = REJECT_CUT if field_end == end else REJECT_FORMAT
        if reject == ACCEPTED and position < end:
            if extras and block[position] == _SPACE:
                if _holds_time(block, position, end):
                    reject = REJECT_JOINED
            else:
                reject = REJECT_FORMAT
        if reject == ACCEPTED and user_row > 0 and begins[user_row, line] >= 0:
            # `a - - b - - [time]`: the first record was cut before its time.
            user_begin = np.int64(begins[user_row, line])
            user_end = np.int64(ends[user_row, line])
            space = find_byte(block, user_begin, user_end, _SPACE)
            while space < user_end:
                if space + 2 <= user_end and block[space + 1] == _DASH and (
                    space + 2 == user_end or block[space + 2] == _SPACE
                ):
                    reject = REJECT_JOINED
                    break
                space = find_byte(block, space + 1, user_end, _SPACE)
        if reject == REJECT_FORMAT and _count_times(block, begin, end) > 1:
            reject = REJECT_JOINED
        if reject != ACCEPTED:
            rejects[line] = reject
            begins[:, line] = -1
            ends[:, line] = -1


@njit(nogil=True, cache=True)
def _is_blank(block: Bytes, begin: int, end: int) -> bool:
    for index in range(begin, end):
        byte = block[index]
        if byte != 32 and not 9 <= byte <= 13:
            return False
    return True


@njit(nogil=True, cache=True, inline="always")
def _match_literal(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int
) -> int:
    """The place behind the literal if it stands at `position`, else -1."""
    length = literal_end - literal_begin
    if position + length > end:
        return -1
    for offset in range(length):
        if block[position + offset] != literals[literal_begin + offset]:
            return -1
    return position + length


@njit(nogil=True, cache=True)
def _match_bare_dash(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int
) -> int:
    """The place of a `-` that stands where the literal's last quote should, if the rest of it matches, else -1."""
    position = _match_literal(block, position, end, literals, literal_begin, literal_end - 1)
    if position < 0 or position >= end or block[position] != _DASH:
        return -1
    if position + 1 < end and block[position + 1] != _SPACE:
        return -1
    return position


@njit(nogil=True, cache=True)
def _find_literal(
    block: Bytes,
    position: int,
    end: int,
    literals: Bytes,
    literal_begin: int,
    literal_end: int,
    next_quoted: bool,
) -> int:
    """Where the literal next occurs, `end` for an empty one, -1 if it doesn't.

    Servers write lists into unquoted fields (`192.0.2.1, 192.0.2.2`, `0.010 : 0.020`): a space behind a comma or
    around a colon belongs to the field.
    """
    if literal_begin == literal_end:
        return end
    first = literals[literal_begin]
    index = find_byte(block, position, end, first)
    while index < end:
        in_list = first == _SPACE and (
            (index > position and block[index - 1] == _COMMA)
            or (index + 2 < end and block[index + 1] == _COLON and block[index + 2] == _SPACE)
            or (index - 2 > position and block[index - 1] == _COLON and block[index - 2] == _SPACE)
        )
        if not in_list:
            if _match_literal(block, index, end, literals, literal_begin, literal_end) >= 0:
                return index
            if next_quoted and _match_bare_dash(block, index, end, literals, literal_begin, literal_end) >= 0:
                return index
        index = find_byte(block, index + 1, end, first)
    return -1


@njit(nogil=True, cache=True)
def _holds_time(block: Bytes, begin: int, end: int) -> bool:
    return _count_times(block, begin, end) > 0


@njit(nogil=True, cache=True)
def _count_times(block: Bytes, begin: int, end: int) -> int:
    """How many times of the form `[10/Oct/2000:13:55:36` stand in a piece of a line: one record has one."""
    count = 0
    index = find_byte(block, begin, end, _BRACKET)
    while index + 21 <= end:
        if (
            block[index + 3] == _SLASH
            and block[index + 7] == _SLASH
            and block[index + 12] == _COLON
            and block[index + 15] == _COLON
            and block[index + 18] == _COLON
            and 48 <= block[index + 1] <= 57
        ):
            count += 1
        index = find_byte(block, index + 1, end, _BRACKET)
    return count


__all__ = ["SLOT_COUNT", "Places", "ScanPlan", "ScannedBlock", "find_lines", "plan_scan", "scan_lines"]
