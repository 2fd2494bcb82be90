"""`auto` detects wrappings, formats and mixtures of them from a sample, and identifies other files."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from footfall.pipelines.inputs.recognition import Recognition, Unrecognized
from footfall.pipelines.inputs.recognize import MIN_MIXED_LINES, recognize
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.formats.log_formats import SEPARATOR, as_setting
from tests.commands import Operator, log_line

COMBINED = [log_line(number).encode() for number in range(200)]
COMMON = [line.split(b' "-" "')[0] + b"\n" for line in COMBINED]
VHOST = [b"www.example.org:443 " + line for line in COMBINED]


def in_cri(lines: list[bytes]) -> list[bytes]:
    return [b"2026-06-01T00:17:09.669794202Z stdout F " + line for line in lines]


def in_cri_parts(lines: list[bytes]) -> list[bytes]:
    head = b"2026-06-01T00:17:09.669794202Z stdout "
    return [part for line in lines for part in (head + b"P " + line[:40] + b"\n", head + b"F " + line[40:])]


def in_docker(lines: list[bytes]) -> list[bytes]:
    tail = {"stream": "stdout", "time": "2026-06-01T00:00:00Z"}
    return [json.dumps({"log": line.decode()} | tail).encode() + b"\n" for line in lines]


def in_syslog(lines: list[bytes]) -> list[bytes]:
    return [b"<190>Jun  1 12:14:14 web1 nginx: " + line for line in lines]


def in_journal(lines: list[bytes]) -> list[bytes]:
    fields = b"__CURSOR=s=739ad\n_TRANSPORT=stdout\n"
    return [part for line in lines for part in (*fields.splitlines(keepends=True), b"MESSAGE=" + line, b"\n")]


def in_journal_json(lines: list[bytes]) -> list[bytes]:
    return [json.dumps({"PRIORITY": "6", "MESSAGE": line.decode()[:-1]}).encode() + b"\n" for line in lines]


def recognized(lines: list[bytes]) -> str | list[str]:
    """The setting for the detected format, which all lines fit."""
    found = recognize(b"".join(lines), None)
    assert isinstance(found, Recognition), found
    assert found.fitting == found.sampled
    assert sum(found.by_format) == found.fitting
    return as_setting(found.log_format)


@pytest.mark.parametrize(
    ("prefix", "wrapped"),
    [
        ("", list),
        ("cri+", in_cri),
        ("cri+", in_cri_parts),
        ("docker+", in_docker),
        ("docker+syslog+", lambda lines: in_docker(in_syslog(lines))),
        ("syslog+", in_syslog),
        ("journal+", in_journal),
        ("journal-json+", in_journal_json),
        ("cri+syslog+", lambda lines: in_cri(in_syslog(lines))),
    ],
)
def test_formats_and_mixtures_are_detected_in_any_wrapping(
    prefix: str, wrapped: Callable[[list[bytes]], list[bytes]]
) -> None:
    assert recognized(wrapped(COMBINED)) == prefix + "combined"
    assert recognized(wrapped(COMMON)) == prefix + "common"
    assert recognized(wrapped(VHOST)) == prefix + "vhost_combined"
    assert recognized(wrapped(COMBINED[:150] + COMMON[150:])) == [prefix + "combined", prefix + "common"]


# Lines as their servers document them, with invented values; see `footfall.transforms.formats.named_formats`.
DOCUMENTED: dict[str, str] = {
    "alb": "https 2018-07-02T22:23:00.186641Z app/lb/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.086 0.048 0.037 200 "
    '200 0 57 "GET https://www.example.com:443/a HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    'arn:aws:x "Root=1-58337281-1d84f3d7" "www.example.com" "arn:aws:acm:x" 1 2018-07-02T22:22:48.364000Z "forward" '
    '"-" "-"',
    "elb": "2015-05-13T23:39:43.945958Z lb 192.0.2.7:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "
    '"GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    "s3": "79a5 bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.7 79a5 3E57427F3EXAMPLE REST.GET.OBJECT a.html "
    '"GET /bucket/a.html HTTP/1.1" 200 - 113 1718 7 5 "-" "S3Console/0.4" - s9lzHYrFp76= SigV4 '
    "ECDHE-RSA-AES128-GCM-SHA256 AuthHeader bucket.s3.us-west-1.amazonaws.com TLSV1.2",
    "haproxy": "192.0.2.7:33317 [06/Feb/2009:12:14:14.655] www~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 "
    '0/0 "GET /index.html HTTP/1.1"',
    "haproxy_clf": '192.0.2.7 - - [06/Feb/2009:12:14:14 +0000] "GET / HTTP/1.1" 200 27 "" "" 33317 655 "www" "static" '
    '"srv1" 10 0 30 69 109 "----" 1 1 1 1 0 0 0 "-" "-"',
    "traefik": '192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 23 "-" "curl/7.68.0" 300 '
    '"web@docker" "http://10.0.0.4:80" 25ms',
    "ingress_nginx": '192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 23 "-" "curl/7.68.0" 330 0.003 '
    "[default-web-80] [] 10.0.0.4:8080 612 0.002 200 3c1b9a5e",
    "squid": "1066036250.603    310 192.0.2.7 TCP_MISS/200 2326 GET http://www.example.com/a - HIER_DIRECT/192.0.2.9 "
    "text/html",
    "squid_common": '192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET http://www.example.com/a HTTP/1.1" 200 2326 '
    "TCP_MISS:HIER_DIRECT",
    "squid_combined": '192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET http://www.example.com/a HTTP/1.1" 200 2326 "-" '
    '"curl/7.68.0" TCP_MISS:HIER_DIRECT',
    "host_combined": 'www.example.com 192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 26 "-" "x"',
    "common": '192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_servers_own_format_is_distinguished_from_all_others(name: str) -> None:
    assert recognized([DOCUMENTED[name].encode() + b"\n"] * 5) == name


def test_text_and_json_of_several_servers_in_one_log_are_detected() -> None:
    caddy = [
        b'{"ts":1780272000.%d,"msg":"handled request","request":{"remote_ip":"192.0.2.7","method":"GET",'
        b'"host":"a.example","uri":"/","headers":{"User-Agent":["x"]}},"duration":0.01,"status":200}\n' % number
        for number in range(250)
    ]
    nginx = [
        b'{"time_iso8601":"2026-06-01T00:00:%02d+00:00","remote_addr":"192.0.2.7","request":"GET / HTTP/1.1",'
        b'"status":"200","http_user_agent":"x"}\n' % (number % 60)
        for number in range(250)
    ]
    found = recognized([*caddy, *nginx, *COMBINED])
    assert {text[:5] for text in found} == {"caddy", "json:", "combi"}
    found = recognized(in_docker([*COMBINED, *nginx]))
    assert {text[:12] for text in found} == {"docker+json:", "docker+combi"}


def test_the_lines_of_each_format_are_counted() -> None:
    found = recognize(b"".join(COMBINED[:150] + COMMON[:30]), None)
    assert isinstance(found, Recognition)
    assert found.by_format == (150, 30)


def test_cut_lines_do_not_count_as_another_format() -> None:
    # A combined line cut after the size is a valid common line.
    lines = [*COMBINED, *COMMON[: MIN_MIXED_LINES - 1]]
    found = recognize(b"".join(lines), None)
    assert found == Recognition("combined", len(COMBINED), len(lines))
    # In a large sample, more lines are needed.
    lines = [*COMBINED * 10, *COMMON[: MIN_MIXED_LINES * 10]]
    found = recognize(b"".join(lines), None)
    assert isinstance(found, Recognition)
    assert found.log_format == "combined"


def test_a_log_is_recognized_if_most_lines_are_requests() -> None:
    noise = [b"something else\n"]
    found = recognize(b"".join(COMBINED + noise * 199), None)
    assert found == Recognition("combined", 200, 399)
    found = recognize(b"".join(COMBINED + noise * 201), None)
    assert isinstance(found, Unrecognized)
    assert "(closest: combined 50%)" in found.problem
    assert "--log-format" in found.remedy


def test_the_sample_format_is_detected_by_its_cookies(tmp_path: Path) -> None:
    write_sample(tmp_path / "a.log", 2_000, seed=3, days=1)
    found = recognize((tmp_path / "a.log").read_bytes(), None)
    assert isinstance(found, Recognition)
    assert (found.log_format, found.hints) == ("footfall", ())


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(lambda number: f'"192.0.2.{number % 7}' + "x" * (number % 2) + '" 12', id="anything and a number"),
        pytest.param(lambda number: f'"{number:032x}" 12', id="identifiers of requests"),
        pytest.param(lambda number: "12", id="a number"),
    ],
)
def test_a_hint_names_further_fields_after_a_combined_line(tail: Callable[[int], str]) -> None:
    lines = [line[:-1] + f" {tail(number)}\n".encode() for number, line in enumerate(COMBINED)]
    found = recognize(b"".join(lines), None)
    assert isinstance(found, Recognition)
    assert found.log_format == "combined"
    (hint,) = found.hints
    assert hint.startswith("200 of the sampled lines have further fields after those of combined, which are not read")


def _tar() -> bytes:
    content = b"".join(COMBINED)
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as archive:
        member = tarfile.TarInfo("access.log")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stored.getvalue()


def _zip() -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("access.log", b"".join(COMBINED))
    return stored.getvalue()


def _sqlite() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE hits (line)")
        return connection.serialize()


TEXT = b"".join(COMBINED).decode()
APACHE_ERROR = "[Mon Jun 01 10:00:00.123456 2026] [core:error] [pid 7:tid 8] [client 192.0.2.7:80] AH00128: no file\n"
NGINX_ERROR = "2026/06/01 10:00:00 [error] 7#7: *1 open() failed (2: No such file or directory), client: 192.0.2.7\n"
RANDOM = base64.b64decode(base64.b64encode(bytes(range(256)))) * 40

# (name, content, beginning of the message)
FOREIGN: list[tuple[str, bytes, str]] = [
    ("tar", _tar(), "is a tar archive; unpack it"),
    ("tar.gz", gzip.compress(_tar()), "is a tar archive; unpack it"),
    ("zip", _zip(), "is a zip archive; unpack it"),
    ("twice", gzip.compress(gzip.compress(TEXT.encode())), "is compressed twice; decompress it once"),
    ("sqlite", _sqlite(), "is an SQLite database, not an access log"),
    ("utf16", TEXT.encode("utf-16"), "is UTF-16 text; convert it, for example with iconv"),
    ("utf16le", TEXT.encode("utf-16-le"), "is UTF-16 text; convert it, for example with iconv"),
    ("utf16be", TEXT.encode("utf-16-be"), "is UTF-16 text; convert it, for example with iconv"),
    ("array", json.dumps([{"a": 1}] * 9).encode(), "is one JSON array; write one object per line"),
    ("indented", json.dumps([{"a": 1}] * 9, indent=2).encode(), "is one JSON array; write one object per line"),
    ("binary", RANDOM, "is binary data, not an access log"),
    ("nginx", NGINX_ERROR.encode() * 9, "is an nginx error log, not an access log"),
    ("nginx in cri", b"".join(in_cri([NGINX_ERROR.encode()] * 9)), "is an nginx error log, not an access log"),
    ("apache", APACHE_ERROR.encode() * 9, "is an Apache error log, not an access log"),
    ("php", b"[01-Jun-2026 10:00:00] NOTICE: fpm is running, pid 1\n" * 9, "is a PHP log, not an access log"),
    (
        "application",
        b"2026-06-01 10:00:00,123 INFO c.e.Main started\n" * 9,
        "is an application's log, not an access log",
    ),
    ("system", b"Jun  1 12:14:14 web1 kernel: eth0 is up\n" * 9, "is a system log, not an access log"),
    ("json", b'{"level":"info","msg":"up"}\n' * 9, "is JSON lines without the fields of a request"),
    ("words", b"hello world\n" * 9, "no known log format fits most of its lines"),
    ("nothing", b" \n\r\n", "is empty"),
    ("empty gz", gzip.compress(b""), "is empty"),
]


@pytest.mark.parametrize(("name", "content", "message"), FOREIGN, ids=[name for name, _, _ in FOREIGN])
def test_a_file_that_is_not_an_access_log_is_identified(
    name: str, content: bytes, message: str, operator: Operator
) -> None:
    folder = operator.folder / "logs"
    folder.mkdir()
    (folder / "other").write_bytes(content)
    (folder / "access.log").write_bytes(b"".join(COMBINED))
    ended = operator.run("parse", folder / "other", "--summary")
    if message == "is empty":
        assert ended.status == 0
        assert json.loads(ended.out)["log_format"] is None
    else:
        assert ended.status == 1
        assert ended.err.splitlines()[-1].startswith(f"footfall: {folder / 'other'}: {message}")
        assert ";" in ended.err
    for secret in ("192.0.2.7", "2001:db8", "Firefox", "eth0", "hello", "started"):
        assert secret not in ended.err


def test_files_of_a_folder_that_are_not_access_logs_are_left_out_with_a_warning(operator: Operator) -> None:
    folder = operator.folder / "logs"
    folder.mkdir()
    (folder / "access.log").write_bytes(b"".join(COMBINED))
    for name, content, _ in FOREIGN:
        (folder / name).write_bytes(content)
    ended = operator.nightly(folder)
    assert ended.status == 0, ended.err
    for name, _, message in FOREIGN:
        assert any(
            line.startswith(f"warning: {folder / name}: {message}") and line.endswith("; left out")
            for line in ended.err.splitlines()
        ), name
    assert operator.query("SELECT sum(hits) FROM days") == [(200,)]


def test_a_mixed_log_is_read_whole_and_its_formats_are_shown(operator: Operator) -> None:
    lines = COMBINED[:120] + COMMON[120:]
    (operator.folder / "a.log").write_bytes(b"".join(lines))
    ended = operator.nightly("a.log")
    assert ended.status == 0, ended.err
    assert "input as combined and common; 200 of 200 sampled lines fit" in ended.out
    assert "120 of them combined" in ended.out
    assert "80 of them common" in ended.out
    assert operator.query("SELECT hits, rejected FROM inputs") == [(200, 0)]


def test_several_formats_can_be_named(operator: Operator) -> None:
    (operator.folder / "a.log").write_bytes(b"".join(in_cri(COMBINED[:120] + COMMON[120:])))
    given = ("--log-format", "cri+common", "--log-format", "cri+combined")
    ended = operator.run("parse", "a.log", "--summary", *given)
    assert ended.status == 0, ended.err
    summary = json.loads(ended.out)
    assert (summary["log_format"], summary["hits"]) == (["cri+common", "cri+combined"], 200)
    (operator.folder / "own.toml").write_text('log-format = ["cri+common", "cri+combined"]\n')
    assert operator.run("parse", "a.log", "--summary", "--config", "own.toml").out == ended.out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("cri+common", "combined"), "have different wrappings"),
        (("auto", "combined"), "auto detects all formats of a file"),
        (("cri+what",), "is unknown, expected a name"),
    ],
)
def test_formats_that_cannot_be_combined_are_wrong_usage(
    given: tuple[str, ...], message: str, operator: Operator
) -> None:
    (operator.folder / "a.log").write_bytes(b"".join(COMBINED))
    ended = operator.run("parse", "a.log", *(word for one in given for word in ("--log-format", one)))
    assert ended.status == 2
    assert message in ended.err
    assert SEPARATOR not in ended.err


def test_standard_input_is_recognized_too(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(in_cri_parts(COMBINED))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert operator.nightly("-").status == 0
    assert operator.query("SELECT lines, hits, rejected FROM inputs") == [(400, 200, 200)]


def test_a_change_of_format_that_no_sample_shows_gives_a_warning(operator: Operator) -> None:
    # The sample of a compressed input has gaps.
    lines = [log_line(number).encode() for number in range(4_000)]
    other = [line.split(b' "-" "')[0] + b"\n" for line in lines[1_400:1_900]]
    (operator.folder / "a.gz").write_bytes(gzip.compress(b"".join(lines[:1_100] + other + lines[1_900:2_400])))
    ended = operator.nightly("a.gz")
    assert ended.status == 0, ended.err
    assert (
        "a.gz: 500 of 2,100 lines do not fit combined (the first: line 1,101), although the sampled lines do"
        in ended.err
    )
    assert operator.query("SELECT hits, rejected FROM inputs") == [(1_600, 500)]


def test_lines_that_are_not_requests_by_design_give_no_warning(operator: Operator) -> None:
    (operator.folder / "a.log").write_bytes(b"".join(in_journal(COMBINED)))
    ended = operator.nightly("a.log")
    assert ended.status == 0, ended.err
    assert "directive (not a request by design), first at a.log:1" in ended.out
    assert "a.log" not in ended.err


def test_a_w3c_log_is_detected_by_its_fields_directive() -> None:
    fields = "date time c-ip cs-method cs-uri-stem sc-status"
    lines = [f"2026-06-01 00:00:{second:02} 192.0.2.1 GET /a 200" for second in range(20)]
    log = "\n".join(["#Version: 1.0", f"#Fields: {fields}", *lines, ""]).encode()
    found = recognize(log, None)
    assert isinstance(found, Recognition)
    assert (found.log_format, found.fitting, found.sampled) == (f"w3c:{fields}", 20, 20)
