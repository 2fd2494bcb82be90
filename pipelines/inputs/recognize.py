"""Telling a log's wrappings and formats from a sample of its lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from footfall.pipelines.inputs.identify_content import EMPTY, identify_file, identify_lines
from footfall.pipelines.inputs.recognition import MIN_SHARE, Recognition, Unrecognized
from footfall.transforms.arrays import Flags
from footfall.transforms.formats.json_formats import guess_json_format
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.formats.log_formats import SEPARATOR, WRAPPINGS, list_log_formats, name_log_format, wrap
from footfall.transforms.formats.named_formats import CANDIDATES, NAMED_FORMATS, WITH_EXTRAS
from footfall.transforms.formats.w3c_headers import read_fields
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.scanning.scan_lines import Spans, find_lines
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.values.choose_clients import ANYONE, choose_clients
from footfall.transforms.values.read_fields import CLIENT_BAD, read_statuses
from footfall.transforms.values.read_times import read_times
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY

"""One for each line of a sample."""

MIN_MIXED_SHARE: Final = 0.02
MIN_MIXED_LINES: Final = 3
"""A format that fewer lines follow is none of the log's: torn lines may look like those of another one."""
SHOWN_CANDIDATES: Final = 3
_MOST_WRAPPINGS: Final = 3
_GUESSING_ROUNDS: Final = 3
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def recognize(sample: bytes, log_format: str | None) -> Recognition | Unrecognized:
    """The format of a log by some of its lines, those at its beginning first.

    With `log_format` that one is taken in any case, but for files that hold no lines of text.
    """
    told = identify_file(sample)
    if told is not None:
        return Unrecognized(*told)
    lines = sample.removeprefix(_BYTE_ORDER_MARK)
    if not lines.strip():
        return Unrecognized(EMPTY)
    if log_format is not None:
        return _Sample(lines).count(log_format)
    samples = list(_open(_Sample(lines)))
    # What fits in an envelope and without it too is better understood where fewer lines are left over.
    best = max((one.choose() for one in samples), key=lambda found: (found.fitting, -found.sampled))
    if best.fitting and not best.is_unlikely:
        return best
    for one in reversed(samples):
        told = identify_lines(one.contents)
        if told is not None:
            return Unrecognized(*told)
    return _tell_nearest([found for one in samples for found in one.nearest()])


def _tell_nearest(nearest: list[Recognition]) -> Unrecognized:
    """What comes nearest to being the format of a log that is none of them."""
    nearest = sorted(nearest, key=lambda found: -found.fitting)[:SHOWN_CANDIDATES]
    shares = ", ".join(f"{name_log_format(found.log_format)} {found.fitting / found.sampled:.0%}" for found in nearest)
    return Unrecognized(
        "no known log format fits most of its lines" + (f" (nearest: {shares})" if shares else ""),
        "name one with --log-format, several where formats are mixed, or give the server's own log_format or LogFormat "
        "string, such as --log-format '%h %l %u %t \"%r\" %>s %b'",
    )


def _open(sample: _Sample) -> Iterator[_Sample]:
    """The sample as it is, and with wrappings opened that most of its lines have."""
    yield sample
    if len(sample.wrappings) < _MOST_WRAPPINGS:
        for name in WRAPPINGS:
            inner = (
                _Sample(sample.lines, (*sample.wrappings, name)) if name != "journal" or not sample.wrappings else None
            )
            if inner is not None and inner.is_opened:
                yield from _open(inner)


