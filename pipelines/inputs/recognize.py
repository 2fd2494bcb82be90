"""Detects the wrappings and formats of a log from a sample of its lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np

from footfall.pipelines.inputs.describe_misfit import describe_misfit
from footfall.pipelines.inputs.find_hints import find_absent, find_hints
from footfall.pipelines.inputs.guess_captures import guess_captures
from footfall.pipelines.inputs.guess_layouts import UNREAD, guess_layouts
from footfall.pipelines.inputs.identify_content import EMPTY, identify_file, identify_lines
from footfall.pipelines.inputs.recognition import MIN_SHARE, Recognition, Unrecognized
from footfall.transforms.arrays import Flags
from footfall.transforms.formats.guess_json_formats import guess_json_format
from footfall.transforms.formats.json_formats import is_answered
from footfall.transforms.formats.log_formats import (
    AGENTLESS,
    LAST_WRAPPINGS,
    OBJECT_WRITERS,
    SEPARATOR,
    WRAPPINGS,
    is_w3c,
    list_log_formats,
    name_log_format,
    read_log_format,
    wrap,
)
from footfall.transforms.formats.named_formats import CANDIDATES, NAMED_FORMATS, OPEN_ENDED, PLAIN_CANDIDATES
from footfall.transforms.formats.w3c_headers import format_from_fields_line
from footfall.transforms.hits.read_lines import read_values
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import ScannedLines, scan_block
from footfall.transforms.scanning.scan_lines import Spans, find_lines
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.values.choose_clients import TRUST_KNOWN
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_NO_REQUEST

MIN_MIXED_SHARE: Final = 0.02
MIN_MIXED_LINES: Final = 3
"""With fewer lines, a format does not count as one of the log's: cut lines may fit another format by chance."""
SHOWN_CANDIDATES: Final = 3
_MOST_WRAPPINGS: Final = 3
_LEAVES_OUT: Final = "asides"
"""The wrapping that takes nothing off its lines."""
_GUESSING_ROUNDS: Final = 3
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def recognize(
    sample: bytes,
    log_format: str | None,
    *,
    knows_proxies: bool = False,
    absent_in_siblings: Container[str] | None = None,
) -> Recognition | Unrecognized:
    """The format of the log from which `sample` was taken; it begins with the log's first lines.

    A given `log_format` is not questioned, except for files that do not consist of lines of text. `knows_proxies` is
    whether settings name the proxies before the server. `absent_in_siblings` are the marks of
    fields that rotated siblings of the log lack: these alone can be absent then, however few lines there are.
    """
    identified = identify_file(sample)
    if identified is not None:
        return Unrecognized(*identified)
    lines = sample.removeprefix(_BYTE_ORDER_MARK)
    if not lines.strip():
        return Unrecognized(EMPTY)
    if log_format is not None:
        given = _Sample(lines)
        return given.look_around(given.count(log_format), knows_proxies, absent_in_siblings)
    samples = list(_open(_Sample(lines)))
    # If lines fit both with and without a wrapping, the reading that leaves fewer lines unexplained is better.
    best = _choose_best(samples)
    if not best.fitting or best.is_unlikely:
        # Exports have whole lines in one of their columns or members.
        samples += [inner for one in samples for opened in _open_last(one) for inner in _open(opened)]
        best = _choose_best(samples)
    if best.fitting and not best.is_unlikely:
        return samples[0].look_around(best, knows_proxies, absent_in_siblings)
    for one in reversed([one for one in samples if OBJECT_WRITERS.isdisjoint(one.wrappings)]):
        identified = identify_lines(one.contents)
        if identified is not None:
            return Unrecognized(*identified)
    closest = [found for one in samples for found in one.closest()]
    return _report_closest(closest, describe_misfit(samples[-1].contents))


def _choose_best(samples: Sequence[_Sample]) -> Recognition:
    return max((one.choose() for one in samples), key=lambda found: (found.fitting, -found.sampled))


def _report_closest(closest: list[Recognition], misfit: str) -> Unrecognized:
    """The result for a log that has none of the known formats: it names those that fit the most lines.

    `misfit` is the format that the others are nearest to, and where they differ.
    """
    closest = sorted(closest, key=lambda found: -found.fitting)[:SHOWN_CANDIDATES]
    shares = ", ".join(f"{name_log_format(found.log_format)} {found.fitting / found.sampled:.0%}" for found in closest)
    nearest = f"closest: {shares}" if shares else f"nearest: {misfit}" if misfit else ""
    return Unrecognized(
        "no known log format fits most of its lines" + (f" ({nearest})" if nearest else ""),
        "name its format with --log-format (repeat it for mixed formats), or give the server's own log_format or "
        "LogFormat string, such as --log-format '%h %l %u %t \"%r\" %>s %b'",
    )


