"""What a worker holds while it reads a piece stays small, whatever stands in the piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.geo_data.locations import open_shared_locations
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.parse_hits import ParsePieces
from footfall.transforms.running.run_options import RunOptions, draw_run_key

MANY = 20_000


def options_for(folder: Path) -> RunOptions:
    return RunOptions(
        folder=str(folder),
        bucket_count=1,
        timezone="UTC",
        first_day=0,
        last_day=2**22,
        begin_ms=0,
        end_ms=2**62,
        timeout_ms=1_800_000,
        own_hosts=(),
        search_keys=(),
        cookie_name="",
        geo_db=None,
    )


@pytest.mark.parametrize("status", ["200", "9999"])
def test_texts_are_let_go_of_whether_or_not_their_lines_are_hits(
    status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.transforms.parse_hits.BATCH_LINES", 1_000)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 64 * 1024)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.READ_BYTES", 16 * 1024)
    monkeypatch.setattr("footfall.transforms.kernels.intern_strings.MAX_STRINGS", 2_000)
    held: list[int] = []
    make_room = Descriptions.make_room

    def watch(describe: Descriptions) -> None:
        held.append(describe.paths.strings.count)
        make_room(describe)

    monkeypatch.setattr(Descriptions, "make_room", watch)
    log = tmp_path / "access.log"
    line = '192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET /page-{} HTTP/1.1" {} 1 "-" "-"\n'
    log.write_text("".join(line.format(number, status) for number in range(MANY)))
    piece = (0, str(log), "plain", "combined", "default", 0, log.stat().st_size)
    for _ in ParsePieces(options_for(tmp_path), open_shared_locations).process(((piece,), (b"",)), draw_run_key()):
        pass
    assert sum(held) > 3_000
    assert max(held) < MANY // 4


def test_long_texts_are_described_before_many_of_them_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.transforms.describing.describe_hits.MAX_NEW_BYTES", 100_000)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 64 * 1024)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.READ_BYTES", 16 * 1024)
    waiting: list[int] = []
    describe_new = Descriptions.describe_new

    def watch(describe: Descriptions, **options: bool) -> None:
        waiting.append(sum(table.strings.bytes_from(table.described) for table in describe._tables()))
        describe_new(describe, **options)

    monkeypatch.setattr(Descriptions, "describe_new", watch)
    log = tmp_path / "access.log"
    line = '192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET /{}{} HTTP/1.1" 200 1 "-" "-"\n'
    log.write_text("".join(line.format(number, "/x" * 2_000) for number in range(200)))
    piece = (0, str(log), "plain", "combined", "default", 0, log.stat().st_size)
    for _ in ParsePieces(options_for(tmp_path), open_shared_locations).process(((piece,), (b"",)), draw_run_key()):
        pass
    assert sum(waiting) > 700_000
    assert max(waiting) < 250_000
