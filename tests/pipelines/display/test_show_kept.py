"""`footfall parse --private` shows of each line what a run keeps, and nothing that could tell who it was."""

from __future__ import annotations

import json
from pathlib import Path

from footfall.pipelines.display.explain_lines import Explanation, explain_lines
from footfall.pipelines.display.show_kept import KEPT_KEYS, KeptExplainer
from footfall.pipelines.settings import load_settings

LOG_FORMAT = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
LOG_FORMAT += '"$http_user_agent" "$cookie_session" $request_time "$http_dnt"'
BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
HEAD = "8.8.8.8 - frank [01/Jun/2026:12:34:56 +0200]"


def kept(tmp_path: Path, *lines: str) -> list[Explanation]:
    path = tmp_path / "access.log"
    path.write_text("".join(f"{HEAD} {line}\n" for line in lines))
    settings = load_settings(None, {"log_format": LOG_FORMAT})
    return list(explain_lines(str(path), settings, KeptExplainer))


def test_a_page_view_is_shown_as_the_tables_tell_it(tmp_path: Path) -> None:
    url = "/users/jane-doe?q=jane@example.org&utm_source=Letter"
    (found,) = kept(tmp_path, f'"GET {url} HTTP/1.1" 200 9 "https://jane.blogspot.com/x" "{BROWSER}" "c00kie" 0.25 "-"')
    assert tuple(found) == KEPT_KEYS
    assert found == {
        "line_number": 1,
        "day": "2026-06-01",
        "hour": 10,
        "site": "default",
        "traffic_class": "human",
        "machine": None,
        "protocol": "HTTP/1.1",
        "status": 200,
        "page_view": True,
        "page": "/users/{name}",
        "continent": "NA",
        "country": "US",
        "region": found["region"],
        "browser": "Firefox",
        "browser_version": "140",
        "os": "Windows",
        "os_version": "10 or later",
        "device": "desktop",
        "referrer_kind": "campaign",
        "referrer": "letter",
        "campaign_source": "letter",
        "campaign_medium": "(none)",
        "campaign": "(none)",
        "broken_link_on": None,
        "phrase": "{email}",
        "session": True,
        "opted_out": False,
    }
    shown = json.dumps(found)
    assert not [text for text in ("8.8.8.8", "frank", "34:56", "c00kie", "jane", "Gecko") if text in shown]


def test_of_other_hits_less_is_shown(tmp_path: Path) -> None:
    asset, error, out, bot = kept(
        tmp_path,
        f'"GET /a.css HTTP/1.1" 200 9 "-" "{BROWSER}" "-" 0.25 "-"',
        f'"GET /gone HTTP/1.1" 404 9 "-" "{BROWSER}" "-" 0.25 "-"',
        f'"GET /page HTTP/1.1" 200 9 "-" "{BROWSER}" "c00kie" 0.25 "1"',
        '"GET /page HTTP/1.1" 200 9 "-" "Googlebot/2.1" "-" 0.25 "-"',
    )
    assert [one["page"] for one in (asset, error, out, bot)] == [None, "/gone", None, None]
    assert [one["country"] for one in (asset, error, out, bot)] == [None] * 4
    assert (out["opted_out"], out["session"], out["page_view"]) == (True, False, False)
    assert (bot["traffic_class"], bot["machine"]) == ("bot", "Googlebot")


def test_where_a_broken_link_stands_and_which_file_was_fetched_are_shown(tmp_path: Path) -> None:
    link, typed, file = kept(
        tmp_path,
        f'"GET /gone HTTP/1.1" 404 9 "https://jane.blogspot.com/x" "{BROWSER}" "-" 0.25 "-"',
        f'"GET /gone HTTP/1.1" 404 9 "-" "{BROWSER}" "-" 0.25 "-"',
        f'"GET /talks/jazz.mp3 HTTP/1.1" 206 9 "-" "{BROWSER}" "-" 0.25 "-"',
    )
    assert [one["broken_link_on"] for one in (link, typed, file)] == ["blogspot.com", None, None]
    assert [one["page"] for one in (link, typed, file)] == ["/gone", "/gone", "/talks/jazz.mp3"]
    assert [one["referrer"] for one in (link, typed, file)] == [None, None, None]
