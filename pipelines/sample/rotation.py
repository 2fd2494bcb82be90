"""Splits a log into files as servers produce them: rotated with an overlap, copied, or from two servers."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RotatedLogs:
    """Three sets of files; each contains all lines of the same log and so must give the same totals."""

    rotated: list[Path]
    """`access.log.2.gz`, `access.log.1` and `access.log`; the last lines of each are also the first of the next."""
    copied: list[Path]
    """The log, and a compressed copy under another name."""
    balanced: list[Path]
    """The logs of two servers, with every other line each."""


def split_like_rotation(log: Path, folder: Path, overlap_lines: int = 40) -> RotatedLogs:
    """Write the files into `rotated`, `copied` and `balanced` in `folder`; the whole log is read into memory.

    `overlap_lines` lines are in two files, as after a rotation that copies and truncates a file in use. Raises
    ValueError if a third of the log has no more lines than that.
    """
    lines = log.read_bytes().splitlines(keepends=True)
    third = len(lines) // 3
    if third <= overlap_lines:
        raise ValueError(f"{log.name}: {len(lines)} lines; expected more than {3 * overlap_lines} to split it in three")
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
    # With mtime=0, the compressed file depends on its content only.
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
