"""A client with more hits on a day than any browser sends is a machine, and none of these hits is gathered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footfall.pipelines.settings import Settings
from footfall.transforms import vocabulary
from footfall.transforms.behaviour import floods
from footfall.transforms.behaviour.divide_clients import DividedClients, read_machines
from footfall.transforms.exchange.exchange_rows import open_buckets, write_buckets
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import CLIENT_COLUMNS, MACHINE, ROW_COLUMNS, ROW_SCHEMAS, TO_ADOPT
from tests.behaviour_logs import CHROME, MAGAZINE, write
from tests.commands import Operator
from tests.pipelines.test_repeated_elements import make_options
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

MOST = 80
"""No client of the magazine has as many hits on a day."""
FORMAT = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{sid}C"'


@pytest.fixture(autouse=True)
def _floods_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "FLOOD_HITS", MOST)
    monkeypatch.setattr(floods, "FLOOD_HITS", MOST)


def flood(address: str, day: int, hits: int, cookie: str = "-", agent: str = CHROME) -> bytes:
    """Hits of one client from the morning to shortly after midnight."""
    lines = []
    for number in range(hits):
        minute = number * 1460 // hits
        at = f"{day + minute // 1440:02}/Jun/2025:{minute // 60 % 24:02}:{minute % 60:02}:07 +0000"
        path = ("/", "/about", "/missing", "/static/site.js", "/.env")[number % 5]
        status = 404 if path in ("/missing", "/.env") else 200
        sent = cookie if number % 3 else "-"
        lines.append(f'{address} - - [{at}] "GET {path} HTTP/1.1" {status} {number} "-" "{agent}" "{sent}"\n')
    return "".join(lines).encode()


def content() -> dict[str, bytes]:
    people = b"".join(line + b' "-"\n' for line in write(MAGAZINE, 3).content.splitlines())
    return {
        "a.log": people + flood("192.0.2.1", 10, 100) + flood("192.0.2.2", 10, 200, "c1") + flood("192.0.2.3", 10, 75),
        # The cookie of a flood is another client's, too; and half of a flood is in another log.
        "b.log": flood("192.0.2.4", 10, 30, "c1") + flood("192.0.2.5", 9, 95) + flood("192.0.2.1", 10, 90, "c2"),
    }


@pytest.mark.parametrize("behaviour", [True, False])
def test_all_tables_are_those_of_the_reference(behaviour: bool) -> None:
    options: dict[str, Any] = {"log_format": FORMAT, "k": 2, "behaviour": behaviour}
    logs = content()
    found = published_tables(logs, **options)
    assert differences(found, compute(logs, reference_settings(Settings(**options)))) == []
    told = {row["day"].day: row["hits"] for row in found["bots"] if row["name"] == "flood"}
    # Of the 390 hits of two clients, a fifth are probes, a class of their own, and one is of the next day.
    assert told == ({10: 311} if behaviour else {})


def test_parse_tells_them(tmp_path: Path, operator: Operator) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(flood("192.0.2.1", 10, 100) + flood("192.0.2.3", 10, 75))
    ran = operator.run("parse", "--behaviour", "--log-format", FORMAT, log)
    told = [json.loads(line) for line in ran.out.splitlines()]
    classes = {(line["client"], line["traffic_class"], line["class_reason"]) for line in told if line["path"] == "/"}
    assert classes == {("192.0.2.1", "automated", "flood"), ("192.0.2.3", "automated", "probes")}


def test_what_is_gathered_does_not_grow_with_a_flood(tmp_path: Path) -> None:
    """Hits that differ in nothing but their bytes are one, and each file is read by itself."""
    days, references = LocalDays("UTC"), []
    for _ in range(6):
        for kind in (TO_ADOPT, MACHINE):
            rows = {name: np.full(MOST // 2, 7, dtype=CLIENT_COLUMNS[name]) for name in ROW_COLUMNS[kind]}
            rows["bytes_sent"] += np.arange(MOST // 2)
            references += list(write_buckets(str(tmp_path), kind, 1, rows, rows["client"], 1))
    (bucket,) = open_buckets([reference for _, reference in references], ROW_SCHEMAS)
    divided = DividedClients(bucket, make_options(tmp_path), days)
    assert tuple(column.tolist() for column in divided.floods.verdicts[:2]) == ([7], [0])
    sent = 6 * sum(range(7, 7 + MOST // 2))
    found = []
    for part in divided.parts((TO_ADOPT, MACHINE)):
        assert part.rows.count_rows((TO_ADOPT,)) == 0
        found.append(read_machines(part, MOST))
        assert max(len(rows["client"]) for _, rows in part.rows.parts()) == MOST // 2
    assert [(len(machines["client"]), machines["bytes_sent"].sum()) for machines in found] == [(2, 2 * sent)]
    assert len(list(tmp_path.iterdir())) == len(references), "the files of parts are left"
