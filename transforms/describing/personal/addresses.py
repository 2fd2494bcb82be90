"""IP and MAC addresses, in every notation that programs and people write."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.content import is_error
from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where

_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|0?[1-9]?[0-9])"
_HEX: Final = "[0-9a-f]"
_GROUPS: Final = rf"(?:{_HEX}{{1,4}}:)"


def _is_dotted_address(match: re.Match[str], where: Where) -> bool:
    """`v1.2.3.4` is a version; so small a number behind a `v` is no address. Five numbers are an
    address and a port, as tcpdump writes them, if the first has three digits."""
    if match["fifth"] and int(match["first"]) < 100:
        return False
    before = match.string[max(0, match.start() - 2) : match.start()].lower()
    return not (before.endswith("v") and not before[:-1].isalpha() and int(match["first"]) < 100)


def _is_separated_address(match: re.Match[str], where: Where) -> bool:
    """Four numbers with other separators are an address unless they may be a score, a date or a time.

    The first has two digits or more and no leading zero, all together five; between slashes, spaces and commas one of
    them is beyond what dates and times have.
    """
    if match["separator"] == "-" and re.match(r"(?:\.[a-z][0-9a-z-]*){2}", match.string[match.end() :], re.IGNORECASE):
        # Before the name of a network, also backwards.
        return True
    if match.string[max(0, match.start() - len(match["separator"])) : match.start()] == match["separator"] and (
        match.string[: match.start() - len(match["separator"])][-1:].isdigit()
    ):
        return False
    numbers = [match["first"], *re.findall("[0-9]+", match["rest"])]
    if int(numbers[0]) < 10 or int(numbers[0]) > 239 or sum(map(len, numbers)) < 5:
        return False
    if all(int(number) % 10 == 0 for number in numbers):
        return False
    if match["separator"] in "-_x":
        return max(map(int, numbers)) > 59 or min(map(int, numbers)) == 0
    return max(map(int, numbers)) > 99


ADDRESSES: Final = (
    Rule(
        "IPv6 address in the name of a host",
        "{address}",
        rf"{BEGIN}(?:{_HEX}{{1,4}}|-)(?:-{{1,2}}{_HEX}{{0,4}}){{2,8}}(?:s[0-9a-z]+)?\.ipv6-literal\.net",
        "Microsoft's transcription of IPv6 addresses for UNC paths",
        finds=("/from/2001-db8--17.ipv6-literal.net",),
        needs=DIGITS,
    ),
    Rule(
        "IPv6 address",
        "{address}",
        # Eight groups; two or more before "::"; one with a digit or at a word's begin before it; two or more after it.
        (
            rf"\[?(?:{_GROUPS}{{7}}{_HEX}{{1,4}}(?![0-9a-f])"
            rf"|{_GROUPS}{{2,7}}:\s?{_HEX}{{1,4}}(?![0-9a-z])(?::{_HEX}{{1,4}}){{0,5}}|{_GROUPS}{{2,7}}:"
            rf"|(?:(?<![0-9A-Za-z_]){_HEX}{{1,4}}|(?=[0-9a-f]{{0,3}}[0-9]){_HEX}{{1,4}})::"
            rf"(?:{_HEX}{{1,4}}(?::{_HEX}{{1,4}})*)?"
            rf"|::{_HEX}{{1,4}}(?::{_HEX}{{1,4}})+|::(?:ffff:)?(?=[0-9.]*\.))"
            r"(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:\.[0-9]{1,3}){3})?(?:%[0-9a-z]+)?"
            r"(?:\](?::[0-9]{1,5})?|/[0-9]{1,3}(?![0-9]))?"
        ),
        "RFC 4291, section 2.2",
        finds=("/from/2001:db8::17", "[2001:db8::17]:443", "2001:db8:0:0:1:2:3:4", "/from/::ffff:192.0.2.1"),
        leaves=("/docs/std::vector", "/at/12:34:56"),
        needs=":",
    ),
    Rule(
        "IPv6 address backwards, digit by digit",
        "{address}",
        rf"{BEGIN}{_HEX}(?:\.{_HEX}){{15,31}}(?:\.ip6\.(?:arpa|int))?{END}",
        "RFC 3596, section 2.5",
        finds=("/ptr/b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",),
        leaves=("1.2.3.4.5.6.7.8",),
        needs=".",
    ),
    Rule(
        "IPv6 address with other separators",
        "{address}",
        (
            rf"{BEGIN}(?:{_HEX}{{1,4}}(?P<s>[-_.])(?=[0-9a-f])(?:{_HEX}{{1,4}}(?P=s)){{6}}{_HEX}{{1,4}}"
            rf"|[23f]{_HEX}{{3}}(?: {_HEX}{{2,4}}){{7}}){END}"
        ),
        "addresses as names of files and hosts",
        finds=(
            "/from/2001_db8_0_0_1_2_3_4",
            "2001-db8-85a3-0-0-8a2e-370-7334",
            "2001 0db8 85a3 6b00 71c2 08ff fe3d 9a15",
        ),
        leaves=("1-2-3-4-5-6-7-8",),
        accept=lambda match, where: bool(re.search("[a-f]", match[0], re.IGNORECASE)),
        needs=DIGITS,
    ),
    Rule(
        "IPv6 address with other separators, shortened",
        "{address}",
        rf"{BEGIN}[23f]{_HEX}{{3}}(?P<s>[-_])(?:{_HEX}{{1,4}}(?P=s)){{0,5}}(?P=s){_HEX}{{1,4}}(?:"
        rf"(?P=s){_HEX}{{1,4}}){{0,5}}{END}",
        "addresses as names of files and hosts; given out are those that begin with 2 or 3, private ones with f",
        finds=("/from/2001-db8--17", "2400_cb00__c0ff_ee"),
        leaves=("2024-12--05", "3d-print--a4"),
        accept=lambda match, where: bool(re.search("[a-f]", match[0], re.IGNORECASE)),
        needs=DIGITS,
    ),
    # Before IPv4 addresses: four of the six groups may be one.
    Rule(
        "MAC address",
        "{id}",
        rf"{BEGIN}{_HEX}{{2}}(?P<s>[-:_. ]){_HEX}{{2}}(?:(?P=s){_HEX}{{2}}){{4}}(?:(?:(?P=s){_HEX}{{2}}){{2}})?{END}",
        "IEEE 802, EUI-48 and EUI-64",
        finds=("/d/00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "/d/00_1a_2b_3c_4d_5e", "/d/f0.18.98.4d.7a.c3"),
        leaves=("/log/20-25-06-09-10-11", "05 12 23 34 45 49"),
        accept=lambda match, where: match["s"] == ":" or bool(re.search("[a-f]", match[0], re.IGNORECASE)),
        needs=DIGITS,
    ),
    Rule(
        "MAC address without separators behind its name",
        "{id}",
        (
            r"(?<![^\W_])(?:mac|bssid|hwaddr|eui|device|ger(?:ä|ae)t|dev|wifi|wlan|ble|bluetooth|router|sensor)"
            r"(?:[-_ ]?(?:addr(?:ess)?|adresse|id))?[\s:=/_-]{1,3}"
            rf"(?P<secret>{_HEX}{{12}}){END}"
        ),
        "IEEE 802, EUI-48",
        finds=("mac 0642943aa787", "/x/mac-address/0642943AA787"),
        leaves=("mac 2023",),
        needs=DIGITS,
    ),
    Rule(
        "MAC address with dots",
        "{id}",
        rf"(?<![0-9A-Za-z.:-]){_HEX}{{4}}(?P<s>[.:-]){_HEX}{{4}}(?P=s){_HEX}{{4}}(?![0-9A-Za-z]|[.:-][0-9A-Za-z])",
        "Cisco's notation of EUI-48",
        finds=("/d/001a.2b3c.4d5e",),
        leaves=("/log/2024-2025-2026", "dead-beef-cafe"),
        accept=lambda match, where: bool(re.search("[0-9]", match[0]) and re.search("[a-f]", match[0], re.IGNORECASE)),
        needs=DIGITS,
    ),
    Rule(
        "IPv4 address",
        "{address}",
        (
            r"(?<![0-9])(?<![0-9]\.)(?P<first>[0-9]{1,3})(?:\.[0-9]{1,3}){3}(?P<fifth>\.[0-9]{1,5})?"
            r"(?![0-9]|\.[0-9])(?::[0-9]{1,5}|/[0-9]{2}(?![0-9]))?(?:\.in-addr\.arpa)?"
        ),
        "RFC 6943, section 3.1.1",
        finds=("٨٤٫١١٣٫٢٧٫٢٠٥", "/from/192.0.2.1:8080/x", "192[.]0[.]2[.]1", "/1.0.0.10.in-addr.arpa"),
        leaves=("/download/v1.2.3.4", "/docs/1.2.3"),
        accept=_is_dotted_address,
        needs=DIGITS,
    ),
    Rule(
        "IPv4 address with other separators",
        "{address}",
        (
            rf"(?<![0-9])(?:(?<![0-9][-/])|(?<=[a-z][0-9]{{2}}-)|(?<=[a-z][0-9]{{3}}-)|(?<=[a-z][0-9]{{4}}-)"
            rf"|(?<=[a-z][0-9]{{5}}-))(?P<first>{_OCTET})(?P<rest>(?P<separator> ?[-_/,: ] ?|x){_OCTET}"
            rf"(?:(?P=separator){_OCTET}){{2}})(?![0-9]|(?:(?P=separator)|-)[0-9]{{1,3}}(?![0-9]))"
        ),
        "names that internet providers give to hosts; names of files",
        finds=(
            "ip-192-0-2-1.isp.example",
            "/x/cpc19927-192-0-2-1.cable.example.net",
            "/from/192_0_2_17",
            "/from/192/0/2/117/x",
            "ban 203 0 113 9",
        ),
        leaves=("/schedule/10-12-14-16", "6-4-3-6", "10-20-30-40", "120 60 75"),
        accept=_is_separated_address,
        needs=DIGITS,
    ),
    Rule(
        "IPv4 address in hexadecimal or octal",
        "{address}",
        (
            rf"{BEGIN}(?:0x{_HEX}{{1,2}}(?:\.0x{_HEX}{{1,2}}){{3}}|0x{_HEX}{{8}}|(?=[0-7.]*[0-7]{{4}})"
            r"0[0-7]{1,3}(?:\.0[0-7]{1,3}){3})(?![0-9A-Za-z]|\.[0-9])"
        ),
        "inet_aton(3)",
        finds=("/from/0xC0000211", "/from/0300.0000.0002.0021", "0133.026.0147.07"),
        leaves=("/colors/0xff8800", "windows update error 0x80070643", "/error-codes/0x0000007e"),
        accept=lambda match, where: not is_error(match, where),
        needs=DIGITS,
    ),
    Rule(
        "IPv4 or IPv6 address in hexadecimal after a key",
        "{address}",
        (
            r"(?<![A-Za-z])(?:ip|ip[-_]?addr(?:ess)?|ip[-_]?hex|addr|address|client[-_]?ip|remote[-_]?addr"
            rf"|host)[/=: ](?P<secret>{_HEX}{{8}}|{_HEX}{{32}}){END}"
        ),
        "names that internet providers give to hosts",
        finds=("/ip/c0000211",),
        leaves=("/address/facade",),
        needs=DIGITS,
    ),
    Rule(
        "IPv4 address in hexadecimal in the name of a host",
        "{address}",
        rf"{BEGIN}(?:[a-z]{{1,8}}-|[g-z])?(?P<secret>{_HEX}{{8}})"
        r"(?=\.[0-9a-z-]+\.[0-9a-z.-]*[a-z]{2})(?![0-9a-z.-]*\.(?:js|mjs|css|map|json|woff2?|svg|png|jpe?g|webp"
        r"|wasm)(?:$|[/?]))",
        "names that internet providers give to hosts",
        finds=("/rdns/p59f70d42.dip0.isp.example", "dsl-c0000211.pool.isp.example"),
        leaves=("/css/p59f70d42.min", "facade00.pdf"),
        accept=lambda match, where: bool(re.search("[0-9]", match["secret"])),
        needs=DIGITS,
    ),
)
