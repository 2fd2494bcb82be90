"""A text as rules judge it: decoded and normalized to a fixed point, with the way back to the text as it is published.

Only judging sees the decoded text. What no rule replaces is published as it was.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

PLACEHOLDERS: Final = (
    *("{email}", "{uuid}", "{phone}", "{address}", "{token}", "{id}", "{name}", "{place}", "{date}"),
)
"""What replaces a personal text. None of them is looked into again."""

KEPT: Final = "\ue000"
"""Stands in a judged text for content that later rules must not look into."""
_FIRST: Final = 0xE001
MARKS: Final = {text: chr(_FIRST + number) for number, text in enumerate(PLACEHOLDERS)}
"""Placeholder → the character that stands for it in a judged text: of the private use area, so part of no word."""
_TEXTS: Final = {mark: text for text, mark in MARKS.items()}
MARK: Final = rf"[{KEPT}-{chr(_FIRST + len(PLACEHOLDERS) - 1)}]"
"""The pattern of all of these characters."""

_MAX_ROUNDS: Final = 6
"""A text that can be decoded still further is not meant to be understood."""

_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_PRIVATE: Final = re.compile(MARK)
# "%2541" is "%41", however often its "%" was encoded; "%u0040" is what JavaScript's escape() writes.
_ESCAPES: Final = re.compile(r"(?:%(?:25)*(?:[0-9A-Fa-f]{2}))+")
_ESCAPE: Final = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_CODE_POINT: Final = re.compile(r"(?:%(?:25)*|\\)u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4}))|\\x([0-9A-Fa-f]{2})")
_ENTITY: Final = re.compile(r"&(?:amp;)*(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z]{2,24}));?")
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_SPELT_SIGN: Final = re.compile(
    (
        r"(?P<spaced>(?<=[0-9])(?:\s\.\s|[ _-](?:dot|punkt|point|punto|ponto)[ _-])(?=[0-9]))"
        r"|\s?[\[({<]\s?(?:(?P<dot>\.|dot|punkt|point|punto|ponto|kropka|te(?:č|c)ka|piste|pont"
        r"|punt)|(?P<at>@|at|ät|arroba|chez"
        r"|chiocciola|arobase|ma(?:ł|l)pa|zavin(?:á|a)(?:č|c)|kukac|a))\s?[\])}>]\s?"
    ),
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(
    r"(?<=[0-9])\s?[~|*;]\s?(?=[0-9])|(?<=[0-9])[~|*](?=[A-Za-z])|(?<=[A-Za-z])[~|*](?=[0-9])|(?<=[A-Za-z])~(?=[A-Za-z])"
)
"""Signs that nothing but a number in groups has."""
_SPELT_DOT: Final = re.compile(
    r"(?<=@)\s?(?:[\w-]{1,63}\.)*[\w-]{1,63}(?P<dot>[ _+-]{1,2}(?:dot|punkt|point|punto|ponto|kropka)[ _+-]{1,2})"
    r"(?=[A-Za-z]{2,})",
    re.IGNORECASE,
)
"""A dot behind the `@` of an e-mail address."""
_ADDED_NUMBERS: Final = re.compile(r"(?<![0-9A-Za-z.+])\+?[0-9]{1,4}(?:\+[0-9]{1,8}){2,}(?![0-9A-Za-z+])")
# Signs that NFKC does not map: dashes, dots, slashes and colons that look like ASCII's.
_LOOKALIKES: Final = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-"),
        **dict.fromkeys("。·•․﹒．｡∙⋅٫", "."),
        **dict.fromkeys("∕⁄／╱", "/"),
        **dict.fromkeys("∶꞉：﹕", ":"),
        **dict.fromkeys("＠﹫ⓐⒶ", "@"),
        **dict.fromkeys("＋﹢", "+"),
        **dict.fromkeys("，、﹐،٬", ","),
        # What stands for a control character, such as a tab.
        "\ufffd": " ",
    }
)


@dataclass(frozen=True)
class JudgedText:
    """A text as rules judge it, and for each of its characters the span of the published text that it stands for."""

    published: str
    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    def replace(self, spans: list[tuple[int, int, str]]) -> JudgedText:
        """With spans (begin, end, characters instead) of the judged text replaced, which are in order and disjoint."""
        text, begins, ends, done = [], list[int](), list[int](), 0
        for begin, end, new in spans:
            text += [self.text[done:begin], new]
            begins += self.begins[done:begin]
            ends += self.ends[done:begin]
            begins += [self.begins[begin]] * len(new)
            ends += [self.ends[end - 1]] * len(new)
            done = end
        text.append(self.text[done:])
        begins += self.begins[done:]
        ends += self.ends[done:]
        return JudgedText(self.published, "".join(text), tuple(begins), tuple(ends))

    def publish(self) -> str:
        """The published text, with a placeholder for each mark."""
        pieces, done = [], 0
        for mark in re.finditer(MARK, self.text):
            if mark[0] != KEPT:
                begin, end = self.begins[mark.start()], self.ends[mark.start()]
                if begin >= done:
                    pieces += [self.published[done:begin], _TEXTS[mark[0]]]
                done = max(done, end)
        return "".join([*pieces, self.published[done:]])


def judge(published: str) -> JudgedText:
    """The text decoded and normalized until that changes nothing.

    Decoded are percent-escapes and entities, however often, and `%u` and `\\u` escapes; normalized are the characters'
    forms (Unicode NFKC), digits of all scripts to ASCII's, dashes, dots, slashes and colons; invisible characters are
    left out; `[.]`, `(dot)`, `[at]` and the like become the sign that they mean.

    >>> judge("/from/192%252E0[.]２(dot)17").text
    '/from/192.0.2.17'
    """
    places = tuple(range(len(published)))
    judged = JudgedText(published, published, places, tuple(place + 1 for place in places))
    judged = judged.replace([(m.start(), m.end(), "\ufffd") for m in _PRIVATE.finditer(published)])
    judged = judged.replace([(m.start(), m.end(), MARKS[m[0]]) for m in _PLACEHOLDER.finditer(judged.text)])
    for _ in range(_MAX_ROUNDS):
        before = judged.text
        for sign, find in _STEPS:
            if sign is None or sign in judged.text:
                spans = list(find(judged.text))
                if spans:
                    judged = judged.replace(spans)
        if judged.text == before:
            break
    return judged


Spans = Iterator[tuple[int, int, str]]


def _escapes(text: str) -> Spans:
    for run in _ESCAPES.finditer(text):
        escapes = list(_ESCAPE.finditer(text, run.start(), run.end()))
        at = 0
        for character in bytes(int(escape[1], 16) for escape in escapes).decode("utf-8", "surrogateescape"):
            size = 1 if "\udc80" <= character <= "\udcff" else len(character.encode())
            shown = "\ufffd" if "\udc80" <= character <= "\udcff" or _PRIVATE.match(character) else character
            yield escapes[at].start(), escapes[at + size - 1].end(), shown
            at += size


def _code_points(text: str) -> Spans:
    for found in _CODE_POINT.finditer(text):
        yield found.start(), found.end(), _character(int(found[1] or found[2] or found[3], 16))


def _entities(text: str) -> Spans:
    for found in _ENTITY.finditer(text):
        if found[3]:
            named = html.entities.html5.get(f"{found[3]};")
            if named is not None and found[0].endswith(";"):
                yield found.start(), found.end(), named
        else:
            yield found.start(), found.end(), _character(int(found[1]) if found[1] else int(found[2], 16))


def _character(code: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or _PRIVATE.match(chr(code)):
        return "\ufffd"
    return chr(code)


def _plain_forms(text: str) -> Spans:
    for found in _BEYOND_ASCII.finditer(text):
        if not _PRIVATE.match(found[0]):
            plain = _plain_form(found[0])
            if plain != found[0]:
                yield found.start(), found.end(), plain


def _plain_form(character: str) -> str:
    """What a character beyond ASCII stands for, empty if it is invisible."""
    category = unicodedata.category(character)
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f" or character in "\u034f\u115f\u1160\u3164":
        return ""
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "Zs":
        return " "
    return _PRIVATE.sub(
        "\ufffd", unicodedata.normalize("NFKC", character.translate(_LOOKALIKES)).translate(_LOOKALIKES)
    )


def _spelt_signs(text: str) -> Spans:
    for found in _SPELT_SIGN.finditer(text):
        yield found.start(), found.end(), "." if found["dot"] or found["spaced"] else "@"


def _separators(text: str) -> Spans:
    for found in _SEPARATORS.finditer(text):
        yield found.start(), found.end(), "-"


def _spelt_dots(text: str) -> Spans:
    for found in _SPELT_DOT.finditer(text):
        yield found.start("dot"), found.end("dot"), "."


def _numbers_in_a_row(text: str) -> Spans:
    for found in _ADDED_NUMBERS.finditer(text):
        yield found.start(), found.end(), found[0][0] + found[0][1:].replace("+", " ")


_STEPS: Final[tuple[tuple[str | None, Callable[[str], Spans]], ...]] = (
    ("%", _escapes),
    ("u", _code_points),
    ("\\", _code_points),
    ("&", _entities),
    (None, _plain_forms),
    (None, _spelt_signs),
    ("@", _spelt_dots),
    *((sign, _separators) for sign in "~|*;"),
    ("+", _numbers_in_a_row),
)
"""A character that a text must have for the step, and what the step replaces."""
