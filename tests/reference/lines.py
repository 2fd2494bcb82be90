"""The section "A hit" of the definitions: one line becomes a hit or the reason why it is none."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import publicsuffixlist
import pyarrow as pa

from footfall.transforms import vocabulary as words
from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.formats.named_formats import HEADER_LINES, NAMED_FORMATS, NO_REQUESTS
from tests.reference.clients import Address, Trusted, choose_client, read_address
from tests.reference.formats import TIME_FIELDS, LineFormat, compile_format
from tests.reference.json_lines import is_json, split_json
from tests.reference.w3c import split_w3c

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReferenceSettings:
    """The settings of a run; the names are those of the command line."""

    log_format: str = "combined"
    site: str = words.DEFAULT_SITE
    timezone: str = "UTC"
    k: int = words.DEFAULT_K
    search_keys: tuple[str, ...] = words.DEFAULT_SEARCH_KEYS
    app_agents: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    timeout_s: int = words.VISIT_TIMEOUT_S
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    trusted_proxies: Trusted = None
    heeds_opt_outs: bool = True
    behaviour: bool = True
    goals: Mapping[str, Any] = field(default_factory=dict)
    """By name; see `tests.reference.goals`."""
    robots: Mapping[str, str] = field(default_factory=dict)
    """The text of robots.txt by site, that of all others under an empty name."""


@dataclass(frozen=True)
class Hit:
    """A line that parsed. Text is unescaped; None is a field that is absent from the line or the format."""

    client: str
    """The address in its canonical form, or the host name, `unix:…` or `-`."""
    address: Address | None
    user: str | None
    time_ms: int
    request: str | None
    asked: str | None
    """The url or request without the host, where the format always has it there."""
    method: str | None
    url: str | None
    path: str | None
    query: str | None
    protocol: str | None
    status: int
    """0: unknown."""
    bytes_sent: int
    request_us: int | None
    referrer: str | None
    agent: str | None
    site: str
    session: str | None
    opted_out: bool = False
    """Whether the visitor asks not to be counted, and that is heeded."""
    asks: str = ""
    """What headers say of what is asked for: `document`, `other`, or nothing."""


def split_lines(content: bytes) -> list[bytes]:
    """The lines of one input: ended by LF, without one CR before it and without a byte-order mark."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def from_haproxy(found: re.Match[str]) -> str:
    """A byte that HAProxy wrote as `#22`, or a backslash that is just that, as Apache would have written it."""
    byte = chr(int(found[1], 16)) if found[1] else "\\"
    if byte in '"\\':
        return "\\" + byte
    return f"\\x{ord(byte):02X}" if ord(byte) < 32 else byte


