"""Computes the places of line charts that need no script, in per cent of the plot, so that they scale to any width.

Where a browser runs scripts, the library draws them from the table below each (`templates/charts.js`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from footfall.pipelines.report.figures import Day, Incident, Span

_TICKS = 4


@dataclass(frozen=True)
class Line:
    """A series: runs of neighbouring points `x,y`, and points that stand alone."""

    series: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Chart:
    """A line chart over days, weeks or months. All places are per cent from the left or from the top."""

    name: str
    unit: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, float], ...]
    """(place, value)"""
    labelled_days: tuple[tuple[float, str, Day | Span], ...]
    """(place, the text's anchor, day)"""
    incomplete: tuple[float, ...]
    """Left edges of days to hatch."""
    incidents: tuple[tuple[float, Incident], ...]
    incidents_of: Mapping[int, Sequence[Incident]]
    """By the number of the day."""
    day_width: float
    days: tuple[Day | Span, ...]


def draw_chart(
    name: str,
    unit: str,
    days: Sequence[Day | Span],
    series: Sequence[str],
    incidents: Sequence[Incident] = (),
    low: float = 0,
) -> Chart:
    """Place series of days or spans, which are names of their fields, between `low` and a round number above."""
    width = 100 / len(days)
    values = [value for one in series for day in days if (value := getattr(day, one)) is not None]
    ticks = choose_ticks(low, max(values, default=low + 1))

    def place(value: float) -> float:
        return round(100 * (1 - (value - ticks[0]) / (ticks[-1] - ticks[0])), 2)

    numbers = {day.day: number for number, day in enumerate(days)}
    incidents_of: dict[int, list[Incident]] = {}
    for one in incidents:
        if one.started.date() in numbers:
            incidents_of.setdefault(numbers[one.started.date()], []).append(one)
    return Chart(
        name=name,
        unit=unit,
        lines=tuple(_line(one, days, width, place) for one in series),
        ticks=tuple((place(value), value) for value in ticks),
        labelled_days=tuple(_label_days(days, width)),
        incomplete=tuple(round(number * width, 3) for number, day in enumerate(days) if day.complete is False),
        incidents=tuple((round((number + 0.5) * width, 3), one) for number, own in incidents_of.items() for one in own),
        incidents_of=incidents_of,
        day_width=round(width, 3),
        days=tuple(days),
    )


def choose_ticks(low: float, high: float) -> list[float]:
    """At most five round numbers from `low` or below it to `high` or above it.

    >>> choose_ticks(0, 734)
    [0, 200, 400, 600, 800]
    """
    span = max(high - low, 1e-6)
    magnitude = 10.0 ** math.floor(math.log10(span / _TICKS))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude * _TICKS >= span * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [round(number * step, 9) for number in range(first, last + 1)]


def _line(series: str, days: Sequence[Day | Span], width: float, place: Callable[[float], float]) -> Line:
    runs: list[list[tuple[float, float]]] = [[]]
    for number, day in enumerate(days):
        value = getattr(day, series)
        if value is None:
            runs.append([])
        else:
            runs[-1].append((round((number + 0.5) * width, 2), place(value)))
    return Line(
        series,
        tuple(" ".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1),
        tuple(run[0] for run in runs if len(run) == 1),
    )


def _label_days(days: Sequence[Day | Span], width: float) -> list[tuple[float, str, Day | Span]]:
    """The first day and the last, and some between them if there is room on a telephone."""
    last = len(days) - 1
    numbers = sorted({round(last * part / 3) for part in range(4)}) if last >= 6 else sorted({0, last})
    anchors = {0: "start", last: "end"}
    if last == 0:
        return [(50.0, "middle", days[0])]
    return [
        (
            {0: 0.0, last: 100.0}.get(number, round((number + 0.5) * width, 2)),
            anchors.get(number, "middle"),
            days[number],
        )
        for number in numbers
    ]
