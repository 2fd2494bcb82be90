"""Read campaigns and site searches out of query strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.scrub_texts import clip, decode_percent, scrub
from footfall.transforms.vocabulary import MAX_PHRASE_CHARS, NONE

CAMPAIGN_KEYS: Final = {"source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign"}
"""Column → query key."""

# Where a key may begin; "&amp;" stands in links that were copied out of HTML.
_BEFORE_KEY: Final = "(?:^|[&;])(?:amp;)?"
# A value that is more than white space.
_VALUE: Final = r"(?P<value>(?:\+|%20)*(?:[^&+%]|%[^2&]|%2[^0&]|%$)[^&]*)"


def read_campaigns(queries: pa.StringArray) -> pa.Table:
    """Read the campaign that a query names.

    `queries` are percent-encoded, without the leading `?`; null is no query. Returns the string columns `source`,
    `medium` and `campaign`, row for row: null in all three where the query has none of the keys (with a value), else
    `(none)` for the one that is missing. Values are normalised like a phrase.

    >>> read_campaigns(pa.array(["utm_source=Newsletter&utm_medium=E-Mail", "page=2"])).to_pylist()[0]
    {'source': 'newsletter', 'medium': 'e-mail', 'campaign': '(none)'}
    """
    columns = {name: _read_phrases(queries, re.escape(key)) for name, key in CAMPAIGN_KEYS.items()}
    source, medium, campaign = columns.values()
    anything = pc.is_valid(pc.coalesce(source, medium, campaign))
    return pa.table({name: pc.if_else(anything, pc.fill_null(c, NONE), c) for name, c in columns.items()})


def read_searches(queries: pa.StringArray, keys: Collection[str]) -> pa.StringArray:
    """Read the phrase of a site search, null where there is none; the first of `keys` in the query wins.

    `queries` are percent-encoded, without the leading `?`; null is no query. A phrase is decoded (`+` is a space),
    brought to Unicode NFKC and lower case, its white space collapsed, scrubbed, and at most `MAX_PHRASE_CHARS` long.

    >>> read_searches(pa.array(["page=2&q=Red+Shoes", "q=", None]), ["q", "s"]).to_pylist()
    ['red shoes', None, None]
    """
    if not keys:
        return pa.nulls(len(queries), pa.string())
    return _read_phrases(queries, "|".join(re.escape(key) for key in keys))


def _read_phrases(queries: pa.StringArray, key_pattern: str) -> pa.StringArray:
    pattern = f"{_BEFORE_KEY}(?:{key_pattern})={_VALUE}"
    found = pc.fill_null(pc.match_substring_regex(queries, pattern), False)
    if not pc.any(found).as_py():
        return pa.nulls(len(queries), pa.string())
    values = pc.extract_regex(queries.filter(found), pattern).field("value")
    # Few distinct campaigns, and phrases that people repeat: each is normalised once.
    distinct = values.dictionary_encode()
    phrases = _normalize(distinct.dictionary).take(distinct.indices)
    return pc.replace_with_mask(pa.nulls(len(queries), pa.string()), found, phrases)


def _normalize(values: pa.StringArray) -> pa.StringArray:
    phrases = decode_percent(pc.replace_substring(values, "+", " "))
    foreign = pc.invert(pc.string_is_ascii(phrases))
    if pc.any(foreign).as_py():
        # Not pyarrow's utf8_normalize: its NFC and NFKC leave letters and their accents apart (pyarrow 25).
        composed = [unicodedata.normalize("NFKC", phrase) for phrase in phrases.filter(foreign).to_pylist()]
        phrases = pc.replace_with_mask(phrases, foreign, pa.array(composed, pa.string()))
    phrases = pc.utf8_lower(phrases)
    phrases = pc.replace_substring_regex(phrases, r"[\s\p{Z}\p{Cc}]+", " ")
    phrases = pc.utf8_trim_whitespace(clip(scrub(pc.utf8_trim_whitespace(phrases)), MAX_PHRASE_CHARS))
    return pc.if_else(pc.equal(phrases, ""), None, phrases)
