"""The configuration of each server, the logs that it writes, and the settings with which Footfall reads them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from footfall.transforms.formats.json_formats import json_format_text
from tests.servers.requests import Request, send
from tests.servers.running import Running, find_program, read_log


@dataclass(frozen=True)
class Log:
    """A log that a server writes: its file, and the settings with which it is read."""

    file: str
    log_format: str
    session_cookie: str = ""


NGINX_FULL = (
    '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$http_x_forwarded_for" "$cookie_sid" $request_time'
)
NGINX_JSON = (
    "time_iso8601 remote_addr remote_user request status body_bytes_sent http_referer http_user_agent "
    "http_x_forwarded_for http_cookie request_time"
).split()
NGINX_LOGS = (
    Log("combined.log", "combined"),
    Log("full.log", NGINX_FULL),
    Log("parts.log", '$msec $remote_addr "$http_cookie" "$request_method $request_uri" $status', "sid"),
    Log("json.log", "nginx_json", "sid"),
)


def start_nginx(server: Running) -> None:
    """nginx with one worker, which answers all requests itself."""
    folder, port = server.folder, server.port
    temporary = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    access = "\n".join(f"access_log {folder}/{log.file} format{place};" for place, log in enumerate(NGINX_LOGS))
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ }}
        http {{
            {temporary}
            log_format format0 '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                               '"$http_referer" "$http_user_agent"';
            log_format format1 '{NGINX_FULL}';
            log_format format2 '{NGINX_LOGS[2].log_format}';
            log_format format3 escape=json '{{{",".join(f'"{name}":"${name}"' for name in NGINX_JSON)}}}';
            {access}
            large_client_header_buffers 4 64k;
            server {{
                listen 127.0.0.1:{port}; listen [::1]:{port};
                location / {{ return 200 "hello\\n"; }}
            }}
        }}
        """
    )
    server.start([find_program("nginx"), "-p", folder, "-c", folder / "nginx.conf"], port)


APACHE_FULL = '%a %{c}a %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i" "%{sid}C" %D'
APACHE_JSON = (
    '{"time":"%{%Y-%m-%dT%H:%M:%S%z}t","remote_ip":"%a","user":"%u","request":"%r","status":"%>s","bytes":"%B",'
    '"referer":"%{Referer}i","user_agent":"%{User-Agent}i","x_forwarded_for":"%{X-Forwarded-For}i","sid":"%{sid}C"}'
)
APACHE_JSON_FIELDS = {
    "time": "time",
    "client": "remote_ip",
    "user": "user",
    "request": "request",
    "status": "status",
    "bytes": "bytes",
    "referrer": "referer",
    "user-agent": "user_agent",
    "forwarded": "x_forwarded_for",
    "session": "sid",
}
APACHE_LOGS = (
    Log("combined.log", "combined"),
    Log("vhost.log", "vhost_combined"),
    Log("common.log", "common"),
    Log("full.log", APACHE_FULL),
    Log("parts.log", '%h %{%FT%T}t.%{msec_frac}t%{%z}t "%m" "%U%q" "%H" %>s "%{Cookie}i" %{ms}T', "sid"),
    Log("json.log", json_format_text(APACHE_JSON_FIELDS)),
)


def start_apache(server: Running) -> None:
    """httpd with one process, so that lines are in the order of the requests."""
    folder, port = server.folder, server.port
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("hello\n")
    modules = "/usr/lib/apache2/modules"
    formats = {
        "combined.log": '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
        "vhost.log": '%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
        "common.log": '%h %l %u %t "%r" %>s %b',
        "json.log": APACHE_JSON,
    }
    access = "\n".join(
        'CustomLog "{}/{}" "{}"'.format(folder, log.file, formats.get(log.file, log.log_format).replace('"', '\\"'))
        for log in APACHE_LOGS
    )
    (folder / "httpd.conf").write_text(
        f"""
        ServerRoot "{folder}"
        ServerName www.example.org
        PidFile "{folder}/httpd.pid"
        DefaultRuntimeDir "{folder}"
        Mutex pthread
        ErrorLog "{folder}/error.log"
        LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
        LoadModule authz_core_module {modules}/mod_authz_core.so
        LoadModule alias_module {modules}/mod_alias.so
        StartServers 1
        MinSpareServers 1
        MaxSpareServers 1
        MaxRequestWorkers 1
        {"User www-data" if os.geteuid() == 0 else ""}
        {"Group www-data" if os.geteuid() == 0 else ""}
        Listen 127.0.0.1:{port}
        Listen [::1]:{port}
        LimitRequestLine 60000
        LimitRequestFieldSize 60000
        DocumentRoot "{folder}/www"
        AliasMatch "^.*$" "{folder}/www/index.html"
        {access}
        """
    )
    server.start([find_program("apache2"), "-D", "FOREGROUND", "-f", folder / "httpd.conf"], port)


