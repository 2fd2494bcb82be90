"""The slow reference itself, on small cases whose results were worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reference import Hit, ReferenceSettings, compile_format, compute, parse_line
from tests.reference.inputs import find_duplicates
from tests.reference.lines import split_lines
from tests.reference.speeds import bucket_edge_us
from tests.reference.visits import siphash24

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
OTHER_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
GOLDEN = Path(__file__).parent / "golden"

COMBINED = ReferenceSettings()
FOOTFALL = ReferenceSettings(log_format="footfall", k=1)


def line(
    time: str,
    path: str = "/",
    *,
    client: str = "192.0.2.1",
    cookie: str = "-",
    status: int = 200,
    referrer: str = "-",
    agent: str = BROWSER,
    method: str = "GET",
) -> str:
    """A line of the format `footfall`; `time` is "01 10:00:00", a day of June 2026 in UTC, or a whole time field."""
    stamp = f"{time[:2]}/Jun/2026:{time[3:]} +0000" if len(time) == 11 else time
    return f'{client} - - [{stamp}] "{method} {path} HTTP/1.1" {status} 100 "{referrer}" "{agent}" "{cookie}" 0.010'


def tables_of(lines: Iterable[str], settings: ReferenceSettings = FOOTFALL) -> dict[str, list[dict[str, Any]]]:
    """The tables of one input that consists of these lines."""
    return compute({"access.log": "\n".join(lines).encode()}, settings)


def only(rows: list[dict[str, Any]], **key: Any) -> dict[str, Any]:
    """The one row with these values."""
    (row,) = [row for row in rows if all(row[column] == value for column, value in key.items())]
    return row


# --- lines ---


@pytest.mark.parametrize(
    ("log_format", "text", "expected"),
    [
        pytest.param(
            "common",
            b'host.example - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',
            {"client": "host.example", "address": None, "user": "frank", "time_ms": 971_211_336_000, "agent": None},
            id="a host name is a client without an address",
        ),
        pytest.param(
            "combined",
            b'::ffff:192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET /a?b#c HTTP/1.1" 304 - "-" "" "x" 7',
            {"client": "192.0.2.1", "path": "/a", "query": "b", "bytes_sent": 0, "referrer": None, "agent": None},
            id="a combined line may go on after the user agent",
        ),
        pytest.param(
            "vhost_combined",
            b'WWW.Example.org.:443 [2001:DB8::1]:99 -  [01/Jun/2026:00:00:00 +0000] "-" 000 0 "-" "-"',
            {"site": "www.example.org", "client": "2001:db8::1", "method": None, "path": None, "status": 0},
            id="an empty user and a request that is none",
        ),
        pytest.param(
            "vhost_combined",
            b'192.0.2.9:80 192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "HEAD http://a.example HTTP/1.1" 200 0 "-" "-"',
            {"site": "(unknown)", "method": "HEAD", "url": "http://a.example", "path": "/", "query": None},
            id="an address is no site and an absolute URI has a path",
        ),
        pytest.param(
            "footfall",
            rb'unix: - - [01/Jun/2026:00:00:00 +0000] "GET /a b HTTP/1.1" 200 1 '
            rb'"\xZZ\q" "\x22\xC3\xA9\t" "c\\d" 1.5, -, 0.25',
            {
                "client": "unix:",
                "path": "/a b",
                "referrer": "\\xZZ\\q",
                "agent": '"é\t',
                "session": "c\\d",
                "request_us": 1_750_000,
            },
            id="escapes of both dialects, a list of times",
        ),
        pytest.param(
            "$http_x_forwarded_for [$time_iso8601] $msec $upstream_response_time",
            b"unknown, 10.0.0.1, 198.51.100.7:80 [2026-06-01T02:00:00+02:00] 1780272000.123 0.1 : 0.2",
            {"client": "198.51.100.7", "time_ms": 1_780_272_000_123, "request_us": 300_000, "bytes_sent": 0},
            id="the first public address and the last time",
        ),
        pytest.param(
            '%h %t \\"%m\\" %D %{session}C',
            b'- [01/Jun/2026:00:00:00 +0000] "GET" -1 -',
            {"client": "-", "method": "GET", "url": None, "request_us": None, "session": None},
            id="values that are unknown",
        ),
    ],
)
def test_a_line_becomes_a_hit(log_format: str, text: bytes, expected: dict[str, Any]) -> None:
    hit = parse_line(text, ReferenceSettings(log_format=log_format))
    assert isinstance(hit, Hit)
    assert {name: getattr(hit, name) for name in expected} == expected


GOOD = line("01 10:00:00")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \t", "empty"),
        (" " * 70_000, "empty"),
        (GOOD.replace("GET /", "GET /" + "a" * 65_536), "too_long"),
        (GOOD[:50], "cut"),
        (GOOD[: GOOD.index("Firefox")], "cut"),
        (GOOD[: GOOD.index("Firefox")] + "\\", "cut"),
        (GOOD[: GOOD.rindex("0.010")], "cut"),
        (GOOD[: GOOD.index("Firefox")] + GOOD, "joined"),
        (GOOD + GOOD, "joined"),
        ("hello", "cut"),
        ("hello world, hello", "format"),
        (GOOD + " more", "format"),
        (GOOD.replace("Firefox", 'Fire"fox'), "format"),
        (GOOD.replace("192.0.2.1", "192.0.2.256"), "client"),
        (GOOD.replace("192.0.2.1", "a;b"), "client"),
        (GOOD.replace("192.0.2.1", ""), "client"),
        (GOOD.replace("01/Jun", "31/Jun"), "time"),
        (GOOD.replace(" +0000", " +0"), "time"),
        (GOOD.replace(" 200 ", " 20 "), "status"),
        (GOOD.replace(" 100 ", " 1e2 "), "number"),
        (GOOD.replace("0.010", "fast"), "number"),
        (GOOD.replace("192.0.2.1", "1.2.3").replace("01/Jun", "31/Jun").replace(" 200 ", " 20 "), "client"),
        (GOOD.replace("01/Jun", "31/Jun").replace(" 200 100 ", " 20 x "), "time"),
    ],
)
def test_a_line_that_does_not_fit_has_the_first_reason_that_holds(text: str, reason: str) -> None:
    assert parse_line(text.encode(), FOOTFALL) == reason


def test_extras_that_hold_a_second_record_are_joined() -> None:
    combined = '192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "a"'
    assert isinstance(parse_line(f"{combined} anything".encode(), COMBINED), Hit)
    assert parse_line(f"{combined} {combined}".encode(), COMBINED) == "joined"
    assert parse_line(f"{combined}anything".encode(), COMBINED) == "format"


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET /x", ("GET", "/x", None)),
        ("PRI * HTTP/2.0", ("PRI", "*", "HTTP/2.0")),
        ("GET /a HTTP/b HTTP/1.1", ("GET", "/a HTTP/b", "HTTP/1.1")),
        ("CONNECT a.example:443 HTTP/1.1", ("CONNECT", "a.example:443", "HTTP/1.1")),
        ("SSH-2.0-Go", (None, None, None)),
        ("\\x16\\x03\\x01 \\x00", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_a_request_is_split_at_the_first_and_the_last_space(
    request_line: str, expected: tuple[str | None, ...]
) -> None:
    hit = parse_line(GOOD.replace("GET / HTTP/1.1", request_line).encode(), FOOTFALL)
    assert isinstance(hit, Hit)
    assert (hit.method, hit.url, hit.protocol) == expected


def test_lines_end_at_line_feeds_only() -> None:
    assert split_lines(b"\xef\xbb\xbfa\r\n\nb\rc\x0bd\r\r\n e") == [b"a", b"", b"b\rc\x0bd\r", b" e"]
    assert split_lines(b"") == []
    assert split_lines(b"a\n") == [b"a"]


def test_a_format_needs_a_time_and_separators() -> None:
    with pytest.raises(ValueError, match="no field for the time"):
        compile_format('%h "%r"')
    with pytest.raises(ValueError, match="nothing between them"):
        compile_format("%t %U%q")


# --- visits ---


def test_a_visit_over_midnight_belongs_to_the_day_on_which_it_began() -> None:
    tables = tables_of([line("01 23:50:00", "/a", cookie="c"), line("02 00:10:00", "/b", cookie="c")])
    first, second = tables["visits"]
    assert (first["visits"], first["page_views"], first["duration_s"], first["visitors"]) == (1, 2, 1200, 1)
    # Without visits the second day is a small one, even for k = 1.
    assert (second["visits"], second["page_views"], second["duration_s"], second["visitors"]) == (None,) * 4
    assert [row["page_views"] for row in tables["traffic"]] == [1, 1]
    assert {row["day"] for row in tables["pages"]} == {date(2026, 6, 1)}


def test_the_day_of_a_visit_is_that_of_its_first_hit_not_of_its_entry_page() -> None:
    tables = tables_of([line("01 23:59:59", "/a.css", cookie="c"), line("02 00:00:01", "/a", cookie="c")])
    assert only(tables["visits"], visits=1)["day"] == date(2026, 6, 1)


@pytest.mark.parametrize(("second", "visits"), [("10:30:00", 1), ("10:30:01", 2)])
def test_a_silence_of_exactly_the_timeout_does_not_end_a_visit(second: str, visits: int) -> None:
    (row,) = tables_of([line("01 10:00:00", cookie="c"), line(f"01 {second}", cookie="c")])["visits"]
    assert row["visits"] == visits


def test_a_hit_without_a_page_view_bridges_a_silence_and_is_no_visit_alone() -> None:
    bridged = [line("01 10:00:00", cookie="c"), line("01 10:20:00", "/a.css", cookie="c")]
    (row,) = tables_of([*bridged, line("01 10:40:00", cookie="c")])["visits"]
    assert (row["visits"], row["page_views"], row["bounces"]) == (1, 2, 0)
    (row,) = tables_of([line("01 10:20:00", "/a.css", cookie="c")])["visits"]
    assert (row["visits"], row["visitors"]) == (None, None)


def test_a_first_request_joins_the_cookie_that_its_client_brings_next() -> None:
    tables = tables_of(
        [
            line("01 09:50:00", "/before", cookie="old"),
            line("01 10:00:00", "/landing", referrer="https://a.example/"),
            line("01 10:05:00", "/next", cookie="new"),
            line("01 10:06:00", "/elsewhere", client="192.0.2.2", cookie="new"),
        ]
    )
    (row,) = tables["visits"]
    assert (row["visits"], row["page_views"], row["fallback_visits"], row["visitors"]) == (2, 4, 0, 2)
    assert only(tables["pages"], page="/landing")["entries"] == 1
    assert only(tables["pages"], page="/before")["bounces"] == 1
    assert only(tables["referrers"], kind="other")["page_views"] == 3


@pytest.mark.parametrize(("coming", "fallbacks"), [("10:00:00", 0), ("10:30:00", 0), ("10:30:01", 1)])
def test_the_next_cookie_adopts_from_the_same_instant_up_to_the_timeout(coming: str, fallbacks: int) -> None:
    tables = tables_of(
        [
            line("01 10:00:00", "/landing", client="192.0.2.2"),
            line(f"01 {coming}", "/next", client="192.0.2.2", cookie="new"),
            line("01 11:40:00", "/later", client="192.0.2.2", cookie="newer"),
        ]
    )
    (row,) = tables["visits"]
    assert (row["visits"], row["fallback_visits"]) == (2 + fallbacks, fallbacks)


def test_without_a_next_cookie_a_hit_joins_the_last_one() -> None:
    before = line("01 10:00:00", "/a", cookie="c")
    (row,) = tables_of([before, line("01 10:30:00", "/b")])["visits"]
    assert (row["visits"], row["page_views"], row["fallback_visits"]) == (1, 2, 0)
    (row,) = tables_of([before, line("01 10:30:01", "/b")])["visits"]
    assert (row["visits"], row["fallback_visits"]) == (2, 1)


def test_adoption_looks_at_hits_that_carry_a_cookie_themselves() -> None:
    chain = [line("01 10:00:00", "/a"), line("01 10:20:00", "/b"), line("01 10:40:00", "/c", cookie="c")]
    (row,) = tables_of(chain)["visits"]
    assert (row["visits"], row["page_views"], row["fallback_visits"]) == (2, 3, 1)


def test_adoption_needs_the_same_site_address_and_agent() -> None:
    tables = tables_of([line("01 10:00:00"), line("01 10:00:01", agent=OTHER_BROWSER, cookie="c")])
    assert only(tables["visits"])["fallback_visits"] == 1


def test_page_views_of_one_instant_have_internal_referrers_last_then_the_digest() -> None:
    inside = "https://shop.example/"
    settings = ReferenceSettings(log_format="footfall", k=1, own_hosts=("shop.example",))
    for first, last in (("/a", "/b"), ("/b", "/a")):
        lines = [line("01 10:00:00", last, cookie="c", referrer=inside), line("01 10:00:00", first, cookie="c")]
        for order in (lines, lines[::-1]):
            tables = tables_of(order, settings)
            assert only(tables["pages"], page=first)["entries"] == only(tables["pages"], page=last)["exits"] == 1
    first, last = sorted(["/a", "/b"], key=lambda page: siphash24(page.encode()))
    tables = tables_of([line("01 10:00:00", page, cookie="c") for page in ("/a", "/b")])
    assert only(tables["pages"], page=first)["entries"] == only(tables["pages"], page=last)["exits"] == 1


def test_siphash_is_the_published_one() -> None:
    """The example of appendix A of "SipHash: a fast short-input PRF" (Aumasson and Bernstein, 2012)."""
    assert siphash24(bytes(range(15)), key=bytes(range(16))) == 0xA129CA6149BE45E5


def test_a_repeated_hour_is_counted_under_its_number() -> None:
    stamps = [f"25/Oct/2026:02:30:00 {offset}" for offset in ("+0200", "+0100")]
    settings = ReferenceSettings(log_format="footfall", k=1, timezone="Europe/Berlin")
    tables = tables_of([line(stamp, cookie=stamp[-5:]) for stamp in stamps], settings)
    (row,) = tables["traffic"]
    assert (row["day"], row["hour"], row["hits"]) == (date(2026, 10, 25), 2, 2)
    assert only(tables["visits"])["visits"] == 2


def test_a_dated_run_counts_what_surrounds_its_days_as_outside() -> None:
    """The 25-hour day of Berlin begins at 22:00 UTC and ends at 23:00 UTC."""
    day = date(2026, 10, 25)
    settings = ReferenceSettings(log_format="footfall", k=1, timezone="Europe/Berlin", first_day=day, last_day=day)
    times = {
        "24/Oct/2026:20:59:59 +0000": "too early to matter",
        "24/Oct/2026:21:59:00 +0000": "began the day before",
        "24/Oct/2026:22:01:00 +0000": "began the day before",
        "25/Oct/2026:22:59:59 +0000": "goes on after midnight",
        "25/Oct/2026:23:29:00 +0000": "goes on after midnight",
        "25/Oct/2026:23:59:00 +0000": "the next day's",
    }
    tables = tables_of([line(time, cookie=cookie) for time, cookie in times.items()], settings)
    (books,) = tables["inputs"]
    # The day is a Sunday: its week is read too.
    assert (books["lines"], books["hits"], books["outside_window"]) == (6, 4, 2)
    (row,) = tables["visits"]
    assert (row["day"], row["visits"], row["page_views"], row["cut_visits"]) == (day, 1, 2, 0)
    (row,) = tables["days"]
    assert row["complete"] and row["first_hit"] == datetime(2026, 10, 24, 22)


def test_a_dated_run_reads_a_second_timeout_for_the_cookies_that_adopt_in_the_first() -> None:
    """Without the hit at 23:10 the one at 23:35 would be a fallback visit, and c's visit would begin on the 2nd."""
    settings = ReferenceSettings(log_format="footfall", k=1, first_day=date(2026, 6, 2))
    lines = [line("01 23:10:00", cookie="c"), line("01 23:35:00"), line("02 00:04:00", cookie="c", client="192.0.2.2")]
    (row,) = tables_of(lines, settings)["visits"]
    assert (row["day"], row["visits"], row["visitors"]) == (date(2026, 6, 2), None, None)


