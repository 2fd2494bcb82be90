"""Browsers that cannot be are told, those that can be are not, and versions have the day of their release."""

from __future__ import annotations

import doctest
import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from footfall.transforms.describing import judge_agents as module
from footfall.transforms.describing.browser_releases import CHROME_RELEASES, FIREFOX_RELEASES
from footfall.transforms.describing.judge_agents import FAMILIES, NEVER_RELEASED, judge_agents

CASES = Path(__file__).parents[3] / "../shared/data/cases"
_CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/537.36"
_WINDOWS = "Windows NT 10.0; Win64; x64"


def judge(agent: str | None) -> dict[str, Any]:
    found: dict[str, Any] = judge_agents(pa.array([agent], pa.string())).to_pylist()[0]
    return found


@pytest.mark.parametrize(
    "agent",
    [
        _CHROME.format("Windows NT 7.1", "109.0.0.0"),
        _CHROME.format("Windows NT 11.0; Win64; x64", "136.0.0.0"),
        _CHROME.format("Windows NT 10.0; WOW64; x64", "120.0.0.0"),
        # A build of another version, and numbers that are too few.
        _CHROME.format("Windows NT 6.1", "71.0.2623.112"),
        _CHROME.format("X11; Linux x86_64", "100.0.2926"),
        # Browsers stopped to tell the Mac's version long before.
        _CHROME.format("Macintosh; Intel Mac OS X 13_1", "108.0.0.0"),
        _CHROME.format(_WINDOWS, "136.0.0.0").removesuffix("6"),
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/551.40 (KHTML, like Gecko) Chrome/100.0.4896.60 Safari/551.40",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/126.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/121.0.0.0",
        "Mozilla/5.0 (Windows NT 6.2) AppleWebKit/537.32.36 (KHTML, live Gecko) Chrome/52.0.2743.86 Safari/537.32",
        "Mozilla/5.8 (Windows NT 10.0; rv:120.0) Gecko/20100101 Firefox/120.0",
        "Mozilla/5.0 (Windows; U; MSIE 9.0; Windows NT 9.0; en-US)",
    ],
)
def test_no_browser_ever_sent_these(agent: str) -> None:
    assert judge(agent)["impossible"]


@pytest.mark.parametrize(
    "agent",
    [
        _CHROME.format(_WINDOWS, "137.0.0.0"),
        _CHROME.format(_WINDOWS, "137.0.0.0") + " Edg/137.0.0.0",
        _CHROME.format("Macintosh; Intel Mac OS X 10_15_7", "137.0.0.0"),
        _CHROME.format("Windows NT 6.1; WOW64", "49.0.2623.112"),
        # A version for testers, and one of a fork.
        _CHROME.format("Windows NT 6.1; WOW64", "34.0.1793.0"),
        _CHROME.format("Windows NT 10.0; WOW64", "107.0.5296.0"),
        _CHROME.format("Linux; Android 10; K", "137.0.0.0").replace("Safari", "Mobile Safari"),
        _CHROME.format(_WINDOWS, "64.0.3282.140") + " Edge/17.17134",
        # Other engines name others' versions; a desktop's agent on a phone has an old engine.
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.24 (KHTML, like Gecko) Chrome/144.0.7559.59 Safari/534.24",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "CriOS/135.0.7049.83 Mobile/15E148 Safari/604.1",
        "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
        "Lynx/2.9.0 libwww-FM/2.14",
        _CHROME.format(_WINDOWS, "137.0.0.0").replace(" ", "+"),
    ],
)
def test_odd_and_old_browsers_can_be(agent: str) -> None:
    assert not judge(agent)["impossible"]


@pytest.mark.parametrize(
    ("agent", "family", "major", "released"),
    [
        (_CHROME.format(_WINDOWS, "91.0.4472.124"), "Chrome", 91, date(2021, 5, 25)),
        (_CHROME.format(_WINDOWS, "137.0.0.0") + " Edg/137.0.0.0", "Chrome", 137, date(2025, 5, 27)),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0", "Firefox", 27, date(2014, 2, 4)),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)", "Explorer", 7, date(2006, 10, 18)),
        ("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko", "Explorer", 11, date(2013, 10, 17)),
        ("Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15", "iOS", 12, date(2018, 9, 17)),
        (_CHROME.format(_WINDOWS, "999.0.0.0"), "Chrome", 999, None),
        (None, "", 0, None),
    ],
)
def test_versions_have_their_day(agent: str | None, family: str, major: int, released: date | None) -> None:
    found = judge(agent)
    day = NEVER_RELEASED if released is None else (released - date(1970, 1, 1)).days
    assert (FAMILIES[found["family"]], found["major"], found["released"]) == (family, major, day)


@pytest.mark.parametrize(
    ("agent", "updates_itself"),
    [
        (_CHROME.format(_WINDOWS, "131.0.0.0"), True),
        (_CHROME.format(_WINDOWS, "131.0.0.0") + " Edg/131.0.2903.51", True),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0", True),
        # Forks lag, organizations keep versions, distributions and old systems have their own.
        (_CHROME.format(_WINDOWS, "131.0.0.0") + " OPR/116.0.0.0", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0", False),
        (_CHROME.format("Windows NT 6.1; Win64; x64", "109.0.0.0"), False),
        (_CHROME.format("Linux; Android 10; K", "131.0.0.0").replace("Safari", "Mobile Safari"), False),
    ],
)
def test_browsers_that_update_themselves(agent: str, *, updates_itself: bool) -> None:
    assert judge(agent)["updates_itself"] is updates_itself


def test_releases_are_in_order() -> None:
    for releases in (CHROME_RELEASES, FIREFOX_RELEASES):
        days = [date.fromisoformat(text) for text in releases.split()]
        assert days == sorted(days)


def test_known_browsers_are_possible() -> None:
    """Of two thousand agents of browsers and programs that a public list has, a handful were made up."""
    path = CASES / "ua_uap_core_browser.jsonl.gz"
    if not path.exists():
        pytest.skip("the cases of uap-core are not here")
    agents = [json.loads(line)["line"] for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert sum(judge_agents(pa.array(agents))["impossible"].to_pylist()) < len(agents) // 200


def test_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0


def test_views_of_apps_are_told_by_what_they_call_themselves() -> None:
    phone = "Mozilla/5.0 (Linux; Android 14; SM-A546B{}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile"
    agents = [phone.format("; wv"), phone.format("") + " [FBAN/EMA]", phone.format(""), "curl/8.5.0", None]
    assert judge_agents(pa.array(agents))["web_view"].to_pylist() == [True, True, False, False, False]
