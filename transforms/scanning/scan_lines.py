"""From a block of bytes to the places of every line's fields, in one pass (step 2 of the path).

The scanner knows nothing of what fields mean beyond their meaning; `read_fields` turns places into values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.formats.line_formats import Field, LineFormat, Meaning, compile_format
from footfall.transforms.kernels.byte_kernels import find_byte, find_quote, hash_bytes, padded
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.scanning.end_fields import (
    BEFORE,
    OF_WIDTH,
    OF_WORDS,
    QUOTE,
    QUOTED,
    SPACE,
    TO_LAST_COLON,
    TO_LITERAL,
    TO_SEPARATOR,
    TO_SPACE,
    TO_THE_END,
    count_times,
    find_behind_words,
    find_closing_quote,
    find_last_colon,
    find_literal,
    find_space,
    holds_dash,
    is_absent,
    match_bare_dash,
    match_literal,
    why_not,
    why_not_found,
)
from footfall.transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_CUT,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_TOO_LONG,
)

_TEXTS = frozenset({Meaning.SKIP, Meaning.REQUEST, Meaning.URL, Meaning.REFERRER, Meaning.AGENT, Meaning.COOKIE_HEADER})
"""What may have spaces in it without quotes around it, where it is the last field."""


@dataclass(frozen=True)
class ScanPlan:
    """A LineFormat as the flat arrays that the compiled scanner reads."""

    literals: Bytes
    literal_begins: Offsets
    rows: Offsets
    endings: NDArray[np.uint8]
    widths: Offsets
    befores: Bytes
    client_row: int
    user_row: int
    extras: bool
    required: int
    row_of: dict[Meaning, int]


@lru_cache(maxsize=256)
def plan_scan(format_text: str) -> ScanPlan:
    """The plan for a format name or string; row 0 takes what is read over, row -1 of the result is always absent."""
    layout: LineFormat = compile_format(format_text)
    row_of = {meaning: row for row, meaning in enumerate(sorted(layout.meanings), start=1)}
    endings = [_ending(part, literal) for part, literal in zip(layout.fields, layout.literals[1:], strict=True)]
    return ScanPlan(
        literals=padded(b"".join(layout.literals)),
        literal_begins=np.cumsum([0, *map(len, layout.literals)]).astype(np.int32),
        rows=np.array([row_of.get(part.meaning, 0) for part in layout.fields], dtype=np.int32),
        endings=np.array(endings, dtype=np.uint8),
        widths=np.array([part.words or part.width for part in layout.fields], dtype=np.int32),
        befores=np.array([(part.separator or part.before or b"\0")[0] for part in layout.fields], dtype=np.uint8),
        client_row=row_of.get(Meaning.CLIENT, -1),
        user_row=row_of.get(Meaning.USER, -1),
        extras=layout.extras,
        required=len(layout.fields) - layout.optional,
        row_of=row_of,
    )


def _ending(part: Field, literal: bytes) -> int:
    if part.quoted:
        return QUOTED
    if part.width:
        return OF_WIDTH
    if part.words:
        return OF_WORDS
    if part.separator:
        return TO_SEPARATOR
    if part.before:
        return BEFORE
    if literal == b":" and part.meaning in (Meaning.CLIENT, Meaning.SITE):
        return TO_LAST_COLON
    if literal:
        return TO_LITERAL
    return TO_THE_END if part.meaning in _TEXTS else TO_SPACE


@dataclass(frozen=True)
class Spans:
    """Where the contents of lines stand in a padded block, without the LF that ends them."""

    block: Bytes
    begins: Offsets
    ends: Offsets


@dataclass(frozen=True)
class ScannedBlock:
    """The places of all fields in lines of one format: one column per line.

    `block` is padded and holds what the places point at, escaped as Apache and nginx do; `lines` are the numbers of the
    lines in the block that was read; `begins`, `ends` are (meanings, lines), -1 where a field is absent, `-` or empty
    (but an empty client has a place, since it is none); `rejects` holds a code of REJECT_REASONS for each line.
    """

    block: Bytes
    lines: NDArray[np.int64]
    begins: Offsets
    ends: Offsets
    rejects: NDArray[np.uint8]
    row_of: dict[Meaning, int]

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.rejects)

    def has(self, meaning: Meaning) -> bool:
        """Whether the format has a field for this meaning."""
        return meaning in self.row_of

    def offsets(self, meaning: Meaning) -> tuple[Offsets, Offsets]:
        """Begins and ends of one field; -1 everywhere if the format has no such field."""
        row = self.row_of.get(meaning, -1)
        return self.begins[row], self.ends[row]

    def take(self, wanted: NDArray[np.bool_]) -> ScannedBlock:
        """Some of the lines."""
        return ScannedBlock(
            self.block,
            self.lines[wanted],
            self.begins[:, wanted],
            self.ends[:, wanted],
            self.rejects[wanted],
            self.row_of,
        )

    def without(self, lines: NDArray[np.int64]) -> ScannedBlock:
        """The lines but for those with some numbers."""
        return self.take(~np.isin(self.lines, lines))


def scan_lines(spans: Spans, lines: NDArray[np.int64], format_text: str) -> ScannedBlock:
    """Find the fields of lines, whose numbers in the block are `lines`; a CR at a line's end is dropped."""
    plan = plan_scan(format_text)
    shape = (len(plan.row_of) + 2, len(lines))
    begins = np.full(shape, -1, dtype=np.int32)
    ends = np.full(shape, -1, dtype=np.int32)
    rejects = np.zeros(shape[1], dtype=np.uint8)
    _scan(
        spans.block,
        spans.begins,
        spans.ends,
        plan.literals,
        plan.literal_begins,
        plan.rows,
        plan.endings,
        plan.widths,
        plan.befores,
        plan.client_row,
        plan.user_row,
        plan.extras,
        plan.required,
        begins,
        ends,
        rejects,
    )
    return ScannedBlock(spans.block, lines, begins, ends, rejects, plan.row_of)


