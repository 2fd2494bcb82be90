"""Judges what agents of browsers say: whether there can be such a browser, and how old it is.

A program that makes up its agent seldom knows the habits of the browser that it names: which engine's number stands
there since 2013, which build belongs to which version, which system's version browsers stopped reporting. What is
judged impossible here was never sent by a browser, however it was set up; what is merely old or odd is not.

Sources: the tokens of Chromium's agents (chromium.org, "User-Agent Reduction"), of Firefox's (MDN, "Firefox user agent
string reference"), the versions of Windows NT (Microsoft, "Operating System Version"), and `browser_releases`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import pyarrow as pa

from footfall.transforms.describing.agent_rules import WEB_VIEWS
from footfall.transforms.describing.browser_releases import (
    CHROME_RELEASES,
    CHROMIUM_BUILDS,
    EXPLORER_RELEASES,
    FIREFOX_RELEASES,
    IOS_RELEASES,
    SAFARI_RELEASES,
)

__all__ = ["AGENT_JUDGEMENT", "FAMILIES", "MAX_JUDGED_CHARS", "NEVER_RELEASED", "judge_agents"]

FAMILIES: Final = ("", "Chrome", "Firefox", "Explorer", "Safari", "iOS")
"""The engines whose versions are known; the index is the code in columns. Edge, Opera and their kin are Chrome's."""
_NONE, _CHROME, _FIREFOX, _EXPLORER, _SAFARI, _IOS = range(len(FAMILIES))

NEVER_RELEASED: Final = -1
"""In a column of days of release: the version is not known."""

MAX_JUDGED_CHARS: Final = 1_000
"""Only the first characters of an agent are judged, as for its description."""

AGENT_JUDGEMENT: Final = pa.schema(
    [
        *(("impossible", pa.bool_()), ("family", pa.int8()), ("major", pa.int32())),
        *(("released", pa.int32()), ("updates_itself", pa.bool_())),
        *(("mobile", pa.bool_()), ("shows_texts", pa.bool_()), ("web_view", pa.bool_())),
    ]
)

_IMPOSSIBLE: Final = re.compile(
    # Windows NT goes to 6.3, then 10.0 (6.4 was a preview of it).
    r"Windows NT (?:[789]\b|5\.[3-9]|6\.[5-9]|10\.[1-9]|1[1-9]\b)"
    # A 32-bit process on a 64-bit system, and a 64-bit one.
    r"|WOW64; (?:Win64; )?x64"
    # Systems that exclude each other.
    r"|Macintosh; [^)]*Windows NT|Windows NT [^)]*Mac OS X"
    # All browsers are Mozilla/4.0 or 5.0 since 1997.
    r"|Mozilla/(?:5\.[1-9]|[6-9]|[0-9]{2})"
    # Numbers and words that no browser ever wrote so.
    r"|AppleWebKit/[0-9]{3}\.[0-9]+\.[0-9]+\.? \(KHTML, live |live Gecko|\(KHTML,likeGecko\)|\bchrome/[0-9]"
    # Chrome on a Mac says 10_15_7 since version 90 or so.
    r"|Mac OS X 1[1-9][_.][^)]*\).*\bChrome/[1-9][0-9]{2}\."
)
_CHROME_TOKEN: Final = re.compile(r"\bChrome/([0-9]{1,4})((?:\.[0-9]+)*)")
_BLINK: Final = 28
"""From this version on Chrome's engine is always 537.36, and its version has four numbers."""
_ENGINE_TOKEN: Final = re.compile(r"AppleWebKit/([0-9]{3,4})\.([0-9]+)")
_LAST_ENGINE: Final = (537, 36)
_LIKE_GECKO: Final = re.compile(r"\(KHTML,? like Gecko", re.IGNORECASE)
_CUT_SAFARI: Final = re.compile(r"\bSafari/537\.3(?![0-9])")
_FIREFOX_TOKEN: Final = re.compile(r"\bFirefox/([0-9]{1,4})\b")
_EXPLORER_TOKEN: Final = re.compile(r"\bMSIE ([0-9]{1,2})\.|\bTrident/7\.0;.*\brv:(11)\.")
_IOS_TOKEN: Final = re.compile(r"\((?:iPhone|iPad|iPod)[^)]*\bOS ([0-9]{1,2})_")
_SAFARI_VERSION: Final = re.compile(r"Macintosh;.*\bVersion/([0-9]{1,2})[.0-9]* (?:Mobile/[0-9A-Z]+ )?Safari/")
_DESKTOP: Final = re.compile(r"Windows NT 10|Mac OS X 10[._]15")
_PLAIN_CHROME: Final = re.compile(r"\bSafari/537\.36(?: Edg/[0-9.]+)?$")
_LONG_SUPPORT: Final = frozenset((10, 17, 24, 31, 38, 45, 52, 60, 68, 78, 91, 102, 115, 128, 140, 153))
"""Versions of Firefox that organizations keep for a year and longer."""
_MOBILE: Final = re.compile(r"Android|Mobile")
_WEB_VIEW: Final = re.compile(WEB_VIEWS[0][0])
_OTHER_ENGINE: Final = re.compile(r"Opera|Presto|\bEdge/|Ladybird")


