"""`footfall parse` shows how each line is parsed, with the same result as in the nightly run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.display.explain_lines import KEYS, Explanation, explain_lines, summarize
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.settings import Settings, load_settings
from footfall.transforms.running.failures import InputError

BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
LOG = rb"""
8.8.8.8 - frank [01/Jun/2026:12:00:00 +0200] "GET /a/\xC3\xA9?q=jazz#top HTTP/1.1" 200 5 "https://a.example/" "BROWSER"
10.0.0.1 - - [01/Jun/2026:12:00:01 +0200] "GET /style.css HTTP/1.1" 304 - "-" "BROWSER"
[2001:db8::1]:4711 - - [01/Jun/2026:12:00:02 +0200] "\x16\x03\x01" 400 150 "-" "-"
host.example - - [01/Jun/2026:12:00:03 +0200] "GET /wp-login.php HTTP/1.1" 404 0 "-" "BROWSER"
::1 - - [01/Jun/2026:12:00:04 +0200] "OPTIONS * HTTP/1.0" - 0 "-" "curl/8.5.0"
192.0.2.9 - - [01/Jun/2026:12:00:05 +0200] "HEAD / HTTP/1.1" 200 0 "-" ""
192.0.2.300 - - [01/Jun/2026:12:00:06 +0200] "GET / HTTP/1.1" 200 512 "-" "BROWSER"
192.0.2.9 - - [01/Jun/2026:12:00:07 +0200] "GET / HTTP/1.1" 200 512 "-" "Mozilla""".replace(
    b"BROWSER", BROWSER.encode()
)[1:]


def settings(**flags: Any) -> Settings:
    return load_settings(None, flags)


def explain(tmp_path: Path, content: bytes, **flags: Any) -> list[Explanation]:
    path = tmp_path / "access.log"
    path.write_bytes(content)
    return list(explain_lines(str(path), settings(**flags)))


def test_every_line_has_an_object_with_the_documented_keys(tmp_path: Path) -> None:
    lines = explain(tmp_path, LOG)
    assert [line["line_number"] for line in lines] == [*range(1, 9)]
    assert all(tuple(line) == KEYS for line in lines[:6])
    assert lines[6:] == [{"line_number": 7, "reject": "client"}, {"line_number": 8, "reject": "cut"}]
    assert lines[0] == {
        "line_number": 1,
        "client": "8.8.8.8",
        "user": "frank",
        "time": "2026-06-01T12:00:00+02:00",
        "method": "GET",
        "url": "/a/é?q=jazz#top",
        "path": "/a/é",
        "query": "q=jazz",
        "protocol": "HTTP/1.1",
        "status": 200,
        "bytes": 5,
        "referrer": "https://a.example/",
        "user_agent": BROWSER,
        "site": "default",
        "request_time_s": None,
        "session": False,
        "traffic_class": "human",
        "class_reason": "browser",
        "page_view": True,
        "browser": "Firefox",
        "browser_version": "140",
        "os": "Windows",
        "os_version": "10 or later",
        "device": "desktop",
        "country": "US",
        "region": lines[0]["region"],
    }
    json.dumps(lines)


def picked(line: Explanation, keys: str) -> list[Any]:
    return [line[key] for key in keys.split()]


def test_values_that_a_line_does_not_have_are_null(tmp_path: Path) -> None:
    _, asset, tls, probe, own, head = explain(tmp_path, LOG)[:6]
    assert picked(asset, "client bytes referrer country region page_view") == [
        "10.0.0.1",
        None,
        None,
        None,
        None,
        False,
    ]
    assert picked(tls, "client method path user_agent browser device") == ["2001:db8::1", None, None, None, None, None]
    assert picked(tls, "url traffic_class class_reason") == ["\x16\x03\x01", "probe", "tls on a plain port"]
    assert picked(probe, "client country traffic_class class_reason") == ["host.example", None, "probe", "wordpress"]
    assert picked(own, "client status method path traffic_class") == ["::1", None, "OPTIONS", "*", "automated"]
    assert picked(head, "traffic_class browser page_view") == ["automated", None, False]