class _Sample:
    """Lines of a log in some wrappings."""

    def __init__(self, lines: bytes, wrappings: tuple[str, ...] = ()) -> None:
        self.lines = lines
        self.wrappings = wrappings
        self._block = padded(lines)
        begins = find_lines(self._block, len(lines))
        opened = LineUnwrapper(wrappings).unwrap(Spans(self._block, begins[:-1], begins[1:] - 1))
        self._reasons = opened.reasons
        self._spans = opened.spans

    @property
    def is_opened(self) -> bool:
        """Whether most lines have these wrappings around them."""
        filled = self._reasons != REJECT_EMPTY
        is_in = filled & ((self._reasons == ACCEPTED) | (self._reasons == REJECT_DIRECTIVE))
        return bool((self._reasons == ACCEPTED).any()) and int(is_in.sum()) > MIN_SHARE * int(filled.sum())

    @cached_property
    def contents(self) -> list[bytes]:
        """What is in the wrappings, of lines that hold anything."""
        return self._contents(np.ones(len(self._reasons), dtype=np.bool_))

    def _contents(self, wanted: Flags) -> list[bytes]:
        block = self._spans.block.tobytes()
        places = zip(self._spans.begins[wanted].tolist(), self._spans.ends[wanted].tolist(), strict=True)
        return [line for begin, end in places if (line := block[begin:end].removesuffix(b"\r")).strip()]

    @cached_property
    def _fits(self) -> dict[str, Flags]:
        """Which lines follow each format that the log might have, the most telling formats first."""
        fits: dict[str, Flags] = {}
        left = np.ones(len(self._reasons), dtype=np.bool_)
        # A guess sees the first lines: what they hide is seen once they are understood.
        for _ in range(_GUESSING_ROUNDS):
            lines = self._contents(left)
            new = [text for guess in GUESSES for text in guess(lines) if text not in fits]
            fits |= {text: self._fit(wrap(self.wrappings, text))[0] for text in new}
            before = int(left.sum())
            for text in new:
                left &= ~fits[text]
            if int(left.sum()) == before:
                break
        return fits

    def _fit(self, log_format: str) -> tuple[Flags, Flags]:
        """Which lines follow a log format, and which could, since they hold something."""
        scanned = scan_block(self._block, len(self.lines), log_format)
        fits = np.zeros(scanned.line_count, dtype=np.bool_)
        for part in scanned.parts:
            fits[part.lines] = (
                (part.rejects == ACCEPTED)
                & (choose_clients(part, ANYONE)[2] != CLIENT_BAD)
                & (read_times(part) >= 0)
                & (read_statuses(part.block, *part.offsets(Meaning.STATUS)) >= 0)
            )
        return fits, ~np.isin(scanned.rejects(), (REJECT_EMPTY, REJECT_DIRECTIVE))

    def count(self, log_format: str) -> Recognition:
        """How many of the lines fit a log format, and each of its formats."""
        fits, filled = self._fit(log_format)
        counts = []
        rest = fits.copy()
        for text in list_log_formats(log_format):
            own = rest & (self._fit(text)[0] if rest.any() else rest)
            counts.append(int(own.sum()))
            rest &= ~own
        return Recognition(log_format, int(fits.sum()), int(filled.sum()), tuple(counts))

    def choose(self) -> Recognition:
        """The formats that lines follow: the most frequent one, and others if they have a real share."""
        shares = _share_out(self._fits, list(self._fits))
        most = max(shares.values(), default=0)
        least = max(MIN_MIXED_LINES, MIN_MIXED_SHARE * sum(shares.values()))
        chosen = [text for text, count in shares.items() if count and (count == most or count >= least)]
        if not chosen:
            return Recognition("", 0, len(self.contents))
        found = self.count(wrap(self.wrappings, SEPARATOR.join(chosen)))
        return Recognition(found.log_format, found.fitting, found.sampled, found.by_format, tuple(self._hints(chosen)))

    def nearest(self) -> list[Recognition]:
        """Each format that fits some line."""
        return [
            Recognition(wrap(self.wrappings, text), int(fits.sum()), len(self.contents))
            for text, fits in self._fits.items()
            if fits.any()
        ]

    def _hints(self, chosen: Sequence[str]) -> Iterator[str]:
        for name in chosen:
            if name in WITH_EXTRAS:
                bare = self._fit(wrap(self.wrappings, NAMED_FORMATS[name]))[0]
                longer = int((self._fits[name] & ~bare).sum())
                if longer >= MIN_MIXED_LINES or longer == int(self._fits[name].sum()) > 0:
                    yield (
                        f"{longer:,} of the sampled lines have more fields behind those of {name}, which are not read; "
                        "if a session cookie or a request time is there, give the server's own format string with "
                        "--log-format"
                    )


def _share_out(fits: dict[str, Flags], texts: Sequence[str]) -> dict[str, int]:
    """How many lines follow each format, and none before it."""
    shares: dict[str, int] = {}
    taken: Flags | None = None
    for text in texts:
        own = fits[text] if taken is None else fits[text] & ~taken
        taken = own if taken is None else taken | own
        shares[text] = int(own.sum())
    return shares


Guess = Callable[[Sequence[bytes]], Iterator[str]]
"""From lines without wrappings to formats that they may have, in the order in which they claim lines."""

_FOOTFALL_TAIL: Final = re.compile(rb' "([^" ]+)" \d+\.\d{3}$')
_TOKEN: Final = re.compile(rb"[A-Za-z0-9_-]{16,}")


def _guess_footfall(lines: Sequence[bytes]) -> Iterator[str]:
    """`footfall`, where what stands behind a combined line behaves like a session's cookie and a time.

    Many log something else there, such as a forwarded address or an identifier of the request: a cookie is a token,
    comes again in other lines, and is missing in some.
    """
    cookies = Counter(match[1] for line in lines if (match := _FOOTFALL_TAIL.search(line)))
    missing = cookies.pop(b"-", 0)
    if missing and max(cookies.values(), default=0) > 1 and all(map(_TOKEN.fullmatch, cookies)):
        yield "footfall"


def _guess_w3c(lines: Sequence[bytes]) -> Iterator[str]:
    """The fields that the log itself names first; it is read by others that it names later, too."""
    for line in lines:
        text = read_fields(line)
        if text is not None:
            yield text
            return


# Squid's result and hierarchy: `TCP_MISS:HIER_DIRECT`, `TCP_MISS_ABORTED/000:HIER_NONE`.
_SQUID_TAIL: Final = re.compile(rb" (?:TCP|UDP|NONE|TAG)[A-Z_/]*:[A-Z_]+$")
_SIGNS: Final[dict[str, re.Pattern[bytes]]] = {"squid_common": _SQUID_TAIL, "squid_combined": _SQUID_TAIL}
"""What some line must hold for a format to be tried that would fit torn or longer lines of others too."""


def _guess_names(lines: Sequence[bytes]) -> Iterator[str]:
    for name in CANDIDATES:
        if name not in _SIGNS or any(map(_SIGNS[name].search, lines)):
            yield name


def _guess_json(lines: Sequence[bytes]) -> Iterator[str]:
    guess = guess_json_format([line for line in lines if line.startswith(b"{")])
    if guess is not None:
        yield guess


GUESSES: Final[tuple[Guess, ...]] = (_guess_w3c, _guess_json, _guess_footfall, _guess_names)
"""What `auto` tries. A format that is more telling stands before one that fits its lines too."""
