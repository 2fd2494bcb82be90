"""Hits of visitors who do not want to be counted: their traffic is told, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from footfall.pipelines.settings import Settings
from tests.coincidences import LOG_FORMAT, log_of_coincidences
from tests.reference import compute
from tests.running import LOG, differences, publish_logs, published_tables, read_published, reference_settings

WITH_HEADERS = f'{LOG_FORMAT} "$http_dnt" "$http_sec_gpc"'
HEADERS = ('"-" "-"', '"-" "-"', '"0" "-"', '"1" "-"', '"-" "1"', '"0" "1"', '"1" "1"', '"10" "1, 1"', '"" "1;q"')
"""Six of these nine are an opt-out or none of both."""

NGINX = (
    '192.0.2.{n} - - [01/Jun/2026:10:{m:02d}:00 +0000] "GET {path} HTTP/1.1" 200 5 '
    '"https://news.example/" "{agent}" "{gpc}"'
)
CADDY = (
    '{{"ts":17803080{m:02d}.5,"request":{{"remote_ip":"192.0.2.{n}","proto":"HTTP/1.1","method":"GET","host":"a.example",'
    '"uri":"{path}","headers":{{"User-Agent":["{agent}"],"Referer":["https://news.example/"],"Sec-Gpc":["{gpc}"]}}}},'
    '"duration":0.02,"size":5,"status":200}}'
)
IIS = "2026-06-01 10:{m:02d}:00 192.0.2.{n} GET {path} 200 5 {agent} https://news.example/ {gpc}"
FORMATS = {
    "nginx": (
        '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
        '"$http_sec_gpc"',
        NGINX,
    ),
    "Apache": ('%h - - %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{Sec-GPC}i"', NGINX),
    "Caddy": ("caddy", CADDY),
    "IIS": (
        "w3c:date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(User-Agent) cs(Referer) cs(Sec-GPC)",
        IIS,
    ),
    "keys that nobody knows": (
        'json:{"client":"a","time":"t","request":"r","status":"s","user-agent":"u","referrer":"f","dnt":"d"}',
        '{{"a":"192.0.2.{n}","t":"2026-06-01T10:{m:02d}:00Z","r":"GET {path} HTTP/1.1","s":200,"u":"{agent}",'
        '"f":"https://news.example/","d":"{gpc}"}}',
    ),
}
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def log_with_headers(seed: int) -> bytes:
    """The log of coincidences, whose visitors send headers now and then."""
    random = Random(seed)
    lines = log_of_coincidences(seed, sites=12).decode().splitlines()
    return "".join(f"{line} {random.choice(HEADERS)}\n" for line in lines).encode()


def log_of(template: str) -> bytes:
    """Twelve visitors of `/told`, of whom five opted out, and another twelve opted out who saw `/untold`."""
    agent = AGENT.replace(" ", "+") if template == IIS else AGENT
    rows = [(n, "/told", "1" if n < 5 else "-") for n in range(12)] + [(n, "/untold", "1") for n in range(20, 32)]
    lines = [template.format(n=n, m=n, path=path, agent=agent, gpc=gpc) for n, path, gpc in rows]
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(("seed", "k", "opt_out"), [(1, 1, "heed"), (2, 2, "heed"), (3, 3, "heed"), (1, 1, "count")])
def test_a_log_with_headers_is_published_as_the_reference_computes_it(seed: int, k: int, opt_out: str) -> None:
    content = log_with_headers(seed)
    options = {"log_format": WITH_HEADERS, "k": k, "opt_out": opt_out}
    expected = compute({LOG: content}, reference_settings(Settings(**options)))
    found = differences(published_tables({LOG: content}, **options), expected)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_traffic_of_those_who_opted_out_is_told(name: str) -> None:
    log_format, template = FORMATS[name]
    published = published_tables({LOG: log_of(template)}, log_format=log_format, k=7, site="a.example")
    for table in ("days", "traffic", "protocols", "kinds"):
        assert sum(row["hits"] for row in published[table]) == 24, table
    assert sum(row["page_views"] for row in published["traffic"]) == 7
    assert [(row["page"], row["page_views"], row["visits"]) for row in published["pages"]] == [("/told", 7, 7)]
    for table in ("locations", "technology", "referrers"):
        assert sum(row["visits"] for row in published[table]) == 7, table
    assert sum(row["hits"] for row in published["latency"]) == (7 if name == "Caddy" else 0)


def test_the_settings_can_count_them() -> None:
    log_format, template = FORMATS["nginx"]
    published = published_tables({LOG: log_of(template)}, log_format=log_format, k=7, opt_out="count", site="a.example")
    assert {row["page"]: row["visits"] for row in published["pages"]} == {"/told": 12, "/untold": 12}


def test_a_log_of_few_visitors_who_all_opted_out_is_published(tmp_path: Path) -> None:
    log_format, template = FORMATS["nginx"]
    content = b"".join(line for line in log_of(template).splitlines(keepends=True) if b'"1"' in line)
    publish_logs(tmp_path, {LOG: content}, log_format=log_format, site="a.example")
    published = read_published(tmp_path / "traffic.duckdb")
    assert sum(row["hits"] for row in published["traffic"]) == 17
    assert not published["pages"]
