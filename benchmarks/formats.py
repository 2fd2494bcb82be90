"""Lines a second for each log format, side by side: scanning and deriving in one process, of the same hits.

python benchmarks/formats.py [--lines 200000] [--rounds 3] [NAME…]

The sample's log is written again in every format (`LINES`). Each is read once to compile and to meet all agents and
pages, then in some rounds, in turn with the others; the fastest counts. A ratio above 3 is a third of combined's speed.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from footfall.pipelines.display.explain_lines import LineExplainer
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import load_settings
from footfall.transforms.arrays import Bytes
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import BlockScanner

_MAIN: Final = '{ip} - - [{time}] "{request}" {status} {size} "{referrer}" "{agent}"'
_ABSOLUTE: Final = _MAIN.replace("{request}", "{method} https://www.example.org{url} {protocol}")
_AWS: Final = (
    "{ip}:4711 10.0.0.1:80 0.000 {seconds} 0.000 {status} {status} 0 {size} "
    '"{method} https://www.example.org:443{url} {protocol}" "{agent}"'
)


def _json(written: dict[str, Any]) -> str:
    """A line that holds an object, in which `<size>` stands for a hit's value and `<size>#` for one without quotes."""
    text = json.dumps(written, separators=(",", ":")).replace("{", "{{").replace("}", "}}")
    return re.sub(r"<(\w+)>", r"{\1}", re.sub(r'"<(\w+)>#"', r"{\1}", text))


_CADDY_HEADERS: Final = {
    **{"Accept": ["*/*"], "Accept-Encoding": ["gzip, deflate, br"], "Cookie": ["session=<cookie>"]},
    **{"User-Agent": ["<agent>"], "Referer": ["<referrer>"]},
}
_CADDY_REQUEST: Final = {
    **{"remote_ip": "<ip>", "remote_port": "4711", "client_ip": "<ip>", "proto": "<protocol>", "method": "<method>"},
    **{"host": "www.example.org", "uri": "<url>", "headers": _CADDY_HEADERS},
}
_GOOGLE_REQUEST: Final = {
    **{"latency": "<seconds>s", "protocol": "<protocol>", "remoteIp": "<ip>", "requestMethod": "<method>"},
    **{"requestUrl": "https://www.example.org<url>", "responseSize": "<size>", "status": "<status>#"},
    **{"userAgent": "<agent>", "referer": "<referrer>"},
}

