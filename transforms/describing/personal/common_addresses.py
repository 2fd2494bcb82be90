"""Addresses that everybody has, and versions of four numbers, which look like addresses of one visitor.

`LOOK_LIKE_ADDRESSES` is for RE2, since the check before publishing needs it too.
"""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.rule import DIGITS, Rule, Where

_N: Final = "[0-9]{1,3}"
_MASK: Final = "(?:255|254|252|248|240|224|192|128|0)"
COMMON_ADDRESSES: Final = "|".join(
    (
        # This machine, none, masks of networks and their inverse.
        rf"127\.{_N}\.{_N}\.{_N}|0\.(?:0|255)\.(?:0|255)\.(?:0|1|3|7|15|31|63|127|255)",
        rf"255\.(?:255\.(?:255\.{_MASK}|{_MASK}\.0)|{_MASK}\.0\.0)",
        # The router of a private network, its first machine, itself and all of it (RFC 1918), and what makers set.
        rf"192\.168\.{_N}\.(?:0|1|2|100|254|255)",
        r"10\.(?:0|1|8|10|255)\.(?:0|1|2|10|255)\.(?:0|1|2|10|254|255)|10\.0\.0\.138|10\.0\.2\.15|10\.90\.90\.90",
        r"172\.(?:16|17|18|31)\.(?:0|255)\.(?:0|1|2|255)|172\.20\.10\.1",
        # Without a router, the cloud's own, multicast (RFC 3927, RFC 5771).
        r"169\.254\.0\.0|169\.254\.169\.254|224\.0\.0\.[0-9]{1,3}|239\.255\.255\.250",
        # Public resolvers: Google, Cloudflare, Quad9, OpenDNS, Lumen, AdGuard, CleanBrowsing, Control D, Comodo,
        # Neustar, NextDNS, DNS.WATCH, Yandex, 114DNS, Alibaba, Tencent, Baidu, HiNet, KT, SK.
        r"8\.8\.(?:8\.8|4\.4)|1\.(?:1\.1|0\.0)\.[123]|9\.9\.9\.(?:9|10|11)|149\.112\.112\.112|208\.67\.22[02]\.22[02]",
        r"4\.2\.2\.[1-6]|94\.140\.1[45]\.1[45]|185\.228\.16[89]\.(?:9|10|168)|76\.76\.2\.0|8\.(?:26\.56\.26"
        r"|20\.247\.20)",
        r"156\.154\.7[01]\.1|45\.90\.(?:28|30)\.0|84\.200\.(?:69\.80|70\.40)|77\.88\.8\.(?:8|1)"
        r"|114\.114\.11[45]\.11[45]",
        r"223\.[56]\.[56]\.[56]|119\.29\.29\.29|180\.76\.76\.76|168\.95\.1\.1|168\.126\.63\.[12]|210\.220\.163\.82",
    )
)
"""IPv4 addresses that stand for no visitor: thousands of networks have the same, or they belong to a service."""
COMMON_IPV6: Final = (
    "2001:4860:4860::88(?:88|44)|2606:4700:4700::1(?:111|001)|2620:fe::(?:fe|9)|2a10:50c0::ad[12]:ff"
    "|f[ef]80::1|ff0[25]::[12]"
)

_WORDS: Final = (
    "versions?|versi[oó]n|vers[aã]o|versione|versiyon|verze|wersja|ver|releases?|changelog|firmware|driver|treiber"
    "|pilote"
    "|build|update|patch|downloads?|apk|setup|installer|kernel|xiazai|hotfix|upgrade|版本|下载"
)
_BEHIND: Final = (
    "setup|install|installer|notes|linux|windows|win64|x64|apk|exe|msi|zip|dmg|deb|rpm|iso|firmware|changelog|release"
    "|update|download|driver|beta|final|版本|下载"
)
_SMALL: Final = r"[1-3]?[0-9](?:\.[0-9]{1,3}){3}"
"""Four numbers of a version: the first is small."""
_EDGE: Final = "(?:^|[^0-9A-Za-z])"
LOOK_LIKE_ADDRESSES: Final = (
    rf"(?i)\b(?:{COMMON_ADDRESSES})\b|\b(?:{COMMON_IPV6})(?:[^0-9A-Za-z:]|$)"
    rf"|{_EDGE}(?:{_WORDS})[-_/ .:]{{1,3}}(?:[a-z]{{2,}}[-_/ ])?v?{_SMALL}\b"
    rf"|\b{_SMALL}[-_ ./](?:{_BEHIND})"
    r"|[a-z]{3,}[-_ ][1-3]?[0-9]\.0(?:\.[0-9]{1,3}){2}\b"
    r"|[a-z]{3,}[-_ ][0-9](?:\.[0-9]){2}\.[0-9]{1,2}\b"
    # A picture for a dense screen.
    r"|@[1-4]x\.[a-z0-9]+\b"
)
"""What the check before publishing does not take for an address: all such that rules leave alone, and some more."""

