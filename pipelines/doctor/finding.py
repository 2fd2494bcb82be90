"""What the doctor found: one line each, with the remedy where one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "note", "warning", "error"]
"""With an error, a night fails or its figures are not whole; with a warning, it publishes less than it could."""


@dataclass(frozen=True)
class Finding:
    """One thing that a night needs; `text` is what was found, `remedy` what to do, empty if nothing."""

    topic: str
    level: Severity
    text: str
    remedy: str = ""

    def as_line(self) -> str:
        """The finding as a line of text."""
        return f"{self.level:<8} {self.topic:<12} {self.text}{f'; {self.remedy}' if self.remedy else ''}"
