"""Names the pages of sites that distinguish pages by a key of the query: `/index.php?page=contact`, `/?p=12`.

Most sites have a path for each page, and their queries say how it is shown, or who follows a link. Sites with a front
controller have one path for all pages. The keys that distinguish these pages are a table of conventions, with sources;
the settings (`[pages] keys`) name others. Add a convention by adding an entry. Keys that count pages of a list
(`?page=2`) or that name a person (`?author=`, `?user=`) are in none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.name_pages import UNPRINTABLE, finish_names
from footfall.transforms.describing.page_rules import NO_PAGE_RULES, PageRules
from footfall.transforms.describing.read_queries import queries_of
from footfall.transforms.describing.scrub_texts import decode_percent
from footfall.transforms.describing.spell_paths import AFTER_PATHS, compose_letters, spell_paths
from footfall.transforms.describing.text_rules import NO_RULES, TextRules

_NUMBER: Final = "([0-9]{1,9})"
_WORDS: Final = r"([\p{L}_][\p{L}\p{N}_. /-]*)"
_ROUTE: Final = "([a-z0-9_-]+(?:[/.|][a-z0-9_.|-]+)+)"
_ANY: Final = "(.+)"
_SCRIPT: Final = r"\.(?:php[3-8]?|aspx?|jspx?|cgi|pl|cfm|do)$"
_FRONT: Final = r"/(?:index\.(?:php[3-8]?|aspx?|jspx?|cgi|pl|cfm))?$"
"""A folder, or the script that answers for it."""
_INDEX: Final = r"/index\.php$"


@dataclass(frozen=True)
class PageKey:
    """Keys, of which the first with a value counts; `value` matches it, and its first group is used in the name."""

    names: tuple[str, ...]
    value: str = _ANY


@dataclass(frozen=True)
class KeyConvention:
    """The keys that distinguish the pages at some paths: the first one is required, the others are optional.

    `of` is the software with the convention, and its source. `paths` matches decoded paths in lower case.
    """

    of: str
    paths: str
    keys: tuple[PageKey, ...]


def _by(*names: str, value: str = _ANY) -> PageKey:
    return PageKey(names, value)


KEY_CONVENTIONS: Final = (
    KeyConvention(
        "Joomla: docs.joomla.org, Search Engine Friendly URLs; an id may have its alias behind it (3:about)",
        _FRONT,
        (_by("option", value="(com_[a-z0-9_]+)"), _by("view", "task"), _by("id", value="([0-9]+)(?::.*)?")),
    ),
    KeyConvention(
        "OpenCart: docs.opencart.com, SEO; a product is the same in all of its categories",
        _FRONT,
        (_by("route", value=_ROUTE), _by("product_id", "information_id", "manufacturer_id", "path")),
    ),
    KeyConvention(
        "PrestaShop: devdocs.prestashop-project.org, controllers",
        _FRONT,
        (
            _by("controller", value="([a-z0-9_-]+)"),
            _by("id_product", "id_category", "id_cms", "id_manufacturer", "id_supplier", value=_NUMBER),
        ),
    ),
    KeyConvention(
        "Zen Cart: docs.zen-cart.com, main_page",
        _FRONT,
        (_by("main_page", value="([a-z0-9_-]+)"), _by("products_id", "cPath", "id", value="([0-9_]+).*")),
    ),
    KeyConvention("MediaWiki: mediawiki.org/wiki/Manual:Parameters_to_index.php", _INDEX, (_by("title", "curid"),)),
    KeyConvention("Drupal: drupal.org/docs, clean URLs", _FRONT, (_by("q", value=_ROUTE),)),
    KeyConvention(
        "Yii: yiiframework.com/doc/guide, routing",
        _FRONT,
        (_by("r", value=_ROUTE), _by("id", value=_NUMBER)),
    ),
    KeyConvention(
        "WordPress: wordpress.org/documentation, permalinks. In other folders p counts the pages of a list (Shopware)",
        r"^/$|/index\.php$|/(?:blog|wordpress|wp)/$",
        (_by("page_id", "p", "attachment_id", "cat", value=_NUMBER),),
    ),
    KeyConvention(
        "WooCommerce: woocommerce.com/document, permalinks",
        _FRONT,
        (_by("product", "product_cat", value=r"([\p{L}\p{N}_-]+)"),),
    ),
    KeyConvention("phpBB, PunBB: area51.phpbb.com", r"/viewtopic\.php$", (_by("t", "id", "p", value=_NUMBER),)),
    KeyConvention("phpBB, PunBB: area51.phpbb.com", r"/viewforum\.php$", (_by("f", "id", value=_NUMBER),)),
    KeyConvention(
        "vBulletin, MyBB: docs.mybb.com",
        r"/showthread\.php$",
        (_by("t", "tid", "threadid", "p", "pid", value=_NUMBER),),
    ),
    KeyConvention(
        "vBulletin, MyBB: docs.mybb.com",
        r"/forumdisplay\.php$",
        (_by("f", "fid", "forumid", value=_NUMBER),),
    ),
    KeyConvention(
        "SMF: wiki.simplemachines.org; the number of the first post on the page follows a dot",
        _FRONT,
        (_by("topic", "board", value=r"([0-9]+)(?:\.[a-z0-9]+)?"),),
    ),
    KeyConvention("Invision: invisioncommunity.com", _FRONT, (_by("showtopic", "showforum", value=_NUMBER),)),
    KeyConvention(
        "Discuz: discuz.net",
        r"/forum\.php$",
        (_by("mod", value="([a-z]+)"), _by("tid", "fid", value=_NUMBER)),
    ),
    KeyConvention("Moodle: moodledev.io, forums", r"/mod/forum/discuss\.php$", (_by("d", value=_NUMBER),)),
    KeyConvention("DokuWiki: dokuwiki.org/rewrite", r"/doku\.php$", (_by("id"),)),
    KeyConvention("PmWiki: pmwiki.org, clean URLs", r"/pmwiki\.php$", (_by("n"),)),
    KeyConvention(
        "osCommerce: oscommerce.com; attributes of a product follow its number",
        r"/product_info\.php$",
        (_by("products_id", value="([0-9]+).*"),),
    ),
    KeyConvention("osCommerce: oscommerce.com", _INDEX, (_by("cPath", value="([0-9_]+)"),)),
    KeyConvention("DNN: docs.dnncommunity.org, tabs", r"/(?:default\.aspx)?$", (_by("tabid", value=_NUMBER),)),
    KeyConvention("Bugzilla: bugzilla.readthedocs.io", r"/show_bug\.cgi$", (_by("id", value=_NUMBER),)),
    KeyConvention("gitweb: git-scm.com/docs/gitweb", r"/gitweb(?:\.cgi)?/?$", (_by("p"), _by("a", value="([a-z_]+)"))),
    KeyConvention(
        "TYPO3, MODX: docs.typo3.org, docs.modx.com, pages by number or alias",
        _INDEX,
        (_by("id", value="([a-z0-9_-]+)"),),
    ),
    KeyConvention(
        "front controllers, by custom: a word is a page, a number counts the pages of a list",
        _FRONT,
        (
            _by("page", "seite", "pagina", "site", "section", "content", "inhalt", "pg", "p", value=_WORDS),
            _by("id", value=_NUMBER),
        ),
    ),
    KeyConvention(
        "scripts that are named after what they show, by custom, as Moodle's view.php",
        r"/(?:show_?|view_?)?(?:article|artikel|news|story|stories|product|produkt|item|detail|event|post|entry|book|film"
        r"|game|recipe|rezept|topic|thread|document|page|category|kategorie|gallery|album|show|view)s?"
        rf"(?:_?(?:details?|view|info|show))?{_SCRIPT}",
        (_by("id", "nid", "aid", "pid", "cid", "item", value=_NUMBER),),
    ),
)
"""The first whose paths and first key match decides."""
_BEFORE: Final = "(?i)(?:^|[&;])(?:amp;)?"


def name_keyed_pages(urls: pa.StringArray, rules: TextRules = NO_RULES, own: PageRules = NO_PAGE_RULES) -> pa.Table:
    """Name the page of each url with a key that distinguishes pages of its path.

    `urls` are requested urls, with or without scheme and host. A page's name is its path in the spelling of all pages,
    and the keys that count, decoded, in the order of the convention. As for other pages, the site's `own` rules,
    scrubbing and the limit of length apply to it. The keys of the settings come before all conventions, at all paths.

    Returns a row per url, with the columns `page` (string; null where the path alone is the page), `first_key`
    (string), `included` and `excluded` (bool: by the settings, for the whole name).

    >>> urls = pa.array(["/index.php?lang=en&page=contact", "/?page=2", "/w/index.php?title=A%C3%A9"])
    >>> name_keyed_pages(urls)["page"].to_pylist()
    ['/?page=contact', None, '/w?title=Aé']
    """
    pages, first_key = pa.nulls(len(urls), pa.string()), pa.nulls(len(urls), pa.string())
    included = excluded = pa.repeat(False, len(urls))
    is_candidate = pc.fill_null(pc.match_substring_regex(urls, _candidates(own.keys)), False)
    if pc.any(is_candidate).as_py():
        names, keys = _name(urls.filter(is_candidate), own)
        named = (finish_names(names, rules, own), keys, own.included(names), own.excluded(names))
        pages, first_key, included, excluded = (
            pc.replace_with_mask(column, is_candidate, values)
            for column, values in zip((pages, first_key, included, excluded), named, strict=True)
        )
    return pa.table({"page": pages, "first_key": first_key, "included": included, "excluded": excluded})


@cache
def _candidates(own_keys: tuple[str, ...]) -> str:
    """Return a pattern that matches all urls with a key that may distinguish pages, and few others."""
    first = {name for one in KEY_CONVENTIONS for name in one.keys[0].names}
    return rf"(?i)[?&;](?:amp;)?(?:{'|'.join(map(re.escape, sorted(first | set(own_keys))))})="


def _name(urls: pa.StringArray, own: PageRules) -> tuple[pa.StringArray, pa.StringArray]:
    """Return the name of each url, before it is scrubbed, and the first of its keys; null where no key counts."""
    raw = pc.replace_substring_regex(urls, r"(?s)^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*|[?#].*$", "")
    paths = pc.if_else(pc.equal(raw, ""), "/", raw).dictionary_encode()
    decoded = pc.replace_substring_regex(decode_percent(paths.dictionary), UNPRINTABLE, "\ufffd")
    decoded = pc.replace_substring_regex(decoded, AFTER_PATHS, "")
    spelled = spell_paths(decoded).take(paths.indices)
    lower = pc.if_else(pc.starts_with(decoded, "/"), pc.utf8_lower(decoded), "")
    queries = queries_of(urls)
    names, first_key = pa.nulls(len(urls), pa.string()), pa.nulls(len(urls), pa.string())
    own_keys = [PageKey((name,)) for name in own.keys]
    rounds: list[tuple[str, tuple[PageKey, ...]]] = [
        ("^/", (key, *own_keys[at + 1 :])) for at, key in enumerate(own_keys)
    ]
    rounds += [(one.paths, one.keys) for one in KEY_CONVENTIONS]
    still_open = np.arange(len(urls))
    for pattern, (first, *others) in rounds:
        if not len(still_open):
            break
        is_at = pc.match_substring_regex(lower, pattern).take(paths.indices).to_numpy(zero_copy_only=False)
        rows = still_open[is_at[still_open]]
        if not len(rows):
            continue
        found = _read(queries.take(pa.array(rows)), first)
        is_named = pc.is_valid(found)
        if not pc.any(is_named).as_py():
            continue
        rows = rows[is_named.to_numpy(zero_copy_only=False)]
        keyed, name = found.filter(is_named), spelled.take(pa.array(rows))
        name = pc.binary_join_element_wise(name, keyed, "?")
        for key in others:
            more = _read(queries.take(pa.array(rows)), key)
            name = pc.coalesce(pc.binary_join_element_wise(name, more, "&"), name)
        is_row = np.zeros(len(urls), np.bool_)
        is_row[rows] = True
        names = pc.replace_with_mask(names, pa.array(is_row), name)
        first_key = pc.replace_with_mask(first_key, pa.array(is_row), pc.replace_substring_regex(keyed, "(?s)=.*", ""))
        still_open = still_open[~is_row[still_open]]
    return names, first_key


def _read(queries: pa.StringArray, key: PageKey) -> pa.StringArray:
    """Return `name=value` of the key in each query, null where none of its names has a value that matches."""
    return pc.coalesce(*(_read_value(queries, name, key.value) for name in key.names))


def _read_value(queries: pa.StringArray, name: str, value: str) -> pa.StringArray:
    raw = pc.extract_regex(queries, f"{_BEFORE}{re.escape(name)}=(?P<value>[^&;]+)").field("value")
    decoded = pc.replace_substring_regex(decode_percent(pc.replace_substring(raw, "+", " ")), UNPRINTABLE, "\ufffd")
    pattern = value.replace("(", "(?P<value>", 1)
    shown = pc.extract_regex(pc.utf8_trim_whitespace(compose_letters(decoded)), f"(?is)^{pattern}$").field("value")
    shown = pc.if_else(pc.equal(shown, ""), None, shown)
    return pc.binary_join_element_wise(name, shown, "=")
