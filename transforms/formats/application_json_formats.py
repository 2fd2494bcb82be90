"""JSON log formats of applications, frameworks and platforms as tables; those of servers are in `named_json_formats`.

A path is the keys that lead to a value, joined by dots. Comments name the source of each format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

FieldPaths = Mapping[str, str | Sequence[str]]
"""Field name → path or paths, the best first."""


def _serilog(time: str, place: str) -> FieldPaths:
    """Return the paths of Serilog's properties, which stand below `place`."""
    clients = ("ClientIp", "ClientIP", "RemoteIpAddress", "RemoteIP", "IpAddress")
    return {
        "client": [place + key for key in clients],
        "time": time,
        "method": f"{place}RequestMethod",
        "url": f"{place}RequestPath",
        "protocol": f"{place}Protocol",
        "site": [f"{place}RequestHost", f"{place}Host"],
        "status": f"{place}StatusCode",
        "referrer": f"{place}Referer",
        "user-agent": f"{place}UserAgent",
        "duration-ms": f"{place}Elapsed",
    }


APPLICATION_FORMATS: Final[dict[str, FieldPaths]] = {
    # Tomcat's JsonAccessLogValve, whose keys are the names of the pattern's letters; milliseconds.
    #   {"host":"192.0.2.7","logicalUserName":"-","user":"-","time":"[01/Jun/2026:00:00:00 +0000]","request":
    #   "GET /a?b=c HTTP/1.1","statusCode":"200","size":"512","elapsedTime":"12"}
    "tomcat_json": {
        "client": ("remoteAddr", "host"),
        "user": "user",
        "site": "localServerName",
        "time": "time",
        "request": "request",
        "method": "method",
        "url": "path",
        "protocol": "protocol",
        "status": "statusCode",
        "bytes": ("size", "byteSentNC"),
        "referrer": "requestHeaders.Referer",
        "user-agent": "requestHeaders.User-Agent",
        "sec-gpc": "requestHeaders.Sec-GPC",
        "dnt": "requestHeaders.DNT",
        "duration-ms": "elapsedTime",
    },
    # Rails' Lograge (github.com/roidrage/lograge), as pairs or JSON; time, client and agent are what people add.
    #   {"method":"GET","path":"/a","format":"html","controller":"PagesController","action":"show","status":200,
    #   "duration":58.33,"view":40.43,"db":15.26,"remote_ip":"192.0.2.7","time":"2026-06-01T00:00:00Z"}
    "rails": {
        "client": ("remote_ip", "ip", "client_ip"),
        "user": ("user", "user_id"),
        "time": ("time", "timestamp", "@timestamp", "line_time"),
        "method": "method",
        "url": "path",
        "site": "host",
        "status": "status",
        "referrer": ("referer", "referrer"),
        "user-agent": ("user_agent", "ua"),
        "duration-ms": "duration",
    },
    # pino-http and what logs like it (github.com/pinojs/pino-http); `hostname` is the machine. Restify's and
    # bunyan's records have the client outside `req` and `latency`. Milliseconds.
    #   {"level":30,"time":1780272000123,"pid":7,"hostname":"web-1","req":{"method":"GET","url":"/a?b=c","headers":
    #   {"host":"www.example.org","user-agent":"curl/8.5.0"},"remoteAddress":"192.0.2.7"},"res":{"statusCode":200,
    #   "headers":{"content-length":"512"}},"responseTime":12,"msg":"request completed"}
    "pino": {
        "client": ("req.remoteAddress", "remoteAddress"),
        "edge-client": ("req.headers.cf-connecting-ip", "req.headers.true-client-ip"),
        "proxy-client": "req.headers.x-real-ip",
        "forwarded": ("req.headers.x-forwarded-for", "req.headers.forwarded"),
        "time": ("time", "timestamp"),
        "method": "req.method",
        "url": "req.url",
        "protocol": "req.httpVersion",
        "site": "req.headers.host",
        "status": "res.statusCode",
        "bytes": "res.headers.content-length",
        "referrer": ("req.headers.referer", "req.headers.referrer"),
        "user-agent": "req.headers.user-agent",
        "cookies": "req.headers.cookie",
        "sec-gpc": "req.headers.sec-gpc",
        "dnt": "req.headers.dnt",
        "sec-fetch-dest": "req.headers.sec-fetch-dest",
        "x-requested-with": "req.headers.x-requested-with",
        "sec-purpose": "req.headers.sec-purpose",
        "content-type": "res.headers.content-type",
        "duration-ms": ("responseTime", "latency"),
    },
    # express-winston, logging through Winston (github.com/bithavoc/express-winston): milliseconds.
    #   {"level":"info","message":"HTTP GET /a?b=c","meta":{"req":{"httpVersion":"1.1","method":"GET","originalUrl":
    #   "/a?b=c","url":"/a?b=c","headers":{"host":"www.example.org","user-agent":"curl/8.5.0"}},"res":{"statusCode":
    #   200},
    #   "responseTime":12,"ip":"192.0.2.7"},"timestamp":"2026-06-01T00:00:00.123Z"}
    "winston": {
        "client": ("meta.req.ip", "meta.ip", "meta.req.connection.remoteAddress"),
        "proxy-client": "meta.req.headers.x-real-ip",
        "forwarded": "meta.req.headers.x-forwarded-for",
        "time": ("timestamp", "time"),
        "method": "meta.req.method",
        "url": ("meta.req.originalUrl", "meta.req.url"),
        "protocol": "meta.req.httpVersion",
        "site": "meta.req.headers.host",
        "status": "meta.res.statusCode",
        "referrer": "meta.req.headers.referer",
        "user-agent": "meta.req.headers.user-agent",
        "duration-ms": "meta.responseTime",
    },
    # express-bunyan-logger (github.com/villadora/express-bunyan-logger): milliseconds; hostname is the machine's.
    #   {"name":"express","hostname":"web-1","pid":7,"level":30,"remote-address":"192.0.2.7","ip":"192.0.2.7","method":
    #   "GET","url":"/a?b=c","referer":"-","user-agent":"curl/8.5.0","http-version":"1.1","response-time":12.345,
    #   "status-code":200,"time":"2026-06-01T00:00:00.123Z","v":0}
    "bunyan": {
        "client": ("ip", "remote-address"),
        "time": "time",
        "method": "method",
        "url": "url",
        "protocol": "http-version",
        "status": "status-code",
        "referrer": "referer",
        "user-agent": "user-agent",
        "duration-ms": "response-time",
    },
    # Serilog's request logging in ASP.NET Core (github.com/serilog/serilog-aspnetcore), compact or below `Properties`;
    # milliseconds with a fraction. Client and agent are there where the application enriches its events with them.
    #   {"@t":"2026-06-01T00:00:00.1234567Z","@mt":"HTTP {RequestMethod} {RequestPath} …","RequestMethod":"GET",
    #   "RequestPath":"/a","StatusCode":200,"Elapsed":12.3456,"ClientIp":"192.0.2.7","UserAgent":"curl/8.5.0"}
    "serilog": _serilog("@t", ""),
    "serilog_json": _serilog("Timestamp", "Properties."),
    # Echo, the Go framework (echo.labstack.com/docs/middleware/logger): nanoseconds.
    #   {"time":"2026-06-01T00:00:00.123456Z","id":"","remote_ip":"192.0.2.7","host":"www.example.org","method":"GET",
    #   "uri":"/a?b=c","user_agent":"curl/8.5.0","status":200,"error":"","latency":12345678,
    #   "latency_human":"12.345678ms","bytes_in":0,"bytes_out":512}
    "echo": {
        "client": "remote_ip",
        "time": "time",
        "method": "method",
        "url": "uri",
        "protocol": "protocol",
        "site": "host",
        "status": "status",
        "bytes": "bytes_out",
        "referrer": "referer",
        "user-agent": "user_agent",
        "duration-ns": "latency",
    },
    # Kong (docs.konghq.com, plugin file-log) and Apache APISIX (apisix.apache.org, file-logger): milliseconds.
    #   {"client_ip":"192.0.2.7","started_at":1780272000123,"request":{"method":"GET","uri":"/a?b=c","url":
    #   "http://www.example.org:8000/a","headers":{"host":"www.example.org","user-agent":"curl/8.5.0"}},"response":
    #   {"status":200,"size":512},"latencies":{"request":12,"kong":1,"proxy":11}}
    "kong": {
        "client": "client_ip",
        "edge-client": ("request.headers.cf-connecting-ip", "request.headers.true-client-ip"),
        "proxy-client": "request.headers.x-real-ip",
        "forwarded": ("request.headers.x-forwarded-for", "request.headers.forwarded"),
        "time": ("started_at", "start_time"),
        "method": "request.method",
        "url": "request.uri",
        "site": "request.headers.host",
        "status": "response.status",
        "bytes": "response.size",
        "referrer": "request.headers.referer",
        "user-agent": "request.headers.user-agent",
        "cookies": "request.headers.cookie",
        "sec-gpc": "request.headers.sec-gpc",
        "dnt": "request.headers.dnt",
        "sec-fetch-dest": "request.headers.sec-fetch-dest",
        "x-requested-with": "request.headers.x-requested-with",
        "content-type": "response.headers.content-type",
        "duration-ms": ("latencies.request", "latency"),
    },
    # Netlify's log drains, traffic logs (docs.netlify.com/manage/monitoring/log-drains): milliseconds.
    #   {"log_type":"traffic","timestamp":"2026-06-01T00:00:00.123Z","client_ip":"192.0.2.7","method":"GET","url":
    #   "https://www.example.org/a?b=c","status_code":200,"duration":12,"response_size":512,"user_agent":"curl/8.5.0",
    #   "referrer":"","deploy_id":"6b","site_id":"38"}
    "netlify": {
        "client": "client_ip",
        "time": "timestamp",
        "method": "method",
        "absolute-url": "url",
        "status": "status_code",
        "bytes": "response_size",
        "referrer": "referrer",
        "user-agent": "user_agent",
        "content-type": "content_type",
        "duration-ms": "duration",
    },
    # Railway's HTTP logs (docs.railway.com/guides/logs): milliseconds.
    #   {"timestamp":"2026-06-01T00:00:00.123Z","method":"GET","path":"/a?b=c","host":"www.example.org",
    #   "httpStatus":200,"totalDuration":12,"txBytes":512,"rxBytes":80,"srcIp":"192.0.2.7","clientUa":"curl/8.5.0"}
    "railway": {
        "client": "srcIp",
        "time": "timestamp",
        "method": "method",
        "url": "path",
        "protocol": "downstreamProto",
        "site": "host",
        "status": "httpStatus",
        "bytes": "txBytes",
        "user-agent": "clientUa",
        "duration-ms": "totalDuration",
    },
    # Google App Engine's request logs (cloud.google.com/logging, RequestLog): `latency` ends in `s`.
    #   {"protoPayload":{"ip":"192.0.2.7","method":"GET","resource":"/a?b=c","httpVersion":"HTTP/1.1","status":200,
    #   "responseSize":"512","userAgent":"curl/8.5.0","host":"www.example.org","latency":"0.012s","startTime":
    #   "2026-06-01T00:00:00.123456Z"},"timestamp":"2026-06-01T00:00:00.123456Z"}
    "app_engine": {
        "client": "protoPayload.ip",
        "time": ("protoPayload.startTime", "timestamp"),
        "method": "protoPayload.method",
        "url": "protoPayload.resource",
        "protocol": "protoPayload.httpVersion",
        "site": "protoPayload.host",
        "status": "protoPayload.status",
        "bytes": "protoPayload.responseSize",
        "referrer": ("protoPayload.referrer", "protoPayload.referer"),
        "user-agent": "protoPayload.userAgent",
        "duration-s": "protoPayload.latency",
    },
    # RoadRunner (docs.roadrunner.dev, "HTTP", access logs): milliseconds; `start` is when the request came.
    #   {"level":"info","ts":1780272000,"logger":"http","msg":"http access log","read_bytes":0,"write_bytes":512,
    #   "method":"GET","URI":"/a?b=c","status":200,"remote_address":"192.0.2.7","start":"2026-06-01T00:00:00+0000",
    #   "elapsed":12}
    "roadrunner": {
        "client": "remote_address",
        "time": ("start", "ts"),
        "method": "method",
        "url": "URI",
        "status": "status",
        "bytes": "write_bytes",
        "referrer": "referer",
        "user-agent": "user_agent",
        "duration-ms": "elapsed",
    },
    # Amazon VPC Lattice (docs.aws.amazon.com/vpc-lattice, "Access logs"): milliseconds.
    #   {"startTime":"2026-06-01T00:00:00.123Z","requestMethod":"GET","requestPath":"/a","protocol":"HTTP/1.1",
    #   "responseCode":200,"bytesSent":512,"bytesReceived":80,"duration":12,"hostHeader":"www.example.org",
    #   "userAgent":"curl/8.5.0","sourceIpPort":"192.0.2.7:4711"}
    "lattice": {
        "client": "sourceIpPort",
        "time": "startTime",
        "method": "requestMethod",
        "url": "requestPath",
        "protocol": "protocol",
        "site": ("hostHeader", "serverNameIndication"),
        "status": "responseCode",
        "bytes": "bytesSent",
        "user-agent": "userAgent",
        "duration-ms": "duration",
    },
    # Elastic Common Schema (elastic.co/guide/en/ecs), nested or with dots in the keys: nanoseconds.
    #   {"@timestamp":"2026-06-01T00:00:00.123Z","source":{"address":"192.0.2.7"},"http":{"request":{"method":"GET"},
    #   "response":{"status_code":200,"body":{"bytes":512}},"version":"1.1"},"url":{"original":"/a?b=c","domain":
    #   "www.example.org"},"user_agent":{"original":"curl/8.5.0"},"event":{"duration":12345678}}
    "ecs": {
        "client": ("client.ip", "client.address", "source.ip", "source.address"),
        "user": "user.name",
        "time": "@timestamp",
        "method": "http.request.method",
        "url": ("url.original", "url.full"),
        "path": "url.path",
        "query": "url.query",
        "protocol": "http.version",
        "site": ("url.domain", "destination.domain"),
        "status": "http.response.status_code",
        "bytes": ("http.response.body.bytes", "http.response.bytes"),
        "referrer": "http.request.referrer",
        "user-agent": "user_agent.original",
        "duration-ns": "event.duration",
    },
    # OpenTelemetry's conventions for HTTP servers (opentelemetry.io/docs/specs/semconv/http) in a record's attributes.
    #   {"timestamp":"2026-06-01T00:00:00.123Z","attributes":{"client.address":"192.0.2.7","http.request.method":"GET",
    #   "url.path":"/a","url.query":"b=c","http.response.status_code":200,"http.response.body.size":512,
    #   "server.address":"www.example.org","user_agent.original":"curl/8.5.0"}}
    "opentelemetry": {
        "client": ("attributes.client.address", "attributes.http.client_ip", "attributes.network.peer.address"),
        "time": ("timestamp", "time", "@timestamp"),
        "method": ("attributes.http.request.method", "attributes.http.method"),
        "path": ("attributes.url.path", "attributes.http.target"),
        "query": "attributes.url.query",
        "protocol": ("attributes.network.protocol.version", "attributes.http.flavor"),
        "site": ("attributes.server.address", "attributes.http.host"),
        "status": ("attributes.http.response.status_code", "attributes.http.status_code"),
        "bytes": "attributes.http.response.body.size",
        "referrer": "attributes.http.request.header.referer",
        "user-agent": ("attributes.user_agent.original", "attributes.http.user_agent"),
    },
}

__all__ = ["APPLICATION_FORMATS", "FieldPaths"]