@kernel
def find_lines(block: Bytes, length: int) -> Offsets:
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


@inner_kernel
def sum_line_hashes(block: Bytes, line_begins: Offsets) -> int:
    """The hashes of a block's lines (without line ends), added up in two lanes of 32 bits, whatever their order."""
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
    return int(np.int64((low & np.uint64(0xFFFFFFFF)) | (high & np.uint64(0x7FFFFFFF)) << np.uint64(32)))


@inner_kernel
def _scan(
    block: Bytes,
    line_begins: Offsets,
    line_ends: Offsets,
    literals: Bytes,
    literal_begins: Offsets,
    rows: Offsets,
    endings: NDArray[np.uint8],
    widths: Offsets,
    befores: Bytes,
    client_row: int,
    user_row: int,
    extras: bool,
    required: int,
    begins: Offsets,
    ends: Offsets,
    rejects: NDArray[np.uint8],
) -> None:
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
        reject, position = _scan_fields(
            block,
            begin,
            end,
            literals,
            literal_begins,
            rows,
            endings,
            widths,
            befores,
            client_row,
            required,
            begins,
            ends,
            line,
        )
        if reject == ACCEPTED and position < end:
            if not extras or block[position] != SPACE:
                reject = REJECT_FORMAT
            elif count_times(block, position, end) > 0:
                reject = REJECT_JOINED
        if reject == ACCEPTED and holds_dash(block, begins[user_row, line], ends[user_row, line]):
            # `a - - b - - [time]`: the first record was cut before its time.
            reject = REJECT_JOINED
        if reject == REJECT_FORMAT and count_times(block, begin, end) > 1:
            reject = REJECT_JOINED
        if reject != ACCEPTED:
            rejects[line] = reject
            begins[:, line] = -1
            ends[:, line] = -1


