"""Describes user agents: browser, operating system, device and traffic class.

ua-parser's Rust engine runs the rules of uap-core once per string. The package `user-agents` derives the device class
from the result. The patterns of crawler-user-agents and our own rules are compiled into a second matcher of the same
engine, so that 1,500 patterns take a few microseconds.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.agent_rules import (
    APP,
    BOT_FAMILY,
    BROWSER,
    BROWSERS_WITHOUT_MOZILLA,
    CLASS_REASONS,
    DECLARES_ITSELF,
    NO_AGENT,
    NO_BROWSER,
    NOT_OF_BOTS,
    OWN_SERVER,
    SITES_OWN,
    SITES_RULES,
    WEB_VIEWS,
    AgentRule,
)
from footfall.transforms.describing.device_rules import (
    DEVICE_RULES,
    FROZEN_VERSIONS,
    SYSTEM_NAMES,
    SYSTEMS_OF_UAP,
    SYSTEMS_WITH_MINOR,
    SYSTEMS_WITHOUT_VERSION,
    WINDOWS_VERSIONS,
    DeviceRule,
)
from footfall.transforms.describing.order_agent_rules import PRODUCT_NAME, SAYS_BOT, order_agent_rules
from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.kernels.first_match import compile_first_match
from footfall.transforms.vocabulary import AUTOMATED, BOT, HUMAN, MONITOR, NONE, UNKNOWN

if TYPE_CHECKING:
    import ua_parser

__all__ = ["AGENT_SCHEMA", "CLASS_REASONS", "MAX_AGENT_CHARS", "describe_agents", "load_agent_rules"]

MAX_AGENT_CHARS: Final = 1_000
"""Only the first characters of an agent are used: browsers need 300, attacks may have 8,000."""

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
        ("has_own_name", pa.bool_()),
    ]
)

_NO_NAME: Final = re.compile(
    r"[0-9]{5}|[0-9]+(?:[.-][0-9]+){3}|(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{8}|[0-9A-Fa-f]{12}|[A-Za-z0-9_-]{28}|://|\bwww\."
)
_VERSION: Final = re.compile("[0-9]{1,4}")
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
    has_own_name: bool


_MISSING: Final = _Description(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "other", AUTOMATED, NO_AGENT, NONE, NONE, False)


class _AgentRules(NamedTuple):
    """The rules once loaded.

    `resolve` parses an agent with uap-core, `interpret` makes a `UserAgent` of the package user-agents from the result,
    `find_rule` returns the first AgentRule that matches an agent, `find_device` the first DeviceRule (one of nothing if
    none does), `is_web_view` whether an app shows pages in a view.
    """

    resolve: Callable[[str], ua_parser.PartialResult]
    interpret: Callable[[ua_parser.DefaultedResult], Any]
    find_rule: Callable[[str], AgentRule | None]
    find_device: Callable[[str], DeviceRule]
    is_web_view: Callable[[str], bool]


_CACHE_SIZE: Final = 10_000
_T = TypeVar("_T")
_loading: Final = threading.Lock()
_loaded: list[_AgentRules] = []


def load_agent_rules() -> None:
    """Load the rules, about half a second, before the first call of `describe_agents` would do it. Thread-safe."""
    _rules()


def forget_agent_rules() -> None:
    """Free the rules, some 40 MB; the next use loads them again."""
    _loaded.clear()


def describe_agents(
    agents: pa.StringArray, app_agents: Sequence[str] = (), own_hosts: Collection[str] = ()
) -> pa.Table:
    """Describe each user agent.

    `own_hosts` are the site's: software that says it asks for one of them is the site itself, a monitor.

    `app_agents` are beginnings of the agents of the site's own app: what would be `automated` but begins with one of
    them, in whatever case, is a person's.

    `agents` have the log's escapes undone. Null, empty and `-` mean that there is no agent, which is `automated`. Only
    the first `MAX_AGENT_CHARS` are used. An agent takes some 60 µs, so pass distinct ones.

    Returns a table of `AGENT_SCHEMA` with a row per agent. `browser` and `os` are families; their versions are major
    ones, the system's as people know it ("10 or later" if browsers no longer change it); all of them are `(unknown)` if
    the agent does not contain them. `device` is one of `DEVICES`, `traffic_class` a code, `class_reason` one of
    `CLASS_REASONS`. `name` and `category` are empty for human agents. `has_own_name` is whether the name is read from
    the agent because no list has it, so that a client can choose it.

    >>> described = describe_agents(pa.array(["Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"]))
    >>> described.select(["browser", "browser_version", "os", "os_version", "device"]).to_pylist()[0].values()
    dict_values(['Firefox', '140', 'Windows', '10 or later', 'desktop'])
    """
    apps = tuple(app.casefold() for app in app_agents)
    own = frozenset(host.casefold().removeprefix("www.") for host in own_hosts)
    rows = _without_personal_names([_describe(agent, apps, own) for agent in agents.to_pylist()])
    columns = zip(*rows, strict=True) if rows else ([] for _ in AGENT_SCHEMA)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, AGENT_SCHEMA, strict=True)], schema=AGENT_SCHEMA)


def _describe(agent: str | None, apps: tuple[str, ...], own_hosts: frozenset[str]) -> _Description:
    # Some programs send quotes around their agent, and some servers log them.
    text = (agent or "")[:MAX_AGENT_CHARS].strip(" \t\"'\\")
    if not text or text == "-":
        return _MISSING
    rules = _rules()
    parsed = rules.resolve(text).complete()
    result = parsed.with_defaults()
    is_browser = _is_browser(text, parsed)
    # People's agents say things that bots' do too, such as the names of their telephones.
    searched = NOT_OF_BOTS.sub("", text) if is_browser and not DECLARES_ITSELF.search(text) else text
    plain = result if searched == text else rules.resolve(searched).complete().with_defaults()
    rule = rules.find_rule(searched) or (_FAMILY_RULE if rules.interpret(plain).is_bot else None)
    device = rules.find_device(text)
    if rule is None and not is_browser and not (device.device and "Mozilla/" in text):
        rule = _NO_BROWSER_RULE
    reason = APP if is_browser and rules.is_web_view(text) else BROWSER
    if rule is not None and rule.traffic_class == AUTOMATED and _is_of_people(rule, reason, text, apps):
        rule, reason = None, APP
    if rule in SITES_RULES and (site := SITES_OWN.match(text)):
        is_own = site[1].casefold().removeprefix("www.") in own_hosts
        rule = rule._replace(traffic_class=MONITOR, reason=OWN_SERVER, category="monitor") if is_own else rule
    # A browser is not called like a telephone.
    user_agent = plain.user_agent if rule is None and SAYS_BOT.search(result.user_agent.family) else result.user_agent
    family = _publishable(user_agent.family)
    own_name = _name_unlisted(family, text) if rule and not rule.name else ""
    system = device.system or _publishable(SYSTEM_NAMES.get(result.os.family, result.os.family))
    return _Description(
        browser=device.browser if family == UNKNOWN and device.browser else family,
        browser_version=_version(user_agent.major),
        os=system,
        os_version=_label_own_system(device, text) or _label_system_version(system, result.os, text),
        device=device.device or _classify_device(rules.interpret(result), text),
        traffic_class=rule.traffic_class if rule else HUMAN,
        class_reason=rule.reason if rule else reason,
        name=(rule.name or own_name) if rule else "",
        category=rule.category if rule else "",
        has_own_name=own_name not in ("", UNKNOWN),
    )


_LIKE_A_PLATE: Final = "^[A-Za-z]{1,3}[ -]?[0-9]{2,4}[ -]?[A-Za-z]{1,3}$"


def _without_personal_names(rows: list[_Description]) -> list[_Description]:
    """The rows without names that clients chose and that hold something personal, or four digits.

    No program needs so many in its name, and what they number may stand before the name, as of a customer. Nor is one
    called as cars are numbered.
    """
    own = [number for number, row in enumerate(rows) if row.has_own_name]
    names = pa.array([rows[number].name for number in own], pa.string())
    bare = pc.replace_substring_regex(names, "(?i)[ _-]?(?:bot|crawler|spider)$", "")
    harmless = pc.and_(pc.equal(scrub(names), names), pc.equal(scrub(bare), bare))
    harmless = pc.and_not(harmless, pc.match_substring_regex(names, "(?:[0-9][^0-9]*){4}"))
    harmless = pc.and_not(harmless, pc.match_substring_regex(bare, _LIKE_A_PLATE))
    for number, is_harmless in zip(own, harmless.to_pylist(), strict=True):
        if not is_harmless:
            rows[number] = rows[number]._replace(name=UNKNOWN, has_own_name=False)
    return rows


_FAMILY_RULE: Final = AgentRule("", BOT, BOT_FAMILY, "", "other")
_NO_BROWSER_RULE: Final = AgentRule("", AUTOMATED, NO_BROWSER, "", "other")
_NO_DEVICE_RULE: Final = DeviceRule(re.compile(""), "")


def _is_of_people(rule: AgentRule, reason: str, text: str, apps: tuple[str, ...]) -> bool:
    """Whether a program is a person's app: it shows pages in a browser's engine, or the settings say so."""
    return (rule.reason == APP and reason == APP) or text.casefold().startswith(apps)


def _label_own_system(device: DeviceRule, text: str) -> str:
    """The version of a system that uap-core does not know, "" where it does."""
    if not device.system or device.system in SYSTEMS_OF_UAP:
        return ""
    match = device.agent.search(text)
    return (match and match.groupdict().get("version")) or UNKNOWN


def _is_browser(text: str, parsed: ua_parser.Result) -> bool:
    """Whether the agent is one of a browser, given what uap-core recognized in it."""
    if "Mozilla/" in text:
        return parsed.user_agent is not None or parsed.os is not None
    return BROWSERS_WITHOUT_MOZILLA.search(text) is not None


def _name_unlisted(family: str, text: str) -> str:
    """The name of an agent whose rule has none: its family, unless that is the browser that it imitates."""
    return family if "Mozilla/" not in text or SAYS_BOT.search(family) else UNKNOWN


def _publishable(name: str | None) -> str:
    """The name of a browser or system if it looks like one, else UNKNOWN."""
    if not name or name == "Other" or not PRODUCT_NAME.fullmatch(name) or _NO_NAME.search(name):
        return UNKNOWN
    return name


def _version(version: str | None) -> str:
    """The version if it is a number of up to four digits, else UNKNOWN."""
    return version if version and _VERSION.fullmatch(version) else UNKNOWN


def _label_system_version(system: str, os: ua_parser.OS, text: str) -> str:
    """The version as people know it: "7" (Windows), "10.14" (macOS), "15" (iOS), "10 or later" if it is frozen."""
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
    # user-agents calls Android without "Mobile Safari" a tablet, but Opera Mini on telephones has no "Mobile Safari".
    if traits.is_tablet and not (traits.os.family == "Android" and traits.is_mobile):
        return "tablet"
    if _TABLETS_AS_PHONES.search(text):
        return "tablet"
    if traits.is_mobile:
        return "mobile"
    return "desktop" if traits.is_pc else "other"


def _rules() -> _AgentRules:
    with _loading:
        if not _loaded:
            _loaded.append(_load())
        return _loaded[0]


def _load() -> _AgentRules:
    # Imported here, since only runs that read logs need these packages.
    import ua_parser
    from ua_parser.loaders import load_lazy_builtins

    parsers = _import_user_agents()
    # Many agents have the same browser and system.
    parse_browser, parse_system = (
        lru_cache(_CACHE_SIZE)(parse) for parse in (parsers.parse_browser, parsers.parse_operating_system)
    )
    resolver = ua_parser.BestAvailableResolver(load_lazy_builtins())

    def resolve(text: str) -> ua_parser.PartialResult:
        return resolver(text, ua_parser.Domain.ALL)

    def interpret(result: ua_parser.DefaultedResult) -> Any:
        # The constructor would parse the string again with slow rules in Python, so set its attributes here.
        traits = parsers.UserAgent.__new__(parsers.UserAgent)
        browser, os, device = result.user_agent, result.os, result.device
        traits.ua_string = result.string
        traits.browser = parse_browser(browser.family, browser.major, browser.minor, browser.patch)
        traits.os = parse_system(os.family, os.major, os.minor, os.patch)
        traits.device = parsers.parse_device(device.family, device.brand, device.model)
        return traits

    ordered = order_agent_rules()
    find_rule = _find_first([(rule.pattern, rule) for rule in ordered], None)
    find_device = _find_first([(rule.agent.pattern, rule) for rule in DEVICE_RULES], _NO_DEVICE_RULE)
    return _AgentRules(resolve, interpret, find_rule, find_device, _find_first(WEB_VIEWS, False))


def _find_first(choices: Sequence[tuple[str, _T]], default: _T) -> Callable[[str], _T]:
    """Return a function that finds the value of the first pattern that matches a text."""
    find = compile_first_match(pattern for pattern, _ in choices)

    def find_value(text: str) -> _T:
        position = find(text)
        return default if position is None else choices[position][1]

    return find_value


def _import_user_agents() -> Any:
    """The module `user_agents.parsers`, imported without ua-parser's old interface.

    user-agents imports the old interface for its constructor, which is not called here. The import would compile 1,267
    patterns in Python, which takes a quarter of a second.
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
