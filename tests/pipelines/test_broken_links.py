"""Which links led to nothing, as a run publishes it: against the slow reference, and against rows told by hand."""

from __future__ import annotations

from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from tests.reference.tables import compute
from tests.running import Rows, compare, published_tables, reference_settings
from tests.test_reference import line

DAY = {"day": date(2026, 6, 1), "site": "shop.example", "grain": "day"}
OPTIONS: dict[str, Any] = {"log_format": "footfall", "site": "shop.example"}
OWN = "https://shop.example"
ELSEWHERE = "https://blog.partner.example/jane/2026"


def lines_of_links() -> list[str]:
    """Twelve people follow links to what is gone: from a page, from another site; a few from a page that few saw."""
    lines = []
    for number in range(12):
        client, cookie = f"192.0.2.{number}", f"c{number}"
        lines.append(line("01 10:00:00", "/events/", client=client, cookie=cookie))

        def gone(path: str, referrer: str, status: int = 404, client: str = client, cookie: str = cookie) -> None:
            lines.append(line("01 10:01:00", path, client=client, cookie=cookie, status=status, referrer=referrer))

        gone("/tickets/7", f"{OWN}/events/?week=2")
        gone("/tickets/7", f"{OWN}/events/")
        gone("/old/programme", ELSEWHERE, 410)
        # Typed, or followed from where nobody comes from; no link to what is missing; another error.
        gone("/tickets/7", "-")
        gone("/tickets/7", "https://semalt.com/crawl")
        gone("/events/", f"{OWN}/", 200)
        gone("/events/", f"{OWN}/", 403)
        if number < 3:
            gone("/tickets/7", f"{OWN}/letters/to-anna")
    return lines


@cache
def published(k: int) -> dict[str, Rows]:
    """What a run publishes of it; do not modify the result."""
    return published_tables({"access.log": "\n".join(lines_of_links()).encode()}, **OPTIONS, k=k)


def test_links_are_told_with_the_page_or_the_host_on_which_they_stand() -> None:
    assert published(1)["broken_links"] == [
        {**DAY, "status": 404, "page": "/tickets/{id}", "referrer": "/events", "hits": 24, "visits": 12},
        {**DAY, "status": 404, "page": "/tickets/{id}", "referrer": "/letters/to-anna", "hits": 3, "visits": 3},
        {**DAY, "status": 410, "page": "/old/programme", "referrer": "partner.example", "hits": 12, "visits": 12},
    ]


def test_a_link_that_few_followed_has_no_name_and_figures_are_multiples_of_k() -> None:
    rows = published(5)["broken_links"]
    assert [row for row in rows if "anna" in str(row.values())] == []
    assert all(row[measure] % 5 == 0 for row in rows for measure in ("hits", "visits") if row[measure] is not None)
    named = {(row["page"], row["referrer"]) for row in rows}
    assert ("/tickets/{id}", "/events") in named or ("/old/programme", "partner.example") in named


@pytest.mark.parametrize("k", [1, 5, 10])
def test_links_are_those_of_the_definitions(k: int) -> None:
    expected = compute(
        {"access.log": "\n".join(lines_of_links()).encode()}, reference_settings(Settings(**OPTIONS, k=k))
    )
    assert compare(published(k), expected) == {table: ([], []) for table in expected}


def random_lines(seed: int) -> list[str]:
    """Visits that meet up to three missing pages once or more, by links from up to three hosts or without one."""
    random = Random(seed)
    lines: list[str] = []
    places = [(page, host) for page in "abc"[: 1 + seed % 3] for host in ("-", "one", "two", "three")[: 2 + seed % 3]]
    for page, host in places:
        referrer = host if host == "-" else f"https://{host}.example.com/"
        for _ in range(random.choice((1, 2, 6) if host == "-" else (3, 9, 13, 14, 15, 16, 25))):
            client = f"192.0.{len(lines) // 200}.{len(lines) % 200}"
            lines.append(line("01 10:00:00", "/events/", client=client))
            for second in range(random.choice((1, 1, 2, 6))):
                lines.append(
                    line(f"01 10:00:0{second + 1}", f"/old/{page}", client=client, status=404, referrer=referrer)
                )
    return lines


def told_links(lines: list[str]) -> list[tuple[int, int | None]]:
    """Hits and visits of the links that a run publishes; the reference tells the same."""
    inputs = {"access.log": "\n".join(lines).encode()}
    tables = published_tables(inputs, **OPTIONS)
    expected = compute(inputs, reference_settings(Settings(**OPTIONS)))
    assert compare(tables, expected)["broken_links"] == ([], [])
    return [(row["hits"], row["visits"]) for row in tables["broken_links"]]


@pytest.mark.parametrize("seed", range(6))
def test_random_links_are_those_of_the_definitions(seed: int) -> None:
    assert told_links(random_lines(seed))


@pytest.mark.parametrize(
    ("linked", "others", "told"), [((1,) * 15, (9,), (20, 10)), ((2, *(1,) * 13), (1,) * 6, (10, 10))]
)
def test_links_leave_visits_that_came_otherwise(
    linked: tuple[int, ...], others: tuple[int, ...], told: tuple[int, int]
) -> None:
    """Fifteen of sixteen visits are no twenty; nor are fifteen hits, if six visits of twenty came otherwise."""
    lines = []
    for referrer, times in ((ELSEWHERE, linked), ("-", others)):
        for hits in times:
            client = f"192.0.2.{len(lines)}"
            lines.append(line("01 10:00:00", "/events/", client=client))
            lines += [line("01 10:01:00", "/old", client=client, status=404, referrer=referrer)] * hits
    assert told_links(lines) == [told]


def test_an_identifier_of_the_run_is_no_part_of_a_link() -> None:
    """A user name that somebody logged in with stands in the address of the page with the link."""
    lines = lines_of_links()
    for number in range(12):
        lines.append(
            line("01 11:00:00", "/tickets/8", client=f"192.0.2.{number}", status=404, referrer=f"{OWN}/by/bluebird")
        )
    named = line("01 11:00:00", client="192.0.2.1").replace(" - - [", " - bluebird [")
    inputs = {"access.log": "\n".join([*lines, named]).encode()}
    rows = published_tables(inputs, **OPTIONS, k=5)["broken_links"]
    assert [row for row in rows if "bluebird" in str(row.values())] == []