@pytest.mark.parametrize(("end", "cut", "complete"), [("00:29:59", 1, False), ("00:30:00", 0, True)])
def test_a_visit_near_the_end_of_the_data_is_cut(end: str, cut: int, complete: bool) -> None:
    lines = [line("01 23:00:00"), line("02 23:00:00"), line("03 00:00:00"), line(f"03 {end}", agent="curl/8.0")]
    tables = tables_of(lines)
    assert only(tables["days"], day=date(2026, 6, 2))["complete"] is complete
    assert only(tables["visits"], day=date(2026, 6, 3))["cut_visits"] == cut
    assert only(tables["visits"], day=date(2026, 6, 2))["cut_visits"] == 0


# --- other tables ---


def test_searches_and_campaigns_are_those_of_the_visit() -> None:
    tables = tables_of(
        [
            line("01 10:00:00", "/?utm_source=News&utm_campaign=June", cookie="c", referrer="https://a.example/"),
            line("01 10:01:00", "/find?q=Blue++Lamp", cookie="c"),
            line("01 10:02:00", "/find?q=blue%20lamp", cookie="c"),
            line("01 10:03:00", "/?utm_source=late", cookie="c"),
        ]
    )
    campaign = only(tables["campaigns"])
    assert (campaign["source"], campaign["medium"], campaign["campaign"]) == ("news", "(none)", "june")
    assert (campaign["visits"], campaign["page_views"]) == (1, 4)
    search = only(tables["searches"])
    assert (search["phrase"], search["searches"], search["visits"]) == ("blue lamp", 2, 1)
    assert (search["exits"], search["refined"]) == (0, 0)
    assert only(tables["referrers"])["kind"] == "campaign"


