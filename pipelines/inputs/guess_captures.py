"""Recognises by their values the headers that HAProxy captures: `{www.example.org|Mozilla/5.0 …}` before the request.

`capture request header` writes the values alone, in the order of the configuration (docs.haproxy.org, 8.8 "Capturing
HTTP headers").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from footfall.transforms.formats.named_formats import NAMED_FORMATS

_CAPTURES: Final = re.compile(rb' \d+/\d+ \{([^{}]*)\}( \{[^{}]*\})? "[^"]*"?$')
_AGENT: Final = re.compile(r"(?!https?://|/).*[A-Za-z].*[/;(].*")
_URL: Final = re.compile(r"https?://.*")
_ADDRESSES: Final = re.compile(r"(?=.*\d)[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(?:, ?[0-9A-Fa-f.:]+)*")
_HOST: Final = re.compile(r"(?=[^:]*[A-Za-z])[\w-]+(?:\.[\w-]+)+(?::\d+)?")
_KINDS: Final[tuple[tuple[str, Callable[[str], object]], ...]] = (
    ("$http_x_forwarded_for", _ADDRESSES.fullmatch),
    ("$host", _HOST.fullmatch),
    ("$http_referer", _URL.fullmatch),
    ("$http_user_agent", _AGENT.fullmatch),
)
_MAX_LINES: Final = 500
_MIN_SHARE: Final = 0.8


def guess_captures(lines: Sequence[bytes]) -> Iterator[str]:
    """Yield the format of lines of HAProxy's `httplog` with captured headers, if the values identify any of them."""
    found = [match for line in lines[:_MAX_LINES] if (match := _CAPTURES.search(line))]
    if not found:
        return
    rows = [match[1].decode("latin-1").split("|") for match in found]
    columns = list(zip(*(row for row in rows if len(row) == len(rows[0])), strict=True))
    names: list[str] = []
    for place, values in enumerate(columns):
        names.append(
            next((name for name, fits in _KINDS if name not in names and _most(values, fits)), f"$capture_{place}")
        )
    if all(name.startswith("$capture_") for name in names):
        return
    behind = " {$captured_of_answer}" if found[0][2] else ""
    yield NAMED_FORMATS["haproxy"].replace(" $queues", " $queues {" + "|".join(names) + "}" + behind)


def _most(values: Sequence[str], fits: Callable[[str], object]) -> bool:
    """Return whether most of the values that say something are of a kind, and there are some."""
    said = [value for value in values if value not in ("", "-")]
    return bool(said) and sum(1 for value in said if fits(value)) >= _MIN_SHARE * len(said)


__all__ = ["guess_captures"]
