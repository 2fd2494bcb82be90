"""The log format of an input as one text: the wrappings of its lines, and one or more formats.

`docker+combined` means combined lines in the envelopes of a container runtime. A mixed log has several formats, joined
by SEPARATOR. Each format is a name or a format string. Settings, recognition and the job graph use this text.
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

WRAPPINGS: Final = (
    *("docker", "cri", "syslog", "journal", "journal-json", "json-message", "compose", "fly", "pairs", "console"),
    *("paired", "nested", "asides", "words", "ltsv", "csv", "indented"),
)
"""Names of the envelopes that may wrap each line; see `scanning.unwrap_lines`."""
LAST_WRAPPINGS: Final = frozenset({"paired", "nested", "asides", "words", "ltsv", "csv", "indented"})
"""Wrappings that are tried only where no format fits most lines without them: they would also take something from
damaged lines of formats that are read as they are."""
OBJECT_WRITERS: Final = frozenset({"pairs", "console", "ltsv", "csv", "indented"})
"""Wrappings that write lines anew, as objects."""
READ_IN_ORDER: Final = frozenset({"docker", "cri", "journal", "csv", "indented", "paired"})
"""Wrappings in which a line depends on the lines before it, so that an input can't be split into ranges."""
AGENTLESS: Final = "agentless"
ABSENT_FIELDS: Final = {AGENTLESS: Meaning.AGENT, "siteless": Meaning.SITE}
"""Marks before the wrappings: no line of the log says anything in this field, so it counts as none. Recognition sets
them; they are no names for users."""
SEPARATOR: Final = "\x1e"
"""ASCII's record separator, which occurs in no server's format string, unlike line feeds."""
_MAX_SHOWN_CHARS: Final = 60


@dataclass(frozen=True)
class LogFormat:
    """A log's wrappings, the outermost first, and its formats; a line is parsed with the first one that it matches."""

    wrappings: tuple[str, ...]
    texts: tuple[str, ...]
    formats: tuple[LineFormat | JsonFormat, ...]
    absent: frozenset[Meaning] = frozenset()
    """Fields of the formats that no line fills."""

    @property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings of the fields that a line can have."""
        meanings = frozenset(meaning for log_format in self.formats for meaning in log_format.meanings)
        return meanings - self.absent

    @property
    def is_divisible(self) -> bool:
        """Whether ranges of an input can be parsed independently, for W3C logs with the fields that apply there."""
        return READ_IN_ORDER.isdisjoint(self.wrappings) and (self.is_w3c or not any(map(is_w3c, self.texts)))

    @property
    def is_w3c(self) -> bool:
        """Whether this is an unwrapped W3C log with no other format."""
        return not self.wrappings and len(self.texts) == 1 and is_w3c(self.texts[0])


def is_w3c(text: str) -> bool:
    """Return whether a single format is a W3C format, given as a name or as fields."""
    return NAMED_FORMATS.get(text, text).startswith(W3C)


@lru_cache(maxsize=256)
def read_log_format(text: str) -> LogFormat:
    """Parse and compile the text of a log format. Raises FormatError."""
    absent = set()
    while (mark := text.partition("+")[0]) in ABSENT_FIELDS:
        absent.add(ABSENT_FIELDS[mark])
        text = text[len(mark) + 1 :]
    wrappings = []
    while (name := text.partition("+")[0]) in WRAPPINGS:
        wrappings.append(name)
        text = text[len(name) + 1 :]
    if "journal" in wrappings[1:]:
        raise FormatError(
            "log format: journal is an inner wrapping, expected the outermost one, since each of its fields has its "
            "own line: name it first"
        )
    texts = tuple(text.split(SEPARATOR))
    return LogFormat(tuple(wrappings), texts, tuple(_compile(part) for part in texts), frozenset(absent))


def _compile(text: str) -> LineFormat | JsonFormat:
    return compile_json_format(text) if is_json_format(text) else compile_format(text)


def list_log_formats(text: str) -> list[str]:
    """Split the text of a mixed log into one text per format, each with the wrappings."""
    log_format = read_log_format(text)
    return [wrap(log_format.wrappings, part) for part in log_format.texts]


def wrap(wrappings: Sequence[str], text: str) -> str:
    """Return the text of a log format with wrappings."""
    return "+".join((*wrappings, text))


def join_log_formats(texts: Sequence[str]) -> str:
    """Return the text for a mixed log with these log formats. Raises FormatError if their wrappings differ."""
    log_formats = [read_log_format(text) for text in texts]
    if len({log_format.wrappings for log_format in log_formats}) > 1:
        raise FormatError(
            "log format: the formats of a mixed log have different wrappings, expected the same ones, such as "
            "docker+combined and docker+common: correct them"
        )
    parts = dict.fromkeys(text for log_format in log_formats for text in log_format.texts)
    return wrap(log_formats[0].wrappings, SEPARATOR.join(parts))


def as_setting(text: str) -> str | list[str]:
    """Return the value of the setting `log-format` for a log format's text."""
    texts = list_log_formats(text)
    return texts if len(texts) > 1 else texts[0]


def name_log_format(text: str) -> str:
    """Describe a log format to users: `combined and common`."""
    return " and ".join(
        part if len(part) <= _MAX_SHOWN_CHARS else f"{part[: _MAX_SHOWN_CHARS - 1]}…"
        # A line feed in a format means blanks.
        for part in (part.replace("\n", "") for part in list_log_formats(text))
    )
