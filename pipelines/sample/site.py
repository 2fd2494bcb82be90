"""The site of the sample log: its pages and all other requests that it responds to.

Every possible request is an entry of one table. The entry states what a page view of it counts as: the name of the
page, the search phrase and the campaign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final
from urllib.parse import quote, quote_plus

import numpy as np

from footfall.pipelines.sample.random_draws import LogNormal, RandomSource, WeightedChoice
from footfall.transforms.arrays import Ints

SITE: Final = "www.example.org"

_COLOURS: Final = "amber azure beige black blue bronze copper coral crimson cyan green grey indigo ivory lilac".split()
_STUFFS: Final = "ash bamboo birch brass cedar clay cork cotton felt glass hemp iron jute leather linen oak".split()
_THINGS: Final = (
    "basket bench blanket bowl candle chair clock cup cushion desk jug lamp mirror plate shelf vase".split()
)
_PLURALS: Final = {thing: f"{thing}s" for thing in _THINGS} | {"bench": "benches", "shelf": "shelves"}
_CITIES: Final = "Berlin Bologna Córdoba Dublin Gdańsk Kraków Lyon Malmö München Oslo Porto Utrecht Zürich".split()
_ACTS: Final = "chamber choir comedy dance film folk gospel jazz opera poetry puppet quiz salsa swing theatre".split()
_TIMES: Final = "afternoon autumn brunch evening festival gala marathon matinee night open-air spring summer".split()
_VERBS: Final = "build care choose clean find fix keep light make mend paint place plan polish repair store".split()
_PLAIN_PAGES: Final = ("/about", "/contact", "/delivery", "/returns", "/cart", "/checkout", "/account/login", "/jobs")
_SOURCES: Final = (
    ("newsletter", "email"),
    ("google", "cpc"),
    ("facebook", "paid_social"),
    ("instagram", "paid_social"),
    ("partner-shop", "affiliate"),
)
MAILED_SOURCES: Final = frozenset({"newsletter"})
"""Sources of campaigns that visitors follow from their mail; the others are advertisements or partners."""
_CAMPAIGNS: Final = ("Summer_Sale", "summer-events", "New Arrivals", "back_in_stock", "anniversary")
_LANDINGS: Final = ("/landing/summer", "/landing/events", "/landing/new", "/products/lamps")


GOALS: Final[dict[str, dict[str, object]]] = {
    "order": {"path": "/checkout", "status": 302},
    "account": {"path": "/account/login"},
    "flyer": {"path": "/landing/**", "query": "utm_campaign=flyer"},
}
"""The goals of the site, as a run's settings name them in `[goals]`."""


class Kind(IntEnum):
    """The kind of a request; response sizes and durations depend on it."""

    DOCUMENT, ASSET, API, REDIRECT, MISSING, FORM, MACHINE, RAW, FILE = range(9)


@dataclass
class Requests:
    """The table of requests, as columns; -1 stands for no page, phrase or campaign."""

    texts: list[str] = field(default_factory=list)
    """Method and URL; for `Kind.RAW` the whole request field."""
    kinds: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    phrases: list[int] = field(default_factory=list)
    campaigns: list[int] = field(default_factory=list)

    def add(
        self, text: str, kind: Kind, size: int, status: int = 200, page: int = -1, phrase: int = -1, campaign: int = -1
    ) -> int:
        """Add an entry and return its number."""
        self.texts.append(text)
        numbers = (self.kinds, self.statuses, self.sizes, self.pages, self.phrases, self.campaigns)
        for column, value in zip(numbers, (kind, status, size, page, phrase, campaign), strict=True):
            column.append(value)
        return len(self.texts) - 1


class Names:
    """Assigns numbers to names in the order of their first use."""

    def __init__(self) -> None:
        self.all: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, *name: str) -> int:
        """The number of a name; a new name gets the next number."""
        if name not in self._numbers:
            self._numbers[name] = len(self.all)
            self.all.append(name)
        return self._numbers[name]


