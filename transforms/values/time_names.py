"""The names of months and time zones in logs, and kernels that read them."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes
from footfall.transforms.kernels.compiled import inner_kernel

NO_UTC_OFFSET: Final = 1 << 30

_MONTH_WIDTH: Final = 9
# Servers use the locale C, but a module may set another one: twelve names per language seen in logs.
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
    *("August", "September", "Oktober", "November", "Dezember"),
)
_MONTH_NAMES: Final = np.frombuffer(b"".join(name.encode().ljust(_MONTH_WIDTH) for name in _MONTHS), dtype=np.uint8)
_MONTH_LENGTHS: Final = np.array([[len(name[:3].encode()), len(name.encode())] for name in _MONTHS], dtype=np.int64)

# Hours east of UTC → names of zones that mean one offset: those of RFC 2822 (EST is that of America), and those of the
# tz database that no two zones share. IST is India's, Israel's and Ireland's, BST Britain's and Bangladesh's.
_ZONES: Final = {
    -10: "HST",
    -9: "AKST",
    -8: "PST AKDT",
    -7: "PDT MST",
    -6: "MDT CST",
    -5: "CDT EST",
    -4: "EDT",
    0: "GMT UTC UT WET",
    1: "CET WEST WAT",
    2: "CEST EET SAST CAT",
    3: "EEST MSK EAT",
    5: "PKT",
    7: "WIB",
    8: "HKT AWST SGT",
    9: "JST KST",
    10: "AEST",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
}
ZONE_WIDTH: Final = 4
_ZONE_NAMES: Final = np.frombuffer(
    "".join(name.ljust(ZONE_WIDTH, "\0") for names in _ZONES.values() for name in names.split()).encode(),
    dtype=np.uint8,
)
_ZONE_HOURS: Final = np.array([hours for hours, names in _ZONES.items() for _ in names.split()], dtype=np.int64)


@inner_kernel
def month_number(block: Bytes, begin: int, end: int) -> int:
    """Return the number of a month, given its name in _MONTHS or the first three letters of it, or -1."""
    length = end - begin
    if length < 3 or length > _MONTH_WIDTH:
        return -1
    for month in range(len(_MONTH_LENGTHS)):
        if length != _MONTH_LENGTHS[month, 0] and length != _MONTH_LENGTHS[month, 1]:
            continue
        equal = 0
        while equal < length and block[begin + equal] == _MONTH_NAMES[_MONTH_WIDTH * month + equal]:
            equal += 1
        if equal == length:
            return month % 12 + 1
    return -1


@inner_kernel
def named_utc_offset(block: Bytes, begin: int, length: int) -> int:
    """Return seconds east of UTC for the name of a zone in _ZONES, or NO_UTC_OFFSET."""
    if length > ZONE_WIDTH:
        return NO_UTC_OFFSET
    for zone in range(len(_ZONE_HOURS)):
        same = True
        for index in range(ZONE_WIDTH):
            byte = block[begin + index] if index < length else np.uint8(0)
            same = same and byte == _ZONE_NAMES[ZONE_WIDTH * zone + index]
        if same:
            return _ZONE_HOURS[zone] * 3600
    return NO_UTC_OFFSET
