"""The visits of a bucket as columns, from which declared tables are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Flags, Ints


@dataclass(frozen=True)
class VisitColumns:
    """One value for each visit; `rows` are VISIT_ROWS columns, `entry` and `exit` are row numbers."""

    rows: Columns
    begin_ms: Ints
    end_ms: Ints
    page_views: Ints
    entry: Ints
    exit: Ints
    is_fallback: Flags
    is_cut: Flags
    is_completed: Flags
    """Whether each visit reached a goal."""
    is_never_issued: Flags
    is_misused: Flags
    """Whether the cookie audit finds `never_issued`, or anything else, of the day."""
    is_misused_in_week: Flags
    is_misused_in_month: Flags
    """Whether it finds anything else of the day or week, or of any span."""

    @property
    def is_bounce(self) -> Flags:
        """Whether each visit has exactly one page view."""
        return self.page_views == 1

    @property
    def is_unfound(self) -> Flags:
        """Whether the cookie audit finds nothing of the day about each visit."""
        return ~self.is_never_issued & ~self.is_misused

    @property
    def duration_s(self) -> Ints:
        """The whole seconds from the first hit to the last one of each visit."""
        return (self.end_ms - self.begin_ms) // 1000

    def at_entry(self, column: str) -> NDArray[Any]:
        """Return the values of each visit's first page view in a column of VISIT_ROWS."""
        return self.rows[column][self.entry]

    def at_exit(self, column: str) -> NDArray[Any]:
        """Return the values of each visit's last page view in a column of VISIT_ROWS."""
        return self.rows[column][self.exit]
