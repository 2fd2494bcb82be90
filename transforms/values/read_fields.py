"""Parses fields: numbers, statuses, requests and urls.

Each kernel takes a padded block and the byte offsets of one field in all lines, -1 if the field is absent, and returns
one value per line.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.formats.fields import ASKING_MEANINGS, OPT_OUT_MEANINGS
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.kernels.byte_kernels import equal_bytes, find_byte, load8, read_short_number, trailing_zeros
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedFields

NO_NUMBER: Final = -1
"""An absent or unknown number."""
BAD_NUMBER: Final = -2
"""A field that is no number."""

METHOD_NONE, METHOD_GET, METHOD_OTHER, METHOD_HEAD, METHOD_POST = range(5)
_HEAD_BYTES: Final = np.frombuffer(b"HEAD\0\0\0\0", dtype=np.uint64)[0]
_POST_BYTES: Final = np.frombuffer(b"POST\0\0\0\0", dtype=np.uint64)[0]
_FOUR_BYTES: Final = np.uint64(0xFFFFFFFF)

PROTOCOLS: Final = ("(unknown)", "(other)", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0")
"""As servers write them; the index is the code."""
_HTTP_1_1_BYTES: Final = np.frombuffer(b"HTTP/1.1", dtype=np.uint64)[0]
_HTTP_2_0_BYTES: Final = np.frombuffer(b"HTTP/2.0", dtype=np.uint64)[0]
_UNKNOWN_PROTOCOL, _OTHER_PROTOCOL, _HTTP_1_0, _HTTP_1_1, _HTTP_2_0, _HTTP_3_0 = range(len(PROTOCOLS))

CLIENT_NONE, CLIENT_ADDRESS, CLIENT_NAME, CLIENT_BAD = range(4)

_POWERS: Final = 10 ** np.arange(9, dtype=np.int64)
MAX_SCALED: Final = 10**18
"""The largest valid scaled number, or sum of a list of them."""


_DURATIONS: Final = {
    Meaning.REQUEST_TIME_US: "us",
    Meaning.REQUEST_TIME_MS: "ms",
    Meaning.REQUEST_TIME_S: "s",
    Meaning.REQUEST_TIME_NS: "ns",
    Meaning.REQUEST_TIME_SHOWN: "",
}
_UNITS_US: Final = {"us": 1, "ms": 1_000, "s": 1_000_000}


def read_request_times(lines: ScannedFields, unit: str = "") -> Ints:
    """Return microseconds per line, NO_NUMBER if unknown or negative, BAD_NUMBER if it is no number.

    A `unit` of REQUEST_TIME_UNITS overrules that of the format.
    """
    meaning = next((meaning for meaning in _DURATIONS if lines.has(meaning)), None)
    if meaning is None:
        return np.full(lines.line_count, NO_NUMBER, dtype=np.int64)
    block, offsets = lines.block, lines.offsets(meaning)
    unit = unit or _DURATIONS[meaning]
    if unit == "ns":
        nanos = read_scaled(block, *offsets, 1, True, 9)
        return np.where(nanos >= 0, nanos // 1000, nanos)
    if unit:
        return read_scaled(block, *offsets, _UNITS_US[unit], True)
    seconds = read_scaled(block, *offsets, _UNITS_US["s"], True)
    return np.where(_have_points(block, *offsets), seconds, read_scaled(block, *offsets, _UNITS_US["ms"], True))


@kernel
def _have_points(block: Bytes, begins: Offsets, ends: Offsets) -> Flags:
    """Return whether each field has a decimal point."""
    flags = np.zeros(len(begins), dtype=np.bool_)
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        flags[line] = begin >= 0 and find_byte(block, begin, end, np.uint8(46)) < end
    return flags


@inlined_kernel
def read_digits(block: Bytes, begin: int, count: int) -> int:
    """Parse exactly `count` digits, -1 if any is no digit."""
    value = 0
    for index in range(begin, begin + count):
        digit = int(block[index]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@inlined_kernel
def _separator_length(block: Bytes, index: int, end: int) -> int:
    """Return the length of the separator at `index` in a list of numbers, 0 if there is none.

    nginx writes `0.010, 0.020 : 0.030`, AWS load balancers `0.010 0.020 0.030`.
    """
    if index + 1 < end and block[index] == 44 and block[index + 1] == 32:
        return 2
    if index + 2 < end and block[index] == 32 and block[index + 1] == 58 and block[index + 2] == 32:
        return 3
    return 1 if block[index] == 32 else 0


@kernel
def read_scaled(block: Bytes, begins: Offsets, ends: Offsets, unit: int, sums: bool, second_power: int = 6) -> Ints:
    """Parse decimal numbers and multiply them by `unit`, truncated; NO_NUMBER if unknown, BAD_NUMBER if it is none.

    Negative numbers are unknown. With `sums`, a list gives the sum of its known numbers, and a number may be followed
    by a unit of time: it is converted to units of 10**-`second_power` seconds.
    """
    numbers = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        index = np.int64(begins[line])
        end = np.int64(ends[line])
        if index < 0:
            continue
        # Fast path: nearly all fields are a plain decimal.
        plain = _read_plain_decimal(block, index, end, unit)
        if plain >= 0:
            numbers[line] = plain
            continue
        total = np.int64(0)
        known = False
        valid = True
        while index < end and valid:
            # A `-` in a list is a server that was not reached.
            negative = block[index] == 45
            if negative:
                index += 1
            first_digit = index
            value = 0
            while index < end and 48 <= block[index] <= 57 and index - first_digit < 18:
                value = value * 10 + (int(block[index]) - 48)
                index += 1
            has_digits = index > first_digit
            valid = value <= MAX_SCALED // unit
            value *= unit
            if has_digits and index + 1 < end and block[index] == 46 and 48 <= block[index + 1] <= 57:
                index += 1
                scale = unit
                while index < end and 48 <= block[index] <= 57:
                    scale //= 10
                    value += (int(block[index]) - 48) * scale
                    index += 1
            if has_digits and not negative:
                total += value
                known = True
                valid = bool(valid and total <= MAX_SCALED)
            if valid and sums and has_digits and index < end and _begins_scale(block[index]):
                # `9.2e-05`, `0.123s`: rare forms.
                total = _read_scaled_number(block, np.int64(begins[line]), end, unit, second_power)
                known = total >= 0
                valid = total != BAD_NUMBER
                break
            if index < end:
                length = _separator_length(block, index, end) if sums else 0
                valid = valid and length > 0
                index += length
        if not valid:
            numbers[line] = BAD_NUMBER
        elif known:
            numbers[line] = total
    return numbers


@inlined_kernel
def _read_plain_decimal(block: Bytes, begin: int, end: int, unit: int) -> int:
    """Parse `12` or `0.034` times `unit`, a power of ten up to a million, truncated; -1 for anything else."""
    length = end - begin
    if length > 16:
        return -1
    points = equal_bytes(block, begin, np.uint8(46)) & ((np.uint64(1) << np.uint64(length)) - np.uint64(1))
    if not points:
        whole = read_short_number(block, begin, length)
        return whole * unit if whole >= 0 else -1
    point = np.int64(trailing_zeros(points))
    whole = read_short_number(block, begin, point)
    fraction = read_short_number(block, begin + point + 1, length - point - 1)
    if whole < 0 or fraction < 0:
        return -1
    return whole * unit + fraction * unit // _POWERS[length - point - 1]


@inlined_kernel
def _begins_scale(byte: np.uint8) -> bool:
    """Return whether a byte begins an exponent or a unit of time."""
    return bool(byte == 101 or byte == 69 or byte == 115 or byte == 109 or byte == 117 or byte == 110 or byte == 194)


@inner_kernel
def _read_scaled_number(block: Bytes, begin: int, end: int, unit: int, second_power: int) -> int:
    """Parse one number with an exponent or a unit of time (`s`, `ms`, `us`, `µs`, `ns`).

    A number with an exponent is multiplied by `unit`, a power of ten; one with a unit of time is converted to units of
    10**-`second_power` seconds. The result is truncated; NO_NUMBER if it is negative, BAD_NUMBER if it is no number.
    """
    index = begin
    negative = block[index] == 45
    if negative:
        index += 1
    value = 0
    digits = 0
    shift = 0  # decimal exponent of the value
    behind_point = False
    while index < end and (48 <= block[index] <= 57 or (block[index] == 46 and not behind_point)):
        if block[index] == 46:
            behind_point = True
        elif digits < 18:
            value = value * 10 + (int(block[index]) - 48)
            digits += int(value > 0)
            shift -= int(behind_point)
        elif not behind_point:
            return BAD_NUMBER
        index += 1
    if index < end and (block[index] == 101 or block[index] == 69):
        index += 1
        sign = 1
        if index < end and (block[index] == 43 or block[index] == 45):
            sign = -1 if block[index] == 45 else 1
            index += 1
        length = end - index
        exponent = read_digits(block, index, length) if 1 <= length <= 3 else -1
        if exponent < 0:
            return BAD_NUMBER
        shift += sign * exponent
        while unit > 1:
            unit //= 10
            shift += 1
    else:
        power = _unit_power(block, index, end)
        if power > 0:
            return BAD_NUMBER
        shift += second_power + power
    if negative:
        return NO_NUMBER
    while shift < 0 and value > 0:
        value //= 10
        shift += 1
    while shift > 0 and value > 0:
        if value > MAX_SCALED // 10:
            return BAD_NUMBER
        value *= 10
        shift -= 1
    return value


@inner_kernel
def _unit_power(block: Bytes, begin: int, end: int) -> int:
    """Return 0, -3, -6 or -9 for `s`, `ms`, `us` or `ns`, 1 for anything else."""
    length = end - begin
    if length < 1 or block[end - 1] != 115:
        return 1
    if length == 1:
        return 0
    first = block[begin]
    if length == 2:
        return -3 if first == 109 else -6 if first == 117 else -9 if first == 110 else 1
    return -6 if length == 3 and first == 194 and block[begin + 1] == 181 else 1


@kernel
def read_counts(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Parse whole numbers; NO_NUMBER if absent, BAD_NUMBER if it is none or has more than 18 digits."""
    counts = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin >= 0:
            length = np.int64(ends[line]) - begin
            value = read_short_number(block, begin, length)
            if value < 0 and (length < 1 or 8 < length <= 18):
                value = read_digits(block, begin, length)
            counts[line] = value if value >= 0 else BAD_NUMBER
    return counts


