"""Distinguishes random strings from what people name: words, camel case, and the numbers of models."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.rule import Where, one_of
from footfall.transforms.describing.personal.words import (
    MAX_RARITY_OF_SHORT_WORDS,
    MAX_RARITY_OF_WORDS,
    has_word,
    is_word,
    rarity,
    surprise,
    words,
)

_HEX: Final = "[0-9a-f]"
_GROUPS: Final = re.compile("[A-Za-z]+|[0-9]+")
_CASE_GROUPS: Final = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")

_DIGIT_ODDS: Final = (0.0, -1.4, 0.6, 1.8, 3.6, 2.3, 4.2)
_LETTER_ODDS: Final = (0.0, 0.6, 0.7, 0.3, -1.0, -2.6, -3.3)
"""How many bits a group of so many digits or letters, at most six, speaks for the number of a model and against a draw
from capitals and digits: counted in `tests/transforms/describing/texts/models.txt`."""

GOODS_KEYS: Final = words("""
    itm listing listings spares
    pkg package packages npm crate crates gem gems pypi lib libs item items dp product products produkt produkte
    producto productos produit produits prodotto prodotti produto produtos artikel article-number item-number sku
    mpn part parts part-number partnumber spare-parts ersatzteil ersatzteile piezas pieces-detachees ricambi model
    models modell modelle modelo modele modello datasheet datasheets ic ics chip chips component components bauteil
    bauteile tv tvs fernseher televisions laptop laptops notebook notebooks smartphone smartphones camera cameras
    kamera kameras lens lenses objektiv objektive monitor monitors printer printers drucker imprimante imprimantes
    cpu cpus gpu gpus ssd ssds hdd ram motherboard motherboards watch watches uhr uhren tool tools werkzeug drill
    drills tyre tyres reifen toner cartridge cartridges battery batteries akku akkus router routers headphones
    kopfhoerer washing-machine washing-machines waschmaschine waschmaschinen fridge fridges appliances bearing
    bearings sensor sensors
    """)
"""Path segments before the number of a model, a part or an article."""
_SLAVIC_END: Final = re.compile(
    "(?:s[kc](?:aya|a|oe|e|[iy][iyj]|oho|oi)|ovsk|yarsk|insk|[eo]vo|vych|vich|enko|chuk|[gh]rad|[ao]pol|cyjn[aey]|acj[aei]|osci|[ae]nie|icz(?:ny|na|ne)|owni[kc][iya]?|owy|stwo)$"
)
"""Ends of transliterated names of places and people, whose letters stand beside each other as in no other words."""
_AFTER_GOODS: Final = re.compile(rf"/(?:{one_of(GOODS_KEYS)})/(?:[^/]*/)?[^/]*$", re.IGNORECASE)


def is_of_goods(text: str, begin: int, where: Where) -> bool:
    """Whether what begins there in a path is in one of the two segments behind a word for goods."""
    return where == "path" and bool(_AFTER_GOODS.search(text[:begin]))


def odds_of_model(piece: str) -> float:
    """How many bits the lengths of its groups speak for a model's number: letters and digits of one case.

    >>> odds_of_model("STM32F407VGT6") > 0, odds_of_model("X7K9M2QZ4T") < -2
    (True, True)
    """
    odds = 0.0
    for group in _GROUPS.findall(piece):
        if group[0].isdigit():
            odds += _DIGIT_ODDS[min(len(group), 6)]
        elif len(group) < 4 or not is_word(group):
            odds += _LETTER_ODDS[min(len(group), 6)]
    return odds


def share_explained(piece: str) -> float:
    """Which share of letters and digits in both cases words and numbers explain, as in camel case.

    >>> share_explained("createPaymentIntent2024"), share_explained("dQw4w9WgXcQ")
    (1.0, 0.0)
    """
    explained = 0.0
    for group in _CASE_GROUPS.findall(piece):
        if group[0].isdigit():
            explained += len(group) if len(group) > 1 else 0
        elif is_word(group):
            explained += len(group) if len(group) > 3 else 1.5
    return explained / len(piece)


def is_drawn(match: re.Match[str], where: Where) -> bool:
    """Whether a run of letters and digits looks drawn: it holds much chance, and no words.

    Beside a word in the same run only what holds far more counts, so that slugs with a model's number stay; in a
    campaign, where a name beside a code is the site's own, likewise.
    """
    pieces = [piece for piece in re.split("[-_+~=]", match[0]) if piece]
    if len(pieces) == 1:
        return _is_drawn_alone(match, pieces[0], where)
    if (
        len(pieces) >= 4
        and match[0].isupper()
        and len({len(piece) for piece in pieces}) == 1
        and len(pieces[0]) in (4, 5)
    ):
        # A key of a program or a voucher, of which one piece may look like a word.
        return sum(map(_mixes, pieces)) >= 2
    bare = [re.sub("[0-9]{1,4}$", "", piece) for piece in pieces]
    if any(is_word(piece) and len(piece) >= 4 and not alternates(piece) for piece in bare):
        return False
    if all(piece.isalpha() and len(piece) < 10 and not alternates(piece) for piece in pieces):
        return False
    pieces = [_without_small_edges(piece) for piece in pieces if not re.fullmatch("[0-9]+[a-z]{1,3}", piece)]
    joined = "".join(pieces)
    if _has_both_cases(joined):
        mixes = any(_mixes(piece) or alternates(piece) for piece in pieces)
        return mixes and len(joined) >= 8 and share_explained(joined) < 0.5
    if sum(map(surprise, pieces)) < 42 + 4 * (len(pieces) - 1):
        return False
    odds = sum(map(odds_of_model, pieces))
    if len(pieces) > 2 and len({len(piece) for piece in pieces}) == 1 and len(pieces[0]) >= 4:
        # Keys of programs and vouchers, X4T9-QR7Z-M2LP.
        return odds < 3
    return odds < _least_odds(len(joined), where) and not is_of_goods(match.string, match.start(), where)


def is_drawn_piece(match: re.Match[str], where: Where) -> bool:
    """Whether a piece beside words looks drawn."""
    return _is_drawn_alone(match, match[0], where)


def _least_odds(size: int, where: Where) -> float:
    """The odds from which so many letters and digits are a model's number: people search for models, not for tokens."""
    return (2.0 if size > 15 else 1.0 if size > 11 else 0.0 if size > 9 else -1.0) - 2 * (where == "phrase")


