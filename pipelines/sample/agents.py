"""The user agents of the sample log: browsers of people, and machines (bots, programs, probes and monitors).

Each browser template states its family and device as ua-parser and user-agents name them: the true figures of a sample
come from this table, not from parsing the generated strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from footfall.pipelines.sample.random_draws import RandomSource, WeightedChoice
from footfall.transforms.arrays import Floats, Ints

_WEBKIT: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_BLINK: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE: Final = f"Mozilla/5.0 (iPhone; CPU iPhone OS {{system}} like Mac OS X) {_WEBKIT}"
_IN_FACEBOOK: Final = "FBAN/FBIOS;FBAV/{version};FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBLC/de_DE;FBOP/5"
_WINDOWS: Final = "Windows NT 10.0; Win64; x64"
_MAC: Final = "Macintosh; Intel Mac OS X 10_15_7"
_DESKTOPS: Final = (_WINDOWS, _MAC, "X11; Linux x86_64", "X11; CrOS x86_64 14541.0.0")
_CHROMES: Final = tuple(f"{version}.0.0.0" for version in range(137, 108, -1))
_IOS: Final = tuple(f"{major}_{minor}" for major in (18, 17, 16, 15) for minor in range(6, -1, -1))
_PHONES: Final = tuple(
    f"Android {version}; {model}"
    for model in (
        *(f"SM-{code}" for code in "S928B S918B S911B A556B A546B A536B A346B A256B A155F A145R G991B G781B".split()),
        *("Pixel 9 Pro", "Pixel 8", "Pixel 8a", "Pixel 7", "Pixel 7a", "Pixel 6a", "Pixel 5"),
        *("Redmi Note 12", "2201117TY", "23021RAA2Y", "M2101K6G", "CPH2481", "CPH2211", "V2111", "moto g54", "XQ-DQ54"),
    )
    for version in (14, 13, 12)
)
_TABLETS: Final = tuple(
    f"Android {version}; {model}"
    for model in ("SM-X700", "SM-T870", "SM-X200", "TB-X606F")
    for version in (14, 13, 12, 11)
)
_APP_BUILDS: Final = tuple(
    f"{major}.0.0.{minor}.{106 + minor}" for major in range(512, 484, -2) for minor in (27, 31, 44)
)


@dataclass(frozen=True)
class Browser:
    """A family of user-agent strings, one for each combination of a system and a version."""

    family: str
    device: str
    weight: float
    template: str
    systems: tuple[str, ...]
    versions: tuple[str, ...]


BROWSERS: Final = (
    Browser(
        "Chrome",
        "desktop",
        24,
        f"Mozilla/5.0 ({{system}}) {_BLINK} Chrome/{{version}} Safari/537.36",
        _DESKTOPS,
        _CHROMES,
    ),
    Browser(
        "Chrome",
        "tablet",
        2,
        f"Mozilla/5.0 (Linux; {{system}}) {_BLINK} Chrome/{{version}} Safari/537.36",
        _TABLETS,
        _CHROMES[:12],
    ),
    Browser(
        "Chrome Mobile",
        "mobile",
        14,
        f"Mozilla/5.0 (Linux; {{system}}) {_BLINK} Chrome/{{version}} Mobile Safari/537.36",
        ("Android 10; K",),
        _CHROMES,
    ),
    Browser(
        "Chrome Mobile",
        "mobile",
        5,
        f"Mozilla/5.0 (Linux; {{system}}) {_BLINK} Chrome/{{version}} Mobile Safari/537.36",
        _PHONES,
        _CHROMES[6:],
    ),
    Browser(
        "Chrome Mobile WebView",
        "mobile",
        3,
        f"Mozilla/5.0 (Linux; {{system}}; wv) {_BLINK} Version/4.0 Chrome/{{version}} Mobile Safari/537.36",
        _PHONES,
        _CHROMES[:8],
    ),
    Browser(
        "Mobile Safari",
        "mobile",
        20,
        f"{_IPHONE} Version/{{version}} Mobile/15E148 Safari/604.1",
        _IOS,
        ("18.5", "18.4", "17.6", "17.5.1", "16.6"),
    ),
    Browser(
        "Mobile Safari",
        "tablet",
        1.5,
        f"Mozilla/5.0 (iPad; CPU OS {{system}} like Mac OS X) {_WEBKIT} Version/{{version}} Mobile/15E148 Safari/604.1",
        _IOS,
        ("17.6", "16.6", "15.6"),
    ),
    Browser(
        "Chrome Mobile iOS",
        "mobile",
        3,
        f"{_IPHONE} CriOS/{{version}} Mobile/15E148 Safari/604.1",
        _IOS[:12],
        tuple(f"{major}.0.{6000 + major * 8}.{patch}" for major in range(137, 125, -1) for patch in (51, 92)),
    ),
    Browser(
        "Safari",
        "desktop",
        8,
        f"Mozilla/5.0 ({{system}}) {_WEBKIT} Version/{{version}} Safari/605.1.15",
        (_MAC,),
        ("18.5", "18.4", "18.3", "17.6", "17.5", "16.6", "15.6.1"),
    ),
    Browser(
        "Edge",
        "desktop",
        7,
        f"Mozilla/5.0 ({{system}}) {_BLINK} Chrome/{{version}} Safari/537.36 Edg/{{version}}",
        (_WINDOWS, _MAC),
        _CHROMES[:20],
    ),
    Browser(
        "Firefox",
        "desktop",
        6,
        "Mozilla/5.0 ({system}; rv:{version}) Gecko/20100101 Firefox/{version}",
        (_WINDOWS, "Macintosh; Intel Mac OS X 10.15", "X11; Linux x86_64", "X11; Ubuntu; Linux x86_64"),
        tuple(f"{version}.0" for version in range(139, 109, -1)),
    ),
    Browser(
        "Firefox Mobile",
        "mobile",
        1,
        "Mozilla/5.0 (Android {system}; Mobile; rv:{version}) Gecko/{version} Firefox/{version}",
        ("15", "14", "13", "12"),
        ("139.0", "138.0", "137.0", "128.0"),
    ),
    Browser(
        "Samsung Internet",
        "mobile",
        4,
        f"Mozilla/5.0 (Linux; {{system}}) {_BLINK} SamsungBrowser/{{version}} Chrome/125.0.0.0 Mobile Safari/537.36",
        ("Android 10; K", *(phone for phone in _PHONES if "SM-" in phone)),
        ("28.0", "27.0", "26.0", "25.0"),
    ),
    Browser(
        "Opera",
        "desktop",
        1,
        f"Mozilla/5.0 ({{system}}) {_BLINK} Chrome/{{version}} Safari/537.36 OPR/119.0.0.0",
        (_WINDOWS,),
        _CHROMES[3:9],
    ),
    Browser(
        "Facebook",
        "mobile",
        2,
        f"{_IPHONE} Mobile/15E148 [{_IN_FACEBOOK}]",
        _IOS[:10],
        _APP_BUILDS,
    ),
)


_ON_LINUX: Final = f"Mozilla/5.0 (X11; Linux x86_64) {_BLINK}"
_FACEBOOK_HELP: Final = "http://www.facebook.com/externalhit_uatext.php"


def _crawler(name: str, engine: str = "") -> str:
    """A crawler's user-agent string in the usual form; many also name a browser engine."""
    return f"Mozilla/5.0 {engine}{' ' if engine else ''}(compatible; {name})"