def _open(sample: _Sample) -> Iterator[_Sample]:
    """The sample as it is, and without each combination of wrappings that most of its lines have."""
    yield sample
    if len(sample.wrappings) < _MOST_WRAPPINGS:
        for name in (name for name in WRAPPINGS if name not in LAST_WRAPPINGS):
            inner = (
                _Sample(sample.lines, (*sample.wrappings, name)) if name != "journal" or not sample.wrappings else None
            )
            if inner is not None and inner.is_opened:
                yield from _open(inner)


def _open_last(sample: _Sample) -> Iterator[_Sample]:
    """The sample without each of the wrappings that are tried last, if most of its lines have it.

    What only leaves lines out (`asides`) is there where it left out some.
    """
    if len(sample.wrappings) < _MOST_WRAPPINGS:
        for name in (name for name in WRAPPINGS if name in LAST_WRAPPINGS):
            inner = _Sample(sample.lines, (*sample.wrappings, name))
            if inner.is_opened and (name != _LEAVES_OUT or inner.left_out > sample.left_out):
                yield inner


class _Sample:
    """The lines of a sample, read with some wrappings."""

    def __init__(self, lines: bytes, wrappings: tuple[str, ...] = ()) -> None:
        self.lines = lines
        self.wrappings = wrappings
        self._block = padded(lines)
        begins = find_lines(self._block, len(lines))
        opened = LineUnwrapper(wrappings).unwrap(Spans(self._block, begins[:-1], begins[1:] - 1))
        self._reasons = opened.reasons
        self._spans = opened.spans
        self._last: tuple[str, ScannedLines] | None = None

    @property
    def is_opened(self) -> bool:
        """Whether most lines have these wrappings around them."""
        filled = self._reasons != REJECT_EMPTY
        is_in = filled & ((self._reasons == ACCEPTED) | (self._reasons == REJECT_DIRECTIVE))
        return bool((self._reasons == ACCEPTED).any()) and int(is_in.sum()) > MIN_SHARE * int(filled.sum())

    @property
    def left_out(self) -> int:
        """How many lines are no requests by their wrappings."""
        return int((self._reasons == REJECT_DIRECTIVE).sum())

    @cached_property
    def contents(self) -> list[bytes]:
        """The lines without their wrappings, except empty ones."""
        return self._contents(np.ones(len(self._reasons), dtype=np.bool_))

    def _contents(self, wanted: Flags) -> list[bytes]:
        block = self._spans.block.tobytes()
        places = zip(self._spans.begins[wanted].tolist(), self._spans.ends[wanted].tolist(), strict=True)
        return [line for begin, end in places if (line := block[begin:end].removesuffix(b"\r")).strip()]

    @cached_property
    def _fits(self) -> dict[str, Flags]:
        """Which lines fit each candidate format, the most specific formats first."""
        fits: dict[str, Flags] = {}
        left = np.ones(len(self._reasons), dtype=np.bool_)
        # Guesses look at the first lines, so a rarer format is found only among the lines that fit no format yet.
        for _ in range(_GUESSING_ROUNDS):
            lines = self._contents(left)
            new = [text for guess in GUESSES for text in guess(lines) if text not in fits]
            fits |= {text: self._fit(wrap(self.wrappings, text))[0] for text in new}
            before = int(left.sum())
            for text in new:
                left &= ~(fits[text] | self._is_said_before(text))
            if int(left.sum()) == before:
                break
        return fits

    def _is_said_before(self, text: str) -> Flags:
        """Which lines hold a request whose answer is on another line of a format: no format is guessed from them."""
        if not is_answered(text):
            return np.zeros(len(self._reasons), dtype=np.bool_)
        return self._read(wrap(self.wrappings, text)).rejects() == REJECT_NO_REQUEST

    def _fit(self, log_format: str) -> tuple[Flags, Flags]:
        """Which lines fit a log format, and which lines are neither empty nor directives."""
        scanned = self._read(log_format)
        fits = np.zeros(scanned.line_count, dtype=np.bool_)
        for part in scanned.parts:
            fits[part.lines] = part.rejects == ACCEPTED
        return fits, ~np.isin(scanned.rejects(), (REJECT_EMPTY, REJECT_DIRECTIVE, REJECT_NO_REQUEST))

    def _read(self, log_format: str) -> ScannedLines:
        """The lines as a run reads them, up to their values; those of the last format are kept for another look."""
        if self._last is None or self._last[0] != log_format:
            scanned = scan_block(self._block, len(self.lines), log_format)
            for part in scanned.parts:
                read_values(part, TRUST_KNOWN)
            self._last = log_format, scanned
        return self._last[1]

    def look_around(
        self, found: Recognition, knows_proxies: bool, absent_in_siblings: Container[str] | None
    ) -> Recognition:
        """The recognition with what else the lines show: hints, and which fields no line fills."""
        parts = [part.take(part.rejects == ACCEPTED) for part in self._read(found.log_format).parts]
        hints = [*found.hints, *find_hints(parts, knows_proxies=knows_proxies)]
        log_format = read_log_format(found.log_format)
        absent = [] if any(map(is_w3c, log_format.texts)) else find_absent(parts, log_format.texts, absent_in_siblings)
        if AGENTLESS in absent:
            hints.append(
                "no sampled line has a user agent, so the field counts as absent: hits are not taken for machines, "
                "and browsers are unknown; let the server log the header User-Agent"
            )
        return replace(found, log_format="+".join((*absent, found.log_format)), hints=tuple(hints))

    def count(self, log_format: str) -> Recognition:
        """How many lines fit a log format, in total and by each format of a mixed one."""
        fits, filled = self._fit(log_format)
        texts = list_log_formats(log_format)
        if len(texts) == 1:
            return Recognition(log_format, int(fits.sum()), int(filled.sum()), (int(fits.sum()),))
        counts = []
        rest = fits.copy()
        for text in texts:
            own = rest & (self._fit(text)[0] if rest.any() else rest)
            counts.append(int(own.sum()))
            rest &= ~own
        return Recognition(log_format, int(fits.sum()), int(filled.sum()), tuple(counts))

    def choose(self) -> Recognition:
        """The most frequent format of the lines, together with all others that enough lines have."""
        shares = _share_out(self._fits, list(self._fits))
        most = max(shares.values(), default=0)
        least = max(MIN_MIXED_LINES, MIN_MIXED_SHARE * sum(shares.values()))
        chosen = [text for text, count in shares.items() if count and (count == most or count >= least)]
        if not chosen:
            return Recognition("", 0, len(self.contents))
        found = self.count(wrap(self.wrappings, SEPARATOR.join(chosen)))
        if found.fitting < most:
            # A format may take lines of another one by their marks, and reject their values.
            chosen = [max(shares, key=lambda text: shares[text])]
            found = self.count(wrap(self.wrappings, chosen[0]))
        return Recognition(found.log_format, found.fitting, found.sampled, found.by_format, tuple(self._hints(chosen)))

    def closest(self) -> list[Recognition]:
        """Each candidate format that fits at least one line."""
        return [
            Recognition(wrap(self.wrappings, text), int(fits.sum()), len(self.contents))
            for text, fits in self._fits.items()
            if fits.any()
        ]

    def _hints(self, chosen: Sequence[str]) -> Iterator[str]:
        for name in chosen:
            if f"${UNREAD}_" in name:
                yield (
                    f"{int(self._fits[name].sum()):,} of the sampled lines have fields whose values do not show what "
                    "they are, which are not read; if these include a session cookie or a request time, give the "
                    "server's own format string with --log-format"
                )
            elif name in OPEN_ENDED:
                bare = self._fit(wrap(self.wrappings, NAMED_FORMATS[name]))[0]
                longer = int((self._fits[name] & ~bare).sum())
                if longer >= MIN_MIXED_LINES or longer == int(self._fits[name].sum()) > 0:
                    yield (
                        f"{longer:,} of the sampled lines have further fields after those of {name}, which are not "
                        "read; if these include a session cookie or a request time, give the server's own format "
                        "string with --log-format"
                    )


