"""Clocks that are set, and days of 25 hours: a night publishes what the reference computes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from footfall.pipelines import run
from footfall.pipelines.settings import Settings
from tests.commands import BROWSER
from tests.reference import compute
from tests.running import LOG, days_of, differences, publish_logs, published_tables, read_published, reference_settings

BERLIN = ZoneInfo("Europe/Berlin")


def line(moment: datetime, number: int) -> str:
    """A page view, with the local time and its offset from UTC as servers write them."""
    request = f'"GET /{number % 7}.html HTTP/1.1" 200 512 "-" "{BROWSER}"'
    return f"198.51.100.{number % 60} - - [{moment:%d/%b/%Y:%H:%M:%S %z}] {request}\n"


def test_a_day_of_25_hours_is_one_day_whose_double_hour_counts_under_its_number() -> None:
    """The clocks of Berlin go back from 3:00 to 2:00 on 25 October."""
    first = datetime(2026, 10, 24, 20, tzinfo=UTC)
    moments = [first + timedelta(minutes=6 * number) for number in range(300)]
    content = "".join(line(moment.astimezone(BERLIN), number) for number, moment in enumerate(moments)).encode()
    assert b"25/Oct/2026:02:30:00 +0200" in content
    assert b"25/Oct/2026:02:30:00 +0100" in content
    day = date(2026, 10, 25)
    options: dict[str, Any] = {
        "timezone": "Europe/Berlin",
        "first_day": day,
        "last_day": day,
        "k": 3,
        "log_format": "combined",
    }
    published = published_tables({LOG: content}, **options)
    assert not differences(published, compute({LOG: content}, reference_settings(Settings(**options))))
    assert [(row["day"], row["hits"], row["complete"]) for row in published["days"]] == [(day, 250, True)]
    assert {row["hour"]: row["hits"] for row in published["traffic"]} == {
        hour: 20 if hour == 2 else 10 for hour in range(24)
    }


def test_lines_of_a_server_whose_clock_was_set_count_where_they_are_dated() -> None:
    """Two hours ahead for a while, then back: the lines are in no order, and some are dated alike."""
    first = datetime(2026, 6, 1, tzinfo=UTC)
    ahead = timedelta(hours=2)
    moments = [
        first + timedelta(minutes=10 * number) + (ahead if 60 <= number < 100 else timedelta()) for number in range(300)
    ]
    content = "".join(line(moment, number) for number, moment in enumerate(moments)).encode()
    published = published_tables({LOG: content}, k=3, log_format="combined")
    assert not differences(published, compute({LOG: content}, reference_settings(Settings(k=3, log_format="combined"))))
    assert sum(row["hits"] for row in published["days"]) == len(moments)


def test_a_clock_that_is_set_back_while_a_run_works_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SetBack(datetime):
        """Tells an hour less each time that it is asked."""

        asked = 0

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            cls.asked += 1
            return datetime.now(tz) - timedelta(hours=cls.asked)

    first = datetime(2026, 6, 1, tzinfo=UTC)
    content = "".join(line(first + timedelta(minutes=number), number) for number in range(100)).encode()
    monkeypatch.setattr(run, "datetime", SetBack)
    for _ in range(2):
        result = publish_logs(tmp_path, {LOG: content}, k=3)
        assert result.seconds > 0
    assert SetBack.asked > 2
    assert days_of(read_published(tmp_path / "traffic.duckdb"))["days"][0]["hits"] == 100
