"""The words of the domain: terms, reasons, units and limits that every other module shares.

The definitions behind them stand in `docs/definitions.md`. This module imports nothing of ours.
"""

from __future__ import annotations

from typing import Final

OTHER: Final = "(other)"
"""Stands for a value that was folded because fewer than *k* visits had it."""
UNKNOWN: Final = "(unknown)"
"""Stands for a value that the log does not tell."""
NONE: Final = "(none)"
"""Stands for a value that does not exist: the source of a direct visit, a campaign without a medium."""

HUMAN, BOT, AUTOMATED, PROBE, MONITOR = range(5)
TRAFFIC_CLASSES: Final = ("human", "bot", "automated", "probe", "monitor")
"""Exactly one for each hit; the index is the code used in columns."""

REFERRER_KINDS: Final = (
    "direct",
    "internal",
    "search",
    "social",
    "email",
    "ai_assistant",
    "campaign",
    "other",
)
DEVICES: Final = ("desktop", "mobile", "tablet", "other")

AUDIT_FINDINGS: Final = ("reused", "shared", "long", "never_issued")
"""Of the cookie audit; the index is the code used in columns."""

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
)
"""Why a line did not parse; the index is the code used in columns, 0 means that it did."""
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
) = range(11)

DUPLICATE: Final = 255
"""In a column of reject codes: the line stands in another input too, and is counted there."""

TrustedProxies = int | tuple[str, ...] | None
"""How many proxies stand before the server that writes the log, or their networks; None: nobody said."""

MAX_LINE_BYTES: Final = 65_536
MAX_PAGE_CHARS: Final = 200
MAX_PHRASE_CHARS: Final = 80
VISIT_TIMEOUT_S: Final = 30 * 60
VISIT_BOUND_S: Final = 24 * 3600
"""How far after the last published day a run reads to see its visits end."""
DEFAULT_K: Final = 10
DEFAULT_SITE: Final = "default"
DEFAULT_SEARCH_KEYS: Final = ("q", "query", "s", "search")

SEPARATOR: Final = "\x1f"
"""Between the parts of a name of several columns; ASCII's unit separator, which no published text holds."""
