"""Logs in which it is known who is a person: machines that pretend to be one, and people who look like machines.

The sites: a magazine with pages, pictures and referrers, the same with readers who have all of it already; an
application's back end, whose log has no parts of pages but the few that its people load; the host of an interface,
whose pages are on another host; a shop whose pictures have no endings; and a site whose log has neither parts nor
referrers. On each there are ordinary people, by whom the rest is measured, and one client or several of each kind of
`SITES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

DAY = datetime(2025, 6, 10, tzinfo=UTC)
HOST = "https://magazine.example"
SEARCH = "https://www.google.com/"

_MOZILLA = "Mozilla/5.0"
_LIKE_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"
CHROME = f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_LIKE_CHROME}/137.0.0.0 Safari/537.36"
EDGE = f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_LIKE_CHROME}/137.0.0.0 Safari/537.36 Edg/137.0.0.0"
MAC_CHROME = f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {_LIKE_CHROME}/136.0.0.0 Safari/537.36"
FIREFOX = f"{_MOZILLA} (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"
ANDROID = f"{_MOZILLA} (Linux; Android 10; K) {_LIKE_CHROME}/137.0.0.0 Mobile Safari/537.36"
PHONE = (
    f"{_MOZILLA} (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)
WEB_VIEW = (
    f"{_MOZILLA} (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/136.0.7103.60 Mobile Safari/537.36 [FBAN/EMA;FBLC/de_DE]"
)
OLD_TABLET = (
    f"{_MOZILLA} (iPad; CPU OS 9_3_5 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 "
    "Mobile/13G36 Safari/601.1"
)
OLD_ANDROID = f"{_MOZILLA} (Linux; Android 5.1.1; SM-T560) {_LIKE_CHROME}/61.0.3163.98 Safari/537.36"
TEXT_BROWSER = "Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.13"
OLD_CHROME = f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_LIKE_CHROME}/83.0.4103.97 Safari/537.36"
STALE_CHROME = f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_LIKE_CHROME}/131.0.0.0 Safari/537.36"
FLEET_FIREFOX = f"{_MOZILLA} (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0"
FLEET_PHONE = PHONE.replace("18_5", "17_2_1").replace("18.5", "17.2")
NO_CHROME = CHROME.replace("Windows NT 10.0", "Windows NT 7.1")
ORDINARY = (CHROME, CHROME, EDGE, MAC_CHROME, FIREFOX, ANDROID, PHONE, PHONE)

PAGES = ("/", *(f"/news/story-{number}" for number in range(1, 25)), "/about", "/contact", "/archive/")
TEXTS = ("/docs/licence.txt", "/docs/manual.pdf")
COMMON_PARTS = ("/static/site.css", "/static/site.js", "/static/logo.svg", "/static/text.woff2")


@dataclass
class KnownLog:
    """A log, and which kind each client with a page view is; the log has lines of the format `combined`."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    kinds: dict[tuple[str, str], str] = field(default_factory=dict)
    addresses: int = 0
    day: datetime = DAY
    """The day on which what is written happens."""

    @property
    def content(self) -> bytes:
        """The lines in order of time, as a server writes them."""
        return b"".join(line.encode() + b"\n" for _, line in sorted(self.lines, key=lambda pair: pair[0]))


