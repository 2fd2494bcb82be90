"""Incidents: bad minutes and silences, on their borders and at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from footfall.pipelines.publishing.find_incidents import find_incidents, find_site_incidents
from footfall.transforms.values.local_days import LocalDays
from tests.reference.incidents import error_spans, silent_spans

Spans = list[tuple[str, int, int]]


def spans_of(minutes: Mapping[int, tuple[int, int]]) -> Spans:
    """Kind, first minute and minute after the last one of the incidents of one site; minutes → (hits, 5xx)."""
    ordered = np.array(sorted(minutes), dtype=np.int64)
    hits, errors = np.array([minutes[minute] for minute in sorted(minutes)], dtype=np.int64).T
    return [
        (str(row["kind"]), minute_of(row["started"]), minute_of(row["ended"]))
        for row in find_site_incidents(ordered, hits, errors, LocalDays("UTC"))
    ]


def minute_of(time: object) -> int:
    """Minutes since 1970."""
    assert isinstance(time, datetime)
    return (time - datetime(1970, 1, 1)) // timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param({7: (50, 5)}, [("errors", 7, 8)], id="five errors, a tenth of the hits"),
        pytest.param({7: (4, 4)}, [], id="four errors"),
        pytest.param({7: (51, 5)}, [], id="less than a tenth"),
        pytest.param({7: (9, 9), 8: (9, 9)}, [("errors", 7, 9)], id="two minutes in a row"),
        pytest.param({7: (9, 9), 8: (9, 0), 9: (9, 0), 10: (9, 9)}, [("errors", 7, 11)], id="a gap of two minutes"),
        pytest.param(
            {7: (9, 9), 8: (9, 0), 9: (9, 0), 10: (9, 0), 11: (9, 9)},
            [("errors", 7, 8), ("errors", 11, 12)],
            id="a gap of three minutes",
        ),
        pytest.param({7: (9, 9), 10: (9, 9)}, [("errors", 7, 11)], id="a gap without any hit"),
    ],
)
def test_runs_of_bad_minutes(minutes: dict[int, tuple[int, int]], expected: Spans) -> None:
    assert spans_of(minutes) == expected


@pytest.mark.parametrize(
    ("before", "after", "silence", "is_incident"),
    [
        pytest.param(4, 4, 5, True, id="20 hits expected in five minutes"),
        pytest.param(4, 3, 5, False, id="15 at the lower of the two rates"),
        pytest.param(9, 9, 4, False, id="four minutes are too short"),
        pytest.param(1, 1, 20, True, id="one hit a minute, twenty minutes"),
        pytest.param(1, 1, 19, False, id="nineteen minutes"),
    ],
)
def test_silence_where_traffic_was_to_be_expected(before: int, after: int, silence: int, is_incident: bool) -> None:
    minutes = {100 + minute: (before, 0) for minute in range(60)}
    minutes |= {160 + silence + minute: (after, 0) for minute in range(60)}
    assert spans_of(minutes) == ([("silence", 160, 160 + silence)] if is_incident else [])


@pytest.mark.parametrize("seed", range(20))
def test_random_minutes_have_the_incidents_of_the_definitions(seed: int) -> None:
    random = Random(seed)
    hits: Counter[int] = Counter()
    errors: Counter[int] = Counter()
    minute = 0
    while minute < 1500:
        minute += random.choice((1, 1, 1, 1, 2, 4, 5, 6, 7, 9, 30)) if random.random() < 0.15 else 1
        hits[minute] = random.randrange(1, 60)
        errors[minute] = random.choice((0, 0, 0, 4, 5, 6, hits[minute])) if hits[minute] >= 6 else 0
    found = spans_of({minute: (hits[minute], errors[minute]) for minute in hits})
    expected = [("errors", *span) for span in error_spans(hits, errors)]
    expected += [("silence", *span) for span in silent_spans(hits)]
    assert sorted(found) == sorted(expected)
    assert {kind for kind, _, _ in found} == {"errors", "silence"}


NAMES = pa.table({"id": [1, 2], "text": ["one.example", "two.example"]})


def minutes_of(*rows: tuple[int, ...]) -> pa.Table:
    """The partial table `minutes`."""
    names = ["site", "minute", "hits", "hits_5xx", "human_hits", "human_hits_5xx"]
    return pa.table([pa.array(column, pa.int64()) for column in zip(*rows, strict=True)], names=names)


def visitors_of(*rows: tuple[int, ...]) -> pa.Table:
    """The partial table `error_visitors`."""
    columns = list(zip(*rows, strict=True)) or [()] * 4
    names = ["site", "minute", "minute_before", "visitors"]
    return pa.table([pa.array(column, pa.int64()) for column in columns], names=names)


@pytest.mark.parametrize(
    ("humans", "humans_5xx", "visitors", "told"),
    [
        pytest.param(0, 0, [], (20, 12), id="errors of a monitor alone"),
        pytest.param(15, 12, [(1, 7, -1, 2)], None, id="few people met them, and no monitor"),
        pytest.param(15, 11, [(1, 7, -1, 2)], (None, None), id="a monitor met one, too"),
        pytest.param(8, 0, [], (None, 12), id="only a monitor met them, while few people were there"),
        pytest.param(15, 12, [(1, 7, -1, 2), (1, 8, -1, 1)], (20, 12), id="people enough"),
        pytest.param(15, 12, [(1, 7, -1, 2), (1, 8, 7, 1)], None, id="one of them twice"),
        pytest.param(15, 12, [(1, 7, 5, 2), (1, 8, 6, 1)], (20, 12), id="people who met others before"),
        pytest.param(15, 12, [(1, 6, -1, 9), (1, 9, -1, 9), (2, 7, -1, 9)], None, id="others before and after"),
    ],
)
def test_incidents_of_few_people_are_not_told(
    humans: int, humans_5xx: int, visitors: list[tuple[int, ...]], told: tuple[int | None, int | None] | None
) -> None:
    minutes = minutes_of(
        (1, 7, 10, 6, humans // 2, humans_5xx // 2), (1, 8, 10, 6, humans - humans // 2, humans_5xx - humans_5xx // 2)
    )
    rows = find_incidents(minutes, visitors_of(*visitors), NAMES, LocalDays("UTC"), 3).to_pylist()
    assert [(row["hits"], row["hits_5xx"]) for row in rows] == ([] if told is None else [told])


def test_each_site_has_its_own_incidents_on_the_day_on_which_they_began() -> None:
    late = 1_780_000_000 // 60 // 1440 * 1440 + 22 * 60 + 30  # 22:30 UTC
    minutes = minutes_of((1, late, 9, 9, 0, 0), (2, late, 9, 1, 0, 0), (1, late + 1, 8, 8, 0, 0))
    (row,) = find_incidents(minutes, visitors_of(), NAMES, LocalDays("Europe/Berlin"), 10).to_pylist()
    began = datetime(1970, 1, 1) + timedelta(minutes=late)
    assert row == {
        "day": date(1970, 1, 1) + timedelta(minutes=late + 120),
        "site": "one.example",
        "started": began,
        "ended": began + timedelta(minutes=2),
        "kind": "errors",
        "hits": 17,
        "hits_5xx": 17,
    }
