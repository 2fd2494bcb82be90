"""Recognises by their values the fields of lines like `combined`, where the fields are not exactly those.

Operators and hosts add a field, move the host, log a forwarded address, double a blank. All such lines have a time in
brackets, the request in quotes, status and size in this order. Other fields are recognised by their values: addresses,
host names, fractions of a second, urls, user agents. The result is a format string in nginx's notation. A field that
cannot be identified is skipped: a number without a fraction may be a duration in any unit, a port, or a size.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from footfall.pipelines.inputs.recognize_addresses import have_ports, is_address, is_public
from footfall.pipelines.inputs.split_layouts import (
    EPOCH,
    ISO,
    ISO_AND_WORDS,
    REQUEST,
    STATUS,
    Token,
    find_core,
    split_fields,
)
from footfall.transforms.describing.registrable_domains import can_be_site

MIN_LINES: Final = 3
"""With fewer lines, a layout is that of torn lines, unless it is the most frequent one."""
MIN_SHARE: Final = 0.02
_MAX_LINES: Final = 500
_AGREED: Final = 0.8
"""Share of a field's values that are of a kind: clients write anything into headers."""

UNREAD: Final = "field"
"""Beginning of the names of fields with a value that cannot be identified."""

_IN_QUOTES, _TRAILING = "in quotes", "trailing blanks"
_HOST: Final = re.compile(r"(?=[^:]*[A-Za-z])[A-Za-z0-9_](?:[A-Za-z0-9_-]*\.)+[A-Za-z][A-Za-z0-9-]*\.?(:\d{1,5})?")
_FRACTION: Final = re.compile(r"\d+\.\d{1,6}")
_TLS: Final = re.compile(r"(?:TLS|SSL)v[\d.]+")
_ABSOLUTE_REQUEST: Final = re.compile(r"[A-Z]+ https?://[^/ ]+/\S*(?: HTTP/.*)?")
"""As caches and balancers write it: the site is the url's host."""
_SENDS_NOTHING: Final = re.compile(r"GET |HEAD |OPTIONS ")
_SIZE: Final = re.compile(r"\d+|-")
_URL: Final = re.compile(r"[a-z][a-z-]*://.*|/.*")
_AGENT: Final = re.compile(r"(?![a-z-]*://|/).*[A-Za-z].*[/ ;(].*|[A-Z][A-Za-z-]+")
_SECONDS_OF_MS: Final = re.compile(r"\d+ ms")
_DURATION: Final = re.compile(r"\d+(?:\.\d+)?(?:ns|us|µs|\u00c2\u00b5s|\u00ce\u00bcs|ms|s)")
"""With its unit behind the number; lines are read as Latin-1, where a micro sign in UTF-8 is two characters."""


