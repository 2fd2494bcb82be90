"""HAProxy's `log-format` strings. Source: HAProxy's configuration manual, "Custom log format"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from footfall.transforms.formats.fields import Field, Meaning, Part
from footfall.transforms.formats.headers import HEADERS

# Variable → meaning, and its rank among fields with that meaning; all other variables are skipped.
HAPROXY_VARIABLES: Final[dict[str, tuple[Meaning, int]]] = {
    "ci": (Meaning.CLIENT, 0),
    "r": (Meaning.REQUEST, 0),
    "HM": (Meaning.METHOD, 0),
    "HU": (Meaning.URL, 0),
    "HP": (Meaning.PATH, 0),
    "HPO": (Meaning.PATH, 1),
    "HQ": (Meaning.QUERY, 0),
    "HV": (Meaning.PROTOCOL, 0),
    "ST": (Meaning.STATUS, 0),
    "B": (Meaning.BYTES, 0),
    "CC": (Meaning.COOKIE_HEADER, 0),
    "Ta": (Meaning.REQUEST_TIME_MS, 0),  # without the client's idle time before the request
    "Tt": (Meaning.REQUEST_TIME_MS, 1),
    "Tr": (Meaning.REQUEST_TIME_MS, 2),
    "t": (Meaning.TIME_CLF, 0),  # with milliseconds and without a zone
    "tr": (Meaning.TIME_CLF, 0),
    "T": (Meaning.TIME_CLF, 0),
    "Tl": (Meaning.TIME_CLF, 0),
    "trg": (Meaning.TIME_CLF, 0),
    "trl": (Meaning.TIME_CLF, 0),
    "Ts": (Meaning.TIME_S, 0),
}
# Sample expression in `%[…]` → meaning. Converters may follow.
HAPROXY_SAMPLES: Final[dict[str, Meaning]] = {
    "src": Meaning.CLIENT,
    "status": Meaning.STATUS,
    "method": Meaning.METHOD,
    "path": Meaning.PATH,
    "pathq": Meaning.URL,
    "url": Meaning.URL,
    "query": Meaning.QUERY,
}
_TEXTS: Final = frozenset({"r", "HM", "HU", "HP", "HPO", "HQ", "HV", "CC", "CS", "ft", "f", "b", "s", "hr", "hs", "ID"})
"""Variables that the flag Q puts in quotes."""

_DEFINITION: Final = re.compile(r"^\s*log-format\s+(?:\"((?:[^\"\\]|\\.)*)\"|(.*?))\s*$", re.DOTALL)
_VARIABLE: Final = re.compile(r"%(?:\{([^}]*)\})?(?:\[([^]]*)\]|([A-Za-z]+|%))")
_MARK: Final = re.compile(r"%(?:\{[+-][^}]*\})?(?:ci|ST|HM|HU|HP|tsc|ft)(?![A-Za-z])|%(?:\{[^}]*\})?\[")
"""What only HAProxy's strings have."""
_HEADER: Final = re.compile(r"\bhdr\(([\w-]+)")


def is_haproxy(text: str) -> bool:
    """Return whether a format string is HAProxy's."""
    return _DEFINITION.match(text) is not None or _MARK.search(text) is not None


def haproxy_parts(text: str) -> Iterator[Part]:
    """Return the parts of a `log-format` string, or of the whole directive."""
    definition = _DEFINITION.match(text)
    pattern = re.sub(r"\\(.)", r"\1", (definition[1] or definition[2] if definition else text) or "")
    position = 0
    all_quoted = False
    for match in _VARIABLE.finditer(pattern):
        yield pattern[position : match.start()].lstrip(" " if position == 0 else "").encode()
        position = match.end()
        flags = match[1] or ""
        if match[3] == "%":
            yield b"%"
        elif match[3] == "o":
            # Flags of all variables behind it.
            all_quoted = "+Q" in flags or (all_quoted and "-Q" not in flags)
            position += pattern.startswith(" ", position)
        else:
            is_text = bool(match[2]) or match[3] in _TEXTS
            quote = b'"' if "+Q" in flags or (all_quoted and is_text and "-Q" not in flags) else b""
            yield quote
            yield _field(match[2], match[3])
            yield quote
    yield pattern[position:].encode()


def _field(sample: str | None, variable: str | None) -> Field:
    if sample is None:
        meaning, rank = HAPROXY_VARIABLES.get(variable or "", (Meaning.SKIP, 0))
        return Field(meaning, rank=rank)
    header = _HEADER.search(sample)
    if header is not None:
        return Field(HEADERS.get(header[1].lower(), Meaning.SKIP))
    return Field(HAPROXY_SAMPLES.get(re.split(r"[,(]", sample)[0], Meaning.SKIP))
