"""Short logs of each family of formats and wrappings: between them, all that reads lines is at work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

_LINES: Final = 6


def write_families() -> dict[str, str]:
    """Return a log of some lines by the name of each family; its hits are on one day of 2026."""
    return {name: "".join(f"{write(number)}\n" for number in range(_LINES)) for name, write in _FAMILIES.items()} | {
        name: "\n".join(write()) + "\n" for name, write in _WHOLE.items()
    }


def _line(number: int) -> str:
    """A line as nginx writes it."""
    return f'192.0.2.7 - - [01/Jun/2026:10:00:0{number} +0000] "GET /a?b=c HTTP/1.1" 200 512 "-" "curl/8.5.0"'


def _object(number: int) -> dict[str, str]:
    return {
        "time_iso8601": f"2026-06-01T10:00:0{number}+00:00",
        "remote_addr": "192.0.2.7",
        "request": 'GET /a"\u00e9?b=c HTTP/1.1',
        "status": "200",
        "body_bytes_sent": "512",
        "http_referer": "",
        "http_user_agent": "curl/8.5.0",
        "request_time": "0.012",
    }


def _caddy(number: int) -> dict[str, object]:
    request = {
        "remote_ip": "192.0.2.7",
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "www.example.org",
        "uri": "/a?b=c",
        "headers": {"User-Agent": ["curl/8.5.0"], "X-Forwarded-For": ["198.51.100.7", "10.0.0.1"]},
    }
    record = {"level": "info", "ts": 1780308000.123 + number, "logger": "http.log.access", "msg": "handled request"}
    return {**record, "request": request, "duration": 0.00092, "size": 512, "status": 200, "resp_headers": {}}


def _traefik(number: int) -> dict[str, object]:
    return {
        "ClientHost": "192.0.2.7",
        "ClientUsername": "-",
        "Duration": 2_001_375,
        "DownstreamContentSize": 512,
        "DownstreamStatus": 200,
        "RequestHost": "www.example.org",
        "RequestMethod": "GET",
        "RequestPath": "/a?b=c",
        "RequestProtocol": "HTTP/2.0",
        "StartUTC": f"2026-06-01T10:00:0{number}.587782192Z",
        "request_User-Agent": "curl/8.5.0",
    }


def _docker(number: int) -> str:
    # A long line is in two objects, of which the first one has no line end.
    middle = 60
    parts = (_line(number)[:middle], _line(number)[middle:] + "\n")
    at = f"2026-06-01T10:00:0{number}.1Z"
    return "\n".join(json.dumps({"log": part, "stream": "stdout", "time": at}) for part in parts)


def _azure(number: int) -> str:
    properties = {
        "CsHost": "www.example.org",
        "CIp": "192.0.2.7",
        "CsMethod": "GET",
        "CsUriStem": "/a",
        "CsUriQuery": "b=c",
        "ScStatus": 200,
        "ScBytes": 512,
        "TimeTaken": 12,
        "UserAgent": "curl/8.5.0",
    }
    return json.dumps({"time": f"2026-06-01T10:00:0{number}.123Z", "properties": json.dumps(properties)})


_FAMILIES: Final[dict[str, Callable[[int], str]]] = {
    "json": lambda number: json.dumps(_object(number)),
    "objects": lambda number: json.dumps(_caddy(number)),
    "nanoseconds": lambda number: json.dumps(_traefik(number)),
    "docker": _docker,
    "cri": lambda number: (
        f"2026-06-01T10:00:00.1Z stdout P {_line(number)[:60]}\n2026-06-01T10:00:00.1Z stdout F {_line(number)[60:]}"
    ),
    "syslog": lambda number: f"<190>Jun  1 10:00:00 web1 nginx[7]: {_line(number)}",
    "syslog-5424": lambda number: f'<190>1 2026-06-01T10:00:00Z web1 nginx 7 - [a@1 b="c"] {_line(number)}',
    "journal": lambda number: f"__REALTIME_TIMESTAMP=1780308000000000\nMESSAGE={_line(number)}\n",
    "message": lambda number: json.dumps({"PRIORITY": "6", "MESSAGE": f'{_line(number)[:-1]}\u00e9"'}),
    "shipped": lambda number: json.dumps({"message": _line(number), "fly": {"app": {"name": "shop"}}}),
    "numbers": lambda number: json.dumps({"PRIORITY": "6", "MESSAGE": list(_line(number).encode())}),
    "compose": lambda number: f"\x1b[36mweb-1  |\x1b[0m {_line(number)}",
    "fly": lambda number: f"2026-06-01T10:00:00Z app[d891] ams [info] {_line(number)}",
    "words": lambda number: f"2026-06-01 10:00:00,123 7 INFO shop werkzeug: {_line(number)}",
    "pairs": lambda number: (
        f'2026-06-01T10:00:0{number}.123456+00:00 heroku[router]: at=info method=GET path="/a?b=c" '
        'host=www.example.org fwd="192.0.2.7" dyno=web.1 connect=0ms service=12ms status=200 bytes=512 protocol=https'
    ),
    "console": lambda number: (
        f"2026/06/01 10:00:0{number}.123\tINFO\thttp.log.access\thandled request\t{json.dumps(_caddy(number))}"
    ),
    "nested": _azure,
    "labels": lambda number: (
        f"time:[01/Jun/2026:10:00:0{number} +0000]\thost:192.0.2.7\treq:GET /a?b=c HTTP/1.1\t"
        "status:200\tsize:512\tua:curl/8.5.0"
    ),
}


def _w3c() -> Iterator[str]:
    yield "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status time-taken"
    for number in range(_LINES):
        yield f"2026-06-01 10:00:0{number} 10.0.0.4 GET /a b=c 192.0.2.7 Mozilla/5.0+(X11) 200 93"


def _columns() -> Iterator[str]:
    yield "time,client_ip,method,path,status,user_agent"
    for number in range(_LINES):
        yield f'2026-06-01T10:00:0{number}Z,192.0.2.7,GET,"/a?q=""b""",200,curl/8.5.0'


def _pairs_of_lines() -> Iterator[str]:
    for number in range(_LINES):
        yield f'[b1f{number}] Started GET "/a?b=c" for 192.0.2.7 at 2026-06-01 10:00:0{number} +0000'
        yield f"[b1f{number}] Completed 200 OK in 12ms (Views: 8.1ms)"


def _asides() -> Iterator[str]:
    for number in range(_LINES):
        begin = f"[Mon Jun  1 10:00:0{number} 2026] 192.0.2.7:4711"
        yield from (f"{begin} Accepted", f"{begin} [200]: GET /a?b=c", f"{begin} Closing")


_WHOLE: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "w3c": _w3c,
    "columns": _columns,
    "asides": _asides,
    "pairs-of-lines": _pairs_of_lines,
    "list": lambda: iter([json.dumps([_object(number) for number in range(_LINES)])]),
    "indented": lambda: iter([json.dumps([_object(number) for number in range(_LINES)], indent=2)]),
}
