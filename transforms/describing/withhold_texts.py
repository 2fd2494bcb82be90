"""Withholds the identifiers of a run: a text that identified one of its visitors is not published, whatever it looks
like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Bytes, Digests, Flags, Ints, Key
from footfall.transforms.describing.personal.judged_texts import MARK, PLACEHOLDERS, JudgedText, judge
from footfall.transforms.describing.personal.words import ORDINARY, words
from footfall.transforms.describing.referrer_sources import SOURCE_PATTERNS, SOURCES
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import FIXED_KEY
from footfall.transforms.kernels.find_identifiers import add_to_sieve, make_sieve, sift_spellings
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
_OF_A_MACHINE: Final = re.compile(
    "(?<=[a-z0-9])(?:bot|crawler|spider|scraper|agent|client|fetcher|monitor|checker|app)(?![a-z])", re.IGNORECASE
)


class Identifiers:
    """Identifiers by their digests under a key. `parts` holds the digests, sorted in each part.

    A run meets many millions of them, and each may be in several parts. So parts are read one at a time, and in memory
    is only a sieve, which excludes most other digests.
    """

    def __init__(self, key: Key, parts: Iterable[Digests]) -> None:
        self._key, self._parts = key, parts
        self._count = sum(map(len, parts))
        self._sieve = make_sieve(self._count)
        for part in parts:
            add_to_sieve(self._sieve, part)

    @classmethod
    def of(cls, key: Key, digests: Digests) -> Identifiers:
        """Return identifiers with these digests under a key, in any order."""
        return cls(key, [np.sort(digests)])

    def __bool__(self) -> bool:
        return self._count > 0

    def sift(self, texts: Bytes, ends: Ints) -> tuple[Ints, Digests, Digests]:
        """Return what may be an identifier in texts that stand one behind the other: see `sift_spellings`."""
        return sift_spellings(self._key, texts, ends, self._sieve, FIXED_KEY)

    def are_among(self, digests: Digests) -> Flags:
        """Return which digests are of identifiers."""
        different, of_each = np.unique(digests, return_inverse=True)
        found = np.zeros(len(different), dtype=np.bool_)
        if len(different):
            for part in self._parts:
                place = np.searchsorted(part, different)
                is_within = place < len(part)
                found[is_within] |= part[place[is_within]] == different[is_within]
        return found[of_each]


def words_of_machines(name: str) -> str:
    """Return what is searched of the name of a bot or program, which people form from their own: `janebot`.

    >>> words_of_machines("janebot/1.0")
    'janebot/1.0, jane bot/1.0'
    """
    apart = _OF_A_MACHINE.sub(r" \g<0>", name)
    return name if apart == name else f"{name}, {apart}"


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
    searched, rows, counts = list(texts), list(range(len(texts))), dict[int, int]()
    for turn in range(_MAX_ROUNDS):
        found: dict[int, list[Found]] = {}
        for one in find_identifiers([searched[row] for row in rows], identifiers, rules):
            found.setdefault(rows[one.row], []).append(one)
        for row, own in found.items():
            own.sort(key=lambda one: (one.begin - one.end, one.begin))
            for one in own:
                counts.setdefault(one.token, 0)
            if turn == 0:
                counts[own[0].token] += 1
            searched[row] = _replace(searched[row], own)
        rows = list(found)
        if not rows:
            return searched, counts
    for row in rows:
        searched[row] = f"/{WITHHELD}" if searched[row].startswith("/") else WITHHELD
    return searched, counts


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
    if not texts or not identifiers:
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
    places, digests, tokens = identifiers.sift(padded(b"".join(contents)), ends)
    is_met = identifiers.are_among(digests)
    places, tokens = places[is_met], tokens[is_met]
    # Of several spellings of the same words the first counts.
    is_first = np.append(True, (places[1:] != places[:-1]).any(axis=1))[: len(places)]
    places, tokens = places[is_first], tokens[is_first]
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