@inner_kernel
def _scan_fields(
    block: Bytes,
    begin: int,
    end: int,
    literals: Bytes,
    literal_begins: Offsets,
    rows: Offsets,
    endings: NDArray[np.uint8],
    widths: Offsets,
    befores: Bytes,
    client_row: int,
    required: int,
    begins: Offsets,
    ends: Offsets,
    line: int,
) -> tuple[int, int]:
    """Find the fields of one line; returns why it is none, or ACCEPTED, and the place behind the last literal."""
    count = len(rows)
    literal = np.int64(literal_begins[0])
    behind = np.int64(literal_begins[1])
    position = match_literal(block, begin, end, literals, literal, behind)
    is_bare = False
    if position < 0:
        position = match_bare_dash(block, begin, end, literals, literal, behind, endings[0])
        is_bare = position >= 0
        if not is_bare:
            return why_not(block, begin, end, literals, literal, behind), begin
    for field in range(count):
        literal = behind
        behind = np.int64(literal_begins[field + 2])
        ending = endings[field]
        closing = np.int64(-1)
        if is_bare:
            # A quoted field written as a bare `-`: the quote that closes it is missing too.
            field_end = position + 1
            literal += 1
        elif ending == QUOTED:
            field_end = find_quote(block, position, end, QUOTE)
            if field_end == end:
                return REJECT_CUT, position
        elif ending == TO_LITERAL:
            next_ending = endings[field + 1] if field + 1 < count else np.uint8(TO_THE_END)
            field_end = find_literal(block, position, end, literals, literal, behind, next_ending)
            if field_end == -2 and field + 1 >= required:
                field_end = end
            if field_end < 0:
                return why_not_found(block, position, end, literals, literal, behind, field_end), position
        elif ending == OF_WIDTH:
            field_end = position + widths[field]
        elif ending == TO_LAST_COLON:
            field_end = find_last_colon(block, position, end, literals[behind] if field + 1 < count else SPACE)
        elif ending == TO_SEPARATOR:
            closing = np.int64(find_closing_quote(block, position, end, befores[field]))
            if closing == end:
                return REJECT_CUT, position
            field_end = closing if closing >= 0 else find_byte(block, position, end, befores[field])
            position += closing >= 0
        elif ending == OF_WORDS:
            field_end = find_behind_words(block, position, end, literals[literal], widths[field])
        elif ending == BEFORE:
            field_end = min(find_byte(block, position, end, befores[field]), find_byte(block, position, end, SPACE))
        elif position == end:
            return REJECT_CUT, position
        elif ending == TO_SPACE:
            field_end = find_space(block, position, end)
        else:
            field_end = end
            if count_times(block, position, end) > 0:
                return REJECT_FORMAT, position
        if field_end > end:
            return REJECT_CUT, position
        row = rows[field]
        says_something = not is_absent(block, position, field_end, ending)
        if row > 0 and begins[row, line] < 0 and (says_something or (row == client_row and field_end == position)):
            begins[row, line] = position
            ends[row, line] = field_end
        if closing >= 0:
            field_end += 1
        if field_end == end and required <= field + 1 < count:
            return ACCEPTED, end
        position = match_literal(block, field_end, end, literals, literal, behind)
        is_bare = False
        if position < 0:
            if field + 1 < count:
                position = match_bare_dash(block, field_end, end, literals, literal, behind, endings[field + 1])
                is_bare = position >= 0
            if not is_bare:
                return why_not(block, field_end, end, literals, literal, behind), field_end
    return ACCEPTED, position


@inner_kernel
def is_blank(block: Bytes, begin: int, end: int) -> bool:
    """Whether block[begin:end] is nothing but white space."""
    for index in range(begin, end):
        byte = block[index]
        if byte != 32 and not 9 <= byte <= 13:
            return False
    return True


__all__ = [
    "Offsets",
    "ScanPlan",
    "ScannedBlock",
    "Spans",
    "find_lines",
    "is_blank",
    "plan_scan",
    "scan_lines",
    "sum_line_hashes",
]
