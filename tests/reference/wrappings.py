"""What log collectors put around lines, taken off with regular expressions, line after line.

Each function takes the lines of an input from its first to its last; its result has, for each line, the content or the
reason why it has none. It follows "Wrappings" of `docs/formats.md`.
"""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Callable, Iterable, Iterator

from footfall.transforms import vocabulary as words

Opened = bytes | str
"""The content of a line, or a reason of `words.REJECT_REASONS`."""

ISO_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^ ]*"
BSD_TIME = rb"[A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d[^ ]*"
CRI = re.compile(rb"%b (std...) ([FP])(?::[^ ]*)?(?: (.*)|$)" % ISO_TIME, re.DOTALL)
RFC3164 = re.compile(rb"(?:<\d{1,3}>)?(?:%b|%b) (?:[^ ]*[^ :] )?[^ ]*:(?: (.*)|$)" % (BSD_TIME, ISO_TIME), re.DOTALL)
ELEMENT = rb'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
RFC5424 = re.compile(
    rb"(?:<\d{1,3}>)?1 (?:%b|-[^ ]*) [^ ]* [^ ]* [^ ]* [^ ]* (?:-|(?:%b)+)(?: (?:\xef\xbb\xbf)?(.*)|$)"
    % (ISO_TIME, ELEMENT),
    re.DOTALL,
)
IS_NEW = re.compile(rb"(?:<\d{1,3}>)?1 ")
FIELD = re.compile(rb"([A-Z0-9_]+)=(.*)", re.DOTALL)


def open_cri(lines: Iterable[Opened]) -> Iterator[Opened]:
    """`time stream F content`; parts (`P`) are put before what their stream says next."""
    parts = {True: b"", False: b""}
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
        elif match := CRI.fullmatch(line):
            is_error, content = match[1][3:4] == b"e", match[3] or b""
            if match[2] == b"P":
                parts[is_error] += content
                yield "directive"
            else:
                yield parts[is_error] + content
                parts[is_error] = b""
        else:
            yield "format"


def open_syslog(lines: Iterable[Opened]) -> Iterator[Opened]:
    """RFC 5424 where a `1 ` follows the priority, else RFC 3164."""
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
        elif line.startswith(b"-- "):
            yield "directive"
        else:
            match = (RFC5424 if IS_NEW.match(line) else RFC3164).fullmatch(line)
            yield (match[1] or b"") if match else "format"


def open_journal(lines: Iterable[bytes]) -> Iterator[Opened]:
    """`MESSAGE=` among other fields; a name alone is followed by the length and the bytes of a value."""
    rest = b""
    is_binary = False
    for line in lines:
        if is_binary:
            rest += line + b"\n"
            length = struct.unpack("<q", rest[:8])[0] if len(rest) >= 8 else 0
            # A length beyond reason is damage, and the line after it a field again.
            is_binary = len(rest) < 8 or (0 <= length <= 2**26 and len(rest) < 8 + length + 1)
            yield "directive"
        elif line == b"":
            yield "directive"
        elif match := FIELD.fullmatch(line):
            yield match[2] if match[1] == b"MESSAGE" else "directive"
        elif re.fullmatch(rb"[A-Z0-9_]+", line):
            rest, is_binary = b"", True
            yield "format" if line == b"MESSAGE" else "directive"
        else:
            yield "format"


def open_docker(lines: Iterable[Opened]) -> Iterator[Opened]:
    """`{"log":"…\\n","stream":"stdout"}`; a string without a line end is a part of what its stream says next."""
    parts = {True: b"", False: b""}
    for line in lines:
        content = line if isinstance(line, str) else read_member(line, b"log")
        if isinstance(content, str) or isinstance(line, str):
            yield content
            continue
        members = read_members(line)
        is_error = not isinstance(members, str) and members.get(b"stream") == b'"stderr"'
        if content.endswith(b"\n"):
            yield parts[is_error] + content[:-1]
            parts[is_error] = b""
        else:
            parts[is_error] += content
            yield "directive"


def open_journal_json(lines: Iterable[Opened]) -> Iterator[Opened]:
    """The member MESSAGE, a string or an array of bytes."""
    for line in lines:
        yield line if isinstance(line, str) else read_member(line, b"MESSAGE")


