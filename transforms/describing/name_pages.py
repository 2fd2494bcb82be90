"""Names the page of each path, and says whether it is a document, which people read."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.judge_paths import IS_READ, judge_paths
from footfall.transforms.describing.page_rules import NO_PAGE_RULES, PageRules
from footfall.transforms.describing.scrub_texts import clip, decode_percent, scrub
from footfall.transforms.describing.spell_paths import AFTER_PATHS, spell_paths
from footfall.transforms.describing.text_rules import NO_RULES, TextRules
from footfall.transforms.vocabulary import MAX_PAGE_CHARS, UNKNOWN

UNPRINTABLE: Final = r"[\p{Cc}\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"

"""Control characters, line separators, and marks that change the direction of text."""


def name_pages(paths: pa.StringArray, rules: TextRules = NO_RULES, own: PageRules = NO_PAGE_RULES) -> pa.Table:
    """Name the page of each path, and say whether it is a document.

    `paths` are percent-encoded and have no scheme and host. A page is the path decoded once, without `;parameters` and
    anything after a decoded `?` or `#`, spelled as `spell_paths` does, named by the site's `own` rules, scrubbed (with
    the `rules` of the settings) and cut to `MAX_PAGE_CHARS`. A path that does not begin with `/` (`*`, text that is not
    a request, null) is the page `(unknown)` and not a document. Whether a path is a document say its conventions (see
    `judge_paths`) and the settings.

    Returns a row per path, with the columns `page` (string), `document` (bool), `included` (bool: a document by the
    settings), `hides` (bool: the page does not show all of the path, spelling aside), `kind` and `doubtful` (of
    `judge_paths`; a document that is doubtful is none until evidence says so, an excluded one never).

    >>> name_pages(pa.array(["/caf%C3%A9/;sid=1", "/orders/100234", "/logo.png", "*"])).select([0, 1]).to_pydict()
    {'page': ['/café', '/orders/{id}', '/logo.png', '(unknown)'], 'document': [True, True, False, False]}
    """
    is_path = pc.fill_null(pc.starts_with(paths, "/"), False)
    pages = pc.if_else(is_path, paths, UNKNOWN)
    pages = decode_percent(pages)
    pages = pc.replace_substring_regex(pages, UNPRINTABLE, "\ufffd")
    spelled = spell_paths(pages)
    # The ";" and "#" of an entity, and a ";" between numbers, begin no parameter, but would leave half of something.
    entity = pc.match_substring_regex(pages, r"&(?:amp;)*(?:#|[A-Za-z]+;)|;[-+ ]?[0-9]")
    if pc.any(entity).as_py():
        pages = pc.replace_with_mask(pages, entity, scrub(pages.filter(entity), rules=rules))
    pages = spell_paths(pc.replace_substring_regex(pages, AFTER_PATHS, ""))
    included, excluded = own.included(pages), own.excluded(pages)
    pages = finish_names(pages, rules, own)
    judged = judge_paths(paths)
    included = pc.and_(is_path, pc.and_not(included, excluded))
    document = pc.and_not(pa.array(IS_READ[judged["kind"].to_numpy()]), excluded)
    return pa.table(
        {
            "page": pages,
            "document": pc.or_(included, pc.and_(is_path, document)),
            "included": included,
            "hides": pc.not_equal(pages, spelled),
            "kind": judged["kind"],
            "doubtful": pc.and_not(judged["doubtful"], pc.or_(included, excluded)),
        }
    )


def finish_names(pages: pa.StringArray, rules: TextRules, own: PageRules) -> pa.StringArray:
    """Return the names under which pages are published: the site's own ones, scrubbed and cut to `MAX_PAGE_CHARS`."""
    pages = scrub(own.rename(pages), rules=rules)
    if own.ignores_case:
        # Scrubbed before and after lowering the case: capitals distinguish a number plate or a token from words.
        pages = scrub(pc.utf8_lower(pages), rules=rules)
    return clip(pages, MAX_PAGE_CHARS)
