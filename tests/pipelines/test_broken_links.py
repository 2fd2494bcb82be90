"""Which links led to nothing, as a run publishes it: against the slow reference, and against rows told by hand."""

from __future__ import annotations

from datetime import date
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


def published(k: int) -> dict[str, Rows]:
    """What a run publishes of it."""
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