def test_a_search_is_refined_by_the_next_one_or_the_end_of_its_visit() -> None:
    tables = tables_of(
        [
            line("01 10:00:00", "/find?q=blue", cookie="c"),
            line("01 10:01:00", "/lamps/7", cookie="c"),
            line("01 10:02:00", "/find?q=blue", cookie="c"),
            line("01 10:03:00", "/find?q=lamp", cookie="c"),
            line("01 10:04:00", "/find?q=lamp", cookie="c"),
            line("01 11:00:00", "/find?q=blue", cookie="c"),
        ]
    )
    found = {
        row["phrase"]: (row["searches"], row["visits"], row["exits"], row["refined"]) for row in tables["searches"]
    }
    assert found == {"blue": (3, 2, 1, 1), "lamp": (2, 1, 1, 0)}


def test_the_site_itself_is_an_internal_referrer() -> None:
    settings = ReferenceSettings(log_format="footfall", k=1, site="www.shop.example")
    referrer = only(tables_of([line("01 10:00:00", referrer="http://shop.example/x")], settings)["referrers"])
    assert (referrer["kind"], referrer["source"]) == ("internal", "(none)")


def test_errors_count_the_visits_that_met_them() -> None:
    tables = tables_of(
        [
            line("01 10:00:00", "/", cookie="c"),
            line("01 10:00:01", "/gone", cookie="c", status=404),
            line("01 10:00:02", "/gone", cookie="c", status=404),
            line("01 11:00:00", "/gone", cookie="only errors", status=404),
            line("01 11:00:00", "/gone", agent="curl/8.0", status=403),
            line("01 11:00:00", "/gone", agent="Googlebot/2.1", status=404),
            line("01 11:00:01", "/away", client="192.0.2.3", status=500),
        ]
    )
    rows = {(row["status"], row["page"]): (row["hits"], row["visits"]) for row in tables["errors"]}
    # Hits of machines come under the page (other), those of automated clients without a status; people need no visit.
    assert rows == {
        **{(404, "/gone"): (3, 1), (500, "/away"): (1, 0)},
        **{(404, "(other)"): (1, 0), (None, "(other)"): (1, 0)},
    }


