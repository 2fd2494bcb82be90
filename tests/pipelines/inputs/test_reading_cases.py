"""Logs of kinds that were once read wrongly, read with `auto`: each is right, or is listed with the reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.display.explain_lines import Explanation, LineExplainer, explain_lines
from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.recognition import Recognition, Unrecognized
from footfall.pipelines.inputs.recognize import recognize
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.log_formats import read_log_format
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.vocabulary import DEFAULT_SITE
from tests.transforms.formats.test_parsing_cases import CASES, differences

SMALL = CASES / "small"

NOT_YET: dict[str, str] = {}
"""Kind of the lines in `minimal.jsonl` → why they are not yet read right."""

needs_cases = pytest.mark.skipif(not CASES.exists(), reason="the cases are not at ../shared/data/cases")


def read(lines: Sequence[str], log_format: str | None = None) -> list[Explanation]:
    """Return what is read from a log with these lines, in the format that is given or recognised."""
    content = "".join(f"{line}\n" for line in lines).encode()
    found = recognize(content, log_format)
    assert isinstance(found, Recognition), found
    explainer = LineExplainer(load_settings(None, {}))
    explained = list(explainer.explain(scan_block(padded(content), len(content), found.log_format), 1))
    for one in explained:
        # Without a field for it, the site is the name that settings give.
        if one.get("site") == DEFAULT_SITE:
            one["site"] = None
    rejected = [one for one in explained if one.get("reject") not in (None, "directive", "empty", "no_request")]
    assert found.sampled - found.fitting == len(rejected), "what counts as fitting is what is read"
    return explained


def read_small(name: str, log_format: str | None = None) -> list[Explanation]:
    """Return what is read from a small file."""
    explained = read((SMALL / name).read_text("utf-8").splitlines(), log_format)
    return [one for one in explained if one.get("reject") != "directive"]


def column(explained: Sequence[Explanation], key: str) -> list[Any]:
    """Return one key's values; a reject has none."""
    return [one.get(key, f"reject: {one.get('reject')}") for one in explained]


