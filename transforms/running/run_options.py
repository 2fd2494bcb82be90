"""The parameters of steps: pieces of inputs, and the options of the run."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from footfall.transforms.vocabulary import DEFAULT_K, TrustedProxies

STANDARD_INPUT: Final = "-"
"""The path of an input that is standard input."""
ROWS_AT_ONCE: Final = 1_500_000
"""What a bucket may weigh before it is divided, in rows of the smallest kind: it is in memory, several times over.

256 MB of log in the combined format weigh about as much.
"""
_MOST_NAME_SHARES: Final = 64
TO_THE_END: Final = -1
"""The end of a piece that extends to the end of its input."""

Piece = tuple[int, str, str, str, str, int, int]
"""(input number, path, compression, log format, site, begin, end)."""
Pieces = tuple[Piece, ...]
"""Pieces of one site that are parsed together: several only of inputs that are small."""


@dataclass(frozen=True)
class RunOptions:
    """The options for workers; none of them is secret, because they are part of the job graph.

    `folder` is for the files that steps exchange. Days are counted from 1970-01-01. Hits from `begin_ms` to `end_ms`,
    also before and after these days, are used to build visits.
    """

    folder: str
    bucket_count: int
    timezone: str
    first_day: int
    last_day: int
    begin_ms: int
    end_ms: int
    timeout_ms: int
    own_hosts: tuple[str, ...]
    search_keys: tuple[str, ...]
    cookie_name: str
    geo_db: str | None
    trusted_proxies: TrustedProxies = None
    request_time_unit: str = ""
    kept_texts: tuple[str, ...] = ()
    name_keys: tuple[str, ...] = ()
    """What the settings say about texts: see `describing.text_rules`."""
    included_pages: tuple[str, ...] = ()
    excluded_pages: tuple[str, ...] = ()
    page_aliases: tuple[tuple[str, str], ...] = ()
    page_groups: tuple[tuple[str, str], ...] = ()
    ignores_letter_case: bool = False
    page_keys: tuple[str, ...] = ()
    """What they say about pages: see `describing.page_rules`."""
    goals: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = ()
    """Path, query and statuses of each goal: see `describing.goal_rules`."""
    robots: tuple[tuple[str, str], ...] = ()
    """Site and text of each robots.txt: see `describing.robots_rules`."""
    app_agents: tuple[str, ...] = ()
    """Beginnings of the agents of the site's own app."""
    heeds_opt_outs: bool = True
    """Whether visitors who send `Sec-GPC: 1` or `DNT: 1` are left out of all counts but those of traffic."""
    judges_behaviour: bool = True
    """Whether clients that declare a browser are judged by what they do."""
    k: int = DEFAULT_K
    """Where there are too many names that fewer hits have, these names are folded."""
    started_ms: int = 2**62
    """When the run began, in milliseconds since 1970 UTC: later hits do not count for how far the logs reach."""
    publisher: bytes = b""
    """The publisher's public number, for which the run's key is sealed: see `running.sealed_key`."""
    memory_percent: int = 100
    """The share of the usual number of lines and rows that a worker collects at once."""
    counts_folder: str = ""
    """Where workers leave their progress counts; empty if they run in the process that shows them."""
    threads: int = 1
    """The number of elements that a worker processes in parallel; more than 1 if the runner has only one worker."""

    @property
    def rows_at_once(self) -> int:
        """What a bucket may weigh before it is divided."""
        return max(1, ROWS_AT_ONCE * self.memory_percent // 100)

    @property
    def name_shares(self) -> int:
        """The number of shares that names are divided into by their digests."""
        return min(self.bucket_count, _MOST_NAME_SHARES)

    @property
    def day_shares(self) -> int:
        """The number of shares that the days are divided into, so that many workers can merge tables of a large run."""
        return max(1, self.bucket_count // 4)


def draw_run_key() -> bytes:
    """Return 16 random bytes from the operating system; they must never be written, logged or put into an option."""
    return secrets.token_bytes(16)
