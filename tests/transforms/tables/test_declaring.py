"""A declaration whose parts contradict each other is refused, with the table's name and what was expected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from footfall.transforms.tables import published
from footfall.transforms.tables.declaring import Column, Total, count_hits_by
from footfall.transforms.tables.hit_tables import BY_DAY, BY_HOUR, BY_MACHINE, BY_SITE, NUMBER_OF_HITS, TRAFFIC
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES_BY_NAME

LOCATIONS, ERRORS = TABLES_BY_NAME["locations"], TABLES_BY_NAME["errors"]
assert LOCATIONS.cells is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"levels": ()}, r"table locations: levels: \[\], expected", id="rows of people that nothing folds"
        ),
        pytest.param({"levels": LOCATIONS.levels[:2]}, "table locations: levels", id="a key that folding leaves"),
        pytest.param({"levels": (("place", "NULL"),)}, "table locations: levels", id="a key that the table has not"),
        pytest.param({"within": ERRORS}, "table locations: last level", id="a table within one that shares no key"),
        pytest.param(
            {"keys": tuple(key for key in LOCATIONS.keys if key.name != "grain")},
            r"table locations: key columns without a grain: \['grain'\], expected \[\]",
            id="spans that rows do not name",
        ),
        pytest.param(
            {"keys": LOCATIONS.keys[:-1], "levels": LOCATIONS.levels[1:]},
            "table locations: keys",
            id="a key that is counted and not published",
        ),
        pytest.param(
            {"cells": replace(LOCATIONS.cells, parts={"exits": 1})},
            r"table locations: parts: \['exits'\], expected \[\]",
            id="a part that is no measure",
        ),
        pytest.param(
            {"measures": (*LOCATIONS.measures, Column("exits", "BIGINT", ""))},
            r"table locations: measures without a partial measure: \['exits'\]",
            id="a measure that is not counted",
        ),
        pytest.param({"totals": (Total("hits", "days", "sum(hits)"),)}, "totals", id="a total of no measure"),
    ],
)
def test_a_contradiction_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(LOCATIONS, **change)


def test_a_table_that_nothing_fills_is_refused() -> None:
    with pytest.raises(ValueError, match="table traffic: 0 partial tables and no sql; declare the sql"):
        replace(TRAFFIC, partials=(), sql="")


def test_a_folded_column_is_other_or_null_by_its_type() -> None:
    assert (ERRORS.folded_value("page"), ERRORS.folded_value("status")) == ("'(other)'", "NULL")


def test_keys_of_more_than_64_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="odd: keys of more than 64 bits"):
        count_hits_by("odd", (BY_DAY, BY_SITE, BY_HOUR, BY_MACHINE), {"hits": NUMBER_OF_HITS})


def test_two_partial_tables_of_one_name_are_refused() -> None:
    twin = replace(TRAFFIC, name="twin", partials=(replace(TRAFFIC.partials[0]),))
    with pytest.raises(ValueError, match="table twin: another partial table is called traffic"):
        published._by_name([TRAFFIC, twin])


def test_a_table_newer_than_the_version_is_refused() -> None:
    with pytest.raises(ValueError, match="table traffic: since version"):
        published._by_name([replace(TRAFFIC, since=SCHEMA_VERSION + 1)])
