"""Writes the hits of the sample log as lines, with broken lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

import numpy as np

from footfall.pipelines.sample.agents import Agents
from footfall.pipelines.sample.hits import Hits, object_column
from footfall.pipelines.sample.random_draws import RandomSource
from footfall.pipelines.sample.referrers import Referrers
from footfall.pipelines.sample.site import SITE, Kind, Site

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PROTOCOLS: Final = ("", " HTTP/1.1", " HTTP/2.0")
_LINES_AT_ONCE: Final = 65_536
_LONGEST_DURATION_MS: Final = 60_000


@dataclass(frozen=True)
class _Format:
    """The fields that a log format has in addition to those of `common`."""

    has_site: bool
    has_agent: bool
    has_cookie: bool


FORMATS: Final = {
    "common": _Format(has_site=False, has_agent=False, has_cookie=False),
    "combined": _Format(has_site=False, has_agent=True, has_cookie=False),
    "vhost_combined": _Format(has_site=True, has_agent=True, has_cookie=False),
    "footfall": _Format(has_site=False, has_agent=True, has_cookie=True),
}
"""`footfall` is nginx's `combined` followed by ` "$cookie_session" $request_time`."""


@dataclass(frozen=True)
class BrokenLine:
    """A line that cannot be parsed: when it is written, the reject reason, and its text with the placeholder {time}."""

    time_ms: int
    reason: str
    text: str


class BrokenLines:
    """Broken lines spread over the log: each case once per 200,000 lines, and once in logs of 1,000 lines or more."""

    def __init__(self, rng: RandomSource, log_format: str, lines: int, begin_ms: int, end_ms: int) -> None:
        cases = _broken_cases(log_format) if lines >= 1000 else []
        repeats = max(1, lines // 200_000)
        times = rng.between(len(cases) * repeats, begin_ms, end_ms).tolist()
        self._all = sorted(
            (BrokenLine(time_ms, *cases[i % len(cases)]) for i, time_ms in enumerate(times)),
            key=lambda line: line.time_ms,
        )
        self.count = len(self._all)

    def within(self, begin_ms: int, end_ms: int) -> list[BrokenLine]:
        """The broken lines of a period, in order of time."""
        return [line for line in self._all if begin_ms <= line.time_ms < end_ms]


def _broken_cases(log_format: str) -> list[tuple[str, str]]:
    """Reject reason and text of each case; addresses are from the ranges reserved for documentation."""
    fields = FORMATS[log_format]
    site = f"{SITE}:443 " if fields.has_site else ""
    agent = ' "-" "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"' if fields.has_agent else ""
    tail = agent + (' "-" 0.012' if fields.has_cookie else "")

    def record(client: str = "192.0.2.17", when: str = "{time}", status: str = "200", size: str = "5120") -> str:
        return f'{site}{client} - - [{when}] "GET /products/lamps HTTP/1.1" {status} {size}{tail}'

    torn = record()[: record().index("Linux" if fields.has_agent else "/lamps")]
    return [
        ("empty", ""),
        ("empty", " \t "),
        ("too_long", record()[: record().index("products")] + "long-" * 13_200 + ' HTTP/1.1" 414 0' + tail),
        ("cut", torn),
        ("cut", record()[: record().index("/lamps")]),
        ("joined", torn + record("198.51.100.9")),
        ("joined", record() + record("198.51.100.9")),
        ("format", "2026/06/01 10:20:30 [error] 4711#0: *815 upstream timed out while reading response header"),
        ("client", record(client="192.0.2.777")),
        ("time", record(when="31/Feb/2026:25:61:00 +0000")),
        ("status", record(status="2OO")),
        ("number", record(size="5k12")),
    ]


class LineWriter:
    """Formats hits as lines of one log format."""

    def __init__(self, log_format: str, zone: ZoneInfo, site: Site, agents: Agents, referrers: Referrers) -> None:
        self._fields, self._zone = FORMATS[log_format], zone
        self._site = f"{SITE}:443 " if self._fields.has_site else ""
        requests = site.requests
        urls = [text.rpartition(" ")[2] for text in requests.texts]
        self._requests = object_column(requests.texts)
        self._is_raw = np.array(requests.kinds, dtype=np.int64) == Kind.RAW
        self._referrers = object_column([*referrers.texts, *(f"https://{SITE}{url}" for url in urls)])
        self._agents, self._agent_protocols = object_column(agents.texts), agents.protocols
        self._protocols = object_column(_PROTOCOLS)
        self._durations = object_column([f"{ms // 1000}.{ms % 1000:03d}" for ms in range(_LONGEST_DURATION_MS)])

    def write(self, stream: BinaryIO, hits: Hits, broken: list[BrokenLine]) -> None:
        """Write the hits, which are ordered by time, and the broken lines in between at their times."""
        if not len(hits) and not broken:
            return
        times = [line.time_ms for line in broken]
        first_s = min([*times[:1], *hits.time_ms[:1].tolist()]) // 1000
        last_s = max([*times[-1:], *hits.time_ms[-1:].tolist()]) // 1000
        seconds = self._second_texts(first_s, last_s)
        places = np.searchsorted(hits.time_ms, times).tolist()
        done = 0
        for line, place in zip(broken, places, strict=True):
            self._write_hits(stream, hits, done, place, seconds, first_s)
            text = line.text.replace("{time}", seconds[line.time_ms // 1000 - first_s])
            stream.write(f"{text}\n".encode())
            done = place
        self._write_hits(stream, hits, done, len(hits), seconds, first_s)

    def _second_texts(self, first_s: int, last_s: int) -> list[str]:
        """The time field for each second of a period; month names are English in any locale."""
        texts: list[str] = []
        for minute in range(first_s // 60 * 60, last_s + 1, 60):
            local = datetime.fromtimestamp(minute, self._zone)
            head = f"{local.day:02d}/{_MONTHS[local.month - 1]}/{local:%Y:%H:%M}"
            offset = f"{local:%z}"
            texts += [f"{head}:{second:02d} {offset}" for second in range(60)]
        return texts[first_s % 60 :]

    def _write_hits(self, stream: BinaryIO, hits: Hits, begin: int, end: int, seconds: list[str], first_s: int) -> None:
        clock = object_column(seconds)
        for start in range(begin, end, _LINES_AT_ONCE):
            some = hits.take(np.arange(start, min(start + _LINES_AT_ONCE, end)))
            protocol = np.where(self._is_raw[some.request], 0, self._agent_protocols[some.agent])
            size = object_column([str(size) if size >= 0 else "-" for size in some.size.tolist()])
            common = zip(
                some.address,
                clock[some.time_ms // 1000 - first_s],
                self._requests[some.request],
                self._protocols[protocol],
                some.status.tolist(),
                size,
                strict=True,
            )
            lines = [f'{self._site}{a} - - [{t}] "{r}{p}" {s} {b}' for a, t, r, p, s, b in common]
            if self._fields.has_agent:
                described = zip(lines, self._referrers[some.referrer], self._agents[some.agent], strict=True)
                lines = [f'{line} "{referrer}" "{agent}"' for line, referrer, agent in described]
            if self._fields.has_cookie:
                extended = zip(lines, some.cookie, self._durations[some.duration_ms], strict=True)
                lines = [f'{line} "{cookie}" {duration}' for line, cookie, duration in extended]
            lines.append("")
            stream.write("\n".join(lines).encode("utf-8", "surrogateescape"))