@dataclass(frozen=True)
class Machine:
    """A machine that makes requests: its true name and class, and its share of hits, addresses and kind of requests."""

    name: str
    traffic_class: str
    weight: float
    addresses: int
    asks_for: str
    agent: str


MACHINES: Final = (
    Machine("Googlebot", "bot", 12, 40, "crawl", _crawler("Googlebot/2.1; +http://www.google.com/bot.html")),
    Machine("bingbot", "bot", 8, 24, "crawl", _crawler("bingbot/2.0; +http://www.bing.com/bingbot.htm", _BLINK)),
    Machine("YandexBot", "bot", 3, 10, "crawl", _crawler("YandexBot/3.0; +http://yandex.com/bots")),
    Machine("AhrefsBot", "bot", 5, 16, "crawl", _crawler("AhrefsBot/7.0; +http://ahrefs.com/robot/")),
    Machine("SemrushBot", "bot", 4, 12, "crawl", _crawler("SemrushBot/7~bl; +http://www.semrush.com/bot.html")),
    Machine("GPTBot", "bot", 6, 20, "crawl", _crawler("GPTBot/1.2; +https://openai.com/gptbot", _BLINK)),
    Machine("ClaudeBot", "bot", 5, 12, "crawl", _crawler("ClaudeBot/1.0; +claudebot@anthropic.com", _BLINK)),
    Machine("PerplexityBot", "bot", 2, 6, "crawl", _crawler("PerplexityBot/1.0; +https://perplexity.ai/perplexitybot")),
    Machine("CCBot", "bot", 2, 4, "crawl", "CCBot/2.0 (https://commoncrawl.org/faq/)"),
    Machine("facebookexternalhit", "bot", 2, 8, "crawl", f"facebookexternalhit/1.1 (+{_FACEBOOK_HELP})"),
    Machine("curl", "automated", 2, 15, "fetch", "curl/8.5.0"),
    Machine("curl", "automated", 0.15, 2, "fetch", r"curl/8.5.0 \x22nightly\x22"),
    Machine("curl", "automated", 0.15, 2, "fetch", "curl/8.5.0 caf\udce9"),
    Machine("curl", "automated", 0.15, 1, "long", "curl/8.4.0"),
    Machine("python-requests", "automated", 4, 30, "fetch", "python-requests/2.32.3"),
    Machine("Go-http-client", "automated", 2, 20, "fetch", "Go-http-client/2.0"),
    Machine("HeadlessChrome", "automated", 2, 6, "crawl", f"{_ON_LINUX} HeadlessChrome/126.0.0.0 Safari/537.36"),
    Machine("(none)", "automated", 2, 40, "fetch", "-"),
    Machine("(none)", "automated", 0.5, 20, "nothing", "-"),
    Machine("probe", "probe", 4, 60, "exploits", f"{_ON_LINUX} Chrome/120.0.0.0 Safari/537.36"),
    Machine("probe", "probe", 2, 30, "exploits", _crawler("CensysInspect/1.1; +https://about.censys.io/")),
    Machine("probe", "probe", 1, 30, "bytes", "-"),
)
"""`asks_for` is one of: pages (`crawl`), a few URLs (`fetch`), a very long URL (`long`), vulnerabilities (`exploits`),
bytes of another protocol (`bytes`), or no request after connecting (`nothing`)."""

