"""Addresses are parsed in all the forms that servers and proxies write, and no other texts are."""

from __future__ import annotations

import ipaddress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.values.read_addresses import (
    CLIENT_ADDRESS,
    CLIENT_BAD,
    CLIENT_NAME,
    CLIENT_NONE,
    read_addresses,
)

IPV6 = "2001:db8::1"


def read(field: str | None, *, prefer_public: bool = True) -> tuple[int, int, str]:
    """Return the kind, the address as a number, and the chosen entry."""
    content = (field or "").encode()
    begins, ends = np.array([0 if field is not None else -1], np.int32), np.array([len(content)], np.int32)
    high, low, kinds, entry_begins, entry_ends = read_addresses(padded(content), begins, ends, prefer_public)
    return int(kinds[0]), int(high[0]) << 64 | int(low[0]), content[entry_begins[0] : entry_ends[0]].decode()


@given(st.ip_addresses())
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_address_is_read_in_any_of_its_forms(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    forms = [str(address), address.exploded, f" {address} ", f"[{address}]:65535"]
    if isinstance(address, ipaddress.IPv4Address):
        forms += [f"{address}:80", f"::ffff:{address}", f"::FFFF:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"]
    else:
        forms += [f"{address}%eth0", f"[{address}]", str(address).upper()]
    for form in forms:
        assert read(form)[:2] == (CLIENT_ADDRESS, int(mapped or address)), form


@given(st.text("0123456789abcdef:.[]%-g", max_size=24))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_what_python_takes_for_no_address_is_none_here(text: str) -> None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0] if ":" in text else text)
    except ValueError:
        expected = None
    else:
        expected = int(getattr(address, "ipv4_mapped", None) or address)
    kind, value, entry = read(text)
    if expected is not None:
        assert (kind, value) == (CLIENT_ADDRESS, expected)
    elif kind == CLIENT_ADDRESS:
        # With brackets or a port.
        assert text != entry or text.startswith("[")


@pytest.mark.parametrize(
    ("field", "kind", "entry"),
    [
        (None, CLIENT_NONE, ""),
        ("-", CLIENT_NONE, "-"),
        ("", CLIENT_BAD, ""),
        ("unix:", CLIENT_NAME, "unix:"),
        ("unix:/run/app.sock", CLIENT_NAME, "unix:/run/app.sock"),
        ("host.example", CLIENT_NAME, "host.example"),
        ("host_1.example:8080", CLIENT_NAME, "host_1.example"),
        ("unknown", CLIENT_NAME, "unknown"),
        ("192.0.2.256", CLIENT_BAD, "192.0.2.256"),
        ("192.0.2", CLIENT_BAD, "192.0.2"),
        ("192.0.2.010", CLIENT_BAD, "192.0.2.010"),
        ("192.0.2.1:port", CLIENT_BAD, "192.0.2.1:port"),
        ("192.0.2.1:123456", CLIENT_BAD, "192.0.2.1:123456"),
        ("a;b", CLIENT_BAD, "a;b"),
        ("bücher.example", CLIENT_BAD, "bücher.example"),
        ("[2001:db8::1", CLIENT_BAD, "[2001:db8::1"),
        ("2001:db8:::1", CLIENT_BAD, "2001:db8:::1"),
        (":1", CLIENT_BAD, ":1"),
    ],
)
def test_what_is_no_address_is_a_name_nothing_or_a_reject(field: str | None, kind: int, entry: str) -> None:
    assert read(field)[::2] == (kind, entry)


@pytest.mark.parametrize(
    ("field", "entry"),
    [
        ("192.0.2.1, 198.51.100.2", "192.0.2.1"),
        ("10.0.0.1, 192.168.1.1, 203.0.113.9:4711", "203.0.113.9"),
        ("unknown, 127.0.0.1, fd00::1, 2001:db8::7", "2001:db8::7"),
        ("169.254.1.1,100.64.0.1,172.31.255.255", "169.254.1.1"),
        ('"[fe80::1]", [2001:db8::8]:80', "[2001:db8::8]"),
        ("-, , 192.0.2.5", "192.0.2.5"),
        ("::1, 0.0.0.0, 224.0.0.1", "224.0.0.1"),
        ("172.32.0.1, 192.0.2.1", "172.32.0.1"),
        ("first.example, second.example", "first.example"),
    ],
)
def test_of_a_list_the_first_public_address_counts_else_the_first(field: str, entry: str) -> None:
    assert read(field)[2] == entry


def test_without_a_preference_the_first_address_counts() -> None:
    assert read("unknown, 10.0.0.1, 192.0.2.1", prefer_public=False)[2] == "10.0.0.1"