class Visitor:
    """Writes what one client asks for."""

    def __init__(self, log: KnownLog, kind: str, agent: str, at: float, address: str | None = None) -> None:
        log.addresses += 1
        number = log.addresses
        self.log = log
        self.agent = agent
        self.address = address or f"10.{number % 250}.{number // 250}.{number % 200 + 1}"
        self.seconds = at
        self.referrer = "-"
        self.has: set[str] = set()
        log.kinds[self.address, agent] = kind

    def ask(self, path: str, referrer: str = "-", method: str = "GET", status: int = 200, size: int = 5120) -> None:
        """One line."""
        moment = self.log.day + timedelta(seconds=self.seconds)
        time = moment.strftime("%d/%b/%Y:%H:%M:%S +0000")
        self.log.lines.append(
            (
                moment,
                f'{self.address} - - [{time}] "{method} {path} HTTP/1.1" {status} {size} "{referrer}" "{self.agent}"',
            )
        )

    def open(self, path: str, referrer: str = "-", parts: bool = True, status: int = 200) -> None:
        """A page, with the parts that it does not have yet."""
        self.ask(path, referrer, status=status)
        if parts:
            self.load(path)
        self.referrer = HOST + path

    def load(self, path: str, referrer: str | None = None, status: int = 200) -> None:
        """The parts of a page; without `referrer` they name the page."""
        for part in (*COMMON_PARTS, f"/pictures{path.partition('?')[0].rstrip('/') or '/home'}.jpg", "/favicon.ico"):
            if part not in self.has:
                self.has.add(part)
                self.seconds += 0.3
                self.ask(part, HOST + path if referrer is None else referrer, status=status)

    def follow(self, path: str, parts: bool = True, after: float = 20) -> None:
        """The next page, by a link on the last one."""
        self.seconds += after
        self.open(path, self.referrer, parts)


Writer = Callable[[KnownLog, str, Random], None]


def write(kinds: dict[str, tuple[bool, Writer]], seed: int) -> KnownLog:
    """A log with all these kinds."""
    log, random = KnownLog(), Random(seed)
    for kind, (_, writer) in kinds.items():
        writer(log, kind, random)
    return log


def any_time(random: Random) -> float:
    """An hour in daytime, in seconds."""
    return random.uniform(8 * 3600, 20 * 3600)


# --- people on the magazine ---


def ordinary_people(log: KnownLog, kind: str, random: Random) -> None:
    for _ in range(60):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.open(random.choice(PAGES), SEARCH if random.random() < 0.5 else "-")
        for _ in range(random.randrange(4)):
            visitor.follow(random.choice(PAGES), after=random.uniform(4, 90))


def one_page_people(log: KnownLog, kind: str, random: Random) -> None:
    """A mail brings them to one page, which they read and leave."""
    for agent in (CHROME, FIREFOX, EDGE):
        Visitor(log, kind, agent, any_time(random)).open(random.choice(PAGES))


def text_browser(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, TEXT_BROWSER, any_time(random))
    visitor.open("/", parts=False)
    for page in random.sample(PAGES[1:], 7):
        visitor.follow(page, parts=False, after=random.uniform(15, 120))


def valid_cache(log: KnownLog, kind: str, random: Random) -> None:
    """All that was loaded yesterday is asked for again, and is still good."""
    visitor = Visitor(log, kind, FIREFOX, any_time(random))
    visitor.ask("/")
    visitor.load("/", status=304)


def full_cache(log: KnownLog, kind: str, random: Random) -> None:
    """All that was loaded yesterday is there and is not asked for."""
    visitor = Visitor(log, kind, EDGE, any_time(random))
    visitor.open("/", parts=False)
    visitor.follow("/news/story-3", parts=False)
    visitor.follow("/news/story-4", parts=False, after=45)


def search_for_a_text(log: KnownLog, kind: str, random: Random) -> None:
    for path in TEXTS:
        Visitor(log, kind, MAC_CHROME, any_time(random)).open(path, SEARCH, parts=False)


def office(log: KnownLog, kind: str, random: Random) -> None:
    """Ten people and a script behind one address."""
    for number, agent in enumerate((CHROME, EDGE, MAC_CHROME, FIREFOX, PHONE, ANDROID, OLD_ANDROID)):
        visitor = Visitor(log, kind, agent, 9 * 3600 + number * 7, "10.251.0.1")
        visitor.open(random.choice(PAGES))
        visitor.follow(random.choice(PAGES))
    Visitor(log, "script", "curl/8.5.0", 9 * 3600, "10.251.0.1").ask("/")
    del log.kinds["10.251.0.1", "curl/8.5.0"]


def web_view(log: KnownLog, kind: str, random: Random) -> None:
    """An app opens a page in itself, and many follow the same post in it."""
    for _ in range(6):
        Visitor(log, kind, WEB_VIEW, any_time(random)).open("/news/story-1")