@dataclass
class _Column:
    """The values of one field in all lines of a layout, and the variable for it, once it is known."""

    kind: str
    name: str
    values: list[str]
    blank: str
    variable: str = ""

    def is_of(self, kind: Callable[[str], object]) -> bool:
        """Return whether the values that say something are of a kind, and there are some."""
        said = Counter(value for value in self.values if value not in ("-", ""))
        # Values recur, and each kind is asked for once.
        count = sum(lines for value, lines in said.items() if kind(value))
        return bool(said) and count >= _AGREED * said.total()

    @property
    def separator(self) -> str:
        """Return the text before the field; a line feed matches any number of blanks."""
        if not self.blank:
            return ""
        return "\t" if self.blank == "\t" else " " if len(self.blank) < 2 else " \n"

    @property
    def is_said(self) -> bool:
        """Return whether every value says something."""
        return not any(value in ("-", "") for value in self.values)

    @property
    def is_silent(self) -> bool:
        """Return whether no value says anything."""
        return all(value in ("-", "") for value in self.values)

    def is_whole(self, form: re.Pattern[str]) -> bool:
        """Return whether the field has no quotes and all its values have a form."""
        return self.kind == "bare" and all(map(form.fullmatch, self.values))

    def is_whole_of(self, form: re.Pattern[str]) -> bool:
        """Return whether all values that say something have a form, and there are some."""
        said = {value for value in self.values if value not in ("-", "")}
        return bool(said) and all(map(form.fullmatch, said))

    @property
    def has_ports(self) -> bool:
        """Return whether a port follows each address."""
        return have_ports(set(self.values))

    @property
    def is_absolute(self) -> bool:
        """Return whether all requests name a host in their url; lines without a request do not count."""
        requests = {value for value in self.values if REQUEST.fullmatch(value)}
        return bool(requests) and all(map(_ABSOLUTE_REQUEST.fullmatch, requests))

    def text(self, number: int) -> str:
        """Return the field in nginx's notation."""
        variable = "${%s}" % (self.variable or f"{'silent' if self.is_silent else UNREAD}_{number}")
        if self.variable == "host" and self.is_of(lambda value: re.fullmatch(r".*:\d+", value)):
            variable = "${host}:${server_port}"
        if self.variable == "remote_addr" and self.has_ports:
            variable = "${remote_addr}:${remote_port}"
        if self.variable == "request" and self.is_absolute:
            variable = "${absolute_request}"
        if self.kind == "braced" and self.is_of(_SECONDS_OF_MS.fullmatch):
            variable = "${request_time_ms} ms"
        if self.kind == "bracketed" and self.variable == "time_iso8601" and self.is_of(ISO_AND_WORDS.fullmatch):
            variable = "${time_iso8601} \n${words}"
        if self.kind == "moment" and self.variable in ("", "time_iso8601"):
            number_of_words = "three" if all(" " in value[11:] for value in self.values) else "two"
            variable = f"${{time_{number_of_words}_words}}" if self.variable else "${collected_two_words}"
        if self.kind == "clf" and self.variable == "time_local":
            variable = "${time_local_words}"
        if self.kind == "request":
            variable = "${request_method} ${request_uri}" + (
                " ${server_protocol}" if " HTTP/" in self.values[0] else ""
            )
        around = {"quoted": '"%s"', "bracketed": "[%s]", "braced": "(%s)"}.get(self.kind, "%s")
        return self.name + around % re.sub(r"\$\{(\w+)\}(?!\w)", r"$\1", variable)


def guess_layouts(lines: Sequence[bytes]) -> Iterator[str]:
    """Yield the format strings of lines like combined ones that have other fields, the most frequent first."""
    texts = [line.decode("latin-1") for line in lines[:_MAX_LINES]]
    layouts: dict[tuple[str, ...], list[list[Token]]] = {}
    for text in texts:
        tokens, is_in_quotes = split_fields(text)
        key = _key_of(tokens)
        if key:
            marks = [mark for mark, holds in ((_IN_QUOTES, is_in_quotes), (_TRAILING, text[-1] in " \t")) if holds]
            layouts.setdefault((*key, *marks), []).append(tokens)
    frequent = sorted(layouts, key=lambda key: -len(layouts[key]))
    least = max(MIN_LINES, MIN_SHARE * sum(map(len, layouts.values())))
    for place, key in enumerate(frequent):
        if place and len(layouts[key]) < least:
            return
        guessed = _guess(layouts[key], in_quotes=_IN_QUOTES in key, has_trailing=_TRAILING in key)
        if guessed:
            yield guessed