def start_haproxy(server: Running, option: str, file: str) -> None:
    """HAProxy, logging to a syslog port, in front of a minimal HTTP server."""
    (server.folder / "haproxy.cfg").write_text(
        f"""
        global
            nbthread 1
            tune.bufsize 65536
            tune.http.logurilen 65535
            log 127.0.0.1:{server.receive(file)} len 65535 format raw local0
        defaults
            mode http
            timeout client 10s
            timeout connect 10s
            timeout server 10s
            timeout http-request 10s
        frontend web
            bind 127.0.0.1:{server.port}
            bind ::1:{server.port}
            log global
            {option}
            capture cookie sid= len 32
            default_backend app
        backend app
            server app 127.0.0.1:{server.serve()}
        \n"""
    )
    server.start([find_program("haproxy"), "-db", "-f", server.folder / "haproxy.cfg"], server.port)


HAPROXY_JSON = '{"time":%Ts.%ms,"remote_ip":"%ci","request":"%r","status":%ST,"bytes":%B,"duration":%Ta,"cookie":"%CC"}'
HAPROXY_JSON_FIELDS = {
    "time": "time",
    "client": "remote_ip",
    "request": "request",
    "status": "status",
    "bytes": "bytes",
    "duration-ms": "duration",
    "cookies": "cookie",
}


SQUID_JSON = (
    '{"time":%ts.%03tu,"remote_ip":"%>a","method":"%rm","url":"%"ru","status":"%>Hs","bytes":"%<st","duration":%tr,'
    '"referer":"%"{Referer}>h","user_agent":"%"{User-Agent}>h"}'
)
SQUID_JSON_FIELDS = {
    "time": "time",
    "client": "remote_ip",
    "method": "method",
    "absolute-url": "url",
    "status": "status",
    "bytes": "bytes",
    "duration-ms": "duration",
    "referrer": "referer",
    "user-agent": "user_agent",
}
SQUID_LOGS = (
    Log("native.log", "squid"),
    Log("common.log", "squid_common"),
    Log("combined.log", "squid_combined"),
    Log("json.log", json_format_text(SQUID_JSON_FIELDS)),
)


def start_squid(server: Running) -> None:
    """Squid as a reverse proxy in front of a minimal HTTP server."""
    folder, port = server.folder, server.port
    (folder / "squid.conf").write_text(
        f"""
        http_port 127.0.0.1:{port} accel defaultsite=www.example.org
        http_port [::1]:{port} accel defaultsite=www.example.org
        cache_peer 127.0.0.1 parent {server.serve()} 0 no-query no-digest originserver
        http_access allow all
        cache deny all
        strip_query_terms off
        request_header_max_size 64 KB
        access_log stdio:{folder}/combined.log combined
        access_log stdio:{folder}/common.log common
        access_log stdio:{folder}/native.log squid
        logformat json {SQUID_JSON}
        access_log stdio:{folder}/json.log json
        buffered_logs off
        cache_log {folder}/cache.log
        pid_filename {folder}/squid.pid
        coredump_dir {folder}
        netdb_filename none
        visible_hostname www.example.org
        shutdown_lifetime 0 seconds
        """
    )
    server.start([find_program("squid"), "-N", "-f", folder / "squid.conf"], port)


