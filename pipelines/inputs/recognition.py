"""The result of detecting the log format of an input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from footfall.pipelines.inputs.identify_content import EMPTY

AUTO: Final = "auto"
"""The setting that asks for detection."""
MIN_SHARE: Final = 0.5
"""If fewer lines fit, the input has another format, or is not an access log."""


@dataclass(frozen=True)
class Recognition:
    """The log format of an input, and how many of the sampled lines fit it.

    `by_format` counts the lines of each format of a mixed log; `hints` name contents of the lines that are not read.
    """

    log_format: str
    fitting: int
    sampled: int
    by_format: tuple[int, ...] = field(default=(), compare=False)
    hints: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_unlikely(self) -> bool:
        """Whether most lines do not fit."""
        return self.fitting < MIN_SHARE * self.sampled


@dataclass(frozen=True)
class Unrecognized:
    """Why an input is not read as an access log: what it is, or the closest formats, and a remedy."""

    problem: str
    remedy: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the file is empty."""
        return self.problem == EMPTY
