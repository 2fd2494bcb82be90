"""Agents are described as people know them, classed by what they declare, and nothing of their text leaks."""

from __future__ import annotations

import doctest
import gzip
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.describing import agent_rules
from footfall.transforms.describing import describe_agents as module
from footfall.transforms.describing.agent_rules import (
    AMENDED_PATTERNS,
    BOT_NAMES,
    CATEGORIES,
    CLASS_REASONS,
)
from footfall.transforms.describing.describe_agents import AGENT_SCHEMA, describe_agents
from footfall.transforms.describing.device_rules import DEVICE_RULES, SYSTEM_NAMES
from footfall.transforms.describing.order_agent_rules import order_agent_rules
from footfall.transforms.vocabulary import BOT, DEVICES, HUMAN, MONITOR, TRAFFIC_CLASSES, UNKNOWN

CASES = Path(__file__).parents[3] / "../shared/data/cases"

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"


def describe(agent: str | None, app_agents: tuple[str, ...] = ()) -> dict[str, Any]:
    row: dict[str, Any] = describe_agents(pa.array([agent], pa.string()), app_agents).to_pylist()[0]
    return row


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (f"{WINDOWS} Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0", "Edge 136, Windows 10 or later, desktop"),
        ("Mozilla/5.0 (Windows NT 6.1; rv:27.0) Gecko/20100101 Firefox/27.0", "Firefox 27, Windows 7, desktop"),
        ("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko", "IE 11, Windows 8.1, desktop"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
            "Safari/605.1.15",
            "Safari 18, macOS 10.15 or later, desktop",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140, macOS 10.15 or later, desktop",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) {WEBKIT} Chrome/90.0.0.0 Safari/537.36",
            "Chrome 90, macOS 10.14, desktop",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/134.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 134, Android 10 or later, mobile",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; SM-T510) {WEBKIT} Chrome/80.0.0.0 Safari/537.36",
            "Chrome 80, Android 10, tablet",
        ),
        (
            "Mozilla/5.0 (Android 10; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox Mobile 140, Android 10 or later, tablet",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.6 Mobile/15E148 Safari/604.1",
            "Mobile Safari 17, iOS 17, mobile",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/26.0 Mobile/15E148 Safari/604.1",
            "Mobile Safari 26, iOS 18 or later, mobile",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.0.0 "
            "Mobile/15E148 Safari/604.1",
            "Chrome Mobile iOS 126, iOS 17, tablet",
        ),
        ("Opera/9.80 (Android; Opera Mini/36.2/191; U; en) Presto/2.12", "Opera Mini 36, Android (unknown), mobile"),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/134.0.0.0 Safari/537.36",
            "Chrome 134, Chrome OS (unknown), desktop",
        ),
        ("Lynx/2.8.9rel.1 libwww-FM/2.14", "Lynx 2, (unknown) (unknown), other"),
        (
            f"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) {WEBKIT} Chrome/134.0.0.0 Mobile Safari/537.36",
            "Chrome Mobile 134, Android 11, mobile",
        ),
    ],
)
def test_browsers_are_described_as_people_know_them(agent: str, expected: str) -> None:
    row = describe(agent)
    assert "{browser} {browser_version}, {os} {os_version}, {device}".format(**row) == expected
    assert (row["traffic_class"], row["class_reason"], row["name"], row["category"]) == (HUMAN, "browser", "", "")


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (None, ("automated", "no user agent", "(none)", "(none)")),
        ("-", ("automated", "no user agent", "(none)", "(none)")),
        (' "" ', ("automated", "no user agent", "(none)", "(none)")),
        ("Apache/2.4.58 (internal dummy connection)", ("monitor", "own server", "Apache", "monitor")),
        ("kube-probe/1.30", ("monitor", "health check", "Kubernetes", "monitor")),
        ("Mozilla/5.0 (compatible; UptimeRobot/2.0)", ("monitor", "uptime check", "UptimeRobot", "monitor")),
        ("Acme website monitor 1.0", ("monitor", "uptime check", "(unknown)", "monitor")),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            ("bot", "crawler list", "Googlebot", "search engine"),
        ),
        ("Googlebot-Image/1.0", ("bot", "crawler list", "Googlebot-Image", "search engine")),
        ("Mozilla/5.0 (compatible; GPTBot/1.2)", ("bot", "crawler list", "GPTBot", "ai crawler")),
        ("Mozilla/5.0 zgrab/0.x", ("bot", "crawler list", "zgrab", "security scanner")),
        ("AcmeSpider/1.0", ("bot", "bot word", "AcmeSpider", "other")),
        ("licence%20key%20QX82-MPL7-KW34bot/1.0", ("bot", "bot word", "(unknown)", "other")),
        (f"{WINDOWS} Chrome/99.0 Safari/537.36 acme crawler", ("bot", "bot word", "acme crawler", "other")),
        ("Acme/1.0 (+https://acme.example)", ("bot", "contact address", "(unknown)", "other")),
        ("holmes/2.3", ("bot", "user-agents rule", "holmes", "other")),
        ("curl/8.1.2", ("automated", "program", "curl", "library")),
        ("python-requests/2.32.3", ("automated", "program", "python-requests", "library")),
        ("Java/17.0.1", ("automated", "program", "Java", "library")),
        (
            f"Mozilla/5.0 {WEBKIT} HeadlessChrome/125.0",
            ("automated", "headless browser", "HeadlessChrome", "headless browser"),
        ),
        ("User-Agent: Mozilla/4.0 (compatible; MSIE 7.0)", ("automated", "malformed agent", "(unknown)", "other")),
        ("() { :; }; echo", ("automated", "attack in agent", "(unknown)", "security scanner")),
        ("Mozilla/5.0", ("automated", "no browser", "(unknown)", "other")),
        ("https://shop.example/", ("bot", "contact address", "(unknown)", "other")),
        ("Mozilla/5.0 (compatible; https://acme.example/about)", ("bot", "contact address", "(unknown)", "other")),
        ("Survey of the web, ask jane@uni.example", ("bot", "contact address", "(unknown)", "other")),
        ("WordPress/6.8; https://own.example", ("bot", "crawler list", "WordPress", "site software")),
        ("HTTP monitor check", ("monitor", "uptime check", "(unknown)", "monitor")),
        ("NewRelicPinger/1.0 (1234)", ("monitor", "uptime check", "New Relic", "monitor")),
        ("Mozilla/5.0 (compatible; PRTG Network Monitor)", ("monitor", "uptime check", "PRTG", "monitor")),
        (f"{WINDOWS} Chrome/1.0 Safari/1 DebugBear", ("monitor", "page-speed check", "DebugBear", "monitor")),
        (f"{WINDOWS} Chrome/1.0 Safari/1 PTST/2", ("monitor", "page-speed check", "WebPageTest", "monitor")),
        (
            "Mozilla/5.0 (compatible; CloudflareObservatory/1.0)",
            ("monitor", "page-speed check", "Cloudflare Observatory", "monitor"),
        ),
        (f"{WINDOWS} Chrome/1.0 Google Page Speed Insights", ("monitor", "page-speed check", "PageSpeed", "monitor")),
        ("Serf/1.1.0 mod_pagespeed/1.5.27", ("automated", "no browser", "(unknown)", "other")),
        ("Mozilla/5.0 (compatible; Amazonbot/0.1)", ("bot", "crawler list", "Amazonbot", "ai crawler")),
        ("bedrockbot/1.0", ("bot", "crawler list", "bedrockbot", "ai crawler")),
        ("GrokBot/1.0", ("bot", "crawler list", "GrokBot", "ai crawler")),
        ("meta-externalagent/1.1", ("bot", "crawler list", "Meta-ExternalAgent", "ai crawler")),
        ("meta-externalfetcher/1.1", ("bot", "crawler list", "Meta-ExternalFetcher", "ai assistant")),
        ("Mozilla/5.0 (compatible; Claude-User/1.0)", ("bot", "crawler list", "Claude-User", "ai assistant")),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-A135F)", ("automated", "app", "Android", "app")),
        ("MyApp/1.0 CFNetwork/1490.0.4 Darwin/23.2.0", ("automated", "app", "MyApp", "app")),
        ("Microsoft Office/16.0 (Microsoft Outlook 16.0)", ("automated", "app", "Outlook", "app")),
        ("Microsoft Office Outlook 12.0", ("automated", "app", "Outlook", "app")),
    ],
)
def test_others_are_classed_by_what_they_declare(agent: str | None, expected: tuple[str, ...]) -> None:
    row = describe(agent)
    assert (TRAFFIC_CLASSES[row["traffic_class"]], row["class_reason"], row["name"], row["category"]) == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "(Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) {webkit} Chrome/142.0 Mobile Safari/537.36 MetaIAB",
            "mobile",
        ),
        ("(Linux; Android 8.1.0; M bot 60 Build/O11019; wv) {webkit} Chrome/90.0 Mobile Safari/537.36", "mobile"),
        ("(Linux; Android 13; SM-T870 Build/TP1A; wv) {webkit} Version/4.0 Chrome/120.0 Safari/537.36", "tablet"),
        ("(iPad; CPU OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", "tablet"),
        ("(Linux; Android 13; SM-A135F) {webkit} Chrome/120 Mobile Safari/537.36 CamScanner/6.50", "mobile"),
    ],
)
def test_an_app_that_shows_pages_is_a_person(agent: str, expected: str) -> None:
    row = describe(f"Mozilla/5.0 {agent.format(webkit=WEBKIT)}")
    assert (row["traffic_class"], row["class_reason"], row["device"]) == (HUMAN, "app", expected)
    assert "bot" not in row["browser"].lower()