class _Judgement(NamedTuple):
    """One row of `AGENT_JUDGEMENT`."""

    impossible: bool
    family: int
    major: int
    released: int
    updates_itself: bool
    mobile: bool
    shows_texts: bool
    web_view: bool


_UNKNOWN: Final = _Judgement(False, _NONE, 0, NEVER_RELEASED, False, False, True, False)


def judge_agents(agents: pa.StringArray) -> pa.Table:
    """Judge each agent of a browser.

    `agents` have the log's escapes undone; null is no agent. Pass distinct ones: an agent takes some 5 µs.

    Returns a table of `AGENT_JUDGEMENT` with a row per agent: `impossible` (no browser ever sent this), `family` (an
    index of `FAMILIES`), `major` (its version, 0 if unknown), `released` (days since 1970, `NEVER_RELEASED` if the
    version is not known), `updates_itself` (Chrome, Edge or Firefox of a known version on a desktop that gets updates,
    but no fork and no version of long support: nobody has to care for new ones), `mobile` and `shows_texts` (it may be
    a browser without pictures: all others call themselves Mozilla), `web_view` (an app that says it shows pages).

    >>> chrome = "Mozilla/5.0 (Windows NT {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
    >>> judged = judge_agents(pa.array([chrome.format("10.0"), chrome.format("7.1")])).to_pydict()
    >>> judged["impossible"], judged["major"], judged["released"], judged["updates_itself"]
    ([False, True], [109, 109], [19367, 19367], [True, False])
    """
    rows = [_judge((agent or "")[:MAX_JUDGED_CHARS]) for agent in agents.to_pylist()]
    columns = zip(*rows, strict=True) if rows else ([] for _ in AGENT_JUDGEMENT)
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, AGENT_JUDGEMENT, strict=True)],
        schema=AGENT_JUDGEMENT,
    )


@lru_cache(10_000)
def _judge(agent: str) -> _Judgement:
    if not agent.startswith("Mozilla/"):
        return _UNKNOWN
    if " " not in agent:
        # Some servers write blanks as plus signs.
        agent = agent.replace("+", " ")
    family, major = _find_version(agent)
    impossible = _IMPOSSIBLE.search(agent) is not None or (family == _CHROME and not _is_chrome(agent))
    released = _RELEASES[family]
    day = released[major - 1] if 0 < major <= len(released) else NEVER_RELEASED
    is_mobile = _MOBILE.search(agent) is not None
    is_current = _DESKTOP.search(agent) is not None and not is_mobile and day != NEVER_RELEASED
    is_plain = _PLAIN_CHROME.search(agent) is not None if family == _CHROME else major not in _LONG_SUPPORT
    return _Judgement(
        *(impossible, family, major, day),
        updates_itself=is_current and is_plain and family in (_CHROME, _FIREFOX),
        mobile=is_mobile,
        shows_texts=False,
        web_view=_WEB_VIEW.search(agent) is not None,
    )


def _find_version(agent: str) -> tuple[int, int]:
    """The family and the major version; an app's web view is as old as its engine."""
    for family, token in (
        (_CHROME, _CHROME_TOKEN),
        (_IOS, _IOS_TOKEN),
        (_FIREFOX, _FIREFOX_TOKEN),
        (_EXPLORER, _EXPLORER_TOKEN),
        (_SAFARI, _SAFARI_VERSION),
    ):
        if found := token.search(agent):
            return family, int(next(group for group in found.groups() if group))
    return _NONE, 0


def _is_chrome(agent: str) -> bool:
    """Whether the tokens of a browser with Chrome's engine belong together."""
    found = _CHROME_TOKEN.search(agent)
    assert found is not None
    major, rest = int(found[1]), found[2].split(".")[1:]
    if major < _BLINK or _OTHER_ENGINE.search(agent):
        return True
    if len(rest) not in (0, 3) or (rest and not _fits_build(major, int(rest[1]))):
        return False
    engine = _ENGINE_TOKEN.search(agent)
    return (
        engine is not None
        and (int(engine[1]), int(engine[2])) <= _LAST_ENGINE
        and _LIKE_GECKO.search(agent) is not None
        and _CUT_SAFARI.search(agent) is None
    )


def _fits_build(major: int, build: int) -> bool:
    """Whether a build may belong to a version of Chromium: forks are up to a version ahead or behind.

    0 stands for all builds since agents report the first number alone.
    """
    if build == 0 or major not in _BUILDS:
        return True
    return _BUILDS.get(major - 2, 0) < build < _BUILDS.get(major + 1, build + 1)


def _days(releases: str) -> tuple[int, ...]:
    return tuple((date.fromisoformat(text) - date(1970, 1, 1)).days for text in releases.split())


_RELEASES: Final = (
    (),
    *map(_days, (CHROME_RELEASES, FIREFOX_RELEASES, EXPLORER_RELEASES, SAFARI_RELEASES, IOS_RELEASES)),
)
_BUILDS: Final = {int(major): int(build) for major, build in (pair.split(":") for pair in CHROMIUM_BUILDS.split())}
