"""Finds the byte offsets of the fields of each line of a block, in one pass.

The scanner does not interpret fields; the modules of `transforms/values/` convert them to values.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from footfall.transforms.arrays import Bytes, Codes, Flags, Ints, Offsets
from footfall.transforms.formats.line_formats import Field, LineFormat, Meaning, compile_format
from footfall.transforms.kernels.byte_kernels import find_byte, find_quote, padded
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.field_ends import (
    END_AFTER_WORDS,
    END_AT_LAST_COLON,
    END_AT_LITERAL,
    END_AT_QUOTE,
    END_AT_SEPARATOR,
    END_AT_SPACE,
    END_AT_WIDTH,
    END_BEFORE_BYTE,
    END_OF_LINE,
    QUOTE,
    SPACE,
    count_clf_times,
    find_closing_quote,
    find_end_of_words,
    find_last_colon,
    find_literal,
    find_space,
    has_dash_word,
    is_absent,
    match_literal,
    match_unquoted_dash,
    reject_at_literal,
    reject_without_literal,
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
"""Meanings of fields that may contain spaces without quotes, if the field is the last one."""


class ScanPlan(NamedTuple):
    """A LineFormat as the arrays that the scanner reads, one element per field.

    Literal i precedes field i; `literals` has all of them, `literal_begins` their offsets and the end of the last one.
    `rows` are the fields' rows in the result, `endings` the codes of `field_ends`, `widths` numbers of bytes or words,
    `end_bytes` separators or bytes of the next field. The first `required` fields must not be missing.
    """

    literals: Bytes
    literal_begins: Offsets
    rows: Codes
    endings: Bytes
    widths: Offsets
    end_bytes: Bytes
    client_row: int
    user_row: int
    open_ended: bool
    required: int


@lru_cache(maxsize=256)
def plan_scan(format_text: str) -> tuple[ScanPlan, dict[Meaning, int]]:
    """Return the plan for a format's name or string, and the row of each meaning in the result.

    Row 0 is for skipped fields and stays absent, as does the last row.
    """
    line_format: LineFormat = compile_format(format_text)
    fields = line_format.fields
    row_of = {meaning: row for row, meaning in enumerate(sorted(line_format.meanings), start=1)}
    endings = [_ending(field, literal) for field, literal in zip(fields, line_format.literals[1:], strict=True)]
    plan = ScanPlan(
        literals=padded(b"".join(line_format.literals)),
        literal_begins=np.cumsum([0, *map(len, line_format.literals)]).astype(np.int32),
        rows=np.array([row_of.get(field.meaning, 0) for field in fields], dtype=np.int32),
        endings=np.array(endings, dtype=np.uint8),
        widths=np.array([field.words or field.width for field in fields], dtype=np.int32),
        end_bytes=np.array([(field.separator or field.end_byte or b"\0")[0] for field in fields], dtype=np.uint8),
        client_row=row_of.get(Meaning.CLIENT, -1),
        user_row=row_of.get(Meaning.USER, -1),
        open_ended=line_format.open_ended,
        required=len(fields) - line_format.optional_count,
    )
    return plan, row_of


def _ending(field: Field, literal: bytes) -> int:
    if field.quoted:
        return END_AT_QUOTE
    if field.width:
        return END_AT_WIDTH
    if field.words:
        return END_AFTER_WORDS
    if field.separator:
        return END_AT_SEPARATOR
    if field.end_byte:
        return END_BEFORE_BYTE
    if literal == b":" and field.meaning in (Meaning.CLIENT, Meaning.SITE):
        return END_AT_LAST_COLON
    if literal:
        return END_AT_LITERAL
    return END_OF_LINE if field.meaning in _TEXTS else END_AT_SPACE


class Spans(NamedTuple):
    """Offsets of the contents of lines in a padded block, without the LF at the end."""

    block: Bytes
    begins: Offsets
    ends: Offsets


@dataclass(frozen=True)
class ScannedFields:
    """The byte offsets of the fields of lines with the same format.

    `block` is padded and has the fields, escaped as by Apache and nginx. `lines` are the indexes of the lines in the
    block that was read. `begins` and `ends` have one row per meaning and one column per line, -1 if the field is
    absent, `-` or empty (an empty client has an offset, since it is invalid). `rejects` has a code of REJECT_REASONS
    for each line.
    """

    block: Bytes
    lines: Ints
    begins: Offsets
    ends: Offsets
    rejects: Bytes
    row_of: dict[Meaning, int]

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.rejects)

    def has(self, meaning: Meaning) -> bool:
        """Return whether the format has a field with this meaning."""
        return meaning in self.row_of

    def offsets(self, meaning: Meaning) -> tuple[Offsets, Offsets]:
        """Return the begins and ends of a field, one per line; all -1 if the format has no such field."""
        row = self.row_of.get(meaning, -1)
        return self.begins[row], self.ends[row]

    def take(self, flags: Flags) -> ScannedFields:
        """Return the lines with a flag."""
        return ScannedFields(
            self.block,
            self.lines[flags],
            self.begins[:, flags],
            self.ends[:, flags],
            self.rejects[flags],
            self.row_of,
        )

    def drop(self, meanings: Collection[Meaning]) -> ScannedFields:
        """Return the lines as if their format did not have fields with these meanings."""
        return replace(self, row_of={meaning: row for meaning, row in self.row_of.items() if meaning not in meanings})

    def without(self, lines: Ints) -> ScannedFields:
        """Return all lines except those with the indexes `lines`."""
        return self.take(~np.isin(self.lines, lines))


def scan_lines(spans: Spans, lines: Ints, format_text: str) -> ScannedFields:
    """Find the fields of lines with the indexes `lines` in the block. A CR at the end of a line is ignored."""
    plan, row_of = plan_scan(format_text)
    shape = (len(row_of) + 2, len(lines))
    begins = np.full(shape, -1, dtype=np.int32)
    ends = np.full(shape, -1, dtype=np.int32)
    rejects = np.zeros(shape[1], dtype=np.uint8)
    _scan(spans, plan, begins, ends, rejects)
    return ScannedFields(spans.block, lines, begins, ends, rejects, row_of)


@kernel
def find_lines(block: Bytes, length: int) -> Offsets:
    """Return the begins of the lines of block[:length], followed by the begin of a next line."""
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
    # A last line without LF is treated as if it had one.
    begins[count] = index
    return begins[: count + 1]


@inner_kernel
def _scan(spans: Spans, plan: ScanPlan, begins: Offsets, ends: Offsets, rejects: Bytes) -> None:
    """Fill `begins`, `ends` and `rejects` of a ScannedFields."""
    block = spans.block
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
        reject, position = _scan_fields(block, begin, end, plan, begins, ends, line)
        if reject == ACCEPTED and position < end:
            if not plan.open_ended or block[position] != SPACE:
                reject = REJECT_FORMAT
            elif count_clf_times(block, position, end) > 0:
                reject = REJECT_JOINED
        if reject == ACCEPTED and has_dash_word(block, begins[plan.user_row, line], ends[plan.user_row, line]):
            # `a - - b - - [time]`: the first record was cut off before its time.
            reject = REJECT_JOINED
        if reject == REJECT_FORMAT and count_clf_times(block, begin, end) > 1:
            reject = REJECT_JOINED
        if reject != ACCEPTED:
            rejects[line] = reject
            begins[:, line] = -1
            ends[:, line] = -1


@inlined_kernel
def _scan_fields(
    block: Bytes, begin: int, end: int, plan: ScanPlan, begins: Offsets, ends: Offsets, line: int
) -> tuple[int, int]:
    """Find the fields of one line. Returns ACCEPTED or a reject code, and the offset after the last literal."""
    literals = plan.literals
    endings = plan.endings
    count = len(plan.rows)
    literal_begin = np.int64(plan.literal_begins[0])
    literal_end = np.int64(plan.literal_begins[1])
    position = match_literal(block, begin, end, literals, literal_begin, literal_end)
    is_unquoted_dash = False
    if position < 0:
        position = match_unquoted_dash(block, begin, end, literals, literal_begin, literal_end, endings[0])
        is_unquoted_dash = position >= 0
        if not is_unquoted_dash:
            return reject_at_literal(block, begin, end, literals, literal_begin, literal_end), begin
    for field in range(count):
        literal_begin = literal_end
        literal_end = np.int64(plan.literal_begins[field + 2])
        ending = endings[field]
        closing = np.int64(-1)
        if is_unquoted_dash:
            # A quoted field written as `-` without quotes: the literal lacks the closing quote too.
            field_end = position + 1
            literal_begin += 1
        elif ending == END_AT_QUOTE:
            field_end = find_quote(block, position, end, QUOTE)
            if field_end == end:
                return REJECT_CUT, position
        elif ending == END_AT_LITERAL:
            next_ending = endings[field + 1] if field + 1 < count else np.uint8(END_OF_LINE)
            field_end = find_literal(block, position, end, literals, literal_begin, literal_end, next_ending)
            if field_end == -2 and field + 1 >= plan.required:
                field_end = end
            if field_end < 0:
                return reject_without_literal(
                    block, position, end, literals, literal_begin, literal_end, field_end
                ), position
        elif ending == END_AT_WIDTH:
            field_end = position + plan.widths[field]
        elif ending == END_AT_LAST_COLON:
            field_end = find_last_colon(block, position, end, literals[literal_end] if field + 1 < count else SPACE)
        elif ending == END_AT_SEPARATOR:
            closing = np.int64(find_closing_quote(block, position, end, plan.end_bytes[field]))
            if closing == end:
                return REJECT_CUT, position
            field_end = closing if closing >= 0 else find_byte(block, position, end, plan.end_bytes[field])
            position += closing >= 0
        elif ending == END_AFTER_WORDS:
            field_end = find_end_of_words(block, position, end, literals[literal_begin], plan.widths[field])
        elif ending == END_BEFORE_BYTE:
            field_end = min(
                find_byte(block, position, end, plan.end_bytes[field]), find_byte(block, position, end, SPACE)
            )
        elif position == end:
            return REJECT_CUT, position
        elif ending == END_AT_SPACE:
            field_end = find_space(block, position, end)
        else:
            field_end = end
            if count_clf_times(block, position, end) > 0:
                return REJECT_FORMAT, position
        if field_end > end:
            return REJECT_CUT, position
        row = plan.rows[field]
        has_value = not is_absent(block, position, field_end, ending)
        if row > 0 and begins[row, line] < 0 and (has_value or (row == plan.client_row and field_end == position)):
            begins[row, line] = position
            ends[row, line] = field_end
        if closing >= 0:
            field_end += 1
        if field_end == end and plan.required <= field + 1 < count:
            return ACCEPTED, end
        position = match_literal(block, field_end, end, literals, literal_begin, literal_end)
        is_unquoted_dash = False
        if position < 0:
            if field + 1 < count:
                position = match_unquoted_dash(
                    block, field_end, end, literals, literal_begin, literal_end, endings[field + 1]
                )
                is_unquoted_dash = position >= 0
            if not is_unquoted_dash:
                return reject_at_literal(block, field_end, end, literals, literal_begin, literal_end), field_end
    return ACCEPTED, position


@inner_kernel
def is_blank(block: Bytes, begin: int, end: int) -> bool:
    """Return whether block[begin:end] is only white space."""
    for index in range(begin, end):
        byte = block[index]
        if byte != 32 and not 9 <= byte <= 13:
            return False
    return True


__all__ = [
    "ScanPlan",
    "ScannedFields",
    "Spans",
    "find_lines",
    "is_blank",
    "plan_scan",
    "scan_lines",
]
