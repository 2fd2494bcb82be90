"""Orders the rules for user agents: those of `agent_rules`, and those that follow from crawler-user-agents."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from footfall.transforms.describing.agent_rules import (
    AI_RULES,
    AMENDED_PATTERNS,
    ATTACK,
    BOT_LIST,
    BOT_NAMES,
    BOT_WORD,
    HEADLESS,
    LAST_RULES,
    MONITOR_RULES,
    PROGRAM,
    PROGRAM_RULES,
    SITES_RULES,
    TAG_CATEGORIES,
    UPTIME_CHECK,
    UPTIME_WORDS,
    WORD_RULES,
    AgentRule,
)
from footfall.transforms.vocabulary import (
    AUTOMATED,
    BOT,
    MONITOR,
    UNKNOWN,
)

PRODUCT_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-zÀ-ž0-9 ._+/!(),&'^-]{1,40}")
"""What looks like the name of a product. Only such names are published, since uap-core may copy one from the agent."""
SAYS_BOT: Final = re.compile("bot|crawl|spider", re.IGNORECASE)


def order_agent_rules() -> list[AgentRule]:
    """All rules in the order in which they are tried: by class, and the listed ones of a class by length of pattern."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    listed = [rule for entry in CRAWLER_USER_AGENTS_DATA if (rule := _adopt_listed(entry))]
    listed.sort(key=lambda rule: -len(rule.pattern))
    monitors, bots, programs = ([r for r in listed if r.traffic_class == c] for c in (MONITOR, BOT, AUTOMATED))
    monitor_words = [rule for rule in WORD_RULES if rule.traffic_class == MONITOR]
    bot_words = [rule for rule in WORD_RULES if rule.reason == BOT_WORD]
    return [
        *(*SITES_RULES, *MONITOR_RULES, *monitors, *monitor_words, *AI_RULES, *bots, *bot_words),
        *(*(rule for rule in LAST_RULES if rule.reason == ATTACK), *programs, *PROGRAM_RULES),
        *(rule for rule in LAST_RULES if rule.reason != ATTACK),
    ]


@cache
def listed_names() -> frozenset[str]:
    """The names of bots, monitors and programs that come from lists, and from no client."""
    return frozenset(rule.name for rule in order_agent_rules())


def _adopt_listed(entry: dict[str, Any]) -> AgentRule | None:
    """The rule for an entry of crawler-user-agents; None if AMENDED_PATTERNS leaves it out."""
    listed = entry["pattern"]
    pattern = AMENDED_PATTERNS.get(listed, listed)
    if pattern is None:
        return None
    pattern = pattern.replace("\\/", "/")  # as JavaScript escapes it
    category = next((c for tag, c in TAG_CATEGORIES.items() if tag in entry["tags"]), "other")
    traffic_class, reason = BOT, BOT_LIST
    if category == "monitor":
        if UPTIME_WORDS.search(f"{listed} {entry['description']}"):
            traffic_class, reason = MONITOR, UPTIME_CHECK
        else:
            category = "other"
    elif category in ("library", "headless browser") and not SAYS_BOT.search(listed):
        traffic_class, reason = AUTOMATED, PROGRAM if category == "library" else HEADLESS
    name = BOT_NAMES.get(listed) or _read_name(listed)
    return AgentRule(pattern, traffic_class, reason, name if PRODUCT_NAME.fullmatch(name) else UNKNOWN, category)


def _read_name(pattern: str) -> str:
    """The name that a pattern matches: Pingdom for `[pP]ingdom`, Googlebot for `Googlebot\\/`."""
    plain = re.sub(r"\[([A-Za-z])([A-Za-z])\]", lambda m: max(m[1], m[2], key=str.isupper), pattern)
    return re.sub(r"\\(.)", r"\1", plain).strip("^$ /();-")
