"""Names the page of each path, and separates documents from assets and API calls."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.scrub_texts import clip, decode_percent, scrub
from footfall.transforms.describing.text_rules import NO_RULES, TextRules
from footfall.transforms.vocabulary import MAX_PAGE_CHARS, UNKNOWN

ASSET_ENDINGS: Final = (
    # style sheets, scripts and their source maps
    *("css", "less", "scss", "js", "mjs", "cjs", "map", "wasm"),
    # images
    *("png", "jpg", "jpeg", "jpe", "gif", "svg", "svgz", "ico", "cur", "webp", "avif", "apng", "bmp", "tif", "tiff"),
    *("heic", "jxl", "psd", "eps"),
    # fonts
    *("woff", "woff2", "ttf", "otf", "eot"),
    # audio and video
    *(
        "mp3",
        "ogg",
        "oga",
        "opus",
        "wav",
        "flac",
        "m4a",
        "aac",
        "mid",
        "mp4",
        "m4v",
        "webm",
        "ogv",
        "avi",
        "mov",
        "mkv",
    ),
    *("wmv", "flv", "swf", "m3u8", "mpd", "ts", "vtt", "srt"),
    # archives, programs and packages
    *(
        "zip",
        "gz",
        "tgz",
        "bz2",
        "xz",
        "zst",
        "7z",
        "rar",
        "tar",
        "jar",
        "war",
        "exe",
        "msi",
        "dmg",
        "pkg",
        "deb",
        "rpm",
    ),
    *("apk", "ipa", "iso", "img", "bin", "dll", "whl", "cab"),
    # text and data files
    *(
        "txt",
        "csv",
        "tsv",
        "yaml",
        "yml",
        "webmanifest",
        "manifest",
        "appcache",
        "asc",
        "sig",
        "pem",
        "crt",
        "sql",
        "bak",
    ),
    *("ics", "vcf", "kml", "gpx", "torrent"),
)
"""File endings of assets. Files that people read (html, pdf, doc, md) and server pages (php, aspx) are documents."""

API_SEGMENTS: Final = ("api", "graphql", "rest", "rpc", "ajax")
"""Path segments that mark an API call."""

API_ENDINGS: Final = ("json", "xml", "rss", "atom")
"""File endings of API responses and feeds."""

_ENDING: Final = r"\.(?P<ending>[0-9a-z]+)/?$"
_NO_DOCUMENT_ENDINGS: Final = pa.array([*ASSET_ENDINGS, *API_ENDINGS])
_API: Final = rf"/(?:{'|'.join(API_SEGMENTS)})(?:/|$)"
# Control characters, line separators, and marks that change the direction of text.
_UNPRINTABLE: Final = r"[\p{Cc}\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"


def name_pages(paths: pa.StringArray, rules: TextRules = NO_RULES) -> pa.Table:
    """Name the page of each path, and say whether it is a document.

    `paths` are percent-encoded and have no scheme and host. A page is the path decoded once, without `;parameters` and
    anything after a decoded `?` or `#`, scrubbed (with the `rules` of the settings) and cut to `MAX_PAGE_CHARS`. A path
    that does not begin with `/` (`*`, text that is not a request, null) is the page `(unknown)` and not a document.

    Returns the columns `page` (string) and `document` (bool) with a row per path.

    >>> name_pages(pa.array(["/caf%C3%A9;sid=1", "/orders/100234", "/logo.png", "*"])).to_pydict()
    {'page': ['/café', '/orders/{id}', '/logo.png', '(unknown)'], 'document': [True, True, False, False]}
    """
    is_path = pc.fill_null(pc.starts_with(paths, "/"), False)
    pages = pc.if_else(is_path, paths, UNKNOWN)
    pages = decode_percent(pages)
    pages = pc.replace_substring_regex(pages, _UNPRINTABLE, "\ufffd")
    # The ";" and "#" of an entity, and a ";" between numbers, begin no parameter, but would leave half of something.
    entity = pc.match_substring_regex(pages, r"&(?:amp;)*(?:#|[A-Za-z]+;)|;[-+ ]?[0-9]")
    if pc.any(entity).as_py():
        pages = pc.replace_with_mask(pages, entity, scrub(pages.filter(entity), rules=rules))
    pages = pc.replace_substring_regex(pages, r";[^/]*|[?#].*$", "")
    lower = pc.utf8_lower(pages)
    ending = pc.extract_regex(lower, _ENDING).field("ending")
    is_for_programs = pc.or_(pc.is_in(ending, _NO_DOCUMENT_ENDINGS), pc.match_substring_regex(lower, _API))
    document = pc.and_not(is_path, is_for_programs)
    return pa.table({"page": clip(scrub(pages, rules=rules), MAX_PAGE_CHARS), "document": document})
