"""The published addresses of delivery networks and balancers that ask a server for their visitors.

A peer at such an address is a proxy. Akamai, Bunny and others publish no ranges, or to customers only. Addresses are
as their owners published them in autumn 2026; a range that is missing makes its peers count as visitors, and
`trusted-proxies` names it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class DeliveryNetwork(NamedTuple):
    """The header in which a network names the visitor, and its addresses."""

    header: str
    networks: tuple[str, ...]


DELIVERY_NETWORKS: Final[dict[str, DeliveryNetwork]] = {
    # https://www.cloudflare.com/ips
    "Cloudflare": DeliveryNetwork(
        "CF-Connecting-IP",
        (
            *("173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"),
            *("108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"),
            *("162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"),
            *("2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"),
            *("2a06:98c0::/29", "2c0f:f248::/32"),
        ),
    ),
    # https://api.fastly.com/public-ip-list
    "Fastly": DeliveryNetwork(
        "Fastly-Client-IP",
        (
            *("23.235.32.0/20", "43.249.72.0/22", "103.244.50.0/24", "103.245.222.0/23", "103.245.224.0/24"),
            *("104.156.80.0/20", "140.248.64.0/18", "140.248.128.0/17", "146.75.0.0/17", "151.101.0.0/16"),
            *("157.52.64.0/18", "167.82.0.0/17", "167.82.128.0/20", "167.82.160.0/20", "167.82.224.0/20"),
            *("172.111.64.0/18", "185.31.16.0/22", "199.27.72.0/21", "199.232.0.0/16"),
            *("2a04:4e40::/32", "2a04:4e42::/32"),
        ),
    ),
    # https://d7uri8nf7uskq.cloudfront.net/tools/list-cloudfront-ips; without the shared edges in China
    "CloudFront": DeliveryNetwork(
        "CloudFront-Viewer-Address or X-Forwarded-For",
        (
            *("3.160.0.0/14", "3.164.0.0/15", "3.166.0.0/15", "3.168.0.0/14", "3.172.0.0/15", "13.32.0.0/15"),
            *("13.35.0.0/16", "13.224.0.0/14", "13.249.0.0/16", "15.158.0.0/16", "18.64.0.0/14", "18.68.0.0/16"),
            *("18.154.0.0/15", "18.160.0.0/15", "18.164.0.0/15", "18.172.0.0/15", "18.238.0.0/15", "18.244.0.0/15"),
            *("52.46.0.0/18", "52.82.128.0/19", "52.84.0.0/15", "52.124.128.0/17", "52.222.128.0/17"),
            *("54.182.0.0/16", "54.192.0.0/16", "54.230.0.0/16", "54.239.128.0/18", "54.239.192.0/19"),
            *("54.240.128.0/18", "64.252.64.0/18", "64.252.128.0/18", "65.8.0.0/16", "65.9.0.0/17"),
            *("65.9.128.0/18", "70.132.0.0/18", "71.152.0.0/17", "99.84.0.0/16", "99.86.0.0/16", "108.138.0.0/15"),
            *("108.156.0.0/14", "130.176.0.0/16", "143.204.0.0/16", "144.220.0.0/16", "204.246.164.0/22"),
            *("204.246.168.0/21", "204.246.176.0/20", "205.251.202.0/23", "205.251.204.0/22", "205.251.208.0/20"),
            *("205.251.249.0/24", "205.251.250.0/23", "205.251.252.0/23", "205.251.254.0/24", "216.137.32.0/19"),
            *("2600:9000::/28",),
        ),
    ),
    # https://my.imperva.com/api/integration/v1/ips
    "Imperva": DeliveryNetwork(
        "Incap-Client-IP",
        (
            *("199.83.128.0/21", "198.143.32.0/19", "149.126.72.0/21", "103.28.248.0/22", "185.11.124.0/22"),
            *("192.230.64.0/18", "45.64.64.0/22", "107.154.0.0/16", "45.60.0.0/16", "45.223.0.0/16"),
            *("131.125.128.0/17", "2a02:e980::/29"),
        ),
    ),
    # https://docs.sucuri.net/website-firewall/sucuri-firewall-troubleshooting-guide
    "Sucuri": DeliveryNetwork(
        "X-Sucuri-ClientIP",
        ("192.88.134.0/23", "185.93.228.0/22", "66.248.200.0/22", "208.109.0.0/22", "2a02:fe80::/29"),
    ),
    # https://cloud.google.com/load-balancing/docs/https (front ends and health checks)
    "Google Cloud": DeliveryNetwork("X-Forwarded-For", ("35.191.0.0/16", "130.211.0.0/22")),
    # https://learn.microsoft.com/azure/frontdoor/origin-security (AzureFrontDoor.Backend)
    "Azure Front Door": DeliveryNetwork("X-Azure-ClientIP", ("147.243.0.0/16", "2a01:111:2050::/44")),
}
"""Name of a network, as users know it → its header and addresses."""
PUBLISHED_NETWORKS: Final = tuple(network for one in DELIVERY_NETWORKS.values() for network in one.networks)