def open_json_message(lines: Iterable[Opened]) -> Iterator[Opened]:
    """The member message, or the first of the others that is there."""
    for line in lines:
        found = line if isinstance(line, str) else read_member(line, b"message")
        for key in (b"log", b"line", b"msg", b"@message", b"_raw"):
            if found == "directive" and not isinstance(line, str):
                found = read_member(line, key)
        yield found


COLOUR = rb"(?:\x1b\[[^m]*(?:m|$))?"
COMPOSE = re.compile(rb"%b[A-Za-z0-9._-]+ +\|%b ?(?:(?=%b)[^ ]*(?: |$))?(.*)" % (COLOUR, COLOUR, ISO_TIME), re.DOTALL)
FLY = re.compile(rb"%b ([^ ]*\])([^\[]*)\[[^\]]*\] ?(.*)" % ISO_TIME, re.DOTALL)


def open_compose(lines: Iterable[Opened]) -> Iterator[Opened]:
    """A service's name and a bar, perhaps with colours and a time."""
    for line in lines:
        match = COMPOSE.fullmatch(line) if isinstance(line, bytes) else None
        blank = isinstance(line, bytes) and not line.strip()
        yield line if isinstance(line, str) else "empty" if blank else match[1] if match else "format"


def open_fly(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Time, app and machine, region, level."""
    for line in lines:
        match = FLY.fullmatch(line) if isinstance(line, bytes) else None
        fits = match is not None and match[2][:1] == b" " and len(match[2]) <= 16
        blank = isinstance(line, bytes) and not line.strip()
        yield line if isinstance(line, str) else "empty" if blank else match[3] if match and fits else "format"


KEY = re.compile(rb"[0-9A-Za-z_.@-]+")
LINE_TIME = re.compile(rb"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[0-9:+.Z-]|,(?=.))*", re.DOTALL)
SINGLE_QUOTED = re.compile(rb"'(.*?)'(?= |$)", re.DOTALL)
QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def begins_pair(line: bytes, position: int) -> bool:
    """Whether `key=` stands here."""
    key = KEY.match(line, position)
    return key is not None and line.startswith(b"=", key.end())


def open_pairs(lines: Iterable[Opened]) -> Iterator[Opened]:
    """`key=value` pairs as an object."""
    for line in lines:
        yield line if isinstance(line, str) else write_pairs(line.removesuffix(b"\r")) if line.strip() else "empty"


def write_pairs(line: bytes) -> Opened:
    """An object with a member for each pair, and the time before them."""
    starts = [0, *(place + 1 for place in range(len(line)) if line[place : place + 1] == b" ")]
    opened = [0, *(place + 1 for place in range(len(line)) if line[place : place + 1] in b" {")]
    first = next((start for start in opened if begins_pair(line, start)), None)
    if first is None:
        return "format"
    time = LINE_TIME.search(line[:first])
    members = [b'"line_time":"%b"' % time[0]] if time else []
    position = span_end = first
    while position < len(line):
        key = KEY.match(line, position)
        if key is None or not line.startswith(b"=", key.end()):
            word = re.compile(rb"[ {]").search(line, key.end() if key else position)
            position = word.end() if word else len(line)
            continue
        if line[:position].endswith(b"{"):
            closing = line.find(b"}:", key.end())
            span_end = closing if closing >= 0 else len(line)
        position = key.end() + 1
        if line.startswith(b'"', position):
            quoted = QUOTED.match(line, position)
            if quoted is None:
                return "cut"
            value, position = quoted[1], quoted.end()
        elif single := SINGLE_QUOTED.match(line, position):
            value, position = single[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"'), single.end()
        else:
            ends = [place for place in starts if place > position and begins_pair(line, place)]
            end = ends[0] - 1 if ends else len(line)
            end = span_end if position <= span_end < end else end
            value = line[position:end].rstrip(b" ").replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            position = end
        members.append(b'"%b":"%b"' % (key[0], value))
        while line.startswith(b" ", position):
            position += 1
    return b"{" + b",".join(members) + b"}"


def open_console(lines: Iterable[Opened]) -> Iterator[Opened]:
    """An object behind a time and words."""
    for line in lines:
        if isinstance(line, str):
            yield line
            continue
        head, brace, rest = line.removesuffix(b"\r").partition(b"{")
        time = LINE_TIME.search(head)
        is_object = bool(brace) and time is not None
        found = b'{"line_time":"%b",%b' % (time[0], rest) if is_object and time else "format"
        yield found if line.strip() else "empty"


BRACKETED_TIME = re.compile(rb"\[\d\d/[A-Za-z]{3}/\d{4}[: ]")
ADDRESS = (
    rb"\d+\.\d+\.\d+\.\d+(?::\d+)?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:(?:[0-9A-Fa-f:]*:)?(?:[0-9A-Fa-f]*|\d+\.\d+\.\d+\.\d+)"
)
PLAIN_ADDRESS = re.compile(ADDRESS)
MARKED_ADDRESS = re.compile(rb"[\"(\[](?:%b)(?:[\")\]])?" % ADDRESS)


def open_words(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Words before a line that begins with the client, at most two fields before its time."""
    for line in lines:
        yield line if isinstance(line, str) else cut_words(line) if line.strip() else "empty"


def cut_words(line: bytes) -> Opened:
    """The line from its client on."""
    time = BRACKETED_TIME.search(line)
    head = line[: time.start()] if time else b""
    fields = list(re.finditer(rb"[^ \t]+", head))
    for number, field in list(enumerate(fields))[-3:][::-1]:
        starts = [0, *(place + 1 for place in range(len(field[0])) if field[0][place : place + 1] == b":")]
        for start in starts:
            text = field[0][start:]
            if PLAIN_ADDRESS.fullmatch(text) or (len(text) > 2 and MARKED_ADDRESS.fullmatch(text)):
                is_list = number > 0 and fields[number - 1][0].endswith(b",")
                return "format" if is_list else line[field.start() + start :]
    return "format"


LABELLED = re.compile(rb"([A-Za-z0-9._-]+):(.*)", re.DOTALL)


def write_object(members: Iterable[tuple[bytes, bytes]]) -> bytes:
    """An object of texts."""
    escaped = ((name, value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')) for name, value in members)
    return b"{" + b",".join(b'"%b":"%b"' % member for member in escaped) + b"}"


def open_ltsv(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Labelled values between tabs as an object."""
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        fields = [LABELLED.fullmatch(field) for field in line.removesuffix(b"\r").split(b"\t") if field]
        members = [(field[1], field[2]) for field in fields if field]
        yield write_object(members) if fields and len(members) == len(fields) else "format"


def open_csv(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Values in the order of the first line's names, or by their numbers where it has an address, as an object."""
    head: bytes | None = None
    names: list[bytes] = []
    separator = b","
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        line = line.removesuffix(b"\r")
        if head is None:
            separators = (b",", b";", b"\t", b"|")
            if re.fullmatch(rb'"[^"]*"( "[^"]*")+', line.removeprefix(b"\xef\xbb\xbf")):
                separators += (b" ",)
            split = {one: cut_values(line, one) for one in separators}
            separator = max(split, key=lambda one: (any(map(is_address, split[one])), len(split[one])))
            if any(map(is_address, split[separator])) and len(split[separator]) > 5:
                names = [b"column_%d" % number for number, _ in enumerate(split[separator], start=1)]
                head = b"\n"
        if head is None:
            head = line
            separator = max((b",", b";", b"\t", b"|"), key=head.count)
            names = [name.strip(b' "') for name in head.split(separator)]
            has_lines = bool({b"message", b"@message", b"_raw"} & set(names))
            is_head = (len(names) > 3 or has_lines) and len(set(names)) == len(names)
            if not (is_head and all(re.fullmatch(rb"[A-Za-z_@$(][^\"\\\x00-\x1f]*", name) for name in names)):
                names = []
        if line == head and names:
            yield "directive"
            continue
        values = split_values(line, separator, len(names)) if names else "format"
        yield values if isinstance(values, str) else write_object(zip(names, values, strict=True))


def cut_values(line: bytes, separator: bytes) -> list[bytes]:
    """The values of a line without the names of its columns."""
    text = line.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r", " ")
    rows = list(csv.reader([text], delimiter=separator.decode(), skipinitialspace=True))
    return [value.strip().encode("latin-1") for value in (rows[0] if rows else [])]


def is_address(value: bytes) -> bool:
    """Whether a value looks like an address, perhaps with a port."""
    ipv4 = rb"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?"
    ipv6 = rb"\[?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f.]*\]?(?::\d+)?"
    return re.fullmatch(ipv4 + rb"|" + ipv6, value) is not None


def split_values(line: bytes, separator: bytes, count: int) -> list[bytes] | str:
    """As many values, or why there are not; doubled quotes inside quotes are one."""
    values: list[bytes] = []
    position = 0
    for column in range(count):
        if column:
            if position >= len(line):
                return "format"
            position += 1
        blanks = b"\n" if separator == b" " else b" "
        position += len(line[position:]) - len(line[position:].lstrip(blanks))
        if line.startswith(b'"', position):
            quoted = re.compile(rb'"((?:[^"]|"")*+)"', re.DOTALL).match(line, position)
            if quoted is None:
                return "cut"
            values.append(quoted[1].replace(b'""', b'"'))
            position = quoted.end()
            position += len(line[position:]) - len(line[position:].lstrip(blanks))
            if position < len(line) and not line.startswith(separator, position):
                return "format"
        else:
            end = line.find(separator, position)
            end = len(line) if end < 0 else end
            values.append(line[position:end].rstrip(b" "))
            position = end
    return values if position == len(line) else "format"


def open_indented(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Objects over several lines: each becomes its last line.

    One that is never closed ends where another begins at its indentation, or when it is too long.
    """
    depth, parts, size, count, indent = 0, b"", 0, 0, -1
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        rest, is_anew = line, False
        own_indent = len(line) - len(line.lstrip())
        if depth and count == 1 and own_indent <= indent:
            indent = -1
        if depth and line.lstrip().startswith(b"{") and own_indent <= indent:
            depth, parts, is_anew = 0, b"", True
        if depth == 0:
            rest = line.lstrip(b" ,[]\t\v\f\r")
            if not rest.startswith(b"{"):
                yield "format" if rest else "directive"
                continue
            size, count, indent = 0, 0, own_indent
        size, count = size + len(rest), count + 1
        if size > words.MAX_LINE_BYTES:
            depth, parts = 0, b""
            yield "too_long"
            continue
        for piece in re.finditer(rb'"(?:[^"\\]|\\.)*(?:"|\Z|\\\Z)|[{}\[\]]', rest, re.DOTALL):
            if piece[0] in (b"{", b"["):
                depth += 1
            elif piece[0] in (b"}", b"]"):
                depth -= 1
                if depth == 0:
                    rest = rest[: piece.end()]
                    break
        parts += rest
        if depth:
            yield "joined" if is_anew else "directive"
        else:
            yield parts
            parts = b""


PAIRS = 64
STARTED = re.compile(rb"(?:\A|(?<= ))Started ")
COMPLETED = re.compile(rb"(?:\A|(?<= ))Completed ")


def open_paired(lines: Iterable[Opened]) -> Iterator[Opened]:
    """The answer's line behind that of the request, which both have the same tags and process or `reqId`."""
    open_requests: dict[bytes, bytes] = {}
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        if line.startswith(b"{"):
            found = re.search(rb'"reqId":([^,]*)', line, re.DOTALL)
            key = b"{" + found[1] if found else b""
            is_asked = b'"req":{' in line
            is_known = bool(found) and (is_asked or b'"res":{' in line)
            own = line[: max(line.rfind(b"}"), 0)] if is_asked else b"," + line[1:]
        else:
            asked, answered = STARTED.search(line[:300]), COMPLETED.search(line[:300])
            word = asked or answered
            is_known, is_asked = word is not None, asked is not None
            before = line[: word.start()] if word else b""
            key = before[before.find(b"#") :] if b"#" in before else before
            own = line[word.start() :] if word else b""
            own = own.rstrip(b"\r") + b" " if is_asked else own
        if is_known and is_asked:
            open_requests[key] = own
        if is_known and not is_asked and key in open_requests:
            yield open_requests.pop(key) + own
        else:
            yield "directive"


def open_nested(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Texts that hold an object as objects."""
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        pieces = re.split(rb'("(?:[^"\\]|\\.)*+")', line, flags=re.DOTALL)
        if any(b'"' in piece for piece in pieces[::2]):
            yield "cut"
            continue
        nested = [piece.startswith(b'"{\\"') and len(piece) > 4 for piece in pieces]
        opened = [
            re.sub(rb'\\([\\"/])', rb"\1", piece[1:-1]) if is_nested else piece
            for piece, is_nested in zip(pieces, nested, strict=True)
        ]
        yield b"".join(opened) if any(nested) else "format"


def open_asides(lines: Iterable[Opened]) -> Iterator[Opened]:
    """Lines of requests; WEBrick's referrers and the connections of PHP's server are none."""
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
            continue
        text = line.removesuffix(b"\r")
        is_connection = text.startswith(b"[") and text.endswith((b" Accepted", b" Closing"))
        yield "directive" if re.match(rb"[^ ]* -> /", text) or is_connection else line


BLANKS = re.compile(rb"[ \t-\r]*")
TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
PLAIN = re.compile(rb'[^",{}\[\] ]+')
TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)


def read_members(line: bytes) -> dict[bytes, bytes] | str:
    """The members of an object, names and values as they were written, or why there are none.

    What stands in other brackets, in words and in other texts is not looked at: a line is not lost by damage there.
    """
    members: dict[bytes, bytes] = {}
    position = skip_blanks(line, 0)
    if not line.startswith(b"{", position):
        return "format"
    position = skip_blanks(line, position + 1)
    while not line.startswith(b"}", position):
        if members:
            if position < len(line) and not line.startswith(b",", position):
                return "format"
            position = skip_blanks(line, position + 1)
        name = TEXT.match(line, position)
        if name is None:
            return "cut" if position >= len(line) or line.startswith(b'"', position) else "format"
        position = skip_blanks(line, name.end())
        if not line.startswith(b":", position):
            return "cut" if position >= len(line) else "format"
        begin = skip_blanks(line, position + 1)
        end = find_value_end(line, begin)
        if isinstance(end, str):
            return end
        members[name[0][1:-1]] = line[begin:end]
        position = skip_blanks(line, end)
    return members if skip_blanks(line, position + 1) == len(line) else "format"


def skip_blanks(line: bytes, position: int) -> int:
    """The place of the first byte that is no white space."""
    blanks = BLANKS.match(line, position)
    return blanks.end() if blanks else position


def find_value_end(line: bytes, begin: int) -> int | str:
    """Where a text, a word, or brackets with all in them end, or why they do not."""
    if text := TEXT.match(line, begin):
        return text.end()
    if line[begin : begin + 1] in (b"{", b"["):
        depth = 0
        for piece in TEXT_OR_BRACKET.finditer(line, begin):
            depth += (piece[0] in (b"{", b"[")) - (piece[0] in (b"}", b"]"))
            if depth == 0:
                return piece.end()
        return "cut"
    word = PLAIN.match(line, begin)
    end = word.end() if word else begin
    if end == len(line) or line.startswith(b'"', begin):
        return "cut"
    return end if word and line[end : end + 1] in (b",", b" ", b"}", b"]") else "format"


ESCAPE = re.compile(
    rb"\\(?:u([dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL
)
ESCAPED = {b'"': b'"', b"\\": b"\\", b"/": b"/", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def undo_escape(match: re.Match[bytes]) -> bytes:
    """The character of an escape; half of a pair of surrogates is none. KeyError: JSON does not have the escape."""
    if match[3]:
        return ESCAPED[match[3]]
    units = (match[1] or match[2]).decode().replace("\\u", "")
    return bytes.fromhex(units).decode("utf-16-be", "replace").encode()


def read_member(line: bytes, name: bytes) -> Opened:
    """A member of an object: a text, or a list of bytes."""
    members = read_members(line) if line.strip() else "empty"
    if isinstance(members, str):
        return members
    value = members.get(name)
    if value is None:
        return "directive"
    if value.startswith(b'"'):
        try:
            return ESCAPE.sub(undo_escape, value[1:-1])
        except KeyError:
            return "format"
    if not re.fullmatch(rb"\[ *\d+ *(?:, *\d+ *)*\]", value):
        return "format"
    numbers = [int(number) for number in value[1:-1].split(b",")]
    return bytes(numbers) if max(numbers) < 256 else "format"


WRAPPINGS: dict[str, Callable[..., Iterator[Opened]]] = {
    "cri": open_cri,
    "syslog": open_syslog,
    "journal": open_journal,
    "journal-json": open_journal_json,
    "docker": open_docker,
    "json-message": open_json_message,
    "compose": open_compose,
    "fly": open_fly,
    "pairs": open_pairs,
    "console": open_console,
    "words": open_words,
    "ltsv": open_ltsv,
    "csv": open_csv,
    "paired": open_paired,
    "nested": open_nested,
    "asides": open_asides,
    "indented": open_indented,
}


def open_lines(lines: Iterable[bytes], wrappings: Iterable[str]) -> list[Opened]:
    """The contents of an input's lines, the outermost wrapping first."""
    opened: Iterable[Opened] = lines
    for name in wrappings:
        opened = WRAPPINGS[name](opened)
    return [one.removesuffix(b"\r") if isinstance(one, bytes) else one for one in opened]
