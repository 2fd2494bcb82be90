"""Writes figures as the readers of a language do, with Babel's data of that language (Unicode CLDR)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import format_decimal, format_percent

from footfall.pipelines.report.figures import Change, Value
from footfall.pipelines.report.texts import LANGUAGES
from footfall.transforms.vocabulary import NONE, OTHER, UNKNOWN

MISSING: Final = "–"
"""Stands for a value that is not published."""

_BYTES: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_TRANSLATED: Final = ("kind", "traffic_class", "category", "device", "finding")
"""Columns whose values are words of Footfall."""


class ValueWriter:
    """Texts, figures, days and names in one language, as plain text."""

    def __init__(self, language: str, k: int) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._texts: Mapping[str, str] = LANGUAGES[language]
        self._k = k

    def text(self, key: str, **values: object) -> str:
        """The text of a key, filled in. Raises KeyError."""
        filled = self._texts[key].format(k=self._k, **values)
        return filled.replace("k = ", "k\xa0=\xa0")

    def has_text(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts

    def value(self, value: Value, unit: str) -> str:
        """A figure with its unit."""
        if value is None:
            return MISSING
        if unit == "share":
            return self.share(value)
        if unit == "ratio":
            return self._decimal(value, "#,##0.00")
        if unit == "bytes":
            return self._bytes(value)
        if unit == "seconds":
            minutes, seconds = divmod(round(value), 60)
            return f"{minutes}\xa0min {seconds}\xa0s" if minutes else f"{seconds}\xa0s"
        if unit == "ms":
            return f"{self._decimal(value, '#,##0' if value >= 10 else '#,##0.0')}\xa0ms"
        return self._decimal(value, "#,##0")

    def share(self, value: float) -> str:
        """A share in per cent; more digits near the whole, where outages show."""
        digits = "0.00" if 0.99 < value < 1 else "0.0" if value < 1 else "0"
        return str(format_percent(value, f"{digits}\xa0%" if self.language == "de" else f"{digits}%", self.locale))

    def tick(self, value: float, unit: str) -> str:
        """A figure at the axis of a chart."""
        if unit == "share":
            pattern = "0.###\xa0%" if self.language == "de" else "0.###%"
            return str(format_percent(value, pattern, self.locale, decimal_quantization=True))
        if unit == "ms":
            return f"{self._decimal(value, '#,##0.#')}\xa0ms"
        return self._decimal(value, "#,##0.#")

    def change(self, change: Change, unit: str) -> str:
        """A change with its sign."""
        points = round(100 * change.change, 1)
        arrow = "▲" if points > 0 else "▼" if points < 0 else "="
        number = self._decimal(abs(points), "0.0")
        number = f"{'+' if points > 0 else '−' if points < 0 else '±'}{number}"
        if unit == "share":
            return f"{arrow}\xa0{number}\xa0{self.text('points')}"
        return f"{arrow}\xa0{number}{chr(0xA0) if self.language == 'de' else ''}%"

    def day(self, day: date, style: str = "long") -> str:
        """A day: long, or short for charts, or with its weekday (full)."""
        if style == "short":
            return str(format_date(day, "d. MMM" if self.language == "de" else "d MMM", self.locale))
        if style == "full":
            return str(format_date(day, "EEE, d. MMMM y" if self.language == "de" else "EEE d MMMM y", self.locale))
        return str(format_date(day, "d. MMMM y" if self.language == "de" else "d MMMM y", self.locale))

    def time(self, time: datetime) -> str:
        """A day and time in the time zone that it has."""
        pattern = "d. MMM y, HH:mm" if self.language == "de" else "d MMM y, HH:mm"
        return str(format_datetime(time, pattern, locale=self.locale))

    def weekday(self, number: int) -> str:
        """The short name of a weekday, 1 for Monday."""
        return str(get_day_names("abbreviated", "stand-alone", self.locale)[number - 1])

    def name(self, column: str, value: str | int | None) -> str:
        """A key of a row: what is a word of Footfall or a country's code is translated, all else is as it is."""
        if value is None:
            return self.text("value_(unknown)")
        if value in (UNKNOWN, NONE, OTHER):
            return self.text(f"value_{value}")
        if column == "country":
            return str(self.locale.territories.get(str(value), value))
        if column in _TRANSLATED:
            return self._texts.get(f"{column}_{value}", str(value))
        return str(value)

    def _decimal(self, value: float, pattern: str) -> str:
        return str(format_decimal(value, pattern, self.locale))

    def _bytes(self, value: float) -> str:
        power = 0
        while value >= 1000 and power < len(_BYTES) - 1:
            value, power = value / 1000, power + 1
        return f"{self._decimal(value, '0.0' if power and value < 100 else '#,##0')}\xa0{_BYTES[power]}"
