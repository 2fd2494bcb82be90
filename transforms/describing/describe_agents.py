"""Describe user agents: what they say of browser, system and device, and which traffic class they belong to.

The compiled rules of uap-core (in Rust) are asked once per string. What `user-agents` knows of device classes works on
their answer, and the list of crawler-user-agents runs in the same engine as one set of rules, so that 1,500 patterns
cost a few microseconds.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from footfall.transforms.describing.agent_rules import (
    AMENDED_PATTERNS,
    ATTACK,
    BOT_FAMILY,
    BOT_LIST,
    BOT_NAMES,
    BOT_WORD,
    BROWSER,
    BROWSERS_WITHOUT_MOZILLA,
    CLASS_REASONS,
    FROZEN_VERSIONS,
    HEADLESS,
    LAST_RULES,
    MONITOR_RULES,
    NO_AGENT,
    NO_BROWSER,
    PROGRAM,
    PROGRAM_RULES,
    SYSTEM_NAMES,
    SYSTEMS_WITH_MINOR,
    SYSTEMS_WITHOUT_VERSION,
    TAG_CATEGORIES,
    UPTIME_CHECK,
    UPTIME_WORDS,
    WINDOWS_VERSIONS,
    WORD_RULES,
    AgentRule,
)
from footfall.transforms.kernels.first_match import compile_first_match
from footfall.transforms.vocabulary import AUTOMATED, BOT, HUMAN, MONITOR, NONE, UNKNOWN

if TYPE_CHECKING:
    import ua_parser

__all__ = ["AGENT_SCHEMA", "CLASS_REASONS", "MAX_AGENT_CHARS", "describe_agents", "load_agent_rules"]

MAX_AGENT_CHARS: Final = 1_000
"""What stands further on in an agent is not looked at: browsers need 300, attacks come with 8,000."""

AGENT_SCHEMA: Final = pa.schema(
    [
        ("browser", pa.string()),
        ("browser_version", pa.string()),
        ("os", pa.string()),
        ("os_version", pa.string()),
        ("device", pa.string()),
        ("traffic_class", pa.int8()),
        ("class_reason", pa.string()),
        ("name", pa.string()),
        ("category", pa.string()),
    ]
)

# A family can come out of the agent's own text, so only what looks like the name of a product is published.
_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-zÀ-ž0-9 ._+/!(),&'^-]{1,40}")
_NO_NAME: Final = re.compile(
    r"[0-9]{5}|[0-9]+(?:[.-][0-9]+){3}|(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{8}|[0-9A-Fa-f]{12}|[A-Za-z0-9_-]{28}|://|\bwww\."
)
_VERSION: Final = re.compile("[0-9]{1,4}")
_BOT_WORD: Final = re.compile("bot|crawl|spider", re.IGNORECASE)
_TABLETS_AS_PHONES: Final = re.compile(r"\bTablet; rv:")


class _Description(NamedTuple):
    """One row of `AGENT_SCHEMA`."""

    browser: str
    browser_version: str
    os: str
    os_version: str
    device: str
    traffic_class: int
    class_reason: str
    name: str
    category: str


_MISSING: Final = _Description(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "other", AUTOMATED, NO_AGENT, NONE, NONE)


class _AgentRules(NamedTuple):
    """What is loaded once: uap-core's resolver, the maker of a user-agents object, the finder of the first rule."""

    resolve: Callable[[str], ua_parser.PartialResult]
    interpret: Callable[[ua_parser.DefaultedResult], Any]
    find_rule: Callable[[str], AgentRule | None]


_KNOWN_VERSIONS: Final = 10_000
_loading: Final = threading.Lock()
_loaded: list[_AgentRules] = []


def load_agent_rules() -> None:
    """Load the rules (about half a second); `describe_agents` does it when first called. Safe on several threads."""
    _rules()


