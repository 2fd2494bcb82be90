"""The section "A hit" of the definitions: one line becomes a hit or the reason why it is none."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.reference.formats import TIME_FIELDS, LineFormat, compile_format
from transforms import vocabulary as words

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReferenceSettings:
    """What a run is told; the names are those of the command line."""

    log_format: str = "combined"
    site: str = words.DEFAULT_SITE
    timezone: str = "UTC"
    k: int = words.DEFAULT_K
    search_keys: tuple[str, ...] = words.DEFAULT_SEARCH_KEYS
    own_hosts: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    timeout_s: int = words.VISIT_TIMEOUT_S


@dataclass(frozen=True)
class Hit:
    """A line that parsed. Text is unescaped; None is a field that is absent from the line or the format."""

    client: str
    """The address in its canonical form, or the host name, `unix:…` or `-`."""
    address: Address | None
    user: str | None
    time_ms: int
    request: str | None
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


def split_lines(content: bytes) -> list[bytes]:
    """The lines of one input: ended by LF, without one CR before it and without a byte-order mark."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def parse_line(line: bytes, settings: ReferenceSettings) -> Hit | str:
    """Read one line (without its end); the result is a hit, or a reason of `words.REJECT_REASONS`."""
    line_format = compile_format(settings.log_format)
    if not line.strip():
        return "empty"
    if len(line) > words.MAX_LINE_BYTES:
        return "too_long"
    raw = split_fields(line, line_format)
    if isinstance(raw, str):
        return raw
    text = {name: unescape(value).decode("utf-8", "replace") for name, value in raw.items()}

    client = read_client(text.get("client", "-"))
    if client is None:
        return "client"
    for address in read_addresses(text.get("forwarded", "")):
        client = str(address)
        break

    time_field = [name for name in line_format.fields if name in TIME_FIELDS][-1]
    time_ms = read_time(time_field, text[time_field])
    if time_ms is None:
        return "time"

    status = text.get("status", "-")
    if not re.fullmatch(r"-|[0-9]{3}", status):
        return "status"

    bytes_sent = read_bytes(text.get("body_bytes", text.get("all_bytes", "-")))
    duration_field = next((name for name in DURATION_UNITS_US if name in text), None)
    try:
        request_us = read_duration(text[duration_field], DURATION_UNITS_US[duration_field]) if duration_field else None
    except ValueError:
        return "number"
    if bytes_sent is None:
        return "number"

    method, url, protocol = split_request(text["request"]) if "request" in text else split_parts(text)
    path, query = split_url(url) if url is not None else (None, None)
    return Hit(
        client=client,
        address=read_address(client),
        user=known(text.get("user")),
        time_ms=time_ms,
        request=text.get("request", text.get("url")),
        method=method,
        url=url,
        path=path,
        query=query,
        protocol=protocol,
        status=0 if status == "-" else int(status),
        bytes_sent=bytes_sent,
        request_us=request_us,
        referrer=known(text.get("referrer")),
        agent=known(text.get("agent")),
        site=read_site(text["site"]) if "site" in text else settings.site,
        session=known(text.get("session")),
    )


SECOND_RECORD = re.compile(rb"\[[0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}")


def split_fields(line: bytes, line_format: LineFormat) -> dict[str, bytes] | str:
    """The fields of a line by name, or `cut`, `joined` or `format`."""
    misfit = "joined" if len(SECOND_RECORD.findall(line)) >= 2 else "format"
    fields: dict[str, bytes] = {}
    position = 0
    for piece in line_format.pieces:
        rest = line[position:]
        if piece.pattern is None:
            literal = piece.text.encode()
            if not rest.startswith(literal):
                # A lone backslash at the end was going to escape something.
                return "cut" if literal.startswith(rest) or rest == b"\\" else misfit
            position += len(literal)
        elif not rest:
            return "cut"
        else:
            match = piece.pattern.match(line, position)
            assert match is not None, "every field's pattern also fits nothing"
            fields[piece.text] = match[0]
            position = match.end()
    rest = line[position:]
    if rest and not (line_format.extras and rest.startswith(b" ")):
        return misfit
    if SECOND_RECORD.search(rest):
        return misfit
    fields.pop("", None)
    return fields


ESCAPED = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"f": b"\f", b'"': b'"', b"\\": b"\\"}