@pytest.mark.parametrize(
    ("request_us", "edge_us"), [(0, 1), (1, 2), (31, 32), (32, 34), (1000, 1024), (1024, 1088), (100_000, 102_400)]
)
def test_latency_buckets_are_at_most_a_sixteenth_wide(request_us: int, edge_us: int) -> None:
    assert bucket_edge_us(request_us) == edge_us
    assert request_us < edge_us <= max(request_us + 1, request_us * 1.0625 + 1)


def minute_of_hits(minute: int, count: int, status: int = 200) -> list[str]:
    """Hits within one minute of the day."""
    return [line(f"01 {minute // 60:02}:{minute % 60:02}:{i % 60:02}", status=status) for i in range(count)]


def test_minutes_with_errors_make_an_incident_and_short_gaps_are_bridged() -> None:
    lines = [
        *minute_of_hits(600, 5, 503),
        *minute_of_hits(601, 4, 503),  # too few
        *minute_of_hits(603, 5, 500),
        *minute_of_hits(603, 45, 200),  # just a tenth
        *minute_of_hits(605, 5, 500),
        *minute_of_hits(605, 46, 200),  # less than a tenth
        *minute_of_hits(607, 6, 500),  # three minutes after the last one
    ]
    rows = tables_of(lines)["incidents"]
    spans = [(row["kind"], row["started"].minute, row["ended"].minute, row["hits"], row["hits_5xx"]) for row in rows]
    assert spans == [("errors", 0, 4, 59, 14), ("errors", 7, 8, 6, 6)]


