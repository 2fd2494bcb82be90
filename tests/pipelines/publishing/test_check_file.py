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
from footfall.pipelines.publishing.check_published import check_published
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.personal.common_addresses import LOOK_LIKE_ADDRESSES
from footfall.transforms.describing.personal.sought import ADVERTISERS_NUMBER, SOUGHT, is_sought
from footfall.transforms.describing.read_queries import read_searches
from footfall.transforms.describing.scrub_texts import scrub
from tests.attacks.logs import BOT, RARE, Log
from tests.attacks.logs import publish as publish_log
from tests.commands import BROWSER, log_line
from tests.running import publish_logs, read_published

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


FINDINGS = [
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
        "INSERT INTO fresh.kind_latency VALUES ('2026-06-01', 'default', 'asset', 0, 1, ?)",
        11,
        "no hits of fewer than k people",
        "kind_latency",
    ),
    (
        "INSERT INTO fresh.bots VALUES ('2026-06-01', 'default', 'automated', 'curl', 'library', ?, 0)",
        9,
        "no hits of fewer than k people",
        "bots",
    ),
    ("UPDATE fresh.locations SET visits = ?", 4_321, "the books balance", "locations"),
    ("UPDATE fresh.inputs SET lines = ?", 4_321, "the books balance", "inputs"),
]
"""Statements that change the new file, a value for them, and the promise and place that are found to be broken."""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file that nothing is wrong with."""
    folder = tmp_path_factory.mktemp("clean")
    publish_logs(folder, {"a.log": LOG})
    assert not any(one.findings for one in check_published(folder / "traffic.duckdb"))
    return (folder / "traffic.duckdb").read_bytes()


@pytest.mark.parametrize(("statement", "value", "promise", "place"), FINDINGS)
def test_each_finding_has_its_promise_and_place(
    statement: str, value: object, promise: str, place: str, clean: bytes, tmp_path: Path
) -> None:
    db = tmp_path / "traffic.duckdb"
    db.write_bytes(clean)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{db}' AS fresh")
        connection.execute(statement, [value])
    (found,) = (one for one in check_published(db) if one.findings and one.promise.startswith(promise))
    assert found.place.startswith(place)


@pytest.mark.parametrize(
    ("statement", "value", "promise", "place"),
    [one for one in FINDINGS if one[0].startswith(("UPDATE fresh.pages", "UPDATE fresh.days", "UPDATE fresh.inputs"))],
)
def test_one_finding_and_nothing_is_published(
    statement: str,
    value: object,
    promise: str,
    place: str,
    clean: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db = tmp_path / "traffic.duckdb"
    if statement.startswith("UPDATE fresh.pages"):
        db.write_bytes(clean)
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
        "".join(dice.choices("0123456789abcdefABCDEFxyz:.-_@%/ +[]()é", k=dice.randint(1, 60))) for _ in range(1_500)
    ]
    texts += ["".join(dice.choices([*ODD_NAMES, "/", ":", ".", "a", "1"], k=dice.randint(1, 4))) for _ in range(800)]
    paths = pa.array(["/" + text.lstrip("/") for text in texts])
    phrases = scrub(pa.array([text.lower() for text in texts]))
    campaigns = scrub(pa.array([text.lower() for text in texts]), campaigns=True)
    campaigns = pc.replace_substring_regex(campaigns, ADVERTISERS_NUMBER, "")
    for promise, (pattern, _) in SOUGHT.items():
        for named in (name_pages(paths)["page"].combine_chunks(), phrases, campaigns):
            # RE2, as in DuckDB.
            searched = pc.replace_substring_regex(named, LOOK_LIKE_ADDRESSES, "-")
            found = named.filter(pc.match_substring_regex(searched, pattern)).to_pylist()
            assert not found, f"{promise}: {found}"


MADE_UP = (
    *(
        "/download/v\u200b1.2.3.4",
        "/img/logo@2x.png",
        "/1\u200b0.0.0.1",
        "/release/\u200b4.19.0.128",
        "/x/fe80::1\u200b:2",
    ),
    *("/router/192.168.1.1", "/wechat-8.0.47.60/apk", "/dns/8.8.8.8/1.1.1.1", "/x/127.0.0.1.9.9", "/x/::ffff:8.8.8.8"),
)
"""Content that the check would take for an address but for its exceptions, also with something invisible in it."""


@pytest.mark.parametrize("end", [*MADE_UP, "/1.2.3.4.5.6", "/1:2:3:4:5:6:7:8:9:10", "/v1.2.3.4.5"])
def test_no_name_that_is_cut_or_made_to_hide_something_stops_the_publishing(end: str) -> None:
    paths = [f"/{'word ' * 45}"[:length] + end for length in range(150, 205)]
    paths += [path.replace("/", "", 1) for path in paths]
    pages = name_pages(pa.array(paths))["page"].to_pylist()
    phrases = read_searches(pa.array([f"q={path}" for path in paths]), ["q"]).to_pylist()
    assert not [page for page in pages if is_sought(page, "path")]
    assert not [phrase for phrase in phrases if is_sought(phrase, "phrase")]


@pytest.mark.parametrize("text", [*PLANTED["no address"], *MADE_UP, "version 10.0.0.77", "a 8.8.8.8 b 192.0.2.77"])
def test_the_look_while_scrubbing_agrees_with_the_check(text: str) -> None:
    statement = "SELECT " + " OR ".join(
        f"regexp_matches(regexp_replace($1, '{LOOK_LIKE_ADDRESSES}', '-', 'g'), '{pattern}')"
        for pattern, _ in SOUGHT.values()
    )
    assert duckdb.execute(statement, [text]).fetchall() == [(is_sought(text, "path"),)]


def test_what_was_checked_does_not_tell_how_many_pages_one_visitor_saw(tmp_path: Path) -> None:
    """Of a day on which one person came nothing else is told."""
    checked = []
    for pages in (3, 9):
        folder = tmp_path / str(pages)
        folder.mkdir()
        log = Log()
        log.edges(2, 2)
        log.visit(2, client="66.249.66.1", agent=BOT)
        log.visit(2, [f"/{number}" for number in range(pages)], client=RARE.format(7))
        publish_log(folder, log, 2, 2)
        checked.append(read_published(folder / "traffic.duckdb")["promises"])
    assert checked[0] == checked[1] != []
