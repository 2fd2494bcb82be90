"""What attacks on `footfall nightly` are: each publishes a small log and returns what it learned about few people.

An attack that returns nothing has failed, as it should. The attacks are in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.attacks.logs import K, Log, day, publish, truth_of
from tests.attacks.solver import attack
from tests.running import Rows, read_published

Evidence = list[str]
Attack = Callable[[Path], Evidence]

ATTACKS: Final[dict[str, Attack]] = {}
DB: Final = "traffic.duckdb"
ITALY: Final = "151.20.7.{}"
FRANCE: Final = "90.0.7.{}"
SPAIN: Final = "88.0.7.{}"


def attacks(run: Attack) -> Attack:
    """Add an attack to the list, by its name."""
    ATTACKS[run.__name__] = run
    return run


def read(folder: Path) -> dict[str, Rows]:
    """The published tables."""
    return read_published(folder / DB)


def naming(published: Mapping[str, Rows], *texts: str) -> Evidence:
    """The rows, outside the run's books, in which one of some texts stands."""
    return [
        f"{name} names {text}"
        for name, rows in published.items()
        for row in rows
        for text in texts
        if any(isinstance(value, str) and text in value for column, value in row.items() if column != "input")
    ]


def rows_of(published: Mapping[str, Rows], number: int) -> set[tuple[Any, ...]]:
    """All rows of a day of June."""
    return {
        (name, *sorted((column, str(value)) for column, value in row.items()))
        for name, rows in published.items()
        for row in rows
        if row.get("day") == day(number) and row.get("grain", "day") == "day"
    }


def small_counts(rows: Rows, measures: tuple[str, ...]) -> Evidence:
    """Counts of rows from 1 to k - 1."""
    return [f"{measure} {row[measure]}" for row in rows for measure in measures if 0 < (row.get(measure) or 0) < K]


def several(log: Log, number: int, addresses: str, visitors: int) -> None:
    """Visitors of one place on a day, always others."""
    for place in range(visitors):
        log.visit(number, ("/", "/programme"), minute=700 + place, client=addresses.format(20 * number + place))


def solve(folder: Path, log: Log, first: int, last: int, about: tuple[str, ...], **options: Any) -> Evidence:
    """What the solver finds about some quantities or tables."""
    publish(folder, log, first, last, **options)
    result = attack(folder / DB, truth_of(log, first, last, **options), K)
    assert not set(about) & set(result.not_understood)
    return [str(one.label) for one in result.answers.narrow if set(one.label.what.split()) & set(about)]