MONITORS: Final = (
    Machine(
        "UptimeRobot",
        "monitor",
        1,
        2,
        "check",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    ),
    Machine("Amazon ELB", "monitor", 1, 2, "health", "ELB-HealthChecker/2.0"),
)
"""Machines that make requests at fixed intervals."""


@dataclass(frozen=True)
class Agents:
    """All user-agent strings of one sample; `profiles[profile[agent]]` are a browser's family and device."""

    texts: list[str]
    protocols: Ints
    profile: Ints
    profiles: list[tuple[str, str]]
    people: WeightedChoice
    machines: Ints
    """The agent number of each of `MACHINES`, then of each of `MONITORS`."""


def build_agents(rng: RandomSource) -> Agents:
    """All browser strings (about 3,000) with random popularity within their family, and the machines' strings."""
    profiles = sorted({(browser.family, browser.device) for browser in BROWSERS})
    texts: list[str] = []
    profile: list[int] = []
    weights: list[Floats] = []
    for browser in BROWSERS:
        made = [browser.template.format(system=s, version=v) for v, s in product(browser.versions, browser.systems)]
        share = 1.0 / (rng.shuffled(len(made)) + 2.0)
        weights.append(browser.weight * share / share.sum())
        texts += made
        profile += [profiles.index((browser.family, browser.device))] * len(made)
    people = WeightedChoice.of(range(len(texts)), np.concatenate(weights))
    machines = np.arange(len(texts), len(texts) + len(MACHINES) + len(MONITORS))
    # Most browsers use HTTP/2 or later, machines HTTP/1.1.
    protocols = np.concatenate([np.where(rng.chance(len(texts), 0.85), 2, 1), np.ones(len(machines), dtype=np.int64)])
    texts += [machine.agent for machine in (*MACHINES, *MONITORS)]
    profile += [-1] * len(machines)
    return Agents(texts, protocols, np.array(profile, dtype=np.int64), profiles, people, machines)