@pytest.mark.parametrize(("after", "silences"), [(60, 1), (59, 0)])
def test_a_silence_is_an_incident_where_enough_people_were_to_be_expected(after: int, silences: int) -> None:
    """A log of a day knows no other days, so sixty people an hour are needed; the quieter side decides."""
    lines = [text for minute in range(120) for text in minute_of_hits(540 + minute + minute // 60 * 60, 10)]
    people = [*range(60), *(min(number, after - 1) for number in range(60))]
    asked = [text.replace("192.0.2.1 ", f"192.0.2.{people[number // 10]} ", 1) for number, text in enumerate(lines)]
    rows = tables_of(asked)["incidents"]
    assert [(row["kind"], row["started"].hour, row["ended"].hour) for row in rows] == [("silence", 10, 11)] * silences
    assert tables_of(lines)["incidents"] == [], "however often one of them asks"


def test_the_cookie_audit_finds_cookies_that_outlive_their_session() -> None:
    long_visit = [line(f"{3 + i // 24:02} {i % 24:02}:{m:02}:00", cookie="long") for i in range(25) for m in (0, 30)]
    tables = tables_of(
        [
            line("01 10:00:00", cookie="reused"),
            line("01 11:00:00", cookie="reused"),
            line("01 12:00:00", cookie="shared"),
            line("01 12:00:01", cookie="shared", client="192.0.2.2"),
            line("01 13:00:00", "/a", client="192.0.2.3"),
            line("01 13:00:01", "/b", client="192.0.2.3"),
            line("01 14:00:00", "/a", client="192.0.2.4"),
            *long_visit,
        ]
    )
    rows = [(row["day"].day, row["finding"], row["visits"]) for row in tables["cookie_audit"]]
    assert rows == [(1, "never_issued", 1), (1, "reused", 1), (1, "shared", 1), (3, "long", 1)]


# --- the same content under two names ---


def numbered(*numbers: int) -> list[bytes]:
    """Lines that differ."""
    return [str(number).encode() for number in numbers]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(numbered(1, 2, 3), numbered(1, 2, 3), {0, 1, 2}, id="a copy"),
        pytest.param(numbered(1, 2, 3), numbered(9, 1, 2, 3, 8), {1, 2, 3}, id="all of the first"),
        pytest.param(numbered(7, 1, 2, 3, 8), numbered(1, 2), {0, 1}, id="all of the second"),
        pytest.param(numbered(1, 2, 3), numbered(2, 3, 4), {0, 1}, id="the end of one begins the other"),
        pytest.param(numbered(2, 3, 4), numbered(1, 2, 3), {1, 2}, id="the other way round"),
        pytest.param(numbered(1, 2, 3), numbered(3, 4, 5), set(), id="an overlap of one line"),
        pytest.param(numbered(1, 5, 2), numbered(3, 5, 4), set(), id="a line that two servers share"),
        pytest.param(numbered(0, *range(10, 25), 1), numbered(2, *range(10, 25), 3), set(), id="15 in the middle"),
        pytest.param(
            numbered(0, *range(10, 26), 1), numbered(2, *range(10, 26), 3), set(range(1, 17)), id="16 in the middle"
        ),
        pytest.param(numbered(1), numbered(2, 1, 3, 1), {1, 3}, id="an input of one line"),
    ],
)
def test_content_that_stands_in_two_inputs(first: list[bytes], second: list[bytes], expected: set[int]) -> None:
    assert find_duplicates({"a": first, "b": second}) == {"a": set(), "b": expected}


