"""What a log was recognised as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from footfall.pipelines.inputs.identify_content import EMPTY

AUTO: Final = "auto"
"""The log format that is to be recognised."""
MIN_SHARE: Final = 0.5
"""A log of whose lines fewer fit is something else, or needs its own format string."""


@dataclass(frozen=True)
class Recognition:
    """A log's format, how many of the sample's lines fit it, and how many follow each of its formats.

    `hints` tell what the lines hold that is not read.
    """

    log_format: str
    fitting: int
    sampled: int
    by_format: tuple[int, ...] = field(default=(), compare=False)
    hints: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_unlikely(self) -> bool:
        """Whether most lines are something else."""
        return self.fitting < MIN_SHARE * self.sampled


@dataclass(frozen=True)
class Unrecognized:
    """Why a file is not read as an access log: what it is, or which formats are nearest, and what can be done."""

    problem: str
    remedy: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in the file."""
        return self.problem == EMPTY
