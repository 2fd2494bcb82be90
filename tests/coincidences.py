"""A log of many small sites on which everything happens at once.

Visitors keep silent for exactly the timeout or a millisecond more or less, come at the same instant with several
cookies and with none, share cookies, and stay over midnight. A realistic log has few of these cases; here they are all
there is.
"""

from __future__ import annotations

from random import Random

LOG_FORMAT = (
    '$host $remote_addr - - [$msec] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '"$cookie_session" $request_time'
)
EVENING_MS = 1_780_340_400_000
"""1 June 2026, 19:00 UTC."""
STEP_MS = 5 * 60_000
"""A sixth of the timeout."""

ADDRESSES = ("8.8.8.8", "9.9.9.9", "192.0.2.7", "2001:db8::7")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
)
REQUESTS = (
    *("GET /", "GET /a", "GET /a", "GET /b?q=jazz", "GET /b?q=Rock+%26+Roll", "GET /account/user@example.org"),
    *("GET /?utm_source=letter", "GET /a?utm_source=letter&utm_medium=email"),
    *("GET /style.css", "GET /api/a", "POST /a"),
)
STATUSES = (*(200,) * 8, 304, 302, 404, 404, 500)
REFERRERS = ("-", "-", "https://{site}/", "https://www.google.com/", "https://news.example/a", "http://192.0.2.9/")


def log_of_coincidences(seed: int, sites: int = 30, hits_per_site: int = 90) -> bytes:
    """The lines of LOG_FORMAT, in order of time; two lines are never equal."""
    random = Random(seed)
    lines: list[tuple[int, str]] = []
    for number in range(sites):
        lines += _lines_of_site(random, f"site-{number}.example", hits_per_site)
    return "".join(line for _, line in sorted(lines)).encode()


def _lines_of_site(random: Random, site: str, hits: int) -> list[tuple[int, str]]:
    clients = [(address, agent) for address in random.sample(ADDRESSES, 2) for agent in AGENTS]
    cookies = {client: [f"{site}-{place}-{turn}" for turn in range(3)] for place, client in enumerate(clients)}
    made = []
    # Each cookie is seen once on either day at an instant of its own: which of two adopts is never left to chance.
    for place, client in enumerate(clients):
        for turn, cookie in enumerate(cookies[client]):
            for begin, end in ((0, 60), (60, 90)):
                time_ms = EVENING_MS + random.randrange(begin, end) * STEP_MS + 100 + 10 * place + turn
                made.append((time_ms, client, cookie))
    while len(made) < hits:
        time_ms = EVENING_MS + random.randrange(90) * STEP_MS + random.choice((0, 0, 0, 0, 1, -1))
        client = random.choice(clients)
        owner = random.choice(clients) if random.random() < 0.05 else client
        cookie = random.choice(cookies[owner]) if random.random() < 0.6 else "-"
        made.append((time_ms, client, cookie))
    lines = []
    for number, (time_ms, (address, agent), cookie) in enumerate(made):
        referrer = random.choice(REFERRERS).format(site=site)
        seconds = f"{time_ms // 1000}.{time_ms % 1000:03d}"
        request = f'"{random.choice(REQUESTS)} HTTP/1.1" {random.choice(STATUSES)} {1000 + number}'
        duration_s = random.choice((0, 0.017, 2.5))
        line = f'{site} {address} - - [{seconds}] {request} "{referrer}" "{agent}" "{cookie}" {duration_s}\n'
        lines.append((time_ms, line))
    return lines
