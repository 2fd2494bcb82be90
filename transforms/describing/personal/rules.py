"""All rules in the order in which they are tried: what one has found, the later ones do not see."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from footfall.transforms.describing.personal.addresses import ADDRESSES
from footfall.transforms.describing.personal.birth_dates import BIRTH_DATES
from footfall.transforms.describing.personal.common_addresses import ADDRESSES_OF_EVERYBODY
from footfall.transforms.describing.personal.content import CONTENT
from footfall.transforms.describing.personal.customer_codes import CUSTOMER_CODES
from footfall.transforms.describing.personal.document_numbers import DOCUMENT_NUMBERS, NAMED_NUMBERS
from footfall.transforms.describing.personal.email_addresses import EMAIL_ADDRESSES
from footfall.transforms.describing.personal.identity_numbers import IDENTITY_NUMBERS
from footfall.transforms.describing.personal.judged_texts import KEPT, MARKS, judge
from footfall.transforms.describing.personal.names import NAMES
from footfall.transforms.describing.personal.names_beside_signs import NAMES_BESIDE_SIGNS
from footfall.transforms.describing.personal.names_in_phrases import NAMES_IN_PHRASES
from footfall.transforms.describing.personal.numbers import NUMBERS
from footfall.transforms.describing.personal.places import PLACES, PLUS_CODES
from footfall.transforms.describing.personal.postal_addresses import POSTAL_ADDRESSES
from footfall.transforms.describing.personal.rule import Rule, Where
from footfall.transforms.describing.personal.sought import is_sought
from footfall.transforms.describing.personal.telephones import (
    ANNOUNCED_TELEPHONES,
    GROUPED_TELEPHONES,
    SERVICE_TELEPHONES,
)
from footfall.transforms.describing.personal.tokens import DRAWN_TOKENS, KNOWN_TOKENS

RULES: Final[tuple[Rule, ...]] = (
    *EMAIL_ADDRESSES,
    # Half of a plus code may look like a token.
    *PLUS_CODES,
    *KNOWN_TOKENS,
    # A key of birth dates is nobody's name: /patients/dob/1985-04-12.
    *BIRTH_DATES,
    *NAMES,
    *NAMES_IN_PHRASES,
    *NAMES_BESIDE_SIGNS,
    *NAMED_NUMBERS,
    *SERVICE_TELEPHONES,
    *ANNOUNCED_TELEPHONES,
    *ADDRESSES_OF_EVERYBODY,
    *ADDRESSES,
    *POSTAL_ADDRESSES,
    *PLACES,
    *IDENTITY_NUMBERS,
    *DOCUMENT_NUMBERS,
    *CUSTOMER_CODES,
    *CONTENT,
    *GROUPED_TELEPHONES,
    *DRAWN_TOKENS,
    *NUMBERS,
)

_NEEDED: Final = frozenset(rule.needed for rule in RULES if rule.needs and rule.needed.isdisjoint(MARKS.values()))
"""Sets of characters of which a text must have one for some rules to find anything; replacing adds none of them."""
_MAX_ROUNDS: Final = 8


def scrub_text(text: str, where: Where, own_rules: tuple[Rule, ...] = ()) -> str:
    """Replace what is personal in one text, until nothing more is found; `own_rules` are tried before RULES.

    >>> scrub_text("/orders/100234/for/jane%252Edoe%2540example.org", "path")
    '/orders/{id}/for/{email}'
    """
    for _ in range(_MAX_ROUNDS):
        scrubbed = _scrub_once(text, where, own_rules)
        if scrubbed == text:
            if is_sought(text, where):
                break
            return text
        text = scrubbed
    # What uncovers something new for so long was made to, and so was what looks personal to the check before
    # publishing and not to the rules: an invisible character between `v` and `1.2.3.4`.
    return "/{token}" if where == "path" else "{token}"


def _scrub_once(text: str, where: Where, own_rules: tuple[Rule, ...]) -> str:
    judged = judge(text)
    met = frozenset(needed for needed in _NEEDED if not needed.isdisjoint(judged.text))
    for search, rule, mark in _choose(own_rules, where, met):
        # Nearly all rules find nothing in a text.
        if search(judged.text) is not None:
            spans = [(begin, end, mark) for begin, end in rule.find(judged.text, where) if end > begin]
            if spans:
                judged = judged.replace(spans)
    return judged.publish()


@lru_cache(maxsize=4096)
def _choose(
    own_rules: tuple[Rule, ...], where: Where, met: frozenset[frozenset[str]]
) -> tuple[tuple[Callable[[str], object], Rule, str], ...]:
    """Return how to look for what a rule finds, the rule, and its mark, if a text with `met` of _NEEDED may have it."""
    return tuple(
        (rule.search, rule, KEPT if rule.placeholder is None else MARKS[rule.placeholder])
        for rule in (*own_rules, *RULES)
        if where in rule.wheres and (not rule.needs or rule.needed not in _NEEDED or rule.needed in met)
    )