def _share_out(fits: dict[str, Flags], texts: Sequence[str]) -> dict[str, int]:
    """How many lines fit each format, but no format before it."""
    shares: dict[str, int] = {}
    taken: Flags | None = None
    for text in texts:
        own = fits[text] if taken is None else fits[text] & ~taken
        taken = own if taken is None else taken | own
        shares[text] = int(own.sum())
    return shares


Guess = Callable[[Sequence[bytes]], Iterator[str]]
"""Takes lines without wrappings and yields candidate formats; a line counts for the first one that it fits."""

_FOOTFALL_TAIL: Final = re.compile(rb' "([^" ]+)" \d+\.\d{3}$')
_TOKEN: Final = re.compile(rb"[A-Za-z0-9_-]{16,}")


def _guess_footfall(lines: Sequence[bytes]) -> Iterator[str]:
    """`footfall`, if the two fields after a combined line look like a session cookie and a request time.

    Other servers log a forwarded address or a request identifier there. A session cookie is a token that recurs in
    other lines and is missing in some.
    """
    cookies = Counter(match[1] for line in lines if (match := _FOOTFALL_TAIL.search(line)))
    missing = cookies.pop(b"-", 0)
    if missing and max(cookies.values(), default=0) > 1 and all(map(_TOKEN.fullmatch, cookies)):
        yield "footfall"


