"""Terms, reasons, units and limits that all other modules share.

`docs/definitions.md` defines them. This module imports no other module of Footfall.
"""

from __future__ import annotations

from typing import Final

OTHER: Final = "(other)"
"""Replaces a value that was folded because fewer than *k* visits had it."""
UNKNOWN: Final = "(unknown)"
"""Replaces a value that the log does not contain."""
NONE: Final = "(none)"
"""Replaces a value that does not exist, such as the source of a direct visit or a missing medium of a campaign."""

HUMAN, BOT, AUTOMATED, PROBE, MONITOR = range(5)
TRAFFIC_CLASSES: Final = ("human", "bot", "automated", "probe", "monitor")
"""Each hit has exactly one; the index is the code in columns."""

REFERRER_KINDS: Final = (
    "direct",
    "internal",
    "search",
    "social",
    "email",
    "ai_assistant",
    "campaign",
    "other",
    "spam",
)
ASKED_KINDS: Final = (UNKNOWN, "document", "asset", "api", "background", "download", "page_view")
"""What was asked for; the index is the code in columns, 0 for a request that names no path.

A document that was viewed is a `page_view`, since other tables publish the number of page views.
"""

DEVICES: Final = ("desktop", "mobile", "tablet", "tv", "console", "other")

AUDIT_FINDINGS: Final = ("reused", "shared", "long", "never_issued")
AUDIT_CODES: Final = (*((finding, 0) for finding in AUDIT_FINDINGS), ("reused", 1), ("reused", 2))
"""The findings of the cookie audit, and in which span a run can know them: a day (0), week (1) or month (2).

The index is the code in columns.
"""

REJECT_REASONS: Final = (
    "",
    "empty",
    "too_long",
    "cut",
    "joined",
    "format",
    "client",
    "time",
    "status",
    "number",
    "directive",
    "no_request",
)
"""The reasons why a line could not be parsed; the index is the code in columns, 0 for a parsed line."""
(
    ACCEPTED,
    REJECT_EMPTY,
    REJECT_TOO_LONG,
    REJECT_CUT,
    REJECT_JOINED,
    REJECT_FORMAT,
    REJECT_CLIENT,
    REJECT_TIME,
    REJECT_STATUS,
    REJECT_NUMBER,
    REJECT_DIRECTIVE,
    REJECT_NO_REQUEST,
) = range(12)

DUPLICATE: Final = 255
"""In a column of reject codes: the line is also in another input, and is counted there."""

REQUEST_TIME_UNITS: Final = ("s", "ms", "us", "ns")
"""Units of the server's time per request that settings may name."""

TrustedProxies = int | tuple[str, ...] | None
"""The number of proxies in front of the server that writes the log, or their networks; None if not specified."""

MAX_LINE_BYTES: Final = 65_536
MAX_PAGE_CHARS: Final = 200
MAX_PHRASE_CHARS: Final = 80
VISIT_TIMEOUT_S: Final = 30 * 60
VISIT_BOUND_S: Final = 24 * 3600
"""How long after the end of the last published day a run reads hits, to find the ends of its visits."""
CLOCK_SKEW_MS: Final = 3_600_000
"""A run warns of hits dated later than this after it began: drifting alone makes no server's clock so wrong."""
MOST_RARE_NAMES: Final = 500_000
"""If a run meets more names that fewer than k hits of people have, these names become `(other)`."""
FLOOD_HITS: Final = 1_000_000
"""A client with more hits in a day is a machine, whatever its agent says. Its hits are counted, but not collected."""
CROWD_HITS: Final = 100_000
"""A cookie or address with more hits in a day is a crowd: each of its clients counts by itself."""
MOST_LEARNED: Final = 200_000
"""The most agents of several clients, pages, sites and links of a day that judging clients distinguishes."""
DEFAULT_K: Final = 10
DEFAULT_SITE: Final = "default"
DEFAULT_SEARCH_KEYS: Final = ("q", "query", "s", "search")

SEPARATOR: Final = "\x1f"
"""Separates the parts of a name of several columns: the ASCII unit separator, which no published text contains."""