@kernel
def read_statuses(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Parse three-digit statuses; 0 if absent, `000`, `0` (Squid) or `-1` (HAProxy), BAD_NUMBER for anything else."""
    statuses = np.zeros(len(begins), dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        length = np.int64(ends[line]) - begin
        is_unknown = (length == 2 and block[begin] == 45 and block[begin + 1] == 49) or (
            length == 1 and block[begin] == 48
        )
        if begin >= 0 and not is_unknown:
            value = read_digits(block, begin, 3) if length == 3 else -1
            statuses[line] = value if value >= 0 else BAD_NUMBER
    return statuses


@kernel
def read_methods(block: Bytes, begins: Offsets, ends: Offsets) -> Bytes:
    """Return METHOD_… codes per line."""
    methods = np.zeros(len(begins), dtype=np.uint8)
    for line in range(len(begins)):
        if begins[line] >= 0:
            methods[line] = _method(block, np.int64(begins[line]), np.int64(ends[line]))
    return methods


@inner_kernel
def _method(block: Bytes, begin: int, end: int) -> np.uint8:
    length = end - begin
    if length < 1 or block[begin] == 45 or block[begin] == 95:
        return np.uint8(METHOD_NONE)
    for index in range(begin, end):
        byte = block[index]
        letter = 65 <= byte <= 90 or 97 <= byte <= 122
        if not letter and byte != 45 and byte != 95:
            return np.uint8(METHOD_NONE)
    if length == 3 and block[begin] == 71 and block[begin + 1] == 69 and block[begin + 2] == 84:
        return np.uint8(METHOD_GET)
    if length == 4:
        word = load8(block, begin) & _FOUR_BYTES
        if word == _POST_BYTES:
            return np.uint8(METHOD_POST)
        if word == _HEAD_BYTES:
            return np.uint8(METHOD_HEAD)
    return np.uint8(METHOD_OTHER)


@kernel
def split_requests(block: Bytes, begins: Offsets, ends: Offsets) -> tuple[Bytes, Offsets, Offsets]:
    """Split request lines `METHOD url[ HTTP/x]` into METHOD_… codes, and begins and ends of urls.

    A text that is no request (`-`, TLS bytes, single words) has METHOD_NONE, and the whole text is the url. So has
    `- url -`, which load balancers write for an invalid request; its url is used.
    """
    methods = np.zeros(len(begins), dtype=np.uint8)
    url_begins = begins.copy()
    url_ends = ends.copy()
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0:
            continue
        space = find_byte(block, begin, end, np.uint8(32))
        method = _method(block, begin, space) if space + 1 < end else np.uint8(METHOD_NONE)
        if method == METHOD_NONE:
            is_unread = space == begin + 1 and block[begin] == 45 and end - begin > 4
            if is_unread and block[end - 2] == 32 and block[end - 1] == 45:
                url_begins[line] = begin + 2
                url_ends[line] = end - 2
            continue
        url_end = end
        last = end - 1
        while last > space and block[last] != 32:
            last -= 1
        if _is_protocol(block, last + 1, end):
            # `GET HTTP/1.0` and `GET  HTTP/1.0` have no url.
            if last <= space + 1:
                continue
            url_end = last
        methods[line] = method
        url_begins[line] = space + 1
        url_ends[line] = url_end
    return methods, url_begins, url_ends


def read_opt_outs(lines: ScannedFields) -> Flags:
    """Return which lines say in a header that the visitor wants not to be counted: `1`, or a list that begins so."""
    opted_out = np.zeros(lines.line_count, dtype=np.bool_)
    for meaning in OPT_OUT_MEANINGS:
        if lines.has(meaning):
            begins, ends = lines.offsets(meaning)
            first = lines.block[np.maximum(begins, 0)]
            second = lines.block[np.maximum(begins, 0) + 1]
            is_one = (first == ord("1")) & ((ends - begins == 1) | (second == ord(",")))
            opted_out |= (begins >= 0) & (ends > begins) & is_one
    return opted_out


ASKS_UNKNOWN, ASKS_NO_DOCUMENT, ASKS_DOCUMENT = 0, 1, 2
"""What `read_asked` tells: nothing, a part or a background request, a document that a browser opens."""


def read_asked(lines: ScannedFields) -> Bytes:
    """Return what headers tell about what each line asks for: an ASKS_… code.

    A browser that says what it fetches for tells most; then nothing is a document that a script asked for, that is
    fetched in advance, that is wanted as an image, a style sheet or data, or that was answered as such. That HTML was
    wanted or answered tells nothing: scripts ask for it as well.
    """
    asked = np.zeros(lines.line_count, dtype=np.uint8)
    for meaning in ASKING_MEANINGS:
        if lines.has(meaning):
            _read_asked(
                lines.block, *lines.offsets(meaning), _BEGINNINGS[meaning], meaning == Meaning.FETCH_DEST, asked
            )
    return asked


def _beginnings(*texts: str) -> tuple[Bytes, Ints]:
    """Return texts in small letters, one behind the other, and where each ends."""
    joined = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    return joined, np.cumsum([len(text) for text in texts]).astype(np.int64)


_DATA_TYPES: Final = (
    *("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript"),
    *("application/x-javascript", "application/json", "application/ld+json", "application/rss", "application/atom"),
    *("text/event-stream", "text/x-component", "application/font", "application/wasm", "application/manifest"),
)
_BEGINNINGS: Final = {
    Meaning.FETCH_DEST: _beginnings("document"),
    Meaning.REQUESTED_WITH: _beginnings("xmlhttprequest"),
    Meaning.PURPOSE: _beginnings("prefetch", "preview"),
    # Old browsers name gif and jpeg first when they open a page.
    Meaning.ACCEPT: _beginnings(*("image/avif", "image/webp", "image/png", "image/svg"), *_DATA_TYPES[1:]),
    Meaning.CONTENT_TYPE: _beginnings(*_DATA_TYPES),
}


@inner_kernel
def _read_asked(
    block: Bytes, begins: Offsets, ends: Offsets, known: tuple[Bytes, Ints], is_destination: bool, asked: Bytes
) -> None:
    """Set the code of lines whose value begins with a known text; of destinations, any other is no document."""
    texts, text_ends = known
    for line in range(len(begins)):
        begin, length = np.int64(begins[line]), np.int64(ends[line] - begins[line])
        if begin < 0 or length <= 0 or asked[line] != ASKS_UNKNOWN:
            continue
        text_begin = 0
        is_known = False
        for text_end in text_ends:
            place = 0
            while (
                place < min(length, text_end - text_begin) and _small(block[begin + place]) == texts[text_begin + place]
            ):
                place += 1
            is_known = is_known or place == text_end - text_begin
            text_begin = text_end
        if is_destination:
            asked[line] = ASKS_DOCUMENT if is_known else ASKS_NO_DOCUMENT
        elif is_known:
            asked[line] = ASKS_NO_DOCUMENT


@inlined_kernel
def _small(byte: np.uint8) -> np.int64:
    """Return the small letter of a letter, any other byte as it is."""
    code = np.int64(byte)
    return code + 32 if 65 <= code <= 90 else code


def read_protocols(lines: ScannedFields, methods: Bytes) -> Bytes:
    """Return codes of PROTOCOLS: unknown where a line has none, or where `methods` says that it has no request."""
    if lines.has(Meaning.REQUEST):
        codes = _protocol_codes(lines.block, *lines.offsets(Meaning.REQUEST), True)
        codes[methods == METHOD_NONE] = _UNKNOWN_PROTOCOL
        return codes
    return _protocol_codes(lines.block, *lines.offsets(Meaning.PROTOCOL), False)


@kernel
def _protocol_codes(block: Bytes, begins: Offsets, ends: Offsets, is_request: bool) -> Bytes:
    """Return the codes of fields that are a protocol, or of the protocols that end request lines."""
    codes = np.zeros(len(begins), dtype=np.uint8)
    for line in range(len(begins)):
        if begins[line] < 0:
            continue
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if is_request:
            if end - begin > 8:
                # Nearly always it is one of these, and stands at the end.
                last = load8(block, end - 8)
                if last in (_HTTP_1_1_BYTES, _HTTP_2_0_BYTES) and block[end - 9] == 32:
                    codes[line] = _HTTP_1_1 if last == _HTTP_1_1_BYTES else _HTTP_2_0
                    continue
            word = end
            while word > begin and block[word - 1] != 32:
                word -= 1
            # A request line without a protocol ends with its url.
            if not _is_protocol(block, word, end):
                continue
            begin = word
        codes[line] = _protocol_code(block, begin, end)
    return codes


@inlined_kernel
def _is_protocol(block: Bytes, begin: int, end: int) -> bool:
    """Return whether a word begins with `HTTP/`, or is a bare version, as Hypercorn writes it: `1.1`, `2`."""
    is_http = (
        begin + 5 <= end
        and block[begin] == 72
        and block[begin + 1] == 84
        and block[begin + 2] == 84
        and block[begin + 3] == 80
        and block[begin + 4] == 47
    )
    return is_http or _is_bare_version(block, begin, end)


@inlined_kernel
def _is_bare_version(block: Bytes, begin: int, end: int) -> bool:
    """Return whether a word is `1.0`, `1.1`, `2` or `3`."""
    if end - begin == 1:
        return bool(50 <= block[begin] <= 51)
    return bool(end - begin == 3 and block[begin] == 49 and block[begin + 1] == 46 and 48 <= block[begin + 2] <= 49)


@inner_kernel
def _protocol_code(block: Bytes, begin: int, end: int) -> np.uint8:
    """Return the code of `HTTP/1.1` and the like; `HTTP/2` and `h2` are HTTP/2.0."""
    # Bit 5 tells lower from upper case.
    if end - begin >= 2 and block[begin] | 32 == 104 and 50 <= block[begin + 1] <= 51:
        is_plain_text = end - begin == 3 and block[begin + 2] | 32 == 99
        if end - begin > 2 and not is_plain_text:
            return np.uint8(_OTHER_PROTOCOL)
        return np.uint8(_HTTP_2_0 if block[begin + 1] == 50 else _HTTP_3_0)
    if _is_bare_version(block, begin, end):
        if end - begin == 1:
            return np.uint8(_HTTP_2_0 if block[begin] == 50 else _HTTP_3_0)
        return np.uint8(_HTTP_1_0 if block[begin + 2] == 48 else _HTTP_1_1)
    is_http = (
        end - begin >= 6
        and block[begin] | 32 == 104
        and block[begin + 1] | 32 == 116
        and block[begin + 2] | 32 == 116
        and block[begin + 3] | 32 == 112
        and block[begin + 4] == 47
    )
    if not is_http:
        return np.uint8(_OTHER_PROTOCOL)
    major, minor = block[begin + 5], np.uint8(0)
    if end - begin == 8 and block[begin + 6] == 46:
        minor = block[begin + 7]
    elif end - begin != 6:
        return np.uint8(_OTHER_PROTOCOL)
    if major == 49 and (minor == 48 or minor == 49):
        return np.uint8(_HTTP_1_0 if minor == 48 else _HTTP_1_1)
    if (major == 50 or major == 51) and (minor == 0 or minor == 48):
        return np.uint8(_HTTP_2_0 if major == 50 else _HTTP_3_0)
    return np.uint8(_OTHER_PROTOCOL)


@inner_kernel
def _scheme_end(block: Bytes, begin: int, end: int) -> int:
    """Return the offset of the colon after a url's scheme, or `end`."""
    for index in range(begin, end):
        byte = block[index]
        letter = 65 <= byte <= 90 or 97 <= byte <= 122
        if byte == 58:
            return index if index > begin else end
        if not letter and (index == begin or not (48 <= byte <= 57 or byte == 43 or byte == 45 or byte == 46)):
            return end
    return end


@kernel
def split_urls(block: Bytes, begins: Offsets, ends: Offsets) -> tuple[Offsets, Offsets, Offsets, Offsets]:
    """Return begins and ends of paths, and begins and ends of queries, in urls.

    Scheme, host and fragment belong to neither. An empty query is absent. So is the path of an absolute url without
    one, which means `/`.
    """
    path_begins = begins.copy()
    path_ends = ends.copy()
    query_begins = np.full(len(begins), -1, dtype=np.int32)
    query_ends = np.full(len(begins), -1, dtype=np.int32)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0:
            continue
        end = find_byte(block, begin, np.int64(ends[line]), np.uint8(35))
        mark = find_byte(block, begin, end, np.uint8(63))
        if block[begin] != 47:
            colon = _scheme_end(block, begin, mark)
            if colon + 2 < mark and block[colon + 1] == 47 and block[colon + 2] == 47:
                begin = find_byte(block, colon + 3, mark, np.uint8(47))
        if mark + 1 < end:
            query_begins[line] = mark + 1
            query_ends[line] = end
        path_begins[line] = begin if begin < mark else -1
        path_ends[line] = mark if begin < mark else -1
    return path_begins, path_ends, query_begins, query_ends


@kernel
def find_hosts(block: Bytes, begins: Offsets, ends: Offsets) -> tuple[Offsets, Offsets]:
    """Return begins and ends of hosts (with user and port) in absolute urls, -1 in other urls."""
    host_begins = np.full(len(begins), -1, dtype=np.int32)
    host_ends = np.full(len(begins), -1, dtype=np.int32)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0 or block[begin] == 47:
            continue
        colon = _scheme_end(block, begin, end)
        if colon + 3 < end and block[colon + 1] == 47 and block[colon + 2] == 47:
            stop = find_byte(block, colon + 3, end, np.uint8(47))
            stop = find_byte(block, colon + 3, stop, np.uint8(63))
            host_begins[line] = colon + 3
            host_ends[line] = find_byte(block, colon + 3, stop, np.uint8(35))
    return host_begins, host_ends