def unescape(field: bytes) -> bytes:
    """Undo Apache's and nginx's escapes; one that neither writes stays as it is."""

    def replace(match: re.Match[bytes]) -> bytes:
        return bytes.fromhex(match[1].decode()) if match[1] else ESCAPED.get(match[2], match[0])

    return re.sub(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", replace, field, flags=re.DOTALL)


def known(text: str | None) -> str | None:
    """`-` and nothing mean that there is no value."""
    return None if text in (None, "", "-") else text


def split_request(request: str) -> tuple[str | None, str | None, str | None]:
    """Method, url and protocol of a request line; no method and no url where it is no request."""
    method, _, url = request.partition(" ")
    protocol = None
    before, space, after = url.rpartition(" ")
    if space and after.startswith("HTTP/"):
        url, protocol = before, after
    if not re.fullmatch(r"[A-Za-z][A-Za-z_-]*", method) or not url:
        return None, None, None
    return method, url, protocol


def split_parts(text: dict[str, str]) -> tuple[str | None, str | None, str | None]:
    """The same where the format has a field for each part."""
    return known(text.get("method")), known(text.get("url")), known(text.get("protocol"))


def split_url(url: str) -> tuple[str, str | None]:
    """Path and query of a url, without scheme, host and fragment."""
    rest = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "", url).partition("#")[0]
    path, question_mark, query = rest.partition("?")
    return path or "/", query if question_mark else None


HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
PORT = re.compile(r":[0-9]{1,5}$")


def read_site(text: str) -> str:
    """The virtual host, if it is a host name and no address."""
    name = PORT.sub("", text).lower().removesuffix(".")
    is_host_name = HOST_NAME.fullmatch(name) and name != "-" and not re.fullmatch(r"[0-9.]+", name)
    return name if is_host_name else words.UNKNOWN


def read_address(text: str) -> Address | None:
    """An address without port, brackets, zone and `::ffff:`, or None."""
    text = text.strip()
    if match := re.fullmatch(r"\[([^\]]*)\](?::[0-9]{1,5})?", text):
        text = match[1]
    elif text.count(":") == 1:
        text = PORT.sub("", text)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def read_client(text: str) -> str | None:
    """The client in its canonical form; None where the field holds no client."""
    for address in read_addresses(text):
        return str(address)
    if text == "-" or text.startswith("unix:"):
        return text
    name = PORT.sub("", text)
    return name if HOST_NAME.fullmatch(name) and not re.fullmatch(r"[0-9.]+", name) else None


NOT_PUBLIC = [
    *map(ipaddress.ip_network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),
    *map(ipaddress.ip_network, ("172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3")),
    *map(ipaddress.ip_network, ("::/127", "fc00::/7", "fe80::/10", "ff00::/8")),
]
"""This host, private, shared, link-local, multicast and reserved networks."""


def read_addresses(text: str) -> list[Address]:
    """The addresses of a comma list, public ones first."""
    addresses = [address for item in text.split(",") if (address := read_address(item)) is not None]
    return sorted(addresses, key=lambda address: any(address in network for network in NOT_PUBLIC))


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LOCAL_TIME = re.compile(
    r"([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-5][0-9])"
)
ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")


def read_time(field: str, text: str) -> int | None:
    """Milliseconds since 1970 UTC, or None where the text is no time."""
    units_per_second = {"time_s": 1, "time_ms": 1000, "time_us": 1_000_000}
    if field in units_per_second:
        if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]+)?", text):
            return None
        return int(Decimal(text) * 1000 / units_per_second[field])
    try:
        if field == "time_iso":
            return milliseconds(datetime.fromisoformat(text)) if ISO_TIME.fullmatch(text) else None
        match = LOCAL_TIME.fullmatch(text)
        if match is None or match[2] not in MONTHS:
            return None
        day, year, hour, minute, second = (int(match[i]) for i in (1, 3, 4, 5, 6))
        offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
        return milliseconds(datetime(year, MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC) - offset)
    except (ValueError, OverflowError):
        return None


def milliseconds(time: datetime) -> int:
    """Milliseconds since 1970 UTC."""
    return (time - EPOCH) // timedelta(milliseconds=1)


def read_bytes(text: str) -> int | None:
    """A size, or None where the text is no number."""
    if text == "-":
        return 0
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


DURATION_UNITS_US = {"request_s": 1_000_000, "request_ms": 1000, "request_us": 1, "upstream_s": 1_000_000}
"""Microseconds per unit of each duration field; where a line has several, the first of them counts."""


def read_duration(text: str, unit_us: int) -> int | None:
    """Microseconds of a duration or the sum of a list of them; None where all are unknown.

    ValueError: one of them is no number.
    """
    known_us = []
    for item in re.split(r", | : ", text):
        if not re.fullmatch(r"-?|-?[0-9]{1,12}(\.[0-9]+)?", item):
            raise ValueError("not a duration")
        if not item.startswith("-") and item:
            known_us.append(int(Decimal(item) * unit_us))
    return sum(known_us) if known_us else None
