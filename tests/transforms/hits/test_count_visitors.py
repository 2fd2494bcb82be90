"""Visitors behind the tables of hits: distinct clients by cell, counted once where it is their first or last one."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from typing import Any

import numpy as np
import pytest

from footfall.transforms.hits.count_visitors import VisitorCounter, count_error_visitors
from footfall.transforms.hits.hit_facts import pack_facts
from footfall.transforms.kernels.latency_buckets import NO_LATENCY
from footfall.transforms.tables.partial_tables import Part, decode_table
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS, WHOLE_DAY
from footfall.transforms.vocabulary import ASKED_KINDS, AUTOMATED, BOT, HUMAN, MONITOR

FIRST_DAY, LAST_DAY = 20_000, 20_002


class RandomHit:
    """A hit of one of a few clients, each of which has a site and a class."""

    def __init__(self, random: Random) -> None:
        self.client = random.randrange(12)
        self.site = 100 + self.client % 2
        self.traffic_class = (HUMAN, HUMAN, HUMAN, AUTOMATED, BOT)[self.client % 5]
        self.local_hour = FIRST_DAY * 24 + random.randrange(-30, 100)
        self.is_page_view = self.traffic_class == HUMAN and random.random() < 0.5
        self.status = random.choice((200, 200, 304, 404, 503, 0, 101, 600))
        self.protocol = random.randrange(6)
        self.asked = random.randrange(len(ASKED_KINDS) - 1)
        self.bucket = random.choice((NO_LATENCY, 0, 40, 41, 1886))
        self.machine = 0 if self.traffic_class == HUMAN else 7 + self.client % 3
        self.bytes_sent = random.choice((0, 5, 5, 700, 2**40))
        self.folder = random.choice((0, 71, 71, 72))
        self.minute = self.local_hour * 60 + random.randrange(3)

    @property
    def day(self) -> int:
        """Its day."""
        return self.local_hour // 24

    @property
    def kind(self) -> int:
        """The cell of the table `kinds`."""
        return ASKED_KINDS.index("page_view") if self.is_page_view else self.asked

    @property
    def measures(self) -> list[str]:
        """What it is counted by."""
        hundred = self.status // 100
        names = ["hits", f"hits_{hundred}xx" if hundred in (2, 3, 4, 5) else "other_status"]
        return names + ["page_views"] * self.is_page_view + ["latency"] * (self.bucket != NO_LATENCY)


def columns_of(hits: list[RandomHit]) -> dict[str, Any]:
    """Codes of clients, sites and facts."""

    def of(name: str, kind: type[Any]) -> Any:
        return np.array([getattr(hit, name) for hit in hits], dtype=kind)

    facts = pack_facts(
        of("local_hour", np.int64),
        of("traffic_class", np.uint8),
        of("is_page_view", np.bool_),
        of("status", np.int64),
        of("protocol", np.uint8),
        of("asked", np.uint8),
        of("bucket", np.int64),
        FIRST_DAY,
        LAST_DAY,
    )
    of_clients = {"client": of("client", np.int32), "site": of("site", np.uint64)}
    return {**of_clients, "facts": facts, "bytes_sent": of("bytes_sent", np.int64)}


def random_hits(seed: int) -> list[RandomHit]:
    """Hits of people and then of machines, as in a bucket."""
    random = Random(seed)
    hits = [RandomHit(random) for _ in range(random.choice((5, 60, 400)))]
    return [hit for hit in hits if hit.traffic_class == HUMAN] + [hit for hit in hits if hit.traffic_class != HUMAN]


def rows_of(parts: list[Part]) -> dict[str, Counter[tuple[int, ...]]]:
    """The rows of each partial table, keys and measures together, whatever share they are in."""
    found: dict[str, Counter[tuple[int, ...]]] = defaultdict(Counter)
    for key, content in parts:
        found[key.partition("/")[0]].update(tuple(row.values()) for row in decode_table(content).to_pylist())
    return found


@pytest.mark.parametrize("seed", range(30))
def test_visitors_are_counted_by_cell_and_once_for_their_first_and_last(seed: int) -> None:
    hits = random_hits(seed)
    machines = [hit for hit in hits if hit.traffic_class != HUMAN]
    names = np.array([hit.machine for hit in machines], dtype=np.uint64)
    columns = columns_of(hits)
    folders = np.array([hit.folder for hit in hits[: len(hits) - len(machines)]], dtype=np.uint32)
    counted = (columns[name] for name in ("site", "facts", "bytes_sent"))
    counter = VisitorCounter(columns["client"], 12, *counted, names, folders, 2)
    found = rows_of(list(counter.tables()))

    sizes: dict[str, dict[tuple[int, ...], Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    hits_of: dict[str, Counter[tuple[int, ...]]] = defaultdict(Counter)
    cells: dict[str, dict[tuple[int, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
    spans: dict[str, dict[tuple[int, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    for hit in hits:
        if not FIRST_DAY <= hit.day <= LAST_DAY:
            continue
        group = hit.day, hit.site, hit.traffic_class
        if hit.traffic_class != HUMAN:
            cells["machines"][*group, hit.machine].add(hit.client)
        if hit.traffic_class in (BOT, MONITOR):
            continue
        sizes["hour_bytes"][hit.local_hour, *group[1:]][hit.client] += hit.bytes_sent
        sizes["protocol_bytes"][*group, hit.protocol][hit.client] += hit.bytes_sent
        if hit.traffic_class == AUTOMATED:
            sizes["machine_bytes"][*group, hit.machine][hit.client] += hit.bytes_sent
        for name in hit.measures:
            measure = MEASURES_OF_HOURS.index(name)
            cells["hours"][hit.local_hour, *group[1:], measure].add(hit.client)
            spans["hours"][*group, measure, hit.client].append(hit.local_hour)
        cells["protocols"][*group, hit.protocol].add(hit.client)
        cells["kinds"][*group, hit.kind].add(hit.client)
        sizes["kind_bytes"][*group, hit.kind][hit.client] += hit.bytes_sent
        if hit.bucket != NO_LATENCY:
            for hour in (hit.local_hour % 24, WHOLE_DAY):
                cells["latency"][*group, hour, hit.bucket].add(hit.client)
                spans["latency"][*group, hour, hit.client].append(hit.bucket)
            if hit.traffic_class == HUMAN:
                places = [("kind_latency", hit.kind)]
                if hit.folder and hit.is_page_view:
                    places.append(("page_latency", hit.folder))
                for name, place in places:
                    hits_of[name][*group[:2], place, hit.bucket] += 1
                    cells[name][*group[:2], place, hit.bucket].add(hit.client)
                    spans[name][*group[:2], place, hit.client].append(hit.bucket)

    hours = Counter(
        (
            *(hour, site, traffic_class, measure, len(clients)),
            *(
                sum(
                    pick(spans["hours"][hour // 24, site, traffic_class, measure, client]) == hour for client in clients
                )
                for pick in (min, max)
            ),
        )
        for (hour, site, traffic_class, measure), clients in cells["hours"].items()
    )
    latency = Counter(
        (
            *(*group, hour, bucket, len(clients)),
            *(sum(pick(spans["latency"][*group, hour, client]) == bucket for client in clients) for pick in (min, max)),
        )
        for (*group, hour, bucket), clients in cells["latency"].items()
    )
    for name in ("kind_latency", "page_latency"):
        assert found[name] == Counter(
            (
                *(*place, bucket, hits_of[name][*place, bucket], len(own)),
                *(sum(pick(spans[name][*place, client]) == bucket for client in own) for pick in (min, max)),
            )
            for (*place, bucket), own in cells[name].items()
        )
    assert found["hour_visitors"] == hours
    assert found["latency_visitors"] == latency
    assert found["protocol_visitors"] == Counter((*key, len(own)) for key, own in cells["protocols"].items())
    assert found["kind_visitors"] == Counter((*key, len(own)) for key, own in cells["kinds"].items())
    assert found["machine_visitors"] == Counter((*key, len(own)) for key, own in cells["machines"].items())
    for name, of_cells in sizes.items():
        most = [(*key, size, 1) for key, own in of_cells.items() for size in sorted(own.values())[-2:]]
        assert found[name] == Counter(most)
    viewers: dict[tuple[int, int], set[int]] = defaultdict(set)
    for hit in hits:
        if hit.is_page_view and FIRST_DAY <= hit.day <= LAST_DAY:
            viewers[hit.day, hit.site].add(hit.client)
    visitors: Counter[tuple[int, ...]] = Counter()
    for *key, count in found["visitors"].elements():
        visitors[tuple(key)] += count
    assert visitors == Counter({key: len(own) for key, own in viewers.items()})


@pytest.mark.parametrize("seed", range(10))
def test_the_visitors_of_any_span_of_minutes_with_errors_are_known(seed: int) -> None:
    hits = [hit for hit in random_hits(seed) if hit.traffic_class == HUMAN]
    columns = columns_of(hits)
    times = np.array([hit.minute * 60_000 + 17 for hit in hits], dtype=np.int64)
    _, content = count_error_visitors(columns["client"], columns["site"], times, columns["facts"])
    rows = decode_table(content).to_pylist()
    random = Random(seed)
    for _ in range(50):
        site = random.choice((100, 101))
        first = FIRST_DAY * 1440 + random.randrange(-1800, 6000)
        end = first + random.choice((1, 2, 100, 1000))
        met = {hit.client for hit in hits if hit.site == site and hit.status == 503 and first <= hit.minute < end}
        told = sum(
            row["visitors"]
            for row in rows
            if row["site"] == site and first <= row["minute"] < end and row["minute_before"] < first
        )
        assert told == len(met)