def test_lines_of_one_input_are_never_compared() -> None:
    assert find_duplicates({"a": numbered(*range(20), *range(20))}) == {"a": set()}


def test_the_books_balance_and_tables_reconcile() -> None:
    rotated = [line(f"01 10:{i:02}:00", f"/{i}", cookie="c") for i in range(20)]
    current = [*rotated[10:], "torn", line("02 10:00:00", cookie="d"), line("03 10:00:00", cookie="e")]
    settings = ReferenceSettings(log_format="footfall", k=1, first_day=date(2026, 6, 1), last_day=date(2026, 6, 2))
    inputs = {"access.log": "\n".join(current).encode(), "access.log.1": "\n".join(rotated).encode()}
    tables = compute(inputs, settings)
    books = [
        (row["input"], row["lines"], row["hits"], row["outside_window"], row["rejected"], row["duplicates"])
        for row in tables["inputs"]
    ]
    assert books == [("access.log", 13, 11, 1, 1, 0), ("access.log.1", 20, 10, 0, 0, 10)]
    assert tables["rejects"] == [{"input": "access.log", "reason": "cut", "lines": 1, "first_line_number": 11}]
    assert sum(row["hits"] for row in tables["days"]) == sum(row["hits"] for row in tables["traffic"]) == 21
    for table in ("pages", "locations", "technology", "referrers"):
        assert sum(row["page_views"] for row in tables[table]) == 21, table


def test_the_golden_log_gives_the_reviewed_rows() -> None:
    """`golden/footfall.txt` says line by line what the log holds and why the rows are what they are."""
    settings = ReferenceSettings(
        log_format="footfall",
        site="shop.example",
        timezone="Europe/Berlin",
        k=2,
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 2),
    )
    tables = compute({"footfall.log": (GOLDEN / "footfall.log").read_bytes()}, settings)
    reviewed = json.loads((GOLDEN / "footfall.json").read_text())
    for table in reviewed:
        assert json.loads(json.dumps(tables[table], default=str)) == reviewed[table], table