def screen_reader(log: KnownLog, kind: str, random: Random) -> None:
    """A browser like others, with long pauses, steady ones among them."""
    visitor = Visitor(log, kind, CHROME, 9 * 3600)
    visitor.open("/")
    for page in PAGES[1:9]:
        visitor.follow(page, after=300)


def old_devices(log: KnownLog, kind: str, random: Random) -> None:
    for agent in (OLD_TABLET, OLD_ANDROID):
        Visitor(log, kind, agent, any_time(random)).open(random.choice(PAGES))


def carrier_phones(log: KnownLog, kind: str, random: Random) -> None:
    """One phone agent from many addresses of one network."""
    for number in range(20):
        visitor = Visitor(log, kind, PHONE, any_time(random), f"10.252.{number % 3}.{number + 1}")
        visitor.open(random.choice(PAGES), SEARCH if number % 2 else "-")
        if number % 3 == 0:
            visitor.follow(random.choice(PAGES))


def no_referrers(log: KnownLog, kind: str, random: Random) -> None:
    """A browser that names no page to anybody."""
    visitor = Visitor(log, kind, FIREFOX, any_time(random))
    for page in ("/", "/about"):
        visitor.ask(page)
        visitor.load(page, "-")
        visitor.seconds += 30


def broken_site(log: KnownLog, kind: str, random: Random) -> None:
    """A page answers with errors, again and again."""
    visitor = Visitor(log, kind, EDGE, any_time(random))
    visitor.open("/contact")
    for _ in range(6):
        visitor.seconds += 5
        visitor.ask("/contact", HOST + "/contact", "POST", 500)


def developer(log: KnownLog, kind: str, random: Random) -> None:
    """The site's developer looks whether a hole is closed."""
    visitor = Visitor(log, kind, MAC_CHROME, any_time(random))
    visitor.open("/")
    for page in PAGES[1:6]:
        visitor.follow(page)
    visitor.ask("/.git/config", status=403)


def regulars(log: KnownLog, kind: str, random: Random) -> None:
    """People who come every day and have all parts of all pages: found by a search, or by heart."""
    for number in range(24):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.open(random.choice(PAGES), SEARCH if number % 3 else "-", parts=False)
        if number % 6 == 3:
            visitor.follow("/about", parts=False)


def old_desktops(log: KnownLog, kind: str, random: Random) -> None:
    """Offices in which somebody decides when browsers are updated."""
    for number in range(18):
        visitor = Visitor(log, kind, STALE_CHROME, any_time(random))
        visitor.open(random.choice(PAGES))
        if number % 6:
            visitor.follow(random.choice(PAGES))


def friends(log: KnownLog, kind: str, random: Random) -> None:
    """One sends the other a link, who opens it within the minute."""
    at = any_time(random)
    for agent, later in ((CHROME, 0), (PHONE, 35)):
        Visitor(log, kind, agent, at + later).open("/guests/wedding?table=4")


# --- machines on the magazine ---


def fast_scraper(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, any_time(random))
    for page in PAGES:
        visitor.ask(page)
        visitor.seconds += 0.5


def slow_scraper(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, MAC_CHROME, 8 * 3600)
    for page in PAGES:
        visitor.ask(page)
        visitor.seconds += random.uniform(200, 900)


def linking_scraper(log: KnownLog, kind: str, random: Random) -> None:
    """Names the page on which it found the link."""
    visitor = Visitor(log, kind, EDGE, 8 * 3600)
    visitor.open("/", parts=False)
    for page in PAGES[1:]:
        visitor.follow(page, parts=False, after=random.uniform(2, 60))


def fleet(log: KnownLog, kind: str, random: Random) -> None:
    """One agent from many networks, a page each, as if from the home page."""
    for _ in range(30):
        visitor = Visitor(log, kind, FLEET_FIREFOX, random.uniform(0, 86_000))
        for page in random.sample(PAGES, random.randrange(1, 3)):
            visitor.ask(page, HOST + "/")


