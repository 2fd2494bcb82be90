"""Cuts a log into files as servers leave them behind: rotated with an overlap, copied, dealt over two servers."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RotatedLogs:
    """Three sets of files; each holds the lines of the one log, so each must give the same totals."""

    rotated: list[Path]
    """`access.log.2.gz`, `access.log.1` and `access.log`, the last lines of one also the first of the next."""
    copied: list[Path]
    """The log, and the same under another name and compressed."""
    balanced: list[Path]
    """The log's lines, every other one in the log of a second server."""


def split_like_rotation(log: Path, folder: Path, overlap_lines: int = 40) -> RotatedLogs:
    """Writes the files into `rotated`, `copied` and `balanced` under `folder`; reads the log whole.

    `overlap_lines` is how many lines stand twice where a file was copied and truncated while it was written to.
    ValueError if a third of the log is not longer than that.
    """
    lines = log.read_bytes().splitlines(keepends=True)
    third = len(lines) // 3
    if third <= overlap_lines:
        raise ValueError(
            f"{log.name}: {len(lines)} lines; expected more than three times {overlap_lines} to cut it in three."
        )
    return RotatedLogs(
        rotated=[
            _write(folder / "rotated" / "access.log.2.gz", lines[:third]),
            _write(folder / "rotated" / "access.log.1", lines[third - overlap_lines : 2 * third]),
            _write(folder / "rotated" / "access.log", lines[2 * third - overlap_lines :]),
        ],
        copied=[
            _write(folder / "copied" / "access.log", lines),
            _write(folder / "copied" / "saved-access.log.gz", lines),
        ],
        balanced=[
            _write(folder / "balanced" / "web-1.log", lines[0::2]),
            _write(folder / "balanced" / "web-2.log", lines[1::2]),
        ],
    )


def _write(path: Path, lines: list[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = b"".join(lines)
    # Without a time in its header, the same lines make the same compressed file.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
