"""Incidents: bad minutes and silences, on their borders and at random."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from footfall.pipelines.publishing.find_incidents import find_incidents, find_site_incidents
from footfall.transforms.arrays import Ints
from footfall.transforms.values.local_days import LocalDays
from tests.reference.incidents import error_spans, silent_spans

Spans = list[tuple[str, int, int]]
DAY = 1440


@dataclass
class Site:
    """What a site was asked for, by minute: hits and 5xx of people and monitors, and whether a machine asked."""

    hits: dict[int, tuple[int, int]] = field(default_factory=dict)
    monitors: dict[int, int] = field(default_factory=dict)
    """Hits of monitors among them."""
    machines: set[int] = field(default_factory=set)
    visitors: dict[int, set[int]] = field(default_factory=dict)
    """By hour."""

    def minutes(self) -> dict[str, Ints]:
        """Its rows of the partial table `minutes`."""
        ordered = sorted(self.hits.keys() | self.machines)
        hits, errors = np.array([self.hits.get(minute, (0, 0)) for minute in ordered], dtype=np.int64).T
        machines = np.array([minute in self.machines for minute in ordered], dtype=np.int64)
        monitors = np.array([self.monitors.get(minute, 0) for minute in ordered], dtype=np.int64)
        return {
            "minute": np.array(ordered, dtype=np.int64),
            "hits": hits,
            "hits_5xx": errors,
            "human_hits": hits - monitors,
            "machine_hits": machines,
        }

    def asking(self) -> dict[str, Ints]:
        """Its rows of the partial table `asking_visitors`, without the site."""
        before: dict[int, int] = {}
        rows = []
        for hour in sorted(self.visitors):
            for visitor in sorted(self.visitors[hour]):
                rows.append((hour, before.get(visitor, -1), 1))
                before[visitor] = hour
        columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return dict(zip(("hour", "hour_before", "visitors"), columns, strict=True))

    def ask(
        self, minutes: Iterable[int], hits: int, visitors: int, monitors: int = 0, *, by_machines: bool = False
    ) -> Site:
        """Ask in each of the minutes; visitors are the same ones each time."""
        for minute in minutes:
            self.hits[minute] = (hits + monitors, 0)
            self.monitors[minute] = monitors
            self.visitors.setdefault(minute // 60, set()).update(range(visitors))
            if by_machines:
                self.machines.add(minute)
        return self

    def spans(self, k: int = 10) -> Spans:
        """Kind, first minute and minute after the last one of the incidents."""
        return [
            (str(row["kind"]), minute_of(row["started"]), minute_of(row["ended"]))
            for row in find_site_incidents(self.minutes(), self.asking(), LocalDays("UTC"), k)
        ]


def spans_of(minutes: Mapping[int, tuple[int, int]]) -> Spans:
    """The incidents of a site that only a monitor asked; minutes → (hits, 5xx)."""
    return Site(dict(minutes), machines=set(minutes)).spans()


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
    ("before", "after", "monitors", "silence", "is_incident"),
    [
        pytest.param(60, 60, 0, 60, True, id="60 people expected in an hour"),
        pytest.param(60, 59, 0, 60, False, id="59 at the lower of the two rates"),
        pytest.param(60, 60, 0, 59, False, id="59 minutes"),
        pytest.param(720, 720, 0, 5, True, id="five minutes"),
        pytest.param(900, 900, 0, 4, False, id="four minutes are too short"),
        pytest.param(10, 10, 1, 52, True, id="a monitor that asks each minute"),
        pytest.param(10, 10, 1, 51, False, id="for a minute less"),
        pytest.param(9, 10, 9, 60, False, id="fewer than several people before"),
        pytest.param(10, 9, 9, 60, False, id="fewer than several people after"),
    ],
)
def test_silence_where_arrivals_were_to_be_expected(
    before: int, after: int, monitors: int, silence: int, is_incident: bool
) -> None:
    site = Site().ask(range(120, 180), 50, before, monitors, by_machines=True)
    site.ask(range(180 + silence, 240), 50, after, monitors, by_machines=True)
    site.ask(range(240, 300), 50, after, monitors, by_machines=True)
    assert site.spans() == ([("silence", 180, 180 + silence)] if is_incident else [])


def site_of_days(days: int, gap: range, visitors: int, *, usual: range = range(0)) -> Site:
    """A site that was asked in each minute of some days but the `usual` ones, and the `gap` on the last but one."""
    site = Site()
    for day in range(days):
        silent = {*usual, *(gap if day == days - 2 else ())}
        site.ask((day * DAY + minute for minute in range(DAY) if minute not in silent), 2, visitors, by_machines=True)
    return site


@pytest.mark.parametrize(
    ("days", "visitors", "usual", "is_incident"),
    [
        pytest.param(8, 40, range(0), True, id="20 people in half an hour, on days that are busy at this time"),
        pytest.param(8, 39, range(0), False, id="fewer people"),
        pytest.param(6, 119, range(0), False, id="many people, but less than a week"),
        pytest.param(6, 120, range(0), True, id="so many that no other days are needed"),
        pytest.param(8, 120, range(603, 628), False, id="a time at which it is silent on all days"),
    ],
)
def test_what_is_usual_is_known_from_the_same_minutes_of_other_days(
    days: int, visitors: int, usual: range, is_incident: bool
) -> None:
    site = site_of_days(days, range(600, 630), visitors, usual=usual)
    begin = (days - 2) * DAY
    assert (("silence", begin + 600, begin + 630) in site.spans()) == is_incident


def test_the_night_of_a_small_site_is_no_outage() -> None:
    """Whoever comes at night makes many hits, and two of them come hours apart."""
    random = Random(5)
    site = Site()
    for day in range(20):
        for hour in range(24):
            for person in range(40 if 6 <= hour < 22 else random.choice((0, 1))):
                begin = day * DAY + hour * 60 + random.randrange(55)
                site.visitors.setdefault(begin // 60, set()).add(100 * hour + person)
                site.hits.update({minute: (40, 0) for minute in range(begin, begin + 5)})
    assert site.spans() == []


def test_a_server_that_answers_machines_is_not_silent() -> None:
    site = site_of_days(8, range(600, 630), 40)
    site.machines.update(range(6 * DAY + 600, 6 * DAY + 630, 4))
    assert site.spans() == []


def test_a_few_hits_a_day_make_no_silence() -> None:
    site = Site()
    for day in range(300):
        site.ask([day * 22 * 60], 6, 6)
    assert site.spans() == []


@pytest.mark.parametrize(
    ("last", "first", "expected"),
    [
        (False, False, (600, 660)),
        (True, False, (605, 660)),
        (False, True, (600, 635)),
        (True, True, (605, 635)),
    ],
)
def test_when_a_person_asked_is_not_told(last: bool, first: bool, expected: tuple[int, int]) -> None:
    site = site_of_days(8, range(605, 635), 40)
    begin = 6 * DAY
    site.machines -= {*([] if last else [begin + 604]), *([] if first else [begin + 635])}
    assert site.spans() == [("silence", begin + expected[0], begin + expected[1])]


@pytest.mark.parametrize("seed", range(20))
def test_random_minutes_have_the_incidents_of_the_definitions(seed: int) -> None:
    random = Random(seed)
    site = Site()
    asked: dict[int, bool] = {}
    minute = 10 * DAY
    end_of_log = minute + random.choice((2, 9)) * DAY
    while minute < end_of_log:
        minute += random.choice((1, 1, 2, 6, 7, 9, 30)) if random.random() < 0.02 else 1
        if minute % DAY in range(300, 330):
            continue
        hits = random.randrange(1, 60)
        site.hits[minute] = (hits, random.choice((0, 0, 0, 4, 5, 6, hits)) if hits >= 6 else 0)
        site.monitors[minute] = min(hits, 2 + seed % 3)
        site.visitors.setdefault(minute // 60, set()).update(random.sample(range(40), random.choice((1, 4))))
        asked[minute] = random.random() < 0.5
        if asked[minute]:
            site.machines.add(minute)
    per_minute = Counter({minute: hits for minute, (hits, _) in site.hits.items()})
    per_minute_5xx = Counter({minute: errors for minute, (_, errors) in site.hits.items()})
    clients = {hour: {("", str(one), None) for one in own} for hour, own in site.visitors.items()}
    expected = [("errors", *span) for span in error_spans(per_minute, per_minute_5xx)]
    for first, end in silent_spans(asked, per_minute, Counter(site.monitors), clients, 10):
        expected.append(
            ("silence", first if asked[first - 1] else first - first % 60, end if asked[end] else end + -end % 60)
        )
    assert sorted(site.spans()) == sorted(expected)
    assert {kind for kind, _, _ in expected} == {"errors", "silence"}


NAMES = pa.table({"id": [1, 2], "text": ["one.example", "two.example"]})


def minutes_of(*rows: tuple[int, ...]) -> pa.Table:
    """The partial table `minutes`."""
    names = ["site", "minute", "hits", "hits_5xx", "human_hits", "human_hits_5xx", "machine_hits"]
    columns = zip(*((*row, 0) for row in rows), strict=True)
    return pa.table([pa.array(column, pa.int64()) for column in columns], names=names)


NOBODY = pa.table({name: pa.array([], pa.int64()) for name in ("site", "hour", "hour_before", "visitors")})


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
        pytest.param(15, 12, [(1, 7, -1, 2), (1, 8, -1, 1)], (15, 9), id="people enough"),
        pytest.param(15, 12, [(1, 7, -1, 2), (1, 8, 7, 1)], None, id="one of them twice"),
        pytest.param(15, 12, [(1, 7, 5, 2), (1, 8, 6, 1)], (15, 9), id="people who met others before"),
        pytest.param(15, 12, [(1, 6, -1, 9), (1, 9, -1, 9), (2, 7, -1, 9)], None, id="others before and after"),
    ],
)
def test_incidents_of_few_people_are_not_told(
    humans: int, humans_5xx: int, visitors: list[tuple[int, ...]], told: tuple[int | None, int | None] | None
) -> None:
    minutes = minutes_of(
        (1, 7, 10, 6, humans // 2, humans_5xx // 2), (1, 8, 10, 6, humans - humans // 2, humans_5xx - humans_5xx // 2)
    )
    rows = find_incidents(minutes, visitors_of(*visitors), NOBODY, NAMES, LocalDays("UTC"), 3).to_pylist()
    assert [(row["hits"], row["hits_5xx"]) for row in rows] == ([] if told is None else [told])


Minutes = list[tuple[int, int, int]]


def rows_of(minutes: Minutes, met: Mapping[int, int] | None = None, k: int = 10) -> list[tuple[int | None, int | None]]:
    """Hits and hits of 5xx of the incidents of minutes with (minute, hits, 5xx) of people.

    `met` has how many others met errors in a minute; k in each, if it is not given.
    """
    met = met or {minute: k for minute, _, _ in minutes}
    rows = find_incidents(
        minutes_of(*((1, minute, hits, errors, hits, errors) for minute, hits, errors in minutes)),
        visitors_of(*((1, minute, -1, visitors) for minute, visitors in met.items())),
        NOBODY,
        NAMES,
        LocalDays("UTC"),
        k,
    ).to_pylist()
    return [(row["hits"], row["hits_5xx"]) for row in rows]


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        pytest.param([(70, 109, 105), (80, 9, 0)], [(100, 100)], id="half of k is rounded away"),
        pytest.param([(70, 109, 104), (80, 9, 0)], [(90, 90)], id="less of the errors"),
        pytest.param([(70, 109, 104), (80, 1, 1)], [(100, 100)], id="half of k with an error besides it"),
        pytest.param([(59, 4, 4), (70, 109, 104), (120, 4, 4)], [(90, 90)], id="errors of other hours"),
        pytest.param([(70, 104, 104), (80, 104, 104)], [(90, 90), (90, 90)], id="another incident in its hour"),
        pytest.param([(70, 14, 14)], [(None, None)], id="k people made k hits at least"),
    ],
)
def test_hours_leave_half_of_k_besides_an_incident(minutes: Minutes, told: list[tuple[int | None, int | None]]) -> None:
    assert rows_of(minutes) == told


@pytest.mark.parametrize(("edge", "told"), [(10, (600, 600)), (9, (None, None))])
def test_an_incident_has_half_of_k_besides_whole_hours(edge: int, told: tuple[int | None, int | None]) -> None:
    """It is known to be 619 at most, as if 19 were rounded away, and these were."""
    minutes = [(59, edge, edge), *((minute, 10, 10) for minute in range(60, 119)), (119, 29 - edge, 29 - edge)]
    assert rows_of(minutes, k=20) == [told]
    assert rows_of(minutes[:-1], k=20) == [(580, 580)], "the hour is not wholly within"


@pytest.mark.parametrize(
    ("met", "told"),
    [
        ({1439: 10, 1440: 10}, [(100, 100)]),
        ({1439: 10, 1440: 9}, [(None, None)]),
        ({1439: 5, 1440: 4}, []),
    ],
)
def test_k_people_meet_an_incident_on_each_of_its_days(
    met: dict[int, int], told: list[tuple[int | None, int | None]]
) -> None:
    assert rows_of([(1439, 50, 50), (1440, 55, 55)], met) == told


def test_incidents_are_exact_where_one_visitor_is_enough() -> None:
    assert rows_of([(70, 109, 104), (80, 1, 1)], k=1) == [(109, 104)]


def test_each_site_has_its_own_incidents_on_the_day_on_which_they_began() -> None:
    late = 1_780_000_000 // 60 // 1440 * 1440 + 22 * 60 + 30  # 22:30 UTC
    minutes = minutes_of((1, late, 9, 9, 0, 0), (2, late, 9, 1, 0, 0), (1, late + 1, 8, 8, 0, 0))
    (row,) = find_incidents(minutes, visitors_of(), NOBODY, NAMES, LocalDays("Europe/Berlin"), 10).to_pylist()
    began = datetime(1970, 1, 1) + timedelta(minutes=late)
    assert row == {
        "day": date(1970, 1, 1) + timedelta(minutes=late + 120),
        "site": "one.example",
        "started": began,
        "ended": began + timedelta(minutes=2),
        "started_local": began + timedelta(hours=2),
        "ended_local": began + timedelta(hours=2, minutes=2),
        "kind": "errors",
        "hits": 17,
        "hits_5xx": 17,
    }
