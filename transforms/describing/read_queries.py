"""Reads campaigns and site searches from query strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.scrub_texts import clip, decode_percent, scrub
from footfall.transforms.describing.text_rules import NO_RULES, TextRules
from footfall.transforms.vocabulary import MAX_PHRASE_CHARS, NONE

CAMPAIGN_KEYS: Final = {"source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign"}
"""Column of `read_campaigns` → query key."""

CLICK_IDS: Final[dict[str, tuple[str, ...]]] = {
    "google": ("gclid", "gbraid", "wbraid", "dclid", "gclsrc", "gad_source"),
    "bing": ("msclkid",),
    "yandex": ("yclid",),
    "tiktok": ("ttclid",),
    "x": ("twclid",),
    "linkedin": ("li_fat_id",),
    "pinterest": ("epik",),
    "snapchat": ("sccid",),
    "reddit": ("rdt_cid",),
    "taboola": ("tblci",),
    "outbrain": ("obclid", "dicbo"),
    "quora": ("qclid",),
    "facebook": ("fbclid",),
}
"""Source → query keys that an advertiser's network adds to the urls of its links, for a single click each."""
CLICKS_OF_ALL_LINKS: Final = frozenset({"facebook"})
"""Sources that add their key to every link, paid or not, so that the medium of a click is unknown."""
PAID: Final = "cpc"
"""The medium of a paid click where the url names none: cost per click, as Google Analytics calls it."""

# What precedes a key; links copied from HTML contain "&amp;".
_BEFORE_KEY: Final = "(?:^|[&;])(?:amp;)?"
# A value that is not empty or white space.
_VALUE: Final = r"(?P<value>(?:\+|%20)*(?:[^&+%]|%[^2&]|%2[^0&]|%$)[^&]*)"


def read_campaigns(queries: pa.StringArray, rules: TextRules = NO_RULES) -> pa.Table:
    """Read the campaign of each query.

    `queries` are percent-encoded and have no leading `?`; null means that there is no query. Returns the string columns
    `source`, `medium` and `campaign` with a row per query. If no key has a value, all three are null; otherwise a
    missing one is `(none)`. Values are normalized like the phrases of `read_searches`. A click of CLICK_IDS tells the
    source and, if it was paid for, the medium, where the url does not; the value of such a key is a single person's and
    is not read.

    >>> read_campaigns(pa.array(["utm_source=Newsletter&utm_medium=E-Mail", "page=2"])).to_pylist()[0]
    {'source': 'newsletter', 'medium': 'e-mail', 'campaign': '(none)'}
    """
    columns = {
        name: _read_phrases(queries, re.escape(key), rules, campaigns=True) for name, key in CAMPAIGN_KEYS.items()
    }
    for name, keys in CLICK_IDS.items():
        is_click = pc.fill_null(
            pc.match_substring_regex(queries, f"(?i){_BEFORE_KEY}(?:{'|'.join(keys)})={_VALUE}"), False
        )
        if pc.any(is_click).as_py():
            known = {"source": name} if name in CLICKS_OF_ALL_LINKS else {"source": name, "medium": PAID}
            for column, value in known.items():
                columns[column] = pc.if_else(is_click, pc.fill_null(columns[column], value), columns[column])
    source, medium, campaign = columns.values()
    has_campaign = pc.is_valid(pc.coalesce(source, medium, campaign))
    return pa.table({name: pc.if_else(has_campaign, pc.fill_null(c, NONE), c) for name, c in columns.items()})


def read_searches(queries: pa.StringArray, keys: Collection[str], rules: TextRules = NO_RULES) -> pa.StringArray:
    """Read the phrase of a site search from each query, null if there is none.

    `queries` are percent-encoded and have no leading `?`; null means that there is no query. If a query has several of
    the `keys`, its first one counts. A phrase is decoded (`+` is a space), normalized to Unicode NFKC and lower case,
    its white space collapsed, scrubbed and cut to `MAX_PHRASE_CHARS`.

    >>> read_searches(pa.array(["page=2&q=Red+Shoes", "q=", None]), ["q", "s"]).to_pylist()
    ['red shoes', None, None]
    """
    if not keys:
        return pa.nulls(len(queries), pa.string())
    return _read_phrases(queries, "|".join(re.escape(key) for key in keys), rules, campaigns=False)


def _read_phrases(queries: pa.StringArray, key_pattern: str, rules: TextRules, *, campaigns: bool) -> pa.StringArray:
    """The normalized value of the first key in each query that matches the pattern and has a value, else null."""
    pattern = f"{_BEFORE_KEY}(?:{key_pattern})={_VALUE}"
    found = pc.fill_null(pc.match_substring_regex(queries, pattern), False)
    if not pc.any(found).as_py():
        return pa.nulls(len(queries), pa.string())
    values = pc.extract_regex(queries.filter(found), pattern).field("value")
    # Campaigns and phrases occur many times: each is normalized once.
    distinct = values.dictionary_encode()
    phrases = _normalize(distinct.dictionary, rules, campaigns=campaigns).take(distinct.indices)
    return pc.replace_with_mask(pa.nulls(len(queries), pa.string()), found, phrases)


def _normalize(values: pa.StringArray, rules: TextRules, *, campaigns: bool) -> pa.StringArray:
    """Phrases from percent-encoded values, null if nothing is left."""
    phrases = decode_percent(pc.replace_substring(values, "+", " "))
    beyond_ascii = pc.invert(pc.string_is_ascii(phrases))
    if pc.any(beyond_ascii).as_py():
        # pyarrow's utf8_normalize does not compose letters and accents (pyarrow 25).
        composed = [unicodedata.normalize("NFKC", phrase) for phrase in phrases.filter(beyond_ascii).to_pylist()]
        phrases = pc.replace_with_mask(phrases, beyond_ascii, pa.array(composed, pa.string()))
    phrases = pc.utf8_trim_whitespace(pc.replace_substring_regex(phrases, r"[\s\p{Z}\p{Cc}]+", " "))
    # Scrubbed before and after lowering the case: capitals distinguish a number plate or a token from words.
    phrases = pc.utf8_lower(scrub(phrases, campaigns=campaigns, rules=rules))
    phrases = scrub(phrases, campaigns=campaigns, rules=rules)
    phrases = pc.utf8_trim_whitespace(clip(phrases, MAX_PHRASE_CHARS))
    return pc.if_else(pc.equal(phrases, ""), None, phrases)


def queries_of(urls: pa.StringArray) -> pa.StringArray:
    """The query of each url, empty where it has none."""
    return pc.replace_substring_regex(urls, r"(?s)^[^?#]*\??|#.*$", "")


def has_query(url: str) -> bool:
    """Whether a url has a query that is not empty."""
    return bool(url.partition("#")[0].partition("?")[2])
