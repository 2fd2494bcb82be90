"""The tables of `describe_agents` for traffic classes: rules for user agents, and names of bots and categories."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from footfall.transforms.vocabulary import AUTOMATED, BOT, MONITOR

BROWSER: Final = "browser"
NO_AGENT: Final = "no user agent"
BOT_LIST: Final = "crawler list"
BOT_FAMILY: Final = "user-agents rule"
BOT_WORD: Final = "bot word"
CONTACT: Final = "contact address"
UPTIME_CHECK: Final = "uptime check"
SPEED_CHECK: Final = "page-speed check"
HEALTH_CHECK: Final = "health check"
OWN_SERVER: Final = "own server"
PROGRAM: Final = "program"
HEADLESS: Final = "headless browser"
MALFORMED: Final = "malformed agent"
ATTACK: Final = "attack in agent"
NO_BROWSER: Final = "no browser"
APP: Final = "app"
CLASS_REASONS: Final = (
    *(BROWSER, APP, NO_AGENT, BOT_LIST, BOT_FAMILY, BOT_WORD, CONTACT, UPTIME_CHECK, SPEED_CHECK, HEALTH_CHECK),
    *(OWN_SERVER, PROGRAM, HEADLESS, MALFORMED, ATTACK, NO_BROWSER),
)
"""The reasons for the traffic class of an agent."""

TAG_CATEGORIES: Final = {
    "ai-crawler": "ai crawler",
    "search-engine": "search engine",
    "seo": "seo",
    "advertising": "advertising",
    "social-preview": "social preview",
    "feed-reader": "feed reader",
    "archiver": "archiver",
    "scanner": "security scanner",
    "academic": "academic",
    "browser-automation": "headless browser",
    "http-library": "library",
    "monitoring": "monitor",
}
"""Tag of crawler-user-agents → category. If an entry has several tags, the first one in this table counts."""

SITES_OWN: Final = re.compile(r"^WordPress/[0-9][^;]*; https?://([^/;:\s]+)[^;]*$")
"""Agents of WordPress' own requests (developer.wordpress.org, `WP_Http`): the group is the host of the site that asks.

