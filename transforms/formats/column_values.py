"""Guesses the fields of separated values by the values themselves, where no line has the names of the columns.

Times, addresses, methods, requests, targets and statuses have forms of their own. The size is the first whole number
after the status, if possible one that is not equal in all lines. A number with a fraction is a duration in seconds. Any
other whole number could be anything, so it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Final

COLUMN: Final = "column_"
"""Begin of the names of columns without a name in the log; the column's number follows, from 1."""

_METHOD: Final = re.compile(r"GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|REPORT|-")
_REQUEST: Final = re.compile(r"[A-Z]{3,10} \S.*")
_TARGET: Final = re.compile(r"/.*|\*")
_ABSOLUTE: Final = re.compile(r"https?://.*")
_QUERY: Final = re.compile(r"\??[^/ =]+=.*")
_STATUS: Final = re.compile(r"[1-5]\d\d|0")
_WHOLE: Final = re.compile(r"\d+")
_FRACTION: Final = re.compile(r"\d+\.\d+")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_DURATION: Final = re.compile(r"\d+(?:\.\d+)?(?:ns|us|µs|\u03bcs|ms|s)")
_AGENT: Final = re.compile(r"(?!https?://|/|HTTP/\d).*[A-Za-z].*[/ ;(].*")
_HOST: Final = re.compile(r"(?=.*[A-Za-z])[\w-]+(?:\.[\w-]+)+(?::\d+)?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK: Final = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?")
_MOST: Final = 0.8
"""Share of the non-empty values that must fit a field, since clients write anything."""
_MOST_SECONDS: Final = 1000.0


def _is_address(text: str) -> bool:
    """Return whether a text is an address, perhaps with a port."""
    for form in (text, text.strip("[]"), re.sub(r":\d{1,5}$", "", text).strip("[]")):
        try:
            ip_address(form)
        except ValueError:
            continue
        return True
    return False


def guess_columns(values_by_name: Mapping[str, Sequence[object]], is_time: Callable[[str], bool]) -> dict[str, str]:
    """Return the name of the column of each field that is recognised; `values_by_name` has no empty values.

    `is_time` returns whether a whole text is a time.

    >>> guess_columns({"a": ["192.0.2.7"], "b": ["GET /a HTTP/1.1"], "c": ["200"]}, lambda text: False)
    {'client': 'a', 'request': 'b', 'status': 'c'}
    """
    columns = _Columns({name: [str(value) for value in values] for name, values in values_by_name.items()})
    columns.find_time(is_time)
    columns.assign("client", _is_address)
    columns.find_request()
    columns.assign("status", _STATUS.fullmatch, behind=("request", "method"))
    columns.assign("status", _STATUS.fullmatch)
    columns.assign("bytes", _WHOLE.fullmatch, behind=("status",), varying=True)
    columns.assign("bytes", _WHOLE.fullmatch, behind=("status",))
    columns.assign("referrer", _ABSOLUTE.fullmatch)
    columns.assign("user-agent", _AGENT.fullmatch)
    columns.assign("duration-s", _DURATION.fullmatch)  # before hosts: `12.3ms` looks like one
    columns.assign("site", _HOST.fullmatch)
    columns.assign("duration-s", _is_seconds)
    return columns.fields


def _is_seconds(text: str) -> bool:
    return _FRACTION.fullmatch(text) is not None and float(text) < _MOST_SECONDS


class _Columns:
    """Columns that are assigned to fields in turn: each to one field at most, and the first that fits to each."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values
        self.fields: dict[str, str] = {}

    def assign(
        self, field: str, fits: Callable[[str], object], *, behind: Sequence[str] = (), varying: bool = False
    ) -> None:
        """Assign the first free column that fits, after the fields `behind` it; `varying`: not of equal values."""
        if field in self.fields:
            return
        names = list(self._values)
        first = max((names.index(self.fields[one]) + 1 for one in behind if one in self.fields), default=0)
        for name in names[first:]:
            values = self._values[name]
            is_free = bool(values) and name not in self.fields.values()
            if not is_free or (varying and len(values) > 1 and len(set(values)) == 1):
                continue
            if sum(1 for value in values if fits(value)) >= _MOST * len(values):
                self.fields[field] = name
                return

    def find_time(self, is_time: Callable[[str], bool]) -> None:
        """Assign the time as text, in one column or two, or else as a number."""
        self.assign("time", lambda text: is_time(text) and not _NUMBER.fullmatch(text))
        if "time" not in self.fields:
            self.assign("date", _DAY.fullmatch)
            self.assign("clock", _CLOCK.fullmatch)
            if not self.fields.keys() >= {"date", "clock"}:
                self.fields.clear()
                self.assign("time", is_time)

    def find_request(self) -> None:
        """Assign the request, or method and target, and a query that has a column of its own."""
        self.assign("method", _METHOD.fullmatch)
        if "method" not in self.fields:
            self.assign("request", _REQUEST.fullmatch)
            return
        self.assign("url", _TARGET.fullmatch)
        if "url" not in self.fields:
            self.assign("absolute-url", _ABSOLUTE.fullmatch, behind=("method",))
        elif not any("?" in target for target in self._values[self.fields["url"]]):
            self.assign("query", _QUERY.fullmatch, behind=("url",))
            if "query" in self.fields:
                self.fields["path"] = self.fields.pop("url")


__all__ = ["COLUMN", "guess_columns"]
