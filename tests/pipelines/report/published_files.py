"""Published files with rows made up at random, in which every table has NULLs, folded names and all grains."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from footfall.pipelines.publishing.publish import FRESH, begin_file
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES
from footfall.transforms.visits.visit_lengths import BUCKETS
from footfall.transforms.vocabulary import (
    ASKED_KINDS,
    AUDIT_FINDINGS,
    DEVICES,
    OTHER,
    REFERRER_KINDS,
    TRAFFIC_CLASSES,
    UNKNOWN,
)

FIRST = date(2026, 3, 1)
SITE = "www.example.org"
NAMES = tuple(f"/{word}" for word in "about contact events/… products/lamp products/vase search magazine team".split())
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "\u202eevil\u202c שלום مرحبا",
    "a" * 2_000,
    "=cmd|' /C calc'!A0",
    "&lt;b&gt; &amp; \x00\x07",
)


def write_file(
    db: Path, days: int = 70, sites: Sequence[str] = (SITE,), names: Sequence[str] = NAMES, rows: int = 6, seed: int = 1
) -> Path:
    """Write a file of that many days from `FIRST` on; `rows` is how many a table has for a span at most."""
    draw = random.Random(seed)
    with begin_file(db, db.parent) as connection:
        connection.execute("USE fresh")
        for table in TABLES:
            records = list(_rows(table, draw, days, sites, names, rows))
            names_of = [one.name for one in table.columns]
            arrow = pa.Table.from_pylist([dict(zip(names_of, record, strict=True)) for record in records])
            connection.register("arrow", arrow)
            connection.execute(
                f"INSERT INTO {table.name} SELECT DISTINCT {', '.join(names_of)} FROM arrow ORDER BY ALL"
            )
            connection.unregister("arrow")
        connection.execute("USE memory; DETACH fresh")
    (db.parent / FRESH).rename(db)
    return db


def _rows(
    table: Table, draw: random.Random, days: int, sites: Sequence[str], names: Sequence[str], rows: int
) -> Iterator[tuple[Any, ...]]:
    if table.name == "runs":
        yield _run(table)
        return
    if not table.by_day:
        for name in names[:3]:
            yield tuple(
                {**_values(table, draw, names), "run_id": "r1", "input": name}.get(one.name) for one in table.columns
            )
        return
    for day in (FIRST + timedelta(number) for number in range(days)):
        for site in sites:
            spans = [(day, "day")] if table.has_grain else [(day, None)]
            if table.has_grain and (day.weekday() == 0 or day.day == 1):
                spans.append((day, "week"))
            if table.has_grain and day.day == 1:
                spans.append((day, "month"))
            for first, grain in spans:
                seen = set()
                if table.name == "visit_lengths":
                    drawn = list(_lengths(draw))
                else:
                    count = 1 if table.name in ("days", "visits") else draw.randint(1, rows)
                    drawn = [_values(table, draw, names) for _ in range(count)]
                for row in drawn:
                    row |= {"day": first, "site": site, "grain": grain, "run_id": "r1"}
                    key = tuple(row[one.name] for one in table.keys)
                    if key not in seen:
                        seen.add(key)
                        yield tuple(row[one.name] for one in table.columns)


def _lengths(draw: random.Random) -> Iterator[dict[str, Any]]:
    """The buckets of a day, of which some are joined."""
    for measure, begins in BUCKETS.items():
        told = [begins[0], *(begin for begin in begins[1:] if draw.random() < 0.95)]
        for least, following in pairwise([*told, None]):
            most = None if following is None else following - 1
            yield {"measure": measure, "at_least": least, "at_most": most, "visits": draw.randint(10, 900)}


def _run(table: Table) -> tuple[Any, ...]:
    now = datetime(2026, 6, 1, 3)
    own = {
        "run_id": "r1",
        "started_at": now,
        "finished_at": now,
        "version": "0",
        "k": 10,
        "timezone": "Europe/Berlin",
        "geo_source": "DB",
        "geo_built_on": date(2026, 2, 1),
        "user_agent_rules": "1",
        "options_digest": "1",
        "schema_version": SCHEMA_VERSION,
    }
    return tuple(own[one.name] for one in table.columns)


def _values(table: Table, draw: random.Random, names: Sequence[str]) -> dict[str, Any]:
    return {one.name: _value(table, one.name, one.type, draw, names) for one in table.columns}


def _value(table: Table, name: str, kind: str, draw: random.Random, names: Sequence[str]) -> Any:
    words = {
        "traffic_class": TRAFFIC_CLASSES,
        "kind": {"incidents": ("errors", "silence"), "kinds": (*ASKED_KINDS, OTHER), "kind_latency": ASKED_KINDS}.get(
            table.name, (*REFERRER_KINDS, OTHER)
        ),
        "category": ("ai crawler", "ai assistant", "search engine", *names[:2]),
        "status_class": ("2xx", "4xx", "5xx", OTHER),
        "device": (*DEVICES, OTHER),
        "finding": (*AUDIT_FINDINGS, OTHER),
        "country": ("DE", "FR", "US", UNKNOWN, OTHER),
        "told_in": ("month",),
        "status": (404, 410, 500, 503, None),
    }
    is_hidden = draw.random() < 0.15
    if name in words:
        return draw.choice(words[name])
    if name == "hour":
        return None if is_hidden else draw.randint(0, 23)
    if name.startswith(("started", "ended")) and table.name == "incidents":
        return datetime(2026, 4, draw.randint(1, 28), draw.randint(0, 10) + (12 if name.startswith("ended") else 0))
    if kind == "VARCHAR":
        return OTHER if is_hidden else draw.choice(names)
    if kind == "BOOLEAN":
        return draw.random() < 0.9
    if kind == "TIMESTAMP":
        return datetime(2026, 6, 1)
    if name == "bucket_ms":
        return 2.0 ** draw.randint(1, 10)
    if kind == "DOUBLE":
        return 1.0
    if name == "findings":
        return 0
    hides = {
        "visits": ("bounces", "duration_s", "visitors", "visits", "page_views"),
        "pages": ("entries", "exits", "bounces"),
        "traffic": ("page_views", "bytes_sent", "hits_4xx", "hits_5xx"),
        "errors": ("visits",),
        "broken_links": ("visits",),
        "downloads": ("visits", "partial"),
        **dict.fromkeys(
            ("referrers", "campaigns", "locations", "technology"), ("bounces", "duration_s", "completions")
        ),
        "days": ("hits_5xx",),
    }
    if is_hidden and name in hides.get(table.name, ()):
        return None
    return draw.randint(1_000, 2_000) if (table.name, name) == ("visits", "visits") else draw.randint(10, 900)
