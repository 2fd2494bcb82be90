"""Behind proxies, the client is the address that a trusted proxy names, never the proxy."""

from __future__ import annotations

import ipaddress
from random import Random

import pytest

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.values.choose_clients import ProxyTrust, choose_clients
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS, CLIENT_BAD, CLIENT_NAME
from footfall.transforms.vocabulary import TrustedProxies
from tests.reference import ReferenceSettings
from tests.reference.lines import Hit, parse_line

FORMATS = (
    '$remote_addr "$http_x_forwarded_for" $msec',
    '$remote_addr "$http_forwarded" $msec',
    '$remote_addr "$http_x_real_ip" "$http_x_forwarded_for" "$http_cf_connecting_ip" $msec',
    '$remote_addr $realip_remote_addr "$http_x_forwarded_for" $msec',
    '$realip_remote_addr "$http_x_forwarded_for" $msec',
    '"$http_x_forwarded_for" $msec',
    '%a %{c}a "%{X-Real-IP}i" "%{Forwarded}i" %{sec}t',
    "%h %{X-Forwarded-For}i %{sec}t",
)
LIST, RFC, HEADERS, RESOLVED, *_ = FORMATS


def clients(content: bytes, log_format: str, trusted: TrustedProxies) -> list[str | None]:
    """Return the client of each line in the reference's form, None for a reject."""
    (lines,) = scan_block(padded(content), len(content), log_format).parts
    assert not lines.rejects.any()
    high, low, kinds, begins, ends = choose_clients(lines, ProxyTrust.of(trusted))
    found: list[str | None] = []
    for line, kind in enumerate(kinds.tolist()):
        number = int(high[line]) << 64 | int(low[line])
        if kind == CLIENT_ADDRESS:
            # `::/96` is IPv4, except for `::1`.
            found.append("::1" if number == 1 else str(ipaddress.ip_address(number)))
        elif kind == CLIENT_NAME:
            found.append(lines.block[begins[line] : ends[line]].tobytes().decode())
        else:
            found.append(None if kind == CLIENT_BAD else "-")
    return found


def client(text: str, log_format: str, trusted: TrustedProxies) -> str | None:
    (found,) = clients(f"{text} 1780272000\n".encode(), log_format, trusted)
    return found


NETWORKS = ("10.0.0.0/8", "2001:db8:ffff::/48", "203.0.113.7/32")
SPOOFED = '10.0.0.2 "6.6.6.6, 198.51.100.4, 10.0.0.1"'


@pytest.mark.parametrize(
    ("text", "log_format", "trusted", "expected"),
    [
        # Trusted proxies are not set: the first public address.
        ('10.0.0.2 "192.0.2.9, 198.51.100.4"', LIST, None, "192.0.2.9"),
        ('10.0.0.2 "-"', LIST, None, "10.0.0.2"),
        ('10.0.0.2 "unknown"', LIST, None, "unknown"),
        ('10.0.0.2 "no; address"', LIST, None, "10.0.0.2"),
        ('10.0.0.2 "172.16.0.9" "192.0.2.9" "-"', HEADERS, None, "192.0.2.9"),
        ('10.0.0.2 "192.0.2.7" "192.0.2.8" "192.0.2.9"', HEADERS, None, "192.0.2.9"),
        ('10.0.0.2 "192.0.2.7" "192.0.2.8" "-"', HEADERS, None, "192.0.2.7"),
        ('192.0.2.5 10.0.0.2 "192.0.2.9"', RESOLVED, None, "192.0.2.5"),
        ('10.0.0.2 10.0.0.2 "192.0.2.9"', RESOLVED, None, "192.0.2.9"),
        # A number of proxies: entries further left were written by clients.
        (SPOOFED, LIST, 0, "10.0.0.2"),
        (SPOOFED, LIST, 1, "10.0.0.1"),
        (SPOOFED, LIST, 2, "198.51.100.4"),
        (SPOOFED, LIST, 9, "6.6.6.6"),
        ('10.0.0.2 "-"', LIST, 2, "10.0.0.2"),
        ('10.0.0.2 "192.0.2.7" "6.6.6.6, 192.0.2.8" "-"', HEADERS, 1, "192.0.2.7"),
        ('"6.6.6.6, 192.0.2.7, 10.0.0.2"', FORMATS[5], 2, "192.0.2.7"),
        # Networks of proxies: no other addresses are trusted.
        (SPOOFED, LIST, NETWORKS, "198.51.100.4"),
        ('192.0.2.1 "6.6.6.6"', LIST, NETWORKS, "192.0.2.1"),
        ('192.0.2.1 "-" "-" "6.6.6.6"', HEADERS, NETWORKS, "192.0.2.1"),
        ('10.0.0.2 "10.0.0.3, 203.0.113.7"', LIST, NETWORKS, "10.0.0.3"),
        ('10.0.0.2 "unknown, 203.0.113.7"', LIST, NETWORKS, "unknown"),
        ('10.0.0.2 "#, 203.0.113.7"', LIST, NETWORKS, "203.0.113.7"),
        ('[2001:db8:ffff::9]:443 "[2001:db8::1]:99,10.1.1.1:80"', LIST, NETWORKS, "2001:db8::1"),
        ('::ffff:10.0.0.1 "192.0.2.1"', LIST, NETWORKS, "192.0.2.1"),
        ('unix: "192.0.2.1"', LIST, NETWORKS, "192.0.2.1"),
        ('host.example "192.0.2.1"', LIST, NETWORKS, "host.example"),
        ('unix "192.0.2.1"', LIST, NETWORKS, "unix"),
        ('10.0.0.2 "10.0.0.3" "192.0.2.8" "-"', HEADERS, NETWORKS, "192.0.2.8"),
        ('10.0.0.2 "10.0.0.3" "-" "-"', HEADERS, NETWORKS, "10.0.0.3"),
        # RFC 7239, with quotes escaped by nginx and Apache.
        (r'10.0.0.2 "for=192.0.2.60;proto=http;by=203.0.113.43"', RFC, 1, "192.0.2.60"),
        (r'10.0.0.2 "for=6.6.6.6, For=\x22[2001:db8:cafe::17]:4711\x22"', RFC, 1, "2001:db8:cafe::17"),
        (r'10.0.0.2 "proto=http; FOR=\"[2001:db8:cafe::17]\" , for=203.0.113.7"', RFC, NETWORKS, "2001:db8:cafe::17"),
        (r'10.0.0.2 "for=_hidden, for=unknown"', RFC, 2, "_hidden"),
        (r'10.0.0.2 "for=_SEVKISEK"', RFC, None, "_SEVKISEK"),
        (r'10.0.0.2 "for=\"192.0.2.43:_x-1\""', RFC, NETWORKS, "192.0.2.43"),
        (r'10.0.0.2 "by=10.0.0.9;proto=https"', RFC, 1, "10.0.0.2"),
    ],
)
def test_the_client_is_chosen_as_the_definitions_say(
    text: str, log_format: str, trusted: TrustedProxies, expected: str
) -> None:
    assert client(text, log_format, trusted) == expected


