"""Tables of hits of small random logs equal the reference, and no row about people tells of fewer than k of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest

from footfall.pipelines.publishing.make_request_times import join_buckets
from footfall.pipelines.settings import Settings
from tests.commands import BROWSER
from tests.reference import compute
from tests.running import Rows, compare, published_tables, reference_settings

K = 4
HOSTS = ("one.example", "two.example")
LOG_FORMAT = '$host $remote_addr [$time_local] "$request" $status $bytes_sent "$http_user_agent" $request_time'
AGENTS = {
    "human": (BROWSER, BROWSER.replace("128", "127")),
    "automated": ("curl/8.0", "curl/8.0", "curl/8.0", "python-requests/2", "-"),
    "bot": ("Googlebot/2.1", "Curious-Crawler/1", "Odd-Spider/2"),
}
TABLES = (
    "days",
    "traffic",
    "latency",
    "kind_latency",
    "page_latency",
    "protocols",
    "kinds",
    "bots",
    "incidents",
    "inputs",
)
PEOPLE = ("human", "automated")


@dataclass(frozen=True)
class Line:
    """One request; `client` stands for site, address and agent."""

    day: int
    hour: int
    second: int
    site: str
    address: int
    traffic_class: str
    agent: str
    path: str
    status: int
    protocol: str
    size: int
    request_ms: int | None

    @property
    def client(self) -> tuple[str, int, str]:
        """Who asks."""
        return self.site, self.address, self.agent

    def __str__(self) -> str:
        """The line as the server logs it."""
        seconds = "-" if self.request_ms is None else f"{self.request_ms / 1000:.3f}"
        time = f"{self.day:02}/Jun/2026:{self.hour:02}:{self.second // 60:02}:{self.second % 60:02} +0000"
        request = f'"GET {self.path} {self.protocol}" {self.status} {self.size} "{self.agent}" {seconds}'
        return f"{self.site} 192.0.2.{self.address} [{time}] {request}\n"


@cache
def random_lines(seed: int) -> tuple[Line, ...]:
    """A log of two days and two sites, of which one is small; most visitors come once, in a few hours."""
    random = Random(seed)
    lines = []
    for address in range(random.choice((5, 14, 40, 90))):
        traffic_class = random.choice(("human", "human", "human", "automated", "bot"))
        agent = random.choice(AGENTS[traffic_class])
        site = random.choice(("one.example",) * 4 + ("two.example",))
        protocol = random.choice(("HTTP/1.1",) * 4 + ("HTTP/2.0", "HTTP/1.0", "HTTP/9.9"))
        begin = random.choice((1, 9, 9, 10, 10, 10, 20))
        for _ in range(random.choice((1, 3, 8))):
            lines.append(
                Line(
                    *(random.choice((1, 1, 2)), begin + random.choice((0, 0, 0, 1, 2)), random.randrange(3600)),
                    *(site, address, traffic_class, agent),
                    *(
                        random.choice(("/", "/", "/a", "/b/c", "/a.css", "/a.zip", "/api/a")),
                        random.choice((200,) * 6 + (304, 301, 404, 404, 503, 101)),
                    ),
                    *(protocol, random.randrange(2000)),
                    random.choice((None, *([random.choice((1, 2, 3, 40, 41, 900))] * 6))),
                )
            )
    # An outage: everybody meets errors in the same minute.
    outage = random.randrange(2, 12)
    for line in random.sample(lines, min(len(lines), outage)):
        lines.append(replace(line, day=1, hour=10, second=600 + random.randrange(60), status=503))
    return tuple(lines)


@cache
def published(seed: int) -> dict[str, Rows]:
    """The published tables of a random log."""
    return published_tables({"a.log": content(seed)}, log_format=LOG_FORMAT, hosts=HOSTS, k=K)


def content(seed: int) -> bytes:
    """A random log."""
    return "".join(map(str, random_lines(seed))).encode()


SEEDS = range(24)


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_of_hits_are_those_of_the_definitions(seed: int) -> None:
    expected = compute({"a.log": content(seed)}, reference_settings(Settings(log_format=LOG_FORMAT, hosts=HOSTS, k=K)))
    found = compare(published(seed), {table: expected[table] for table in TABLES})
    assert found == {table: ([], []) for table in TABLES}


def visitors(lines: Iterable[Line]) -> int:
    """How many there are."""
    return len({line.client for line in lines})


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_and_measure_of_people_has_k_of_them(seed: int) -> None:
    of_class: dict[tuple[int, str, str], list[Line]] = defaultdict(list)
    for line in random_lines(seed):
        of_class[line.day, line.site, line.traffic_class].append(line)
    told = published(seed)

    def lines_of(row: dict[str, Any]) -> list[Line]:
        return of_class[row["day"].day, row["site"], row["traffic_class"]]

    def own_hours(table: str, row: dict[str, Any]) -> Callable[[Line], bool]:
        keys = ("day", "site", "traffic_class")
        others = {one["hour"] for one in told[table] if all(one[key] == row[key] for key in keys)} - {None}
        return lambda line: line.hour not in others if row["hour"] is None else line.hour == row["hour"]

    for row in told["traffic"]:
        if row["traffic_class"] not in PEOPLE:
            continue
        lines = list(filter(own_hours("traffic", row), lines_of(row)))
        assert len(lines) == row["hits"] and visitors(lines) >= K
        sizes = Counter[tuple[str, int, str]]()
        for line in lines:
            sizes[line.client] += line.size
        largest, _, *others = sorted(sizes.values(), reverse=True)
        assert (row["bytes_sent"] is None) == (row["hour"] is None or sum(others) < largest)
        hidden = [line for line in lines if not 200 <= line.status < 600]
        for hundred in (2, 3, 4, 5):
            of_status = [line for line in lines if line.status // 100 == hundred]
            if row[f"hits_{hundred}xx"] is None:
                hidden += of_status
            else:
                assert row[f"hits_{hundred}xx"] == len(of_status)
                assert visitors(of_status) >= K or not of_status
        assert visitors(hidden) >= K or not hidden, "what is hidden of a row is the rest of its hits"
    for row in told["latency"]:
        if row["traffic_class"] in PEOPLE:
            lines = [line for line in lines_of(row) if line.request_ms is not None]
            lines = [line for line in filter(own_hours("latency", row), lines)]
            within = [line for line in lines if row["from_ms"] <= (line.request_ms or 0) < row["bucket_ms"]]
            assert len(within) == row["hits"] and visitors(within) >= K
    for table, cells in (
        ("kind_latency", {"download": ("/a.zip",), "asset": ("/a.css",), "api": ("/api/a",)}),
        ("page_latency", {"/b/…": ("/b/c",), "/": ("/", "/a")}),
    ):
        for row in told[table]:
            paths = cells.get(row.get("kind", row.get("page_group")), ("/", "/a", "/b/c"))
            lines = [line for line in of_class[row["day"].day, row["site"], "human"] if line.path in paths]
            within = [line for line in lines if row["from_ms"] <= (line.request_ms or 0) < row["bucket_ms"]]
            assert row["hits"] % K == 0 and visitors(within) >= K
    for row in told["protocols"]:
        if row["traffic_class"] in PEOPLE:
            named = [line for line in lines_of(row) if line.protocol == row["protocol"]]
            assert row["hits"] >= K and (row["protocol"] == "(other)" or visitors(named) >= K)
    for row in told["kinds"]:
        if row["traffic_class"] in PEOPLE:
            asked = {"download": ("/a.zip",), "asset": ("/a.css",), "api": ("/api/a",)}.get(
                row["kind"], ("/", "/a", "/b/c")
            )
            assert row["hits"] >= K
            assert row["kind"] == "(other)" or visitors(line for line in lines_of(row) if line.path in asked) >= K
    for row in told["days"]:
        own = {key: lines for key, lines in of_class.items() if key[:2] == (row["day"].day, row["site"])}
        enough = [lines for key, lines in own.items() if key[2] not in PEOPLE or visitors(lines) >= K]
        assert row["hits"] == sum(map(len, enough))
    for row in told["bots"]:
        named = [line for line in lines_of(row) if row["name"].lower()[:4] in line.agent.lower()]
        if row["name"] not in ("(other)", "Googlebot", "(none)"):
            assert visitors(named) >= K


def test_what_few_asked_for_is_folded_with_k_visitors_beside_page_views() -> None:
    """Other tables tell how many page views there are, so that they hide nothing."""
    kinds = {row["kind"] for seed in SEEDS for row in published(seed)["kinds"] if row["traffic_class"] == "human"}
    assert kinds >= {"page_view", "document", "asset", "download", "api", "(other)"}
    for seed in SEEDS:
        views = {(row["day"], row["site"]): row["page_views"] for row in published(seed)["visits"] if row["page_views"]}
        for row in published(seed)["kinds"]:
            place = row["day"], row["site"]
            if row["kind"] == "page_view" and place in views:
                assert row["hits"] == views[place]


def test_random_logs_hold_what_the_rules_are_about() -> None:
    traffic = [row for seed in SEEDS for row in published(seed)["traffic"] if row["traffic_class"] in PEOPLE]
    assert any(row["hour"] is None for row in traffic) and any(row["hour"] is not None for row in traffic)
    of_hours = [row["bytes_sent"] for row in traffic if row["hour"] is not None]
    assert None in of_hours and any(of_hours), "hours in which one visitor stands out, and others"
    for measure in ("page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"):
        assert any(row[measure] is None for row in traffic), measure
        assert any(row[measure] for row in traffic), measure
    latency = [row for seed in SEEDS for row in published(seed)["latency"] if row["traffic_class"] in PEOPLE]
    assert any(row["bucket_ms"] > 1.1 * row["from_ms"] + 1 for row in latency)
    assert any(row["bucket_ms"] < 1.1 * row["from_ms"] for row in latency)
    assert {row["page_group"] for seed in SEEDS for row in published(seed)["page_latency"]} == {"/", "/b/…"}
    kinds = {row["kind"] for seed in SEEDS for row in published(seed)["kind_latency"]}
    assert kinds == {"page_view", "document", "asset", "download", "api"}
    bots = {(row["traffic_class"], row["name"]) for seed in SEEDS for row in published(seed)["bots"]}
    assert {("automated", "(other)"), ("automated", "curl"), ("bot", "(other)"), ("bot", "Googlebot")} <= bots
    incidents = [row for seed in SEEDS for row in published(seed)["incidents"]]
    assert any(row["hits_5xx"] for row in incidents)
    days = [row for seed in SEEDS for row in published(seed)["days"] if row["hits_5xx"]]
    assert any(row["hits_5xx"] % K for row in days), "told as it is"
    inputs = [row["lines"] for seed in SEEDS for row in published(seed)["inputs"]]
    assert any(lines is None for lines in inputs) and any(lines is not None for lines in inputs)


@pytest.mark.parametrize(
    ("visitors_of", "fastest", "slowest", "expected"),
    [
        pytest.param([3, 3], [3, 0], [0, 3], [0, 1], id="each has enough"),
        pytest.param([2, 2, 2], [2, 1, 0], [0, 1, 2], [0, 0, 0], id="what is left over joins the one before"),
        pytest.param([1, 1, 1, 3], [1, 1, 1, 1], [0, 0, 1, 3], [0, 0, 0, 1], id="three whose fastest ones they are"),
        pytest.param([2, 2, 2, 3], [2, 0, 0, 1], [0, 0, 0, 3], [0, 0, 0, 0], id="perhaps the same two"),
        pytest.param([1, 1], [1, 0], [0, 1], [0, 0], id="too few in all are one row"),
    ],
)
def test_neighbouring_buckets_are_joined(
    visitors_of: list[int], fastest: list[int], slowest: list[int], expected: list[int]
) -> None:
    counts = [np.array(own * 2, dtype=np.int64) for own in (visitors_of, fastest, slowest)]
    is_first = np.arange(2 * len(expected)) % len(expected) == 0
    again = [row + max(expected) + 1 for row in expected]
    assert join_buckets(is_first, *counts, 3).tolist() == expected + again
