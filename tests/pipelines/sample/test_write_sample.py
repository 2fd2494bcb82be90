"""The sample log is reproducible, has every hard case, and its true figures match its lines by the definitions."""

from __future__ import annotations

import gzip
import io
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import geoip2.database
import pytest
import ua_parser
import user_agents  # type: ignore[import-untyped]

from footfall.pipelines.sample.agents import BROWSERS, MACHINES, MONITORS
from footfall.pipelines.sample.lines import FORMATS
from footfall.pipelines.sample.rotation import split_like_rotation
from footfall.pipelines.sample.truth import Truth
from footfall.pipelines.sample.write_sample import LOCATIONS, write_sample

pytestmark = pytest.mark.skipif(not LOCATIONS.exists(), reason="the embedded location file is not built")

LINES = 12_000
TIMEOUT_S = 1800
LINE = re.compile(
    r"(?:www\.example\.org:443 )?(?P<address>\S+) - - \[(?P<time>[^]]{26})\] "
    r'"(?P<request>[^"]*)" (?P<status>\d{3}) (?:\d+|-)'
    r'(?: "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)")?(?: "(?P<cookie>[^"]*)" \d+\.\d{3})?'
)
NO_DOCUMENT = re.compile(r"\.(css|js|woff2|ico|svg|jpg|webp|png|xml|rss|atom|zip|mp3)$|^/api/|^/graphql|^/robots\.txt$")
PROBE = re.compile(r"\\x16|^SSH|/wp-|/phpmyadmin|/xmlrpc|/\.env|/\.git|/\.aws|/\.\./|%2e/|UNION")
PERSONAL = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "{uuid}"),
    (re.compile(r"[0-9a-f]{32}"), "{token}"),
    (re.compile(r"[a-z.]+\d*@example\.org"), "{email}"),
    (re.compile(r"\d{7}"), "{id}"),
)
CLASS_OF_AGENT = {machine.agent: machine.traffic_class for machine in (*MACHINES, *MONITORS) if machine.name != "probe"}


class Hit(NamedTuple):
    """One line, parsed in a simple way."""

    second: int
    client: tuple[str, str]
    url: str
    is_page_view: bool
    referrer: str
    cookie: str
    traffic_class: str


@dataclass
class Visit:
    """The hits of a visit, in order."""

    is_fallback: bool
    hits: list[Hit] = field(default_factory=list)


def make(log_format: str = "footfall", **options: Any) -> tuple[bytes, Truth]:
    """A small sample and its true figures."""
    stream = io.BytesIO()
    arguments: dict[str, Any] = {"lines": LINES, "seed": 7, "days": 3, **options}
    truth = write_sample(stream, log_format=log_format, **arguments)
    return stream.getvalue(), truth


@cache
def made(log_format: str) -> tuple[bytes, Truth]:
    """The small sample that most tests use."""
    return make(log_format)


def read(content: bytes) -> list[Hit]:
    """The hits of a log, without broken lines."""
    hits = []
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        found = LINE.fullmatch(line)
        if not found or len(line) > 65_536 or ".777 " in line[:40]:
            continue
        try:
            when = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z")
        except ValueError:
            continue
        method, _, url = found["request"].removesuffix(" HTTP/1.1").removesuffix(" HTTP/2.0").partition(" ")
        agent = found["agent"]
        fallback = "human" if agent is None else CLASS_OF_AGENT.get(agent, "human")
        traffic_class = "probe" if PROBE.search(found["request"]) else fallback
        path = url.partition("?")[0]
        is_document = method == "GET" and found["status"] in ("200", "304") and not NO_DOCUMENT.search(path)
        cookie = found["cookie"] or "-"
        client = (found["address"], agent or "-")
        view = is_document and traffic_class == "human"
        hits.append(Hit(int(when.timestamp()), client, url, view, found["referrer"] or "-", cookie, traffic_class))
    return hits


def visits_of(hits: list[Hit]) -> list[Visit]:
    """Adoption and visits by the definitions, in a simple and slow way."""
    brought: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for hit in hits:
        if hit.cookie != "-":
            brought[hit.client].append((hit.second, hit.cookie))
    bearers: dict[tuple[str, ...], list[Hit]] = defaultdict(list)
    instants = {client: [second for second, _ in cookies] for client, cookies in brought.items()}
    for hit in hits:
        seconds = instants.get(hit.client, [])
        after = bisect_left(seconds, hit.second)
        before = bisect_right(seconds, hit.second) - 1
        bearer: tuple[str, ...] = hit.client
        if hit.cookie != "-":
            bearer = (hit.cookie,)
        elif after < len(seconds) and seconds[after] - hit.second <= TIMEOUT_S:
            bearer = (brought[hit.client][after][1],)
        elif before >= 0 and hit.second - seconds[before] <= TIMEOUT_S:
            bearer = (brought[hit.client][before][1],)
        bearers[bearer].append(hit)
    visits = []
    for bearer, own in bearers.items():
        last = None
        for hit in own:
            if last is None or hit.second - last > TIMEOUT_S:
                visits.append(Visit(len(bearer) == 2))
            visits[-1].hits.append(hit)
            last = hit.second
    return [visit for visit in visits if any(hit.is_page_view for hit in visit.hits)]


