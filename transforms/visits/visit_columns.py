"""The visits of a bucket as columns: what declared tables count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Flags, Ints


@dataclass(frozen=True)
class VisitColumns:
    """One value for each visit; `rows` are VISIT_ROWS, `entry` and `exit` are numbers of rows."""

    rows: Columns
    begin_ms: Ints
    end_ms: Ints
    page_views: Ints
    entry: Ints
    exit: Ints
    is_fallback: Flags
    is_cut: Flags

    @property
    def is_bounce(self) -> Flags:
        """Whether a visit has one page view."""
        return self.page_views == 1

    def at_entry(self, column: str) -> NDArray[Any]:
        """What the first page view has in a column of VISIT_ROWS."""
        return self.rows[column][self.entry]

    def at_exit(self, column: str) -> NDArray[Any]:
        """What the last page view has in a column of VISIT_ROWS."""
        return self.rows[column][self.exit]
