"""How a run's work is cut: pieces of inputs, buckets of rows, the window of days."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.nightly import NightlyPlan
from footfall.pipelines.settings import Settings
from footfall.transforms.formats.log_formats import read_log_format
from footfall.transforms.formats.w3c_headers import fields_at
from footfall.transforms.running.run_options import TO_THE_END, Piece, RunOptions
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.vocabulary import VISIT_BOUND_S

PIECE_BYTES: Final = 32 * 2**20
"""Of a plain input, at least: enough to hide what a piece costs."""
LAST_PIECES: Final = 4
"""So many are no larger, that all workers have some to the end; those before them are twice as large."""
BUCKET_BYTES: Final = 256 * 2**20
"""Of log whose human hits share a bucket: some 40 MB of rows, and as much again while visits are built."""
MAX_BUCKETS: Final = 4096
COMPRESSION_RATIO: Final = 12
"""How much longer a compressed log is when read, about."""
ALL_DAYS: Final = (0, 2**22)
"""From 1970 on: days as numbers that fit into packed keys."""


def plan_run(settings: Settings, inputs: Sequence[Input], folder: str, threads: int) -> NightlyPlan:
    """The plan for a run over inputs that can be read; `folder` takes what passes between stages."""
    read_bytes = sum(one.size * (1 if one.compression == "plain" else COMPRESSION_RATIO) for one in inputs)
    days = LocalDays(settings.timezone)
    first_day = LocalDays.number(settings.first_day) if settings.first_day else ALL_DAYS[0]
    last_day = LocalDays.number(settings.last_day) if settings.last_day else ALL_DAYS[1]
    timeout_ms = settings.visit_timeout_s * 1000
    options = RunOptions(
        folder=folder,
        bucket_count=min(MAX_BUCKETS, max(4, read_bytes // BUCKET_BYTES)),
        timezone=settings.timezone,
        first_day=first_day,
        last_day=last_day,
        # One timeout for silence, one for the cookies that adopt in it, one for choosing among them.
        begin_ms=days.day_begin_ms(first_day) - 3 * timeout_ms if settings.first_day else 0,
        end_ms=days.day_begin_ms(last_day + 1) + VISIT_BOUND_S * 1000 if settings.last_day else 2**62,
        timeout_ms=timeout_ms,
        own_hosts=settings.hosts,
        search_keys=settings.search_keys,
        cookie_name=settings.session_cookie,
        geo_db=str(settings.geo_db) if settings.geo_db else None,
        trusted_proxies=settings.trusted_proxies,
        threads=threads,
    )
    pieces = tuple(piece for index, one in enumerate(inputs) for piece in cut_input(index, one, settings.site))
    return NightlyPlan(pieces, len(inputs), options)


def cut_input(index: int, one: Input, site: str) -> Iterator[Piece]:
    """A plain input in ranges, where its lines can be understood one by one; anything else whole.

    Lines of a W3C log can, once it is known which fields hold where a range begins.
    """
    assert one.recognition is not None
    log_format = one.recognition.log_format
    if one.compression != "plain" or one.size < 0 or not read_log_format(log_format).is_divisible:
        yield index, one.path, one.compression, log_format, site, 0, TO_THE_END
        return
    begins = cut_bytes(one.size)
    formats: list[str] | None = [log_format] * len(begins)
    if read_log_format(log_format).is_w3c and len(begins) > 1:
        formats = fields_at(one.path, log_format, begins) if os.path.isfile(one.path) else None
    if formats is None:
        yield index, one.path, one.compression, log_format, site, 0, one.size
        return
    for begin, end, text in zip(begins, [*begins[1:], one.size], formats, strict=True):
        yield index, one.path, one.compression, text, site, begin, end


def cut_bytes(size: int) -> list[int]:
    """Where the pieces of a plain input begin.

    >>> [begin // 2**20 for begin in cut_bytes(300 * 2**20)]
    [0, 64, 128, 160, 192, 224, 256, 288]
    """
    large = 4 * PIECE_BYTES
    large_end = max(0, size - LAST_PIECES * PIECE_BYTES) // large * large
    return [*range(0, large_end, large), *range(large_end, size, PIECE_BYTES)]