def page_of(url: str) -> str:
    """The page of a URL of the sample's site."""
    page = unquote(url.partition("?")[0]).partition(";")[0]
    for pattern, placeholder in PERSONAL:
        page = pattern.sub(placeholder, page)
    return page


@pytest.mark.parametrize("log_format", FORMATS)
def test_the_true_visits_follow_from_the_lines_by_the_definitions(log_format: str) -> None:
    content, truth = made(log_format)
    hits = read(content)
    assert truth.traffic == {name: 0 for name in truth.traffic} | Counter(hit.traffic_class for hit in hits)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    pages: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    people = [hit for hit in hits if hit.traffic_class == "human"]
    end = max(hit.second for hit in hits)
    visitors = {(_day(hit.second), hit.client) for hit in people if hit.is_page_view}
    for day, _ in visitors:
        expected[day]["visitors"] += 1
    for visit in visits_of(people):
        views = [page_of(hit.url) for hit in visit.hits if hit.is_page_view]
        day, last = _day(visit.hits[0].second), visit.hits[-1].second
        expected[day] += Counter(
            visits=1,
            page_views=len(views),
            bounces=int(len(views) == 1),
            duration_s=last - visit.hits[0].second,
            fallback_visits=int(visit.is_fallback),
            cut_visits=int(last > end - TIMEOUT_S),
        )
        for page in views:
            pages[day, page]["page_views"] += 1
        for page in set(views):
            pages[day, page]["visits"] += 1
        pages[day, views[0]]["entries"] += 1
        pages[day, views[-1]]["exits"] += 1
        pages[day, views[0]]["bounces"] += int(len(views) == 1)
    assert truth.visits == [
        {"day": row["day"], **{m: expected[row["day"]][m] for m in list(row)[1:]}} for row in truth.visits
    ]
    assert {(row["day"], row["page"]): {m: row[m] for m in list(row)[2:] if row[m]} for row in truth.pages} == {
        key: {m: n for m, n in measures.items() if n} for key, measures in pages.items()
    }


def _day(second: int, timezone: str = "UTC") -> str:
    return datetime.fromtimestamp(second, ZoneInfo(timezone)).date().isoformat()


def test_the_profile_and_acquisition_of_a_visit_are_those_of_its_entry_page_view() -> None:
    content, truth = made("footfall")
    countries: Counter[tuple[str, ...]] = Counter()
    profiles: Counter[tuple[str, ...]] = Counter()
    kinds: Counter[tuple[str, str]] = Counter()
    with geoip2.database.Reader(LOCATIONS) as reader:
        for visit in visits_of([hit for hit in read(content) if hit.traffic_class == "human"]):
            day = _day(visit.hits[0].second)
            entry = next(hit for hit in visit.hits if hit.is_page_view)
            place = reader.country(entry.client[0])
            countries[day, str(place.continent.code), str(place.country.iso_code)] += 1
            profiles[day, *_profile(entry.client[1])] += 1
            kinds[day, _kind(entry)] += 1
    assert {(r["day"], r["continent"], r["country"]): r["visits"] for r in truth.countries} == countries
    assert {(r["day"], r["browser"], r["device"]): r["visits"] for r in truth.technology} == profiles
    found: Counter[tuple[str, str]] = Counter()
    for row in truth.referrers:
        kind = row["kind"] if row["kind"] in ("campaign", "direct", "internal") else "elsewhere"
        found[row["day"], kind] += row["visits"]
    assert found == kinds


@cache
def _profile(agent: str) -> tuple[str, str]:
    """Browser family and device class of a user agent, from the libraries."""
    family = ua_parser.parse_user_agent(agent)
    parsed = user_agents.parse(agent)
    device = "tablet" if parsed.is_tablet else "mobile" if parsed.is_mobile else "desktop"
    return (family.family if family else "", device)


def _kind(entry: Hit) -> str:
    if "utm_" in entry.url:
        return "elsewhere" if "utm_source=newsletter" in entry.url else "campaign"
    if entry.referrer == "-":
        return "direct"
    return "internal" if entry.referrer.startswith("https://www.example.org/") else "elsewhere"


@pytest.mark.parametrize("log_format", FORMATS)
def test_the_totals_of_a_sample_are_consistent(log_format: str) -> None:
    content, truth = made(log_format)
    assert content.count(b"\n") == truth.lines == LINES
    assert len(read(content)) == truth.hits == sum(truth.traffic.values()) == sum(row["hits"] for row in truth.days)
    assert truth.lines - truth.hits == sum(truth.rejects.values())
    assert sum(row["hits"] for row in truth.bots) == truth.hits - truth.traffic["human"] - truth.traffic["probe"]
    for row in truth.visits:
        tables = [
            truth.pages,
            truth.countries,
            *([truth.technology, truth.referrers] if FORMATS[log_format].has_agent else []),
        ]
        for table in tables:
            assert sum(other["page_views"] for other in table if other["day"] == row["day"]) == row["page_views"]
        for table in tables[1:]:
            assert sum(other["visits"] for other in table if other["day"] == row["day"]) == row["visits"]
        assert sum(other["entries"] for other in truth.pages if other["day"] == row["day"]) == row["visits"]
        assert sum(other["exits"] for other in truth.pages if other["day"] == row["day"]) == row["visits"]


