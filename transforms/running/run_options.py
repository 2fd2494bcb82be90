"""What steps are told: pieces of inputs, and the options of the run."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from footfall.transforms.vocabulary import TrustedProxies

STANDARD_INPUT: Final = "-"
"""As a path."""
TO_THE_END: Final = -1
"""As the end of a piece."""

Piece = tuple[int, str, str, str, str, int, int]
"""(input number, path, compression, log format, site, begin, end)."""


@dataclass(frozen=True)
class RunOptions:
    """What a worker must know; nothing in it is secret, since it stands in the job graph.

    `folder` takes what stages leave for each other. Days are counted from 1970-01-01; `begin_ms` … `end_ms` is
    what is read around them for visits' sake.
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
    threads: int = 1
    """How many elements of a step a worker does side by side; more than one where Beam's engine has one worker."""

    @property
    def day_shares(self) -> int:
        """How many shares days are dealt out to where tables are merged: many workers merge a large run."""
        return max(1, self.bucket_count // 4)


def draw_run_key() -> bytes:
    """Sixteen random bytes from the operating system; never written, logged or put into an option."""
    return secrets.token_bytes(16)
