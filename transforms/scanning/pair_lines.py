"""Finds pairs of lines that belong to one request: what was asked for, and what was answered.

Rails' logger writes `Started GET "/a" for 192.0.2.7 at …` and `Completed 200 OK in 12ms`, Fastify's an object with
`req` and one with `res`. Requests overlap, so the two lines of one are matched by what both contain: Rails' tags or
process (`[b1f6…]`, `#7`), Fastify's `reqId`. Sources: Rails' Rails::Rack::Logger and ActionController::LogSubscriber;
Fastify's documentation of logging.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Offsets, Words
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.find_texts import find_text
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY

PAIRS: Final = 64
"""Requests that are open at a time; of more, the one that was asked for first comes to nothing."""
_STARTED: Final = np.frombuffer(b"Started ", dtype=np.uint8)
_COMPLETED: Final = np.frombuffer(b"Completed ", dtype=np.uint8)
_REQUEST: Final = np.frombuffer(b'"req":{', dtype=np.uint8)
_ANSWER: Final = np.frombuffer(b'"res":{', dtype=np.uint8)
_REQUEST_ID: Final = np.frombuffer(b'"reqId":', dtype=np.uint8)
_MOST_BEFORE: Final = 300
"""Bytes before Rails' words: level, time, process, tags."""
_NOT_FOUND: Final = -1


@inner_kernel
def _hash(block: Bytes, begin: int, end: int) -> np.uint64:
    """Return FNV's hash of a text (Fowler, Noll and Vo's 64 bits), never 0."""
    value = np.uint64(0xCBF29CE484222325)
    for position in range(begin, end):
        value = (value ^ np.uint64(block[position])) * np.uint64(0x100000001B3)
    return value | np.uint64(1)


@inner_kernel
def _find_word(block: Bytes, begin: int, end: int, word: Bytes) -> int:
    """Return the offset of a word of Rails at the line's begin, or behind a blank within its first bytes; else -1."""
    stop = min(end, begin + _MOST_BEFORE)
    position = find_text(block, begin, stop, word)
    while position >= 0 and position > begin and block[position - 1] != 32:
        position = find_text(block, position + 1, stop, word)
    return position


@inner_kernel
def _rails_key(block: Bytes, begin: int, end: int) -> np.uint64:
    """Return the hash of what stands before a word of Rails, without level and time: `#7]  INFO -- : [b1f6…] `."""
    process = find_byte(block, begin, end, np.uint8(35))
    return _hash(block, process if process < end else begin, end)


@inner_kernel
def _request_key(block: Bytes, begin: int, end: int) -> np.uint64:
    """Return the hash of an object's `reqId`, 0 if it has none."""
    position = find_text(block, begin, end, _REQUEST_ID)
    if position < 0:
        return np.uint64(0)
    position += len(_REQUEST_ID)
    stop = find_byte(block, position, end, np.uint8(44))
    return _hash(block, position, stop)


@inner_kernel
def _choose_slot(keys: Words, key: np.uint64, is_new: bool) -> int:
    """Return the place of an open request, -1 if it is not open; with `is_new` it is put there.

    `keys` has the hashes of open requests, and behind them the place that is taken next.
    """
    count = len(keys) - 1
    for place in range(count):
        if keys[place] == key:
            if not is_new:
                keys[place] = np.uint64(0)
            return place
    if not is_new:
        return _NOT_FOUND
    place = int(keys[count]) % count
    for step in range(count):
        if keys[(place + step) % count] == 0:
            place = (place + step) % count
            break
    keys[place] = key
    keys[count] = np.uint64(place + 1)
    return place


@inner_kernel
def find_pairs(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    streams: Bytes,
    is_part: Flags,
    is_anew: Flags,
    keys: Words,
) -> None:
    """Flag lines of what was asked for as parts of those of the answer, with the place of their request as stream.

    Other lines are directives: what the program writes between the two. Of Fastify's lines, the braces between the two
    objects are overwritten, so that they become one; of Rails', the line's end: `block` must be a copy.
    """
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = end
            continue
        is_object = block[begin] == 123
        word = np.int64(_NOT_FOUND)
        is_asked = False
        key = np.uint64(0)
        if is_object:
            key = _request_key(block, begin, end)
            is_asked = find_text(block, begin, end, _REQUEST) >= 0
            if key and (is_asked or find_text(block, begin, end, _ANSWER) >= 0):
                word = begin
        else:
            word = np.int64(_find_word(block, begin, end, _STARTED))
            is_asked = bool(word >= 0)
            if word < 0:
                word = np.int64(_find_word(block, begin, end, _COMPLETED))
            if word >= 0:
                key = _rails_key(block, begin, word)
        slot = _choose_slot(keys, key, is_asked) if word >= 0 else _NOT_FOUND
        if slot < 0:
            reasons[line] = REJECT_DIRECTIVE
            begins[line] = ends[line]
            continue
        streams[line] = slot
        if is_asked:
            is_part[line] = is_anew[line] = True
            begins[line] = word
            if is_object:
                # Without the closing brace.
                while end > begin and block[end - 1] != 125:
                    end -= 1
                ends[line] = max(end - 1, begin)
            else:
                # With a blank at its end.
                while end > word and block[end - 1] == 13:
                    end -= 1
                block[end] = 32
                ends[line] = end + 1
        elif is_object:
            block[begin] = 44
        else:
            begins[line] = word


__all__ = ["PAIRS", "find_pairs"]
