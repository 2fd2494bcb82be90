"""The sections "Visit" and "Cookie audit" of the definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from footfall.transforms import vocabulary as words
from tests.reference.describe import Described

Client = tuple[str, str, str | None]
Own = tuple[str, Client, date]
"""The session of a client on a day on which the cookie, or the client that stands in for one, is crowded."""
VisitKey = tuple[str, str, Client | str | Own]


@dataclass(frozen=True, eq=False)
class Visit:
    """Human hits of one cookie, or of one client without a cookie; `hits` and `page_views` are in order."""

    site: str
    key: VisitKey
    hits: list[Described]
    page_views: list[Described]

    @property
    def is_fallback(self) -> bool:
        """Does the client stand in for a cookie?"""
        return self.key[1] == "client"

    @property
    def first_ms(self) -> int:
        """Time of the first hit, page view or not."""
        return self.hits[0].hit.time_ms

    @property
    def last_ms(self) -> int:
        """Time of the last hit, page view or not."""
        return self.hits[-1].hit.time_ms

    @property
    def entry(self) -> Described:
        """The first page view."""
        return self.page_views[0]

    @property
    def exit(self) -> Described:
        """The last page view."""
        return self.page_views[-1]

    @property
    def visitor(self) -> Client:
        """The client of the entry page view."""
        return self.entry.client

    @property
    def is_bounce(self) -> bool:
        """Is there only one page view?"""
        return len(self.page_views) == 1

    @property
    def duration_s(self) -> int:
        """Seconds from the first to the last hit, rounded down."""
        return (self.last_ms - self.first_ms) // 1000

    @property
    def carriers(self) -> set[Client]:
        """The clients that carried the cookie themselves."""
        return {described.client for described in self.hits if described.hit.session is not None}


def assign_visits(
    hits: Iterable[Described],
    timeout_s: int,
    is_part: Callable[[Described, int], bool] = lambda _, begin_ms: False,
    day_of: Callable[[int], date] = lambda time_ms: datetime.fromtimestamp(time_ms / 1000, UTC).date(),
) -> list[Visit]:
    """The visits of the human hits among `hits`, in order of their first hit.

    `is_part` says of a hit, and of the time of the first one of its visit, whether it is a page's part after all.
    """
    human = [one for one in hits if one.traffic_class == "human" and not one.is_counted_only]
    timeout_ms = timeout_s * 1000

    carried: dict[Client, list[tuple[int, str]]] = defaultdict(list)
    for described in human:
        if described.hit.session is not None:
            carried[described.client].append((described.hit.time_ms, described.hit.session))

    by_key: dict[VisitKey, list[Described]] = defaultdict(list)
    for described in human:
        cookie = described.hit.session
        if cookie is None:
            cookie = adopting_cookie(described.hit.time_ms, carried[described.client], timeout_ms)
        site = described.hit.site
        key: VisitKey = (site, "client", described.client) if cookie is None else (site, "cookie", cookie)
        by_key[key].append(described)
    by_key = divide_crowded(by_key, day_of)

    visits = []
    for key, of_key in by_key.items():
        for run in split_at_silences(sorted(of_key, key=lambda described: described.hit.time_ms), timeout_ms):
            views = [one for one in run if one.page_view and not is_part(one, run[0].hit.time_ms)]
            page_views = sorted(views, key=order_of_page_view)
            if page_views:
                visits.append(Visit(key[0], key, run, page_views))
    return sorted(visits, key=lambda visit: visit.first_ms)


def divide_crowded(
    by_key: dict[VisitKey, list[Described]], day_of: Callable[[int], date]
) -> dict[VisitKey, list[Described]]:
    """On a day on which a session has too many hits, each of its clients has a session of its own."""
    counted = Counter((key, day_of(one.hit.time_ms)) for key, hits in by_key.items() for one in hits)
    divided: dict[VisitKey, list[Described]] = defaultdict(list)
    for key, hits in by_key.items():
        for one in hits:
            day = day_of(one.hit.time_ms)
            is_crowded = counted[key, day] > words.CROWD_HITS
            divided[(key[0], key[1], (str(key[2]), one.client, day)) if is_crowded else key].append(one)
    return divided


def adopting_cookie(time_ms: int, carried: list[tuple[int, str]], timeout_ms: int) -> str | None:
    """One of `adopting_cookies`, if there is any."""
    return next(iter(adopting_cookies(time_ms, carried, timeout_ms)), None)


def adopting_cookies(time_ms: int, carried: list[tuple[int, str]], timeout_ms: int) -> list[str]:
    """The cookie that the client brings next within the timeout, else the one it brought last; several, if equal.

    `carried` has the client's hits with a cookie: time and cookie.
    """
    coming = [carried_ms for carried_ms, _ in carried if 0 <= carried_ms - time_ms <= timeout_ms]
    gone = [carried_ms for carried_ms, _ in carried if 0 < time_ms - carried_ms <= timeout_ms]
    if not coming and not gone:
        return []
    nearest_ms = min(coming) if coming else max(gone)
    candidates = {cookie for carried_ms, cookie in carried if carried_ms == nearest_ms}

    def nearness(candidate: str) -> tuple[list[int], list[int], int, int, int, int]:
        """How long before the client brought it, how long until it does again, how often it did not then; first, last,
        number of all hits.
        """
        times = [carried_ms for carried_ms, cookie in carried if cookie == candidate]
        before = sorted(nearest_ms - own for own in times if 0 < nearest_ms - own <= timeout_ms)[:64]
        after = sorted(own - nearest_ms for own in times if 0 < own - nearest_ms <= timeout_ms)[:64]
        never = timeout_ms + 1
        return [*before, never], [*after, never], -times.count(nearest_ms), min(times), max(times), len(times)

    best = min(nearness(candidate) for candidate in candidates)
    return sorted(candidate for candidate in candidates if nearness(candidate) == best)


def split_at_silences(hits: list[Described], timeout_ms: int) -> list[list[Described]]:
    """Runs of hits with no silence longer than the timeout."""
    runs: list[list[Described]] = []
    for described in hits:
        if runs and described.hit.time_ms - runs[-1][-1].hit.time_ms <= timeout_ms:
            runs[-1].append(described)
        else:
            runs.append([described])
    return runs


def order_of_page_view(described: Described) -> tuple[int, bool, int, int, int, int]:
    """Sort key: by time; within an instant those from inside the site last, then by fixed digests."""
    acquisition = "\x1f".join([described.kind, described.source, *(described.campaign or ("", "", ""))])
    profile = "\x1f".join([*described.place, *described.technology])
    return (
        described.hit.time_ms,
        described.kind == "internal",
        siphash24(described.page.encode()),
        siphash24(acquisition.encode()),
        siphash24(profile.encode()),
        0 if described.phrase is None else siphash24(described.phrase.encode()),
    )


@cache
def siphash24(message: bytes, key: bytes = bytes(16)) -> int:
    """SipHash-2-4 (Aumasson and Bernstein, 2012) as an unsigned 64-bit number."""
    mask = (1 << 64) - 1
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v0, v1, v2, v3 = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573

    def rotate(value: int, bits: int) -> int:
        return ((value << bits) | (value >> (64 - bits))) & mask

    def rounds(count: int) -> None:
        nonlocal v0, v1, v2, v3
        for _ in range(count):
            v0, v2 = (v0 + v1) & mask, (v2 + v3) & mask
            v1, v3 = rotate(v1, 13) ^ v0, rotate(v3, 16) ^ v2
            v0, v2 = (rotate(v0, 32) + v3) & mask, (v2 + v1) & mask
            v3, v1 = rotate(v3, 21) ^ v0, rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)

    padding = bytes(-(len(message) + 1) % 8) + bytes([len(message) % 256])
    padded = message + padding
    for i in range(0, len(padded), 8):
        word = int.from_bytes(padded[i : i + 8], "little")
        v3 ^= word
        rounds(2)
        v0 ^= word
    v2 ^= 0xFF
    rounds(4)
    return v0 ^ v1 ^ v2 ^ v3


def audit_cookies(
    visits: list[Visit], has_cookie_field: bool, spans_of: Callable[[int], dict[str, Hashable]]
) -> list[tuple[Visit, str, str]]:
    """Each visit with each of its findings, and the grain of the span of which that is one.

    `visits` are all visits of the run, in order of their first hit; `spans_of` returns the day, the week and the month
    of a time, by grain.
    """
    found = []
    seen: set[tuple[VisitKey, Hashable]] = set()
    for visit in visits:
        if visit.is_fallback:
            if has_cookie_field and len(visit.page_views) >= 2:
                found.append((visit, "never_issued", "day"))
            continue
        spans = spans_of(visit.first_ms)
        with_earlier = [grain for grain, span in spans.items() if (visit.key, span) in seen]
        found += [(visit, "reused", grain) for grain in with_earlier[:1]]
        seen |= {(visit.key, span) for span in spans.values()}
        if len(visit.carriers) > 1:
            found.append((visit, "shared", "day"))
        if visit.last_ms - visit.first_ms > 24 * 3_600_000:
            found.append((visit, "long", "day"))
    return found
