"""Attributes referrers to a kind (search, social, …) and a source (Google, a host, …)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.registrable_domains import registrable_domain
from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.vocabulary import NONE, REFERRER_KINDS, UNKNOWN

MAX_SOURCE_CHARS: Final = 100
"""A longer host is `(unknown)`."""

SOURCES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "search": {
        "360 Search": ("so.com",),
        "AOL": ("search.aol.com", "search.aol.co.uk", "aolsearch.com"),
        "Ask": ("ask.com",),
        "Baidu": ("baidu.com",),
        "Bing": ("bing.com", "app:com.microsoft.bing"),
        "Brave": ("search.brave.com",),
        "Dogpile": ("dogpile.com",),
        "Coc Coc": ("coccoc.com",),
        "Daum": ("search.daum.net",),
        "DuckDuckGo": ("duckduckgo.com", "ddg.gg", "app:com.duckduckgo.mobile.android"),
        "Ecosia": ("ecosia.org", "app:com.ecosia.android"),
        "Exalead": ("exalead.com",),
        "Gibiru": ("gibiru.com",),
        "Google": ("app:com.google.android.googlequicksearchbox", "googleadservices.com", "syndicatedsearch.goog"),
        "Kagi": ("kagi.com",),
        "Lycos": ("search.lycos.com",),
        "Mail.ru": ("go.mail.ru",),
        "Marginalia": ("search.marginalia.nu", "marginalia-search.com"),
        "MetaGer": ("metager.org", "metager.de"),
        "Mojeek": ("mojeek.com", "mojeek.co.uk"),
        "Naver": ("search.naver.com",),
        "Petal Search": ("petalsearch.com",),
        "Qwant": ("qwant.com",),
        "Rambler": ("nova.rambler.ru",),
        "Seznam": ("search.seznam.cz",),
        "Sogou": ("sogou.com",),
        "Startpage": ("startpage.com", "ixquick.com"),
        "Swisscows": ("swisscows.com",),
        "WebCrawler": ("webcrawler.com",),
        "Yahoo": ("search.yahoo.com", "search.yahoo.co.jp"),
        "Yandex": ("ya.ru",),
        "Yep": ("yep.com",),
        "You.com": ("you.com",),
    },
    "social": {
        "Bluesky": ("bsky.app", "go.bsky.app"),
        "Discord": ("discord.com", "discordapp.com", "discord.gg", "app:com.discord"),
        "Facebook": (
            "facebook.com",
            "fb.com",
            "fb.me",
            "messenger.com",
            "app:com.facebook.katana",
            "app:com.facebook.orca",
        ),
        "Flickr": ("flickr.com",),
        "GitHub": ("github.com", "gist.github.com"),
        "Hacker News": ("news.ycombinator.com", "hckrnews.com", "hn.algolia.com"),
        "Instagram": ("instagram.com", "app:com.instagram.android"),
        "LINE": ("line.me", "app:jp.naver.line.android"),
        "LinkedIn": ("linkedin.com", "lnkd.in", "app:com.linkedin.android"),
        "Lobsters": ("lobste.rs",),
        "Mastodon": (
            *("mastodon.social", "mastodon.online", "mastodon.world", "mstdn.social", "mastodon.art", "mas.to"),
            *(
                "fosstodon.org",
                "hachyderm.io",
                "infosec.exchange",
                "mstdn.jp",
                "pawoo.net",
                "chaos.social",
                "troet.cafe",
            ),
            *("techhub.social", "mathstodon.xyz", "norden.social", "social.tchncs.de", "app:org.joinmastodon.android"),
        ),
        "Medium": ("medium.com",),
        "Odnoklassniki": ("ok.ru",),
        "Pinterest": ("pinterest.com", "pin.it", "app:com.pinterest"),
        "Quora": ("quora.com",),
        "Reddit": ("reddit.com", "redd.it", "app:com.reddit.frontpage"),
        "Slack": ("slack.com", "slack-redir.net", "app:com.slack"),
        "Snapchat": ("snapchat.com", "app:com.snapchat.android"),
        "Stack Exchange": ("stackexchange.com", "superuser.com", "serverfault.com", "askubuntu.com"),
        "Stack Overflow": ("stackoverflow.com",),
        "Telegram": ("t.me", "telegram.org", "telegram.me", "app:org.telegram.messenger"),
        "Threads": ("threads.net", "threads.com"),
        "TikTok": ("tiktok.com", "app:com.zhiliaoapp.musically"),
        "Tumblr": ("tumblr.com", "t.umblr.com"),
        "Twitch": ("twitch.tv",),
        "VK": ("vk.com", "vk.ru", "vkontakte.ru"),
        "Weibo": ("weibo.com", "weibo.cn", "t.cn"),
        "WhatsApp": ("whatsapp.com", "wa.me", "app:com.whatsapp"),
        "X": ("x.com", "twitter.com", "t.co", "app:com.twitter.android"),
        "Xing": ("xing.com",),
        "YouTube": ("youtube.com", "youtu.be", "youtube-nocookie.com", "app:com.google.android.youtube"),
    },
    "email": {
        "AOL Mail": ("mail.aol.com",),
        "Fastmail": ("fastmail.com", "app.fastmail.com"),
        "Gmail": ("mail.google.com", "gmail.com", "app:com.google.android.gm"),
        "GMX": ("gmx.net", "gmx.de", "gmx.com", "deref-gmx.net", "deref-gmx.com"),
        "iCloud Mail": ("icloud.com",),
        "Mail.ru Mail": ("e.mail.ru",),
        "Outlook": (
            *("outlook.live.com", "outlook.office.com", "outlook.office365.com", "outlook.com", "mail.live.com"),
            *("safelinks.protection.outlook.com", "hotmail.com", "app:com.microsoft.office.outlook"),
        ),
        "Proton Mail": ("mail.proton.me", "mail.protonmail.com"),
        "Roundcube": ("roundcube.net",),
        "Seznam Email": ("email.seznam.cz",),
        "T-Online Email": ("email.t-online.de",),
        "WEB.DE": ("web.de", "deref-web.de"),
        "Yahoo Mail": ("mail.yahoo.com", "mail.yahoo.co.jp", "app:com.yahoo.mobile.client.android.mail"),
        "Yandex Mail": ("mail.yandex.ru", "mail.yandex.com"),
        "Zoho Mail": ("mail.zoho.com", "mail.zoho.eu"),
    },
    "ai_assistant": {
        "ChatGPT": ("chatgpt.com", "chat.openai.com", "app:com.openai.chatgpt"),
        "Claude": ("claude.ai", "app:com.anthropic.claude"),
        "Copilot": (
            "copilot.microsoft.com",
            "copilot.cloud.microsoft",
            "m365.cloud.microsoft",
            "edgeservices.bing.com",
        ),
        "DeepSeek": ("chat.deepseek.com",),
        "Gemini": ("gemini.google.com", "bard.google.com", "app:com.google.android.apps.bard"),
        "Grok": ("grok.com", "x.ai"),
        "Kimi": ("kimi.com", "kimi.moonshot.cn"),
        "Le Chat": ("chat.mistral.ai",),
        "Meta AI": ("meta.ai",),
        "NotebookLM": ("notebooklm.google.com",),
        "Perplexity": ("perplexity.ai", "app:ai.perplexity.app.android"),
        "Phind": ("phind.com",),
        "Poe": ("poe.com",),
        "Qwen": ("chat.qwen.ai", "tongyi.aliyun.com"),
    },
}
"""Kind → name of the source → hosts. A host includes its subdomains (`m.facebook.com`) unless one is listed itself.