It asks itself (its cron, checks of its health), and others for previews and feeds.
"""
AI_ASSISTANT: Final = "ai assistant"
"""The category of what fetches pages because somebody asked an assistant, as against "ai crawler"."""
SITE_SOFTWARE: Final = "site software"
"""The category of what content management systems fetch, from their own site or from others."""
CATEGORIES: Final = (*TAG_CATEGORIES.values(), AI_ASSISTANT, SITE_SOFTWARE, "app", "other", "(none)")
"""All categories of agents that are not human."""


class AgentRule(NamedTuple):
    """A pattern for agents (syntax of Rust's regex crate), and the description of agents that match it.

    If `name` is empty, the family that ua-parser finds is the name.
    """

    pattern: str
    traffic_class: int
    reason: str
    name: str
    category: str


SITES_RULES: Final = (
    # With `; verifying pingback from …` behind the url too.
    AgentRule(r"^WordPress/[0-9][^;]*; https?://", BOT, BOT_LIST, "WordPress", SITE_SOFTWARE),
)
"""Content management systems by what stands before their site's url, in which there may be any word."""

MONITOR_RULES: Final = tuple(
    AgentRule(pattern, MONITOR, reason, name, "monitor")
    for reason, name, pattern in (
        (OWN_SERVER, "Apache", r"\(internal dummy connection\)"),
        (HEALTH_CHECK, "Amazon ELB", "ELB-HealthChecker"),
        (HEALTH_CHECK, "Amazon Route 53", "Amazon-Route53-Health-Check-Service"),
        (HEALTH_CHECK, "Azure Front Door", "Edge Health Probe"),
        (HEALTH_CHECK, "Azure Load Balancer", "Load Balancer Agent"),
        (HEALTH_CHECK, "Azure App Service", r"AlwaysOn$|ReadyForRequest/|HealthCheck/1\.0"),
        (HEALTH_CHECK, "Azure Traffic Manager", "Azure Traffic Manager Endpoint Monitor"),
        (HEALTH_CHECK, "Cloudflare", "Cloudflare-(?:Healthchecks|Traffic-Manager)"),
        (HEALTH_CHECK, "Consul", "Consul Health Check"),
        (HEALTH_CHECK, "Docker", r"docker-healthcheck"),
        (HEALTH_CHECK, "Envoy", "^Envoy/HC"),
        (HEALTH_CHECK, "Google Cloud", "GoogleHC/"),
        (HEALTH_CHECK, "HAProxy", "(?i)^haproxy"),
        (HEALTH_CHECK, "Kubernetes", "kube-probe/"),
        (HEALTH_CHECK, "NGINX", "(?i)nginx health|^NGINX-Plus"),
        (HEALTH_CHECK, "Traefik", "(?i)^traefik"),
        (HEALTH_CHECK, "Varnish", "(?i)^varnish"),
        (UPTIME_CHECK, "AlertSite", "AlertSite"),
        (UPTIME_CHECK, "Alertra", "Alertra"),
        (UPTIME_CHECK, "AppDynamics", "AppDynamics ?Synthetic"),
        (UPTIME_CHECK, "Application Insights", "AppInsights"),
        (UPTIME_CHECK, "Amazon CloudWatch Synthetics", "CloudWatchSynthetics"),
        (UPTIME_CHECK, "Baidu Yun Guan Ce", "Baidu-YunGuanCe"),
        (UPTIME_CHECK, "Better Stack", "Better ?Stack|Better Uptime"),
        (UPTIME_CHECK, "Blackbox Exporter", "Blackbox[- ]Exporter"),
        (UPTIME_CHECK, "Catchpoint", "Catchpoint"),
        (UPTIME_CHECK, "Checkly", "Checkly"),
        (UPTIME_CHECK, "Checkmk", "(?i)check_?mk"),
        (UPTIME_CHECK, "Cronitor", "(?i)cronitor"),
        (UPTIME_CHECK, "Datadog Synthetics", "Datadog/?Synthetics|DatadogSynthetics"),
        (UPTIME_CHECK, "deepnoc", "deepnoc"),
        (UPTIME_CHECK, "Dotcom-Monitor", "Dotcom-Monitor"),
        (UPTIME_CHECK, "Dynatrace", "(?i)(?:dynatrace|ruxit) ?synthetic"),
        (UPTIME_CHECK, "FreeWebMonitoring", "FreeWebMonitoring SiteChecker"),
        (UPTIME_CHECK, "Freshping", "(?i)freshping"),
        (UPTIME_CHECK, "Gatus", "^Gatus/"),
        (UPTIME_CHECK, "Google Cloud Monitoring", "GoogleStackdriverMonitoring"),
        (UPTIME_CHECK, "Host-Tracker", "(?i)host-?tracker"),
        (UPTIME_CHECK, "HetrixTools", "HetrixTools"),
        (UPTIME_CHECK, "Hydrozen", r"Hydrozen\.io"),
        (UPTIME_CHECK, "Icinga", "(?i)icinga"),
        (UPTIME_CHECK, "LibreNMS", "LibreNMS"),
        (UPTIME_CHECK, "Monit", "^Monit/"),
        (UPTIME_CHECK, "Montastic", "(?i)montastic"),
        (UPTIME_CHECK, "Nagios", "(?i)check_http|nagios"),
        (UPTIME_CHECK, "New Relic", "(?i)new ?relic ?(?:pinger|synthetic)"),
        (UPTIME_CHECK, "NIXStats", "NIXStatsbot"),
        (UPTIME_CHECK, "Oh Dear", r"(?i)ohdear|\boh dear\b"),
        (UPTIME_CHECK, "OnlineOrNot", "OnlineOrNot"),
        (UPTIME_CHECK, "Pingdom", "[pP]ingdom"),
        (UPTIME_CHECK, "PRTG", r"\bPRTG\b"),
        (UPTIME_CHECK, "Prometheus", "^Prometheus/"),
        (UPTIME_CHECK, "Sematext", "(?i)sematext"),
        (UPTIME_CHECK, "SolarWinds", "(?i)solarwinds"),
        (UPTIME_CHECK, "Testomato", "minicrawler"),
        (UPTIME_CHECK, "ThousandEyes", "(?i)thousandeyes"),
        (UPTIME_CHECK, "Uptime Kuma", "(?i)uptime-?kuma"),
        (UPTIME_CHECK, "Uptrends", "(?i)uptrends"),
        (UPTIME_CHECK, "Vigil", "^Vigil/"),
        (UPTIME_CHECK, "Zabbix", "Zabbix"),
        (SPEED_CHECK, "Calibre", r"^Calibre\b|CalibreApp"),
        (SPEED_CHECK, "Cloudflare Observatory", "(?i)cloudflare-?(?:observatory|speedtest)"),
        (SPEED_CHECK, "DareBoost", "(?i)dareboost"),
        (SPEED_CHECK, "DebugBear", "(?i)debugbear"),
        (SPEED_CHECK, "Geekflare", "(?i)geekflare"),
        (SPEED_CHECK, "GTmetrix", "(?i)gtmetrix"),
        (SPEED_CHECK, "KeyCDN Tools", "keycdn-tools"),
        (SPEED_CHECK, "Lighthouse", r"Chrome-Lighthouse|\bLighthouse/"),
        # But not the module mod_pagespeed.
        (SPEED_CHECK, "PageSpeed", r"(?i)(?:^|[^_a-z])page ?speed\b"),
        (SPEED_CHECK, "RapidSpike", "(?i)rapidspike"),
        (SPEED_CHECK, "sitespeed.io", r"(?i)sitespeed\.io"),
        (SPEED_CHECK, "SpeedCurve", "(?i)speedcurve"),
        (SPEED_CHECK, "WebPageTest", r"\bPTST/|(?i:webpagetest)"),
        (SPEED_CHECK, "Yellow Lab Tools", "^YLT |(?i:yellow ?lab ?tools)"),
    )
)

# The tag "monitoring" includes crawlers that watch brands, prices or accessibility; these words mark uptime monitors.
UPTIME_WORDS: Final = re.compile(
    r"uptime|downtime|availab|\bhealth|synthetic|server ?(?:density|monitor)|status code", re.IGNORECASE
)

# Names from what their makers publish, and from the list ai.robots.txt (MIT).
AI_RULES: Final = tuple(
    AgentRule(rf"(?i)\b{pattern}", BOT, BOT_LIST, name, category)
    for category, name, pattern in (
        (AI_ASSISTANT, "Amazon Nova Act", "nova-?act"),
        (AI_ASSISTANT, "Amzn-User", "amzn-user"),
        (AI_ASSISTANT, "ChatGPT-User", "chatgpt-user"),
        (AI_ASSISTANT, "Claude-User", "claude-user"),
        (AI_ASSISTANT, "cohere-ai", "cohere-ai"),
        (AI_ASSISTANT, "Devin", r"devin/[\d.]"),
        (AI_ASSISTANT, "DuckAssistBot", "duckassistbot"),
        (AI_ASSISTANT, "Gemini-Deep-Research", "gemini-deep-research"),
        (AI_ASSISTANT, "Google-Agent", "google-?agent"),
        (AI_ASSISTANT, "Google-NotebookLM", "google-notebooklm"),
        (AI_ASSISTANT, "Grok-DeepSearch", "grok-deepsearch"),
        (AI_ASSISTANT, "IsonAI-User", "isonai-user"),
        (AI_ASSISTANT, "kagi-fetcher", "kagi-fetcher"),
        (AI_ASSISTANT, "LinerBot", "linerbot"),
        (AI_ASSISTANT, "Manus-User", "manus-user"),
        (AI_ASSISTANT, "Meta-ExternalFetcher", "meta-externalfetcher"),
        (AI_ASSISTANT, "MistralAI-User", "mistralai-user"),
        (AI_ASSISTANT, "Perplexity-User", "perplexity-?user"),
        (AI_ASSISTANT, "PhindBot", "phindbot"),
        (AI_ASSISTANT, "QuillBot", r"quillbot(?:\.com)?\b"),
        (AI_ASSISTANT, "TavilyBot", "tavilybot"),
        ("ai crawler", "AI2Bot", "ai2bot"),
        ("ai crawler", "Amazonbot", "amazonbot"),
        ("ai crawler", "Amzn-SearchBot", "amzn-searchbot"),
        ("ai crawler", "Andibot", "andibot"),
        ("ai crawler", "anthropic-ai", "anthropic-ai"),
        ("ai crawler", "Applebot-Extended", "applebot-extended"),
        ("ai crawler", "bedrockbot", "bedrockbot"),
        ("ai crawler", "Bytespider", "bytespider"),
        ("ai crawler", "CCBot", "ccbot"),
        ("ai crawler", "ClaudeBot", "claudebot"),
        ("ai crawler", "Claude-SearchBot", "claude-searchbot"),
        ("ai crawler", "Claude-Web", "claude-web"),
        ("ai crawler", "Cotoyogi", "cotoyogi"),
        ("ai crawler", "DeepSeekBot", "deepseek-?(?:bot|spider)"),
        ("ai crawler", "Diffbot", "diffbot"),
        ("ai crawler", "FacebookBot", "facebookbot"),
        ("ai crawler", "Google-CloudVertexBot", "google-cloudvertexbot"),
        ("ai crawler", "Google-Extended", "google-extended"),
        ("ai crawler", "GPTBot", "gptbot"),
        ("ai crawler", "GrokBot", "grokbot|xai-(?:grok|searchbot|bot)"),
        ("ai crawler", "ImagesiftBot", "imagesiftbot"),
        ("ai crawler", "Meta-ExternalAgent", "meta-externalagent"),
        ("ai crawler", "Meta-WebIndexer", "meta-webindexer"),
        ("ai crawler", "MistralBot", "mistral(?:ai)?-?(?:bot|index)"),
        ("ai crawler", "OAI-AdsBot", "oai-adsbot"),
        ("ai crawler", "OAI-SearchBot", "oai-searchbot"),
        ("ai crawler", "omgili", "omgili(?:bot)?"),
        ("ai crawler", "PanguBot", "pangubot"),
        ("ai crawler", "PerplexityBot", "perplexitybot"),
        ("ai crawler", "TikTokSpider", "tiktokspider"),
        ("ai crawler", "Timpibot", "timpibot"),
        ("ai crawler", "Webzio-Extended", "webzio-extended"),
        ("ai crawler", "YouBot", "youbot"),
    )
)
"""AI crawlers and AI assistants by name, in categories of their own; they are tried before the list of crawlers."""

PROGRAM_RULES: Final = tuple(
    AgentRule(pattern, AUTOMATED, reason, name, category)
    for reason, name, category, pattern in (
        (HEADLESS, "Cypress", "headless browser", r"\bCypress/"),
        (HEADLESS, "Electron", "headless browser", "Electron/.*(?i:headless)"),
        (HEADLESS, "HtmlUnit", "headless browser", "HtmlUnit"),
        (HEADLESS, "SlimerJS", "headless browser", "SlimerJS"),
        (PROGRAM, "Apache-HttpAsyncClient", "library", "HttpAsyncClient|Apache-HttpClient"),
        (PROGRAM, "cPanel", "library", "(?i)cpanel-http-client"),
        (PROGRAM, "Dart", "library", "^Dart/"),
        (PROGRAM, "Deno", "library", "^Deno/"),
        (PROGRAM, "Faraday", "library", "^Faraday v"),
        (PROGRAM, "fasthttp", "library", "^fasthttp"),
        (PROGRAM, "Guzzle", "library", "GuzzleHttp"),
        (PROGRAM, "Java", "library", "^Java(?:-http-client)?/"),
        (PROGRAM, "libcurl", "library", "(?i)^(?:lib|py)curl"),
        (PROGRAM, "Lua", "library", "(?i)lua-resty-http"),
        (PROGRAM, "Node.js", "library", "(?i)^node(?:js)?(?:/|$)|^undici|^superagent|^needle/"),
        (PROGRAM, "PHP", "library", "^PHP/"),
        (PROGRAM, "Postman", "library", "PostmanRuntime|insomnia/"),
        (PROGRAM, "PowerShell", "library", "WindowsPowerShell|^PowerShell/"),
        (PROGRAM, "Python", "library", "^[Pp]ython"),
        (PROGRAM, "reqwest", "library", "^reqwest"),
        (PROGRAM, "RestSharp", "library", "^RestSharp"),
        (PROGRAM, "Ruby", "library", "^(?:[Rr]uby|rest-client/|Typhoeus|HTTPClient/)"),
        (PROGRAM, "Symfony", "library", "^Symfony"),
        (PROGRAM, "WinHttp", "library", "(?i)winhttp|WinInet"),
    )
)

WORD_RULES: Final = (
    AgentRule(
        r"(?i)health[ _-]?check|uptime|(?:site|server|website|http|url|network|synthetic)s?[ _-]?monitor"
        r"|monitor(?:ing)?[ _-]?check|\bheartbeat\b",
        *(MONITOR, UPTIME_CHECK, "", "monitor"),
    ),
    AgentRule(
        r"(?i)bots?(?:[^a-z]|$)|(?-i:[a-z]Bot)|crawl|spider|scraper|scanner|slurp|harvest(?:er|man)"
        r"|archiver|indexer|(?:link|url|site|seo|feed|page|web)[ _-]?(?:check|valid|audit|fetch|pars|preview|extract)"
        r"|feed ?reader",
        *(BOT, BOT_WORD, "", "other"),
    ),
)
"""Words by which unlisted agents declare themselves a monitor or a bot, in the order of the classes."""

LAST_RULES: Final = (
    AgentRule(
        r"(?i)\$\{(?:jndi|env|lower|upper|::-)|\(\)\s*\{|<\?php|<script|<%|\bunion\b.{1,40}\bselect\b|\b[OCas]:[0-9]+:[\x22{]"
        r"|\bsleep\(|waitfor delay|'\s*(?:and|or|\|\|)\s*'?|/etc/passwd|\.\./\.\./|\|\s*(?:wget|curl)\b|@@",
        *(AUTOMATED, ATTACK, "", "security scanner"),
    ),
    # Agents typed by hand: with the name of the header, or with the usual misspellings.
    AgentRule(r"(?i)^user-agent\s*:|mozlila|mozila/|mozzila|moblie safari", *(AUTOMATED, MALFORMED, "", "other")),
    AgentRule(
        r"(?i)https?://|mailto:|\bwww\.[a-z0-9-]+\.[a-z]|[\w.+-]@[a-z0-9-]+\.[a-z]", *(BOT, CONTACT, "", "other")
    ),
    # Apps that fetch through their system's library, and players of media. With a browser's engine they are web views.
    AgentRule(r"^Dalvik/|\bCFNetwork/|^AppleCoreMedia/|ExoPlayer|\bstagefright/|^Roku/", *(AUTOMATED, APP, "", "app")),
    AgentRule(
        r"^Outlook-(?:iOS|Android)|^Microsoft (?:Office|Outlook)\b|\bms-office\b", *(AUTOMATED, APP, "Outlook", "app")
    ),
)
"""Rules that are tried after those of the bots: attacks before the programs, the others after them."""

NOT_OF_BOTS: Final = re.compile(
    # What people's agents say that bots' do too: the model of a telephone or tablet, if it is all of the field and has
    # no version of a program in it, …
    r"\bAndroid [\d.]+;(?: [a-z]{2}[-_][a-zA-Z]{2};)?[^;()/@+]*(?:\([^;()/@+]*\))?[^;()/@+]*(?=;|\)| Build/| MIUI/)"
    # … apps, and a control for browsers that programs embed.
    r"|\bCamScanner\b|\bCUBOT\w*|\bhttp://(?:www\.)?bsalsa\.com",
    re.IGNORECASE,
)
"""Parts of browsers' agents that no rule for bots looks at."""

DECLARES_ITSELF: Final = re.compile(r"compatible; (?!MSIE)|https?://(?!(?:www\.)?bsalsa\.com)|@", re.IGNORECASE)
"""What no browser says, but many bots in a browser's clothes: all of such an agent is looked at."""

_IOS_VIEW: Final = r"\((?:iPhone|iPad|iPod)[^)]*\) AppleWebKit/[\d.]+ \(KHTML, like Gecko\)"
WEB_VIEWS: Final = (
    (
        r"; wv\)|\bFB(?:AN|AV|_IAB)\b|\bMetaIAB\b|\bInstagram [\d.]|\bMicroMessenger/|\bKAKAOTALK\b|\bNAVER\(inapp"
        r"|\bLine/[\d.]|\bGSA/|\bLinkedInApp\b|\bBytedanceWebview\b|\bmusical_ly|\bSnapchat/|\bTwitter for "
        r"|\[Pinterest/|\bCamScanner\b|\bWhatsApp/|\bMicrosoft Outlook \d",
        True,
    ),
    # Safari and other browsers end with "Safari/…", apps' views on iOS do not.
    (rf"{_IOS_VIEW}(?: Version/|.* Safari/)", False),
    (_IOS_VIEW, True),
)
"""Signs of apps that show pages in a view with a browser's engine, and signs that an agent is none: the first that
matches counts."""

AMENDED_PATTERNS: Final[dict[str, str | None]] = {
    # Human agents: a build of Android, and the browser inside an app.
    "AP3A\\.240617\\.008": None,
    "MetaIAB Facebook": None,
    # See SITES_OWN.
    "WordPress\\/": None,
    # The app itself, which fetches previews. Inside a browser's agent it is the app that a person uses.
    "Bluesky\\/": "^Bluesky/",
    "Notion\\/": "^Notion/",
    "Tumblr\\/": "^Tumblr/",
    "Viber": "^Viber",
    "WhatsApp": "^WhatsApp",
    # Also part of other words and versions ("WIRED/", "Opera Mini/4.4.39008/"), or the name of a browser.
    "008\\/": "(?:^|[ ;(])008/",
    "BW\\/": "(?:^|[ ;(])BW/",
    "RED\\/": "(?:^|[ ;(])RED/",
    "ds9": "(?:^|[ ;(])ds9",
    "Sogou": "(?i)sogou[a-z_ -]*spider",
}
"""Pattern of crawler-user-agents → the pattern used instead, None to leave the entry out."""

BOT_NAMES: Final = {
    "008\\/": "80legs",
    "(^| )PTST\\/": "WebPageTest",
    "(^| )sentry\\/": "Sentry",
    "(sistrix|SISTRIX) [cC]rawler": "SISTRIX Crawler",
    "AdsBot-Google([^-]|$)": "AdsBot-Google",
    "Ahrefs(Bot|SiteAudit)": "AhrefsBot",
    "Automaton|Newsify Feed Fetcher": "Newsify",
    "BlogTraffic\\/\\d\\.\\d+ Feed-Fetcher": "BlogTraffic Feed-Fetcher",
    "Chirp|gotosocial": "GoToSocial",
    "ContextualBot[\\s\\S]*outcomes\\.net": "ContextualBot",
    "Current[\\s\\S]*RSS Reader": "Current RSS Reader",
    "GoogleAssociationService$": "GoogleAssociationService",
    "Netumo|netumo": "Netumo",
    "Owler \\(ows\\.eu": "Owler",
    "Riddler \\(http:\\/\\/riddler\\.io": "Riddler",
    "S[eE][mM]rushBot": "SemrushBot",
    "SSL Labs \\(https:\\/\\/www\\.ssllabs\\.com": "SSL Labs",
    "Slurp": "Yahoo! Slurp",
    "WeSEE:Search": "WeSEE Search",
    "www\\.uptime\\.com": "Uptime.com",
    "Spider[\\s\\S]*spider\\.com": "Spider",
    "[cC]laude[bB]ot": "ClaudeBot",
    "[dD]ir[Bb]uster": "DirBuster",
    "collection@infegy\\.com": "Infegy",
    "developers\\.google\\.com\\/\\+\\/web\\/snippet": "Google Web Snippet",
    "https:\\/\\/developers\\.cloudflare\\.com\\/security-center\\/": "Cloudflare Security Center",
    "monitis -": "Monitis",
    "pinterest\\.com\\/bot": "Pinterestbot",
    "scraping@nytimes\\.com": "New York Times",
    "yandex\\.com\\/bots": "YandexBot",
}
"""Pattern of crawler-user-agents → name, for patterns from which no name can be read."""

BROWSERS_WITHOUT_MOZILLA: Final = re.compile(
    r"^Opera/|\b(?:MIDP|CLDC|Opera Mini|UCWEB|UP\.Browser|Obigo|NetFront|Teleca|Polaris|Maui|Openwave)\b"
    r"|^(?:BlackBerry|Nokia|SonyEricsson|SAMSUNG|SEC-|LG[E-]|MOT-|DoCoMo|KDDI|J-PHONE|Vodafone|HTC|ZTE|Alcatel|PantechP?|SIE-|Philips|SAGEM)"
    r"|^(?:Lynx|E?Links|w3m|NetSurf|Dillo|NCSA|Emacs|Cello|IBrowse|amaya|OmniWeb|iCab|UCBrowser|UC Browser|Wii"
    r"|Playstation)\b"
    r"|^(?:Iron|retawq|Midori|NetPositive|Galeon)/",
    re.IGNORECASE,
)
"""Agents of browsers that do not contain "Mozilla/": text browsers, old telephones, game consoles."""