def parse_line(line: bytes, settings: ReferenceSettings) -> Hit | str:
    """Read one line (without its end); the result is a hit, or a reason of `words.REJECT_REASONS`."""
    line_format = compile_format(settings.log_format)
    text = NAMED_FORMATS.get(settings.log_format, settings.log_format)
    if not line.strip():
        return "empty"
    if text.startswith("w3c:") and line.startswith(b"#"):
        return "directive"
    if settings.log_format in HEADER_LINES and line.startswith(HEADER_LINES[settings.log_format]):
        return "directive"
    if len(line) > words.MAX_LINE_BYTES:
        return "too_long"
    if is_json(settings.log_format):
        raw = split_json(line, settings.log_format)
    else:
        raw = split_w3c_fields(line, text) if text.startswith("w3c:") else split_fields(line, line_format)
    if isinstance(raw, str):
        return raw
    if settings.log_format in ("haproxy", "haproxy_clf") and "request" in raw:
        raw["request"] = re.sub(r"#([0-9A-Fa-f]{2})|\\", from_haproxy, raw["request"])

    is_silent = all(raw.get(name, "-") in ("", "-") for name in ("request", "status"))
    if settings.log_format in NO_REQUESTS and is_silent:
        return "no_request"

    client = choose_client(raw, settings.trusted_proxies)
    if client is None:
        return "client"

    time_field = [name for name in line_format.fields if name in TIME_FIELDS][-1]
    time_ms = read_time(time_field, raw[time_field])
    if time_ms is None or time_ms < 0:
        return "time"

    status = raw.get("status", "-")
    if not re.fullmatch(r"-?|-1|0|[0-9]{3}", status):
        return "status"

    bytes_sent = read_bytes(raw.get("body_bytes", raw.get("all_bytes", "-")))
    if "request_shown" in raw:
        # IIS writes whole milliseconds, Tomcat seconds with a fraction.
        raw["request_s" if "." in raw["request_shown"] else "request_ms"] = raw["request_shown"]
    duration_field = next((name for name in DURATION_UNITS_US if name in raw), None)
    try:
        request_us = read_duration(raw[duration_field], DURATION_UNITS_US[duration_field]) if duration_field else None
    except ValueError:
        return "number"
    if bytes_sent is None:
        return "number"

    request = raw.get("request", raw.get("url"))
    if unread := re.fullmatch(r"- (.+) -", raw.get("request", ""), re.DOTALL):
        request = unread[1]
    method, url, protocol = split_request(raw["request"]) if "request" in raw else split_parts(raw)
    path, query = split_url(url) if url is not None else (None, None)
    own_sites = (settings.site, *settings.own_hosts)
    site = read_site(text_of(raw.get("site")) or "-", own_sites) if "site" in line_format.fields else settings.site
    if line_format.is_absolute and raw.get("site", "-") in ("", "-"):
        site = read_site(text_of(find_host(url or request or "")) or "-", own_sites)
    return Hit(
        client=client,
        address=read_address(client),
        user=text_of(raw.get("user")),
        time_ms=time_ms,
        request=text_of(request),
        asked=text_of(cut_host(url or request) if line_format.is_absolute and (url or request) else None),
        method=method,
        url=decode(url),
        path=decode(path),
        query=decode(query),
        protocol=text_of(protocol),
        status=0 if status in ("", "-", "-1") else int(status),
        bytes_sent=bytes_sent,
        request_us=request_us,
        referrer=text_of(raw.get("referrer")),
        agent=text_of(raw.get("agent")),
        site=site,
        session=text_of(raw.get("session")),
        opted_out=settings.heeds_opt_outs
        and any(raw.get(name, "-").partition(",")[0] == "1" for name in ("gpc", "dnt")),
        asks=what_headers_say(raw),
    )


NO_DOCUMENTS = {
    "with": ("xmlhttprequest",),
    "purpose": ("prefetch", "preview"),
    "accept": (
        *("image/avif", "image/webp", "image/png", "image/svg", "audio/", "video/", "font/", "text/css"),
        *("text/javascript", "application/javascript", "application/x-javascript", "application/json"),
        *("application/ld+json", "application/rss", "application/atom", "text/event-stream", "text/x-component"),
        *("application/font", "application/wasm", "application/manifest"),
    ),
    "type": (
        *("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript"),
        *("application/x-javascript", "application/json", "application/ld+json", "application/rss"),
        *("application/atom", "text/event-stream", "text/x-component", "application/font", "application/wasm"),
        "application/manifest",
    ),
}
"""How headers begin that say that no document is asked for, or was answered."""


def what_headers_say(raw: dict[str, str]) -> str:
    """What a browser says it fetches for, or else whether a header says that it is no document."""
    destination = raw.get("dest", "-").lower()
    if destination not in ("", "-"):
        return "document" if destination.startswith("document") else "other"
    return "other" if any(raw.get(name, "-").lower().startswith(own) for name, own in NO_DOCUMENTS.items()) else ""


SECOND_RECORD = re.compile(rb"\[[0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}")
IN_QUOTES = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL)
"""An escaped character, or any but a quote and a backslash: a bare quote ends the field."""
BARE_DASH = re.compile(rb"-(?= |$)")
"""What may stand for a quoted field, quotes and all."""


