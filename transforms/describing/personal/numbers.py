"""Long numbers that nothing else explains: an id where it stands alone, content beside words."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.drawn import is_of_goods, segment_around
from footfall.transforms.describing.personal.rule import DIGITS, Rule, Where, one_of
from footfall.transforms.describing.personal.words import has_word, words

MAX_DIGITS_BESIDE_WORDS: Final = 8
"""Articles, products and news have numbers of so many digits in their slugs; longer ones are rather a person's."""
MAX_DIGITS_BESIDE_LETTERS: Final = 6
"""The same in phrases, beside letters that are no word: `skf 22210`."""
MAX_DIGITS_OF_CAMPAIGNS: Final = 20
"""As long as a number of 64 bits."""

MAX_DIGITS_OF_GOODS: Final = 12
"""As many as an article in a marketplace has, and a part of a car (11)."""
_AFTER_PARTS: Final = re.compile(
    "/(?:itms?|items?|dp|p|product|listing|parts?|part-?numbers?|spare-parts?|ersatzteile?|teilenummer|oem|pieces|recambios?|ricambi)/$",
    re.IGNORECASE,
)

PLACE_KEYS: Final = words("""
    plz postleitzahl postleitzahlen code-postaux codice-postale kod-pocztowy zip zip-code zip-codes postcode
    postcodes post-code postal-code code-postal codes-postaux cap codigo-postal store stores shop shops branch
    branches filiale filialen standort standorte location locations restaurant restaurants hotel hotels city cities
    ort orte stadt staedte ville villes magasins tiendas negozi dealer dealers haendler station stations
    delivery-area weather wetter meteo immobilien real-estate homes-for-sale page seite p offset year isbn ean gtin
    rfc set sets
    """)
"""Path segments after which a number of five digits is a postcode or another thing of many."""


_SLUG_BEHIND: Final = re.compile(r"/[^\W\d_]+(?:-\w+){2,}/?$")
"""A title of three words or more behind a number, which is that of a question, an article or a product."""


_TITLE_BEFORE: Final = re.compile(r"/(?=[^/]*[a-z]{4})[^\W_]+(?:-\w+){2,}/(?:p/)?$", re.IGNORECASE)
"""A title of three words or more before a number, which is that of an article or a product."""
MAX_DIGITS_BEHIND_TITLE: Final = 10
_TITLE_AROUND: Final = re.compile(r"[a-z]{3,}(?:-[0-9]{1,3})?(?:-[a-z]{3,}){2,}-[a-z][0-9]+$", re.IGNORECASE)
"""A product's title of three words or more, which ends in its number."""


def _is_id(match: re.Match[str], where: Where) -> bool:
    code, text = match[0], match.string
    digits = re.sub("[^0-9]", "", code)
    if where == "campaign":
        # The numbers of campaigns and groups of advertisements are the advertiser's; one of 16 digits may be a card.
        return len(digits) > MAX_DIGITS_OF_CAMPAIGNS or (len(digits) == 16 and digits[0] in "23456")
    if not code.isdigit() or text[match.end() : match.end() + 1].isalpha() or text[: match.start()][-1:].isalpha():
        begin, end = segment_around(text, match.start(), match.end(), where)
        if where == "path" and len(digits) <= MAX_DIGITS_BESIDE_WORDS and _TITLE_AROUND.match(text[begin:end]):
            return False
        return not _is_model(match) and not is_of_goods(text, begin, where)
    if len(digits) <= MAX_DIGITS_OF_GOODS and where == "path" and _AFTER_PARTS.search(text[: match.start()]):
        return False
    if where == "path" and len(digits) <= MAX_DIGITS_BEHIND_TITLE and _TITLE_BEFORE.search(text[: match.start()]):
        return False
    if len(digits) <= MAX_DIGITS_BESIDE_WORDS or (len(digits) == 9 and digits.startswith("000")):
        begin, end = segment_around(text, match.start(), match.end(), where)
        beside = f"{text[begin : match.start()]} {text[match.end() : end]}"
        if where == "phrase" and len(digits) <= MAX_DIGITS_BESIDE_LETTERS and re.search(r"[^\W\d_]{2}", beside):
            return False
        if has_word(beside) or is_of_goods(text, begin, where):
            return False
        if where == "path" and _SLUG_BEHIND.match(text, end):
            return False
        if where == "path" and len(digits) == 5 and text[match.end() : match.end() + 1] in ("", "/"):
            return not re.search(rf"/(?:{one_of(PLACE_KEYS)})/(?:[^/0-9]+/)?$", text[: match.start()], re.IGNORECASE)
    return True


def _is_model(match: re.Match[str]) -> bool:
    """Whether digits are part of a model's or article's number, as in `KB5012345`, `06A115561B` and `13700K`."""
    text = match.string
    digits = re.sub("[^0-9]", "", match[0])
    before = re.search(r"[A-Za-z]*$", text[: match.start()] + re.split("[0-9]", match[0])[0])
    after = re.match(r"[A-Za-z]*", re.split("[0-9]", match[0])[-1] + text[match.end() :])
    run = re.search(r"[A-Za-z0-9]*$", text[: match.start()])
    if run and re.match("[A-Za-z]{1,3}[0-9]{1,2}[A-Za-z]", run[0]) and len(digits) <= 6:
        # Numbers before these letters: WD21X10224.
        return True
    letters = len(before[0] if before else ""), len(after[0] if after else "")
    if sum(letters) == 1:
        # But not u12345.
        return letters[1] == 1 and len(digits) <= 6
    return sum(letters) > 1 and len(digits) <= 7


NUMBERS: Final = (
    Rule(
        "long number",
        "{id}",
        (
            r"(?<![0-9A-Za-z])[0-9]{0,2}[A-Za-z]{1,4}[0-9]{10,}(?![0-9A-Za-z])|"
            r"(?<![0-9A-Za-z])[A-Za-z]{1,3}[0-9]{5,}[A-Za-z]{0,3}(?![0-9A-Za-z])|"
            r"(?<![0-9A-Za-z])[0-9]{5,}[A-Za-z]{1,3}(?![0-9A-Za-z])|(?<![0-9])[0-9]{5,}(?![0-9])"
        ),
        "keys of databases",
        finds=("/orders/100234", "/log/20251399", "/x/12345.html", "4820173", "/meter/1EMH0008472915"),
        leaves=(
            "/products/12345-blue-chair",
            "/products/100234",
            "/questions/100234/why-is-sorting-faster",
            "/stores/90210",
            "lego 75192",
            "/parts/06A115561B",
            "/products/PSD416G320081",
            "/page/1024",
            "/knowledge/000012345-printer-offline",
            "/shop/part/11427953129",
        ),
        accept=_is_id,
        needs=DIGITS,
    ),
)
