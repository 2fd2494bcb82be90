"""Removes the envelopes that log collectors add to lines.

Removing an envelope moves the begins of spans; only lines that a runtime split into parts are copied. A line of an
envelope without content is a `directive`. Sources: the Kubernetes proposal "Log management for container stdout/stderr
streams" (CRI), RFC 3164 and 5424 with rsyslog's file templates, systemd's "Journal Export Formats" and journalctl(1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from footfall.transforms.arrays import Bytes
from footfall.transforms.scanning.envelope_kernels import (
    unwrap_compose,
    unwrap_cri,
    unwrap_fly,
    unwrap_journal,
    unwrap_syslog,
)
from footfall.transforms.scanning.join_objects import STATE_SIZE, find_objects
from footfall.transforms.scanning.join_parts import PartJoiner
from footfall.transforms.scanning.open_texts import open_texts
from footfall.transforms.scanning.pair_lines import PAIRS, find_pairs
from footfall.transforms.scanning.scan_lines import Spans
from footfall.transforms.scanning.skip_asides import skip_asides
from footfall.transforms.scanning.unwrap_json import extract_members
from footfall.transforms.scanning.unwrap_words import unwrap_words
from footfall.transforms.scanning.write_fields import CsvWriter, write_ltsv
from footfall.transforms.scanning.write_objects import write_objects
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_JOINED

_LINE_END: Final = np.uint8(ord("\n"))


@dataclass(frozen=True)
class Unwrapped:
    """Lines without their envelopes.

    `spans` are the contents, empty if a line has none; `reasons` are the reject codes of those lines, else ACCEPTED.
    """

    spans: Spans
    reasons: Bytes


class _Wrapping(Protocol):
    """One kind of envelope. Its state is kept between blocks, so that a record may span two blocks."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        """Return the contents of lines whose reason is ACCEPTED, and set the reasons of lines without content."""
        ...


class LineUnwrapper:
    """Removes the envelopes of an input's lines, block after block, the outermost first."""

    def __init__(self, wrappings: Sequence[str]) -> None:
        self._wrappings = [_WRAPPINGS[name]() for name in wrappings]

    def unwrap(self, spans: Spans) -> Unwrapped:
        """Return the contents of the lines of the next block."""
        reasons = np.zeros(len(spans.begins), dtype=np.uint8)
        for wrapping in self._wrappings:
            spans = wrapping.unwrap(spans, reasons)
        return Unwrapped(spans, reasons)


class _Syslog:
    """RFC 3164, RFC 5424, the files of rsyslog, and `journalctl -o short`."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_syslog(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Cri:
    """Container runtimes of Kubernetes: time, stream, F (full line) or P (partial line), content."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        streams = np.zeros(len(begins), dtype=np.uint8)
        is_part = np.zeros(len(begins), dtype=np.bool_)
        unwrap_cri(spans.block, begins, ends, reasons, streams, is_part)
        return self._joiner.join(Spans(spans.block, begins, ends), reasons, streams, is_part)


class _Journal:
    """`journalctl -o export`: one field per line, among them MESSAGE; binary fields with their length."""

    def __init__(self) -> None:
        self._state = np.zeros(3, dtype=np.int64)

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_journal(spans.block, begins, ends, reasons, self._state)
        return Spans(spans.block, begins, ends)


class _JournalJson:
    """`journalctl -o json`: one object per line, with a member MESSAGE."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return extract_members(spans, reasons, b"MESSAGE").spans


class _JsonMessage:
    """Fly's log shipper, Filebeat, Vector, Fluent Bit, Loki and others: one object per line, with one of these members.

    Of several, the first counts.
    """

    _KEYS: Final = (b"message", b"log", b"line", b"msg", b"@message", b"_raw")

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        accepted = reasons == ACCEPTED
        found = extract_members(spans, reasons, self._KEYS[0]).spans
        for key in self._KEYS[1:]:
            lacking = np.flatnonzero(accepted & (reasons == REJECT_DIRECTIVE))
            if len(lacking) == 0:
                break
            own = np.full(len(lacking), ACCEPTED, dtype=np.uint8)
            others = Spans(spans.block, spans.begins[lacking], spans.ends[lacking])
            opened = extract_members(others, own, key).spans
            reasons[lacking] = own
            # The contents of one key stand behind those of the other.
            begins, ends = found.begins.copy(), found.ends.copy()
            begins[lacking] = opened.begins + len(found.block)
            ends[lacking] = opened.ends + len(found.block)
            found = Spans(np.concatenate((found.block, opened.block)), begins, ends)
        return found


class _Compose:
    """`docker compose logs`, also with colours and times: service, bar, content."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_compose(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Fly:
    """`fly logs`: time, app and machine, region, level, content."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_fly(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Pairs:
    """Pairs `key=value`, as Heroku's router and Lograge write them: read as an object."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_objects(spans, reasons, of_pairs=True)


