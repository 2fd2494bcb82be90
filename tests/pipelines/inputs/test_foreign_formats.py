"""Formats of frameworks, platforms and tools, told by `auto`: what each line means, or why it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from footfall.pipelines.inputs.recognition import Unrecognized
from footfall.pipelines.inputs.recognize import recognize
from footfall.transforms.formats.log_formats import as_setting
from tests.pipelines.inputs.test_reading_cases import column, read

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PAGE = "https://www.example.org/"
REST = f'"GET /a?b=c HTTP/1.1" 200 512 "{PAGE}" "{AGENT}"'
COMBINED = f"192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] {REST}"
HIT = {"client": "192.0.2.7", "method": "GET", "path": "/a", "query": "b=c", "status": 200}
SEEN = HIT | {"bytes": 512, "referrer": PAGE, "user_agent": AGENT}
MEMBERS = {"time": "2026-06-01T10:00:00Z", "ip": "192.0.2.7", "method": "GET", "url": "/a?b=c", "status": 200} | {
    "size": 512,
    "referrer": PAGE,
    "user_agent": AGENT,
}
LTSV = (
    "time:[01/Jun/2026:10:00:00 +0000]\thost:192.0.2.7\tforwardedfor:-\treq:GET /a?b=c HTTP/1.1\tstatus:200\tsize:512\t"
    f"referer:{PAGE}\tua:{AGENT}\treqtime:0.012\tvhost:www.example.org"
)
CSV = "time,ip,method,url,status,size,referrer,user_agent\n" + (
    f'2026-06-01T10:00:00Z,192.0.2.7,GET,"/a?b=""c"",d",200,512,{PAGE},"{AGENT}"\n' * 3
)

# Line or lines, the format, and what is read; the comment says what was read, or why nothing was.
RIGHT: dict[str, tuple[str, str, dict[str, Any]]] = {
    # Words before the line: none of these was read.
    "python_logging": (f"INFO:aiohttp.access:192.0.2.7 [01/Jun/2026:10:00:00 +0000] {REST}", "words+", SEEN),
    "python_times": (f"2026-06-01 10:00:01,123 - wsgi - INFO - {COMBINED}", "words+combined", SEEN),
    "log4j": (f"2026-06-01 10:00:01.123  INFO 1 --- [nio-8080-exec-1] access : {COMBINED}", "words+combined", SEEN),
    "pm2": (f"0|web      | {COMBINED}", "words+combined", SEEN),
    "aws_logs_tail": (f"2026-06-01T10:00:01.123000+00:00 web/web/4db3c1 {COMBINED}", "words+combined", SEEN),
    "grep": (f"access.log.1:12:{COMBINED}", "words+combined", SEEN),
    "twisted": (f'2026-06-01T10:00:01+0000 [-] "192.0.2.7" - - [01/Jun/2026:10:00:00 +0000] {REST}', "words+", SEEN),
    "odoo": (
        '2026-06-01 10:00:01,123 17 INFO shop werkzeug: 192.0.2.7 - - [01/Jun/2026 10:00:00] "GET /a?b=c HTTP/1.1" 200 '
        "- 12 0.012 0.345",
        "words+odoo",
        HIT | {"request_time_s": 0.357},
    ),
    # The time has a space before the hour, or no zone.
    "werkzeug": ('192.0.2.7 - - [01/Jun/2026 10:00:00] "GET /a?b=c HTTP/1.1" 200 -', "common", HIT),
    "daphne": ('192.0.2.7:4711 - - [01/Jun/2026:10:00:00] "GET /a?b=c" 200 512', "", HIT | {"bytes": 512}),
    # The version was taken for a part of the path.
    "hypercorn": (f'192.0.2.7:4711 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c 1.1" 200 512 "-" "{AGENT}"', "", HIT),
    # 1.234 ms were taken for 1.234 s.
    "morgan": (f"{COMBINED} 1.234 ms", "", SEEN | {"request_time_s": 0.001234}),
    "netty": ('192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 512 8080 34 ms', "", HIT),
    # The header Forwarded was read over.
    "rfc_7239": (COMBINED.replace("192.0.2.7", "10.0.0.4") + ' "for=192.0.2.7;proto=https"', "", SEEN),
    "rfc_7239_in_quotes": (
        COMBINED.replace("192.0.2.7", "10.0.0.4") + r' "proto=https;for=\x22[2001:db8::7]:4711\x22"',
        "",
        SEEN | {"client": "2001:db8::7"},
    ),
    # Blue Coat has other names for the parts of the url: there were no paths.
    "bluecoat": (
        "#Fields: date time time-taken c-ip sc-status cs-method cs-host cs-uri-path cs-uri-query sc-bytes\n"
        + "2026-06-01 10:00:00 12 192.0.2.7 200 GET www.example.org /a ?b=c 512\n" * 3,
        "",
        HIT | {"site": "www.example.org", "bytes": 512, "request_time_s": 0.012},
    ),
    # The length of the request was taken for the status, and the status for the size.
    "named_fields": (
        f'time=2026-06-01T10:00:00Z client=192.0.2.7 request="GET /a?b=c HTTP/1.1" request_length=500 status=200 '
        f'bytes_sent=712 body_bytes_sent=512 referer={PAGE} user_agent="{AGENT}" request_time=0.012',
        "",
        SEEN | {"request_time_s": 0.012},
    ),
    # Morgan's `dev` has the size behind the time.
    "morgan_dev": (
        '[2026-06-01T10:00:00.123Z] 192.0.2.7 "GET /a?b=c" 200 12.345 ms - 512',
        "",
        HIT | {"bytes": 512, "request_time_s": 0.012345},
    ),
    # The time was taken for a host.
    "fiber": (
        "2026/06/01 10:00:00 | 200 |     12.345ms | 192.0.2.7 | GET | /a?b=c",
        "",
        HIT | {"site": None, "request_time_s": 0.012345},
    ),
    # In single quotes, as Python writes texts, the request was none.
    "structlog": (
        "2026-06-01T10:00:00.123456Z [info     ] request_finished               [django_structlog] code=200 "
        f"ip=192.0.2.7 request='GET /a?b=c' user_agent='{AGENT}'",
        "",
        HIT | {"user_agent": AGENT},
    ),
    # Units in camel case.
    "camel": (
        json.dumps({"@timestamp": "2026-06-01T10:00:00Z", "remoteAddr": "192.0.2.7"} | {"durationMs": 12})[:-1]
        + f', "method":"GET","uri":"/a?b=c","status":200,"refererUrl":"{PAGE}"}}',
        "",
        HIT | {"request_time_s": 0.012, "referrer": PAGE},
    ),
    # The site was lost where urls are absolute and fields follow that no named format has.
    "varnish_with_a_hit": (
        COMBINED.replace("GET /a", "GET http://www.example.org/a") + " hit 0.000123",
        "",
        SEEN | {"site": "www.example.org", "request_time_s": 0.000123},
    ),
    # Ruby writes the zone's name, or its hours alone where it has none: all lines were rejects.
    "webrick": (
        '192.0.2.7 - - [01/Jun/2026:12:00:00 CEST] "GET /a?b=c HTTP/1.1" 200 512',
        "common",
        HIT | {"bytes": 512, "time": "2026-06-01T10:00:00Z"},
    ),
    "webrick_without_a_name": (
        '192.0.2.7 - - [01/Jun/2026:07:00:00 -03] "GET /a?b=c HTTP/1.1" 200 512',
        "common",
        HIT | {"bytes": 512, "time": "2026-06-01T10:00:00Z"},
    ),
    # What is not one line with a request line.
    "ltsv": (LTSV, "ltsv+", SEEN | {"site": "www.example.org", "request_time_s": 0.012}),
    "csv": (CSV, "csv+", SEEN | {"query": 'b="c",d'}),
    "array": (json.dumps([MEMBERS] * 3, indent=2), "indented+", SEEN),
    "gin": ('[GIN] 2026/06/01 - 10:00:00 | 200 |     12.345ms |       192.0.2.7 | GET      "/a?b=c"', "gin", HIT),
    "chi": (
        '2026/06/01 10:00:00 "GET http://www.example.org/a?b=c HTTP/1.1" from 192.0.2.7:4711 - 200 512B in 1.2ms',
        "chi",
        HIT | {"site": "www.example.org", "bytes": 512, "request_time_s": 0.0012},
    ),
    "granian": (
        '[2026-06-01 12:00:00 +0200] 192.0.2.7 - "GET /a?b=c HTTP/1.1" 200 12.345',
        "granian",
        HIT | {"time": "2026-06-01T12:00:00+02:00", "request_time_s": 0.012345},
    ),
    "jupyter": (
        "[I 2026-06-01 10:00:00.123 ServerApp] 200 GET /a?b=c (frank@192.0.2.7) 1.23ms",
        "jupyter",
        HIT | {"user": "frank", "request_time_s": 0.00123},
    ),
    "vertx": (f'192.0.2.7 - - [Mon, 1 Jun 2026 10:00:00 GMT] "GET /a?b=c HTTP/1.1" 200 5 "-" "{AGENT}"', "vertx", HIT),
    # The name of the machine was taken for that of the site.
    "pino": (
        json.dumps(
            {
                "time": 1780308000000,
                "hostname": "web-1",
                "req": {"method": "GET", "url": "/a?b=c", "headers": {"host": "www.example.org"}}
                | {"remoteAddress": "192.0.2.7"},
                "res": {"statusCode": 200},
                "responseTime": 12,
            }
        ),
        "pino",
        HIT | {"site": "www.example.org", "request_time_s": 0.012},
    ),
}


VALUES = ("2026-06-01T10:00:00Z", "192.0.2.7", "GET", "/a?b=c", "200", "512", PAGE, AGENT, "0.012")
ISO_WORDS = "2026-06-01 10:00:00,123"
RIGHT |= {
    # A time and a logger's words before the client, the time nowhere else: taken for an application's log.
    "uvicorn_logging": (
        f'{ISO_WORDS} - uvicorn.access - INFO - 192.0.2.7:54321 - "GET /a?b=c HTTP/1.1" 200',
        "",
        HIT | {"time": "2026-06-01T10:00:00.123Z", "site": None},
    ),
    "uvicorn_phrase": (
        '2026-06-01 10:00:00 INFO:     2001:db8::7:54321 - "GET /a?b=c HTTP/1.1" 200 OK',
        "",
        HIT | {"client": "2001:db8::7"},
    ),
    "actix": (
        '[2026-06-01T10:00:00Z INFO  actix_web::middleware::logger] 192.0.2.7 "GET /a?b=c HTTP/1.1" 200 512 '
        f'"{PAGE}" "{AGENT}" 0.012000',
        "",
        SEEN | {"request_time_s": 0.012},
    ),
    # No blank between time and request.
    "api_gateway_clf": (
        '192.0.2.7 - - [01/Jun/2026:10:00:00 +0000]"GET /a?b=c HTTP/1.1" 200 512 3b7a',
        "",
        HIT | {"bytes": 512},
    ),
    # A request without quotes, and a time without brackets.
    "php_fpm": (
        '192.0.2.7 -  01/Jun/2026:10:00:00 +0200 "GET /a?b=c" 200',
        "",
        HIT | {"time": "2026-06-01T10:00:00+02:00"},
    ),
    "no_quotes": ("192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] GET /a?b=c HTTP/1.1 200 512", "", HIT | {"bytes": 512}),
    # The request's length, which nobody gave, was taken for the answer's.
    "nexus": (
        f'192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 - 512 12 "{AGENT}" [qtp1-7]',
        "",
        HIT | {"bytes": 512, "user_agent": AGENT},
    ),
    # The unit behind the number.
    "unit": (f"{COMBINED} 12ms", "", SEEN | {"request_time_s": 0.012}),
    # The names of pairs tell more than their places: `uri` was taken for the request.
    "pairs": (
        'time="2026-06-01T10:00:00+00:00" remote_addr=192.0.2.7 method=GET uri="/a?b=c" status=200 '
        f'body_bytes_sent=512 request_time=0.012 http_referer="{PAGE}" http_user_agent="{AGENT}"',
        "pairs+",
        SEEN | {"request_time_s": 0.012},
    ),
    "grafana": (
        'logger=context userId=0 t=2026-06-01T10:00:00.123456Z level=info msg="Request Completed" method=GET path=/a '
        "status=200 remote_addr=192.0.2.7 time_ms=12 duration=12.5ms size=512 referer= handler=/*",
        "pairs+",
        {"client": "192.0.2.7", "path": "/a", "status": 200, "bytes": 512, "request_time_s": 0.0125},
    ),
    # Two lines for each request: Rails' were taken for an application's log, Fastify's for twice as many hits.
    "rails": (
        "".join(
            f'{start}Started GET "/a?b=c" for 192.0.2.7 at 2026-06-01 10:00:00 +0200\n{start}Processing\n'
            f"{start}Completed 200 OK in 12ms (Views: 3.2ms | ActiveRecord: 1.1ms)\n"
            for start in (f"I, [2026-06-01T10:00:00.1 #7]  INFO -- : [{tag}] " for tag in ("a1", "b2", "c3"))
        ),
        "paired+rails_log",
        HIT | {"time": "2026-06-01T10:00:00+02:00", "request_time_s": 0.012},
    ),
    "fastify": (
        "".join(
            json.dumps(
                {"level": 30, "time": 1780308000000, "hostname": "web-1", "reqId": f"req-{number}"} | own,
                separators=(",", ":"),
            )
            + "\n"
            for number in range(3)
            for own in (
                {"req": {"method": "GET", "url": "/a?b=c", "host": "www.example.org", "remoteAddress": "192.0.2.7"}},
                {"res": {"statusCode": 200}, "responseTime": 12, "msg": "request completed"},
            )
        ),
        "paired+pino",
        HIT | {"request_time_s": 0.012},
    ),
    # Two of three lines are of connections.
    "php_server": (
        "".join(
            f"[Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 {what}\n"
            for what in ("Accepted", "[200]: GET /a?b=c", "Closing") * 3
        ),
        "asides+php",
        HIT | {"time": "2026-06-01T10:00:00Z"},
    ),
    # The object is a text within the object.
    "azure_app_service": (
        json.dumps(
            {"time": "2026-06-01T10:00:00Z", "category": "AppServiceHTTPLogs"}
            | {
                "properties": json.dumps(
                    {"CsMethod": "GET", "CsUriStem": "/a", "CsUriQuery": "b=c", "CIp": "192.0.2.7", "ScStatus": 200}
                    | {"ScBytes": 512, "TimeTaken": 12, "UserAgent": AGENT, "Referer": PAGE}
                )
            }
        ),
        "nested+azure_app_service",
        SEEN | {"request_time_s": 0.012},
    ),
    # Columns without names.
    "tabs": ("\t".join(VALUES), "csv+", SEEN | {"request_time_s": 0.012}),
    "semicolons": (";".join(f'"{value}"' for value in VALUES), "csv+", SEEN | {"request_time_s": 0.012}),
    "bars": (
        f"192.0.2.7 | 01/Jun/2026:10:00:00 +0000 | GET /a?b=c HTTP/1.1 | 200 | 512 | {PAGE} | {AGENT} | 0.012",
        "csv+",
        SEEN | {"request_time_s": 0.012},
    ),
    "commas_with_path_and_query": (
        f'2026-06-01,10:00:00,192.0.2.7,GET,/a,b=c,200,512,"{AGENT.replace("(KHTML, like Gecko) ", "")}"',
        "csv+",
        HIT | {"bytes": 512, "time": "2026-06-01T10:00:00Z"},
    ),
    # Milliseconds of the first version, seconds of the second.
    "azure_gateway_v1": (
        json.dumps(
            {"time": "2026-06-01T10:00:00Z", "category": "ApplicationGatewayAccessLog"}
            | {
                "properties": {"clientIP": "192.0.2.7", "httpMethod": "GET", "requestUri": "/a", "requestQuery": "b=c"}
                | {"httpStatus": 200, "sentBytes": 512, "timeTaken": 205, "userAgent": AGENT}
            }
        ),
        "azure_gateway",
        HIT | {"request_time_s": 0.205},
    ),
    "pomerium": (
        json.dumps(
            {"service": "envoy", "upstream-cluster": "x", "method": "GET", "authority": "www.example.org"}
            | {"path": "/a?b=c", "user-agent": AGENT, "forwarded-for": "192.0.2.7", "duration": 12.0, "size": 512}
            | {"response-code": 200, "time": "2026-06-01T10:00:00Z"}
        ),
        "pomerium",
        HIT | {"bytes": 512, "request_time_s": 0.012, "site": "www.example.org"},
    ),
    "haproxy_json": (
        json.dumps(
            {"time": "01/Jun/2026:10:00:00.123", "client_ip": "192.0.2.7", "method": "GET", "uri": "/a?b=c"}
            | {"status": 200, "bytes_read": 512, "time_active_ms": 12}
        ),
        "",
        HIT | {"bytes": 512, "request_time_s": 0.012, "time": "2026-06-01T10:00:00.123Z"},
    ),
}


W3C_NAMES = "date time c-ip cs-method cs-uri-stem cs-uri-query sc-status sc-bytes cs(User-Agent) time-taken"
CHROME = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
TIMED = f'"GET /a?b=c HTTP/1.1" 200 512 "{PAGE}" "{AGENT}" 0.012'
SITE = {"site": "www.example.org", "user": None}
RIGHT |= {
    # The site was taken for the name of a user.
    "site_behind_client": (f"[2026-06-01T10:00:00+00:00] 192.0.2.7 www.example.org {TIMED}", "", SEEN | SITE),
    "site_behind_dash": (f"192.0.2.7 - www.example.org [01/Jun/2026:10:00:00 +0000] {REST}", "", SEEN | SITE),
    "site_behind_time": (f"2026-06-01T10:00:00+00:00 www.example.org 192.0.2.7 {TIMED}", "", SEEN | SITE),
    # A user's name is below no top-level domain.
    "user_with_a_dot": (
        f"192.0.2.7 - frank.miller-x [01/Jun/2026:10:00:00 +0000] {REST}",
        "combined",
        SEEN | {"user": "frank.miller-x", "site": None},
    ),
    # nginx's $msec: taken for a log without times.
    "msec": (
        f"1780308000.123 192.0.2.7 www.example.org {TIMED}",
        "",
        SEEN | SITE | {"time": "2026-06-01T10:00:00.123Z", "request_time_s": 0.012},
    ),
    # In brackets beside the peer, the address was read over.
    "forwarded_in_parentheses": (
        f"10.0.0.4 (192.0.2.7) - - [01/Jun/2026:10:00:00 +0000] {REST}",
        "",
        SEEN,
    ),
    "forwarded_in_brackets": (f"[192.0.2.7] 10.0.0.4 - - [01/Jun/2026:10:00:00 +0000] {REST}", "", SEEN),
    # Fields with names before quotes.
    "wildfly": (f'{COMBINED} Host="www.example.org" "0.012000"', "", SEEN | SITE | {"request_time_s": 0.012}),
    "named": (
        f'192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 512 ua="{AGENT}" ref="{PAGE}"',
        "",
        SEEN,
    ),
    # `url.path` of ECS has no query.
    "ecs_parts": (
        json.dumps(
            {"@timestamp": "2026-06-01T10:00:00Z", "source": {"ip": "192.0.2.7"}}
            | {"http": {"request": {"method": "GET"}, "response": {"status_code": 200}}}
            | {"url": {"path": "/a", "query": "b=c"}}
        ),
        "ecs",
        HIT | {"url": "/a?b=c"},
    ),
    # The machine's name was taken for the site's, and milliseconds were read over.
    "machine": (
        json.dumps({**MEMBERS, "hostname": "web-1.example.net", "host": "www.example.org"}),
        "",
        SEEN | {"site": "www.example.org"},
    ),
    "winston": (
        json.dumps(
            {"level": "info", "timestamp": "2026-06-01T10:00:00.123Z"}
            | {"meta": {"req": {"method": "GET", "url": "/a?b=c"}, "res": {"statusCode": 200}, "responseTime": 12}}
            | {"message": "HTTP GET /a?b=c"}
        ).replace('"responseTime": 12', '"responseTime": 12, "ip": "192.0.2.7"'),
        "winston",
        HIT | {"request_time_s": 0.012},
    ),
    "bunyan": (
        json.dumps(
            {"name": "shop", "hostname": "web-1.example.net", "pid": 7, "remote-address": "192.0.2.7", "method": "GET"}
            | {"url": "/a?b=c", "status-code": 200, "response-time": 12.5, "time": "2026-06-01T10:00:00Z", "v": 0}
        ),
        "bunyan",
        HIT | {"request_time_s": 0.0125, "site": None},
    ),
    # Milliseconds with a fraction, which are Serilog's by its keys.
    "serilog": (
        json.dumps(
            {"@t": "2026-06-01T10:00:00.1234567Z", "RequestMethod": "GET", "RequestPath": "/a?b=c", "StatusCode": 200}
            | {"Elapsed": 12.3456, "ClientIp": "192.0.2.7", "UserAgent": AGENT}
        ),
        "serilog",
        HIT | {"request_time_s": 0.012345, "user_agent": AGENT},
    ),
    # The line stands in another member than `message`, without a line end: refused.
    "fluent_bit": (
        json.dumps({"date": 1780308001.5, "log": COMBINED, "kubernetes": {"pod_name": "web"}}),
        "json-message+combined",
        SEEN,
    ),
    "loki": (json.dumps({"line": COMBINED, "timestamp": "2026-06-01T10:00:01Z"}), "json-message+combined", SEEN),
    # G-Core: every value in quotes, with blanks between them.
    "all_quoted": (
        '"192.0.2.7" "-" "-" "[01/Jun/2026:10:00:00 +0000]" "GET /a?b=c HTTP/1.1" "200" "512" '
        f'"{PAGE}" "{AGENT}" "0.012"',
        "csv+",
        SEEN | {"request_time_s": 0.012},
    ),
    # Fastly writes the priority before an ISO time: taken for the site and its port, and the host for the client.
    "fastly": (
        f'<134>2026-06-01T10:00:00Z cache-fra1 log[123]: 192.0.2.7 "-" "-" [01/Jun/2026:10:00:00 +0000] {REST}',
        "syslog+",
        SEEN | {"site": None},
    ),
    # Five blanks in the agent: as many as the line has fields, which made it one with blanks between them.
    "w3c_tabs": (
        f"#Fields: {W3C_NAMES}\n" + f'2026-06-01\t10:00:00\t192.0.2.7\tGET\t/a\tb=c\t200\t512\t"{CHROME}"\t0.012\n' * 3,
        f"w3c:{W3C_NAMES.lower()}",
        HIT | {"user_agent": CHROME, "time": "2026-06-01T10:00:00Z", "request_time_s": 0.012},
    ),
    # Imperva puts dates and times in quotes too.
    "w3c_quotes": (
        f"#Fields: {W3C_NAMES}\n"
        + f'"2026-06-01" "10:00:00" "192.0.2.7" "GET" "/a" "b=c" "200" "512" "{AGENT}" "0.012"\n' * 3,
        f"w3c:{W3C_NAMES.lower()}",
        HIT | {"user_agent": AGENT, "time": "2026-06-01T10:00:00Z", "bytes": 512},
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_foreign_log_is_told_and_read_right(name: str) -> None:
    check_reading(*RIGHT[name])


def check_reading(text: str, log_format: str, expected: dict[str, Any]) -> None:
    """Check which format a line or lines are told as, and what is read from each."""
    lines = text.splitlines() if "\n" in text else [text] * 3
    found = recognize("".join(f"{line}\n" for line in lines).encode(), None)
    assert not isinstance(found, Unrecognized)
    setting = as_setting(found.log_format.removeprefix("agentless+").removeprefix("siteless+"))
    assert isinstance(setting, str)
    assert setting.startswith(log_format) if log_format.endswith("+") or not log_format else setting == log_format
    hits = [one for one in read(lines) if one.get("reject") != "directive"]
    assert len(hits) == 3
    for hit in hits:
        assert {key: hit.get(key, hit) for key in expected} == expected


TOWER = "request{method=POST uri=/a?b=c version=HTTP/1.1 client_ip=192.0.2.7}: tower_http::trace"
POSTED = HIT | {"method": "POST", "status": 500, "request_time_s": 0.000231}


@pytest.mark.parametrize(
    "line",
    [
        # An address and another one, of which the last group has four digits: the port, as the other lines tell.
        '2001:db8::7:8080 - - [01/Jun/2026:10:00:00 +0000] "GET /a?b=c 1.1" 200 512 "-" "curl/8.5.0"',
        '2026-06-01 10:00:00 INFO:     2001:db8::7:8080 - "GET /a?b=c HTTP/1.1" 200 OK',
    ],
)
@pytest.mark.parametrize("other", ["198.51.100.23:5123", "2001:db8::9:54321", "2001:db8:1:2:3:4:5:6:8081"])
def test_a_port_without_brackets_is_told_by_the_other_lines(line: str, other: str) -> None:
    lines = [line, line.replace("2001:db8::7:8080", other), line]
    assert column(read(lines), "client") == ["2001:db8::7", other.rpartition(":")[0], "2001:db8::7"]


@pytest.mark.parametrize("other", ["2001:db8::face", "198.51.100.23", "2001:db8:1:2:3:4:5:6"])
def test_a_last_group_of_digits_alone_is_no_port_beside_addresses_without(other: str) -> None:
    line = COMBINED.replace("192.0.2.7", "2001:db8::7:8080")
    assert column(read([line, COMBINED.replace("192.0.2.7", other), line]), "client")[0] == "2001:db8::7:8080"


def test_where_nothing_tells_whether_ports_stand_behind_addresses_it_is_said() -> None:
    line = COMBINED.replace("192.0.2.7", "2001:db8::7:8080")
    found = recognize(f"{line}\n".encode() * 3, None)
    assert not isinstance(found, Unrecognized)
    assert [hint.partition(",")[0] for hint in found.hints] == [
        "it is unknown whether the IPv6 addresses of the sampled lines end in ports"
    ]
    for client in ("2001:db8::7", "192.0.2.7:4711"):
        found = recognize(COMBINED.replace("192.0.2.7", client).encode(), None)
        assert not isinstance(found, Unrecognized)
        assert not found.hints


@pytest.mark.parametrize("unit", ["231 \u03bcs", "231 µs", "231µs", "0.231 ms", "231000 ns", "0.000231 s"])
def test_lines_of_tower_http_are_read_once_for_each_request(unit: str) -> None:
    """The span was a part of the first key, so that posts were gets; begins and failures counted as requests."""
    lines = [
        f"2026-06-01T10:00:00Z DEBUG {TOWER}::on_request: started processing request",
        f"2026-06-01T10:00:00Z DEBUG {TOWER}::on_response: finished processing request latency={unit} status=500",
        f"2026-06-01T10:00:00Z ERROR {TOWER}::on_failure: response failed classification=Status code: 500 latency=1 ms",
    ]
    hits = read(lines * 3)
    assert column(hits, "method") == ["reject: no_request", "POST", "reject: no_request"] * 3
    assert {key: hits[1][key] for key in POSTED} == POSTED


REFUSED: dict[str, tuple[str, str]] = {
    "hiawatha": (
        f"192.0.2.7|Mon 01 Jun 2026 10:00:00 +0200|200|512||GET /a HTTP/1.1|Host: www.example.org|User-Agent: {AGENT}",
        "an access log in Hiawatha's own format",
    ),
    "fiber": ("10:00:00 | 200 |    1.2ms |   192.0.2.7 | GET     | /a", "an access log whose times have no date"),
    "uvicorn": ('INFO:     192.0.2.7:4711 - "GET /a?b=c HTTP/1.1" 200 OK', "an access log without times"),
    "cef": (
        "CEF:0|Example|Firewall|1|1|Normal|0| src=192.0.2.7 request=www.example.org/a requestMethod=GET cn1=200 "
        "start=1780308000123",
        "a security product's event log (CEF or LEEF)",
    ),
    "sophos-utm": (
        '2026:06:01-10:00:00 utm httpproxy[5555]: id="0001" severity="info" sub="http" action="pass" method="GET" '
        'srcip="192.0.2.7" statuscode="200" size="512" url="http://www.example.org/a"',
        "a web filter's log of Sophos",
    ),
    "sophos-firewall": (
        'device="SFW" date=2026-06-01 time=10:00:00 timezone="CEST" log_type="Content Filtering" log_component="HTTP" '
        'url="http://www.example.org/a" src_ip=192.0.2.7',
        "a web filter's log of Sophos",
    ),
    "tower-http": (
        "2026-06-01T10:00:00.123456Z DEBUG request{method=GET uri=/a version=HTTP/1.1}: "
        "tower_http::trace::on_response: finished processing request latency=0 ms status=200",
        "an application's log with lines of tower-http",
    ),
    "elixir": (
        "10:00:00.123 [info] method=GET path=/a status=200 duration=1.2ms remote_ip=192.0.2.7",
        "an access log whose times have no date",
    ),
    # The size was taken for the status, where it has three digits.
    "ssl_request_log": (
        '[01/Jun/2026:10:00:00 +0000] 192.0.2.7 TLSv1.3 TLS_AES_256_GCM_SHA384 "GET /a HTTP/1.1" 512',
        "Apache's ssl_request_log",
    ),
    # The port looks like hours and minutes.
    "uvicorn_port": ('INFO:     198.51.100.23:5123 - "GET /a HTTP/1.1" 200 OK', "an access log without times"),
    "papertrail": (
        'Jun 01 10:00:00 shop heroku/router: at=info method=GET path="/a" fwd="192.0.2.7" status=200 bytes=5',
        "an access log whose times have no year",
    ),
    # The headers were not read, so that all visitors behind one address were one, and no hit had a status.
    "aws_waf": (
        '{"timestamp":1780308000123,"webaclId":"arn","action":"ALLOW","httpRequest":{"clientIp":"192.0.2.7","headers":'
        '[{"name":"Host","value":"www.example.org"}],"uri":"/a","httpMethod":"GET"}}',
        "an AWS WAF log, which has no status",
    ),
    "kibana": (
        f'"Jun 1, 2026 @ 10:00:00.123","192.0.2.7",GET,"/a",200,"{AGENT}"',
        "an export of Kibana, whose times are written for people",
    ),
    "escaped_quotes": (
        '"192.0.2.7 - - [01/Jun/2026:10:00:00 +0000] \\"GET /a HTTP/1.1\\" 200 512"',
        "a log whose lines stand wholly in quotes",
    ),
    "list_in_an_object": ('{\n "events": [\n {"message": "a"}\n ]\n}', "one JSON object with a list in it"),
    "application": ("2026-06-01 10:00:00,123 INFO shop started in 3 s", "an application's log"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_log_that_cannot_be_read_is_called_what_it_is(name: str) -> None:
    line, kind = REFUSED[name]
    found = recognize(f"{line}\n".encode() * 5, None)
    assert isinstance(found, Unrecognized)
    assert found.problem.startswith(f"is {kind}")


def test_nothing_is_taken_off_a_log_that_is_read_as_it_is() -> None:
    lines = [f"www.example.org:443 {COMBINED}\n"] * 20
    torn = f"www.example.org:443 192.0.2.7 - - [01/Jun/2026:10:0{COMBINED}\n"
    found = recognize("".join([*lines, torn]).encode(), None)
    assert not isinstance(found, Unrecognized)
    assert as_setting(found.log_format) == "vhost_combined"
