"""What a rule is: a pattern, what decides about its matches, and examples of both."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

Where = Literal["path", "phrase", "campaign"]
"""Where a text stands. Paths begin with a slash; campaigns are the site's own names; all else is a phrase."""

BEGIN: Final = r"(?<![0-9A-Za-z])"
END: Final = r"(?![0-9A-Za-z])"
"""The edges of a word or number; unlike `\\b` they are also beside `_`."""
DIGITS: Final = "0123456789"
CODE_WORDS: Final = "(?:numbers?|no|nr|num|id|ids|code|ref|reference|nummer|numero|número|numéro|#|№)"
"""Words between the name of a number and the number."""


def always(match: re.Match[str], where: Where) -> bool:
    """Accepts every match."""
    return True


@dataclass(frozen=True)
class Rule:
    """How one kind of personal text is recognized, or one kind of content that looks like it.

    `placeholder` replaces the group `secret` of `pattern`, or the whole match where there is no such group; it is None
    for content, which no later rule looks into. In patterns, upper and lower case are the same except in `(?-i:…)`.
    `source` says where the form is defined or described. `finds` are texts in which the rule finds something, `leaves`
    texts that it must leave alone; both begin with a slash if they are paths. `accept` decides about a match. `wheres`
    are the places in which the rule holds. `needs` are characters of which every match has one.
    """

    kind: str
    placeholder: str | None
    pattern: str
    source: str
    finds: tuple[str, ...]
    leaves: tuple[str, ...] = ()
    accept: Callable[[re.Match[str], Where], bool] = always
    wheres: tuple[Where, ...] = ("path", "phrase", "campaign")
    needs: str = ""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        # At first use: compiling all patterns takes as long as reading ten thousand lines.
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def _group(self) -> str | int:
        return "secret" if "secret" in self._compiled.groupindex else 0

    @cached_property
    def needed(self) -> frozenset[str]:
        """The characters of which every match has one."""
        return frozenset(self.needs)

    @cached_property
    def search(self) -> Callable[[str], object]:
        """Searches a judged text for the pattern: not None where it matches."""
        return self._compiled.search

    def find(self, text: str, where: Where) -> list[tuple[int, int]]:
        """The spans of a judged text that the rule replaces, in order."""
        if where not in self.wheres or (self.needs and self.needed.isdisjoint(text)):
            return []
        return [match.span(self._group) for match in self._compiled.finditer(text) if self.accept(match, where)]


def one_of(keys: frozenset[str]) -> str:
    """The pattern of any of the keys; a `-` in a key may also be `_`, a space or nothing."""
    return "|".join(re.escape(key).replace("\\-", "[-_ ]?") for key in sorted(keys, key=lambda key: (-len(key), key)))