@pytest.mark.parametrize(
    "model", ["M bot 60", "CUBOT_X19", "B BOT 50", "BBOT 550", "HTC Butterfly", "ViewSonic VSD231", "Fever", "Expanse"]
)
def test_a_telephone_is_a_person_whatever_its_name(model: str) -> None:
    phone = (
        f"Mozilla/5.0 (Linux; U; Android 7.0; en-us; {model} Build/KOT49H) {WEBKIT} Chrome/80.0 Mobile Safari/537.36"
    )
    assert (describe(phone)["traffic_class"], describe(phone)["class_reason"]) == (HUMAN, "browser")


@pytest.mark.parametrize(
    "agent",
    [
        f"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) {WEBKIT} Chrome/1 (compatible; Googlebot/2.1)",
        f"Mozilla/5.0 (Linux; Android 5.0; compatible; AcmeSpider/1.0) {WEBKIT} Mobile Safari/537.36",
        f"Mozilla/5.0 (Linux; Android 10; AcmeBot/1.0) {WEBKIT} Chrome/80.0 Mobile Safari/537.36",
        f"Mozilla/5.0 (Linux; Android 10; K; +https://acme.example) {WEBKIT} Chrome/80.0 Mobile Safari/537.36",
    ],
)
def test_a_bot_on_a_telephone_is_a_bot(agent: str) -> None:
    assert describe(agent)["traffic_class"] == BOT