def describe_agents(agents: pa.StringArray) -> pa.Table:
    """Describe each user agent.

    `agents` are log-unescaped; null, empty and `-` are missing: `automated`. Only the first `MAX_AGENT_CHARS` are
    looked at. Meant for distinct agents: some 60 µs each.

    Returns `AGENT_SCHEMA`, row for row: `browser` and `os` (family) and their versions (major; the system's as people
    know it, frozen ones as "10 or later"), each `(unknown)` where the agent does not tell; `device` of `DEVICES`;
    `traffic_class` (code); `class_reason` of `CLASS_REASONS`; `name` and `category` of what is no human, else empty.

    >>> described = describe_agents(pa.array(["Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"]))
    >>> described.select(["browser", "browser_version", "os", "os_version", "device"]).to_pylist()[0].values()
    dict_values(['Firefox', '140', 'Windows', '10 or later', 'desktop'])
    """
    rows = [_describe(agent) for agent in agents.to_pylist()]
    columns = zip(*rows, strict=True) if rows else ([] for _ in AGENT_SCHEMA)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, AGENT_SCHEMA, strict=True)], schema=AGENT_SCHEMA)


def _describe(agent: str | None) -> _Description:
    # Some servers log the quotes that some programs send around their agent.
    text = (agent or "")[:MAX_AGENT_CHARS].strip(" \t\"'\\")
    if not text or text == "-":
        return _MISSING
    rules = _rules()
    parsed = rules.resolve(text).complete()
    answer = parsed.with_defaults()
    traits = rules.interpret(answer)
    family = _publishable(answer.user_agent.family)
    rule = rules.find_rule(text) or (_FAMILY_RULE if traits.is_bot else None)
    if rule is None and not _is_browser(text, parsed):
        rule = _NO_BROWSER_RULE
    system = _publishable(SYSTEM_NAMES.get(answer.os.family, answer.os.family))
    return _Description(
        browser=family,
        browser_version=_version(answer.user_agent.major),
        os=system,
        os_version=_label_system_version(system, answer.os, text),
        device=_classify_device(traits, text),
        traffic_class=rule.traffic_class if rule else HUMAN,
        class_reason=rule.reason if rule else BROWSER,
        name=(rule.name or _name_unlisted(family, text)) if rule else "",
        category=rule.category if rule else "",
    )


_FAMILY_RULE: Final = AgentRule("", BOT, BOT_FAMILY, "", "other")
_NO_BROWSER_RULE: Final = AgentRule("", AUTOMATED, NO_BROWSER, "", "other")


def _is_browser(text: str, parsed: ua_parser.Result) -> bool:
    if "Mozilla/" in text:
        return parsed.user_agent is not None or parsed.os is not None
    return BROWSERS_WITHOUT_MOZILLA.search(text) is not None


def _name_unlisted(family: str, text: str) -> str:
    """The family, unless it is the browser that the agent poses as."""
    return family if "Mozilla/" not in text or _BOT_WORD.search(family) else UNKNOWN


def _publishable(name: str | None) -> str:
    if not name or name == "Other" or not _NAME.fullmatch(name) or _NO_NAME.search(name):
        return UNKNOWN
    return name


def _version(version: str | None) -> str:
    return version if version and _VERSION.fullmatch(version) else UNKNOWN


def _label_system_version(system: str, os: ua_parser.OS, text: str) -> str:
    """The version that people know: "7" (Windows), "10.14" (macOS), "15" (iOS); frozen ones say so."""
    major = _version(os.major)
    if system == "Windows":
        version = f"8.{os.minor}" if os.major == "8" and os.minor == "1" else os.major or UNKNOWN
        version = version if version in WINDOWS_VERSIONS else UNKNOWN
    elif system == UNKNOWN or system in SYSTEMS_WITHOUT_VERSION or major == UNKNOWN:
        return UNKNOWN
    elif (system in SYSTEMS_WITH_MINOR or (system == "macOS" and major == "10")) and _version(os.minor) != UNKNOWN:
        version = f"{major}.{os.minor}"
    else:
        version = major
    for frozen in FROZEN_VERSIONS:
        if (system, version) == (frozen.system, frozen.version) and frozen.agent.search(text):
            return frozen.label
    return version


def _classify_device(traits: Any, text: str) -> str:
    # user-agents takes Android without "Mobile Safari" for a tablet: telephones with Opera Mini are none.
    if traits.is_tablet and not (traits.os.family == "Android" and traits.is_mobile):
        return "tablet"
    if _TABLETS_AS_PHONES.search(text):
        return "tablet"
    if traits.is_mobile:
        return "mobile"
    return "desktop" if traits.is_pc else "other"


def _rules() -> _AgentRules:
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(_load())
    return _loaded[0]


