"""Attributes referrers to a kind (search, social, …) and a source (Google, a host, …)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.referrer_hosts import LISTED
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
        "Google": (
            *("app:com.google.android.googlequicksearchbox", "googleadservices.com", "syndicatedsearch.goog"),
            "webcache.googleusercontent.com",
        ),
        # Pages in a cache that search results lead to.
        "Google AMP": ("cdn.ampproject.org",),
        "Bing AMP": ("bing-amp.com",),
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
        "Centrum": ("search.centrum.cz",),
        "Seznam": ("search.seznam.cz",),
        "Shenma": ("sm.cn",),
        "Sogou": ("sogou.com",),
        "Startpage": ("startpage.com", "ixquick.com"),
        "Swisscows": ("swisscows.com",),
        "WebCrawler": ("webcrawler.com",),
        "Yahoo": ("search.yahoo.com", "search.yahoo.co.jp"),
        "Yandex": ("ya.ru", "app:ru.yandex.searchplugin"),
        "Yep": ("yep.com",),
        "1&1": ("suche.1und1.de",),
    },
    "social": {
        "Bilibili": ("bilibili.com",),
        "Bluesky": ("bsky.app", "go.bsky.app"),
        "Discord": ("discord.com", "discordapp.com", "discord.gg", "app:com.discord"),
        "Douyin": ("douyin.com",),
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
        "BAND": ("band.us",),
        "LINE": ("line.me", "app:jp.naver.line.android"),
        "Lnk.Bio": ("lnk.bio",),
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
        "WeChat": ("weixin.qq.com", "app:com.tencent.mm"),
        "Workplace": ("workplace.com",),
        "WhatsApp": ("whatsapp.com", "wa.me", "app:com.whatsapp"),
        "Xiaohongshu": ("xiaohongshu.com",),
        "Zhihu": ("zhihu.com",),
        "Lemmy": ("lemmy.world", "lemmy.ml", "feddit.org", "feddit.de"),
        "Nextdoor": ("nextdoor.com",),
        "Pixelfed": ("pixelfed.social",),
        "Truth Social": ("truthsocial.com",),
        "X": ("x.com", "twitter.com", "t.co", "app:com.twitter.android"),
        "Xing": ("xing.com",),
        "YouTube": ("youtube.com", "youtu.be", "youtube-nocookie.com", "app:com.google.android.youtube"),
    },
    "email": {
        "Abv": ("abv.bg",),
        "AOL Mail": ("mail.aol.com",),
        "Fastmail": ("fastmail.com", "app.fastmail.com"),
        "Gmail": ("mail.google.com", "gmail.com", "app:com.google.android.gm"),
        "GMX": ("gmx.net", "gmx.de", "gmx.com", "deref-gmx.net", "deref-gmx.com"),
        "Freemail": ("freemail.hu",),
        "iCloud Mail": ("icloud.com",),
        "Infomaniak": ("mail.infomaniak.com",),
        "Interia": ("poczta.interia.pl",),
        "La Poste": ("laposte.net",),
        "Libero Mail": ("mail.libero.it",),
        "mailbox.org": ("mailbox.org",),
        "Mail.ru Mail": ("e.mail.ru",),
        "Onet": ("poczta.onet.pl",),
        "Orange Mail": ("messagerie.orange.fr", "webmail.orange.fr"),
        "Outlook": (
            *("outlook.live.com", "outlook.office.com", "outlook.office365.com", "outlook.com", "mail.live.com"),
            *("safelinks.protection.outlook.com", "hotmail.com", "app:com.microsoft.office.outlook"),
        ),
        "Posteo": ("posteo.de",),
        "Proton Mail": ("mail.proton.me", "mail.protonmail.com"),
        "Roundcube": ("roundcube.net",),
        "Seznam Email": ("email.seznam.cz",),
        "T-Online Email": ("email.t-online.de",),
        "Tuta": ("app.tuta.com", "mail.tutanota.com", "app.tutanota.com"),
        "Ukr.net": ("mail.ukr.net",),
        "Wirtualna Polska Poczta": ("poczta.wp.pl",),
        "Vodafone Mail": ("mail.vodafone.de",),
        "WEB.DE": ("web.de", "deref-web.de", "deref-web-02.de"),
        "Yahoo Mail": ("mail.yahoo.com", "mail.yahoo.co.jp", "app:com.yahoo.mobile.client.android.mail"),
        "Yandex Mail": ("mail.yandex.ru", "mail.yandex.com"),
        "Zoho Mail": ("mail.zoho.com", "mail.zoho.eu"),
    },
    "ai_assistant": {
        "Baidu AI": ("yiyan.baidu.com", "ai.baidu.com", "chat.baidu.com"),
        "Character.AI": ("character.ai",),
        "ChatGLM": ("chatglm.cn", "chat.z.ai"),
        "ChatGPT": ("chatgpt.com", "chat.openai.com", "labs.openai.com", "app:com.openai.chatgpt"),
        "Claude": ("claude.ai", "app:com.anthropic.claude"),
        "Copilot": (
            "copilot.microsoft.com",
            "copilot.cloud.microsoft",
            "m365.cloud.microsoft",
            "edgeservices.bing.com",
        ),
        "DeepSeek": ("chat.deepseek.com", "app:com.deepseek.chat"),
        "Doubao": ("doubao.com",),
        "Duck.ai": ("duck.ai",),
        "Felo": ("felo.ai",),
        "Gemini": ("gemini.google.com", "bard.google.com", "app:com.google.android.apps.bard"),
        "Genspark": ("genspark.ai",),
        "Grok": ("grok.com", "x.ai"),
        "iAsk": ("iask.ai",),
        "Jasper": ("jasper.ai",),
        "Kimi": ("kimi.com", "kimi.moonshot.cn"),
        "Le Chat": ("chat.mistral.ai",),
        "Liner": ("liner.com",),
        "Manus": ("manus.im",),
        "Meta AI": ("meta.ai",),
        "NotebookLM": ("notebooklm.google.com",),
        "Perplexity": ("perplexity.ai", "app:ai.perplexity.app.android"),
        "Phind": ("phind.com",),
        "Pi": ("pi.ai",),
        "Poe": ("poe.com",),
        "Qwen": ("chat.qwen.ai", "tongyi.aliyun.com"),
        "Venice": ("venice.ai",),
        "You.com": ("you.com",),
        "Yuanbao": ("yuanbao.tencent.com",),
    },
    # Pages in translation, whoever led to them.
    "other": {
        "Google Translate": ("translate.goog", "translate.googleusercontent.com"),
        "Bing Translator": ("translatetheweb.com", "translatoruser.net", "microsofttranslator.com"),
        "Yandex Translate": ("translated.turbopages.org",),
        "Papago": ("papago.naver.com", "papago.naver.net"),
        "DeepL": ("deepl.com",),
    },
    # Sites whose machines ask for pages to be seen in reports of referrers; no service has sent anybody from them.
    "spam": {
        host: (host,)
        for host in (
            *(
                "100dollars-seo.com",
                "4webmasters.org",
            ),
            *(
                "anticrawler.org",
                "best-seo-offer.com",
                "best-seo-solution.com",
                "bestwebsitesawards.com",
                "blackhatworth.com",
            ),
            *(
                "bottraffic.live",
                "bottraffic.xyz",
                "buttons-for-website.com",
                "buttons-for-your-website.com",
                "buy-cheap-online.info",
            ),
            *("cenokos.ru", "cenoval.ru", "darodar.com", "descargar-musica-gratis.net", "econom.co"),
            *("event-tracking.com", "fbdownloader.com", "floating-share-buttons.com", "free-share-buttons.com"),
            *(
                "free-social-buttons.com",
                "free-traffic.xyz",
                "free-video-tool.com",
                "get-free-traffic-now.com",
                "googlsucks.com",
            ),
            *(
                "guardlink.org",
                "hulfingtonpost.com",
                "humanorightswatch.org",
                "ilovevitaly.com",
                "iskalko.ru",
                "justprofit.xyz",
            ),
            *(
                "kambasoft.com",
                "lomb.co",
                "make-money-online.com",
                "makemoneyonline.com",
                "o-o-6-o-o.com",
                "o-o-8-o-o.com",
            ),
            *(
                "pornhub-forum.ga",
                "priceg.com",
                "ranksonic.info",
                "savetubevideo.com",
                "screentoolkit.com",
                "semalt.com",
            ),
            *("semaltmedia.com", "seo-platform.com", "sexyteens.hol.es", "sharebutton.net", "simple-share-buttons.com"),
            *(
                "site-auditor.online",
                "site-speed-check.site",
                "site-speed-checker.site",
                "social-buttons.com",
                "success-seo.com",
            ),
            *("superiends.org", "theguardlan.com", "top1-seo-service.com", "traffic2cash.xyz", "traffic2money.com"),
            *(
                "trafficbot.life",
                "trafficbot.live",
                "trafficmonetize.org",
                "trafficmonetizer.org",
                "videos-for-your-business.com",
            ),
            *("webmonetizer.net", "website-analyzer.info", "websites-reviews.com", "youporn-forum.ga"),
        )
    },
}
"""Kind → name of the source → hosts. A host includes its subdomains (`m.facebook.com`) unless one is listed itself.

