"""Withholds the identifiers of a run from texts: whatever they look like, what the run met as one is not published."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Bytes, Digests, Key
from footfall.transforms.describing.attribute_referrers import SOURCE_PATTERNS, SOURCES
from footfall.transforms.describing.personal.judged_texts import MARK, PLACEHOLDERS, JudgedText, judge
from footfall.transforms.describing.personal.words import ORDINARY, words
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import FIXED_KEY
from footfall.transforms.kernels.spellings import find_spellings, sieve_of
from footfall.transforms.vocabulary import NONE, OTHER, UNKNOWN

WITHHELD: Final = "{id}"
"""What stands in a text for an identifier of the run."""
ACCOUNTS: Final = words("""
    admin administrator anonymous backup daemon demo ftp git guest internal mail monitor monitoring nobody nginx apache
    operator postmaster public root service staff system test tester user webmaster wordpress www www-data null none
    undefined true false default unknown
    """)
"""Names of accounts, and values of cookies, that are nobody's own."""
SERVICES: Final = frozenset(name for names in SOURCES.values() for name in names) | {
    name for _, name, _ in SOURCE_PATTERNS
}
"""Names of services, which come from a list."""
_FIXED: Final = frozenset({NONE, OTHER, UNKNOWN}) | SERVICES
"""Texts that no client wrote."""
_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_TO_JUDGE: Final = re.compile(r"[%&\\]|[^\x00-\x7f]")
_MAX_ROUNDS: Final = 4


class Identifiers(NamedTuple):
    """Digests of identifiers under a key, sorted, and the sieve of them."""

    key: Key
    digests: Digests
    sieve: Bytes

    @classmethod
    def of(cls, key: Key, digests: Digests) -> Identifiers:
        """Return identifiers with these digests under a key, in any order and any number."""
        # Those of each piece are sorted already, which a stable sort merges in a third of the time.
        ordered = np.sort(digests, kind="stable")
        return cls(key, ordered, sieve_of(ordered))


class Found(NamedTuple):
    """Where a text has an identifier: row, characters from `begin` to `end`, and the identifier's fixed digest."""

    row: int
    begin: int
    end: int
    token: int


def withhold(texts: Sequence[str], identifiers: Identifiers, rules: TextRules) -> tuple[list[str], dict[int, int]]:
    """Replace the identifiers in texts, and return how many texts had each first, by its fixed digest.

    Left alone are texts that no client wrote, those that the `rules` keep, and words of the site such as `login`.
    """
    told, rows, counts = list(texts), list(range(len(texts))), dict[int, int]()
    for turn in range(_MAX_ROUNDS):
        found: dict[int, list[Found]] = {}
        for one in find_identifiers([told[row] for row in rows], identifiers, rules):
            found.setdefault(rows[one.row], []).append(one)
        for row, own in found.items():
            own.sort(key=lambda one: (one.begin - one.end, one.begin))
            for one in own:
                counts.setdefault(one.token, 0)
            if turn == 0:
                counts[own[0].token] += 1
            told[row] = _replace(told[row], own)
        rows = list(found)
        if not rows:
            return told, counts
    for row in rows:
        told[row] = f"/{WITHHELD}" if told[row].startswith("/") else WITHHELD
    return told, counts


def _replace(text: str, found: Sequence[Found]) -> str:
    """Return a text with the spans replaced; of those that overlap, the first counts."""
    taken: list[Found] = []
    for one in found:
        if all(one.end <= other.begin or other.end <= one.begin for other in taken):
            taken.append(one)
    for one in sorted(taken, key=lambda one: -one.begin):
        text = f"{text[: one.begin]}{WITHHELD}{text[one.end :]}"
    return text


def find_identifiers(texts: Sequence[str], identifiers: Identifiers, rules: TextRules) -> list[Found]:
    """Return where texts have identifiers that are to be withheld."""
    if not texts or not len(identifiers.digests):
        return []
    # A placeholder's own word is nobody's: it becomes a sign.
    judged: dict[int, JudgedText] = {}
    contents = []
    for row, text in enumerate(texts):
        if _TO_JUDGE.search(text):
            judged[row] = judge(text)
            text = re.sub(MARK, "-", judged[row].text)
        contents.append(_PLACEHOLDER.sub(lambda match: "{" + "-" * (len(match[0]) - 2) + "}", text).encode())
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    places, tokens = find_spellings(
        identifiers.key, padded(b"".join(contents)), ends, identifiers.digests, identifiers.sieve, FIXED_KEY
    )
    found = []
    kept = rules.keeps(pa.array([texts[row] for row in places[:, 0].tolist()], pa.string())).to_pylist()
    for (row, first, last), token, is_kept in zip(places.tolist(), tokens.tolist(), kept, strict=True):
        content = contents[row]
        begin, end = len(content[:first].decode()), len(content[:last].decode())
        own = content[first:last].decode().lower()
        if is_kept or texts[row] in _FIXED or own in ORDINARY or own in ACCOUNTS:
            continue
        if row in judged:
            begin, end = judged[row].begins[begin], judged[row].ends[end - 1]
        found.append(Found(row, begin, end, token))
    return found