def split_w3c_fields(line: bytes, text: str) -> dict[str, str] | str:
    """The fields of a line of a W3C log."""
    fields = split_w3c(line, text)
    if isinstance(fields, str):
        return "joined" if fields == "format" and len(SECOND_RECORD.findall(line)) >= 2 else fields
    if re.search(rb" -( |$)", fields.get("user", b"")):
        return "joined"
    return {name: value.decode("latin-1") for name, value in fields.items()}


def split_fields(line: bytes, line_format: LineFormat) -> dict[str, str] | str:
    """The fields of a line by name (one character a byte, escapes not undone), or `cut`, `joined` or `format`."""
    misfit = "joined" if len(SECOND_RECORD.findall(line)) >= 2 else "format"
    fields: dict[str, bytes] = {}
    position = 0
    is_bare = False
    for place, piece in enumerate(line_format.pieces):
        if piece.is_field:
            end = position + 1 if is_bare else find_end(line, position, line_format, place)
            may_end = line_format.may_end_behind(place)
            if end is None and may_end and not piece.in_quotes:
                end = len(line)
            if end is None:
                return "cut"
            if end < 0:
                return misfit
            value = line[position:end]
            if value == b'""' and not piece.in_quotes:
                value = b"-"
            # Of fields that mean the same the first one that says something counts, of times the last one.
            if piece.text in TIME_FIELDS or fields.get(piece.text, b"-") in (b"", b"-"):
                fields[piece.text] = value
            position = end
            if may_end and end == len(line):
                break
        else:
            literal = piece.text.encode()[1:] if is_bare else piece.text.encode()
            is_bare = stands_bare(line, position, line_format, place, literal)
            if is_bare:
                position += len(literal) - 1
                continue
            behind = match_text(line, position, literal)
            if behind < 0:
                return "cut" if literal.startswith(line[position:]) else misfit
            position = behind
    rest = line[position:]
    if rest and not (line_format.extras and rest.startswith(b" ")):
        return misfit
    # The first record was cut before its time: `192.0.2.1 - - 192.0.2.2 - - [`.
    if SECOND_RECORD.search(rest) or re.search(rb" -( |$)", fields.get("user", b"")):
        return "joined"
    fields.pop("", None)
    return {name: value.decode("latin-1") for name, value in fields.items()}


def match_text(line: bytes, position: int, literal: bytes) -> int:
    """The place behind a literal that stands there, else -1; a line feed in it is white space of any width."""
    match = pattern_of(literal).match(line, position)
    return match.end() if match else -1


@cache
def pattern_of(literal: bytes) -> re.Pattern[bytes]:
    """The pattern of a literal."""
    return re.compile(b"[ \\t]*".join(re.escape(text) for text in literal.split(b"\n")))


def stands_bare(line: bytes, position: int, line_format: LineFormat, place: int, literal: bytes) -> bool:
    """Whether a literal stands here without its last quote, since `-` without quotes follows for a quoted field."""
    behind = line_format.pieces[place + 1 : place + 2]
    if not (behind and behind[0].in_quotes and line.startswith(literal[:-1], position)):
        return False
    if line.startswith(literal, position):
        return False
    return BARE_DASH.match(line, position + len(literal) - 1) is not None


def find_end(line: bytes, position: int, line_format: LineFormat, place: int) -> int | None:
    """Where a field ends; None where the line ends in it, -1 where what has to follow doesn't."""
    literal = line_format.literal_behind(place)
    if line_format.pieces[place].in_quotes:
        match = IN_QUOTES.match(line, position)
        assert match is not None, "it also fits nothing"
        return match.end() if line.startswith(b'"', match.end()) else None
    if not literal:
        return find_last_end(line, position, line_format.pieces[place].text)
    if line_format.pieces[place].words > 1:
        spaces = [found for found in range(position, len(line)) if line[found : found + 1] == literal[:1]]
        return (spaces + [len(line)] * 3)[line_format.pieces[place].words - 1]
    if literal == b":" and line_format.pieces[place].text in ("client", "site"):
        # An IPv6 address has colons of its own.
        stop = line.find(line_format.literal_behind(place + 2)[:1] or b" ", position)
        stop = len(line) if stop < 0 else stop
        colon = line.rfind(b":", position, stop)
        return colon if colon >= 0 else stop
    met = False
    for end in range(position, len(line)):
        if line[end : end + 1] == literal[:1] and not is_in_list(line, position, end):
            if match_text(line, end, literal) >= 0 or stands_bare(line, end, line_format, place + 1, literal):
                return end
            met = True
    ends_in_literal = any(line.endswith(literal[:length], position) for length in range(1, len(literal)))
    return -1 if met and not ends_in_literal else None


