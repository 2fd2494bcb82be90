"""Times in log formats: Apache's `%t` and `%{…}t`, and which of several times of a format counts.

Source: httpd's mod_log_config (`%t`) and C's strftime, whose conversions it passes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Part, Slot

# strftime conversions → (slot, width), width 0 where it varies; composed ones are spelled out first.
COMPOSED: Final = {
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    # White space of any width, as strptime reads it; a line feed is that in a literal.
    "n": "\n",
    "t": "\n",
}
CONVERSIONS: Final[dict[str, tuple[Slot, int]]] = {
    "Y": (Slot.YEAR, 4),
    "y": (Slot.YEAR, 2),
    "m": (Slot.MONTH, 2),
    "b": (Slot.MONTH_NAME, 3),
    "h": (Slot.MONTH_NAME, 3),
    "B": (Slot.MONTH_NAME, 0),
    "d": (Slot.DAY, 2),
    "e": (Slot.DAY, 2),
    "H": (Slot.HOUR, 2),
    "k": (Slot.HOUR, 2),
    "M": (Slot.MINUTE, 2),
    "S": (Slot.SECOND, 2),
    "s": (Slot.TIME_S, 0),
    "z": (Slot.ZONE, 5),
    "Z": (Slot.ZONE, 0),
    # Read over: a format needs one of those above as well.
    "a": (Slot.SKIP, 3),
    "A": (Slot.SKIP, 0),
    "C": (Slot.SKIP, 2),
    "G": (Slot.SKIP, 4),
    "I": (Slot.SKIP, 2),
    "U": (Slot.SKIP, 2),
    "V": (Slot.SKIP, 2),
    "W": (Slot.SKIP, 2),
    "g": (Slot.SKIP, 2),
    "j": (Slot.SKIP, 3),
    "l": (Slot.SKIP, 2),
    "p": (Slot.SKIP, 0),
    "u": (Slot.SKIP, 1),
    "w": (Slot.SKIP, 1),
}
FRACTIONS: Final = {"msec_frac": 3, "usec_frac": 6}
EPOCHS: Final = {"sec": Slot.TIME_S, "msec": Slot.TIME_MS, "usec": Slot.TIME_US}

WHOLE_TIMES: Final = frozenset({Slot.TIME_CLF, Slot.TIME_ISO, Slot.TIME_S, Slot.TIME_MS, Slot.TIME_US})
TIME_PARTS: Final = frozenset({Slot.YEAR, Slot.MONTH, Slot.MONTH_NAME, Slot.DAY, Slot.HOUR, Slot.MINUTE, Slot.SECOND})
REFINEMENTS: Final = frozenset({Slot.FRACTION, Slot.ZONE})
"""Fields that say more about a time that other fields tell."""
TIME_SLOTS: Final = WHOLE_TIMES | TIME_PARTS | REFINEMENTS

_CONVERSION: Final = re.compile(r"%[-_0^#EO]?(.)", re.DOTALL)


def apache_time(argument: str) -> Iterator[Part]:
    """The parts of `%t` or `%{…}t`: a strftime pattern is spelled out into year, month, day and so on."""
    kind = re.sub(r"^(?:begin|end)(?::|$)", "", argument)
    if not kind:
        yield b"["
        yield Field(Slot.TIME_CLF)
        yield b"]"
    elif kind in EPOCHS:
        yield Field(EPOCHS[kind])
    elif kind in FRACTIONS:
        yield Field(Slot.FRACTION, width=FRACTIONS[kind])
    else:
        yield from _spell_out(kind)


def _spell_out(pattern: str) -> Iterator[Part]:
    pattern = _CONVERSION.sub(lambda match: COMPOSED.get(match[1], match[0]), pattern)
    position = 0
    for match in _CONVERSION.finditer(pattern):
        yield pattern[position : match.start()].encode()
        position = match.end()
        if match[1] == "%":
            yield b"%"
        elif match[1] in CONVERSIONS:
            slot, width = CONVERSIONS[match[1]]
            # Flags (`%-d`) and modifiers change the width, and so does a locale that of short names.
            is_name = match[1] in "abh" and pattern[position : position + 1] not in ("", "%")
            yield Field(slot, width=0 if is_name or len(match[0]) != 2 else width)
        else:
            raise FormatError(
                f"log format: %{match[1]} in a time pattern isn't understood; use {', '.join(CONVERSIONS)}"
            )
    yield pattern[position:].encode()


def choose_time(parts: Sequence[Part]) -> list[Part]:
    """The same parts, in which of several times only the last one keeps its slots.

    A time is whole (`%t`, seconds since 1970), or put together from year, month, day, hour and what else there is;
    either may be refined by a fraction and a zone. Where there is no time at all, no part keeps a time's slot.
    """
    named = [(place, part.slot) for place, part in enumerate(parts) if isinstance(part, Field)]
    times = [(place, slot) for place, slot in named if slot in TIME_SLOTS]
    kept: set[int] = set()
    for count in range(len(times), 0, -1):
        chosen = _last_time(times[:count])
        if _is_complete(set(chosen)):
            kept = set(chosen.values())
            break
    return [
        replace(part, slot=Slot.SKIP)
        if isinstance(part, Field) and part.slot in TIME_SLOTS and place not in kept
        else part
        for place, part in enumerate(parts)
    ]


def _last_time(times: Sequence[tuple[int, Slot]]) -> dict[Slot, int]:
    """The slots, each with its place, that can belong to the last of these times."""
    chosen: dict[Slot, int] = {}
    for place, slot in reversed(times):
        known = chosen.keys() - REFINEMENTS
        if slot in WHOLE_TIMES:
            fits = not known
        elif slot in TIME_PARTS:
            fits = slot not in known and not known & WHOLE_TIMES
        else:
            fits = slot not in chosen
        if fits:
            chosen[slot] = place
    return chosen


def _is_complete(slots: set[Slot]) -> bool:
    has_month = bool(slots & {Slot.MONTH, Slot.MONTH_NAME})
    return bool(slots & WHOLE_TIMES) or (has_month and slots >= {Slot.YEAR, Slot.DAY, Slot.HOUR})
