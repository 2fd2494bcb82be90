"""How a log is written, as one text: what wraps its lines, and the formats that they follow.

`docker+combined` are combined lines in a container runtime's envelope. The formats of a log that changes its format
stand in the text with SEPARATOR between them. The text is what settings, recognition and the job graph pass on;
every format in it is a name or a format string.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.json_formats import JsonFormat, compile_json_format, is_json_format
from footfall.transforms.formats.line_formats import LineFormat, compile_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import W3C

WRAPPINGS: Final = ("docker", "cri", "syslog", "journal", "journal-json")
"""Names of what may stand around each line; see `scanning.unwrap_lines`."""
READ_IN_ORDER: Final = frozenset({"docker", "cri", "journal"})
"""Wrappings in which what a line means depends on lines before it, so that no input is read in ranges."""
SEPARATOR: Final = "\x1e"
"""ASCII's record separator, which no server's format string has in it; those may have line ends."""
_TOLD_CHARS: Final = 60


@dataclass(frozen=True)
class LogFormat:
    """A log's wrappings, the outermost first, and its formats: a line follows the first one that it fits."""

    wrappings: tuple[str, ...]
    texts: tuple[str, ...]
    formats: tuple[LineFormat | JsonFormat, ...]

    @property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings that a line can carry."""
        return frozenset(meaning for one in self.formats for meaning in one.meanings)

    @property
    def is_divisible(self) -> bool:
        """Whether ranges of an input can be read apart from each other, if need be with the fields that hold there."""
        return READ_IN_ORDER.isdisjoint(self.wrappings) and (self.is_w3c or not any(map(is_w3c, self.texts)))

    @property
    def is_w3c(self) -> bool:
        """Whether it is a W3C log and nothing else."""
        return not self.wrappings and len(self.texts) == 1 and is_w3c(self.texts[0])


def is_w3c(text: str) -> bool:
    """Whether a single format is of W3C's kind, by a name or its fields."""
    return NAMED_FORMATS.get(text, text).startswith(W3C)


@lru_cache(maxsize=256)
def read_log_format(text: str) -> LogFormat:
    """The parts of a log format's text. Raises FormatError."""
    wrappings = []
    while (name := text.partition("+")[0]) in WRAPPINGS:
        wrappings.append(name)
        text = text[len(name) + 1 :]
    if "journal" in wrappings[1:]:
        raise FormatError(
            "log format: journal can only be the outermost wrapping, since its fields have lines of their own"
        )
    texts = tuple(text.split(SEPARATOR))
    return LogFormat(tuple(wrappings), texts, tuple(_compile(one) for one in texts))


def _compile(text: str) -> LineFormat | JsonFormat:
    return compile_json_format(text) if is_json_format(text) else compile_format(text)


def list_log_formats(text: str) -> list[str]:
    """The log formats of a mixed log one by one, each with its wrappings."""
    found = read_log_format(text)
    return [wrap(found.wrappings, one) for one in found.texts]


def wrap(wrappings: Sequence[str], text: str) -> str:
    """The text for formats in wrappings."""
    return "+".join((*wrappings, text))


def join_log_formats(texts: Sequence[str]) -> str:
    """The text for a log whose lines follow any of some log formats. Raises FormatError where wrappings differ."""
    found = [read_log_format(text) for text in texts]
    if len({one.wrappings for one in found}) > 1:
        raise FormatError(
            "log format: several formats are those of one file's lines, so all need the same wrappings, such as "
            "docker+combined and docker+common"
        )
    return wrap(found[0].wrappings, SEPARATOR.join(dict.fromkeys(text for one in found for text in one.texts)))


def as_setting(text: str) -> str | list[str]:
    """The value of the setting `log-format` that means this text."""
    found = list_log_formats(text)
    return found if len(found) > 1 else text


def name_log_format(text: str) -> str:
    """A log format in words, for people: `combined and common`."""
    return " and ".join(
        one if len(one) <= _TOLD_CHARS else f"{one[: _TOLD_CHARS - 1]}…" for one in list_log_formats(text)
    )
