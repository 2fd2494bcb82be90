"""Judges from a path alone what kind of thing is asked for: a document, a part of one, or what only machines ask for.

A browser asks for the images, scripts, fonts and icons of a page by itself; a program that reads pages does so seldom.
Style sheets are told apart: crawlers that look for links to images and fonts read them as well. Texts and downloads
need no parts. The kinds serve to judge behaviour; which hits are page views is decided elsewhere.

Sources of the conventions: robotstxt.org, sitemaps.org, IAB Tech Lab (ads.txt, app-ads.txt, sellers.json), RFC 9116
(security.txt), llmstxt.org, buettner's "Private prefetch proxy" (traffic-advice), the manuals of Next.js, WordPress,
ASP.NET and Plone.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.scrub_texts import decode_percent

__all__ = [
    "ADVICE",
    "BACKGROUND",
    "DOCUMENT",
    "FEED",
    "FILE",
    "FORM",
    "ICON",
    "NOTHING",
    "PART",
    "PATH_KINDS",
    "ROBOTS",
    "STYLE",
]
__all__ += ["judge_paths"]

PATH_KINDS: Final = (
    *("nothing", "document", "form", "part", "style", "file", "feed", "background", "robots", "advice", "icon"),
)
"""The index is the code in columns. `form` is a document too: one to log in, to join or to write to the site; `icon` is
a part, but one that browsers ask for by themselves.
"""
NOTHING, DOCUMENT, FORM, PART, STYLE, FILE, FEED, BACKGROUND, ROBOTS, ADVICE, ICON = range(len(PATH_KINDS))

_PART_ENDINGS: Final = (
    "png|jpe?g|jpe|jfif|gif|svgz?|ico|cur|webp|avif|apng|bmp|xbm|tiff?|heic|jxl|m?js|cjs|wasm|woff2?|ttf|otf|eot|swf"
)
_FILE_ENDINGS: Final = (
    "txt|te?xt|md|csv|tsv|log|conf|cfg|ini|ya?ml|asc|sig|pem|crt|ics|vcf|kml|gpx|diff|patch|py|sh|c|h|cc|cpp|java|rb|go"
    "|pdf|ps|e?ps|dvi|docx?|xlsx?|pptx?|odt|ods|odp|rtf|epub|mobi|tex|bib"
    "|mp3|og[agv]|opus|wav|flac|m4[av]|aac|midi?|mp4|mpe?g|webm|avi|mov|mkv|wmv|flv|m3u8?|mpd|ts|vtt|srt|au|ram?|rm"
    "|zip|t?gz|bz2|xz|zst|7z|rar|tar|jar|war|exe|msi|dmg|pkg|deb|rpm|apk|ipa|iso|img|bin|dll|whl|cab|torrent|psd|ai"
    "|manifest|webmanifest|appcache|map|sql|bak|xsl|xslt|dtd|xsd"
)

_KINDS: Final = (
    # The first that matches decides; all in lower case, decoded.
    (NOTHING, r"^(?:[^/]|$)"),
    (ADVICE, r"^/\.well-known/traffic-advice$"),
    (
        ROBOTS,
        r"^/+(?:robots|ads|app-ads|humans|llms|llms-full)\.txt$|^/(?:\.well-known/)?security\.txt$|^/sellers\.json$"
        r"|/(?:[a-z0-9_-]+[_-])?sitemaps?(?:[_-]?[a-z0-9_-]*)\.(?:xml|xml\.gz|txt)$|^/\.well-known/ai-plugin\.json$",
    ),
    (FEED, r"\.(?:rss|atom|rdf)$|/(?:feed|feeds|rss|atom)(?:/|$|\.xml$)|/index\.xml$"),
    (ICON, rf"(?:favicon|apple-touch)[^/]*\.(?:{_PART_ENDINGS})/?$|/favicon$"),
    (PART, rf"\.(?:{_PART_ENDINGS})/?$"),
    (STYLE, r"\.(?:css|less|scss)/?$"),
    (
        PART,
        r"^/_next/(?:image|static/)|^/_nuxt/|\.axd$|/(?:thumb|thumbnail|image|img)\.php$"
        r"|/images?/.*/[0-9]{1,4}x[0-9]{1,4}$|/bundles/(?:scripts|js|jquery)[^/]*",
    ),
    (STYLE, r"/bundles/|/css_cached"),
    (
        BACKGROUND,
        r"/(?:api|graphql|rest|rpc|ajax|wp-json|socket\.io|sockjs-node|signalr|livewire|cdn-cgi)(?:/|$)|/admin-ajax\.php$"
        r"|/xmlrpc\.php$|/wp-cron\.php$|\.(?:json|jsonp|xml|ashx|asmx|svc)$|^/\.well-known/",
    ),
    (FILE, rf"\.(?:{_FILE_ENDINGS})/?$"),
    (
        FORM,
        r"/(?:wp-)?(?:log[-_]?in|log[-_]?on|sign[-_]?in|sign[-_]?up|register|registration|join|subscribe|contact|guestbook|comments?"
        r"|(?:lost|forgot|reset)-?password|auth|add-?comment)(?:[_-]?form)?(?:\.[a-z]{3,5})?/?$|/wp-comments-post\.php$"
        r"|/(?:join|login|register|contact|mail_password|comment|reply)_form$|/acl_users/",
    ),
)


def judge_paths(paths: pa.StringArray) -> pa.Int8Array:
    """The kind of each path, an index of `PATH_KINDS`.

    `paths` are percent-encoded and have no scheme, host and query; null and what begins with no slash are `nothing`.
    Pass distinct ones.

    >>> [PATH_KINDS[kind] for kind in judge_paths(pa.array(["/", "/a.PNG", "/robots.txt", "/login", "*"])).to_pylist()]
    ['document', 'part', 'robots', 'form', 'nothing']
    """
    lower = pc.utf8_lower(decode_percent(pc.fill_null(paths, "")))
    kinds = np.full(len(lower), DOCUMENT, np.int8)
    is_open = np.ones(len(lower), np.bool_)
    for kind, pattern in _KINDS:
        found = pc.match_substring_regex(lower, pattern).to_numpy(zero_copy_only=False) & is_open
        kinds[found] = kind
        is_open &= ~found
    return pa.array(kinds)