VARNISH_JSON = (
    '{"time":"%{%Y-%m-%dT%H:%M:%SZ}t","remote_ip":"%h","request":"%r","status":"%s","bytes":"%b",'
    '"referer":"%{Referer}i","user_agent":"%{User-agent}i"}'
)
VARNISH_JSON_FIELDS = {
    name: path for name, path in APACHE_JSON_FIELDS.items() if name not in ("user", "forwarded", "session")
}
VARNISH_READY = b"/are-you-ready"
VARNISH_FULL = '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-agent}i" "%{X-Forwarded-For}i" %D'
VARNISH_LOGS = (Log("combined.log", "varnish"), Log("full.log", VARNISH_FULL.replace("%s", "%>s")))
VARNISH_JSON_LOGS = (Log("json.log", json_format_text(VARNISH_JSON_FIELDS)),)


def start_varnish_text(server: Running) -> None:
    """Varnish with its default format and a custom one."""
    start_varnish(server, {"combined.log": (), "full.log": ("-F", VARNISH_FULL)})


def start_varnish_json(server: Running) -> None:
    """Varnish with values escaped for JSON; with these it does not log requests that it cannot parse."""
    start_varnish(server, {"json.log": ("-j", "-F", VARNISH_JSON)})


def start_varnish(server: Running, logs: dict[str, tuple[str, ...]]) -> None:
    """Varnish, which answers all requests itself, and varnishncsa, which writes its logs."""
    folder, port = server.folder, server.port
    (folder / "default.vcl").write_text('vcl 4.1; backend default none; sub vcl_recv { return (synth(200, "OK")); }')
    server.start(
        [
            *(find_program("varnishd"), "-F", "-n", folder / "work", "-f", folder / "default.vcl"),
            *("-a", f"127.0.0.1:{port}", "-a", f"[::1]:{port}", "-s", "malloc,10m"),
            *("-p", "http_req_size=64k", "-p", "http_req_hdr_len=32k", "-p", "vsl_reclen=16000"),
        ],
        port,
    )
    for file, options in logs.items():
        server.start([find_program("varnishncsa"), "-n", folder / "work", "-w", folder / file, *options])
    # varnishncsa logs only requests made after it is ready, and does not report when it is.
    for file in logs:
        while not read_log(folder / file, VARNISH_READY, patience_s=0.3):
            send(Request("ready", b"GET " + VARNISH_READY + b" HTTP/1.1"), port)


@dataclass(frozen=True)
class Server:
    """A server, and what it logs about requests that it does not accept."""

    name: str
    start: Callable[[Running], None]
    logs: tuple[Log, ...]
    logged_line: Callable[[Request], bytes]
    """The first line as the server logs it."""
    without_fields: frozenset[str] = frozenset()
    """Names of HTTP requests that the server rejects before it reads their header fields."""
    unlogged: frozenset[str] = frozenset()
    """Names of requests that are not logged."""
    unescaped: frozenset[str] = frozenset()
    """Names of requests whose quotes or backslashes are not escaped, so that the line is ambiguous."""
    noise: bytes | None = None
    """Content of lines that do not belong to a request."""
    knows_client: bool = True
    """Whether it logs the client of a request that it could not parse."""
    counts_body: bool = True
    """Whether the logged size is that of the response body."""

    def reads_fields(self, request: Request) -> bool:
        """Whether the log has the user agent, referrer and forwarded address of the request."""
        return request.is_http and request.name not in self.without_fields


def nginx_line(request: Request) -> bytes:
    """The request up to the first line feed."""
    return request.content().partition(b"\n")[0].removesuffix(b"\r")


def apache_line(request: Request) -> bytes:
    """The request line up to a NUL byte or to two consecutive spaces, where httpd stops parsing."""
    return nginx_line(request).partition(b"\0")[0].partition(b"  ")[0]


HAPROXY_REFUSES = frozenset({"UTF-8", "bytes that are no UTF-8", "spaces in the path"})


def haproxy_line(request: Request) -> bytes:
    """The request line with HAProxy's `#` escapes; a placeholder for invalid requests."""
    if not request.is_http or request.name in HAPROXY_REFUSES:
        return b"<BADREQ>"
    return request.line.replace(b'"', b"#22")


def haproxy_text(request: Request) -> bytes:
    """The request line as Footfall reads it from HAProxy's own formats: without escapes."""
    return haproxy_line(request).replace(b"#22", b'"')


