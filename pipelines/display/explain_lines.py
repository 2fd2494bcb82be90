"""How each line of a log is parsed: `footfall parse`, a diagnostic for the operator's own screen.

It runs the kernels of the nightly run and shows their results. Only here are contents of a log output as text; nothing
is stored, and error messages contain none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.geo_data.locations import open_locations
from footfall.pipelines.display.judge_logs import JudgedLogs
from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.settings import HEED, Settings
from footfall.transforms.arrays import Ints, Offsets, Words
from footfall.transforms.behaviour.reclassify import BEHAVIOUR
from footfall.transforms.describing.agent_rules import NO_AGENT
from footfall.transforms.describing.describe_hits import NO_AGENT_FIELD, Descriptions
from footfall.transforms.describing.describe_texts import AGENT_COLUMNS
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.formats.log_formats import as_setting
from footfall.transforms.hits.derive_hits import HitDeriver, Hits
from footfall.transforms.hits.read_lines import LineReader
from footfall.transforms.kernels.digests import as_key
from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import TO_THE_END, draw_run_key
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.scan_blocks import BlockScanner, ScannedLines
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.choose_clients import ProxyTrust
from footfall.transforms.values.decode_texts import unescape
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS, CLIENT_NAME
from footfall.transforms.values.read_requests import METHOD_NONE, read_methods, split_requests, split_urls
from footfall.transforms.values.read_times import NO_UTC_OFFSET, read_utc_offsets
from footfall.transforms.vocabulary import PROBE, REJECT_REASONS, TRAFFIC_CLASSES, UNKNOWN

Explanation = dict[str, str | int | float | bool | None]
"""The values of one line by KEYS; for a rejected line only `line_number` and `reject`."""
Texts = list[str | None]
"""Indices of the lines of a block that are hits."""

KEYS: Final = (
    "line_number",
    "client",
    "user",
    "time",
    "method",
    "url",
    "path",
    "query",
    "protocol",
    "status",
    "bytes",
    "referrer",
    "user_agent",
    "site",
    "request_time_s",
    "session",
    "traffic_class",
    "class_reason",
    "page_view",
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "country",
    "region",
)
_REASON: Final = AGENT_COLUMNS.index("class_reason")
_TECHNOLOGY_PARTS: Final = 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def explain_lines(
    path: str, settings: Settings, explainer_of: type[LineExplainer] | None = None
) -> Iterator[Explanation]:
    """Yield one explanation for each line of an input, in order, by a LineExplainer or what takes its place.

    `path` is one file, URL or `-`; the log format is that of the settings, or detected from a sample. Raises
    UsageError, RunError (no format fits), LocationError, and InputError if the input cannot be read to its end.
    """
    one = examine_log(path, settings)
    if one is not None:
        yield from explain_log(one, (explainer_of or LineExplainer)(settings))


def explain_judged(
    paths: Sequence[str], settings: Settings, explainer_of: type[LineExplainer] | None = None
) -> Iterator[Explanation]:
    """Yield one explanation for each line of several inputs, which are read wholly first to judge their clients.

    With several inputs, each explanation names its own, as `log`. Raises the same errors as `explain_lines`.
    """
    inputs = [one for one in (examine_log(path, settings) for path in paths) if one is not None]
    judged = JudgedLogs(inputs, settings.model_copy(update={"behaviour": True}), draw_run_key())
    for one in inputs:
        named: Explanation = {"log": one.path} if len(paths) > 1 else {}
        for explanation in explain_log(one, (explainer_of or LineExplainer)(settings, judged)):
            yield named | explanation


def explain_log(one: Input, explainer: LineExplainer) -> Iterator[Explanation]:
    """Yield one explanation for each line of an input that was examined."""
    number = 1
    for lines in _scan(one):
        yield from explainer.explain(lines, number)
        number += lines.line_count


def summarize(path: str, settings: Settings) -> dict[str, Any]:
    """Counts of what `explain_lines` would yield.

    Keys: `input`, `compression`, `log_format` (a list if formats are mixed), `sampled` and `fitting` (lines from which
    the format was detected, and how many of them fit it), `hints` (contents of the lines that are not read), `lines`,
    `hits`, `page_views`, `traffic_classes` (hits by class), `rejects` (by reason: `lines` and `first_line_number`).
    Raises the same errors as `explain_lines`.
    """
    counts = _Counts()
    one = examine_log(path, settings)
    if one is not None:
        explainer = LineExplainer(settings)
        for lines in _scan(one):
            for part in lines.parts:
                counts.add_hits(explainer.derive(part))
            counts.add_lines(lines.rejects())
    recognition = one.recognition if one is not None else None
    return {
        "input": path,
        "compression": one.compression if one is not None else None,
        "log_format": as_setting(recognition.log_format) if recognition is not None else None,
        "sampled": recognition.sampled if recognition is not None else 0,
        "fitting": recognition.fitting if recognition is not None else 0,
        "hints": list(recognition.hints) if recognition is not None else [],
        **counts.summary(),
    }


def examine_log(path: str, settings: Settings) -> Input | None:
    """Return the input to read, None if it is empty. Raises the same errors as `explain_lines`."""
    inputs = list_inputs([path])
    if len(inputs) > 1:
        raise UsageError(f"{path}: {len(inputs)} files; footfall parse reads one at a time, so give one")
    knows_proxies = settings.trusted_proxies is not None
    for one in examine_inputs(inputs, settings.log_format, verify=False, knows_proxies=knows_proxies):
        if one.read_error is not None:
            raise InputError(one.path, one.read_error)
        return one if one.recognition is not None else None
    return None


def _scan(one: Input) -> Iterator[ScannedLines]:
    assert one.recognition is not None
    scanner = BlockScanner(one.recognition.log_format)
    end = one.size if one.compression == "plain" and one.size >= 0 else TO_THE_END
    for block in read_blocks(one.path, one.compression, 0, end):
        yield scanner.scan(block.content, block.length)


@dataclass
class _Counts:
    lines: int = 0
    hits: int = 0
    page_views: int = 0

    def __post_init__(self) -> None:
        self.classes = np.zeros(len(TRAFFIC_CLASSES), dtype=np.int64)
        self.rejects: dict[int, dict[str, int]] = {}

    def add_lines(self, rejects: NDArray[np.uint8]) -> None:
        codes, first, counts = np.unique(rejects, return_index=True, return_counts=True)
        for code, place, count in zip(codes.tolist(), first.tolist(), counts.tolist(), strict=True):
            if code:
                known = self.rejects.setdefault(code, {"lines": 0, "first_line_number": self.lines + place + 1})
                known["lines"] += count
        self.lines += len(rejects)

    def add_hits(self, hits: Hits) -> None:
        self.hits += len(hits.lines)
        self.page_views += int(hits.is_page_view.sum())
        self.classes += np.bincount(hits.traffic_class, minlength=len(TRAFFIC_CLASSES))

    def summary(self) -> dict[str, Any]:
        return {
            "lines": self.lines,
            "hits": self.hits,
            "page_views": self.page_views,
            "traffic_classes": dict(zip(TRAFFIC_CLASSES, self.classes.tolist(), strict=True)),
            "rejects": {REJECT_REASONS[code]: counts for code, counts in sorted(self.rejects.items())},
        }


class LineExplainer:
    """Explains the lines of one log, block by block. Raises LocationError."""

    keys: tuple[str, ...] = KEYS
    """The keys of what is shown for a line that parsed."""

    def __init__(self, settings: Settings, judged: JudgedLogs | None = None, run_key: bytes | None = None) -> None:
        self._judged = judged
        key = as_key(run_key or (draw_run_key() if judged is None else judged.run_key))
        self._describe = Descriptions(
            key,
            settings.site,
            settings.hosts,
            settings.search_keys,
            TextRules(settings.texts.keep, settings.texts.name_keys),
            settings.app_agents,
            settings.pages.rules,
        )
        self._locations = open_locations(settings.geo_db)
        days = LocalDays(settings.timezone)
        trust = ProxyTrust.of(settings.trusted_proxies)
        self._reader = LineReader(
            self._describe,
            key,
            settings.session_cookie,
            trust,
            settings.request_time_unit,
            heeds_opt_outs=settings.opt_out == HEED,
        )
        self._deriver = HitDeriver(self._describe, self._locations, days, key)

    def derive(self, lines: ScannedFields) -> Hits:
        """The hits among the lines; the reject reasons of the other lines are set in `lines`."""
        self._describe.make_room()
        hits = self._deriver.derive_hits(self._reader.read_lines(lines))
        return hits if self._judged is None else self._judged.apply(hits, self._describe)

    def explain(self, lines: ScannedLines, first_number: int) -> Iterator[Explanation]:
        """Yield one explanation for each line of a block; `first_number` is the number of its first line."""
        values: dict[int, tuple[Any, ...]] = {}
        for part in lines.parts:
            hits = self.derive(part)
            values.update(zip(hits.lines.tolist(), zip(*self._columns(part, hits), strict=True), strict=True))
        for line, reject in enumerate(lines.rejects().tolist()):
            if reject:
                yield {"line_number": first_number + line, "reject": REJECT_REASONS[reject]}
            else:
                yield dict(zip(self.keys, (first_number + line, *values[line]), strict=True))

    def _columns(self, lines: ScannedFields, hits: Hits) -> list[list[Any]]:
        """A column for each of `keys` except `line_number`, with a value for each hit."""
        rows = np.searchsorted(lines.lines, hits.lines)
        texts = _Texts(lines, rows)
        high, low, kinds, *entries = self._reader.clients(lines)
        high, low, kinds = high[rows], low[rows], kinds[rows]
        has_size = lines.offsets(Meaning.BYTES)[0][rows] >= 0
        agents = self._agents(lines, rows)
        return [
            _clients(high, low, kinds, texts.at(*entries)),
            texts.of(Meaning.USER),
            _times(hits.time_ms, read_utc_offsets(lines)[rows]),
            *_requests(lines, texts),
            [status or None for status in hits.status.tolist()],
            [size if known else None for size, known in zip(hits.bytes_sent.tolist(), has_size.tolist(), strict=True)],
            texts.of(Meaning.REFERRER),
            texts.of(Meaning.AGENT),
            [_known(self._describe.sites[site]) for site in hits.site.tolist()],
            [time_us / 1e6 if time_us >= 0 else None for time_us in hits.request_us.tolist()],
            (self._reader.session_offsets(lines)[0][rows] >= 0).tolist(),
            [TRAFFIC_CLASSES[code] for code in hits.traffic_class.tolist()],
            self._reasons(lines, hits, agents),
            hits.is_page_view.tolist(),
            *([_known(agent[part]) if agent else None for agent in agents] for part in range(_TECHNOLOGY_PARTS)),
            *self._places(high, low, kinds),
        ]

    def _agents(self, lines: ScannedFields, rows: Ints) -> list[tuple[str | int, ...] | None]:
        """The description of each hit's user agent, in the order of AGENT_COLUMNS; None without user agent."""
        codes = self._describe.agents.intern(lines.block, *lines.offsets(Meaning.AGENT))
        return [self._describe.agent_rows[code - 1] if code else None for code in codes[rows].tolist()]

    def _reasons(self, lines: ScannedFields, hits: Hits, agents: list[tuple[str | int, ...] | None]) -> list[str]:
        absent = NO_AGENT if lines.has(Meaning.AGENT) else NO_AGENT_FIELD
        return [
            # The reason of a probe is the kind of vulnerability that it looks for.
            name if traffic_class == PROBE or category == BEHAVIOUR else str(agent[_REASON]) if agent else absent
            for traffic_class, (name, category), agent in zip(
                hits.traffic_class.tolist(),
                [self._describe.machines[machine] for machine in hits.machine.tolist()],
                agents,
                strict=True,
            )
        ]

    def _places(self, high: Words, low: Words, kinds: NDArray[np.uint8]) -> tuple[Texts, Texts]:
        """Countries and regions."""
        codes = self._locations.locate(high, low)
        codes[kinds != CLIENT_ADDRESS] = 0
        places = self._locations.locations()
        found = [places[code] for code in codes.tolist()]
        return [_known(place.country) for place in found], [_known(place.region) for place in found]


