"""Lines and expected fields that other projects publish: each passes, or is declared below with the reason."""

from __future__ import annotations

import base64
import json
import os
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from footfall.pipelines.display.explain_lines import Explanation, LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.fields import FormatError
from footfall.transforms.formats.log_formats import read_log_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.values.decode_texts import unescape
from tests.conftest import CaseTable

CASES = Path(__file__).parents[3] / "../shared/data/cases"
SOURCES = ("apachelogs", "vrl", "logstash", "crowdsec")

MAIN = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
PROXY_MANAGER = NAMED_FORMATS["proxy_manager"]
PROXY_MANAGER_SENT = NAMED_FORMATS["proxy_manager_standard"].replace(
    '"$http_user_agent"', '[Sent-to $server] "$http_user_agent"'
)
PROXY_MANAGER_CACHED = PROXY_MANAGER.replace(" [Sent-to $server]", "")
BARE_AGENT = (
    '[$time_local] $host $remote_addr $request_time "$request" $status $body_bytes_sent $bytes_sent $http_referer '
    "$http_user_agent"
)
VHOST = "$host " + MAIN

FORMATS: dict[str, tuple[str, ...]] = {
    "apache_combined": ("combined",),
    "apache_common": ("common",),
    "apache_vhost": ("vhost_combined", "host_combined"),
    "combined": ("combined",),
    "common": ("common", '%h %l %u [%{%FT%T%Z}t] "%r" %>s %b'),
    "crowdsecurity/litespeed-logs": ("combined",),
    "traefik_clf": ("traefik",),
    "aws_alb": ("alb",),
    "cloudfront": ("cloudfront",),
    "elb": ("elb", "elb_2014"),
    "s3": ("s3",),
    "haproxy_http": ("haproxy", "syslog+haproxy"),
    "Raithmir/zoraxy-logs": ("zoraxy",),
    "nginx_combined": (MAIN, "combined"),
    "nginx_main": (MAIN + ' "$http_x_forwarded_for"',),
    "nginx_ingress_upstreaminfo": ("ingress_nginx",),
    "nginx_vhost": (VHOST, "$host:$server_port " + MAIN, PROXY_MANAGER_SENT, PROXY_MANAGER_CACHED),
    "nginx_other": (BARE_AGENT, MAIN.replace(" $remote_user", "")),
    "crowdsecurity/nginx-proxy-manager-logs": (MAIN, "proxy_manager", PROXY_MANAGER_SENT, "proxy_manager_standard"),
    "bunkerity/bunkerweb-logs": ("bunkerweb", VHOST),
    "caddy_json": ("caddy",),
    "traefik_json": ("traefik_json",),
    "yanis-kouidri/envoy-logs": ("envoy_json", "envoy"),
}
"""Format of a case → format strings of the server; of several, the first one that the line matches is used."""

NOT_YET = (
    "neither Apache's nor nginx's text format: JSON, W3C, load balancers and other proxies come in a later release"
)
NO_ACCESS_LOG = frozenset({"apache_error", "nginx_error"})

WHITE_SPACE = "a time with a line feed in it ends the line"
ZONE_NAME = "a zone name that nobody knows: a reject, where others take it for UTC"
STRAY_ESCAPE = "the source expects half of an escape at the value's end, which the line does not have"

DECLARED: dict[tuple[str, int], str] = {
    ("crowdsec", 147): "a host with a long number may be that of a device or a person: it names no site",
    **{("crowdsec", number): "a single word that no setting names is no site" for number in (47, 65, 115)},
    ("apachelogs", 58): WHITE_SPACE,
    ("apachelogs", 71): ZONE_NAME,
    **{("logstash", number): STRAY_ESCAPE for number in (7, 8)},
}
"""Source and number (from 0) of cases that don't pass → reason."""

NOTHING_SAID = frozenset(("vrl", number) for number in (7, 8, 37, 38))
"""Lines of only `-`, for which the source expects no values. Here they must be rejects, since a line without a time
belongs to no day."""