def squid_line(request: Request) -> bytes:
    """The request line as parsed by Squid, which percent-encodes UTF-8 and corrects spaces, methods and versions."""
    understood = {
        "UTF-8": b"GET /z%C3%BCrich/%E6%9D%B1%E4%BA%AC?q=%C3%A9 HTTP/1.1",
        "spaces in the path": b"GET /abc HTTP/1.1",
        "options of all": b"OPTIONS http://:80* HTTP/1.1",
        "a lower-case method": b"GET /x HTTP/1.1",
        "another version": b"GET /three HTTP/1.1",
        "HTTP/0.9": b"GET /nine HTTP/0.9",
        "the preface of HTTP/2": b"PRI * HTTP/1.1",
        "bare words": b"help error:invalid-request HTTP/1.1",
        "SSH": b"SSH-2.0-Go error:invalid-request HTTP/1.1",
        "TLS on a plain port": b"- error:invalid-request HTTP/1.1",
        "control bytes": b"- error:invalid-request HTTP/1.1",
    }
    return understood.get(request.name, request.line)


def varnish_line(request: Request) -> bytes:
    """The request line as logged by Varnish; without method and path if it could not be parsed."""
    if not request.is_http or request.name in ("spaces in the path", "another version"):
        return b"- http://localhost HTTP/1.0"
    return request.line.replace(b" * ", b" http://www.example.org* ")


def start_haproxy_http(server: Running) -> None:
    """HAProxy with the format that its manual recommends."""
    start_haproxy(server, "option httplog", "http.log")


def start_haproxy_clf(server: Running) -> None:
    """HAProxy with its CLF-compatible format."""
    start_haproxy(server, "option httplog clf", "clf.log")


def start_haproxy_json(server: Running) -> None:
    """HAProxy with a JSON object of the same values."""
    start_haproxy(server, f"log-format '{HAPROXY_JSON}'", "json.log")


HAPROXY_UNLOGGED = frozenset({"the preface of HTTP/2"})
VARNISH_UNLOGGED = frozenset({"HTTP/0.9", "the preface of HTTP/2", "SSH", "TLS on a plain port"})
SERVERS = (
    Server(
        "nginx",
        start_nginx,
        NGINX_LOGS,
        nginx_line,
        without_fields=frozenset({"spaces in the path", "options of all", "a lower-case method", "another version"}),
    ),
    Server("apache", start_apache, APACHE_LOGS, apache_line, without_fields=frozenset({"spaces in the path"})),
    Server(
        "haproxy",
        start_haproxy_http,
        (Log("http.log", "haproxy", "sid"),),
        haproxy_text,
        unlogged=HAPROXY_UNLOGGED,
        counts_body=False,
    ),
    Server(
        "haproxy_clf",
        start_haproxy_clf,
        (Log("clf.log", "haproxy_clf", "sid"),),
        haproxy_text,
        unlogged=HAPROXY_UNLOGGED,
        counts_body=False,
    ),
    Server(
        "haproxy_json",
        start_haproxy_json,
        (Log("json.log", json_format_text(HAPROXY_JSON_FIELDS), "sid"),),
        haproxy_line,
        unlogged=HAPROXY_UNLOGGED,
        unescaped=frozenset({"backslashes"}),
        counts_body=False,
    ),
    Server(
        "squid",
        start_squid,
        SQUID_LOGS,
        squid_line,
        without_fields=frozenset({"another version"}),
        unescaped=frozenset({"quotes", "backslashes", "both", "JSON within", "a long agent"}),
        noise=b"error:transaction-end-before-headers",
        counts_body=False,
    ),
    Server(
        "varnish",
        start_varnish_text,
        VARNISH_LOGS,
        varnish_line,
        without_fields=frozenset({"spaces in the path", "another version"}),
        unlogged=VARNISH_UNLOGGED,
        noise=VARNISH_READY,
        knows_client=False,
    ),
    Server(
        "varnish_json",
        start_varnish_json,
        VARNISH_JSON_LOGS,
        varnish_line,
        unlogged=VARNISH_UNLOGGED | {"spaces in the path", "another version", "bare words", "control bytes"},
        noise=VARNISH_READY,
    ),
)
"""All servers whose logs are compared."""