def minimal_cases() -> dict[str, list[dict[str, Any]]]:
    """Return the minimal cases by kind: those of one kind are one log."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    path = CASES / "minimal.jsonl"
    for text in path.read_text("utf-8").splitlines() if path.exists() else ():
        case = json.loads(text)
        kinds.setdefault(case["format"], []).append(case)
    return kinds


@needs_cases
@pytest.mark.parametrize("kind", minimal_cases())
def test_a_minimal_log_is_read_right(kind: str) -> None:
    cases = minimal_cases()[kind]
    explained = read([case["line"] for case in cases])
    wrong = [differences(one, case["expect"]) for one, case in zip(explained, cases, strict=True)]
    if kind in NOT_YET:
        assert any(wrong), f"{kind} is right now: take it off the list"
    else:
        assert not any(wrong)


@needs_cases
def test_tomcats_attributes_are_not_the_request_and_its_durations_are_milliseconds() -> None:
    cases = json.loads((SMALL / "cases.json").read_text("utf-8"))
    (text,) = (case["log_format"] for case in cases if case["file"] == "jira.log" and case["log_format"] != "auto")
    explained = read_small("jira.log", text)
    assert column(explained, "path") == [f"/jira/p{number}" for number in range(1, 6)]
    assert column(explained, "status") == [200] * 5
    assert column(explained, "request_time_s") == [0.011, 0.012, 0.013, 0.014, 0.015]
    assert all(column(explained, "page_view"))


@needs_cases
def test_a_number_of_unknown_unit_is_read_over() -> None:
    explained = read_small("jira.log")
    assert column(explained, "path") == [f"/jira/p{number}" for number in range(1, 6)]
    assert column(explained, "bytes") == [4001, 4002, 4003, 4004, 4005]
    assert column(explained, "site") == [None] * 5
    assert column(explained, "request_time_s") == [None] * 5


@needs_cases
def test_json_with_bare_times_lists_and_dashes_is_read() -> None:
    explained = read_small("barejson.log")
    assert column(explained, "status") == [200, 502, 200, 200]
    assert column(explained, "request_time_s") == [0.1, 0.3, None, 0.002]
    assert column(explained, "time") == [f"2026-04-04T12:09:{second}+05:30" for second in (31, 32, 33, 34)]


@needs_cases
def test_a_w3c_log_with_quoted_values_and_fractional_seconds_is_read() -> None:
    explained = read_small("tomext.log")
    assert column(explained, "request_time_s") == [0.25, 1.004, 0.012]
    assert column(explained, "bytes") == [512] * 3
    assert column(explained, "path") == ["/a1", "/a2", "/a3"]


@needs_cases
def test_a_host_between_size_and_referrer_is_the_site() -> None:
    explained = read_small("ionos.log")
    assert column(explained, "site") == ["www.example.com"] * 3
    assert column(explained, "bytes") == [13667, 13668, 13669]


@needs_cases
def test_an_agent_that_no_line_has_is_no_field() -> None:
    found = recognize((SMALL / "traefik_default.log").read_bytes(), None)
    assert isinstance(found, Recognition)
    assert any("user agent" in hint for hint in found.hints)
    explained = read_small("traefik_default.log")
    assert set(column(explained, "traffic_class")) == {"human"}
    assert any(column(explained, "page_view"))


AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TIME = "[01/Jun/2026:10:00:00 +0000]"
REQUEST = '"GET /a HTTP/1.1"'
PAGE = f'"-" "{AGENT}"'
COMBINED = f"{TIME} {REQUEST} 200 512 {PAGE}"
HIT = {"path": "/a", "status": 200, "bytes": 512}
SEEN = {**HIT, "user_agent": AGENT}

# (what, line with N for a number, what is read)
FORWARDED: list[tuple[str, str, dict[str, Any]]] = [
    ("a list before the peer", f"203.0.113.N, 10.0.0.9 10.0.0.4 - - {COMBINED}", {"client": "203.0.113.N", **SEEN}),
    ("quoted before the peer", f'"203.0.113.N" 10.0.0.4 - - {COMBINED}', {"client": "203.0.113.N", **SEEN}),
    ("behind the peer", f"10.0.0.4 203.0.113.N - - {COMBINED}", {"client": "203.0.113.N", **SEEN}),
    ("behind Cloudflare", f'172.64.0.N - - {COMBINED} "203.0.113.N"', {"client": "203.0.113.N", **SEEN}),
    ("a list at the end", f'10.0.0.4 - - {COMBINED} "203.0.113.N, 10.1.1.1"', {"client": "203.0.113.N"}),
    ("IPv6", f'fd00::4 - - {COMBINED} "2001:db8::N"', {"client": "2001:db8::N"}),
    ("common", f"203.0.113.N 10.0.0.4 - - {TIME} {REQUEST} 200 512", {"client": "203.0.113.N", "site": None, **HIT}),
    ("nobody behind it", f'198.51.100.N - - {COMBINED} "-"', {"client": "198.51.100.N", **SEEN}),
    # Anyone can write the header: the peer is no known proxy.
    ("a public peer", f'198.51.100.N - - {COMBINED} "203.0.113.N"', {"client": "198.51.100.N", **SEEN}),
    ("a public peer, before", f"203.0.113.N 198.51.100.N - - {COMBINED}", {"client": "198.51.100.N", "site": None}),
    ("with a time", f'10.0.0.4 - - {COMBINED} "203.0.113.N" 0.012', {"client": "203.0.113.N", "request_time_s": 0.012}),
]
LAYOUTS: list[tuple[str, str, dict[str, Any]]] = [
    ("%D between", f"192.0.2.N - - {TIME} {REQUEST} 200 512 1234 {PAGE}", {"request_time_s": None, **SEEN}),
    ("%T between", f"192.0.2.N - - {TIME} {REQUEST} 200 512 0.034 {PAGE}", {"request_time_s": 0.034, **SEEN}),
    ("host between", f"192.0.2.N - - {TIME} {REQUEST} 200 512 www.example.org {PAGE}", {"site": "www.example.org"}),
    ("OVH", f"192.0.2.N www.example.org - {COMBINED}", {"client": "192.0.2.N", "site": "www.example.org", **SEEN}),
    ("host with a user", f"192.0.2.N www.example.org bob {COMBINED}", {"site": "www.example.org", "user": "bob"}),
    ("host, common", f"192.0.2.N www.example.org - {TIME} {REQUEST} 200 512", {"site": "www.example.org", **HIT}),
    ("vhost:port common", f"www.example.org:443 192.0.2.N - - {TIME} {REQUEST} 200 512", {"site": "www.example.org"}),
    ("common, a time", f"192.0.2.N - - {TIME} {REQUEST} 200 512 0.012", {"request_time_s": 0.012, **HIT}),
    ("common, a number", f"192.0.2.N - - {TIME} {REQUEST} 200 512 12", {"request_time_s": None, **HIT}),
    ("Jetty", f"192.0.2.N -  -  {TIME} {REQUEST} 200  512 {PAGE}", {"client": "192.0.2.N", **SEEN}),
    ("Jetty, common", f"192.0.2.N - - {TIME} {REQUEST} 200  512", HIT),
    ("doubled", f"192.0.2.N  -  bob  {TIME}  {REQUEST}  200  512  {PAGE}", {"user": "bob", **SEEN}),
    ("no user", f"192.0.2.N -  {COMBINED}", {"user": None, **SEEN}),
    (
        "ISO",
        f"192.0.2.N - - [2026-06-01T10:00:00+02:00] {REQUEST} 200 512 {PAGE}",
        {"time": "2026-06-01T10:00:00+02:00"},
    ),
    ("OpenLiteSpeed", f'"192.0.2.N - - {COMBINED}"', {"client": "192.0.2.N", **SEEN}),
    ("OpenLiteSpeed, host", f'"www.example.org 192.0.2.N - - {COMBINED}"', {"site": "www.example.org", **SEEN}),
    ("aiohttp", f"192.0.2.N {COMBINED}", {"client": "192.0.2.N", **SEEN}),
    (
        "Gandi",
        f"www.example.org 192.0.2.N - - {TIME} (12 ms) {REQUEST} 200 512 {PAGE}",
        {"request_time_s": 0.012, **SEEN},
    ),
    ("host behind", f"192.0.2.N - - {COMBINED} www.example.org", {"site": "www.example.org", **SEEN}),
    ("named times", f'192.0.2.N - - {COMBINED} rt=0.123 uct="0.001" urt="0.120"', {"request_time_s": 0.123, **SEEN}),
    (
        "agent, page",
        f'192.0.2.N - - {TIME} {REQUEST} 200 512 "{AGENT}" "https://a.example/"',
        {"referrer": "https://a.example/"},
    ),
    (
        "IONOS",
        f'192.0.2.N - - {TIME} {REQUEST} 200 512 www.example.org {PAGE} "-"',
        {"site": "www.example.org", **SEEN},
    ),
    ("common, a blank at the end", f"192.0.2.N - - {TIME} {REQUEST} 200 512 ", HIT),
    ("host, request", f'192.0.2.N - - {TIME} "www.example.org" {REQUEST} 200 512 {PAGE}', {"site": "www.example.org"}),
    (
        "a time before the size",
        f"192.0.2.N - - {TIME} {REQUEST} 200 0.012 512 {PAGE}",
        {"request_time_s": 0.012, **SEEN},
    ),
    ("tabs", f"192.0.2.N\t-\t-\t{TIME}\t{REQUEST}\t200\t512\t{PAGE}".replace('" "', '"\t"'), SEEN),
    (
        "a time first",
        f"2026-06-01T10:00:00.123Z 192.0.2.N - - {REQUEST} 200 512 {PAGE}",
        {"client": "192.0.2.N", **SEEN},
    ),
    (
        "milliseconds",
        f"192.0.2.N - - [01/Jun/2026:10:00:00.123 +0200] {REQUEST} 200 512 {PAGE}",
        {"time": "2026-06-01T10:00:00.123+02:00", **SEEN},
    ),
    ("host names", f"host-N.example.net - - {COMBINED}", {"client": "host-N.example.net", **SEEN}),
]
SERVERS: list[tuple[str, str, dict[str, Any]]] = [
    ("compose", f"web-1  | 192.0.2.N - - {COMBINED}", {"client": "192.0.2.N", **SEEN}),
    ("compose, coloured", f"\x1b[36mweb-1  |\x1b[0m 192.0.2.N - - {COMBINED}", SEEN),
    ("compose, times", f"web-1  | 2026-06-01T10:00:00.1Z 192.0.2.N - - {COMBINED}", SEEN),
    ("fly logs", f"2026-06-01T10:00:00Z app[d891] ams [info] 192.0.2.N - - {COMBINED}", SEEN),
    ("fly logs, no blank", f"2026-06-01T10:00:00Z app[d891] ams [info]192.0.2.N - - {COMBINED}", SEEN),
    ("Fly's shipper", json.dumps({"fly": {"region": "ams"}, "message": f"192.0.2.N - - {COMBINED}"}), SEEN),
    (
        "bunny",
        f"HIT|200|1780308000123|512|390|192.0.2.N|-|https://cdn.example.com/a|WA|{AGENT}|322b|DE",
        {"client": "192.0.2.N", "site": "cdn.example.com", "time": "2026-06-01T10:00:00.123Z", **SEEN},
    ),
    (
        "gcs",
        f'"1780308000123456","192.0.2.N","1","","GET","/a","200","0","512","9000","storage.googleapis.com","","{AGENT}",'
        '"AEnB2Uo","GET_Object","bucket","a"',
        {"client": "192.0.2.N", "request_time_s": 0.009, **SEEN},
    ),
    (
        "uwsgi",
        "[pid: 7|app: 0|req: N/9] 192.0.2.N () {34 vars in 400 bytes} [Mon Jun  1 10:00:00 2026] GET /a => generated "
        "512 bytes in 12 msecs (HTTP/1.1 200) 2 headers in 79 bytes (1 switches on core 0)",
        {"client": "192.0.2.N", "time": "2026-06-01T10:00:00Z", "request_time_s": 0.012, **HIT},
    ),
    (
        "heroku",
        '2026-06-01T10:00:00.123456+00:00 heroku[router]: at=info method=GET path="/a" host=www.example.org '
        'request_id=N fwd="192.0.2.N" dyno=web.1 connect=0ms service=18ms status=200 bytes=512 protocol=https',
        {"client": "192.0.2.N", "request_time_s": 0.018, "site": "www.example.org", **HIT},
    ),
    (
        "lograge",
        "I, [2026-06-01T10:00:00.123456 #7]  INFO -- : method=GET path=/a format=html controller=PagesController "
        "action=show status=200 duration=58.33 view=40.43 db=15.26 remote_ip=192.0.2.N",
        {"client": "192.0.2.N", "request_time_s": 0.05833, "path": "/a", "status": 200},
    ),
    (
        "caddy's console",
        "2026/06/01 10:00:00.123\tINFO\thttp.log.access.log0\thandled request\t"
        + json.dumps(
            {
                "request": {"remote_ip": "192.0.2.N", "method": "GET", "host": "www.example.org", "uri": "/a"}
                | {"headers": {"User-Agent": [AGENT]}},
                **{"duration": 0.012, "size": 512, "status": 200},
            }
        ),
        {"client": "192.0.2.N", "request_time_s": 0.012, "site": "www.example.org", **SEEN},
    ),
    (
        "a JSON array",
        json.dumps(
            {"time": "2026-06-01T10:00:00Z", "remote_addr": "192.0.2.N", "request": "GET /a HTTP/1.1", "status": 200}
        )
        + ",",
        {"client": "192.0.2.N", "path": "/a"},
    ),
    (
        "a comma behind the last member",
        '{"time":"2026-06-01T10:00:00Z","ip":"192.0.2.N","method":"GET","uri":"/a","status":200,"bytes":512,}',
        HIT,
    ),
    (
        "bare words",
        '{"time": [01/Jun/2026:10:00:00 +0000], "ip": 192.0.2.N, "request": "GET /a HTTP/1.1", "status": 200, '
        '"hosts": a, b and c, "bytes": 512}',
        {"client": "192.0.2.N", "time": "2026-06-01T10:00:00+00:00", **HIT},
    ),
    (
        "Fastly",
        json.dumps(
            {"timestamp": "2026-06-01T10:00:00+0000", "client_ip": "192.0.2.N", "host": "www.example.org", "url": "/a"}
            | {"request_method": "GET", "request_protocol": "HTTP/2", "request_referer": "", "response_status": 200}
            | {"request_user_agent": AGENT, "response_body_size": 512, "fastly_is_edge": True}
        ),
        {"client": "192.0.2.N", "site": "www.example.org", **SEEN},
    ),
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [pytest.param(line, expected, id=what) for what, line, expected in (*FORWARDED, *LAYOUTS, *SERVERS)],
)
def test_a_log_of_such_lines_is_read_right(line: str, expected: dict[str, Any]) -> None:
    explained = read([line.replace("N", str(number)) for number in range(1, 9)])
    for number, one in enumerate(explained, start=1):
        wanted = {key: value.replace("N", str(number)) if key == "client" else value for key, value in expected.items()}
        assert {key: one.get(key, one) for key in wanted} == wanted


def as_log(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


W3C: list[tuple[str, bytes, dict[str, Any]]] = [
    (
        "tabs",
        b"#Fields: date\ttime\tc-ip\tcs-method\tcs-uri-stem\tsc-status\tsc-bytes\tcs(User-Agent)\n"
        b"2026-06-01\t10:00:00\t192.0.2.7\tGET\t/a\t200\t512\tMozilla/5.0 (X11)\n",
        {"user_agent": "Mozilla/5.0 (X11)", **HIT},
    ),
    (
        "spaces between the names, tabs between the values",
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes\n"
        b"2026-06-01\t10:00:00\t192.0.2.7\tGET\t/a\t200\t512\n",
        HIT,
    ),
    (
        "local time",
        b"#Fields: date-local time-local c-ip cs-method cs-uri sc-status bytes\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET /a?b=c 200 512\n",
        {"time": "2026-06-01T10:00:00Z", "query": "b=c", **HIT},
    ),
    (
        "local time beside UTC",
        b"#Fields: date time date-local time-local c-ip cs-method cs-uri-stem c-status bytes\n"
        b"2026-06-01 08:00:00 2026-06-01 10:00:00 192.0.2.7 GET /a 200 512\n",
        {"time": "2026-06-01T08:00:00Z", **HIT},
    ),
    (
        "no client, and no line feed at the end",
        b"#Fields: date time cs-method cs-uri-stem sc-status sc-bytes\n2026-06-01 10:00:00 GET /a 200 512",
        {"client": None, **HIT},
    ),
    (
        "quoted values with a plus in them",
        b"#Fields: date time c-ip cs-method cs-uri sc-status bytes time-taken cs(User-Agent)\n"
        b'2026-06-01 10:00:00 192.0.2.7 GET /a 200 512 1.5 "Bot/1.0 (+https://bot.example/)"\n',
        {"user_agent": "Bot/1.0 (+https://bot.example/)", "request_time_s": 1.5, **HIT},
    ),
    (
        "IIS's milliseconds",
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET /a 200 93\n",
        {"request_time_s": 0.093},
    ),
    (
        "W3CLogger's milliseconds with a fraction",
        b"#Version: 1.0\n#Start-Date: 2026-06-01 10:00:00\n"
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken cs-version cs-host\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET /a 200 12.5 HTTP/2 www.example.org\n",
        {"request_time_s": 0.0125, "site": "www.example.org"},
    ),
    (
        "Tomcat's seconds with a fraction",
        b"#Fields: date time c-ip cs-method cs-uri-stem sc-status time-taken\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET /a 200 0.125\n",
        {"request_time_s": 0.125},
    ),
    (
        # The host was a part of the path: all pages had wrong names.
        "Imperva's urls without a scheme",
        b"#Fields: date time c-ip cs-method cs-uri sc-status sc-bytes\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET www.example.org:8443/a?b=c 200 512\n",
        {"query": "b=c", **HIT},
    ),
    (
        "a host before the query alone",
        b"#Fields: date time c-ip cs-method cs-uri sc-status\n"
        b"2026-06-01 10:00:00 192.0.2.7 GET www.example.org?b=c 200\n",
        {"path": "/", "query": "b=c"},
    ),
    (
        "what CONNECT asks for is no host before a path",
        b"#Fields: date time c-ip cs-method cs-uri sc-status\n"
        b"2026-06-01 10:00:00 192.0.2.7 CONNECT www.example.org:443 200\n",
        {"path": "www.example.org:443"},
    ),
    (
        # Told as Squid's: referrer, user agent and site were lost.
        "Edgio's status behind what its cache did",
        b"#Fields: timestamp time-taken c-ip filesize s-ip s-port sc-status sc-bytes cs-method cs-uri-stem - "
        b"rs-duration rs-bytes c-referrer c-user-agent customer-id x-ec_custom-1\n"
        b'1780308000 0 192.0.2.7 512 192.0.2.1 80 TCP_HIT/200 512 GET http://www.example.org/a - 0 434 "-" '
        b'"curl/8.5.0" 1 "-"\n',
        {"time": "2026-06-01T10:00:00Z", "site": "www.example.org", "user_agent": "curl/8.5.0", **HIT},
    ),
]


@pytest.mark.parametrize(("content", "expected"), [pytest.param(*row[1:], id=row[0]) for row in W3C])
def test_a_w3c_log_is_read_by_its_draft(content: bytes, expected: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "w3c.log"
    path.write_bytes(content)
    explained = [one for one in explain_lines(str(path), load_settings(None, {})) if "reject" not in one]
    assert len(explained) == 1
    assert {key: explained[0].get(key) for key in expected} == expected


def test_brackets_around_the_objects_of_an_array_are_no_rejects() -> None:
    line = '{"time":"2026-06-01T10:00:00Z","remote_addr":"192.0.2.7","request":"GET /a HTTP/1.1","status":200}'
    explained = read(["[", line + ",", "  " + line + ",", line, "]"])
    assert column(explained, "path") == ["reject: directive", "/a", "/a", "/a", "reject: directive"]


def test_lines_of_s3_that_are_no_requests_have_a_reason_of_their_own() -> None:
    head = f"79a5 bucket {TIME}"
    request = f'{head} 192.0.2.7 79a5 3E57 REST.GET.OBJECT a {REQUEST} 200 - 512 512 7 5 "-" "{AGENT}" -'
    expiry = f'{head} - AmazonS3 3E57 S3.EXPIRE.OBJECT a "-" - - - 512 - - "-" "-" -'
    explained = read([request, expiry, request])
    assert column(explained, "path") == ["/a", "reject: no_request", "/a"]


def test_the_names_of_a_csv_files_columns_are_no_reject() -> None:
    names = '"time_micros","c_ip","c_ip_type","c_ip_region","cs_method","cs_uri","sc_status","cs_bytes","sc_bytes"'
    line = next(line for what, line, _ in SERVERS if what == "gcs")
    explained = read([names, *(line.replace("N", str(number)) for number in range(1, 5))])
    assert column(explained, "status") == ["reject: directive", 200, 200, 200, 200]


HTTP_LOG = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"
CLF = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B %[capture.req.hdr(0)] %[req.hdr(User-Agent)]"


@pytest.mark.parametrize(
    ("log_format", "line", "expected"),
    [
        (
            HTTP_LOG,
            "192.0.2.7:4711 [01/Jun/2026:10:00:00.123] www~ static/srv1 10/0/30/69/109 200 512 - - ---- 1/1/1/1/0 0/0 "
            '{} {} "GET /a HTTP/1.1"',
            {"client": "192.0.2.7", "time": "2026-06-01T10:00:00.123Z", "request_time_s": 0.109, **HIT},
        ),
        (CLF, f'192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] {REQUEST} 200 512 "x" "{AGENT}"', SEEN),
        (
            '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(L)s',
            f"192.0.2.7 - - {COMBINED} 0.012",
            {"request_time_s": 0.012, **SEEN},
        ),
        (
            '%a %t "%r" %s %b "%{Referer}i" "%{User-Agent}i" %Tf',
            f"192.0.2.7 {COMBINED} 0.012",
            {"request_time_s": 0.012},
        ),
        ('%h %l %u %t "%r" %s %b %D %{x}r', f"192.0.2.7 - - {TIME} {REQUEST} 200 512 12 7", {"request_time_s": 0.012}),
        ('%h %l %u %t "%r" %s %b %D', f"192.0.2.7 - - {TIME} {REQUEST} 200 512 12", {"request_time_s": 0.000012}),
        (
            '%h %l %u %t "%r" %s %b %{sess}s %{a}c',
            f"192.0.2.7 - - {TIME} {REQUEST} 200 512 x y",
            {**HIT, "session": True},
        ),
        (
            '%h %l %u %t "%r" %s %b %{x-a(b)}x %{VARNISH:hitmiss}x %{Age}o',
            f"192.0.2.7 - - {TIME} {REQUEST} 200 512 1 2 3",
            HIT,
        ),
        (
            '%{client}a - %u %t "%r" %s %{CLF}O',
            f"192.0.2.7 - - {TIME} {REQUEST} 200 512",
            {"client": "192.0.2.7", **HIT},
        ),
    ],
)
def test_a_servers_own_string_is_understood(log_format: str, line: str, expected: dict[str, Any]) -> None:
    (found,) = read([line], log_format)
    assert {key: found.get(key) for key in expected} == expected


def test_settings_overrule_the_unit_of_request_times(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(as_log(f"192.0.2.7 - - {TIME} {REQUEST} 200 512 12"))
    log_format = '%h %l %u %t "%r" %>s %b %D'
    for unit, seconds in (("s", 12), ("ms", 0.012), ("us", 0.000012), ("ns", 0)):
        chosen = load_settings(None, {"log_format": log_format, "request_time_unit": unit})
        (found,) = explain_lines(str(path), chosen)
        assert found["request_time_s"] == seconds
    with pytest.raises(UsageError, match="not a unit; expected one of s, ms, us, ns"):
        load_settings(None, {"request_time_unit": "min"})


def hints_of(lines: Sequence[str], log_format: str | None = None) -> str:
    found = recognize(as_log(*lines), log_format)
    assert isinstance(found, Recognition), found
    return " ".join(found.hints)


def test_what_the_run_should_know_about_proxies_is_said() -> None:
    forged = [f'198.51.100.{number} - - {COMBINED} "203.0.113.9"' for number in range(1, 9)]
    assert "no known proxy's" in hints_of(forged)
    assert "no known proxy's" in hints_of(
        forged, '$remote_addr - - [$time_local] "$request" $status $a "$b" "$c" "$http_x_real_ip"'
    )
    assert not hints_of([line.replace("198.51.100.", "10.0.0.") for line in forged])
    cloudflare = [f"172.64.0.{number} - - {COMBINED}" for number in range(1, 9)]
    assert "are addresses of Cloudflare" in hints_of(cloudflare)
    assert "CF-Connecting-IP" in hints_of(cloudflare)
    assert not hints_of([*cloudflare, f"192.0.2.7 - - {COMBINED}"])


def test_an_agent_that_one_line_has_is_a_field() -> None:
    lines = [f'192.0.2.7 - - {TIME} {REQUEST} 200 512 "-" "-"'] * 20
    assert "no sampled line has a user agent" in hints_of(lines)
    assert not hints_of([*lines, f"192.0.2.7 - - {COMBINED}"])
    assert not hints_of(lines[:5]), "a few machines may have come that send none"


def is_siteless(lines: Sequence[str]) -> bool:
    found = recognize(as_log(*lines), None)
    assert isinstance(found, Recognition), found
    return Meaning.SITE not in read_log_format(found.log_format).meanings


def test_a_site_that_no_line_names_is_no_field() -> None:
    line = (
        '{"time":"2026-06-01T00:00:00Z","remote_addr":"192.0.2.7","request":"GET /a HTTP/1.1","status":200,"host":"-"}'
    )
    lines = [line] * 20
    assert is_siteless(lines)
    assert not is_siteless([*lines, line.replace('"-"', '"www.example.org"')])
    assert not is_siteless(lines[:5]), "a few machines may have come that name none"
    rails = (
        "method=GET path=/jobs/8 format=html controller=JobsController action=show status=200 duration=58.33 "
        "ip=192.0.2.7 time=2026-06-01T00:00:00Z"
    )
    assert is_siteless([rails]), "one line will do: it logs no headers"
    assert column(read([rails]), "class_reason") == ["no agent field"]


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        (f"192.0.2.7 - - {TIME} {REQUEST} OK 512 {PAGE}", "up to the request in quotes; the status should follow"),
        (f"192.0.2.7 - - {TIME} FETCHED a 200 512", "up to the time; the request in quotes should follow"),
    ],
)
def test_a_refusal_names_the_nearest_format_and_the_difference(line: str, difference: str) -> None:
    found = recognize(as_log(*[line] * 9), None)
    assert isinstance(found, Unrecognized)
    assert difference in found.problem
    assert "nearest: com" in found.problem


def test_a_client_of_a_dot_is_no_site() -> None:
    explained = read([f"192.0.2.{number} - - {COMBINED}" for number in range(1, 9)] + [f". - - {COMBINED}"])
    assert column(explained, "client")[-1] == "reject: client"