def test_the_same_seed_gives_the_same_log_and_another_seed_another_one() -> None:
    content, truth = made("footfall")
    assert make() == (content, truth)
    assert make(seed=8)[0] != content


def test_lines_are_ordered_by_time() -> None:
    seconds = [hit.second for hit in read(made("footfall")[0])]
    assert seconds == sorted(seconds)


def test_few_lines_over_many_days_are_still_exact() -> None:
    for lines in (1, 10, 300):
        content, truth = make(lines=lines, days=9)
        assert content.count(b"\n") == truth.lines == lines


def test_every_broken_line_has_its_reason() -> None:
    reasons = ["client", "cut", "empty", "format", "joined", "number", "status", "time", "too_long"]
    assert sorted(made("footfall")[1].rejects) == reasons
    assert make(hard_cases=False)[1].rejects == {}


@pytest.mark.parametrize(
    "case",
    [
        rb'"[A-Za-z/0-9. ]*\xe9" "-" \d',  # a user agent that is not UTF-8
        rb"\\x22",
        rb'"-" 400 0 ',
        rb'"-" 408 0 ',
        rb'"GET /favicon\.ico" 200',
        rb'"\\x16\\x03\\x01',
        rb'"SSH-2\.0-Go" 400',
        rb'" 499 \d',
        rb'" 304 - "',
        rb'" 50[23] 512 ',
        rb"\n2[0-9a-f]{3}:[0-9a-f:]+ - - ",
        rb";jsessionid=",
        rb"(long-){1800} HTTP",
        rb'"about:blank"',
    ],
)
def test_hard_cases_occur_in_the_lines(case: bytes) -> None:
    assert re.search(case, _larger()[0])


@cache
def _larger() -> tuple[bytes, Truth]:
    return make(lines=60_000)


def test_hard_cases_occur_among_the_visits() -> None:
    content, truth = _larger()
    people = [hit for hit in read(content) if hit.traffic_class == "human"]
    visits = visits_of(people)
    assert any(_day(visit.hits[0].second) != _day(visit.hits[-1].second) for visit in visits)
    assert {row["finding"] for row in truth.cookie_audit} == {"reused", "shared", "never_issued"}
    assert truth.visits[-1]["cut_visits"] > 0
    agents: dict[str, set[str]] = defaultdict(set)
    cookies: dict[tuple[str, str], set[str]] = defaultdict(set)
    for visit in visits:
        agents[visit.hits[0].client[0]].add(visit.hits[0].client[1])
        cookies[visit.hits[0].client] |= {
            hit.cookie for hit in visit.hits if hit.second - visit.hits[0].second < 600
        } - {"-"}
    assert any(len(several) > 1 for several in agents.values())
    assert any(len(several) > 1 for several in cookies.values())


def test_the_offset_follows_the_clocks_of_the_time_zone() -> None:
    content, truth = make(start=date(2026, 3, 28), days=3, timezone="Europe/Berlin")
    assert re.findall(rb"\[29/Mar/2026:01:\d\d:\d\d (\S+)\]", content)[-1:] == [b"+0100"]
    assert re.findall(rb"\[29/Mar/2026:03:\d\d:\d\d (\S+)\]", content)[:1] == [b"+0200"]
    assert b"[29/Mar/2026:02:" not in content
    days = Counter(_day(hit.second, "Europe/Berlin") for hit in read(content))
    assert {row["day"]: row["hits"] for row in truth.days} == days


def test_browsers_are_named_as_the_libraries_name_them() -> None:
    for browser in BROWSERS:
        for system, version in ((browser.systems[0], browser.versions[0]), (browser.systems[-1], browser.versions[-1])):
            assert _profile(browser.template.format(system=system, version=version)) == (browser.family, browser.device)


def test_invalid_arguments_raise_an_error_with_the_expected_ones() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make(lines=0)
    with pytest.raises(ValueError, match="expected one of common, combined"):
        make("w3c")


def test_rotated_copied_and_balanced_files_contain_the_lines_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    write_sample(log, 900, 1, 1)
    made_files = split_like_rotation(log, tmp_path, overlap_lines=20)
    lines = log.read_bytes().splitlines()
    oldest, middle, newest = map(_lines, made_files.rotated)
    assert oldest[-20:] == middle[:20]
    assert middle[-20:] == newest[:20]
    assert oldest + middle[20:] + newest[20:] == lines
    assert [_lines(path) for path in made_files.copied] == [lines, lines]
    first, second = map(_lines, made_files.balanced)
    assert sorted(first + second) == sorted(lines)


def _lines(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()
