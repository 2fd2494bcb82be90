"""Which days and site a query is about, as SQL that can be read and run elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from footfall.transforms.tables.span_views import SPAN_END


@dataclass(frozen=True)
class Scope:
    """The days `first` to `last` of one site, or of all sites."""

    first: date
    last: date
    site: str | None = None

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def days(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(days) for days in range(self.length)]

    def moved(self, days: int) -> Scope:
        """As many days, this number of days earlier."""
        return Scope(self.first - timedelta(days), self.last - timedelta(days), self.site)

    @property
    def weeks_back(self) -> int:
        """Days of the fewest whole weeks that lead to days before `first`."""
        return -(-self.length // 7) * 7

    def where(self) -> str:
        """The condition on rows of days."""
        return f"day BETWEEN {_date(self.first)} AND {_date(self.last)}{self._and_site()}"

    def where_within(self) -> str:
        """The condition on rows with a grain whose whole span lies in the period."""
        return f"day >= {_date(self.first)} AND {SPAN_END} <= {_date(self.last)}{self._and_site()}"

    def where_across(self) -> str:
        """The condition on rows with a grain of whose span a part lies in the period, and a part does not."""
        return (
            f"day <= {_date(self.last)} AND {SPAN_END} >= {_date(self.first)} "
            f"AND (day < {_date(self.first)} OR {SPAN_END} > {_date(self.last)}){self._and_site()}"
        )

    def _and_site(self) -> str:
        return "" if self.site is None else f" AND site = {quote(self.site)}"


def quote(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _date(day: date) -> str:
    return f"DATE '{day}'"
