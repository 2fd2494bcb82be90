"""What the settings say about texts: which to keep, and which keys stand before names of people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.personal.common_addresses import LOOK_LIKE_ADDRESSES
from footfall.transforms.describing.personal.names import names_after
from footfall.transforms.describing.personal.rule import Rule, one_of
from footfall.transforms.describing.personal.sought import SOUGHT


@dataclass(frozen=True)
class TextRules:
    """Rules of the site's own.

    `keep` are texts that are published as they are: whole pages, phrases or names of campaigns, in any case; `*` stands
    for any characters and `?` for one. What the check before publishing would find is replaced all the same. Behind
    `name_keys`, a segment of a path or the value of a parameter is the name of a person.
    """

    keep: tuple[str, ...] = ()
    name_keys: tuple[str, ...] = ()

    @cached_property
    def own_rules(self) -> tuple[Rule, ...]:
        """The rules that follow from `name_keys`."""
        return names_after(one_of(frozenset(map(str.lower, self.name_keys)))) if self.name_keys else ()

    def may_name(self, texts: pa.StringArray) -> pa.BooleanArray:
        """Whether each text has one of `name_keys` where a name may follow."""
        if not self.name_keys:
            return pa.repeat(False, len(texts))
        keys = one_of(frozenset(map(str.lower, self.name_keys)))
        return pc.fill_null(pc.match_substring_regex(texts, f"(?i)(?:{keys}) ?[/=]"), False)

    def keeps(self, texts: pa.StringArray) -> pa.BooleanArray:
        """Whether each text is one to keep."""
        if not self.keep:
            return pa.repeat(False, len(texts))
        kept = pc.match_substring_regex(texts, self._kept)
        looked_at = pc.replace_substring_regex(texts, LOOK_LIKE_ADDRESSES, "-")
        return pc.fill_null(pc.and_not(kept, pc.match_substring_regex(looked_at, _SOUGHT)), False)

    @cached_property
    def _kept(self) -> str:
        globs = (re.escape(text).replace(r"\*", ".*").replace(r"\?", ".") for text in self.keep)
        return f"(?is)^(?:{'|'.join(globs)})$"


NO_RULES: Final = TextRules()
_SOUGHT: Final = "|".join(f"(?:{pattern})" for pattern, _ in SOUGHT.values())