class _Texts:
    """The fields of the hits of a block as text, without the log's escapes."""

    def __init__(self, lines: ScannedFields, rows: Ints) -> None:
        self._content = lines.block.tobytes()
        self._lines = lines
        self.rows = rows

    def of(self, meaning: Meaning) -> Texts:
        """The texts of a field."""
        return self.at(*self._lines.offsets(meaning))

    def at(self, begins: Offsets, ends: Offsets) -> Texts:
        """The texts at offsets given for each line of the block."""
        places = zip(begins[self.rows].tolist(), ends[self.rows].tolist(), strict=True)
        return [_decode(self._content[begin:end]) if begin >= 0 else None for begin, end in places]


def _decode(raw: bytes) -> str:
    return unescape(raw).decode("utf-8", "replace")


def _known(text: str | int) -> str | None:
    return None if text == UNKNOWN else str(text)


def _clients(high: Words, low: Words, kinds: NDArray[np.uint8], entries: Texts) -> Texts:
    """Addresses in their canonical form; host names and sockets as logged."""
    clients: Texts = []
    for upper, lower, kind, entry in zip(high.tolist(), low.tolist(), kinds.tolist(), entries, strict=True):
        if kind == CLIENT_ADDRESS:
            # `::1` has the bits of 0.0.0.1.
            is_ipv4 = upper == 0 and lower < 1 << 32 and not (lower < 1 << 16 and entry and ":" in entry)
            clients.append(str(IPv4Address(lower) if is_ipv4 else IPv6Address(upper << 64 | lower)))
        else:
            clients.append(entry if kind == CLIENT_NAME else None)
    return clients


