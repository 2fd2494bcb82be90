"""More attacks: on a complete day, whose figures the run that publishes its week has again; they are in `attacks`.

That run knows more than the night of the day did: the lines of other days, and what has changed since.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footfall.geo_data.mmdb_writing import Network, write_mmdb
from tests.attacks.attacks import Evidence, attacks, read
from tests.attacks.logs import Log, day, publish
from tests.running import Rows

CLIENT = "79.192.{}.{}"
FOREIGN = "86.192.{}.{}"


def of_day(rows: Rows, number: int) -> Rows:
    """The rows by day of one day."""
    return [row for row in rows if row["day"] == day(number) and row["grain"] == "day"]


def visits_in(rows: Iterable[dict[str, Any]]) -> int:
    """All visits of some rows."""
    return sum(row["visits"] for row in rows)


def come(log: Log, number: int, places: Iterable[int], *, of: int, minute: int = 600) -> None:
    """Let visitors come on a day with the cookies that they got on the day `of`."""
    for place in places:
        log.visit(
            number,
            ("/", "/programme"),
            minute=minute + place,
            client=CLIENT.format(of, place + 1),
            cookie=f"cookie{of:02}{place:06}",
        )


@attacks
def a_cookie_of_a_day_before(folder: Path) -> Evidence:
    """Eleven come twice on a day, one with the cookie of Monday; the night that publishes the week reads Monday."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        come(log, number, range(15), of=number)
        come(log, number, range(11), of=number, minute=900)
    come(log, 3, range(1), of=1, minute=1_200)
    told = []
    for first, last in ((3, 3), (1, 7)):
        publish(folder, log, first, last)
        told.append(visits_in(of_day(read(folder)["cookie_audit"], 3)))
    return [f"{told[1] - told[0]} came with an older cookie"] if told[0] != told[1] else []


@attacks
def few_cookies_of_days_before_in_a_week(folder: Path) -> Evidence:
    """Three come on Tuesday with cookies of Monday. The week has a sum; its days had theirs in the nights before."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        come(log, number, range(15), of=number)
        come(log, number, range(6), of=number, minute=900)
        log.crowd(number, 12)
    come(log, 2, range(3), of=1, minute=1_200)
    told = []
    for first, last in ((1, 6), (7, 7)):
        publish(folder, log, first, last)
        told.append(visits_in(read(folder)["cookie_audit"]))
    # On Sunday the same was found as on each other day.
    few = told[1] - told[0] - told[0] // 6
    return [f"{few} came with an older cookie"] if few else []


@attacks
def visits_without_a_cookie_beside_cookies_of_the_day_before(folder: Path) -> Evidence:
    """The last two days of June are a week. All but three visits of the second bring a cookie of the first."""
    log = Log()
    log.edges(29, 30)
    come(log, 29, range(30), of=29)
    come(log, 30, range(30), of=29)
    log.crowd(30, 3, ("/",))
    publish(folder, log, 29, 30)
    published = read(folder)
    (visits,) = (row["visits"] for row in published["visits"] if row["day"] == day(30))
    reused = [row["visits"] for row in published["cookie_audit"] if row["finding"] == "reused"]
    return [f"{visits - sum(reused)} without a cookie at most"] if reused else []


def locate_in(path: Path, built: datetime, countries: dict[str, str]) -> Path:
    """Write location data: the country of each network."""
    networks: dict[Network, Any] = {
        ipaddress.ip_network(network): {"continent": {"code": "EU"}, "country": {"iso_code": country}}
        for network, country in countries.items()
    }
    write_mmdb(networks, path, database_type="Example-Country", built=built)
    return path


@attacks
def an_address_that_moves_with_new_location_data(folder: Path) -> Evidence:
    """Before the night that publishes the week, an address is found to be abroad: of 17 visits 16 are left."""
    log = Log()
    log.edges(1, 7)
    for number in range(1, 8):
        for place in range(17):
            log.visit(number, ("/", "/programme"), client=CLIENT.format(number, place + 1), minute=600 + place)
        for place in range(14):
            log.visit(number, ("/", "/programme"), client=FOREIGN.format(number, place + 1), minute=700 + place)
    networks = {"79.192.0.0/16": "DE", "86.192.0.0/16": "FR"}
    before = locate_in(folder / "before.mmdb", datetime(2026, 5, 1, tzinfo=UTC), networks)
    after = locate_in(
        folder / "after.mmdb",
        datetime(2026, 6, 1, tzinfo=UTC),
        {**_split(networks, "79.192.3.7"), "79.192.3.7/32": "FR"},
    )
    told = []
    for first, last, locations in ((1, 6, before), (7, 7, after)):
        publish(folder, log, first, last, geo_db=locations)
        (germany,) = (row for row in of_day(read(folder)["locations"], 3) if row["country"] == "DE")
        told.append(germany["visits"])
    return [f"{told[0] - told[1]} moved"] if told[0] != told[1] else []


def _split(networks: dict[str, str], address: str) -> dict[str, str]:
    """The networks without an address, which is in one of them."""
    without = ipaddress.IPv4Network(address)
    found = {}
    for text, country in networks.items():
        network = ipaddress.IPv4Network(text)
        parts = network.address_exclude(without) if without.subnet_of(network) else [network]
        found |= {str(part): country for part in parts}
    return found
