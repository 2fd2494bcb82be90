"""Small random sites, with which the reference and the product are compared on the rules for small groups.

What makes these rules hard is frequent here: values that are too rare for a day, a week or a month, small days, people
who come again, or with many cookies, ties, sites of few and of many visitors, and logs that begin or end within a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

FORMATS = {
    "combined": '{client} - - [{time}] "{request}" {status} {size} "{referrer}" "{agent}"',
    "footfall": '{client} - - [{time}] "{request}" {status} {size} "{referrer}" "{agent}" "{cookie}" 0.0{tenth}',
    "vhost_combined": '{site}:443 {client} - - [{time}] "{request}" {status} {size} "{referrer}" "{agent}"',
    '$host $remote_addr [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '"$cookie_session"': '{site} {client} [{time}] "{request}" {status} {size} "{referrer}" "{agent}" "{cookie}"',
}
"""A line of each log format."""

TIMEZONES = ("UTC", "UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland")
NETWORKS = ("8.8.8", "1.1.1", "9.9.9", "77.88.8", "193.110.81", "208.67.222", "192.0.2", "114.114.114", "200.160.2")
"""Of public resolvers in several countries, and one for documentation, which has no place."""

_MOZILLA = "Mozilla/5.0"
_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
AGENTS = (
    *(f"{_MOZILLA} ({system}) {_CHROME.format(number)}" for system in (_WINDOWS, _MAC) for number in (136, 137)),
    *(f"{_MOZILLA} (X11; Linux x86_64; rv:{i}.0) Gecko/20100101 Firefox/{i}.0" for i in (115, 127, 128)),
    f"{_MOZILLA} ({_WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0",
    f"{_MOZILLA} ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    f"{_MOZILLA} (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Mobile/15E148 Safari/604.1",
    f"{_MOZILLA} (Linux; Android 10; K) {_CHROME.format('137')}".replace("Safari", "Mobile Safari"),
)
MACHINES = ("curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "-")
PAGES = (
    *("/", "/about", "/contact", "/news/", "/news/today", "/news/2026/spring", "/news/2026/summer", "/news/2025/old"),
    *("/events/jazz", "/events/rock", "/events/2026/june/opening", "/events/2026/june/closing", "/events/2026/july/"),
    *("/shop/lamps/blue", "/shop/lamps/red", "/shop/chairs/", "/shop/chairs/oak", "/help", "/a/b", "/a/b/c", "/a//b"),
)
PHRASES = ("blue lamp", "jazz night", "opening hours", "oak chair", "tickets", "parking")
REFERRERS = (
    *("-", "-", "-", "https://www.google.com/", "https://duckduckgo.com/", "https://www.facebook.com/"),
    *("https://news.example/", "https://blog.example/post", "https://mail.google.com/", "not a url"),
)
CAMPAIGNS = tuple(
    f"utm_source={source}&utm_medium={medium}&utm_campaign={campaign}"
    for source, medium in (
        *(("news", "mail"), ("news", "web"), ("ads", "web"), ("google", "web"), ("google.com", "web")),
        *(("google", "cpc"), ("fb", "web"), ("newsletter", "mail"), ("newsletter", "cpc")),
    )
    for campaign in ("spring", "summer", "june")
)


@dataclass(frozen=True)
class SmallSite:
    """A log and how a run must read it."""

    content: bytes
    log_format: str
    timezone: str
    k: int
    sites: tuple[str, ...]
    """All sites of the log; without a field for it, the one that it must be given."""
    first_day: date | None
    last_day: date | None
    """The days to publish; None: all."""


@dataclass(frozen=True)
class _Person:
    client: str
    agent: str
    favourites: tuple[str, ...]


def small_site(seed: int, *, most_lines: int = 3_000) -> SmallSite:
    """A log of 1 to 3 sites and 1 to 70 days; the same for the same seed. It ends when it has `most_lines` lines."""
    random = Random(seed)
    log_format = random.choice(list(FORMATS))
    sites = ("one.example", "two.example", "three.example")[
        : random.randint(1, 3) if "{site}" in FORMATS[log_format] else 1
    ]
    number_of_days = random.choice([1, 7, random.randint(1, 70), random.randint(28, 70), random.randint(28, 70)])
    first = date(2026, random.randint(1, 11), random.randint(1, 28))
    lines: list[tuple[datetime, str]] = []
    for site in sites:
        lines += _lines_of_site(random, site, first, number_of_days, log_format, most_lines // len(sites))
    if random.random() < 0.8:
        # What a run must have read around its days for them to be complete.
        for around in (first - timedelta(days=2), first + timedelta(days=number_of_days + 2)):
            lines += _request(random, log_format, sites[0], _midnight(around), "192.0.2.200", MACHINES[0], "/", 200)
    lines.sort()
    is_dated = random.random() < 0.3
    return SmallSite(
        content="".join(f"{text}\n" for _, text in lines).encode(),
        log_format=log_format,
        timezone=random.choice(TIMEZONES),
        k=random.randint(2, 10),
        sites=sites,
        first_day=first + timedelta(days=random.randint(0, number_of_days - 1) // 3) if is_dated else None,
        last_day=first + timedelta(days=number_of_days - 1) if is_dated else None,
    )


def _lines_of_site(
    random: Random, site: str, first: date, number_of_days: int, log_format: str, most_lines: int
) -> list[tuple[datetime, str]]:
    number_of_people = random.choice([3, 12, 40, 40, 150, 300])
    agents = random.sample(AGENTS, random.randint(1, len(AGENTS)))
    networks = random.sample(NETWORKS, random.randint(1, len(NETWORKS)))
    persons = [
        _Person(
            f"{random.choice(networks)}.{random.randint(1, 250)}",
            random.choice(agents),
            tuple(random.choices(PAGES, weights=range(3 * len(PAGES), 0, -3), k=4)),
        )
        for _ in range(number_of_people)
    ]
    usual_visits = random.choice([1, 6, 15, 30, 60])
    steadiness = random.choice([0.0, 0.5, 1.0])
    lines: list[tuple[datetime, str]] = []
    for number in range(number_of_days):
        midnight = _midnight(first + timedelta(days=number))
        visits = usual_visits if random.random() < steadiness else random.randint(0, 2 * usual_visits)
        for _ in range(visits if random.random() < 0.9 else visits // 4):
            lines += _visit(random, log_format, site, midnight, random.choice(persons))
            if len(lines) >= most_lines:
                return lines
        if random.random() < 0.1:
            # One person with many cookies.
            person = random.choice(persons)
            for _ in range(12):
                lines += _visit(random, log_format, site, midnight, person)
        if random.random() < 0.3:
            when = midnight + timedelta(seconds=random.randrange(86_400))
            lines += _request(
                random,
                log_format,
                site,
                when,
                "192.0.2.201",
                random.choice(MACHINES),
                "/gone",
                random.choice([404, 200]),
            )
    return lines


def _visit(
    random: Random, log_format: str, site: str, midnight: datetime, person: _Person
) -> list[tuple[datetime, str]]:
    """Some requests of a person, often with a cookie that the first does not carry yet; sometimes one long in use."""
    when = midnight + timedelta(seconds=random.randrange(86_400))
    cookie = random.choice([f"{random.getrandbits(64):016x}"] * 5 + ["-", f"old{person.client}", "everybody"])
    referrer = random.choice(REFERRERS)
    lines = []
    for number in range(random.choice([1, 1, 2, 3, 5])):
        page, query, status = random.choice(person.favourites), "", 200
        if random.random() < 0.05:
            page = random.choice(PAGES)
        if number == 0 and random.random() < 0.25:
            query = random.choice(CAMPAIGNS)
        elif random.random() < 0.1:
            page, query = "/search", "q=" + random.choice(PHRASES).replace(" ", "+")
        elif random.random() < 0.1:
            page, status = (
                random.choice(["/gone", "/old/page", "/old/other", "/old/2020/x"]),
                random.choice([404, 410, 500]),
            )
        carried = "-" if number == 0 and random.random() < 0.7 else cookie
        url = f"{page}?{query}" if query else page
        lines += _request(
            random, log_format, site, when, person.client, person.agent, url, status, referrer=referrer, cookie=carried
        )
        referrer = f"https://{site}{page}"
        when += timedelta(seconds=random.choice([0, 5, 60, 600, 1800, 1801]))
    return lines


def _request(
    random: Random,
    log_format: str,
    site: str,
    when: datetime,
    client: str,
    agent: str,
    url: str,
    status: int,
    *,
    referrer: str = "-",
    cookie: str = "-",
) -> list[tuple[datetime, str]]:
    """One line and its time."""
    fields = {
        "site": site,
        "client": client,
        "time": f"{when:%d/%b/%Y:%H:%M:%S} +0000",
        "request": f"GET {url} HTTP/1.1",
        "status": status,
        "size": random.randrange(100, 5_000),
        "referrer": referrer,
        "agent": agent,
        "cookie": cookie,
        "tenth": random.randint(10, 99),
    }
    return [(when, FORMATS[log_format].format(**fields))]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