@dataclass(frozen=True)
class Site:
    """The site: its requests, what they count as, and their popularity."""

    requests: Requests
    pages: list[tuple[str, ...]]
    phrases: list[tuple[str, ...]]
    campaigns: list[tuple[str, ...]]
    entries: WeightedChoice
    """Requests with which a visit begins."""
    views: WeightedChoice
    """Later page views of a visit."""
    landings: WeightedChoice
    redirects: WeightedChoice
    assets: WeightedChoice
    apis: WeightedChoice
    """What pages ask for by themselves, and files that people fetch from them."""
    goals: dict[str, Ints]
    """The requests by which a goal is reached where they are answered with the status that it needs."""
    asked_by_machines: dict[str, WeightedChoice]
    """Requests of machines, by `Machine.asks_for`."""


def build_site(rng: RandomSource, lines: int, has_agent: bool) -> Site:
    """The site for a log with this many lines: about 3,500 pages, and personal URLs and searches in proportion.

    `has_agent`: whether the log format has a user agent. Without one, machines cannot be distinguished from visitors,
    and so they request no pages.
    """
    requests, pages, phrases, campaigns = Requests(), Names(), Names(), Names()
    sizes = rng.draw(LogNormal.of(14_000, 0.6, 900, 400_000), 4096).tolist()

    def document(path: str, page: str, **more: int) -> int:
        size = sizes[len(requests.texts) % len(sizes)]
        return requests.add(f"GET {path}", Kind.DOCUMENT, size, page=pages.number(page), **more)

    home = document("/", "/")
    plain = [document(page, page) for page in _PLAIN_PAGES]
    ordinary = _ordinary_paths()
    ordinary = [ordinary[i] for i in rng.shuffled(len(ordinary)).tolist()]
    popular = [document(quote(path), path) for path in ordinary]
    variants = [
        document(f"{quote(ordinary[i % 900])}?{query}", ordinary[i % 900])
        for i, query in enumerate(_variants(min(9000, 20 + lines // 40)))
    ]
    parameters = [document(f"{quote(path)};jsessionid=node{i}", path) for i, path in enumerate(ordinary[:20])]
    landings = [
        document(
            f"{path}?utm_source={source}&utm_medium={medium}&utm_campaign={quote_plus(name)}",
            path,
            campaign=campaigns.number(source, medium, name.lower()),
        )
        for path in _LANDINGS
        for source, medium in _SOURCES
        for name in _CAMPAIGNS
    ]
    landings.append(
        document(
            "/landing/summer?utm_campaign=flyer",
            "/landing/summer",
            campaign=campaigns.number("(none)", "(none)", "flyer"),
        )
    )
    personal = [document(path, page) for path, page in _personal_paths(rng, min(20_000, 30 + lines // 150))]
    searches = [
        document(f"/search?{query}", "/search", phrase=phrases.number(phrase))
        for query, phrase in _searches(min(2500, 40 + lines // 400))
    ]
    missing = [requests.add(f"GET /old/{quote(path[1:])}", Kind.MISSING, 1200, status=404) for path in ordinary[:400]]
    redirects = [requests.add(f"GET /go/{word}", Kind.REDIRECT, 178, status=302) for word in _STUFFS]
    forms = [
        requests.add(f"POST {path}", Kind.FORM, 0, status=302) for path in ("/cart", "/checkout", "/account/login")
    ]
    assets = _add_assets(requests, rng)
    apis = [
        requests.add(f"GET /api{quote(path)}/stock", Kind.API, 210)
        for path in ordinary[: 40 + min(1500, lines // 1000)]
    ]
    apis += [requests.add(text, Kind.API, 480) for text in ("POST /api/cart", "POST /graphql", "GET /feeds/news.rss")]
    apis += [requests.add(f"GET /api/suggest?q={word}", Kind.API, 300) for word in _THINGS]
    files = _add_files(requests)

    later = [
        (popular, 62.0),
        (variants, 14.0),
        (searches, 7.0),
        (personal, 6.0),
        (plain, 5.0),
        ([home], 4.0),
        (missing, 1.0),
        (parameters, 0.3),
        (forms, 2.5),
    ]
    first = [
        (popular, 62.0),
        (variants, 3.0),
        (searches, 2.0),
        (personal, 1.5),
        (plain, 3.0),
        ([home], 26.0),
        (missing, 2.0),
    ]
    return Site(
        requests,
        pages.all,
        phrases.all,
        campaigns.all,
        entries=_mix(first),
        views=_mix(later),
        landings=WeightedChoice.zipf(landings),
        redirects=WeightedChoice.zipf(redirects),
        assets=assets,
        apis=_mix([(apis, 93.0), (files, 7.0)]),
        goals={
            "order": np.array(forms[1:2]),
            "account": np.array([plain[_PLAIN_PAGES.index("/account/login")], forms[2]]),
            "flyer": np.array(landings[-1:]),
        },
        asked_by_machines=_machine_requests(requests, popular if has_agent else [], missing, redirects),
    )


def _mix(parts: list[tuple[list[int], float]]) -> WeightedChoice:
    """A choice among all parts by their weights, with a Zipf distribution within each part."""
    shares = [1.0 / (np.arange(len(values)) + 3.0) for values, _ in parts]
    weights = [weight * share / share.sum() for share, (_, weight) in zip(shares, parts, strict=True)]
    return WeightedChoice.of([value for values, _ in parts for value in values], np.concatenate(weights))


def _ordinary_paths() -> list[str]:
    """Paths without personal parts, and without digits, so that none is replaced by a placeholder."""
    products = [
        f"/products/{_PLURALS[thing]}/{colour}-{stuff}-{thing}"
        for thing in _THINGS
        for colour in _COLOURS
        for stuff in _STUFFS[:9]
    ]
    products += [f"/products/{_PLURALS[thing]}" for thing in _THINGS]
    articles = [
        f"/magazine/how-to-{verb}-a-{stuff}-{thing}"
        for verb in _VERBS[:6]
        for stuff in _STUFFS[:8]
        for thing in _THINGS[:10]
    ]
    events = [f"/events/{city}/{act}-{time}" for city in _CITIES for act in _ACTS for time in _TIMES[:5]]
    return [*products, *articles, *events, *(f"/events/{city}" for city in _CITIES)]


def _variants(count: int) -> list[str]:
    """Queries that give different URLs of the same page."""
    return [f"{('sort=price', 'sort=name', 'view=grid', 'view=list')[i % 4]}&page={i // 900 + 1}" for i in range(count)]


def _personal_paths(rng: RandomSource, count: int) -> list[tuple[str, str]]:
    """Paths that contain a person or an order, each with the page that it must be published as."""
    digits = rng.between(count, 1_000_000, 10_000_000).tolist()
    tokens = rng.hex_texts(count, 32)
    people = [f"{_COLOURS[d % 15]}.{_STUFFS[d // 15 % 16]}{d % 97}" for d in digits]
    found: list[tuple[str, str]] = []
    for i, (number, token, person) in enumerate(zip(digits, tokens, people, strict=True)):
        uuid = f"{token[:8]}-{token[8:12]}-4{token[13:16]}-8{token[17:20]}-{token[20:]}"
        found.append(
            (
                (f"/orders/{number}", "/orders/{id}"),
                (f"/orders/{number}/invoice", "/orders/{id}/invoice"),
                (f"/account/{person}@example.org", "/account/{email}"),
                (f"/account/{person}%40example.org/orders", "/account/{email}/orders"),
                (f"/checkout/{uuid}/payment", "/checkout/{uuid}/payment"),
                (f"/invite/{token}", "/invite/{token}"),
            )[i % 6]
        )
    return found


def _searches(count: int) -> list[tuple[str, str]]:
    """Queries of the site search, each with the phrase that it counts as, the most frequent first."""
    words = [f"{colour} {thing}" for thing in _THINGS for colour in _COLOURS]
    words += [f"{act} {city}" for city in _CITIES for act in _ACTS]
    found = []
    for i in range(count):
        phrase = words[(i // 3 * 37) % len(words)]
        raw = (phrase, phrase.title(), f" {phrase.replace(' ', '  ')} ")[i % 3]
        key = ("q", "q", "q", "query", "search")[i % 5]
        found.append((f"{key}={(quote_plus if i % 2 else quote)(raw)}", phrase.lower()))
    found[min(5, count)] = ("q=amber.ash%40example.org", "{email}")
    found[min(9, count)] = ("q=Order+4820173&page=1", "order {id}")
    return found


def _add_assets(requests: Requests, rng: RandomSource) -> WeightedChoice:
    """Add style sheets and scripts, which all pages share, and images."""
    shared = [f"/static/css/{name}.css" for name in ("site", "print")]
    shared += [f"/static/js/{name}.js" for name in ("site", "vendor", "cart", "consent")]
    shared += ["/static/fonts/text.woff2", "/static/fonts/head.woff2", "/favicon.ico", "/static/img/logo.svg"]
    pictures = [
        f"/images/{_PLURALS[thing]}/{colour}-{n}.{ending}"
        for thing in _THINGS
        for colour in _COLOURS
        for n in range(6)
        for ending in ("jpg", "webp")
    ]
    sizes = rng.draw(LogNormal.of(22_000, 0.9, 200, 2_000_000), len(shared) + len(pictures)).tolist()
    added = [
        requests.add(f"GET {path}", Kind.ASSET, size) for path, size in zip((*shared, *pictures), sizes, strict=True)
    ]
    return _mix([(added[: len(shared)], 60.0), (added[len(shared) :], 40.0)])


def _add_files(requests: Requests) -> list[int]:
    """Add catalogues, and recordings, of which players ask for a part."""
    added = [requests.add(f"GET /downloads/{_PLURALS[thing]}.zip", Kind.FILE, 3_200_000) for thing in _THINGS[:6]]
    for act in _ACTS[:6]:
        added.append(requests.add(f"GET /recordings/{act}.mp3", Kind.FILE, 5_400_000))
        added.append(requests.add(f"GET /recordings/{act}.mp3", Kind.FILE, 1_048_576, status=206))
    return added


def _machine_requests(
    requests: Requests, documents: list[int], missing: list[int], redirects: list[int]
) -> dict[str, WeightedChoice]:
    """Add the requests of machines, with the statuses by which probes are recognized."""

    def add(status: int, size: int, *texts: str, kind: Kind = Kind.MACHINE) -> list[int]:
        return [requests.add(text, kind, size, status=status) for text in texts]

    about = add(200, 640, "GET /robots.txt", "GET /sitemap.xml", "GET /feeds/events.rss", "GET /static/img/logo.png")
    about += add(304, 0, "GET /feeds/events.atom")
    head = add(200, 0, "HEAD /", "HEAD /events")
    exploits = add(
        404, 153, "GET /wp-login.php", "GET /wp-admin/setup-config.php", "GET /phpmyadmin/index.php", "GET /xmlrpc.php"
    )
    exploits += add(
        404, 153, "GET /.env", "GET /.git/config", "GET /api/.env", "GET /backup/.git/HEAD", "GET /.aws/credentials"
    )
    exploits += add(400, 157, "GET /../../../../etc/passwd", "GET /cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh")
    exploits += add(200, 5120, "GET /products?id=1%27%20UNION%20SELECT%20username,password%20FROM%20users--")
    raw = add(400, 157, r"\x16\x03\x01\x00\xEE\x01\x00\x00\xEA\x03\x03", "SSH-2.0-Go", kind=Kind.RAW)
    return {
        "crawl": _mix(
            [(documents, 80.0), (about, 8.0), (missing, 4.0), (redirects, 4.0)]
            if documents
            else [(about, 50.0), (missing, 30.0), (redirects, 20.0)]
        ),
        "fetch": _mix(
            [(documents[:50], 30.0), (about, 30.0), (head, 20.0)] if documents else [(about, 60.0), (head, 40.0)]
        ),
        "long": WeightedChoice.uniform(add(414, 177, "GET /search/" + "long-" * 1800)),
        "exploits": WeightedChoice.zipf(exploits),
        "bytes": WeightedChoice.uniform(raw),
        "nothing": WeightedChoice.uniform(
            add(400, 0, "-", kind=Kind.RAW)
            + add(408, 0, "-", kind=Kind.RAW)
            + add(200, 612, "GET /favicon.ico", kind=Kind.RAW)
        ),
        "check": WeightedChoice.uniform(head[:1]),
        "health": WeightedChoice.uniform(add(204, 0, "GET /api/health")),
    }