LEFT_OUT = {
    ("crowdsec", "aws_alb"): re.compile(r"^https?://[^/]*"),
    ("crowdsec", "cloudfront"): re.compile(r"\?.*"),
}
"""Parts of the url that the patterns of a source leave out."""


class Case(NamedTuple):
    """A line, its format, and the fields that its source expects."""

    source: str
    number: int
    format: str
    log_formats: tuple[str, ...]
    line: bytes
    expect: dict[str, Any]


def read_cases() -> list[Case]:
    """Return all cases of access logs; those without log formats have a format that Footfall does not support."""
    cases = []
    for source in SOURCES:
        path = CASES / f"{source}.jsonl"
        for number, text in enumerate(path.read_text("utf-8").splitlines() if path.exists() else ()):
            case = json.loads(text)
            if case["format"] in NO_ACCESS_LOG:
                continue
            line = base64.b64decode(case["line_b64"]) if "line_b64" in case else case["line"].encode()
            formats = (case["log_format"],) if "log_format" in case else FORMATS.get(case["format"], ())
            cases.append(Case(source, number, case["format"], formats, line, case["expect"]))
    return cases


CURRENT = [case for case in read_cases() if case.log_formats]
LATER = [case for case in read_cases() if not case.log_formats]

CONDITIONAL_TIME = re.compile(r"%[\d,]+(\{[^}]*\})?t")
ADDRESS = re.compile(r"[0-9.]+")

needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the published cases are not at ../shared/data/cases")


BEHIND_ONE_PROXY = frozenset({("crowdsec", 68), ("crowdsec", 69), ("crowdsec", 138)})
"""Cases whose sources use the last entry of X-Forwarded-For, like `trusted-proxies = 1`."""


@cache
def explainer(trusted_proxies: int | None = None) -> LineExplainer:
    return LineExplainer(load_settings(None, {"trusted_proxies": trusted_proxies}))


def explain(line: bytes, log_format: str, trusted_proxies: int | None = None) -> Explanation:
    lines = scan_block(padded(line + b"\n"), len(line) + 1, log_format)
    return next(explainer(trusted_proxies).explain(lines, 1))


def explain_case(case: Case) -> tuple[Explanation, dict[str, Any]]:
    """Return the fields that Footfall parses from a case's line, and the expected ones."""
    expect = dict(case.expect)
    try:
        for log_format in case.log_formats:
            read_log_format(log_format)
        is_part = CONDITIONAL_TIME.fullmatch(case.log_formats[0]) is not None
    except FormatError:
        is_part = True
    if is_part:
        # A single directive: add a time, which Footfall requires.
        expect.pop("time", None)
        return explain(b"[01/Jun/2026:00:00:00 +0000] " + case.line, "%t " + case.log_formats[0]), expect
    trusted_proxies = 1 if (case.source, case.number) in BEHIND_ONE_PROXY else None
    explanations = [explain(case.line, log_format, trusted_proxies) for log_format in case.log_formats]
    return next((one for one in explanations if "reject" not in one), explanations[0]), expect


def differences(explanation: Explanation, expect: dict[str, Any]) -> list[str]:
    """Return the keys that differ; `reject` or `parse` if only one side rejects the line."""
    if expect.get("parse_ok") is False:
        return [] if "reject" in explanation else ["reject"]
    if "reject" in explanation:
        return ["parse"]
    if "url" in expect and "method" not in expect:
        # Some patterns split an invalid request into two texts; Footfall uses the whole text as url.
        expect = {key: value for key, value in expect.items() if key != "request_line"}
    request = [explanation["method"], explanation["url"], explanation["protocol"]]
    found = {
        **explanation,
        "ip": explanation["client"],
        "ua": explanation["user_agent"],
        "vhost": explanation["site"],
        "request_line": " ".join(str(part) for part in request if part is not None),
        "http_version": str(explanation["protocol"]).removeprefix("HTTP/"),
    }
    return [key for key, value in expect.items() if key in found and not agree(key, found[key], value)]