def find_last_end(line: bytes, position: int, name: str) -> int | None:
    """Where the last field ends: some may have spaces in them; -1 where a second record begins in it."""
    if position == len(line):
        return None
    if name in ("", "request", "url", "referrer", "agent"):
        return -1 if SECOND_RECORD.search(line, position) else len(line)
    spaces = (place for place in range(position, len(line)) if line[place : place + 1] == b" ")
    return next((space for space in spaces if not is_in_list(line, position, space)), len(line))


def is_in_list(line: bytes, begin: int, space: int) -> bool:
    """Whether a space belongs to a list such as `192.0.2.1, 192.0.2.2` or `0.010 : 0.020`."""
    if line[space : space + 1] != b" " or space == begin:
        return False
    behind_colon = space - 2 > begin and line[space - 2 : space] == b" :"
    return line[space - 1 : space] == b"," or line[space : space + 3] == b" : " or behind_colon


ESCAPED = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"f": b"\f", b'"': b'"', b"\\": b"\\"}


def unescape(field: bytes) -> bytes:
    """Undo Apache's and nginx's escapes; one that neither writes stays as it is."""

    def replace(match: re.Match[bytes]) -> bytes:
        return bytes.fromhex(match[1].decode()) if match[1] else ESCAPED.get(match[2], match[0])

    return re.sub(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", replace, field, flags=re.DOTALL)


def text_of(raw: str | None) -> str | None:
    """A field as text; `-` and nothing mean that there is no value."""
    return None if raw == "-" else decode(raw)


def decode(raw: str | None) -> str | None:
    """The same where `-` is a text: as a url in a request line."""
    return None if raw in (None, "") else unescape(raw.encode("latin-1")).decode("utf-8", "replace")


METHOD = re.compile(r"[A-Za-z][A-Za-z_-]*")


def split_request(request: str) -> tuple[str | None, str | None, str | None]:
    """Method, url and protocol of a request line; no method and no url where it is no request."""
    method, _, rest = request.partition(" ")
    url, protocol = rest, None
    before, _, after = rest.rpartition(" ")
    if after.startswith("HTTP/") or after in ("1.0", "1.1", "2", "3"):
        url, protocol = before, after
    if not METHOD.fullmatch(method) or not url:
        return None, None, None
    return method, url, protocol


def split_parts(raw: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """The same where the format has a field for each part; a format without a field for the method means GET."""
    url = raw.get("url", raw.get("path"))
    url = url if url not in ("", "-") else None
    query = raw.get("query", "-").removeprefix("?")
    if "url" not in raw and url is not None and "query" in raw:
        # A path by itself was decoded by the server.
        url = url.replace("?", "%3F").replace("#", "%23") + (f"?{query}" if query not in ("", "-") else "")
    method = raw.get("method", "GET" if url is not None else "")
    return method if METHOD.fullmatch(method) else None, url, raw.get("protocol")


def split_url(url: str) -> tuple[str, str | None]:
    """Path and query of a url, without scheme, host and fragment."""
    rest = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "", url).partition("#")[0]
    path, _, query = rest.partition("?")
    return path or "/", query or None


HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


def find_host(url: str) -> str:
    """The host of an absolute url, with user and port; `-` where it has none."""
    match = HOST.match(url)
    return match[1] if match else "-"


def cut_host(url: str) -> str:
    """What an absolute url asks for: no scheme, host and fragment."""
    return HOST.sub("", url, count=1).partition("#")[0]


SITE = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
TOKEN = re.compile(r"[0-9a-f]{16}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
PORT = re.compile(r":[0-9]{1,5}$")


OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
ADDRESS_IN_NAME = re.compile(rf"(?<![0-9.])(?:{OCTET}\.){{3}}{OCTET}(?![0-9])")


@cache
def is_personal(name: str) -> bool:
    """Whether something would be taken out of a text, as a postcode: w1e9ww is one of London."""
    return scrub(pa.array([name]))[0].as_py() != name


def read_site(text: str, own: Collection[str]) -> str:
    """The virtual host, if it is a host name, and neither an address nor one with a token or something else that is
    personal; but for the settings' `own`, it is below a top-level domain."""
    host = text.lower().rpartition("@")[2]
    name = host.partition(":")[0].rstrip(".")
    is_plain = (
        host.count(":") < 2
        and SITE.fullmatch(name)
        and ".." not in name
        and not re.search(r"\.[0-9]+$", name)
        and not TOKEN.search(name)
        and not ADDRESS_IN_NAME.search(name)
        and not is_personal(name)
    )
    if name.removeprefix("www.") in {host.lower().removeprefix("www.") for host in own}:
        return name
    if name == "localhost":
        return name
    return name if is_plain and name.rpartition(".")[0] and is_top_level(name.rpartition(".")[2]) else words.UNKNOWN


@cache
def top_level_domains() -> frozenset[str]:
    rules = Path(publicsuffixlist.PSLFILE).read_text("utf-8").partition("// ===END ICANN DOMAINS===")[0].splitlines()
    return frozenset(rule.split(".")[-1] for rule in rules if rule and not rule.startswith("//"))


def is_top_level(label: str) -> bool:
    """Whether a site's name can be below this: top-level domains, those for documents, tests and Tor, local ones."""
    special = {"example", "test", "onion"}.union(
        "corp domain home internal intra intranet invalid lan local localdomain localhost localnet private".split()
    )
    return label.startswith("xn--") or label in top_level_domains() | special


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ZONE_HOURS = {
    **{"HST": -10, "AKST": -9, "AKDT": -8, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5},
    **{"EDT": -4, "GMT": 0, "UTC": 0, "UT": 0, "WET": 0, "CET": 1, "WEST": 1, "WAT": 1, "CEST": 2, "EET": 2, "SAST": 2},
    **{"CAT": 2, "EEST": 3, "MSK": 3, "EAT": 3, "PKT": 5, "WIB": 7, "HKT": 8, "AWST": 8, "SGT": 8, "JST": 9, "KST": 9},
    **{"AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13},
}
"""Zones whose name means one offset."""
ZONE = rf"(?P<zone>[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?|{'|'.join(ZONE_HOURS)})"
CLOCK = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
TIME_FORMS = {
    "time_local": re.compile(
        r"(?P<day>[0-9]{2})/(?P<month>[A-Z][a-z]{2})/(?P<year>[0-9]{4})[: ]"
        rf"{CLOCK}(\.(?P<fraction>[0-9]+))?( {ZONE})?"
    ),
    "time_iso": re.compile(
        rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})[Tt \t]"
        rf"{CLOCK}([.,](?P<fraction>[0-9]+))?((?: (?=[+-]))?{ZONE})?"
    ),
}
UNITS_PER_SECOND = {"time_s": 1, "time_ms": 1000, "time_us": 1_000_000}
MOST = 10**18
"""No number of microseconds is above it."""


def read_time(field: str, text: str) -> int | None:
    """Milliseconds since 1970 UTC, or None where the text is no time. A leap second is the one after it."""
    if field == "time_any":
        return read_any_time(text[1:-1] if len(text) > 2 and text[0] + text[-1] == "[]" else text)
    if field in UNITS_PER_SECOND:
        if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]+)?", text):
            return None
        time_ms = int(Decimal(text) * 1000 / UNITS_PER_SECOND[field])
        return time_ms if time_ms < END_OF_TIME_MS else None
    match = TIME_FORMS[field].fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    month = MONTHS.index(parts["month"]) + 1 if parts["month"] in MONTHS else -1
    leap = parts["second"] == "60"
    try:
        time = datetime(
            int(parts["year"]),
            month if field == "time_local" else int(parts["month"]),
            int(parts["day"]),
            int(parts["hour"]),
            int(parts["minute"]),
            59 if leap else int(parts["second"]),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    fraction_ms = int((parts.get("fraction") or "0").ljust(3, "0")[:3])
    time_ms = milliseconds(time) + leap * 1000 - read_offset_s(parts["zone"] or "Z") * 1000 + fraction_ms
    return time_ms if time_ms < END_OF_TIME_MS else None


def read_any_time(text: str) -> int | None:
    """A time in any form. The size of a number decides its unit, each of which is a thousandth of the one before."""
    if re.fullmatch(r"[0-9]{1,19}(\.[0-9]+)?", text):
        whole, _, fraction = text.partition(".")
        number = int(whole)
        for unit, limit in enumerate((10**11, 10**14, 10**17, 2**63)):
            if number < limit:
                return number * 1000 + int(fraction.ljust(3, "0")[:3]) if unit == 0 else number // 1000 ** (unit - 1)
        return None
    if re.match(r"[0-9]{4}/[0-9]{2}/", text):
        text = text.replace("/", "-", 2)
    times = (read_time(field, text) for field in ("time_iso", "time_local"))
    return next((time_ms for time_ms in times if time_ms is not None), None)


def read_offset_s(zone: str) -> int:
    """Seconds east of UTC."""
    if zone in "Zz":
        return 0
    if zone in ZONE_HOURS:
        return ZONE_HOURS[zone] * 3600
    minutes = int(zone[-2:]) if len(zone) > 3 else 0
    return (int(zone[1:3]) * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def milliseconds(time: datetime) -> int:
    """Milliseconds since 1970 UTC."""
    return (time - EPOCH) // timedelta(milliseconds=1)


END_OF_TIME_MS = milliseconds(datetime(9999, 1, 1, tzinfo=UTC))


def read_bytes(text: str) -> int | None:
    """A size, or None where the text is no number."""
    if text in ("", "-"):
        return 0
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def as_utf8(text: str) -> str:
    """A field (one character a byte) as text."""
    return text.encode("latin-1").decode("utf-8", "replace")


DURATION_UNITS_US = {"request_us": 1, "request_ms": 1000, "request_s": 1_000_000, "upstream_s": 1_000_000} | {
    "request_ns": Decimal("0.001")
}
"""Microseconds per unit of each duration field; where a line has several, the first of them counts."""


def read_duration(text: str, unit_us: int | Decimal) -> int | None:
    """Microseconds of a duration or the sum of a list of them; None where all are unknown.

    ValueError: one of them is no number.
    """
    alone = re.fullmatch(
        r"(-?)([0-9]{1,18}(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]{1,3})| ?(s|ms|us|µs|\u03bcs|ns))", as_utf8(text)
    )
    if alone:
        scale_us = (
            unit_us
            if alone[4] is None
            else {"s": 10**6, "ms": 10**3, "us": 1, "µs": 1, "\u03bcs": 1}.get(alone[4], Decimal("0.001"))
        )
        value_us = Decimal(alone[2]).scaleb(int(alone[3] or 0)) * scale_us
        if alone[1]:
            return None
        if value_us > MOST:
            raise ValueError("not a duration")
        return int(value_us)
    known_us = []
    for item in re.split(r", | : | ", text):
        if (
            not re.fullmatch(r"-?|-?[0-9]{1,18}(\.[0-9]+)?", item)
            or int(item.lstrip("-").partition(".")[0] or 0) > MOST // unit_us
        ):
            raise ValueError("not a duration")
        if item and not item.startswith("-"):
            known_us.append(int(Decimal(item) * unit_us))
    if sum(known_us) > MOST:
        raise ValueError("not a duration")
    return sum(known_us) if known_us else None