`app:` precedes the package name of an Android app, whose referrers are `android-app://package`.
"""

SOURCE_PATTERNS: Final[tuple[tuple[str, str, str], ...]] = (
    ("search", "Google", r"(?:(?:images|m|ipv4|encrypted|cse|lens)\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"),
    ("search", "Google News", r"news\.google\.[a-z.]{2,6}"),
    ("search", "Yandex", r"(?:.+\.)?yandex\.(?:ru|com|by|kz|uz|com\.tr|net)"),
    ("social", "Pinterest", r"(?:.+\.)?pinterest\.(?:[a-z]{2}|co\.[a-z]{2}|com\.[a-z]{2})"),
)
"""(kind, name of the source, pattern of the whole host) of services that have domains in many countries."""

_DIRECT, _OTHER = REFERRER_KINDS.index("direct"), REFERRER_KINDS.index("other")
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_BY_HOST: Final = {
    host: (REFERRER_KINDS.index(kind), name)
    for kind, names in SOURCES.items()
    for name, hosts in names.items()
    for host in hosts
}
_BY_PATTERN: Final = tuple((REFERRER_KINDS.index(k), name, re.compile(p)) for k, name, p in SOURCE_PATTERNS)

# Scheme, user and password (not captured), host. Browsers treat "\" like "/".
_URL: Final = (
    r"^(?i:(?P<app>android-app)|https?)://(?:[^/?#\\]*@)?(?P<host>[0-9A-Za-z._-]+)\.?(?::[0-9]*)?(?:[/?#\\]|$)"
)
_HOST_NAME: Final = re.compile(r"(?:[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?\.)*[a-z](?:[0-9a-z_-]{0,61}[0-9a-z])?")


def attribute_referrers(referrers: pa.StringArray, own_hosts: Collection[str]) -> pa.Table:
    """Attribute each referrer to a kind and a source.

    `referrers` are URLs as logged; null, empty and `-` mean that there is none. Referrers from `own_hosts`, with or
    without `www.`, are internal. The kind `campaign` does not occur: campaigns are in the query of the page.

    Returns three columns with a row per referrer: `kind` (int8, an index of `REFERRER_KINDS`), `source` (string: the
    name of a service, a registrable domain, `(none)` or `(unknown)`) and `host` (string: in lower case without `www.`
    and port, empty if the URL has no valid host name). Nothing else of the URL is returned, so no user and password.

    >>> attribute_referrers(pa.array(["https://www.google.co.uk/", "-", "http://u:p@blog.example/"]), []).to_pydict()
    {'kind': [2, 0, 7], 'source': ['Google', '(none)', 'blog.example'], 'host': ['google.co.uk', '', 'blog.example']}
    """
    own = {_strip_host(host) for host in own_hosts}
    parts = pc.extract_regex(referrers, _URL)
    hosts = pc.utf8_lower(parts.field("host"))
    # "app:" marks the package name of an app. In `distinct`, a missing referrer is empty and an invalid one null.
    hosts = pc.if_else(pc.equal(parts.field("app"), ""), hosts, pc.binary_join_element_wise("app:", hosts, ""))
    is_missing = pc.is_in(pc.utf8_trim_whitespace(pc.fill_null(referrers, "")), pa.array(["", "-"]))
    distinct = pc.if_else(is_missing, "", pc.if_else(pc.is_valid(parts), hosts, None)).dictionary_encode()

    rows = [_attribute(host, own) for host in distinct.dictionary.to_pylist()]
    kinds, sources, stripped = zip(*rows, strict=True) if rows else ((), (), ())
    scrubbed = scrub(pa.array(sources, pa.string()))
    # A domain that holds something personal names no source, not even in part.
    scrubbed = pc.if_else(pc.equal(scrubbed, pa.array(sources, pa.string())), scrubbed, UNKNOWN)
    published = pc.if_else(pc.equal(pa.array(kinds, pa.int8()), _OTHER), scrubbed, pa.array(sources, pa.string()))
    at = distinct.indices
    return pa.table(
        {
            "kind": pc.fill_null(pa.array(kinds, pa.int8()).take(at), _OTHER),
            "source": pc.fill_null(published.take(at), UNKNOWN),
            "host": pc.fill_null(pa.array(stripped, pa.string()).take(at), ""),
        }
    )


def _attribute(host: str, own: Collection[str]) -> tuple[int, str, str]:
    """Kind, source and published host of one host in lower case, which is empty if there is no referrer."""
    if not host:
        return _DIRECT, NONE, ""
    is_app = host.startswith("app:")
    stripped = _strip_host(host.removeprefix("app:"))
    if len(stripped) > MAX_SOURCE_CHARS or not _HOST_NAME.fullmatch(stripped):
        return _OTHER, UNKNOWN, ""
    if is_app:
        kind, name = _BY_HOST.get(host, (_OTHER, stripped))
        return kind, name, ""
    if stripped in own:
        return _INTERNAL, NONE, stripped
    for domain in _domains_of(stripped):
        if domain in _BY_HOST:
            return *_BY_HOST[domain], stripped
    for kind, name, pattern in _BY_PATTERN:
        if pattern.fullmatch(stripped):
            return kind, name, stripped
    return _OTHER, registrable_domain(stripped) or UNKNOWN, stripped


def _domains_of(host: str) -> Iterator[str]:
    """The host itself, then each domain that contains it, the smallest first."""
    while host:
        yield host
        host = host.partition(".")[2]


def _strip_host(host: str) -> str:
    """A host name in lower case without port, trailing dot and `www.`."""
    return host.lower().partition(":")[0].rstrip(".").removeprefix("www.")
