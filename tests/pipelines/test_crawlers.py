"""What bots read and which errors they meet, as a run publishes it: against rows told by hand, and the reference."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from tests.reference.tables import compute
from tests.running import compare, published_tables, reference_settings
from tests.test_reference import line

GPT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot"
UNLISTED = "Quietreader-bot/0.1"
OPTIONS: dict[str, Any] = {"log_format": "footfall", "site": "shop.example"}


def content() -> dict[str, bytes]:
    """People read in one folder; bots there and elsewhere."""
    lines = []
    for number in range(12):
        lines.append(line("01 10:00:00", "/events/jazz", client=f"192.0.2.{number}", cookie=f"c{number}"))
        # The page that one person saw is told together with this one.
        lines.append(line("01 10:00:30", "/about/us", client=f"192.0.2.{number}", cookie=f"c{number}"))
        lines.append(line("01 10:01:00", "/talks/jazz.mp3", client=f"192.0.2.{number}", cookie=f"c{number}"))
        lines.append(line("01 10:02:00", "/gone/jazz", client=f"192.0.2.{number}", cookie=f"c{number}", status=404))
    lines.append(line("01 10:00:00", "/letters/anna", client="192.0.2.1", cookie="c1"))
    # The page that one person met is told together with the smaller one of two.
    for page, people in (("/gone/bach", 6), ("/gone/anna", 1)):
        for number in range(people):
            lines.append(line("01 10:03:00", page, client=f"192.0.2.{number}", cookie=f"c{number}", status=404))
    for path, status in (
        *(("/events/jazz", 200), ("/events/old/", 404), ("/events/old/er", 410), ("/talks/poetry.mp3", 206)),
        *(("/letters/anna", 200), ("/made-up/name", 404), ("/", 304), ("/robots.txt", 200)),
        *(("/gone/jazz", 404), ("/gone/jazz", 404), ("/gone/anna", 404), ("/letters/anna", 500), ("/anna", 404)),
    ):
        lines.append(line("01 11:00:00", path, client="20.0.0.1", agent=GPT, status=status))
    lines.append(line("01 11:00:00", "/events/jazz", client="20.0.0.2", agent=UNLISTED, status=503))
    return {"access.log": "\n".join(lines).encode()}


def test_bots_are_told_by_folder_and_status() -> None:
    rows = published_tables(content(), **OPTIONS, k=5)["crawlers"]
    of_gpt = [
        (row["page_group"], row["status_class"], row["hits"], row["bytes_sent"])
        for row in rows
        if row["name"] == "GPTBot"
    ]
    assert sorted(of_gpt) == [
        *(("(other)", "2xx", 1, 100), ("(other)", "4xx", 4, 400), ("(other)", "5xx", 1, 100)),
        *(("/", "2xx", 1, 100), ("/", "3xx", 1, 100), ("/", "4xx", 1, 100)),
        *(("/events/…", "2xx", 1, 100), ("/events/…", "4xx", 2, 200)),
        ("/talks/…", "2xx", 1, 100),
    ]
    (other,) = [row for row in rows if row["name"] != "GPTBot"]
    assert (other["day"], other["name"], other["page_group"], other["status_class"]) == (
        *(date(2026, 6, 1), "(other)", "/events/…"),
        "5xx",
    )


def test_errors_of_bots_are_told_by_page_where_people_name_it() -> None:
    rows = published_tables(content(), **OPTIONS, k=5)["crawler_errors"]
    of_gpt = [(row["page"], row["status"], row["hits"]) for row in rows if row["name"] == "GPTBot"]
    assert sorted(of_gpt) == [
        # One person asked for the letters, nobody for what is made up or lies at the top.
        *(("(other)", 404, 2), ("(other)", 500, 1)),
        *(("/events/…", 404, 1), ("/events/…", 410, 1)),
        *(("/gone/jazz", 404, 2), ("/gone/…", 404, 1)),
    ]
    (other,) = [row for row in rows if row["name"] != "GPTBot"]
    assert (other["name"], other["page"], other["status"], other["hits"]) == ("(other)", "/events/jazz", 503, 1)


@pytest.mark.parametrize("k", [1, 5])
def test_crawlers_are_those_of_the_definitions(k: int) -> None:
    inputs = content()
    expected = compute(inputs, reference_settings(Settings(**OPTIONS, k=k)))
    found = compare(published_tables(inputs, **OPTIONS, k=k), expected)
    assert found == {table: ([], []) for table in expected}
