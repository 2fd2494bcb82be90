"""nginx's `log_format` strings. Sources: ngx_http_log_module and ngx_http_core_module (variables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from footfall.transforms.formats.fields import Field, Meaning, Part
from footfall.transforms.formats.headers import ANSWER_HEADERS, HEADERS, cookie_field
from footfall.transforms.formats.named_formats import EXTRA_VARIABLES

# nginx variable → meaning, and its rank among fields with that meaning. `nginx_field` handles cookies and headers by
# their prefixes; all other variables are skipped.
NGINX_VARIABLES: Final[dict[str, tuple[Meaning, int]]] = {
    "remote_addr": (Meaning.CLIENT, 0),
    "realip_remote_addr": (Meaning.PEER, 0),
    "proxy_protocol_addr": (Meaning.EDGE_CLIENT, 0),
    "proxy_add_x_forwarded_for": (Meaning.FORWARDED, 1),  # with the peer at the end
    "remote_user": (Meaning.USER, 0),
    "host": (Meaning.SITE, 0),
    "server_name": (Meaning.SITE, 0),
    "request": (Meaning.REQUEST, 0),
    "request_method": (Meaning.METHOD, 0),
    "request_uri": (Meaning.URL, 0),
    "uri": (Meaning.PATH, 0),
    "document_uri": (Meaning.PATH, 0),
    "args": (Meaning.QUERY, 0),
    "query_string": (Meaning.QUERY, 0),
    "server_protocol": (Meaning.PROTOCOL, 0),
    "status": (Meaning.STATUS, 0),
    "body_bytes_sent": (Meaning.BYTES, 0),
    "bytes_sent": (Meaning.BYTES, 1),  # with the header
    "request_time": (Meaning.REQUEST_TIME_S, 0),
    "upstream_response_time": (Meaning.REQUEST_TIME_S, 1),  # excludes sending to the client; a list after retries
    "time_local": (Meaning.TIME_CLF, 0),
    "time_iso8601": (Meaning.TIME_ISO, 0),
    "msec": (Meaning.TIME_S, 0),
}

_NGINX_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
NGINX_DEFINITION: Final = re.compile(r"^\s*log_format\s+\S+\s+(?:escape=(\w+)\s+)?(.*?);?\s*$", re.DOTALL)
_NGINX_PIECE: Final = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")


def nginx_pattern(text: str) -> str:
    """Return the format string in an nginx `log_format` directive, with its quoted pieces joined."""
    definition = NGINX_DEFINITION.match(text)
    if definition is None:
        return text
    pieces = [single or double for single, double in _NGINX_PIECE.findall(definition[2])]
    return re.sub(r"\\(.)", r"\1", "".join(pieces)) if pieces else definition[2]


def nginx_parts(pattern: str) -> Iterator[Part]:
    position = 0
    for match in _NGINX_VARIABLE.finditer(pattern):
        yield pattern[position : match.start()].encode()
        yield nginx_field(match[1] or match[2])
        position = match.end()
    yield pattern[position:].encode()


def nginx_field(name: str) -> Field:
    """Return the field of an nginx variable."""
    if name in EXTRA_VARIABLES:
        return EXTRA_VARIABLES[name]
    if name.startswith("cookie_"):
        return cookie_field(name.removeprefix("cookie_"))
    if name.startswith("http_"):
        return Field(HEADERS.get(name[5:].replace("_", "-").lower(), Meaning.SKIP))
    for prefix in ("sent_http_", "upstream_http_"):
        if name.startswith(prefix):
            return Field(ANSWER_HEADERS.get(name.removeprefix(prefix).replace("_", "-").lower(), Meaning.SKIP))
    meaning, rank = NGINX_VARIABLES.get(name, (Meaning.SKIP, 0))
    return Field(meaning, rank=rank)
