"""Which files people fetched, as a run publishes it: against the slow reference, and against rows told by hand."""

from __future__ import annotations

from datetime import date

from footfall.pipelines.settings import Settings
from tests.reference.tables import compute
from tests.running import compare, published_tables, reference_settings
from tests.test_reference import line

DAY = {"day": date(2026, 6, 1), "site": "default", "grain": "day"}


def lines_of_files() -> list[str]:
    """Twelve people fetch a recording, half of them in parts, and what is no download; one fetches an archive."""
    lines = []
    for number in range(12):
        client, cookie = f"192.0.2.{number}", f"c{number}"
        lines.append(line("01 10:00:00", client=client, cookie=cookie))
        lines.append(line("01 10:01:00", "/talks/jazz.mp3", client=client, cookie=cookie))
        if number < 6:
            lines.append(line("01 10:02:00", "/talks/jazz.mp3", client=client, cookie=cookie, status=206))
        # Beside a visit: no page view comes with it.
        lines.append(line("01 15:00:00", "/talks/poetry.mp3", client=f"198.51.100.{number}", status=206))
        for url, status in (("/talks/jazz.mp3", 304), ("/talks/jazz.mp3", 404), ("/programme.pdf", 206)):
            lines.append(line("01 10:03:00", url, client=client, cookie=cookie, status=status))
    lines.append(line("01 15:05:00", "/private/letters.zip", client="203.0.113.1"))
    return lines


def test_files_are_told_with_those_who_got_all_and_those_who_got_a_part() -> None:
    inputs = {"access.log": "\n".join(lines_of_files()).encode()}
    published = published_tables(inputs, log_format="footfall", k=5)
    assert published["downloads"] == [
        {**DAY, "page": "(other)", "hits": 15, "visits": 0, "partial": 10},
        {**DAY, "page": "/talks/jazz.mp3", "hits": 20, "visits": 10, "partial": 5},
    ]
    expected = compute(inputs, reference_settings(Settings(log_format="footfall", k=5)))
    assert compare(published, expected) == {table: ([], []) for table in expected}
    kinds = {row["kind"]: row["hits"] for row in published["kinds"] if row["traffic_class"] == "human"}
    assert kinds == {"page_view": 12, "document": 12, "download": 55}


def test_a_file_that_one_fetched_has_no_name() -> None:
    published = published_tables({"access.log": "\n".join(lines_of_files()).encode()}, log_format="footfall", k=5)
    assert [row for rows in published.values() for row in rows if "letters" in str(row.values())] == []