def fleet_of_texts(log: KnownLog, kind: str, random: Random) -> None:
    """The same for what needs no parts."""
    for _ in range(12):
        Visitor(log, kind, FLEET_PHONE, random.uniform(0, 86_000)).ask(random.choice(TEXTS), HOST + "/")


def link_checker(log: KnownLog, kind: str, random: Random) -> None:
    """A mail filter opens the link that somebody opens, seconds before."""
    for number in range(4):
        at = any_time(random)
        link = f"/invitation/{number}f3c9a7e"
        reader = Visitor(log, "invited_people", random.choice((EDGE, PHONE)), at)
        reader.open(link)
        reader.follow("/about")
        Visitor(log, kind, CHROME, at - 4).open(link)


def bare_checker(log: KnownLog, kind: str, random: Random) -> None:
    """The same, with the agent of people and without parts."""
    for number in range(4):
        at, link = any_time(random), f"/invitation/{number}c41d09b"
        reader = Visitor(log, "people_with_letters", random.choice((EDGE, PHONE)), at)
        reader.open(link)
        reader.follow("/about")
        Visitor(log, kind, CHROME, at + 4).open(link, parts=False)


def hurried_scraper(log: KnownLog, kind: str, random: Random) -> None:
    """Loads everything and names its referrers, as a driven browser does, and opens two pages each second."""
    visitor = Visitor(log, kind, FIREFOX, any_time(random))
    visitor.open("/")
    for number in range(25):
        visitor.follow(f"/news/story-{number}", after=0.5)


def fetched_ahead(log: KnownLog, kind: str, random: Random) -> None:
    """Readers of a site whose script fetches all pages that the first one links to, without their parts."""
    for _ in range(12):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.open("/", SEARCH)
        for number in range(24):
            visitor.seconds += 0.1
            visitor.ask(f"/news/story-{number}", HOST + "/")
        visitor.follow("/about", after=30)


def page_checker(log: KnownLog, kind: str, random: Random) -> None:
    """The same for a page that a letter links to, with nothing in its address that is anybody's."""
    for number in range(3):
        at = any_time(random)
        reader = Visitor(log, "readers_of_letters", random.choice((EDGE, PHONE)), at)
        reader.open(f"/letters/{('spring', 'summer', 'autumn')[number]}")
        reader.follow("/about")
        Visitor(log, kind, CHROME, at + random.uniform(-6, 6)).open(
            f"/letters/{('spring', 'summer', 'autumn')[number]}"
        )


def stale_checker(log: KnownLog, kind: str, random: Random) -> None:
    """Loads everything with a browser that was not updated for months."""
    Visitor(log, kind, STALE_CHROME, any_time(random)).open("/news/story-2")


def prefetch_proxy(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, ANDROID, any_time(random))
    visitor.ask("/.well-known/traffic-advice", status=404)
    visitor.ask("/news/story-5")


def outdated(log: KnownLog, kind: str, random: Random) -> None:
    Visitor(log, kind, OLD_CHROME, any_time(random)).ask("/")


def impossible(log: KnownLog, kind: str, random: Random) -> None:
    Visitor(log, kind, NO_CHROME, any_time(random)).open("/", SEARCH)


def robots_reader(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, any_time(random))
    visitor.ask("/robots.txt")
    visitor.open("/")


def prober(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, FIREFOX, any_time(random))
    for path in ("/.env", "/wp-login.php", "/backup.zip"):
        visitor.ask(path, status=404)
    visitor.ask("/")


def head_asker(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, any_time(random))
    for page in PAGES[:6]:
        visitor.ask(page, method="HEAD")
    visitor.ask("/")


def comment_spam(log: KnownLog, kind: str, random: Random) -> None:
    for _ in range(5):
        visitor = Visitor(log, kind, CHROME, any_time(random))
        visitor.ask("/news/story-1", HOST + "/")
        visitor.seconds += 1
        visitor.ask("/contact", HOST + "/news/story-1")
        visitor.seconds += 1
        visitor.ask("/contact", HOST + "/contact", "POST", 302)