def test_the_agents_of_the_sites_own_app_are_people() -> None:
    agent = "ShopApp/5.1 CFNetwork/1490.0.4 Darwin/23.2.0"
    assert describe(agent)["class_reason"] == "app"
    assert TRAFFIC_CLASSES[describe(agent)["traffic_class"]] == "automated"
    row = describe(agent, ("other", "shopapp/"))
    assert (row["traffic_class"], row["class_reason"], row["name"]) == (HUMAN, "app", "")
    assert describe("Googlebot/2.1", ("googlebot",))["traffic_class"] == BOT


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            "(PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 Version/13.0 Safari/605.1.15",
            "PlayStation (unknown), console",
        ),
        (f"(Windows NT 10.0; Win64; x64; Xbox; Xbox One) {WEBKIT} Edge/17.17134", "Xbox (unknown), console"),
        (
            "(Nintendo Switch; WebApplet) AppleWebKit/609.4 NF/6.0.2 NintendoBrowser/5.1.0",
            "Nintendo (unknown), console",
        ),
        (f"(SMART-TV; Linux; Tizen 5.0) {WEBKIT} Version/5.0 TV Safari/537.36", "Tizen 5, tv"),
        (f"(Web0S; Linux/SmartTV) {WEBKIT} Chrome/79.0 Safari/537.36", "webOS (unknown), tv"),
        (f"(Linux; Android 9; AFTSSS) {WEBKIT} Silk/120.1 like Chrome/120.0 Safari/537.36", "Android 9, tv"),
        (f"(Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0 ArkWeb/4.1 Mobile", "HarmonyOS 5, mobile"),
        (f"(Tablet; OpenHarmony 5.0) {WEBKIT} Chrome/114.0 ArkWeb/4.1", "HarmonyOS 5, tablet"),
    ],
)
def test_consoles_televisions_and_harmony_have_names(agent: str, expected: str) -> None:
    row = describe(f"Mozilla/5.0 {agent}")
    assert "{os} {os_version}, {device}".format(**row) == expected
    assert row["traffic_class"] == HUMAN