# A line of each format, with a hit's values in braces.
LINES: Final[dict[str, str]] = {
    "common": _MAIN.partition(' "{referrer}"')[0],
    "combined": _MAIN,
    "vhost_combined": "www.example.org:443 " + _MAIN,
    "host_combined": "www.example.org " + _MAIN,
    "footfall": _MAIN + ' "{cookie}" {seconds}',
    "traefik": _MAIN + ' 300 "web@docker" "http://10.0.0.4:80" {ms}ms',
    "ingress_nginx": _MAIN + " 330 {seconds} [default-web-80] [] 10.0.0.4:8080 612 {seconds} {status} 3c1b9a5e",
    "bunkerweb": "www.example.org " + _MAIN.replace("- - [", "- 3c1b9a5e - ["),
    "proxy_manager": '[{time}] - {status} {status} - {method} https www.example.org "{url}" [Client {ip}] '
    '[Length {size}] [Gzip 1.2] [Sent-to 10.0.0.4] "{agent}" "{referrer}"',
    "bunny": "HIT|{status}|1780272000123|{size}|390|{ip}|{referrer}|https://www.example.org{url}|WA|{agent}|322b688b|DE",
    "pairs+heroku": "{iso}.123456+00:00 heroku[router]: at=info method={method} path={url} host=www.example.org "
    "request_id=1 fwd={ip} dyno=web.1 connect=0ms service={ms}ms status={status} bytes={size} protocol=https",
    "zoraxy": "2026/06/01 00:00:00 [{iso}.000000] [router:host-http] [origin:www.example.org] [client: {ip}] "
    "[useragent: {agent}] {method} {url} {status}",
    "haproxy": "{ip}:4711 [{clf}.000] www~ static/srv1 10/0/30/69/{ms} {status} {size} - - ---- 1/1/1/1/0 0/0 "
    '"{request}"',
    "haproxy_clf": '{ip} - - [{time}] "{request}" {status} {size} "" "" 4711 655 "www" "static" "srv1" 10 0 30 69 {ms} '
    '---- 1 1 1 1 0 0 0 "-" "-"',
    "squid": "{epoch}.000 {ms:>6} {ip} TCP_MISS/{status} {size} {method} https://www.example.org{url} - HIER_NONE/- "
    "text/html",
    "squid_combined": _ABSOLUTE + " TCP_MISS:HIER_DIRECT",
    "varnish": _ABSOLUTE,
    "alb": f"https {{iso}}.000000Z app/lb/50dc {_AWS} ECDHE TLSv1.2 arn:aws:x "
    '"Root=1-58337281" "www.example.org" "arn:aws:acm:x" 1 {iso}.000000Z "forward" "-" "-"',
    "elb": f"{{iso}}.000000Z lb {_AWS} ECDHE TLSv1.2",
    "s3": '79a5 bucket [{time}] {ip} 79a5 3E57 REST.GET.OBJECT a.html "{request}" {status} - {size} 1718 {ms} 5 '
    '"{referrer}" "{agent}" - s9lz= SigV4 ECDHE AuthHeader www.example.org TLSV1.2',
    "w3c": "{date} {clock} 10.0.0.4 {method} {path} {query} 443 - {ip} {plus_agent} {referrer} {status} 0 0 {ms}",
    "cloudfront": "{date}\t{clock}\tLAX1\t{size}\t{ip}\t{method}\td1.cloudfront.net\t{path}\t{status}\t{referrer}\t"
    "{percent_agent}\t{query}\t{cookie}\tHit\tSOX4\twww.example.org\thttps\t23\t{seconds}\t-\tTLSv1.2\tECDHE\tHit\t"
    "HTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
    "docker+combined": _json({"log": re.sub(r"{(\w+)}", r"<\1>", _MAIN) + "\n", "stream": "stdout", "time": "<iso>Z"}),
    "nginx_json": _json(
        {"time_iso8601": "<iso>+00:00", "remote_addr": "<ip>", "remote_user": "", "request": "<request>"}
        | {
            "status": "<status>",
            "body_bytes_sent": "<size>",
            "http_referer": "<referrer>",
            "http_user_agent": "<agent>",
        }
        | {"request_time": "<seconds>"}
    ),
    "ingress_json": _json(
        {
            "time": "<iso>+00:00",
            "remote_addr": "<ip>",
            "x_forwarded_for": "<ip>",
            "request_id": "d2f0",
            "remote_user": "",
        }
        | {"bytes_sent": "<size>#", "request_time": "<seconds>#", "status": "<status>#", "vhost": "www.example.org"}
        | {"request_proto": "<protocol>", "path": "<path>", "request_query": "<query>", "request_length": 330}
        | {"duration": "<seconds>#", "method": "<method>", "http_referrer": "<referrer>", "http_user_agent": "<agent>"}
    ),
    "caddy": _json(
        {"level": "info", "ts": "<epoch>#", "logger": "http.log.access.log0", "msg": "handled request"}
        | {"request": _CADDY_REQUEST, "bytes_read": 0, "user_id": "", "duration": "<seconds>#", "size": "<size>#"}
        | {"status": "<status>#", "resp_headers": {"Server": ["Caddy"], "Content-Type": ["text/html"]}}
    ),
    "traefik_json": _json(
        {"ClientAddr": "<ip>:4711", "ClientHost": "<ip>", "ClientPort": "4711", "ClientUsername": "-"}
        | {"DownstreamContentSize": "<size>#", "DownstreamStatus": "<status>#", "Duration": 2001375}
        | {"OriginContentSize": "<size>#", "OriginDuration": 1935291, "OriginStatus": "<status>#", "Overhead": 66084}
        | {
            "RequestAddr": "www.example.org",
            "RequestContentSize": 0,
            "RequestCount": 1,
            "RequestHost": "www.example.org",
        }
        | {"RequestMethod": "<method>", "RequestPath": "<url>", "RequestPort": "-", "RequestProtocol": "<protocol>"}
        | {"RequestScheme": "https", "RetryAttempts": 0, "RouterName": "web@docker", "StartLocal": "<iso>.587782192Z"}
        | {"StartUTC": "<iso>.587782192Z", "entryPointName": "web", "level": "info", "msg": "", "time": "<iso>Z"}
        | {"request_User-Agent": "<agent>", "request_Referer": "<referrer>"}
    ),
    "envoy_json": _json(
        {":authority": "www.example.org", "bytes_received": 0, "bytes_sent": "<size>#", "duration": "<ms>#"}
        | {"connection_termination_details": None, "downstream_remote_address": "<ip>", "method": "<method>"}
        | {"protocol": "<protocol>", "response_code": "<status>#", "response_code_details": "via_upstream"}
        | {"response_flags": "-", "route_name": "web", "start_time": "<iso>.479Z", "upstream_host": "192.0.2.1:8080"}
        | {"user-agent": "<agent>", "x-envoy-origin-path": "<url>", "x-forwarded-for": "<ip>"}
        | {"x-request-id": "3bbc0252-2d5c-49fe-bd89-104e9b61770b"}
    ),
    "gclb": _json(
        {"httpRequest": _GOOGLE_REQUEST, "insertId": "1f4jjmdf1yddtq", "logName": "projects/web/logs/requests"}
        | {"resource": {"type": "http_load_balancer", "labels": {"zone": "global"}}, "severity": "INFO"}
        | {"timestamp": "<iso>.123456Z"}
    ),
    "cloudflare": _json(
        {"ClientIP": "<ip>", "ClientRequestHost": "www.example.org", "ClientRequestMethod": "<method>"}
        | {"ClientRequestURI": "<url>", "ClientRequestProtocol": "<protocol>", "ClientRequestReferer": "<referrer>"}
        | {"ClientRequestUserAgent": "<agent>", "EdgeResponseBytes": "<size>#", "EdgeResponseStatus": "<status>#"}
        | {"EdgeStartTimestamp": 1780272000587782192, "EdgeEndTimestamp": 1780272000597782192, "RayID": "41ddf1740f67"}
    ),
}
_MOST_HITS: Final = 0.999
_LINE: Final = re.compile(
    r'(?P<ip>\S+) - - \[(?P<time>[^]]+)\] "(?P<request>(?P<method>[A-Z]+) (?P<url>\S+) (?P<protocol>\S+))" '
    r'(?P<status>\d+) (?P<size>\d+|-) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)" "(?P<cookie>[^"]*)" (?P<seconds>[0-9.]+)'
)