def headless_reader(log: KnownLog, kind: str, random: Random) -> None:
    """A browser that a program sends to one page after the other."""
    visitor = Visitor(log, kind, MAC_CHROME, any_time(random))
    for page in PAGES:
        visitor.open(page)
        visitor.seconds += random.uniform(2, 9)


def fleet_of_many_agents(log: KnownLog, kind: str, random: Random) -> None:
    """A page each, from many addresses, with agents that were made up."""
    for version in range(120, 130):
        Visitor(log, kind, CHROME.replace("137", str(version)), any_time(random)).ask("/archive/")


def page_watcher(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, 8 * 3600)
    for _ in range(12):
        visitor.ask("/archive/")
        visitor.seconds += 1800


# --- the back end ---


def clerks(log: KnownLog, kind: str, random: Random) -> None:
    """People at work, whose browser has all parts from elsewhere."""
    for number in range(20):
        visitor = Visitor(log, kind, random.choice(ORDINARY), 8 * 3600 + number * 60)
        visitor.ask("/login")
        visitor.seconds += random.uniform(6, 20)
        visitor.ask("/login", HOST + "/login", "POST", 302)
        visitor.ask("/orders", HOST + "/login")
        visitor.referrer = HOST + "/orders"
        for _ in range(random.randrange(1, 12)):
            visitor.follow(f"/orders/{random.randrange(40)}", parts=False, after=random.uniform(5, 200))


def clerk_of_yesterday(log: KnownLog, kind: str, random: Random) -> None:
    """Goes on in a page that was opened the day before."""
    visitor = Visitor(log, kind, CHROME, 8 * 3600)
    visitor.referrer = HOST + "/orders/77"
    visitor.follow("/orders/78", parts=False)
    visitor.follow("/orders/79", parts=False)


def bookmark(log: KnownLog, kind: str, random: Random) -> None:
    """One page, from nowhere."""
    for agent in (EDGE, PHONE, WEB_VIEW, OLD_TABLET):
        Visitor(log, kind, agent, any_time(random)).ask("/orders")


def form_spam(log: KnownLog, kind: str, random: Random) -> None:
    """A page, a form, the form sent and another form within seconds, as if from the home page."""
    for _ in range(15):
        visitor = Visitor(log, kind, FLEET_FIREFOX, any_time(random))
        visitor.ask("/orders", HOST + "/")
        for step in (
            ("/register", "/", "GET", 200),
            ("/register", "/register", "POST", 302),
            ("/login", "/", "GET", 200),
        ):
            visitor.seconds += 1
            visitor.ask(step[0], HOST + step[1], step[2], step[3])


def password_guesser(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, any_time(random))
    for _ in range(30):
        visitor.ask("/login", HOST + "/login", "POST", 401)
        visitor.seconds += 2


def order_scraper(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, MAC_CHROME, any_time(random))
    for number in range(40):
        visitor.ask(f"/orders/{number}")
        visitor.seconds += random.uniform(1, 3)


def clerks_with_icons(log: KnownLog, kind: str, random: Random) -> None:
    """A few whose browser lacks some parts."""
    for number in range(8):
        visitor = Visitor(log, kind, random.choice(ORDINARY), 13 * 3600 + number * 60)
        visitor.open("/login")
        visitor.seconds += random.uniform(6, 20)
        visitor.ask("/login", HOST + "/login", "POST", 302)
        visitor.open("/orders", HOST + "/login")
        visitor.has.clear()
        visitor.follow("/orders/7")


def quiet_clerks(log: KnownLog, kind: str, random: Random) -> None:
    """An app in which people open a few orders, and which names no page to anybody."""
    for number in range(40):
        visitor = Visitor(log, kind, random.choice((*ORDINARY, WEB_VIEW)), 9 * 3600 + number * 60)
        for _ in range(random.randrange(1, 5)):
            visitor.ask(f"/orders/{random.randrange(12)}")
            visitor.seconds += random.uniform(2, 90)