def _guess_w3c(lines: Sequence[bytes]) -> Iterator[str]:
    """The log's first `#Fields` directive; later ones are followed when the log is read."""
    for line in lines:
        text = format_from_fields_line(line)
        if text is not None:
            yield text
            return


# Squid's result code and hierarchy code: `TCP_MISS:HIER_DIRECT`, `TCP_MISS_ABORTED/000:HIER_NONE`.
_SQUID_TAIL: Final = re.compile(rb" (?:TCP|UDP|NONE|TAG)[A-Z_/]*:[A-Z_]+$")
# Odoo's number of queries, and the seconds that they and the rest took.
_ODOO_TAIL: Final = re.compile(rb" (?:\d+|-) \d+ \d+\.\d+ \d+\.\d+$")
_SIGNS: Final[dict[str, re.Pattern[bytes]]] = {
    "squid_common": _SQUID_TAIL,
    "squid_combined": _SQUID_TAIL,
    "odoo": _ODOO_TAIL,
    # No priority of syslog and no time: what follows those is no client.
    "vhost_combined": re.compile(rb"^(?!<\d|\d{4}-\d\d-\d\dT)\S+:\d{1,5} "),
    "host_combined": re.compile(rb"^(?!<\d|\d{4}-\d\d-\d\dT)"),
    "istio": re.compile(rb'^\[\d{4}-\d\d-\d\dT[^]]*\] "[^"]*" \d+ \S+ \S+ \S+ "'),
    "oauth2_proxy": re.compile(rb" \[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\] "),
    "iis": re.compile(rb"^[^ ,]+, [^,]*, \d+/\d+/\d+, "),
    "artifactory": re.compile(rb"^\d{4}-\d\d-\d\dT[^|]*\|[0-9a-f]+\|[^|]+\|[^|]*\|[A-Z]+\|"),
    "gorouter": re.compile(rb"^\S+ - .* x_forwarded_for:\""),
    "gorouter_cli": re.compile(rb"^\s*\d{4}-\S+ \[RTR/\d+\] +OUT "),
    "alibaba_cdn": re.compile(rb'^\[[^]]*\] \S+ \S+ \d+ "[^"]*" "[A-Z]+ https?://'),
    "synapse": re.compile(rb" Processed request: "),
    "fastly": re.compile(rb'^\S+ "[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} '),
    "bitbucket": re.compile(rb" \| [io][@*]"),
    "confluence": re.compile(rb"^\[[^]]*\] \S+ \S+ \S+ [A-Z]+ \S+ HTTP/"),
    "rails_log": re.compile(rb"^Started [A-Z]+ .* Completed \d"),
    "php": re.compile(rb"\d{4}\] \S+ \[\d{3}\]: [A-Z]+ "),
    "gitea": re.compile(rb" router: completed "),
    "couchdb": re.compile(rb"^\[[a-z]+\] \d{4}-\S+ \S+@\S+ <"),
    "render": re.compile(rb"^\d.* clientIP=\""),
    "render_syslog": re.compile(rb"^<.* clientIP=\""),
}
"""Formats that also fit torn or longer lines of other formats, or are rare: tried only if some line has the pattern."""


def _guess_servers(lines: Sequence[bytes]) -> Iterator[str]:
    return _with_signs(CANDIDATES, lines)


def _guess_plain(lines: Sequence[bytes]) -> Iterator[str]:
    return _with_signs(PLAIN_CANDIDATES, lines)


def _with_signs(names: Sequence[str], lines: Sequence[bytes]) -> Iterator[str]:
    return (name for name in names if name not in _SIGNS or any(map(_SIGNS[name].search, lines)))


def _guess_json(lines: Sequence[bytes]) -> Iterator[str]:
    guess = guess_json_format([line for line in lines if line.lstrip(b" \t[,").startswith(b"{")])
    if guess is not None:
        yield guess


GUESSES: Final[tuple[Guess, ...]] = (
    _guess_w3c,
    _guess_json,
    _guess_footfall,
    guess_captures,
    _guess_servers,
    guess_layouts,
    _guess_plain,
)
"""What `auto` tries: a more specific format comes before one that also fits its lines."""
