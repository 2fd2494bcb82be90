"""A slow and obvious implementation of `docs/definitions.md`, to compare the fast path with.

Read it beside that page: `lines` is its first half (what a hit is), `visits` its middle (classes, page views, adoption,
visits), `behaviour` the rules that distinguish people from machines; `run` holds what was read, `tables` says which
tables there are, and the modules that it imports how each is made; `folding` is the rule for small groups. Plain Python
throughout, one object a hit. It shares with the product only the vocabulary, the rule tables that describe single
strings (agents, probes, pages, referrers, queries) and the embedded location file, so that a fault in scanning,
grouping or counting can't stand in both.
"""

from __future__ import annotations

from tests.reference.formats import compile_format
from tests.reference.lines import Hit, ReferenceSettings, parse_line
from tests.reference.tables import compute

__all__ = ["Hit", "ReferenceSettings", "compile_format", "compute", "parse_line"]