_OF_ADDRESSES: Final = re.compile(
    r"(?<![^\W_])(?:ips?|ipv4|ip-?addr(?:ess)?|addr|address|adresse?|hosts?|ban|banned|block|blocked|client|whois"
    r"|ping|trace"
    r"|traceroute|geoip|visitor|besucher|server|abuse|rdns|proxy|node|peer|pool|dsl|cable|dyn|dynamic|static|dial"
    r"|dialup|sperre|attack|scan|login|remote|lookup)(?![^\W_])",
    re.IGNORECASE,
)
"""Words beside which four numbers are an address."""


def _is_version(match: re.Match[str], where: Where) -> bool:
    """Whether a word for software or a name and small numbers stand there, and no word for addresses."""
    has_sign = any(match[name] is not None for name in ("word", "name", "behind"))
    return has_sign and not _OF_ADDRESSES.search(match.string)


ADDRESSES_OF_EVERYBODY: Final = (
    Rule(
        "address that everybody has",
        None,
        rf"(?<![0-9])(?<![0-9]\.)(?:{COMMON_ADDRESSES})(?![0-9]|\.[0-9])",
        "RFC 6890; default settings of routers; public resolvers",
        finds=("127.0.0.1:8080", "fritzbox 192.168.178.1", "dns 8.8.8.8 vs 1.1.1.1", "255.255.255.0"),
        leaves=("192.168.1.57", "10.34.7.19", "1.0.0.10", "255.1.2.3", "8.8.8.8.8"),
        needs=".",
    ),
    Rule(
        "address that everybody has with other separators",
        None,
        rf"(?<![0-9])(?<![0-9][-_/ ])(?:{'|'.join(COMMON_ADDRESSES.replace(chr(92) + '.', sign) for sign in '-_ ')})"
        r"(?![0-9]|[-_./ ][0-9])",
        "names of pages about them, and what people type",
        finds=("/router/192-168-1-1", "192 168 0 1 admin", "/wiki/127_0_0_1"),
        leaves=("/from/192-168-1-57", "192-168 1-1"),
        needs=DIGITS,
    ),
    Rule(
        "IPv6 address that everybody has",
        None,
        rf"(?<![0-9A-Za-z:])(?:(?:{COMMON_IPV6})(?![0-9A-Za-z:])|(?:fe80|fec0|fc00|fd00|ff0[0-9e]|ff00|2000|2002"
        rf"|2001:db8|64:ff9b)::/[0-9]{{1,2}}(?![0-9]))",
        "RFC 4291; public resolvers; the networks of IANA's registries",
        finds=("fe80::/10", "dns 2606:4700:4700::1111", "fe80::1"),
        leaves=("fe80::1:2", "2001:db8::1"),
        needs=":",
    ),
    Rule(
        "version of four numbers",
        None,
        (
            rf"(?:(?<![^\W_])(?P<word>{_WORDS})[-_/ .:]{{1,3}}(?:[a-z]{{2,}}[-_/ ])?v?"
            r"|(?P<name>[a-z]{3,})[-_ ](?=[0-9]+\.0\.|(?:[0-9]\.){3}[0-9]{1,2}(?![0-9])))?"
            rf"(?<![0-9])(?<![0-9]\.)(?P<secret>{_SMALL})(?![0-9]|\.[0-9])(?:[-_ ./](?P<behind>{_BEHIND})(?![^\W_]))?"
        ),
        "versions of programs and drivers, which stand beside a word for software or behind its name",
        finds=(
            "/releases/4.19.0.128/changelog",
            "/xiazai/wechat-8.0.47.60",
            "skype 8.0.66.74",
            "/hackage/aeson-2.2.3.0",
            "realtek 10.1.0.42 driver",
        ),
        leaves=("/from/84.153.201.17", "host-24.0.18.77", "version 84.153.201.17", "5.189.130.12"),
        accept=_is_version,
        needs=".",
    ),
)