class _Console:
    """An object behind a time and words, as in Caddy's console format."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_objects(spans, reasons, of_pairs=False)


class _Words:
    """A level, a logger's name, a time or other words, then a line that begins with the client's address."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_words(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Ltsv:
    """Values with labels between tabs: read as an object."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_ltsv(spans, reasons)


class _Csv:
    """Values between commas, semicolons, tabs or bars, behind a line with their names: read as objects."""

    def __init__(self) -> None:
        self._writer = CsvWriter()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return self._writer.write(spans, reasons)


class _Indented:
    """Objects over several lines, in a list or not."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()
        self._state = np.zeros(STATE_SIZE, dtype=np.int64)

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        is_part = np.zeros(len(begins), dtype=np.bool_)
        is_anew = np.zeros(len(begins), dtype=np.bool_)
        find_objects(spans.block, begins, ends, reasons, is_part, is_anew, self._state)
        streams = np.zeros(len(begins), dtype=np.uint8)
        joined = self._joiner.join(Spans(spans.block, begins, ends), reasons, streams, is_part, is_anew)
        # The object before this line has no line of its own that could be rejected for it: its other lines are parts.
        reasons[is_anew & is_part] = REJECT_JOINED
        return joined


class _Paired:
    """Two lines for each request, as Rails and Fastify write them: the second one, behind the first."""

    def __init__(self) -> None:
        self._joiner = PartJoiner(PAIRS)
        self._keys = np.zeros(PAIRS + 1, dtype=np.uint64)

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        block, begins, ends = spans.block.copy(), spans.begins.copy(), spans.ends.copy()
        streams = np.zeros(len(begins), dtype=np.uint8)
        is_part = np.zeros(len(begins), dtype=np.bool_)
        is_anew = np.zeros(len(begins), dtype=np.bool_)
        find_pairs(block, begins, ends, reasons, streams, is_part, is_anew, self._keys)
        return self._joiner.join(Spans(block, begins, ends), reasons, streams, is_part, is_anew)


class _Nested:
    """An object as a text within an object: Azure's resource logs."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return open_texts(spans, reasons)


class _Asides:
    """Lines beside those of requests, which are directives."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins = spans.begins.copy()
        skip_asides(spans.block, begins, spans.ends, reasons)
        return Spans(spans.block, begins, spans.ends)


class _Docker:
    """Docker's `json-file`: the string includes the line end; without it, the line continues in the next object."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        members = extract_members(spans, reasons, b"log")
        block, begins, ends = members.spans.block, members.spans.begins, members.spans.ends
        has_end = (ends > begins) & (block[np.maximum(ends, 1) - 1] == _LINE_END)
        ends[has_end] -= 1
        return self._joiner.join(members.spans, reasons, members.is_stderr, (reasons == ACCEPTED) & ~has_end)


_WRAPPINGS: Final[dict[str, Callable[[], _Wrapping]]] = {
    "cri": _Cri,
    "syslog": _Syslog,
    "journal": _Journal,
    "journal-json": _JournalJson,
    "docker": _Docker,
    "json-message": _JsonMessage,
    "compose": _Compose,
    "fly": _Fly,
    "pairs": _Pairs,
    "console": _Console,
    "paired": _Paired,
    "nested": _Nested,
    "asides": _Asides,
    "words": _Words,
    "ltsv": _Ltsv,
    "csv": _Csv,
    "indented": _Indented,
}


__all__ = ["LineUnwrapper", "PartJoiner", "Unwrapped"]
