"""Parses requests: methods, protocols, and the parts of urls.

Each kernel takes a padded block and the byte offsets of one field in all lines, -1 if the field is absent, and returns
one value per line.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.kernels.byte_kernels import find_byte, load8
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedFields

METHOD_NONE, METHOD_GET, METHOD_OTHER, METHOD_HEAD, METHOD_POST = range(5)
_HEAD_BYTES: Final = np.frombuffer(b"HEAD\0\0\0\0", dtype=np.uint64)[0]
_POST_BYTES: Final = np.frombuffer(b"POST\0\0\0\0", dtype=np.uint64)[0]
_FOUR_BYTES: Final = np.uint64(0xFFFFFFFF)

PROTOCOLS: Final = ("(unknown)", "(other)", "HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/3.0")
"""As servers write them; the index is the code."""
_HTTP_1_1_BYTES: Final = np.frombuffer(b"HTTP/1.1", dtype=np.uint64)[0]
_HTTP_2_0_BYTES: Final = np.frombuffer(b"HTTP/2.0", dtype=np.uint64)[0]
_UNKNOWN_PROTOCOL, _OTHER_PROTOCOL, _HTTP_1_0, _HTTP_1_1, _HTTP_2_0, _HTTP_3_0 = range(len(PROTOCOLS))


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
    # Bit 5 is the difference between upper and lower case.
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