def staff(log: KnownLog, kind: str, random: Random) -> None:
    """The magazine's own people, who load nothing below a folder for which everything is in their caches."""
    for number in range(12):
        visitor = Visitor(log, kind, random.choice(ORDINARY), 9 * 3600 + number * 60)
        visitor.ask("/desk/")
        visitor.referrer = HOST + "/desk/"
        for _ in range(random.randrange(2, 9)):
            visitor.follow(f"/desk/draft-{random.randrange(6)}", parts=False, after=random.uniform(5, 200))


def staff_with_bookmarks(log: KnownLog, kind: str, random: Random) -> None:
    for number in range(6):
        Visitor(log, kind, random.choice(ORDINARY), 10 * 3600 + number * 60).ask(f"/desk/draft-{number}")


# --- the host of an interface ---


def users(log: KnownLog, kind: str, random: Random) -> None:
    """Browsers tell other hosts no more of a page than its host: all comes from a home page that is not here."""
    for _ in range(30):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        for _ in range(random.randrange(1, 12)):
            visitor.ask(f"/stock/{random.randrange(30)}", HOST + "/")
            visitor.seconds += random.uniform(0.1, 30)
        if random.random() < 0.5:
            visitor.ask("/stock/count", HOST + "/", "POST", 201)


def users_who_log_in(log: KnownLog, kind: str, random: Random) -> None:
    for _ in range(10):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.ask("/session", HOST + "/")
        for path in ("/auth", "/login"):
            visitor.ask(path, HOST + "/", "POST", 200)
        visitor.ask("/stock/1", HOST + "/")


def curious(log: KnownLog, kind: str, random: Random) -> None:
    """Opens the home page of the interface itself."""
    Visitor(log, kind, CHROME, any_time(random)).ask("/")


# --- the shop ---


def shoppers(log: KnownLog, kind: str, random: Random) -> None:
    """New ones, and those who have all but the pictures."""
    for number in range(40):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        if number % 2:
            visitor.has.update((*COMMON_PARTS, "/favicon.ico"))
        for turn in range(random.randrange(1, 6)):
            page = f"/goods/{random.randrange(30)}" if turn else random.choice(("/", "/goods/1", "/goods/2"))
            referrer = visitor.referrer if turn else random.choice((SEARCH, "-"))
            visitor.ask(page, referrer)
            for part in COMMON_PARTS:
                if part not in visitor.has:
                    visitor.has.add(part)
                    visitor.ask(part, HOST + page)
            for picture in range(4):
                visitor.seconds += 0.2
                visitor.ask(f"/media/{len(page) * 7 % 90 + picture}/small", HOST + page)
            visitor.referrer = HOST + page
            visitor.seconds += random.uniform(8, 120)


def shop_scraper(log: KnownLog, kind: str, random: Random) -> None:
    visitor = Visitor(log, kind, CHROME, any_time(random))
    for number in range(30):
        visitor.ask(f"/goods/{number}")
        visitor.seconds += random.uniform(1, 9)


# --- the log that has nothing but agents ---


def readers(log: KnownLog, kind: str, random: Random) -> None:
    for _ in range(20):
        visitor = Visitor(log, kind, random.choice((*ORDINARY, OLD_TABLET, WEB_VIEW)), any_time(random))
        for page in random.sample(PAGES, random.randrange(1, 6)):
            visitor.ask(page)
            visitor.seconds += random.uniform(5, 90)


def text_readers(log: KnownLog, kind: str, random: Random) -> None:
    """People at a site of texts, who find it by a search and read on."""
    for _ in range(40):
        visitor = Visitor(log, kind, random.choice(ORDINARY), any_time(random))
        visitor.open(random.choice(PAGES), SEARCH, parts=False)
        for _ in range(random.randrange(3)):
            visitor.follow(random.choice(PAGES), parts=False, after=random.uniform(5, 90))


def letter_readers(log: KnownLog, kind: str, random: Random) -> None:
    """People who open a letter's link with one kind of phone, and read no further."""
    for _ in range(12):
        Visitor(log, kind, FLEET_PHONE, any_time(random)).ask(random.choice(PAGES))