def test_a_monitor_is_a_monitor_before_it_is_a_bot() -> None:
    assert describe("Better Uptime Bot Googlebot/2.1 curl/8")["class_reason"] == "uptime check"


@pytest.mark.parametrize(
    "agent",
    [
        "jane.doe@example.org/1.0",
        "192.0.2.1/1.0",
        "Bot192.0.2.1/1.0",
        "Jane0123456789Bot/1.0",
        "deadbeefdeadbeefBot/1.0",
        "x" * 60 + "Bot/1.0",
        'O:21:"JDatabaseDriverMysqli":3:{s:4:"\\0\\0\\0a";}' * 200,
        "Mozilla/5.0 " + "(" * 8_000,
        "\x00\ufffd" * 4_000,
    ],
)
def test_hostile_agents_publish_nothing_of_themselves(agent: str) -> None:
    row = describe(agent)
    assert {row["browser"], row["name"], row["os"]} <= {UNKNOWN, ""}
    assert row["traffic_class"] != HUMAN


@given(
    st.text(max_size=40), st.sampled_from(["{}", "{}/1.0", "{}Bot/2.1", f"{WINDOWS} {{}}/3.0 Safari/537.36", "{} OS 9"])
)
@settings(max_examples=200, deadline=None)
def test_whatever_an_agent_is_its_description_is_declared_or_safe(text: str, template: str) -> None:
    row = describe(template.replace("{}", text))
    assert row["device"] in DEVICES
    assert row["class_reason"] in CLASS_REASONS
    assert row["category"] in (*CATEGORIES, "")
    for name in (row["browser"], row["os"], row["name"]):
        assert name in (UNKNOWN, "(none)", "") or re.fullmatch(r"[A-Za-zÀ-ž0-9 ._+/!(),&'^-]{1,40}", name)
        assert not re.search(r"\d{5}|\d+(\.\d+){3}", name)
    for version in (row["browser_version"], row["os_version"]):
        assert re.fullmatch(r"\(unknown\)|[A-Za-z]{2,5}|\d{1,4}(\.\d{1,4})?( or later)?", version)


def test_rows_are_described_in_place_and_none_is_an_empty_table() -> None:
    agents = ["curl/8.1.2", None, f"{WINDOWS} Chrome/136.0.0.0 Safari/537.36"]
    table = describe_agents(pa.array(agents))
    assert table.schema == AGENT_SCHEMA
    assert [list(row.values()) for row in table.to_pylist()] == [list(describe(agent).values()) for agent in agents]
    assert describe_agents(pa.array([], pa.string())).schema == AGENT_SCHEMA


def test_rules_are_loaded_once_on_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    load = module._load

    def load_and_count() -> module._AgentRules:
        loads.append(1)
        return load()

    monkeypatch.setattr(module, "_loaded", [])
    monkeypatch.setattr(module, "_load", load_and_count)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: module.load_agent_rules(), range(4)))
    assert loads == [1]


def test_every_rule_has_a_declared_reason_and_category() -> None:
    for rule in order_agent_rules():
        assert rule.reason in CLASS_REASONS
        assert rule.category in CATEGORIES
        assert rule.name != UNKNOWN, f"{rule.pattern} needs a name in BOT_NAMES"


def test_tables_about_the_crawler_list_name_patterns_of_it() -> None:
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    listed = {entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA}
    assert set(AMENDED_PATTERNS) | set(BOT_NAMES) <= listed


