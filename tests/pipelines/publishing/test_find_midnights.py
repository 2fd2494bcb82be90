"""Days with few visits over a midnight do not tell page views by the day of the hit, as the reference says."""

from __future__ import annotations

from pathlib import Path

from footfall.pipelines.settings import Settings
from tests.attacks.attacks import read
from tests.attacks.logs import Log, day, options_of, publish
from tests.reference import compute
from tests.running import compare, reference_settings

TABLES = ("traffic", "kinds", "kind_latency", "page_latency")


def test_page_views_of_few_over_a_midnight_are_not_told_by_the_day_of_the_hit(tmp_path: Path) -> None:
    log = Log()
    log.edges(2, 5)
    for number in (2, 3, 4, 5):
        for minute, seconds in ((600, 0.02), (700, 0.3), (800, 5)):
            log.crowd(number, 12, ("/", "/site.css", "/programme"), minute=minute, seconds=seconds)
        log.crowd(number, 15, ("/a/", "/logo.png"), minute=900)
    log.crowd(2, 12, ("/", "/gone"), status=404)
    # The first visits begin on a day that is not published; of the others there are enough.
    log.crowd(1, 2, ("/a/b",) * 40, minute=23 * 60 + 57)
    log.crowd(3, 12, ("/a/b",) * 20, minute=23 * 60 + 58)
    log.crowd(5, 3, ("/a/b",) * 20, minute=23 * 60 + 58)
    publish(tmp_path, log, 2, 5)
    published = read(tmp_path)
    expected = compute({"access.log": log.content()}, reference_settings(Settings(**options_of(2, 5))))
    assert compare(published, {table: expected[table] for table in TABLES}) == {table: ([], []) for table in TABLES}
    kinds = {
        number: {row["kind"] for row in published["kinds"] if row["day"] == day(number)} for number in (2, 3, 4, 5)
    }
    assert "documents" in kinds[2] and "(other)" in kinds[5]
    assert "page_view" in kinds[3] & kinds[4] and "page_view" not in kinds[2] | kinds[5]
    untold = {row["day"] for row in published["traffic"] if row["page_views"] is None and row["hour"] is not None}
    assert untold == {day(2), day(5)}
    folders = {(row["day"], row["page_group"]) for row in published["page_latency"]}
    assert (day(2), "/a/…") not in folders and {(day(2), "/"), (day(3), "/a/…")} <= folders
