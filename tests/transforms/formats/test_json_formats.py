"""JSON formats by name, from nginx's configuration, and guessed from lines parse the examples of their servers."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from footfall.pipelines.display.explain_lines import Explanation, LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.guess_json_formats import guess_json_format
from footfall.transforms.formats.json_formats import compile_json_format, json_format_text
from footfall.transforms.formats.log_formats import read_log_format
from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CADDY = {
    "level": "info",
    "ts": 1646861401.5241024,
    "logger": "http.log.access",
    "msg": "handled request",
    "request": {
        "remote_ip": "127.0.0.1",
        "remote_port": "41342",
        "client_ip": "192.0.2.7",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "www.example.org:8443",
        "uri": "/a?b=c",
        "headers": {
            "User-Agent": [AGENT],
            "Accept": ["*/*"],
            "Cookie": ["a=1; session=x"],
            "Referer": ["https://a.example/"],
        },
        "tls": {"resumed": False, "version": 772},
    },
    "bytes_read": 0,
    "user_id": "frank",
    "duration": 0.000929675,
    "size": 10900,
    "status": 200,
    "resp_headers": {"Server": ["Caddy"]},
}
OLD_CADDY = {
    **CADDY,
    "request": {"remote_addr": "192.0.2.7:4711", "proto": "HTTP/1.1", "method": "GET", "host": "a.example", "uri": "/"},
}
TRAEFIK = {
    "ClientAddr": "10.0.0.1:4711",
    "ClientHost": "192.0.2.7",
    "ClientUsername": "-",
    "DownstreamContentSize": 357,
    "DownstreamStatus": 404,
    "Duration": 2001375,
    "OriginStatus": 0,
    "RequestHost": "www.example.org",
    "RequestMethod": "POST",
    "RequestPath": "/a?b=c",
    "RequestProtocol": "HTTP/2.0",
    "ServiceURL": {"Scheme": "http", "Host": "10.0.0.3:80", "User": None},
    "StartUTC": "2026-06-01T00:00:00.587782192Z",
    "StartLocal": "2026-06-01T02:00:00.587782192+02:00",
    "level": "info",
    "msg": "",
    "request_User-Agent": AGENT,
    "request_Cookie": "session=x",
    "time": "2026-06-01T02:00:00+02:00",
}
ENVOY = {
    "start_time": "2016-04-15T20:17:00.310Z",
    "method": "POST",
    "path": "/api/v1/locations",
    "protocol": "HTTP/2",
    "response_code": 204,
    "response_flags": "-",
    "bytes_received": 154,
    "bytes_sent": 0,
    "duration": 226,
    "upstream_service_time": "100",
    "x_forwarded_for": "192.0.2.28",
    "user_agent": "nsq2http",
    "request_id": "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2",
    "authority": "locations.example",
    "upstream_host": "tcp://192.0.2.1:80",
}
GCLB = {
    "insertId": "1oek5rg3l3fxj7",
    "jsonPayload": {"@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry"},
    "httpRequest": {
        "requestMethod": "GET",
        "requestUrl": "https://www.example.org/a?b=c",
        "requestSize": "121",
        "status": 502,
        "responseSize": "488",
        "userAgent": "curl/7.35.0",
        "remoteIp": "192.0.2.7",
        "latency": "0.123456s",
    },
    "resource": {"type": "http_load_balancer", "labels": {"zone": "global"}},
    "timestamp": "2016-05-03T21:33:36.123456Z",
    "severity": "WARNING",
}
CLOUDFLARE = {
    "ClientIP": "192.0.2.7",
    "ClientRequestHost": "www.example.org",
    "ClientRequestMethod": "GET",
    "ClientRequestURI": "/a?b=c",
    "EdgeEndTimestamp": 1545155129703000000,
    "EdgeResponseBytes": 1935,
    "EdgeResponseStatus": 403,
    "EdgeStartTimestamp": 1545155129696000000,
    "RayID": "48b371889c489b2c",
}
INGRESS = {
    "time": "2026-06-01T00:00:00+02:00",
    "remote_addr": "10.0.0.1",
    "x_forwarded_for": "192.0.2.7, 10.0.0.1",
    "request_id": "d2f0",
    "remote_user": "",
    "bytes_sent": 154,
    "request_time": 0.012,
    "status": 200,
    "vhost": "www.example.org",
    "request_proto": "HTTP/1.1",
    "path": "/a",
    "request_query": "b=c",
    "request_length": 330,
    "duration": 0.012,
    "method": "GET",
    "http_referrer": "",
    "http_user_agent": AGENT,
}
NGINX = {
    "time_local": "01/Jun/2026:00:00:00 +0200",
    "remote_addr": "192.0.2.7",
    "remote_user": "",
    "request": 'GET /a?b="c" HTTP/1.1',
    "status": "200",
    "body_bytes_sent": "154",
    "http_referer": "",
    "http_user_agent": AGENT,
    "request_time": "0.012",
    "upstream_response_time": "0.010, 0.002",
}
CLOUDFRONT = {
    **{"date": "2026-06-01", "time": "00:00:00", "x-edge-location": "LAX1", "sc-bytes": "392", "c-ip": "192.0.2.7"},
    **{"cs-method": "GET", "cs(Host)": "d111111abcdef8.cloudfront.net", "cs-uri-stem": "/a", "sc-status": "200"},
    **{
        "cs(User-Agent)": "Mozilla/5.0%20(X11)",
        "cs-uri-query": "b=c",
        "cs(Cookie)": "session=1",
        "time-taken": "0.001",
    },
    **{"x-host-header": "www.example.org", "cs-protocol": "https", "cs(Referer)": "-", "x-forwarded-for": "-"},
}
AKAMAI = {
    **{"cliIP": "192.0.2.7", "reqTimeSec": "1780272000.123", "reqMethod": "GET", "reqHost": "www.example.org"},
    **{"reqPath": "/a", "queryStr": "b=c", "statusCode": "200", "totalBytes": "512", "referer": "-", "cookie": "-"},
    **{"UA": "Mozilla%2F5.0+%28X11%29", "turnAroundTimeMSec": "11", "reqId": "1239f220", "cp": "123456"},
}
VERCEL_PROXY = {
    **{"timestamp": 1780272000100, "method": "GET", "host": "www.example.org", "path": "/a?b=c", "statusCode": 200},
    **{"userAgent": ["Mozilla/5.0 (X11)"], "referer": "", "clientIp": "192.0.2.7", "scheme": "https"},
}
VERCEL = {"id": "1", "timestamp": 1780272000123, "source": "edge", "host": "www.example.org", "proxy": VERCEL_PROXY}
API_GATEWAY = {
    **{"requestId": "1", "ip": "192.0.2.7", "caller": "-", "user": "-", "requestTime": "01/Jun/2026:00:00:00 +0000"},
    **{"httpMethod": "GET", "resourcePath": "/a", "status": "200", "protocol": "HTTP/1.1", "responseLength": "512"},
}
FRONT_DOOR = {
    "time": "2026-06-01T00:00:00.123Z",
    "category": "FrontDoorAccessLog",
    "properties": {
        **{"httpMethod": "GET", "httpVersion": "2.0", "requestUri": "https://www.example.org/a?b=c"},
        **{"responseBytes": "512", "userAgent": "Mozilla/5.0 (X11)", "clientIp": "192.0.2.7", "timeTaken": "0.012"},
        **{"httpStatusCode": "200", "referer": "", "socketIp": "192.0.2.9"},
    },
}
GATEWAY = {
    "timeStamp": "2026-06-01T00:00:00Z",
    "category": "ApplicationGatewayAccessLog",
    "properties": {
        **{"clientIP": "192.0.2.7", "httpMethod": "GET", "requestUri": "/a", "requestQuery": "b=c"},
        **{"userAgent": "Mozilla/5.0 (X11)", "httpStatus": 200, "httpVersion": "HTTP/1.1", "sentBytes": 512},
        **{"timeTaken": 0.012, "host": "www.example.org"},
    },
}
HEROKU = {
    **{"line_time": "2026-06-01T00:00:00.123456+00:00", "at": "info", "method": "GET", "path": "/a?b=c"},
    **{"host": "www.example.org", "request_id": "1", "fwd": "192.0.2.7", "dyno": "web.1", "connect": "0ms"},
    **{"service": "18ms", "status": "200", "bytes": "512", "protocol": "https"},
}
RAILS = {
    **{"method": "GET", "path": "/a?b=c", "format": "html", "controller": "PagesController", "action": "show"},
    **{"status": 200, "duration": 58.33, "view": 40.43, "db": 15.26, "remote_ip": "192.0.2.7"},
    "time": "2026-06-01T00:00:00Z",
}
TOMCAT = {
    **{"host": "192.0.2.7", "logicalUserName": "-", "user": "-", "time": "[01/Jun/2026:00:00:00 +0000]"},
    **{"request": "GET /a?b=c HTTP/1.1", "statusCode": "200", "size": "512", "elapsedTime": "12"},
}
WEB = {"client": "192.0.2.7", "method": "GET", "path": "/a", "query": "b=c"}
SEEN = {"status": 200, "bytes": 512, "site": "www.example.org", "user_agent": "Mozilla/5.0 (X11)"}

GOLDEN: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "caddy",
        CADDY,
        WEB
        | {"user": "frank", "time": "2022-03-09T21:30:01.524Z", "protocol": "HTTP/2.0", "status": 200, "bytes": 10900}
        | {"referrer": "https://a.example/", "user_agent": AGENT, "site": "www.example.org", "session": True}
        | {"request_time_s": 0.000929},
    ),
    ("caddy", OLD_CADDY, {"client": "192.0.2.7", "site": "a.example", "user_agent": None, "session": False}),
    (
        "traefik_json",
        TRAEFIK,
        WEB
        | {"method": "POST", "time": "2026-06-01T00:00:00.587+00:00", "user": None, "status": 404, "bytes": 357}
        | {"site": "www.example.org", "request_time_s": 0.002001, "session": True, "user_agent": AGENT},
    ),
    (
        "envoy_json",
        ENVOY,
        {"client": "192.0.2.28", "time": "2016-04-15T20:17:00.310+00:00", "method": "POST", "path": "/api/v1/locations"}
        | {"status": 204, "bytes": 0, "request_time_s": 0.226, "site": "locations.example", "user_agent": "nsq2http"},
    ),
    (
        "gclb",
        GCLB,
        WEB
        | {"time": "2016-05-03T21:33:36.123+00:00", "status": 502, "bytes": 488, "request_time_s": 0.123456}
        | {"site": "www.example.org", "user_agent": "curl/7.35.0"},
    ),
    (
        "cloudflare",
        CLOUDFLARE,
        WEB | {"time": "2018-12-18T17:45:29.696Z", "status": 403, "bytes": 1935, "site": "www.example.org"},
    ),
    ("cloudflare", CLOUDFLARE | {"EdgeStartTimestamp": 1545155129}, {"time": "2018-12-18T17:45:29Z"}),
    ("cloudflare", CLOUDFLARE | {"EdgeStartTimestamp": "2018-12-18T17:45:29Z"}, {"time": "2018-12-18T17:45:29+00:00"}),
    (
        "ingress_json",
        INGRESS,
        WEB
        | {"time": "2026-06-01T00:00:00+02:00", "status": 200, "bytes": 154, "request_time_s": 0.012}
        | {"site": "www.example.org", "user_agent": AGENT, "referrer": None, "user": None},
    ),
    (
        "nginx_json",
        NGINX,
        WEB
        | {"query": 'b="c"', "time": "2026-06-01T00:00:00+02:00", "status": 200, "bytes": 154, "request_time_s": 0.012}
        | {"user_agent": AGENT, "referrer": None},
    ),
    (
        "nginx_json",
        {key: value for key, value in NGINX.items() if key != "request"}
        | {"request_method": "GET", "request_uri": "/a?b=c", "server_protocol": "HTTP/1.1", "msec": "1780272000.123"},
        WEB | {"protocol": "HTTP/1.1", "time": "2026-06-01T00:00:00.123Z"},
    ),
    (
        "cloudfront_json",
        CLOUDFRONT,
        WEB | SEEN | {"bytes": 392, "time": "2026-06-01T00:00:00Z", "request_time_s": 0.001, "session": True},
    ),
    ("akamai", AKAMAI, WEB | SEEN | {"time": "2026-06-01T00:00:00.123Z", "request_time_s": 0.011}),
    ("vercel", VERCEL, WEB | SEEN | {"bytes": None, "time": "2026-06-01T00:00:00.100Z", "referrer": None}),
    (
        "api_gateway",
        API_GATEWAY,
        {"client": "192.0.2.7", "path": "/a", "status": 200, "bytes": 512, "time": "2026-06-01T00:00:00+00:00"},
    ),
    ("azure_front_door", FRONT_DOOR, WEB | SEEN | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012}),
    ("azure_gateway", GATEWAY, WEB | SEEN | {"time": "2026-06-01T00:00:00+00:00", "request_time_s": 0.012}),
    (
        "heroku",
        HEROKU,
        WEB | {"status": 200, "bytes": 512, "site": "www.example.org", "request_time_s": 0.018, "user_agent": None},
    ),
    (
        "tomcat_json",
        TOMCAT,
        WEB | {"status": 200, "bytes": 512, "request_time_s": 0.012, "time": "2026-06-01T00:00:00+00:00", "user": None},
    ),
    ("rails", RAILS, WEB | {"status": 200, "request_time_s": 0.05833, "time": "2026-06-01T00:00:00+00:00"}),
]


HEADERS = {"host": "www.example.org", "user-agent": AGENT, "referer": "https://a.example/"}
PINO = {
    "level": 30,
    "time": 1780272000123,
    "hostname": "web-1",
    "req": {"method": "GET", "url": "/a?b=c", "headers": HEADERS, "remoteAddress": "192.0.2.7", "remotePort": 4711},
    "res": {"statusCode": 200, "headers": {"content-length": "512"}},
    "responseTime": 12,
}
ECHO = {"time": "2026-06-01T00:00:00.123456Z", "remote_ip": "192.0.2.7", "host": "www.example.org", "method": "GET"} | {
    "uri": "/a?b=c",
    "user_agent": AGENT,
    "status": 200,
    "latency": 12345678,
    "latency_human": "12.345678ms",
    "bytes_in": 0,
    "bytes_out": 512,
}
KONG = {
    "client_ip": "192.0.2.7",
    "started_at": 1780272000123,
    "request": {"method": "GET", "uri": "/a?b=c", "url": "http://www.example.org:8000/a", "headers": HEADERS},
    "response": {"status": 200, "size": 512},
    "latencies": {"request": 12, "kong": 1, "proxy": 11},
}
APISIX = {key: value for key, value in KONG.items() if key not in ("started_at", "latencies")} | {
    "start_time": 1780272000123,
    "latency": 12.3,
}
NETLIFY = {
    "log_type": "traffic",
    "timestamp": "2026-06-01T00:00:00.123Z",
    "client_ip": "192.0.2.7",
    "method": "GET",
} | {
    "url": "https://www.example.org/a?b=c",
    "status_code": 200,
    "duration": 12,
    "response_size": 512,
    "user_agent": AGENT,
    "referrer": "https://a.example/",
    "deploy_id": "6b",
    "site_id": "38",
}
RAILWAY = {"timestamp": "2026-06-01T00:00:00.123Z", "method": "GET", "path": "/a?b=c", "host": "www.example.org"} | {
    "httpStatus": 200,
    "totalDuration": 12,
    "upstreamRqDuration": 11,
    "txBytes": 512,
    "srcIp": "192.0.2.7",
    "clientUa": AGENT,
}
APP_ENGINE = {
    "protoPayload": {"ip": "192.0.2.7", "method": "GET", "resource": "/a?b=c", "status": 200, "responseSize": "512"}
    | {"userAgent": AGENT, "host": "www.example.org", "latency": "0.012s", "startTime": "2026-06-01T00:00:00.123456Z"}
    | {"referrer": "https://a.example/"},
    "timestamp": "2026-06-01T00:00:00.223456Z",
}
ROADRUNNER = {"level": "info", "ts": 1780272000, "logger": "http", "read_bytes": 0, "write_bytes": 512} | {
    "method": "GET",
    "URI": "/a?b=c",
    "status": 200,
    "remote_address": "192.0.2.7",
    "start": "2026-06-01T00:00:00+0000",
    "elapsed": 12,
}
LATTICE = {"startTime": "2026-06-01T00:00:00.123Z", "requestMethod": "GET", "requestPath": "/a?b=c"} | {
    "responseCode": 200,
    "bytesSent": 512,
    "duration": 12,
    "hostHeader": "www.example.org",
    "userAgent": AGENT,
    "sourceIpPort": "192.0.2.7:4711",
}
ECS = {
    "@timestamp": "2026-06-01T00:00:00.123Z",
    "source": {"address": "192.0.2.7"},
    "http": {
        "request": {"method": "GET", "referrer": "https://a.example/"},
        "response": {"status_code": 200, "body": {"bytes": 512}},
    },
    "url": {"original": "/a?b=c", "domain": "www.example.org"},
    "user_agent": {"original": AGENT},
    "event": {"duration": 12345678},
}
DOTTED = {
    "@timestamp": "2026-06-01T00:00:00.123Z",
    "client.ip": "192.0.2.7",
    "http.request.method": "GET",
    "http": {"response.status_code": 200},
    "url.original": "/a?b=c",
}
ATTRIBUTES = {
    "client.address": "192.0.2.7",
    "http.request.method": "GET",
    "url.path": "/a",
    "url.query": "b=c",
    "http.response.status_code": 200,
    "http.response.body.size": 512,
    "server.address": "www.example.org",
    "user_agent.original": AGENT,
}
WHOLE = {"status": 200, "bytes": 512, "site": "www.example.org", "user_agent": AGENT}
UNNAMED = {"status": 200, "user_agent": AGENT}
SHORT = {"status": 200, "user_agent": AGENT, "site": "default"}
WINSTON = {
    "level": "info",
    "message": "HTTP GET /a?b=c",
    "meta": {
        "req": {"method": "GET", "url": "/a?b=c", "headers": {"host": "www.example.org", "user-agent": AGENT}},
        "res": {"statusCode": 200},
        "responseTime": 12,
        "ip": "192.0.2.7",
    },
    "timestamp": "2026-06-01T00:00:00.123Z",
}
SERILOG = {
    "@t": "2026-06-01T00:00:00.123456Z",
    "RequestMethod": "GET",
    "RequestPath": "/a?b=c",
    "StatusCode": 200,
    "Elapsed": 12.345,
    "ClientIp": "192.0.2.7",
    "UserAgent": AGENT,
}
BUNYAN = {
    "name": "shop",
    "hostname": "web-1.example.net",
    "pid": 7,
    "remote-address": "192.0.2.7",
    "method": "GET",
    "url": "/a?b=c",
    "user-agent": AGENT,
    "response-time": 12.345,
    "status-code": 200,
    "time": "2026-06-01T00:00:00.123Z",
    "v": 0,
}
GOLDEN += [
    ("pino", PINO, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123Z", "request_time_s": 0.012}),
    (
        "winston",
        WINSTON,
        WEB | WHOLE | {"bytes": None, "time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012},
    ),
    ("serilog_json", {"Timestamp": SERILOG["@t"], "Properties": SERILOG}, WEB | UNNAMED | {"request_time_s": 0.012345}),
    ("serilog", SERILOG, WEB | UNNAMED | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012345}),
    ("bunyan", BUNYAN, WEB | SHORT | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012345}),
    ("echo", ECHO, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012345}),
    ("kong", KONG, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123Z", "request_time_s": 0.012}),
    ("kong", APISIX, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123Z", "request_time_s": 0.0123}),
    ("netlify", NETLIFY, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012}),
    ("railway", RAILWAY, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012}),
    ("app_engine", APP_ENGINE, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012}),
    ("roadrunner", ROADRUNNER, WEB | {"bytes": 512, "time": "2026-06-01T00:00:00+00:00", "request_time_s": 0.012}),
    ("lattice", LATTICE, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012}),
    ("ecs", ECS, WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012345}),
    ("ecs", DOTTED, WEB | {"status": 200, "time": "2026-06-01T00:00:00.123+00:00"}),
    ("opentelemetry", {"timestamp": "2026-06-01T00:00:00.123Z", "attributes": ATTRIBUTES}, WEB | WHOLE),
]

APP_SERVICE = {"CsMethod": "GET", "CsUriStem": "/a", "CsUriQuery": "b=c", "CIp": "192.0.2.7", "ScStatus": 200} | {
    "ScBytes": 512,
    "TimeTaken": 12,
    "CsHost": "www.example.org",
    "UserAgent": AGENT,
}
POMERIUM = {"service": "envoy", "upstream-cluster": "x", "method": "GET", "authority": "www.example.org"} | {
    "path": "/a?b=c",
    "user-agent": AGENT,
    "forwarded-for": "192.0.2.7",
    "duration": 12.3,
    "size": 512,
    "response-code": 200,
    "time": "2026-06-01T00:00:00Z",
}
GOLDEN += [
    (
        "azure_app_service",
        {"time": "2026-06-01T00:00:00.123Z", "category": "AppServiceHTTPLogs", "properties": APP_SERVICE},
        WEB | WHOLE | {"time": "2026-06-01T00:00:00.123+00:00", "request_time_s": 0.012},
    ),
    ("pomerium", POMERIUM, WEB | WHOLE | {"request_time_s": 0.0123}),
]


@pytest.mark.parametrize(("name", "written"), [(name, written) for name, written, _ in GOLDEN[-13:]])
def test_a_server_is_told_by_its_keys(name: str, written: dict[str, Any]) -> None:
    assert guess_json_format([json.dumps(written).encode()] * 3) == name


@cache
def explainer() -> LineExplainer:
    return LineExplainer(load_settings(None, {"session_cookie": "session"}))


def explain(line: bytes, log_format: str) -> Explanation:
    (explanation,) = explainer().explain(scan_block(padded(line + b"\n"), len(line) + 1, log_format), 1)
    return explanation


@pytest.mark.parametrize(("log_format", "written", "expected"), GOLDEN)
def test_a_servers_own_lines_are_read_as_it_documents_them(
    log_format: str, written: dict[str, Any], expected: dict[str, Any]
) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        found = explain(json.dumps(written, separators=separators).encode(), log_format)
        assert {key: found.get(key, found) for key in expected} == expected


def test_every_named_format_has_a_golden_line() -> None:
    assert {name for name, _, _ in GOLDEN} == JSON_FORMATS.keys()


def test_a_format_in_nginxs_configuration_is_a_mapping() -> None:
    definition = """log_format json escape=json
        '{"at":"$time_iso8601","who":{"ip":"$remote_addr","ua":"$http_user_agent"},'
        '"what":"$request_method $request_uri $server_protocol","code":$status,'
        '"took":$request_time,"s":"$cookie_sid"}';"""
    layout = compile_json_format(definition)
    assert {meaning.name: paths for meaning, paths in layout.paths.items()} == {
        "TIME_ANY": ("at",),
        "CLIENT": ("who.ip",),
        "AGENT": ("who.ua",),
        "REQUEST": ("what",),
        "STATUS": ("code",),
        "REQUEST_TIME_S": ("took",),
        "COOKIE": ("s",),
    }
    line = (
        rb'{"at":"2026-06-01T00:00:00Z","who":{"ip":"192.0.2.7","ua":"a\"b"},"what":"GET /\u0001 HTTP/1.1","code":200,'
    )
    found = explain(line + b'"took":,"s":""}', definition)
    assert [found[key] for key in ("client", "user_agent", "path")] == ["192.0.2.7", 'a"b', "/\x01"]
    assert found["request_time_s"] is None


def test_of_several_cookies_nobody_guesses_the_sessions() -> None:
    definition = '{"at":"$msec","code":"$status","a":"$cookie_a","b":"$cookie_b"}'
    with pytest.raises(FormatError, match="cookies a, b could be the session's"):
        read_log_format(definition)
    chosen = load_settings(None, {"log_format": definition, "session_cookie": "b"}).log_format
    assert compile_json_format(chosen).paths[Meaning.COOKIE] == ("b",)


UNCLEAR = {"remote_ip": "192.0.2.7", "status": 200}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        *((written, log_format) for log_format, written, _ in GOLDEN if log_format != "nginx_json"),
        (
            NGINX,
            {"client": "remote_addr", "request": "request", "status": "status", "time": "time_local"}
            | {"duration-s": "request_time", "user-agent": "http_user_agent", "referrer": "http_referer"},
        ),
        (
            {"@timestamp": "2026-06-01T00:00:00Z", "clientIp": "192.0.2.7", "verb": "GET", "uri": "/a", "status": 200}
            | {"http": {"referer": "x", "user_agent": "y"}, "duration_ms": 12, "response_bytes": 7},
            {"client": "clientIp", "method": "verb", "url": "uri", "status": "status", "time": "@timestamp"}
            | {"duration-ms": "duration_ms", "user-agent": "http.user_agent", "bytes": "response_bytes"},
        ),
        (
            {"Time": 1780272000, "RemoteIP": "192.0.2.7", "Host": "a.example", "Request": "/a", "Query": "?x"}
            | {"Method": "GET", "Status": "200", "UserAgent": "x", "latency_ns": 77},
            {"path": "Request", "query": "Query", "site": "Host", "duration-ns": "latency_ns", "time": "Time"},
        ),
        ({"time": 1780272000, "remote_ip": "192.0.2.7", "url": "https://a.example/"}, {"absolute-url": "url"}),
        # A number of unknown unit is no duration.
        (UNCLEAR | {"time": 1780272000, "duration": 12}, {"duration-s": None, "time": "time"}),
        (UNCLEAR | {"time": 0.012, "ts": 1780272000}, {"time": "ts", "duration-s": "time"}),
        ({"level": "info", "ts": 1780272000, "msg": "started"}, None),
        (UNCLEAR, None),
    ],
)
def test_a_format_is_guessed_by_its_keys(written: dict[str, Any], expected: Any) -> None:
    line = json.dumps(written).encode()
    guess = guess_json_format([b"x", line, b'{"torn":', b"[1]"])
    if not isinstance(expected, dict):
        assert guess == expected
        return
    assert guess is not None
    mapping = json.loads(guess.removeprefix("json:"))
    assert {name: mapping.get(name, [None])[0] for name in expected} == expected
    assert "reject" not in explain(line, guess)


def test_a_mappings_text_means_the_mapping() -> None:
    text = json_format_text({"client": "ip", "time": ["a", "b"], "absolute-url": "u"})
    assert text == 'json:{"client":["ip"],"time":["a","b"],"absolute-url":["u"]}'
    (layout,) = read_log_format(f"docker+{text}").formats
    assert layout.meanings == {Meaning.CLIENT, Meaning.TIME_ANY, Meaning.URL, Meaning.URL_HOST, Meaning.SITE}


@pytest.mark.parametrize(
    "text", ["json:", "json:[]", 'json:{"time":', 'json:{"time":"t","url":[]}', 'json:{"url":"u"}']
)
def test_a_text_that_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"(?i)json"):
        read_log_format(text)
