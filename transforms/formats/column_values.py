"""Tells what the columns of separated values are by what stands in them, where no line has their names.

Times, addresses, methods, requests, targets and statuses have forms of their own. The size is the first whole number
behind the status, if possible one that is not the same in all lines; a number with a fraction is a duration in seconds;
and a whole number beside them could be anything: it is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from typing import Final

COLUMN: Final = "column_"
"""How the names of columns begin that no line names; the column's number follows, from 1."""

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
"""Share of the values that say something and are of a kind: clients write anything."""
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
    """Return the name of the column for each field that the values tell; values that say nothing are left out of them.

    `is_time` says whether a text is a time, as a whole.

    >>> guess_columns({"a": ["192.0.2.7"], "b": ["GET /a HTTP/1.1"], "c": ["200"]}, lambda text: False)
    {'client': 'a', 'request': 'b', 'status': 'c'}
    """
    columns = _Columns({name: [str(value) for value in values] for name, values in values_by_name.items()})
    columns.find_time(is_time)
    columns.tell("client", _is_address)
    columns.find_request()
    columns.tell("status", _STATUS.fullmatch, behind=("request", "method"))
    columns.tell("status", _STATUS.fullmatch)
    columns.tell("bytes", _WHOLE.fullmatch, behind=("status",), varying=True)
    columns.tell("bytes", _WHOLE.fullmatch, behind=("status",))
    columns.tell("referrer", _ABSOLUTE.fullmatch)
    columns.tell("user-agent", _AGENT.fullmatch)
    columns.tell("duration-s", _DURATION.fullmatch)  # before hosts: `12.3ms` looks like one
    columns.tell("site", _HOST.fullmatch)
    columns.tell("duration-s", _is_seconds)
    return columns.told


def _is_seconds(text: str) -> bool:
    return _FRACTION.fullmatch(text) is not None and float(text) < _MOST_SECONDS


class _Columns:
    """Columns that are told one after the other: none is told twice, and the first one that fits is taken."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values
        self.told: dict[str, str] = {}

    def tell(
        self, field: str, fits: Callable[[str], object], *, behind: Sequence[str] = (), varying: bool = False
    ) -> None:
        """Tell the first free column that fits; those behind a field that is told, with `varying` not the same ones."""
        if field in self.told:
            return
        names = list(self._values)
        first = max((names.index(self.told[one]) + 1 for one in behind if one in self.told), default=0)
        for name in names[first:]:
            values = self._values[name]
            is_free = bool(values) and name not in self.told.values()
            if not is_free or (varying and len(values) > 1 and len(set(values)) == 1):
                continue
            if sum(1 for value in values if fits(value)) >= _MOST * len(values):
                self.told[field] = name
                return

    def find_time(self, is_time: Callable[[str], bool]) -> None:
        """Tell a time as text, in one column or two, or else as a number."""
        self.tell("time", lambda text: is_time(text) and not _NUMBER.fullmatch(text))
        if "time" not in self.told:
            self.tell("date", _DAY.fullmatch)
            self.tell("clock", _CLOCK.fullmatch)
            if not self.told.keys() >= {"date", "clock"}:
                self.told.clear()
                self.tell("time", is_time)

    def find_request(self) -> None:
        """Tell the request, or method and target, and the query where it stands beside the target."""
        self.tell("method", _METHOD.fullmatch)
        if "method" not in self.told:
            self.tell("request", _REQUEST.fullmatch)
            return
        self.tell("url", _TARGET.fullmatch)
        if "url" not in self.told:
            self.tell("absolute-url", _ABSOLUTE.fullmatch, behind=("method",))
        elif not any("?" in target for target in self._values[self.told["url"]]):
            self.tell("query", _QUERY.fullmatch, behind=("url",))
            if "query" in self.told:
                self.told["path"] = self.told.pop("url")


__all__ = ["COLUMN", "guess_columns"]