def _key_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return what lines of one layout have in common: kinds and names of their fields."""
    core = find_core(tokens)
    if core is None:
        return ()
    return tuple(
        f"{token.name}{token.kind}{token.value.count(' ') if token.kind == 'request' else ''}"
        + ("!" if place in core else "")
        + ("_" * len(token.blank) if place <= core[0] else "")
        for place, token in enumerate(tokens)
    )


def _guess(lines: Sequence[Sequence[Token]], *, in_quotes: bool, has_trailing: bool) -> str:
    """Return the format string of lines of one layout; "" if a named format is right for them."""
    core = find_core(lines[0])
    assert core is not None
    columns = [
        _Column(tokens[0].kind, tokens[0].name, [token.value for token in tokens], max(token.blank for token in tokens))
        for tokens in zip(*lines, strict=True)
    ]
    time, request = core
    before, between, behind = columns[:time], columns[time + 1 : request], columns[request + 1 :]
    if len(behind) == 1 and any(column.is_of(_TLS.fullmatch) for column in between):
        return ""  # Apache's ssl_request_log: what follows the request is the size
    if len(before) == 2 and columns[time].blank == "  " and before[1].blank == " ":
        # `192.0.2.7 -  [`: the user is empty.
        columns[time].blank = " "
        before.append(_Column("bare", "", [""] * len(lines), " ", "remote_user"))
    if columns[request].name and not columns[request].is_of(REQUEST.fullmatch):
        return ""  # pairs whose names say more than their values
    if all(column.name for column in columns):
        return ""
    is_iso = columns[time].is_of(ISO.fullmatch) or columns[time].is_of(ISO_AND_WORDS.fullmatch)
    columns[time].variable = "time_iso8601" if is_iso else "time_local"
    is_epoch = columns[time].is_of(EPOCH.fullmatch)
    if is_epoch:
        columns[time].variable = "msec"
    columns[request].variable = "request"
    place = next((place for place, one in enumerate(behind) if one.is_whole(STATUS)), None)
    if place is None:
        return ""
    behind[place].variable = "status"
    if len(behind) > place + 1 and behind[place + 1].kind == "phrase":
        behind[place + 1].variable = "reason_phrase"
    sizes = behind[place + 1 : place + 3] if not _is_with_unit(behind[place + 1 :]) else behind[place + 4 : place + 5]
    if len(sizes) == 2 and _is_length_of_request(sizes[0], columns[request]) and sizes[1].is_whole(_SIZE):
        sizes = sizes[1:] if not sizes[1].is_silent else sizes
    for size in sizes:
        if size.is_whole(_SIZE):
            size.variable = "body_bytes_sent"
            break
        if not size.is_of(_FRACTION.fullmatch):
            break  # except for a request time, the size is next to the status
    _name_columns(columns)
    if not _find_client(before or between, has_words=not before and columns[time].kind != "bracketed"):
        return ""
    _find_page(behind[place:])
    _find_rest([*before, *between, *behind])
    ordered = [*before, columns[time], *between, columns[request], *behind]
    is_named = _is_named(ordered, before, behind, in_quotes=in_quotes, is_iso=is_iso or is_epoch)
    # Named formats do not look for a host in the url.
    is_named = is_named and (columns[request].is_absolute <= any(column.variable == "host" for column in columns))
    if is_named and not (has_trailing and len(behind) == len(_PAGE[:2])):
        return ""  # only behind common nothing may follow
    texts = [(column.separator if place else "") + column.text(place) for place, column in enumerate(ordered)]
    text = "".join(texts) + (" \n" if has_trailing else "")
    return f'"{text}"' if in_quotes else text


def _is_with_unit(behind: Sequence[_Column]) -> bool:
    """Return whether a request time, its unit and a dash follow: of morgan's `dev`, `200 1.234 ms - 512`."""
    return len(behind) > 3 and behind[1].is_of(_UNITS.__contains__) and behind[2].is_silent


def _is_length_of_request(size: _Column, request: _Column) -> bool:
    """Return whether a size is that of what the client sent, as Nexus logs it: only who sends something has one."""
    asked = [value for value, said in zip(request.values, size.values, strict=True) if said not in ("-", "")]
    is_rare = 2 * len(asked) < len(size.values)
    return size.is_silent or (is_rare and size.is_whole(_SIZE) and not any(map(_SENDS_NOTHING.match, asked)))


_VARIABLES_BY_NAME: Final = {
    **dict.fromkeys(("x_forwarded_for", "xff", "forwarded_for", "http_x_forwarded_for"), "http_x_forwarded_for"),
    **dict.fromkeys(("host", "http_host", "vhost", "server_name"), "host"),
    **dict.fromkeys(("referer", "referrer", "http_referer", "ref"), "http_referer"),
    **dict.fromkeys(("user_agent", "http_user_agent", "agent", "ua"), "http_user_agent"),
}