def test_fields_of_other_formats(tmp_path: Path) -> None:
    log_format = '$http_host $remote_addr $msec "$request" $status "$http_x_forwarded_for" "$http_cookie" $request_time'
    line = b'WWW.Example.org:443 10.0.0.1 1780308000.250 "GET / HTTP/2.0" 200 "10.1.1.1, 9.9.9.9:80" "a=b; s=1" 0.125\n'
    (found,) = explain(tmp_path, line, log_format=log_format, session_cookie="s")
    assert picked(found, "site client time") == ["www.example.org", "9.9.9.9", "2026-06-01T10:00:00.250Z"]
    assert picked(found, "request_time_s session class_reason user_agent") == [0.125, True, "no agent field", None]
    (found,) = explain(tmp_path, line.replace(b"s=1", b"t=1"), log_format=log_format, session_cookie="s", site="x")
    assert picked(found, "session site") == [False, "www.example.org"]
    (found,) = explain(tmp_path, line.replace(b"s=1", b"s=-"), log_format=log_format, session_cookie="s")
    assert picked(found, "session") == [False]
    (found,) = explain(tmp_path, line.replace(b"WWW.Example.org", b"192.0.2.1"), log_format=log_format)
    assert picked(found, "session site") == [False, None]


def test_the_client_behind_trusted_proxies_is_shown(tmp_path: Path) -> None:
    log_format = '$remote_addr $msec "$request" $status "$http_x_forwarded_for"'
    line = b'10.0.0.2 1780308000 "GET / HTTP/2.0" 200 "6.6.6.6, 9.9.9.9, 10.0.0.1"\n'
    for trusted, client in ((None, "6.6.6.6"), ("1", "10.0.0.1"), ("2", "9.9.9.9"), ("10.0.0.0/8", "9.9.9.9")):
        flags = {} if trusted is None else {"trusted_proxies": trusted}
        (found,) = explain(tmp_path, line, log_format=log_format, **flags)
        assert (found["client"], found["country"]) == (client, None if client[:3] == "10." else "US")


def test_the_whole_url_decides_whether_a_hit_is_a_probe(tmp_path: Path) -> None:
    head = b"192.0.2.1 - - [01/Jun/2026:12:00:00 +0200] "
    tail = b' HTTP/1.1" 404 5 "-" "' + BROWSER.encode() + b'"\n'
    urls = (b"http://www.google.com/", b"http://www.example.org:80/?x=../../etc/passwd", b"/#../../etc/passwd", b"/?")
    lines = explain(tmp_path, b"".join(head + b'"GET ' + url + tail for url in urls))
    assert [line["traffic_class"] for line in lines] == ["probe", "probe", "probe", "human"]
    assert lines[0]["class_reason"] == "proxy attempt"


def test_parts_of_a_request_in_separate_fields(tmp_path: Path) -> None:
    log_format = '%h %t "%m %U %q %H" %>s'
    line = b'192.0.2.1 [01/Jun/2026:12:00:00 +0000] "POST /a ?b=c HTTP/1.1" 200\n'
    (found,) = explain(tmp_path, line, log_format=log_format)
    assert picked(found, "method url path query protocol") == ["POST", "/a?b=c", "/a", "b=c", "HTTP/1.1"]
    (found,) = explain(tmp_path, b"192.0.2.1 [01/Jun/2026:12:00:00 +0000] GET 200\n", log_format="%h %t %m %>s")
    assert picked(found, "method path page_view") == ["GET", None, False]


def test_the_summary_counts_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(gzip.compress(LOG + b"\n" + LOG))
    assert summarize(str(path), settings()) == {
        "input": str(path),
        "compression": "gzip",
        "log_format": "combined",
        "sampled": 16,
        "fitting": 12,
        "hints": [],
        "lines": 16,
        "hits": 12,
        "page_views": 2,
        "traffic_classes": {"human": 4, "bot": 0, "automated": 4, "probe": 4, "monitor": 0},
        "rejects": {
            "cut": {"lines": 2, "first_line_number": 8},
            "client": {"lines": 2, "first_line_number": 7},
        },
    }


def test_an_empty_input_has_no_lines(tmp_path: Path) -> None:
    assert explain(tmp_path, b"") == []
    assert summarize(str(tmp_path / "access.log"), settings())["lines"] == 0


def test_line_numbers_continue_from_block_to_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 4096)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.READ_BYTES", 4096)
    lines = explain(tmp_path, (LOG + b"\n") * 50)
    assert [line["line_number"] for line in lines] == [*range(1, 401)]
    assert [line["line_number"] for line in lines if "reject" in line][-1] == 400


def test_errors_do_not_contain_the_contents_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no known log format fits") as raised:
        explain(tmp_path, b"secret words\n" * 9)
    assert "secret" not in str(raised.value)
    (tmp_path / "other.log").write_bytes(LOG)
    with pytest.raises(UsageError, match="2 files; footfall parse reads one at a time"):
        list(explain_lines(str(tmp_path / "*.log"), settings()))
    (tmp_path / "cut.log").write_bytes(gzip.compress(LOG * 100)[:-20])
    with pytest.raises(InputError, match="cut off"):
        list(explain_lines(str(tmp_path / "cut.log"), settings(log_format="combined")))
