"""Further formats of servers, platforms and delivery networks, told by `auto`: what each line means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.pipelines.inputs.test_foreign_formats import AGENT, COMBINED, HIT, MEMBERS, PAGE, SEEN, check_reading
from tests.pipelines.inputs.test_reading_cases import read

# Line or lines, the format, and what is read; the comment says what was read, or why nothing was.
RIGHT: dict[str, tuple[str, str, dict[str, Any]]] = {
    # Of GitLab's two addresses the first is its own proxy's, which was every visitor's.
    "gitlab": (
        json.dumps(MEMBERS | {"ip": None, "remote_addr": "127.0.0.1:0", "remote_ip": "192.0.2.7", "msg": "access"}),
        "",
        SEEN,
    ),
    # Sizes and durations by names that were not known.
    "roadrunner": (
        '{"level":"info","ts":1780308000,"logger":"http","read_bytes":0,"write_bytes":512,"method":"GET","URI":"/a?b=c",'
        '"status":200,"remote_address":"192.0.2.7","start":"2026-06-01T10:00:00+0000","elapsed":12}',
        "roadrunner",
        HIT | {"bytes": 512, "request_time_s": 0.012},
    ),
    "docker_registry": (
        'time="2026-06-01T10:00:00Z" level=info http.request.remoteaddr="192.0.2.7:4711" http.request.method=GET '
        'http.request.uri="/a?b=c" http.response.duration=1.5ms http.response.status=200 http.response.written=512',
        "pairs+",
        HIT | {"bytes": 512, "request_time_s": 0.0015},
    ),
    "linkerd": (
        '{"client.addr":"192.0.2.7:4711","host":"www.example.org","method":"GET","response_bytes":"512","status":200,'
        '"timestamp":"2026-06-01T10:00:00.123Z","total_ns":"1500000","uri":"http://www.example.org/a?b=c"}',
        "",
        HIT | {"bytes": 512, "request_time_s": 0.0015},
    ),
    # The key's last part is the unit alone.
    "phoenix": (
        '{"time":"2026-06-01T10:00:00.123Z","metadata":{"connection":{"method":"GET","path":"/a","status":200},'
        '"client":{"ip":"192.0.2.7"},"latency":{"ms":12}}}',
        "",
        HIT | {"query": None, "request_time_s": 0.012},
    ),
    # The name of the machine was the site, so that there was none.
    "vector": (
        json.dumps(
            {"client": "192.0.2.7", "host": "web1", "request": "GET /a?b=c HTTP/1.1", "status": 200, "size": 512}
        ).replace("}", ',"timestamp":"2026-06-01T10:00:00Z"}'),
        "",
        HIT | {"site": None},
    ),
    # The version was the user agent.
    "api_gateway_csv": (
        "192.0.2.7,-,-,01/Jun/2026:10:00:00 +0000,GET,/a,HTTP/1.1,200,512,1a2b3c4d-11e9",
        "csv+",
        HIT | {"query": None, "bytes": 512, "user_agent": None},
    ),
    # An identifier in Base64 ends with `=`, and each was a field of another name: nothing fitted.
    "api_gateway_clf": (
        '192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 512 1a2b-11e9 JKJaXmPLvHcESHA=',
        "",
        HIT | {"bytes": 512},
    ),
    # A path of the cluster's tool before the host made that no host.
    "cf_logs": (
        '   2026-06-01T12:00:00.12+0200 [RTR/0] OUT www.example.org - [2026-06-01T10:00:00.123456Z] "GET /a?b=c '
        f'HTTP/1.1" 200 0 512 "{PAGE}" "{AGENT}" "10.0.4.1:41342" "10.0.8.2:61012" x_forwarded_for:"192.0.2.7" '
        'x_forwarded_proto:"https" vcap_request_id:"b1f6" response_time:0.012 gorouter_time:0.0001',
        "gorouter_cli",
        SEEN | {"site": "www.example.org", "request_time_s": 0.012},
    ),
    # Captured headers were read over without a word: browsers behind one address were one visitor.
    "haproxy_captures": (
        "192.0.2.7:33317 [01/Jun/2026:10:00:00.123] https~ web/s1 0/0/1/12/13 200 512 - - ---- 2/2/0/0/0 0/0 "
        f'{{www.example.org|{AGENT}}} {{text/html}} "GET /a?b=c HTTP/1.1"',
        "",
        HIT | {"bytes": 512, "site": "www.example.org", "user_agent": AGENT},
    ),
    # The size was that of the request, and the site was lost.
    "alibaba_cdn": (
        f'[01/Jun/2026:18:00:00 +0800] 192.0.2.7 - 12 "{PAGE}" "GET https://www.example.org/a?b=c" 200 191 512 MISS '
        f'"{AGENT}" "text/html"',
        "alibaba_cdn",
        SEEN | {"site": "www.example.org", "request_time_s": 0.012},
    ),
    # These were refused, as logs of a system or an application.
    "fastly": (
        '<134>2026-06-01T10:00:00Z cache-fra-1 logs[4711]: 192.0.2.7 "Mon, 01 Jun 2026 10:00:00 GMT" "GET /a?b=c" 200',
        "syslog+fastly",
        HIT,
    ),
    "synapse": (
        "2026-06-01 10:00:00,123 - synapse.access.http.8008 - 448 - INFO - GET-12 - 192.0.2.7 - 8008 - {None} "
        "Processed request: 0.012sec/0.000sec (0.002sec, 0.000sec) (0.001sec/0.002sec/3) 512B 200 "
        f'"GET /a?b=c HTTP/1.1" "{AGENT}" [0 dbevts]',
        "synapse",
        HIT | {"bytes": 512, "user_agent": AGENT, "request_time_s": 0.012},
    ),
    # Exports with whole lines in a column or member were refused.
    "insights_csv": (
        "@timestamp,@message\n" + ('2026-06-01 10:00:01.123,"' + COMBINED.replace('"', '""') + '"\n') * 3,
        "csv+json-message+combined",
        SEEN,
    ),
    "splunk_csv": (
        '"_raw","_time",host,source\n'
        + ('"' + COMBINED.replace('"', '""') + '","2026-06-01T10:00:01+0000",web1,x\n') * 3,
        "csv+json-message+combined",
        SEEN,
    ),
    # Where all urls are absolute, named formats lost the site.
    "absolute": (COMBINED.replace("GET /a", "GET http://www.example.org/a"), "", SEEN | {"site": "www.example.org"}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_log_of_such_lines_is_read_right(name: str) -> None:
    check_reading(*RIGHT[name])


def test_a_length_that_only_who_sends_something_has_is_no_size() -> None:
    # Nexus logs the length of the request before the size: in GETs it is `-`, and each size was lost.
    line = '192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] "{} /a HTTP/1.1" 200 {} 512 12 "' + AGENT + '" [qtp1-2]'
    explained = read([line.format("GET", "-")] * 5 + [line.format("PUT", "17")] * 2)
    assert [one["bytes"] for one in explained] == [512] * 7
    # Without a size in most answers, but with one in some GETs, it is the size.
    explained = read([line.format("GET", "-")] * 5 + [line.format("GET", "17")] * 2)
    assert [one["bytes"] for one in explained] == [None] * 5 + [17] * 2
