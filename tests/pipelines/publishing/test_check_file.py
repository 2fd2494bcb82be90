"""The gate finds what must not be published, and lets through whatever a clean page may be called."""

from __future__ import annotations

import random
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing import publish
from footfall.pipelines.publishing.check_file import ADVERTISERS_NUMBER
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.personal.sought import SOUGHT
from footfall.transforms.describing.scrub_texts import scrub
from tests.commands import BROWSER, log_line
from tests.running import publish_logs

LOG = "".join(log_line(number) for number in range(20)).encode()

PLANTED = {
    "no address": [
        "192.0.2.77",
        "from 198.51.100.9 again",
        "2001:db8:0:1:2:3:4:5",
        "2001:db8::77",
        "[2001:db8::77]:80",
    ],
    "no e-mail address": ["jane.doe@example.org", "jane%40mail.example.org"],
    "no user agent": [BROWSER, "curl, Mozilla/5.0", "x AppleWebKit/537.36 y"],
    "no cookie or other identifier": [
        "0123456789abcdef0123456789abcdef",
        "/x/550e8400-e29b-41d4-a716-446655440000",
        "00ff00ff00ff00ff",
    ],
}


def plant(monkeypatch: pytest.MonkeyPatch, statement: str, value: object) -> None:
    """Let a statement slip into the fresh file just before it is checked."""
    check = publish.check_file

    def plant_and_check(connection: duckdb.DuckDBPyConnection, *arguments: object) -> None:
        connection.execute(statement, [value])
        check(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "check_file", plant_and_check)


@pytest.mark.parametrize(("promise", "text"), [(promise, text) for promise, texts in PLANTED.items() for text in texts])
def test_every_pattern_finds_its_own_and_none_else(promise: str, text: str) -> None:
    found = {
        name
        for name, (pattern, _) in SOUGHT.items()
        if duckdb.execute("SELECT regexp_matches(?, ?)", [text, pattern]).fetchall() == [(True,)]
    }
    assert found == {promise}


@pytest.mark.parametrize(
    ("statement", "value", "promise", "place"),
    [
        ("UPDATE fresh.pages SET page = ?", "/for/192.0.2.77", "no address", "pages.page"),
        ("UPDATE fresh.days SET site = ?", "2001:db8::77", "no address", "days.site"),
        ("UPDATE fresh.referrers SET source = ?", "jane@example.org", "no e-mail address", "referrers.source"),
        ("UPDATE fresh.technology SET browser = ?", BROWSER, "no user agent", "technology.browser"),
        (
            "INSERT INTO fresh.searches VALUES ('2026-06-01', 'default', 'day', ?, 99, 99, 0, 0)",
            "0123456789abcdef" * 2,
            "no cookie",
            "s",
        ),
        ("UPDATE fresh.traffic SET bytes_sent = ?", 2**62 + 12345, "no digest of a client or session", "traffic.bytes"),
        *(
            (
                f"INSERT INTO fresh.pages BY NAME SELECT DATE '2026-06-01' AS day, 'default' AS site, 'week' AS grain, "
                f"'/rare' AS page, 99 AS visits, ?::BIGINT AS {measure}",
                number,
                "no row of fewer than k visitors",
                "pages",
            )
            for measure, number in (("entries", 9), ("exits", 2), ("bounces", 5))
        ),
        ("UPDATE fresh.visits SET cut_visits = ?", 7, "no row of fewer than k visitors", "visits"),
        ("UPDATE fresh.os_versions SET visits = ?", 9, "no row of fewer than k visitors", "os_versions"),
        (
            "INSERT INTO fresh.errors VALUES ('2026-06-01', 'default', 'day', 404, '/gone', 99, ?)",
            9,
            "no row of fewer than k visitors",
            "errors",
        ),
        ("UPDATE fresh.pages SET page_views = page_views + ?", 4_321, "the books balance", "pages"),
        ("UPDATE fresh.traffic SET hits_4xx = ?", 9, "no hits of fewer than k people", "traffic"),
        ("UPDATE fresh.traffic SET hits = ?", None, "no hits of fewer than k people", "traffic"),
        ("UPDATE fresh.traffic SET hour = NULL, bytes_sent = ?", 4_321, "no hits of fewer than k people", "traffic"),
        ("UPDATE fresh.protocols SET hits = ?", 9, "no hits of fewer than k people", "protocols"),
        (
            "INSERT INTO fresh.latency VALUES ('2026-06-01', 3, 'default', 'human', 0, 1, ?)",
            9,
            "no hits of fewer than k people",
            "latency",
        ),
        (
            "INSERT INTO fresh.bots VALUES ('2026-06-01', 'default', 'automated', 'curl', 'library', ?, 0)",
            9,
            "no hits of fewer than k people",
            "bots",
        ),
        ("UPDATE fresh.locations SET visits = ?", 4_321, "the books balance", "locations"),
        ("UPDATE fresh.inputs SET lines = ?", 4_321, "the books balance", "inputs"),
    ],
)
def test_one_finding_and_nothing_is_published(
    statement: str, value: object, promise: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "traffic.duckdb"
    if statement.startswith("UPDATE fresh.pages"):
        publish_logs(tmp_path, {"a.log": LOG})
    before = db.read_bytes() if db.exists() else None
    plant(monkeypatch, statement, value)
    with pytest.raises(RunError) as refused:
        publish_logs(tmp_path, {"a.log": LOG}, replace=True)
    told = str(refused.value)
    assert re.match(rf"not published: the promise '{promise}[^']*' is broken by \d+ rows of {place}", told)
    assert "the old file is unchanged" in told
    assert str(value) not in told
    assert (db.read_bytes() if db.exists() else None) == before
    assert {entry.name for entry in tmp_path.iterdir()} <= {"logs", db.name, f".{db.name}.lock"}


ODD_NAMES = (
    "/12:30:45:00",
    "/a:b:c:d:e:f:a",
    "/Mozilla/5.0 (X11) AppleWebKit/537.36 Gecko/20100101",
    "/::ffff",
    "/dead:beef::1",
    "/v1.2.3.4",
    "/1.2.3.4.5",
    "/256.256.256.256",
    "/0123456789abcde",
    "/a@b.c",
    "/a@b@c.example",
    "/vue@3.2.1",
    "/%2540",
    "/1::",
    "/x::y::z",
    "/2001:db8:0:1:2:3:4:5:6",
    "/00:1a:2b:3c:4d:5e",
)


def test_no_name_of_a_page_or_phrase_stops_the_publishing() -> None:
    dice = random.Random(7)
    texts = [
        "".join(dice.choices("0123456789abcdefABCDEFxyz:.-_@%/ +[]()é", k=dice.randint(1, 60))) for _ in range(12_000)
    ]
    texts += ["".join(dice.choices([*ODD_NAMES, "/", ":", ".", "a", "1"], k=dice.randint(1, 4))) for _ in range(4_000)]
    paths = pa.array(["/" + text.lstrip("/") for text in texts])
    phrases = scrub(pa.array([text.lower() for text in texts]))
    campaigns = scrub(pa.array([text.lower() for text in texts]), campaigns=True)
    campaigns = pc.replace_substring_regex(campaigns, ADVERTISERS_NUMBER, "")
    for promise, (pattern, _) in SOUGHT.items():
        for named in (name_pages(paths)["page"].combine_chunks(), phrases, campaigns):
            # RE2, as in DuckDB.
            found = named.filter(pc.match_substring_regex(named, pattern)).to_pylist()
            assert not found, f"{promise}: {found}"