def _name_columns(columns: list[_Column]) -> None:
    """Identify fields by names: `x_forwarded_for:"192.0.2.7"` of Cloud Foundry's router, `Host="…"` of WildFly."""
    for column in columns:
        variable = _VARIABLES_BY_NAME.get(re.sub(r"\W", "_", column.name.rstrip("=:").lower()), "")
        if column.is_silent or (variable == "host" and not column.is_of(_is_site)):
            continue
        if variable and all(other.variable != variable for other in columns):
            column.variable = variable


def _is_site(text: str) -> bool:
    """Return whether a text is a host name that a site can have: `frank.smith`, a user's, is none."""
    return _HOST.fullmatch(text) is not None and can_be_site(text.lower().partition(":")[0].rstrip("."))


def _find_client(before: list[_Column], *, has_words: bool) -> bool:
    """Recognise client, forwarded address, site and user among the fields around the time; return whether there is one.

    With `has_words` the line begins with a time without brackets, as of Python's logging: what stands before the client
    then is words of a logger (`uvicorn.access`), and no host.
    """
    if not before:
        return False
    addresses = [column for column in before if column.kind in _FREE_KINDS and column.is_of(is_address)]
    silent = before[0].is_silent and before[0] not in addresses
    if not addresses:
        client = before[1] if len(before) > 3 and before[0].is_of(_HOST.fullmatch) else before[0]
    elif len(addresses) == 1:
        client = addresses[0]
        if silent and client is before[1]:
            before[0].variable = "http_x_forwarded_for"
    else:
        first, second = addresses[:2]
        # A host can be an address too, with the server's port.
        is_vhost = first is before[0] and first.is_of(lambda value: re.fullmatch(r"[^,]+:(80|443|8080|8443)", value))
        # An address in brackets is given beside the peer's.
        is_turned = second.kind in _BRACKETS or (not first.is_of(is_public) and second.is_of(is_public))
        client = first if is_turned and not is_vhost else second
        if is_vhost:
            first.variable = "host"
        else:
            (second if is_turned else first).variable = "http_x_forwarded_for"
    client.variable = "remote_addr"
    place = next(number for number, column in enumerate(before) if column is client)
    is_first = has_words and place == 1 and before[0].is_of(_is_site)  # a site, and no words of a logger
    for column in before[:place]:
        if not column.variable and has_words and not is_first:
            column.variable = "word"
        elif not column.variable and column.is_of(_HOST.fullmatch):
            column.variable = "host"
    if has_words and not addresses:
        return False
    if not has_words and sum(not column.variable for column in before[:place]) > 1:
        return False  # what a log collector puts before lines
    behind = [column for column in before[place + 1 :] if not column.variable]
    if len(behind) >= 2 and behind[0].is_of(_HOST.fullmatch) and not any(one.variable == "host" for one in before):
        # lighttpd and some hosts log the host in place of the identity.
        behind[0].variable = "host"
    elif not any(column.variable == "host" for column in before):
        # A user's name is missing in some lines, and is no name below a top-level domain.
        site = next((one for one in behind if one.is_said and one.is_of(_is_site)), None)
        if site is not None:
            site.variable = "host"
    users = [column for column in behind if not column.variable and column.kind != "braced"]
    if users and (len(behind) <= 2 or not users[0].is_silent):
        users[-1 if len(behind) <= 2 else 0].variable = "remote_user"
    elif users:
        next((one for one in users[1:] if one.kind == "bare"), users[0]).variable = "remote_user"
    return True