def cases_of(name: str) -> list[dict[str, Any]]:
    path = CASES / f"ua_{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"the cases {path.name} are not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def describe_cases(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = describe_agents(pa.array([case["line"] for case in cases])).to_pylist()
    return rows


def test_browsers_conform_to_uap_core(capsys: pytest.CaptureFixture[str]) -> None:
    """What differs is what we do not publish: names and versions that do not look like ones."""
    cases = cases_of("uap_core_browser")
    outcomes: Counter[str] = Counter()
    for case, row in zip(cases, describe_cases(cases), strict=True):
        family, major = case["expect"]["browser_family"], case["expect"]["browser_major"]
        if row["browser"] == (UNKNOWN if family == "Other" else family) and row["browser_version"] == (
            major or UNKNOWN
        ):
            outcomes["as expected"] += 1
        elif family == "Other" and row["browser"] in {rule.browser for rule in DEVICE_RULES}:
            outcomes["known to us alone"] += 1
        elif row["browser"] == UNKNOWN:
            outcomes["name not published"] += 1
        elif row["browser"] == family and row["browser_version"] == UNKNOWN:
            outcomes["version not published"] += 1
        else:
            outcomes["different"] += 1
    with capsys.disabled():
        print(f"\nbrowsers of uap-core, {len(cases)} cases: {dict(outcomes)}")
    assert outcomes["different"] == 0
    assert outcomes["as expected"] >= 0.98 * len(cases)


def test_systems_conform_to_uap_core(capsys: pytest.CaptureFixture[str]) -> None:
    """What differs is relabelled: Mac OS X is macOS."""
    cases = cases_of("uap_core_os")
    outcomes: Counter[str] = Counter()
    for case, row in zip(cases, describe_cases(cases), strict=True):
        family = case["expect"]["os_family"]
        expected = UNKNOWN if family == "Other" else family
        # Consoles and televisions are told by what they are, not by the system underneath.
        relabelled = SYSTEM_NAMES.get(family) == row["os"] or row["device"] in ("tv", "console")
        outcomes["as expected" if row["os"] == expected else "relabelled" if relabelled else "different"] += 1
    with capsys.disabled():
        print(f"\nsystems of uap-core, {len(cases)} cases: {dict(outcomes)}")
    assert outcomes["different"] <= 4


def test_listed_crawlers_are_no_humans(capsys: pytest.CaptureFixture[str]) -> None:
    """But for the two patterns that we do not follow, because people's agents have them."""
    cases = cases_of("crawler_user_agents")
    rows = describe_cases(cases)
    classes = Counter(TRAFFIC_CLASSES[row["traffic_class"]] for row in rows)
    with capsys.disabled():
        print(f"\ncrawlers, {len(cases)} cases: {dict(classes)}")
    humans = {
        case["expect"]["pattern"]
        for case, row in zip(cases, rows, strict=True)
        if row["traffic_class"] == HUMAN and "pattern" in case["expect"]
    }
    assert humans <= {pattern for pattern, instead in AMENDED_PATTERNS.items() if instead is None}
    assert classes[TRAFFIC_CLASSES[BOT]] > 0.85 * len(cases)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(agent_rules).failed == 0


@pytest.mark.parametrize(
    ("agent", "own_hosts", "expected"),
    [
        ("WordPress/6.8; https://www.example.org", ("example.org",), (MONITOR, "own server", "monitor")),
        ("WordPress/6.8.1; http://Example.org/blog", ("www.example.org",), (MONITOR, "own server", "monitor")),
        ("WordPress/6.8; https://www.example.org", (), (BOT, "crawler list", "site software")),
        # Words in the site's host made it something else.
        ("WordPress/6.8; https://seo-checker.example", ("example.org",), (BOT, "crawler list", "site software")),
        ("WordPress/6.8; https://ahrefsbot.example.org", ("example.org",), (BOT, "crawler list", "site software")),
        # Somebody else asked that site to fetch a page.
        (
            "WordPress/6.8; https://www.example.org; verifying pingback from 192.0.2.7",
            ("example.org",),
            (BOT, "crawler list", "site software"),
        ),
    ],
)
def test_wordpress_asking_its_own_site_is_the_site_itself(
    agent: str, own_hosts: tuple[str, ...], expected: tuple[int, str, str]
) -> None:
    row = describe_agents(pa.array([agent]), (), own_hosts).to_pylist()[0]
    assert (row["traffic_class"], row["class_reason"]) == expected[:2]
    assert row["name"] == "WordPress"
    assert row["category"] == expected[2]


def test_a_name_that_a_client_chose_is_scrubbed() -> None:
    agents = ["jane.doe@example.org/1.0", "+49-30-20124567bot/1.0", "090-1234-5678bot/1.0"]
    agents += ["customer+V2025-4471bot/1.0", "Quietfeatherbot/1.0", "Quiet360bot/1.0"]
    described = describe_agents(pa.array(agents))
    assert described["name"].to_pylist() == [UNKNOWN] * 4 + ["Quietfeatherbot", "Quiet360bot"]
    assert described["has_own_name"].to_pylist() == [False] * 4 + [True] * 2