def _has_both_cases(text: str) -> bool:
    return text not in (text.lower(), text.upper()) and not re.fullmatch("[A-Z][a-z]+[0-9]*", text)


def _without_small_edges(piece: str) -> str:
    """A model in capitals, if it has one small letter before or behind, as nRF52832 and RM850x."""
    return piece.upper() if re.fullmatch("[a-z]?[A-Z0-9]{4,}[a-z]?", piece) else piece


def _in_latin(letters: str) -> str:
    """A transliterated name with one letter for each sound, as `kh` and `shch`."""
    return re.sub("shch|tsch|sch|kh|zh|ch|sh|ts|dz", lambda sound: sound[0][0], letters.lower())


def _mixes(piece: str) -> bool:
    return len(piece) > 2 and not piece.isalpha() and not piece.isdigit()


_TWO_WORDS: Final = re.compile("([a-z]{3,})[24]([a-z]{3,})")


def _is_drawn_alone(match: re.Match[str], piece: str, where: Where) -> bool:
    if piece.isdigit() or re.fullmatch("[0-9]{1,4}(?:x[0-9]{1,4}){1,2}(?:mm|cm|m)?", piece, re.IGNORECASE):
        # A number, or sizes.
        return False
    has_words = stands_beside_words(match, where)
    is_hex = bool(re.fullmatch(f"{_HEX}{{8,}}", piece, re.IGNORECASE))
    if has_words and is_hex:
        # Beside words in the name of a campaign it is the advertiser's.
        return where != "campaign" and len(piece) >= 12 and len(re.findall("[0-9]+|[A-Fa-f]+", piece)) >= 4
    if (joined := _TWO_WORDS.fullmatch(piece)) and all(map(is_word, joined.groups())):
        # log4shell, web2print.
        return False
    piece = _without_small_edges(piece)
    if _has_both_cases(piece):
        if has_words:
            return len(piece) >= 10 and share_explained(piece) < 0.4
        if len(piece) in (6, 7):
            return len(_CASE_GROUPS.findall(piece)) >= 5 and not piece.isalpha()
        return len(piece) >= (10 if piece.isalpha() else 8) and share_explained(piece) < 0.5
    if has_words:
        if len(piece) >= 15 and len(_GROUPS.findall(piece)) >= 6:
            return True
        return len(piece) >= 12 and surprise(piece) >= 60 and odds_of_model(piece) < 0
    if piece.isalpha():
        if _SLAVIC_END.search(piece):
            return False
        limit = MAX_RARITY_OF_WORDS if len(piece) >= 12 else MAX_RARITY_OF_SHORT_WORDS
        return len(piece) >= 10 and surprise(piece) >= 42 and min(rarity(piece), rarity(_in_latin(piece))) > limit
    if is_hex:
        groups = re.findall("[0-9]+|[A-Fa-f]+", piece)
        if (len(groups) >= 3 and max(map(len, groups)) <= 5) or len(piece) >= 12:
            return True
    if is_of_goods(match.string, match.start(), where):
        return False
    if where == "path" and piece == piece.lower() and 8 <= len(piece) <= 10:
        groups = _GROUPS.findall(piece)
        if is_hex and len(groups) == 2 and len(piece) == 8 and not is_word(max(groups, key=str.isalpha)):
            # Eight digits of 32 bits; not ab123456, which is an article's.
            return groups[0].isdigit() or len(groups[0]) > 2
        if len(groups) > 4 or (len(groups) == 4 and piece[0].isdigit()):
            # In small letters, and no name of a thing beside it.
            return True
    changes = len(_GROUPS.findall(piece))
    if len(piece) in (6, 7):
        # As short as a booking's code, and changing as no model's number does.
        return changes >= 4 and surprise(piece) >= 27 and odds_of_model(piece) < -1
    return len(piece) >= 8 and changes >= 3 and odds_of_model(piece) < _least_odds(len(piece), where)


def alternates(letters: str) -> bool:
    """Whether capitals change with small letters more often than in camel case."""
    return len(re.findall("[a-z][A-Z]", letters)) * 3.2 > len(letters)


def stands_beside_words(match: re.Match[str], where: Where) -> bool:
    """Whether the segment, phrase or campaign has a word besides the match."""
    begin, end = segment_around(match.string, match.start(), match.end(), where)
    return has_word(match.string[begin : match.start()] + " " + match.string[match.end() : end], 3)


def segment_around(text: str, begin: int, end: int, where: Where) -> tuple[int, int]:
    """The span of the path segment around a span, without a file's ending; of all else a hundred characters around."""
    if where != "path":
        return max(0, begin - 100), min(len(text), end + 100)
    first = text.rfind("/", 0, begin) + 1
    last = text.find("/", end)
    last = len(text) if last < 0 else last
    ending = re.search(r"(?:\.[A-Za-z][A-Za-z0-9]{1,4})+$", text[end:last])
    return first, end + ending.start() if ending else last
