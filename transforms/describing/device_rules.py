"""The tables of `describe_agents` for systems and devices: labels of operating systems, and rules for devices."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

SYSTEM_NAMES: Final = {"Mac OS X": "macOS"}
"""Name of a system in uap-core → its present name."""

WINDOWS_VERSIONS: Final = frozenset(
    {"95", "98", "2000", "ME", "NT", "XP", "Vista", "CE", "RT", "7", "8", "8.1", "10", "11"}
)

# Systems whose minor version is part of the version that people know.
SYSTEMS_WITH_MINOR: Final = frozenset({"Ubuntu", "Windows Phone"})

# Systems that report the build of the browser or the version of the kernel.
SYSTEMS_WITHOUT_VERSION: Final = frozenset({"Chrome OS", "Linux"})


class FrozenVersion(NamedTuple):
    """A system version that browsers report for all later versions too.

    `agent` matches agents of such browsers; `label` is published instead of the version.
    """

    system: str
    version: str
    agent: re.Pattern[str]
    label: str


FROZEN_VERSIONS: Final = (
    # All browsers, since Windows 11.
    FrozenVersion("Windows", "10", re.compile(r"Windows NT 10\.0"), "10 or later"),
    # All browsers, since macOS 11: 10_15_7 in Safari and Chrome, 10.15 in Firefox.
    FrozenVersion("macOS", "10.15", re.compile(r"Mac OS X 10[_.]15(?:_7|[;)])"), "10.15 or later"),
    # Chrome since 110 ("K" for every model), Firefox since 122.
    FrozenVersion("Android", "10", re.compile(r"Android 10; (?:K\)|(?:Mobile|Tablet); rv:)"), "10 or later"),
    # Safari since iOS 26.
    FrozenVersion("iOS", "18", re.compile(r"OS 18_[6-9]"), "18 or later"),
)


class DeviceRule(NamedTuple):
    """What agents that match are used on; empty texts leave what uap-core says.

    `browser` is set only where uap-core knows none. The version of the system is the group `version`, if there is one.
    """

    agent: re.Pattern[str]
    device: str
    system: str = ""
    browser: str = ""


DEVICE_RULES: Final = tuple(
    DeviceRule(re.compile(pattern), device, system, browser)
    for device, system, browser, pattern in (
        ("console", "PlayStation", "", r"\bPlayStation\b|\bPLAYSTATION\b"),
        ("console", "Xbox", "", r"\bXbox\b"),
        ("console", "Nintendo", "Nintendo Browser", r"\bNintendo (?:Switch|Wii|3DS|DS)|\bWii\b"),
        ("tv", "tvOS", "", r"\bApple ?TV\b|^AppleTV"),
        ("tv", "webOS", "", r"\bWeb0S\b|\bwebOS\.TV"),
        ("tv", "Tizen", "", r"\bSMART-TV\b.*\bTizen\b|\bTizen\b.*\bTV\b"),
        ("tv", "Android", "", r"\bAndr0id\b"),
        (
            *("tv", "", ""),
            r"\b(?:SMART-TV|SmartTV|Smart-TV|BRAVIA|HbbTV|Google ?TV|Android ?TV|CrKey|Chromecast|NetCast|VIDAA"
            r"|NETTV|DTV|MiTV|MIBOX|AFT[A-Z][A-Z0-9]*)\b|^Roku/|\bTV Safari/|\bViera\b|\bAQUOS(?:BrowserTV|TV)",
        ),
        ("mobile", "HarmonyOS", "ArkWeb", r"\(Phone; OpenHarmony (?P<version>\d+)"),
        ("tablet", "HarmonyOS", "ArkWeb", r"\(Tablet; OpenHarmony (?P<version>\d+)"),
        ("desktop", "HarmonyOS", "ArkWeb", r"\(PC; OpenHarmony (?P<version>\d+)"),
        ("", "HarmonyOS", "", r"\bHarmonyOS\b|\bOpenHarmony\b"),
        # Telephones' views have "Mobile Safari"; other views on Android are those of tablets.
        ("", "", "", r"; wv\).*\bMobile\b"),
        ("tablet", "", "", r"\bAndroid\b.*; wv\)"),
    )
)
"""Consoles, televisions, HarmonyOS and tablets' web views; the first that matches counts."""

SYSTEMS_OF_UAP: Final = frozenset({"Android", "Tizen"})
"""Systems of DEVICE_RULES whose version uap-core reads."""
