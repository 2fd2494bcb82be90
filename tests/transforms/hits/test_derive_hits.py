"""Hits have a traffic class and digests; of a person's address and cookie nothing else is left in them."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footfall.geo_data.locations import open_locations
from footfall.transforms.arrays import Digests, Key
from footfall.transforms.behaviour.evidence import is_hole, is_probe
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.hits.derive_hits import HitDeriver, Hits
from footfall.transforms.hits.read_lines import LineReader
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import as_key
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_addresses import CLIENT_NAME
from footfall.transforms.vocabulary import HUMAN, SEPARATOR, TRAFFIC_CLASSES

KEY, OTHER_KEY = as_key(bytes(range(16))), as_key(bytes(range(1, 17)))
LOCATIONS = Path(__file__).parents[2] / "geo_data/data/GeoLite2-City-Test.mmdb"
ENGLAND, SWEDEN = "2.125.160.216", "89.160.20.112"
"""Addresses that the test database knows."""
FULL = (
    '$host $remote_addr [$time_local] "$request" $status $bytes_sent $request_time '
    '"$http_referer" "$http_user_agent" "$cookie_session"'
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
VIEW_COLUMNS = ("location", "technology", "acquisition", "phrase")
PERSON_COLUMNS = ("client", "session", "page")


def full_line(**changes: str) -> str:
    """A page view that has everything, with some fields changed."""
    usual = {
        **{"site": "www.example.org", "client": ENGLAND, "time": "01/Jun/2026:00:00:00 +0000"},
        **{"request": "GET /a?q=shoes HTTP/1.1", "status": "200", "bytes": "10", "seconds": "0.5"},
        **{"referrer": "https://www.bing.com/", "agent": FIREFOX, "cookie": "abc"},
    }
    return '{site} {client} [{time}] "{request}" {status} {bytes} {seconds} "{referrer}" "{agent}" "{cookie}"'.format(
        **{**usual, **changes}
    )


@dataclass
class Worker:
    """Reads and derives lines as one worker does."""

    key: Key
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        self.describe = Descriptions(self.key, "shop.example", (), ("q",))
        self.reader = LineReader(self.describe, self.key, "")
        self.deriver = HitDeriver(self.describe, open_locations(LOCATIONS), LocalDays(self.timezone), self.key)

    def derive(self, *lines: str, log_format: str = FULL) -> Hits:
        """The hits of lines."""
        content = "".join(f"{line}\n" for line in lines).encode()
        (part,) = scan_block(padded(content), len(content), log_format).parts
        hits = self.deriver.derive_hits(self.reader.read_lines(part))
        assert len(hits.lines) == len(lines)
        return hits

    def names(self, digests: Digests) -> list[str | None]:
        """The text behind each digest, None for 0."""
        found = self.describe.names.table(digests).to_pydict()
        texts = dict(zip(found["id"], found["text"], strict=True))
        return [texts.get(digest) for digest in digests.tolist()]


def derive(*lines: str, log_format: str = FULL, key: Key = KEY) -> Hits:
    """The hits of lines that a fresh worker makes."""
    return Worker(key).derive(*lines, log_format=log_format)


@pytest.mark.parametrize(
    ("changes", "traffic_class", "machine"),
    [
        pytest.param({}, "human", ("", ""), id="a browser"),
        pytest.param({"agent": GOOGLEBOT}, "bot", ("Googlebot", "search engine"), id="a bot"),
        pytest.param({"agent": "curl/8.1.2"}, "automated", ("curl", "library"), id="a program"),
        pytest.param({"agent": "-"}, "automated", ("(none)", "(none)"), id="a missing agent"),
        pytest.param({"agent": "kube-probe/1.30"}, "monitor", ("Kubernetes", "monitor"), id="a monitor"),
        pytest.param({"request": "GET /.env"}, "probe", ("secrets file", "probe"), id="a path nobody asks for"),
        pytest.param(
            {"request": "GET /.env", "agent": GOOGLEBOT}, "probe", ("secrets file", "probe"), id="whatever its agent"
        ),
        pytest.param(
            {"request": "GET /a?id=1'+or+'1'='1"}, "probe", ("sql injection", "probe"), id="a query nobody asks for"
        ),
        pytest.param(
            {"request": "GET /wp-login.php", "status": "404"}, "probe", ("wordpress", "probe"), id="refused with 404"
        ),
        pytest.param(
            {"request": "GET /wp-login.php", "status": "-"}, "probe", ("wordpress", "probe"), id="no status is refused"
        ),
        pytest.param({"request": "GET /wp-login.php", "status": "400"}, "probe", ("wordpress", "probe"), id="refused"),
        pytest.param({"request": "GET /wp-login.php", "status": "399"}, "human", ("", ""), id="not refused"),
        pytest.param({"request": "GET /wp-login.php", "status": "200"}, "human", ("", ""), id="what a site really has"),
        pytest.param(
            {"request": "GET /wp-login.php?a=b", "status": "404"},
            *("probe", ("wordpress", "probe")),
            id="a path that has a query, too",
        ),
        pytest.param({"request": "GET /wp-login.php?a=b"}, "human", ("", ""), id="a query of what a site has"),
        pytest.param(
            {"request": "GET /wp-login.php", "status": "200", "agent": GOOGLEBOT},
            "bot",
            ("Googlebot", "search engine"),
            id="what a site really has keeps its agent's class",
        ),
        pytest.param({"request": r"\x16\x03\x01"}, "probe", ("tls on a plain port", "probe"), id="no request at all"),
    ],
)
def test_a_hit_has_a_class_by_its_agent_unless_it_is_a_probe(
    changes: dict[str, str], traffic_class: str, machine: tuple[str, str]
) -> None:
    worker = Worker(KEY)
    hits = worker.derive(full_line(**changes))
    assert TRAFFIC_CLASSES[hits.traffic_class[0]] == traffic_class
    assert worker.describe.machines[hits.machine[0]] == machine


def test_a_hole_is_a_probe_that_nobody_makes_by_mistake() -> None:
    requests = {"GET /.env": "200", "GET /wp-login.php": "404", "GET /a": "404"}
    lines = [full_line(request=request, status=status) for request, status in requests.items()]
    evidence = derive(*lines).evidence
    assert [(bool(is_probe(word)), bool(is_hole(word))) for word in evidence] == [
        *((True, True), (True, False), (False, False))
    ]


def test_a_missing_agent_says_nothing_where_the_format_has_no_field_for_it() -> None:
    worker = Worker(KEY)
    hits = worker.derive('192.0.2.1 - - [01/Jun/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1', log_format="common")
    assert (hits.traffic_class.tolist(), hits.machine.tolist()) == ([HUMAN], [0])
    # The same worker reads another file next.
    assert TRAFFIC_CLASSES[worker.derive(full_line(agent="-")).traffic_class[0]] == "automated"


@pytest.mark.parametrize(
    ("changes", "is_page_view"),
    [
        pytest.param({}, True, id="GET of a document"),
        pytest.param({"status": "304"}, True, id="a document that the browser has"),
        pytest.param({"status": "206"}, False, id="a part of one"),
        pytest.param({"status": "301"}, False, id="a redirect"),
        pytest.param({"status": "404"}, False, id="an error"),
        pytest.param({"status": "-"}, False, id="no status"),
        pytest.param({"request": "POST /a HTTP/1.1"}, False, id="another method"),
        pytest.param({"request": "HEAD /a HTTP/1.1"}, False, id="a look at the headers"),
        pytest.param({"request": "GET /a.css HTTP/1.1"}, False, id="an asset"),
        pytest.param({"request": "GET /api/a HTTP/1.1"}, False, id="an API call"),
        pytest.param({"request": "-"}, False, id="no request"),
        pytest.param({"request": "GET http://www.example.org HTTP/1.1"}, True, id="an absolute url without a path"),
        pytest.param({"agent": GOOGLEBOT}, False, id="a bot"),
        pytest.param({"agent": "curl/8.1.2"}, False, id="a program"),
        pytest.param({"agent": "kube-probe/1.30"}, False, id="a monitor"),
        pytest.param({"request": "GET /a?id=1'+or+'1'='1"}, False, id="a probe"),
    ],
)
def test_a_page_view_is_a_document_that_a_person_got(changes: dict[str, str], is_page_view: bool) -> None:
    assert derive(full_line(**changes)).is_page_view.tolist() == [is_page_view]


@pytest.mark.parametrize(
    ("changes", "set_columns"),
    [
        pytest.param({}, (*PERSON_COLUMNS, *VIEW_COLUMNS), id="a page view has all"),
        pytest.param({"request": "GET /a.css?q=shoes"}, PERSON_COLUMNS, id="a person's other hit has no view's"),
        pytest.param({"status": "500"}, PERSON_COLUMNS, id="nor has an error"),
        pytest.param({"cookie": "-"}, ("client", "page", *VIEW_COLUMNS), id="without a cookie no session"),
        pytest.param({"request": "GET /a"}, (*PERSON_COLUMNS, *VIEW_COLUMNS[:-1]), id="without a search no phrase"),
        pytest.param({"agent": GOOGLEBOT}, (), id="a bot has nothing"),
        pytest.param({"agent": "curl/8.1.2"}, ("client",), id="a program, who may be a person, has its client"),
        pytest.param({"agent": "Curious-Crawler/1"}, ("client",), id="and so has a bot that names itself"),
        pytest.param({"agent": GOOGLEBOT, "request": "GET /robots.txt"}, ("client",), id="what robots alone ask for"),
        pytest.param({"agent": "kube-probe/1.30"}, (), id="nor has a monitor"),
        pytest.param({"request": "GET /.env?q=shoes"}, ("client",), id="a probe tells of others of its address"),
    ],
)
def test_only_what_a_class_needs_is_told(changes: dict[str, str], set_columns: Sequence[str]) -> None:
    # Page views stand around it, so that each value must be in its own row.
    hits = derive(full_line(), full_line(**changes), full_line())
    found = {name: getattr(hits, name).tolist() for name in (*PERSON_COLUMNS, *VIEW_COLUMNS)}
    assert {name for name, (_, own, _) in found.items() if own} == set(set_columns)
    assert all(first and first == last for first, _, last in found.values())
    addresses = hits.address.tolist()
    assert addresses[0] > 0
    assert (addresses[1] > 0) == ("client" in set_columns)


def test_values_of_lines_are_passed_on() -> None:
    worker = Worker(KEY, "America/St_Johns")
    hits = worker.derive(full_line(), full_line(status="404", bytes="7", seconds="0.25", site="b.example"))
    shown: dict[str, Any] = {name: getattr(hits, name).tolist() for name in ("status", "bytes_sent", "request_us")}
    assert shown == {"status": [200, 404], "bytes_sent": [10, 7], "request_us": [500_000, 250_000]}
    assert hits.lines.tolist() == [0, 1]
    assert hits.time_ms.tolist() == [1_780_272_000_000] * 2
    # Two and a half hours behind in summer: the evening before.
    assert [divmod(hour, 24)[1] for hour in hits.local_hour.tolist()] == [21, 21]
    assert hits.local_hour[0] // 24 == 1_780_272_000 // 86_400 - 1
    assert [worker.describe.sites[code] for code in hits.site] == ["www.example.org", "b.example"]


def test_no_half_of_an_address_is_left_in_a_hit() -> None:
    addresses = [ENGLAND, "2001:218::abcd:1234", "192.0.2.1", "gate.example"]
    hits = derive(*(full_line(client=address) for address in addresses))
    assert not {"high", "low"} & {one.name for one in fields(hits)}
    numbers = [int(ipaddress.ip_address(address)) for address in addresses[:3]]
    raw = {half for number in numbers for half in (number >> 64, number & 2**64 - 1)} - {0}
    for one in fields(hits):
        assert not raw & set(getattr(hits, one.name).tolist()), one.name


@pytest.mark.parametrize(
    ("client", "location"),
    [
        pytest.param(ENGLAND, "EU GB England", id="IPv4"),
        pytest.param("::ffff:89.160.20.112", "EU SE Östergötland County", id="IPv4 mapped to IPv6"),
        pytest.param("[2001:218::1]:443", "AS JP (unknown)", id="IPv6 of no known region"),
        pytest.param("192.0.2.1", "(unknown) (unknown) (unknown)", id="an address of nowhere"),
        pytest.param("gate.example", "(unknown) (unknown) (unknown)", id="a name"),
        pytest.param("-", "(unknown) (unknown) (unknown)", id="nobody"),
    ],
)
def test_a_page_view_is_located_by_its_address(client: str, location: str) -> None:
    worker = Worker(KEY)
    hits = worker.derive(full_line(client=SWEDEN), full_line(client=client, request="GET /a.css"), full_line())
    assert worker.names(hits.location) == ["EU\x1fSE\x1fÖstergötland County", None, "EU\x1fGB\x1fEngland"]
    # A worker that has located others before.
    hits = worker.derive(full_line(client=client))
    assert worker.names(hits.location) == [location.replace(" ", SEPARATOR, 2)]


def test_places_and_the_page_of_no_request_keep_their_names_when_the_worker_forgets_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = Worker(KEY)
    before = worker.derive(full_line())
    monkeypatch.setattr("footfall.transforms.kernels.names.MAX_NAMES", 3)
    worker.describe.make_room()
    hits = worker.derive(full_line(), full_line(request="-"))
    assert hits.location.tolist() == [before.location[0], 0]
    assert worker.names(hits.location) == ["EU\x1fGB\x1fEngland", None]
    assert worker.names(hits.page) == ["/a", "(unknown)"]


def test_the_digest_of_a_name_is_not_located_even_where_it_looks_like_an_address() -> None:
    worker = Worker(KEY)
    content = f"{full_line()}\n".encode()
    (part,) = scan_block(padded(content), len(content), FULL).parts
    lines = worker.reader.read_lines(part)
    lines = replace(lines, kind=np.full(1, CLIENT_NAME, dtype=np.uint8))
    assert worker.names(worker.deriver.derive_hits(lines).location) == [SEPARATOR.join(["(unknown)"] * 3)]


@pytest.mark.parametrize(
    ("changes", "same_client", "same_address"),
    [
        pytest.param({}, True, True, id="the same person again"),
        pytest.param({"request": "GET /b.css", "referrer": "-", "cookie": "-"}, True, True, id="with another request"),
        pytest.param({"status": "500", "time": "02/Jun/2026:00:00:00 +0000"}, True, True, id="on another day"),
        pytest.param({"client": f"::ffff:{ENGLAND}"}, True, True, id="the same address written in another way"),
        pytest.param({"client": SWEDEN}, False, False, id="another IPv4 address"),
        pytest.param({"client": f"2001:db8::{ENGLAND}"}, False, False, id="another upper half of the address"),
        pytest.param({"site": "b.example"}, False, True, id="another site"),
        pytest.param({"agent": FIREFOX.replace("140", "141")}, False, True, id="another agent"),
    ],
)
def test_a_client_is_site_address_and_agent(changes: dict[str, str], same_client: bool, same_address: bool) -> None:
    first, second = (derive(full_line(), full_line(**changes)).client).tolist()
    assert (first == second) == same_client
    addresses = derive(full_line(), full_line(**changes)).address.tolist()
    assert (addresses[0] == addresses[1]) == same_address


def test_digests_of_people_need_the_key_and_names_do_not() -> None:
    one, other = derive(full_line(), key=KEY), derive(full_line(), key=OTHER_KEY)
    for name in ("client", "session", "address"):
        assert getattr(one, name) != getattr(other, name), name
    for name in ("page", *VIEW_COLUMNS):
        assert getattr(one, name) == getattr(other, name), name


def test_two_workers_of_a_run_make_the_same_digests() -> None:
    lines = [
        full_line(agent=FIREFOX.replace("140", str(140 + number)), client=f"192.0.2.{number}") for number in range(9)
    ]
    forth, back = derive(*lines), derive(*lines[::-1])
    for name in ("client", "session", "address", "page", *VIEW_COLUMNS):
        assert getattr(forth, name).tolist() == getattr(back, name)[::-1].tolist(), name


def test_a_page_view_has_the_names_of_what_its_line_says() -> None:
    worker = Worker(KEY)
    hits = worker.derive(full_line(request="GET /caf%C3%A9?q=Red+Shoes&utm_source=letter"), full_line())
    assert worker.names(hits.page) == ["/café", "/a"]
    assert worker.names(hits.phrase) == ["red shoes", "shoes"]
    assert [text and text.split(SEPARATOR) for text in worker.names(hits.technology)] == [
        ["Firefox", "140", "Linux", "(unknown)", "desktop"]
    ] * 2
    assert [text and text.split(SEPARATOR) for text in worker.names(hits.acquisition)] == [
        ["campaign", "letter", "letter", "(none)", "(none)"],
        ["search", "Bing", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("request_line", "page"),
    [
        pytest.param("GET /a/b?c HTTP/1.1", "/a/b", id="a path"),
        pytest.param("GET /orders/100234 HTTP/1.1", "/orders/{id}", id="a scrubbed path"),
        pytest.param("GET http://www.example.org HTTP/1.1", "/", id="an absolute url without a path asks for the root"),
        pytest.param("-", "(unknown)", id="no request"),
        pytest.param("hello", "(unknown)", id="a bare word"),
        pytest.param("/a", "(unknown)", id="a path without a method is no request"),
    ],
)
def test_a_persons_hit_has_a_page(request_line: str, page: str) -> None:
    worker = Worker(KEY)
    hits = worker.derive(full_line(request=request_line))
    assert hits.traffic_class.tolist() == [HUMAN]
    assert worker.names(hits.page) == [page]


def test_a_referrer_of_the_site_itself_is_internal_for_page_views_only() -> None:
    own = "https://example.org/x"
    hits = derive(
        full_line(referrer=own),
        full_line(referrer=own, request="GET /a.css"),
        full_line(referrer=own, site="b.example"),
        full_line(),
    )
    assert hits.is_internal.tolist() == [True, False, False, False]


@pytest.mark.parametrize("rows", [np.array([True, False, True]), np.array([0, 2])])
def test_hits_that_are_taken_keep_their_values(rows: np.ndarray[Any, Any]) -> None:
    hits = derive(full_line(), full_line(agent=GOOGLEBOT), full_line(client=SWEDEN, site="b.example"))
    taken = hits.take(rows)
    for one in fields(hits):
        first, _, last = getattr(hits, one.name).tolist()
        assert getattr(taken, one.name).tolist() == [first, last], one.name


def test_no_lines_make_no_hits() -> None:
    worker = Worker(KEY)
    content = b"no such line\n"
    (part,) = scan_block(padded(content), len(content), FULL).parts
    hits = worker.deriver.derive_hits(worker.reader.read_lines(part))
    assert {len(getattr(hits, one.name)) for one in fields(hits)} == {0}