def _times(times_ms: Ints, offsets_s: Ints) -> list[str]:
    """ISO 8601 times with the UTC offset of the line, `Z` if it has none."""
    texts = []
    for time_ms, offset_s in zip(times_ms.tolist(), offsets_s.tolist(), strict=True):
        zone = UTC if offset_s == NO_UTC_OFFSET else timezone(timedelta(seconds=offset_s))
        try:
            text = (_EPOCH + timedelta(milliseconds=time_ms)).astimezone(zone)
        except OverflowError:  # the last hours of the year 9999
            text, offset_s = _EPOCH + timedelta(milliseconds=time_ms), NO_UTC_OFFSET
        written = text.isoformat(timespec="milliseconds" if time_ms % 1000 else "seconds")
        texts.append(written.removesuffix("+00:00") + "Z" if offset_s == NO_UTC_OFFSET else written)
    return texts


def _requests(lines: ScannedFields, texts: _Texts) -> tuple[Texts, Texts, Texts, Texts, Texts]:
    """Methods, URLs, paths, queries and protocols; if the field is not a request, its whole text is the URL."""
    block = lines.block
    if lines.has(Meaning.REQUEST):
        request = lines.offsets(Meaning.REQUEST)
        codes, *url = split_requests(block, *request)
        is_request = codes != METHOD_NONE
        method = _where(is_request, (request[0], url[0] - 1))
        protocol = _where(is_request & (url[1] < request[1]), (url[1] + 1, request[1]))
    else:
        url = list(lines.offsets(Meaning.URL if lines.has(Meaning.URL) else Meaning.PATH))
        is_request = url[0] >= 0
        method = lines.offsets(Meaning.METHOD)
        method = _where(read_methods(block, *method) != METHOD_NONE, method)
        protocol = lines.offsets(Meaning.PROTOCOL)
    path_begins, path_ends, *query = split_urls(block, *_where(is_request, (url[0], url[1])))
    paths = texts.at(path_begins, path_ends)
    methods = texts.at(*method)
    if not lines.has(Meaning.REQUEST) and not lines.has(Meaning.METHOD):
        # A format with a url but no method means GET.
        methods = ["GET" if asked else None for asked in is_request[texts.rows].tolist()]
    return (
        methods,
        texts.at(url[0], url[1]),
        # An absolute URL without a path requests the root.
        [path or "/" if asked else None for path, asked in zip(paths, is_request[texts.rows].tolist(), strict=True)],
        texts.at(query[0], query[1]),
        texts.at(*protocol),
    )


def _where(wanted: NDArray[np.bool_], places: tuple[Offsets, Offsets]) -> tuple[Offsets, Offsets]:
    """The offsets where `wanted` is true, -1 elsewhere."""
    return np.where(wanted, places[0], np.int32(-1)), np.where(wanted, places[1], np.int32(-1))


__all__ = ["KEYS", "Explanation", "LineExplainer", "explain_lines", "summarize"]
