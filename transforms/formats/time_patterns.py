"""Times in log formats: Apache's `%t` and `%{…}t`, and the choice between several times.

Sources: httpd's mod_log_config (`%t`) and C's strftime, which it calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part

# strftime conversions that consist of others.
COMPOSED: Final = {
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    # White space of any width, as in strptime, which is a line feed in a literal.
    "n": "\n",
    "t": "\n",
}
# strftime conversions → (meaning, width in bytes, 0 if it varies).
CONVERSIONS: Final[dict[str, tuple[Meaning, int]]] = {
    "Y": (Meaning.YEAR, 4),
    "y": (Meaning.YEAR, 2),
    "m": (Meaning.MONTH, 2),
    "b": (Meaning.MONTH_NAME, 3),
    "h": (Meaning.MONTH_NAME, 3),
    "B": (Meaning.MONTH_NAME, 0),
    "d": (Meaning.DAY, 2),
    "e": (Meaning.DAY, 2),
    "H": (Meaning.HOUR, 2),
    "k": (Meaning.HOUR, 2),
    "M": (Meaning.MINUTE, 2),
    "S": (Meaning.SECOND, 2),
    "s": (Meaning.TIME_S, 0),
    "z": (Meaning.ZONE, 5),
    "Z": (Meaning.ZONE, 0),
    # Skipped: a format needs one of those above as well.
    "a": (Meaning.SKIP, 3),
    "A": (Meaning.SKIP, 0),
    "C": (Meaning.SKIP, 2),
    "G": (Meaning.SKIP, 4),
    "I": (Meaning.SKIP, 2),
    "U": (Meaning.SKIP, 2),
    "V": (Meaning.SKIP, 2),
    "W": (Meaning.SKIP, 2),
    "g": (Meaning.SKIP, 2),
    "j": (Meaning.SKIP, 3),
    "l": (Meaning.SKIP, 2),
    "p": (Meaning.SKIP, 0),
    "u": (Meaning.SKIP, 1),
    "w": (Meaning.SKIP, 1),
}
FRACTIONS: Final = {"msec_frac": 3, "usec_frac": 6}
EPOCHS: Final = {"sec": Meaning.TIME_S, "msec": Meaning.TIME_MS, "usec": Meaning.TIME_US}

WHOLE_TIMES: Final = frozenset(
    {Meaning.TIME_CLF, Meaning.TIME_ISO, Meaning.TIME_S, Meaning.TIME_MS, Meaning.TIME_US, Meaning.TIME_ANY}
)
TIME_PARTS: Final = frozenset(
    {Meaning.YEAR, Meaning.MONTH, Meaning.MONTH_NAME, Meaning.DAY, Meaning.HOUR, Meaning.MINUTE, Meaning.SECOND}
)
REFINEMENTS: Final = frozenset({Meaning.FRACTION, Meaning.ZONE})
"""Meanings of fields that complete the time of other fields."""
TIME_MEANINGS: Final = WHOLE_TIMES | TIME_PARTS | REFINEMENTS

_CONVERSION: Final = re.compile(r"%[-_0^#EO]?(.)", re.DOTALL)


def apache_time(argument: str) -> Iterator[Part]:
    """Return the parts of `%t` or `%{…}t`; a strftime pattern becomes separate fields for year, month and so on."""
    kind = re.sub(r"^(?:begin|end)(?::|$)", "", argument)
    if not kind:
        yield b"["
        yield Field(Meaning.TIME_CLF)
        yield b"]"
    elif kind in EPOCHS:
        yield Field(EPOCHS[kind])
    elif kind in FRACTIONS:
        yield Field(Meaning.FRACTION, width=FRACTIONS[kind])
    else:
        yield from _strftime_parts(kind)


def _strftime_parts(pattern: str) -> Iterator[Part]:
    pattern = _CONVERSION.sub(lambda match: COMPOSED.get(match[1], match[0]), pattern)
    position = 0
    for match in _CONVERSION.finditer(pattern):
        yield pattern[position : match.start()].encode()
        position = match.end()
        if match[1] == "%":
            yield b"%"
        elif match[1] in CONVERSIONS:
            meaning, width = CONVERSIONS[match[1]]
            # Flags (`%-d`) and modifiers change the width; the locale changes the width of short names.
            is_name = match[1] in "abh" and pattern[position : position + 1] not in ("", "%")
            yield Field(meaning, width=0 if is_name or len(match[0]) != 2 else width)
        else:
            raise FormatError(
                f"log format: %{match[1]} in a time pattern is unknown, expected one of {', '.join(CONVERSIONS)}: "
                "use one of these"
            )
    yield pattern[position:].encode()


def choose_time(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with only the last of several times; the fields of the others get the meaning SKIP.

    A time is one field (`%t`, seconds since 1970) or several (at least year, month, day and hour). A fraction and a
    zone may complete either. Without a complete time, all fields of times get the meaning SKIP.
    """
    fields = [(index, part.meaning) for index, part in enumerate(parts) if isinstance(part, Field)]
    times = [(index, meaning) for index, meaning in fields if meaning in TIME_MEANINGS]
    kept_indexes: set[int] = set()
    for count in range(len(times), 0, -1):
        chosen = _last_time(times[:count])
        if _is_complete(set(chosen)):
            kept_indexes = set(chosen.values())
            break
    return [
        replace(part, meaning=Meaning.SKIP)
        if isinstance(part, Field) and part.meaning in TIME_MEANINGS and index not in kept_indexes
        else part
        for index, part in enumerate(parts)
    ]


def _last_time(times: Sequence[tuple[int, Meaning]]) -> dict[Meaning, int]:
    """Return the meanings that can belong to the last of these times, each with its index."""
    chosen: dict[Meaning, int] = {}
    for index, meaning in reversed(times):
        known = chosen.keys() - REFINEMENTS
        if meaning in WHOLE_TIMES:
            fits = not known
        elif meaning in TIME_PARTS:
            fits = meaning not in known and not known & WHOLE_TIMES
        else:
            fits = meaning not in chosen
        if fits:
            chosen[meaning] = index
    return chosen


def _is_complete(meanings: set[Meaning]) -> bool:
    has_month = bool(meanings & {Meaning.MONTH, Meaning.MONTH_NAME})
    return bool(meanings & WHOLE_TIMES) or (has_month and meanings >= {Meaning.YEAR, Meaning.DAY, Meaning.HOUR})