def _load() -> _AgentRules:
    # Imported here: only what reads logs needs them.
    import ua_parser
    from ua_parser.loaders import load_lazy_builtins

    parsers = _import_user_agents()
    # A day's agents are many, their browsers and systems few.
    parse_browser, parse_system = (
        lru_cache(_KNOWN_VERSIONS)(parse) for parse in (parsers.parse_browser, parsers.parse_operating_system)
    )
    resolver = ua_parser.BestAvailableResolver(load_lazy_builtins())

    def resolve(text: str) -> ua_parser.PartialResult:
        return resolver(text, ua_parser.Domain.ALL)

    def interpret(answer: ua_parser.DefaultedResult) -> Any:
        # Its constructor would parse the string again, with the slow rules in Python; what it sets is all it needs.
        traits = parsers.UserAgent.__new__(parsers.UserAgent)
        browser, os, device = answer.user_agent, answer.os, answer.device
        traits.ua_string = answer.string
        traits.browser = parse_browser(browser.family, browser.major, browser.minor, browser.patch)
        traits.os = parse_system(os.family, os.major, os.minor, os.patch)
        traits.device = parsers.parse_device(device.family, device.brand, device.model)
        return traits

    ordered = _order_rules()
    find = compile_first_match(rule.pattern for rule in ordered)

    def find_rule(text: str) -> AgentRule | None:
        position = find(text)
        return None if position is None else ordered[position]

    return _AgentRules(resolve, interpret, find_rule)


def _import_user_agents() -> Any:
    """The module of user-agents that knows device classes, without ua-parser's old interface.

    user-agents imports that for its constructor, which we don't call; it would compile 1,267 patterns in Python, a
    quarter of a second.
    """
    old_interface = "ua_parser.user_agent_parser"
    is_absent = old_interface not in sys.modules
    if is_absent:
        sys.modules[old_interface] = ModuleType(old_interface)
    try:
        from user_agents import parsers
    finally:
        if is_absent:
            del sys.modules[old_interface]
    return parsers


def _order_rules() -> list[AgentRule]:
    """All rules in the order in which they are tried: by class, the most specific pattern of a class first."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    listed = [rule for entry in CRAWLER_USER_AGENTS_DATA if (rule := _adopt_listed(entry))]
    listed.sort(key=lambda rule: -len(rule.pattern))
    monitors, bots, programs = ([r for r in listed if r.traffic_class == c] for c in (MONITOR, BOT, AUTOMATED))
    monitor_words = [rule for rule in WORD_RULES if rule.traffic_class == MONITOR]
    bot_words = [rule for rule in WORD_RULES if rule.reason == BOT_WORD]
    return [
        *(*MONITOR_RULES, *monitors, *monitor_words, *bots, *bot_words),
        *(*(rule for rule in LAST_RULES if rule.reason == ATTACK), *programs, *PROGRAM_RULES),
        *(rule for rule in LAST_RULES if rule.reason != ATTACK),
    ]


def _adopt_listed(entry: dict[str, Any]) -> AgentRule | None:
    """A rule from an entry of crawler-user-agents; None for the ones that we do not follow."""
    listed = entry["pattern"]
    pattern = AMENDED_PATTERNS.get(listed, listed)
    if pattern is None:
        return None
    pattern = pattern.replace("\\/", "/")  # an escape of JavaScript's
    category = next((c for tag, c in TAG_CATEGORIES.items() if tag in entry["tags"]), "other")
    traffic_class, reason = BOT, BOT_LIST
    if category == "monitor":
        if UPTIME_WORDS.search(f"{listed} {entry['description']}"):
            traffic_class, reason = MONITOR, UPTIME_CHECK
        else:
            category = "other"
    elif category in ("library", "headless browser") and not _BOT_WORD.search(listed):
        traffic_class, reason = AUTOMATED, PROGRAM if category == "library" else HEADLESS
    name = BOT_NAMES.get(listed) or _read_name(listed)
    return AgentRule(pattern, traffic_class, reason, name if _NAME.fullmatch(name) else UNKNOWN, category)


def _read_name(pattern: str) -> str:
    """The name that a pattern looks for: `[pP]ingdom` and `Googlebot\\/` are Pingdom and Googlebot."""
    plain = re.sub(r"\[([A-Za-z])([A-Za-z])\]", lambda m: max(m[1], m[2], key=str.isupper), pattern)
    return re.sub(r"\\(.)", r"\1", plain).strip("^$ /();-")