def _find_page(behind: list[_Column]) -> None:
    """Recognise referrer and user agent among the fields behind the request."""
    quoted = [column for column in behind if column.kind == "quoted" and not column.name]
    agents = [column for column in quoted if column.is_of(_AGENT.fullmatch) and not column.is_of(is_address)]
    pages = [column for column in quoted if column.is_of(_URL.fullmatch)]
    recognised = {column.variable for column in behind}
    if "http_user_agent" in recognised:
        if pages and "http_referer" not in recognised:
            pages[0].variable = "http_referer"
    elif agents:
        agent = agents[0]
        agent.variable = "http_user_agent"
        place = next(number for number, column in enumerate(quoted) if column is agent)
        near = [*quoted[place - 1 : place], *quoted[place + 1 : place + 2]] if place else quoted[1:2]
        page = next((one for one in near if one in pages), None) or next((one for one in near if one.is_silent), None)
        if page is not None:
            page.variable = "http_referer"
    elif len(quoted) >= 2 and not quoted[0].is_of(is_address) and not quoted[1].is_of(is_address):
        quoted[0].variable, quoted[1].variable = "http_referer", "http_user_agent"
    elif pages:
        pages[0].variable = "http_referer"


_BRACKETS: Final = ("bracketed", "braced")
_FREE_KINDS: Final = ("bare", "quoted", *_BRACKETS)
"""Kinds of fields in which an address may stand."""
_UNITS: Final = {
    "s": "request_time",
    "ms": "request_time_ms",
    **dict.fromkeys(("us", "µs", "\u00c2\u00b5s", "\u00ce\u00bcs"), "request_time_us"),
}
_NUMBER: Final = re.compile(r"\d+(\.\d+)?")
_NAMED_TIMES: Final = frozenset({"rt", "request_time", "time", "duration", "took"})


def _find_rest(columns: list[_Column]) -> None:
    """Recognise a forwarded address, the site and the request time among the fields that are left."""
    recognised = {column.variable for column in columns}
    kinds: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("http_x_forwarded_for", is_address),
        ("host", _HOST.fullmatch),
    )
    for variable, kind in kinds:
        for column in columns:
            is_free = not column.variable and column.kind in (_FREE_KINDS if kind is is_address else ("bare", "quoted"))
            if variable not in recognised and is_free and not column.name and column.is_of(kind):
                column.variable = variable
                recognised.add(variable)
    times = [
        column
        for column in columns
        if not column.variable and column.kind in ("bare", "quoted") and column.is_of(_FRACTION.fullmatch)
    ]
    named = [column for column in times if column.name.rstrip("=:").lower() in _NAMED_TIMES]
    # `1.234 ms`, as morgan and Netty write it, is two fields, and names its unit.
    units = [
        (column, unit) for column, unit in pairwise(columns) if not column.variable and unit.is_of(_UNITS.__contains__)
    ]
    for column, unit in units[:1]:
        if column.is_of(_NUMBER.fullmatch):
            column.variable, unit.variable = _UNITS[unit.values[0]], "unit_of_time"
            return
    shown = [column for column in columns if not column.variable and column.is_whole(_DURATION)]
    for column in [*named, *shown, *(column for column in times if not column.name)][:1]:
        column.variable = "request_time"


_NAMED: Final = {
    ("remote_addr", "", "remote_user"): "",
    ("host", "remote_addr", "", "remote_user"): "host",
}
_PAGE: Final = ["status", "body_bytes_sent", "http_referer", "http_user_agent"]


def _is_named(
    ordered: list[_Column], before: list[_Column], behind: list[_Column], *, in_quotes: bool, is_iso: bool
) -> bool:
    """Return whether a named format reads all recognised fields: common, or combined, also after a host."""
    fields = tuple(column.variable for column in before)
    recognised = [column.variable for column in behind]
    is_plain = not in_quotes and not is_iso and all(column.blank in ("", " ") for column in ordered)
    is_plain = is_plain and not any(column.variable == "remote_addr" and column.has_ports for column in before)
    is_quoted = {column.kind for column in ordered if column.variable in ("request", "time_local")} == {
        "quoted",
        "bracketed",
    }
    is_core = is_quoted and len(ordered) == len(before) + 2 + len(behind) and fields in _NAMED
    if not (is_plain and is_core and all(column.kind == "bare" for column in before)):
        return False
    rest = recognised[len(_PAGE) :]
    is_combined = recognised[: len(_PAGE)] == _PAGE and not any(rest)
    return is_combined or (recognised == _PAGE[:2] and fields == ("remote_addr", "", "remote_user"))


__all__ = ["UNREAD", "guess_layouts"]