def read_hits(log: Path) -> Iterator[dict[str, str]]:
    """What the lines of a `footfall` log hold, broken ones left out, in all the ways in which formats write it."""
    for line in log.read_text("utf-8", "replace").split("\n"):
        match = _LINE.fullmatch(line)
        # Escapes would need to be escaped again in JSON.
        if match is None or "\\" in line:
            continue
        values = match.groupdict()
        try:
            at = datetime.strptime(values["time"], "%d/%b/%Y:%H:%M:%S %z")
        except ValueError:
            continue
        path, _, query = values["url"].partition("?")
        yield values | {
            "iso": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "date": at.strftime("%Y-%m-%d"),
            "clock": at.strftime("%H:%M:%S"),
            "clf": values["time"].partition(" ")[0],
            "epoch": str(int(at.timestamp())),
            "ms": str(round(float(values["seconds"]) * 1000)),
            "path": path,
            "query": query or "-",
            "plus_agent": values["agent"].replace(" ", "+"),
            "percent_agent": quote(values["agent"], safe="/;(),:+=-_."),
        }


def main() -> None:
    """Write the lines, time each format in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help="formats to measure, beside combined; all by default")
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    names = ["combined", *(name for name in chosen.names or LINES if name != "combined")]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "sample.log"
        write_sample(log, chosen.lines, seed=1, days=3, log_format="footfall")
        hits = list(read_hits(log))
    contents = {name: "".join(LINES[name].format_map(hit) + "\n" for hit in hits).encode() for name in names}
    readers = {name: _reader(name, content, len(hits)) for name, content in contents.items()}
    fastest = dict.fromkeys(names, float("inf"))
    for _ in range(chosen.rounds + 1):
        for name in names:
            fastest[name] = min(fastest[name], readers[name]())
    print(f"{'format':<24} {'lines a second':>14} {'µs a line':>10} {'of combined':>12} {'bytes a line':>13}")
    for name, seconds in fastest.items():
        print(
            f"{name:<24} {len(hits) / seconds:>14,.0f} {1e6 * seconds / len(hits):>10.2f} "
            f"{seconds / fastest['combined']:>12.2f} {len(contents[name]) / len(hits):>13.0f}"
        )


def _reader(name: str, content: bytes, count: int) -> Callable[[], float]:
    """What reads a log once and returns the seconds that it took."""
    block: Bytes = padded(content)
    explainer = LineExplainer(load_settings(None, {}))

    def read() -> float:
        began = time.perf_counter()
        found = BlockScanner(name).scan(block, len(content))
        read_count = sum(len(explainer.derive(part).lines) for part in found.parts)
        seconds = time.perf_counter() - began
        # The sample has some broken lines.
        if read_count < _MOST_HITS * count:
            raise SystemExit(f"{name}: {count - read_count:,} of {count:,} lines were not understood")
        return seconds

    return read


assert {name.rpartition("+")[2] for name in LINES} <= NAMED_FORMATS.keys() | JSON_FORMATS.keys()

if __name__ == "__main__":
    main()