`app:` precedes the package name of an Android app, whose referrers are `android-app://package`.
"""

SOURCE_PATTERNS: Final[tuple[tuple[str, str, str], ...]] = (
    ("search", "Google", r"(?:(?:images|m|ipv4|encrypted|cse|lens)\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"),
    ("search", "Google News", r"news\.google\.[a-z.]{2,6}"),
    ("search", "Yandex", r"(?:.+\.)?yandex\.(?:[a-z]{2,3}|com?\.[a-z]{2})"),
    ("other", "Google Translate", r"translate\.google\.(?:[a-z]{2,3}|com?\.[a-z]{2})"),
    # Providers of mail: their sites in many countries, the hosts of their programs, and those that links are led over.
    ("email", "GMX", r"(?:.+\.|deref-)?gmx\.(?:[a-z]{2,3}|co\.uk)"),
    ("email", "IONOS Mail", r"(?:email|mailbusiness)\.ionos\.(?:[a-z]{2,3}|co\.uk)|deref-1und1(?:-\d+)?\.de"),
    ("email", "Bluewin", r"(?:email|rich-v\d+)\.bluewin\.ch"),
    ("email", "mail.com", r"(?:3c|3c-[a-z]+|lightmailer|lightmailer-[a-z]+)\.mail\.com|deref-mail\.com"),
    ("email", "Orange Mail", r"(?:w?mail\d*|webmail\w*|messagerie\w*)\.orange\.fr"),
    ("email", "UPC Mail", r"upcmail\.hispeed\.ch"),
    # Mail programs that hosts and universities run themselves.
    ("email", "Webmail", r"(?:webmail|roundcube|squirrelmail|horde|zimbra|rainloop|owa)\d*\..+"),
    ("social", "Pinterest", r"(?:.+\.)?pinterest\.(?:[a-z]{2}|co\.[a-z]{2}|com\.[a-z]{2})"),
)
"""(kind, name of the source, pattern of the whole host) of services that have domains in many countries."""

_DIRECT, _OTHER = REFERRER_KINDS.index("direct"), REFERRER_KINDS.index("other")
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_CAMPAIGN, _EMAIL = REFERRER_KINDS.index("campaign"), REFERRER_KINDS.index("email")
_SPAM: Final = REFERRER_KINDS.index("spam")
_LISTED: Final = [
    (host, (REFERRER_KINDS.index(kind), name))
    for kind, lines in LISTED.items()
    for name, _, hosts in (line.partition(": ") for line in lines.strip().splitlines())
    for host in hosts.split()
]
_BY_HOST: Final = dict(_LISTED) | {
    host: (REFERRER_KINDS.index(kind), name)
    for kind, names in SOURCES.items()
    for name, hosts in names.items()
    for host in hosts
}
_ALIASES: Final = {
    **{alias: "Facebook" for alias in ("fb", "meta")},
    **{alias: "Instagram" for alias in ("ig", "insta")},
    **{"twitter": "X", "openai": "ChatGPT", "yt": "YouTube", "linked-in": "LinkedIn", "mistral": "Le Chat"},
    **{"bard": "Gemini", "hackernews": "Hacker News", "hn": "Hacker News", "protonmail": "Proton Mail"},
}
_KINDS_BY_NAME: Final = {
    name.lower(): (REFERRER_KINDS.index(kind), name)
    for kind, names in SOURCES.items()
    if kind not in ("other", "spam")
    for name in names
}
_BY_NAME: Final = _KINDS_BY_NAME | {alias: _KINDS_BY_NAME[name.lower()] for alias, name in _ALIASES.items()}
_MAIL_WORDS: Final = frozenset({"email", "e-mail", "mail", "newsletter", "mailing"})
PAID_MEDIUM: Final = re.compile(
    r"(?:.*[^a-z])?(?:cp[acmv]|ppc|paid.*|.*[^a-z]paid|sem|ads?|adwords|display|banner|retargeting)"
)
"""What campaigns call the medium of an advertisement."""
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


def attribute_campaign(source: str, medium: str) -> tuple[int, str]:
    """Kind and source of a visit with a campaign, by its `utm_source` and `utm_medium`, as `read_campaigns` has them.

    A source that is known keeps its kind, be it named (`chatgpt`, `fb`) or a host (`chatgpt.com`), unless the visit was
    paid for: then, and where the source is not known, the kind is `campaign`.

    >>> attribute_campaign("chatgpt.com", ""), attribute_campaign("google", "cpc"), attribute_campaign("fair", "qr")
    ((5, 'ChatGPT'), (6, 'google'), (6, 'fair'))
    """
    if PAID_MEDIUM.fullmatch(medium):
        return _CAMPAIGN, source
    if source in _MAIL_WORDS:
        return _EMAIL, source
    if source in _BY_NAME:
        return _BY_NAME[source]
    kind, name, _ = _attribute(source, ()) if "." in source else (_OTHER, "", "")
    return (_CAMPAIGN, source) if kind in (_OTHER, _SPAM) else (kind, name)


def _attribute(host: str, own: Collection[str]) -> tuple[int, str, str]:
    """Kind, source and published host of one host in lower case, which is empty if there is no referrer."""
    if not host:
        return _DIRECT, NONE, ""
    is_app = host.startswith("app:")
    stripped = _strip_host(host.removeprefix("app:"))
    if len(stripped) > MAX_SOURCE_CHARS or not _HOST_NAME.fullmatch(stripped):
        return _OTHER, UNKNOWN, ""
    if stripped.endswith(".arpa"):
        # An address backwards, of which the domain has a part.
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