PIECES = (
    *("192.0.2.1", "198.51.100.4:4711", "10.0.0.1", "10.255.255.255", "11.0.0.0", "9.255.255.255", "203.0.113.7"),
    *("2001:db8::1", "[2001:db8:ffff::1]:443", "::ffff:10.0.0.1", "fe80::1%eth0", "2001:db8:ffff:ffff::", "::1"),
    *("unknown", "_hidden", "-", "", "unix:", "unix:/run/a", "host.example:80", "abcd:80", "192.0.2.256", "a;b", "x=y"),
    *("for=192.0.2.60", r"For=\x22[2001:db8::2]:9\x22;proto=https", r"by=_x;for=\"10.0.0.7:_p\"", "for=", "for"),
    *(r"proto=http; for=_gone", r"\x22192.0.2.3\x22", r"\"", r"\x2", ":80", "1.2.3.4:", "[::1", "192.0.2.8:123456"),
)
TRUST: tuple[TrustedProxies, ...] = (None, 0, 1, 2, 3, NETWORKS, ("128.0.0.0/1",), ("2000::/3", "::1"), ("192.0.2.1",))


@pytest.mark.parametrize("log_format", FORMATS)
@pytest.mark.parametrize("trusted", TRUST, ids=str)
def test_any_list_is_read_as_the_reference_reads_it(log_format: str, trusted: TrustedProxies) -> None:
    random = Random(f"{log_format} {trusted}")
    settings = ReferenceSettings(log_format=log_format, trusted_proxies=trusted)
    lines, expected = [], []
    while len(lines) < 300:
        line = " ".join(some_field(random, field) for field in log_format.split(" ")).encode()
        hit = parse_line(line, settings)
        # Some lists contain bytes that end a field of the format.
        if isinstance(hit, Hit) or hit == "client":
            lines.append(line)
            expected.append(hit.client if isinstance(hit, Hit) else None)
    found = clients(b"\n".join(lines) + b"\n", log_format, trusted)
    assert list(zip(lines, found, strict=True)) == list(zip(lines, expected, strict=True))


def some_field(random: Random, field: str) -> str:
    """A list of addresses and other entries, in quotes if the format's field is quoted; or the time."""
    if field in ("$msec", "%{sec}t"):
        return "1780272000"
    entries = random.choices(PIECES, k=random.choice((1, 1, 2, 3, 4)))
    return f'"{random.choice((", ", ",")).join(entries)}"' if field.startswith('"') else ",".join(entries)


def test_networks_are_searched_as_pythons_ipaddress_does() -> None:
    random = Random(5)
    networks = [
        *(ipaddress.ip_network((random.getrandbits(32), random.randrange(8, 33)), strict=False) for _ in range(40)),
        *(ipaddress.ip_network((random.getrandbits(128), random.randrange(8, 129)), strict=False) for _ in range(40)),
        ipaddress.ip_network("255.255.255.255/32"),
        ipaddress.ip_network("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
    ]
    edges = [
        type(end)(max(0, min(int(end) + step, 2**end.max_prefixlen - 1)))
        for network in networks
        for end in (network.network_address, network.broadcast_address)
        for step in (-1, 0, 1)
    ]
    content = "".join(f'{edge} "host.example" 1780272000\n' for edge in edges).encode()
    found = clients(content, LIST, tuple(map(str, networks)))
    trusted = [any(edge in network for network in networks) for edge in edges]
    assert [name == "host.example" for name in found] == trusted
    assert 100 < sum(trusted) < len(trusted) - 100