def few_strangers(log: KnownLog, kind: str, random: Random) -> None:
    """People with a browser of their own that names no referrers; one of them was found by a search."""
    for number in range(12):
        Visitor(log, kind, OLD_CHROME, any_time(random)).ask(random.choice(PAGES), SEARCH if number == 0 else "-")


def slow_fleet(log: KnownLog, kind: str, random: Random) -> None:
    """One agent from many addresses over the day, a page or two each, from nowhere."""
    for _ in range(14):
        visitor = Visitor(log, kind, FLEET_FIREFOX, random.uniform(0, 86_000))
        for page in random.sample(PAGES, random.randrange(1, 3)):
            visitor.ask(page)
            visitor.seconds += random.uniform(20, 90)


MAGAZINE: dict[str, tuple[bool, Writer]] = {
    writer.__name__: (is_person, writer)
    for is_person, writers in (
        (
            True,
            (
                *(ordinary_people, one_page_people, text_browser, valid_cache, full_cache, search_for_a_text, office),
                *(web_view, screen_reader, old_devices, carrier_phones, no_referrers, broken_site, developer, friends),
            ),
        ),
        (
            False,
            (
                *(
                    fast_scraper,
                    slow_scraper,
                    linking_scraper,
                    fleet,
                    fleet_of_texts,
                    link_checker,
                    bare_checker,
                    page_checker,
                    hurried_scraper,
                    stale_checker,
                ),
                *(
                    headless_reader,
                    prefetch_proxy,
                    outdated,
                    impossible,
                    robots_reader,
                    prober,
                    head_asker,
                    comment_spam,
                ),
            ),
        ),
    )
    for writer in writers
}
"""Each kind: whether it is a person, and what writes it."""

BACK_END: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (clerks, clerks_with_icons, clerk_of_yesterday, bookmark)},
    **{
        writer.__name__: (False, writer)
        for writer in (form_spam, password_guesser, order_scraper, impossible, robots_reader, prober)
    },
}
QUIET_BACK_END: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (quiet_clerks, clerks_with_icons)},
    **{writer.__name__: (False, writer) for writer in (robots_reader, prober, impossible)},
}
MIXED: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (ordinary_people, staff, staff_with_bookmarks)},
    **{writer.__name__: (False, writer) for writer in (fast_scraper, robots_reader)},
}
READ_DAILY: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (ordinary_people, regulars, old_desktops)},
    **{
        writer.__name__: (False, writer)
        for writer in (fleet_of_many_agents, page_watcher, linking_scraper, robots_reader, prober)
    },
}
INTERFACE: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (users, users_who_log_in, curious)},
    **{writer.__name__: (False, writer) for writer in (impossible, robots_reader, prober)},
}
SHOP: dict[str, tuple[bool, Writer]] = {
    "shoppers": (True, shoppers),
    **{writer.__name__: (False, writer) for writer in (shop_scraper, robots_reader, impossible)},
}
FETCHED_AHEAD: dict[str, tuple[bool, Writer]] = {
    "fetched_ahead": (True, fetched_ahead),
    **{writer.__name__: (False, writer) for writer in (robots_reader, prober)},
}
BARE: dict[str, tuple[bool, Writer]] = {
    "readers": (True, readers),
    **{writer.__name__: (False, writer) for writer in (robots_reader, prober, head_asker)},
}


SITE_OF_TEXTS: dict[str, tuple[bool, Writer]] = {
    **{writer.__name__: (True, writer) for writer in (text_readers, letter_readers, few_strangers)},
    "slow_fleet": (False, slow_fleet),
}


SITES: dict[str, dict[str, tuple[bool, Writer]]] = {
    "magazine": MAGAZINE,
    "fetched ahead": FETCHED_AHEAD,
    "mixed": MIXED,
    "read daily": READ_DAILY,
    "back end": BACK_END,
    "quiet back end": QUIET_BACK_END,
    "interface": INTERFACE,
    "shop": SHOP,
    "bare": BARE,
    "site of texts": SITE_OF_TEXTS,
}