def agree(key: str, found: Any, expected: Any) -> bool:
    """Return whether two values are equal, within the tolerances of the cases' README."""
    if key in ("bytes", "status"):
        return (found or 0) == (expected or 0)
    if key == "vhost":
        if expected is None:
            return found is None
        # By definition, a site has no port and is no address.
        expected = re.sub(r":\d+$", "", str(expected))
        if ADDRESS.fullmatch(expected):
            return found is None
    if key == "time":
        one, other = datetime.fromisoformat(found), datetime.fromisoformat(expected)
        other = other.replace(microsecond=other.microsecond // 1000 * 1000)
        return one == (other if other.tzinfo else other.replace(tzinfo=UTC))
    if key == "ua" and "%25" in str(expected):
        # CloudFront encodes twice.
        return found == unquote(unquote(expected))
    if expected in (None, "", "-"):
        return found in (None, "", "-")
    if found is None:
        return False
    # Some sources keep the server's escapes, some treat bytes as characters.
    return found == unescape(expected.encode()).decode("utf-8", "replace") or expected in (
        found,
        found.encode().decode("latin-1"),
    )


def outcome(case: Case) -> tuple[str, list[str]]:
    """Return `passed`, `declared` or `failed`, and the keys that differ."""
    explanation, expect = explain_case(case)
    if (case.source, case.number) in NOTHING_SAID:
        expect["parse_ok"] = False
    if (case.source, case.format) in LEFT_OUT and explanation.get("url"):
        explanation["url"] = LEFT_OUT[case.source, case.format].sub("", str(explanation["url"]))
    different = differences(explanation, expect)
    is_declared = (case.source, case.number) in DECLARED
    return "declared" if is_declared else "failed" if different else "passed", different


@needs_cases
@pytest.mark.parametrize("case", CURRENT, ids=lambda case: f"{case.source}-{case.number}")
def test_a_published_case_is_understood_as_published(case: Case, case_table: CaseTable) -> None:
    result, different = outcome(case)
    reason = DECLARED.get((case.source, case.number))
    case_table.add(case.source, case.format, result)
    if reason is None:
        assert different == []
    else:
        case_table.explain(f"{case.source} {case.number}", reason)
        assert different, "passes now: take it off the list"


@needs_cases
def test_cases_of_other_servers_are_counted(case_table: CaseTable) -> None:
    for case in LATER:
        case_table.add(case.source, case.format, "not yet")
    assert {case.format for case in LATER}.isdisjoint(FORMATS), NOT_YET


@needs_cases
def test_the_table_in_the_docs_is_what_came_of_the_cases() -> None:
    results = {(case.source, case.number): outcome(case)[0] for case in CURRENT}
    rows = ["| source | passed | of | % |", "|---|---|---|---|"]
    for source in (*SOURCES, "all"):
        every = [case for case in (*CURRENT, *LATER) if source in (case.source, "all")]
        passed = sum(results.get((case.source, case.number)) == "passed" for case in every)
        rows.append(f"| {source} | {passed} | {len(every)} | {100 * passed / len(every):.1f} |")
    rows += ["", "Those that don't pass, and why (source and number, from 0):", ""]
    reasons: dict[str, list[str]] = {}
    for (source, number), reason in DECLARED.items():
        reasons.setdefault(reason, []).append(f"{source} {number}")
    rows += [f"- {reason}: {', '.join(cases)}" for reason, cases in reasons.items()]
    if LATER:
        rows.append(f"- not read yet: {', '.join(sorted({case.format for case in LATER}))}")
    expected = "\n".join(rows)
    page = Path(__file__).parents[3] / "docs/formats.md"
    before, begin, rest = page.read_text("utf-8").partition("<!-- cases -->\n")
    shown, end, behind = rest.partition("<!-- end of cases -->")
    if "WRITE_DOCS" in os.environ:
        page.write_text(before + begin + expected + "\n" + end + behind, "utf-8")
    else:
        assert shown == expected + "\n", "docs/formats.md: is not what came of the cases; run this with WRITE_DOCS=1"
