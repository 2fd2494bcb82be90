"""The conventions by which servers, frameworks and sites call what is no page: one table, with sources.

Each convention is a regular expression on a path, or on a path with its query, and the kind of what answers there.
`judge_paths` applies them. Paths are decoded, in lower case, and spelled as pages are; a query is in lower case.
Add a convention by adding an entry; for other names, sites have the settings (`[pages]`), and there is evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PATH_KINDS: Final = (
    *("nothing", "document", "form", "part", "style", "file", "feed", "background", "robots", "advice", "icon", "text"),
    "api",
)
"""The index is the code in columns. `form` is a document too: one to log in, to join or to write to the site; `text` is
a document that has no parts; `icon` is a part, but one that browsers ask for by themselves.
"""
NOTHING, DOCUMENT, FORM, PART, STYLE, FILE, FEED, BACKGROUND, ROBOTS, ADVICE, ICON, TEXT, API = range(len(PATH_KINDS))

IMAGES: Final = (
    *("png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "gif", "svg", "svgz", "ico", "cur", "webp", "avif", "apng", "bmp"),
    *("xbm", "xpm", "pbm", "pgm", "ppm", "ras", "rgb", "pcx", "tga", "pict", "pct", "tif", "tiff", "heic", "heif"),
    *("jxl", "jp2", "wmf", "emf"),
)
PROGRAMS: Final = ("js", "mjs", "cjs", "jsx", "wasm", "woff", "woff2", "ttf", "otf", "eot", "swf", "htc", "class")
"""Scripts and fonts of pages."""
STYLES: Final = ("css", "less", "scss")
TEXTS: Final = (
    *("pdf", "ps", "dvi", "doc", "docx", "dot", "odt", "rtf", "ppt", "pptx", "pps", "ppsx", "odp", "xls", "xlsx"),
    *("ods", "epub", "mobi", "tex", "bib", "txt", "text", "md", "rst", "log", "conf", "cfg", "ini", "diff", "patch"),
    *("py", "sh", "c", "h", "cc", "cpp", "hpp", "java", "rb", "go", "rs", "lua"),
)
"""What people open to read it, in the browser or beside it. `txt` is among them: what only programs ask for has
names of its own (`robots.txt`, below), and logs of old have whole libraries in it.
"""
FILES: Final = (
    # audio and video
    *("mp2", "mp3", "ogg", "oga", "opus", "wav", "flac", "m4a", "aac", "mid", "midi", "au", "aif", "aiff", "snd"),
    *("wma", "ra", "ram", "rm", "mp4", "m4v", "m4s", "mpg", "mpeg", "mpe", "webm", "ogv", "avi", "mov", "qt", "mkv"),
    *("wmv", "asf", "flv", "f4v", "3gp", "3g2", "fli", "m3u", "m3u8", "mpd", "ts", "vtt", "srt", "dcr", "wrl", "glb"),
    # archives, programs and packages
    *("zip", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "tar", "z", "hqx", "sit", "lzh", "arj", "jar", "war"),
    *("exe", "msi", "dmg", "pkg", "deb", "rpm", "apk", "ipa", "iso", "img", "bin", "dll", "whl", "cab", "crx", "xpi"),
    *("torrent", "eps", "psd", "ai", "dwg", "dxf", "fits"),
    # data
    *("csv", "tsv", "yaml", "yml", "webmanifest", "manifest", "appcache", "asc", "sig", "pem", "crt", "sql", "bak"),
    *("db", "ics", "ical", "vcf", "kml", "kmz", "gpx", "map", "xsl", "xslt", "dtd", "xsd", "wsdl", "dat", "parquet"),
)
DATA: Final = (
    *("json", "jsonp", "jsonld", "geojson", "topojson", "ndjson", "jsonl", "json5", "xml", "msgpack", "pbf", "mvt"),
    *("ashx", "asmx", "svc", "axd", "cfc", "turbo_stream"),
)
FEEDS: Final = ("rss", "atom", "rdf")

_IMAGE_ENDINGS: Final = "|".join(IMAGES)


@dataclass(frozen=True)
class Convention:
    """What is found at some paths, or at some paths with a query; `of` is who has the convention, and where it stands.

    What is `doubtful` is a document where people open it as they open documents. `urls` matches a path with its query.
    """

    kind: int
    of: str
    paths: str = ""
    urls: str = ""
    doubtful: bool = False


def _endings(kind: int, of: str, endings: tuple[str, ...]) -> Convention:
    return Convention(kind, of, rf"\.(?:{'|'.join(endings)})/?$")


CONVENTIONS: Final = (
    # --- what only programs ask for ---
    Convention(NOTHING, "targets of requests that are no paths: RFC 9112, 3.2", r"^(?:[^/]|$)"),
    Convention(
        ADVICE,
        "Chrome's prefetch proxy: github.com/buettner/private-prefetch",
        r"^/\.well-known/traffic-advice$",
    ),
    Convention(
        ROBOTS,
        "robotstxt.org; sitemaps.org; iabtechlab.com/ads-txt; RFC 9116; llmstxt.org",
        r"^/(?:robots|ads|app-ads|humans|llms|llms-full)\.txt$|^/(?:\.well-known/)?security\.txt$|^/sellers\.json$"
        r"|/(?:[a-z0-9_-]+[_-])?sitemaps?(?:[_-]?[a-z0-9_-]*)\.(?:xml|xml\.gz|txt)$|^/\.well-known/ai-plugin\.json$",
    ),
    Convention(
        ROBOTS,
        "developer.wordpress.org/reference/functions/wlwmanifest_link: for Windows Live Writer, which nobody has",
        r"/wlwmanifest\.xml$",
    ),
    Convention(
        DOCUMENT,
        "MediaWiki: mediawiki.org/wiki/Help:Images, the page about a file, which is named after it",
        r"/(?:wiki|w|index\.php)/[^/:]+:[^/]+$"
        r"|^/(?:file|image|datei|bild|fichier|archivo|immagine|ficheiro|bestand|plik|fil|media):[^/]+$",
    ),
    Convention(
        DOCUMENT,
        "GitLab, Gitea, GitHub: docs.gitlab.com, docs.gitea.com, pages that show a file of a repository",
        r"/-/(?:blob|blame|edit|tree|commits?)/|^/[^/]+/[^/]+/(?:blob|blame)/[^/]+/.|/src/(?:branch|commit|tag)/[^/]+/.",
    ),
    # --- feeds ---
    _endings(FEED, "RFC 4287; rssboard.org", FEEDS),
    Convention(
        FEED,
        "WordPress, Hugo, Blogger: wordpress.org/documentation/article/wordpress-feeds, gohugo.io/templates/rss",
        r"/feeds?/(?:rss2?|rdf|atom|json|podcast|(?:posts|comments)/(?:default|full|summary)(?:/.*)?)$"
        r"|/(?:feed|rss2?|atom|index)\.xml$|/(?:feed|rss2?|atom|rdf|syndication)\.(?:php|json|aspx)$",
        r"[?&]feed=|[?&](?:flav|type|format|output|alt)=(?:rss|atom|rdf|feed)[0-9._]*(?:&|$)",
    ),
    # --- what pages are made of ---
    Convention(
        ICON,
        "html.spec.whatwg.org, rel=icon; Apple's web clips; Microsoft's tiles",
        rf"(?:favicon|apple-touch)[^/]*\.(?:{_IMAGE_ENDINGS})/?$|/(?:favicon|apple-touch-icon)$"
        r"|/(?:mstile-[^/]*|browserconfig\.xml)$",
    ),
    _endings(STYLE, "www.iana.org/assignments/media-types", STYLES),
    Convention(STYLE, "ASP.NET: learn.microsoft.com, bundling", r"/bundles/[^/]*(?:css|style)[^/]*$|/content/css$"),
    Convention(STYLE, "Plone: docs.plone.org, resource registries", r"/css_cached"),
    Convention(
        STYLE,
        "WordPress, DokuWiki, Moodle, XenForo",
        r"/load-styles\.php$|/(?:css|styles?)\.php$|/theme/styles[a-z_]*\.php(?:/|$)",
    ),
    _endings(PART, "www.iana.org/assignments/media-types", IMAGES),
    _endings(PART, "www.iana.org/assignments/media-types", PROGRAMS),
    Convention(PART, "Next.js: nextjs.org/docs, assetPrefix, Image", r"/_next/(?:image|static)(?:/|$)"),
    Convention(PART, "Nuxt: nuxt.com/docs, buildAssetsDir; image.nuxt.com", r"/_nuxt/|/_ipx/"),
    Convention(
        PART,
        "SvelteKit, Astro, Vite: svelte.dev, docs.astro.build, vite.dev",
        r"/_app/immutable/|/_astro/|/_image$",
    ),
    Convention(
        PART,
        "Vite's and Blazor's files: vite.dev, learn.microsoft.com",
        r"/@(?:vite|fs|id)/|/_framework/|/_content/",
    ),
    Convention(PART, "Vercel, Netlify: images", r"/_vercel/image$|/\.netlify/images$"),
    Convention(PART, "Cloudflare: developers.cloudflare.com, /cdn-cgi/", r"/cdn-cgi/(?:image|imagedelivery|scripts)/"),
    Convention(PART, "Symfony, ASP.NET: public bundles, bundling", r"/bundles/"),
    Convention(PART, "ASP.NET: learn.microsoft.com, WebResource.axd", r"\.axd(?:/|$)"),
    Convention(PART, "Rails: guides.rubyonrails.org", r"^/packs/|/rails/active_storage/(?:representations|disk)/"),
    Convention(PART, "WebJars, Spring: webjars.org", r"/webjars/"),
    Convention(
        PART,
        "Faces: jakarta.ee/specifications/faces",
        r"/(?:javax|jakarta)\.faces\.resource/|/org\.richfaces\.|/a4j/",
    ),
    Convention(
        PART,
        "Wicket, GWT, Vaadin",
        r"/wicket/resource/|/[0-9a-f]{32}\.cache\.html$|/vaadin/(?:build|static|themes)/",
    ),
    Convention(
        PART,
        "Liferay: help.liferay.com, combo servlet, portraits",
        r"/o/js_loader_modules|/image/(?:layout|user|company)_[a-z_]+$",
        r"/combo/?\?(?:.*&)?(?:minifiertype=|[^=]*\.(?:js|css))",
    ),
    Convention(PART, "Shopify, Salesforce: files of themes", r"/cdn/shop(?:ifycloud)?/|/on/demandware\.static/"),
    Convention(
        PART,
        "Magento: experienceleague.adobe.com, static files",
        r"/static/(?:version[0-9]+|frontend|adminhtml)/",
    ),
    Convention(
        PART,
        "AEM, TYPO3: client libraries, temporary assets",
        r"/etc\.clientlibs/|/typo3temp/|/_assets/[0-9a-f]{32}/",
    ),
    Convention(PART, "Odoo: odoo.com/documentation", r"/web/(?:image|assets)(?:/|$)|/website/image/"),
    Convention(
        PART,
        "WordPress: developer.wordpress.org, folders of core, plugins and themes",
        r"/wp-includes/|/wp-content/(?:plugins|themes|cache)/|/load-scripts\.php$",
    ),
    Convention(
        PART,
        "Confluence, Jira: developer.atlassian.com, batched resources, avatars",
        r"/s/.*/_/download/|/secure/(?:user|project|view)avatar$",
    ),
    Convention(PART, "MediaWiki, DokuWiki, Django", r"/load\.php$|/lib/exe/(?:js|jquery)\.php$|/jsi18n$"),
    Convention(
        PART,
        "Minify, Nextcloud, PrimeFaces, django-simple-captcha: scripts, previews and avatars, resources, images",
        r"/(?:js|javascript|combine)\.php$|/core/preview$|/avatar/[^/]+/[0-9]+(?:/dark)?$|/primefaces_resource/"
        r"|/captcha/(?:image|audio|refresh)(?:/|$)",
        r"/min/(?:index\.php)?\?[fgb]=",
    ),
    Convention(
        PART,
        "Moodle: docs.moodle.org",
        r"/theme/(?:image|javascript|yui_combo|font)\.php(?:/|$)|/lib/javascript\.php(?:/|$)",
    ),
    Convention(
        PART,
        "Plone: docs.plone.org, image scales, resources",
        r"/\+\+(?:resource|theme|plone)\+\+|/@@(?:images|site-logo)(?:/|$)"
        r"|/image_(?:thumb|mini|preview|large|icon|tile|listing)$",
    ),
    Convention(
        PART,
        "TimThumb, phpThumb, Thumbor, Gravatar, Piwigo: images by script, size or digest",
        r"/(?:thumbs?|thumbnail|timthumb|phpthumb|image|img|imgresize|getimage|showimage|captcha|securimage_show|i)"
        r"\.(?:php[3-8]?|aspx?|jspx?|cgi|pl|cfm|do)$|/captcha$|/(?:thumbs?|thumbnails?|avatars?|captcha)/[0-9a-f-]+$"
        r"|/(?:images?|img|thumbs?|thumbnails?|avatars?|resize|crop|scale|imagecache)/(?:.*/)?[0-9]{1,4}x[0-9]{1,4}"
        r"(?:/[^/]*)?$",
    ),
    Convention(
        PART,
        "Revive, SharePoint, simple_captcha: revive-adserver.com, delivery; learn.microsoft.com, userphoto.aspx",
        r"/www/delivery/(?:a[fij]|ajs|afr|asyncjs|asyncspc|avw|fl|lg|spc|ti)\.php$"
        r"|/_layouts/(?:[0-9]+/)?userphoto\.aspx$|/simple_captcha$",
    ),
    Convention(
        PART,
        "SMF, phpBB: images of forums",
        "",
        r"[?&;]action=(?:dlattach|verificationcode)\b|/file\.php\?avatar=",
    ),
    Convention(
        PART,
        "Domino: help.hcltechsw.com/domino",
        "",
        r"[?&!](?:open(?:image|javascript|css)resource|openelement)",
    ),
    Convention(
        PART,
        "Matomo, Google Analytics and counters: matomo.org, developers.google.com, Measurement Protocol",
        r"/(?:matomo|piwik)\.php$|/(?:count|counter|nph-count|hits?|pixel)\.(?:cgi|php|pl|exe|aspx)$|/(?:__utm|1x1)$"
        r"|/cgi-bin/(?:count|counter|nph-count)$|^/[gj]/collect$"
        r"|/_vercel/(?:insights|speed-insights)/|/csp-(?:violation-)?report[a-z-]*$",
        r"/(?:collect|pixel|beacon|rum)/?\?(?:.*&)?(?:tid|cid|en|id|ev?|ts?|rnd|u|url|r)=",
    ),
    Convention(PART, "service workers: w3.org/TR/service-workers", r"/(?:sw|serviceworker|service-worker)$"),
    # --- background requests, whatever the site ---
    _endings(BACKGROUND, "www.iana.org/assignments/media-types; ASP.NET's handlers and services", DATA),
    Convention(
        BACKGROUND,
        "ASP.NET: page methods, browser link",
        r"\.(?:aspx|asmx|ashx|svc)/[a-z0-9_]+$|/__browserlink/|/_blazor(?:/|$)",
    ),
    Convention(
        BACKGROUND,
        "Next.js: nextjs.org/docs, data and server components",
        r"/_next(?:/|$)|/__nextjs",
        r"[?&]_rsc=",
    ),
    Convention(BACKGROUND, "Nuxt, Gatsby: payloads, page data", r"/__nuxt|/page-data/"),
    Convention(
        BACKGROUND,
        "SvelteKit, Astro: svelte.dev, docs.astro.build",
        r"/_app/|/_actions/|/_server-islands/|/_server$",
        r"[?&]x-sveltekit-",
    ),
    Convention(
        BACKGROUND,
        "Remix, React Router: reactrouter.com, loaders",
        r"/__manifest$|\.data$",
        r"[?&](?:_data|_routes)=",
    ),
    Convention(
        BACKGROUND,
        "Angular, webpack, Vercel, Netlify",
        r"/__webpack_hmr$|/_vercel/|/\.netlify/",
        r"[?&]ngsw-cache-bust=",
    ),
    Convention(BACKGROUND, "Wix, HubSpot", r"/_(?:api|partials|serverless|functions|hcms)/"),
    Convention(
        BACKGROUND,
        "WordPress: developer.wordpress.org, REST API, admin-ajax, cron, XML-RPC; wordfence.com",
        r"/wp-json(?:/|$)|/admin-(?:ajax|post)\.php$|/wp-cron\.php$|/xmlrpc\.php$|/wp-trackback\.php$|/trackback$",
        r"[?&](?:rest_route|wordfence_lh|wordfence_syncattackdata|json)=",
    ),
    Convention(BACKGROUND, "WooCommerce: woocommerce.github.io, WC_AJAX", r"/wc-api/", r"[?&]wc-ajax="),
    Convention(
        BACKGROUND,
        "Shopify: shopify.dev/docs/api/ajax, Ajax and Section Rendering APIs, pixels",
        r"/cart/(?:add|update|change|clear|count)$|/recommendations/products$|/search/suggest$|/web-pixels@|/wpm@",
        r"[?&]section(?:s|_id)=(?:[^&]*(?:,|%2c|__|cart-)|[a-z0-9]+-[a-z0-9-]+(?:&|$))",
    ),
    Convention(
        BACKGROUND,
        "Magento: developer.adobe.com/commerce, customer sections, blocks, REST",
        r"/customer/section/load|/page_cache/block/|/rest/(?:[a-z_]+/)?v1/|/banner/ajax/",
    ),
    Convention(BACKGROUND, "PrestaShop: devdocs.prestashop-project.org", r"/module/[^/]+/ajax$", r"[?&]from-xhr\b"),
    Convention(
        BACKGROUND,
        "Shopware: developer.shopware.com, widgets, offcanvas",
        r"/widgets/(?:checkout|listing|index|emotion|recommendation|search|cms|account|menu|campaign|compare)(?:/|$)"
        r"|/(?:checkout|cookie|account|navigation)/(?:[^/]+/)?offcanvas$|/csrftoken$",
    ),
    Convention(
        BACKGROUND,
        "OpenCart: docs.opencart.com, routes",
        "",
        r"[?&]route=(?:common/cart[/.|]info|api/|[^&]*/ajax|[^&]*(?:auto_?complete|live_?search)|product/(?:product[/.|])?review"
        r"|product/review[.|]list|checkout/cart[/.|](?:add|edit|remove)|account/(?:account|address|register)[/.|]country)",
    ),
    Convention(BACKGROUND, "Salesforce: developer.salesforce.com", r"/sfsites/aura$", r"[?&]format=ajax\b"),
    Convention(
        BACKGROUND,
        "Drupal: drupal.org/docs, Ajax API, JSON:API, BigPipe",
        r"/(?:views|system|quickedit|contextual)/(?:ajax|render|metadata)|/history/[0-9]+/read$|/session/token$"
        r"|/jsonapi(?:/|$)|/statistics/statistics\.php$",
        r"[?&](?:_wrapper_format|ajax_form)=|[?&]q=(?:system|views)/ajax",
    ),
    Convention(
        BACKGROUND,
        "TYPO3: docs.typo3.org, eID, page types by number",
        "",
        r"[?&]eid=|[?&]type=1[0-9]{8,9}(?:&|$)",
    ),
    Convention(BACKGROUND, "Joomla: docs.joomla.org, com_ajax", "", r"[?&]option=com_ajax|[?&]task=[a-z_.]*ajax"),
    Convention(
        BACKGROUND,
        "Drupal, Discourse: api.drupal.org, history and contextual; docs.discourse.org",
        r"/history/get_node_read_timestamps$|/contextual/render$|/quickedit/(?:metadata|attachments)$|^/srv/status$",
    ),
    Convention(
        BACKGROUND,
        "XenForo, Invision, phpBB, Roundcube",
        r"/(?:ajax|cron)\.php$",
        r"[?&](?:_xfresponsetype|_remote)=|[?&]controller=ajax",
    ),
    Convention(
        BACKGROUND,
        "Socket.IO, SockJS, SignalR: socket.io/docs, learn.microsoft.com",
        r"/(?:socket\.io|sockjs-node|sockjs|signalr)(?:/|$)|/(?:[a-z]*hub|hubs/[^/]+)/negotiate$|/message-bus/",
        r"[?&](?:negotiateversion|eio)=",
    ),
    Convention(
        BACKGROUND,
        "Laravel: livewire.laravel.com, laravel.com/docs",
        r"/livewire(?:-[0-9a-f]+)?/(?:update|message|upload-file|preview-file)|/broadcasting/(?:user-)?auth$"
        r"|/sanctum/csrf-cookie$|/_(?:debugbar|ignition)/",
    ),
    Convention(
        BACKGROUND,
        "Symfony, Django, Phoenix, Odoo",
        r"/_(?:wdt|profiler|fragment)(?:/|$)|/__debug__/|/live/(?:websocket|longpoll)$|/longpolling/|/websocket(?:/health)?$"
        r"|/web/(?:dataset|action|webclient)/|/website/translations(?:/|$)|/mail/(?:thread|message|channel|data|init_messaging)(?:/|$)"
        r"|/bus/websocket",
    ),
    Convention(
        BACKGROUND,
        "Vaadin, ZK, DWR, Wicket, Liferay, Oracle APEX",
        r"/(?:zkau|dwr)(?:/|$)|/wwv_flow\.ajax|/c/portal/(?:extend|json)",
        r"[?&](?:v-r|wicket-ajax)=|[?&]p_p_lifecycle=2|\?[0-9]+-[0-9]+\.ibehaviorlistener",
    ),
    Convention(
        BACKGROUND,
        "SharePoint, Exchange, Nextcloud",
        r"/_vti_bin/|/microsoft-server-activesync|/autodiscover/|/mapi/(?:emsmdb|nspi)|/remote\.php(?:/|$)|/ocs/v[12]\.php",
    ),
    Convention(BACKGROUND, "Cloudflare: developers.cloudflare.com, /cdn-cgi/", r"/cdn-cgi(?:/|$)"),
    Convention(
        BACKGROUND,
        "Confluence, Jira: developer.atlassian.com, REST",
        r"/rest/(?:api|agile|auth|[a-z-]+/(?:[0-9.]+|latest))(?:/|$)|/json/[^/]+\.action$",
    ),
    Convention(
        BACKGROUND,
        "GitLab, Git: docs.gitlab.com, git-scm.com",
        r"/-/(?:refs|metrics|health|liveness|readiness|graphql|cable)(?:/|$)|/info/refs$|/git-upload-pack$",
    ),
    Convention(
        BACKGROUND,
        "MediaWiki, DokuWiki, Moodle",
        r"/(?:api|rest)\.php(?:/|$)|/opensearch_desc\.php$|/lib/exe/(?:ajax|indexer|taskrunner|xmlrpc)\.php$|/lib/ajax/",
        r"[?&]action=(?:raw|opensearch|ajax)(?:&|$)",
    ),
    Convention(
        BACKGROUND,
        "Jenkins, Zabbix, Piwigo, phpMyAdmin",
        r"/ajax(?:buildqueue|executors)$|/(?:jsrpc|ws)\.php$|/logtext/progressive(?:text|html)$|/descriptorbyname/",
        r"[?&]ajax_request=",
    ),
    Convention(
        BACKGROUND,
        "Spring: docs.spring.io, actuator; springdoc.org",
        r"/actuator(?:/|$)|/v[23]/api-docs(?:/|$)|/swagger-resources",
    ),
    Convention(BACKGROUND, "Go: pkg.go.dev/net/http/pprof, expvar", r"/debug/(?:pprof|vars)"),
    Convention(BACKGROUND, "Umbraco: docs.umbraco.com", r"/umbraco/(?:api|surface)/"),
    Convention(
        BACKGROUND,
        "jQuery: api.jquery.com/jQuery.ajax (cache, jsonp); keys by custom",
        "",
        r"[?&](?:x-requested-with=xmlhttprequest|(?:_?ajax|is_?ajax|xhr|partial|ajaxrequest)=(?:1|true|yes|on|ajax)"
        r"|_?(?:format|output|alt|datatype|responsetype|wt)=(?:jsonp?|hal_json|json-in-script|xml|raw|js|amf|csv|ics|ical)"
        r"|(?:mode|view|type)=(?:ajax|jsonp?)|callback=(?:jquery|jsonp|angular|json)[a-z0-9_.]*|_=[0-9]{10,13})(?:&|$)"
        r"|[?&]_pjax=|[?&](?:ajax|xhr|json|jsonp)(?:&|$)|[?&](?:jsoncallback|json_callback|jsonpcallback|jsonp)="
        r"|[?&](?:accept|content-?type|mime-?type)=application(?:/|%2f)[a-z.+-]*(?:json|xml)"
        r"|[?&](?:action|do|op|cmd|mode|method|func|function|request|task|act|output|return|as|tmpl|layout|render)="
        r"(?:[a-z0-9]+[_.-])*(?:ajax|jsonp?|xhr)(?:[_.-][a-z0-9]+)*(?:&|$)",
    ),
    Convention(
        BACKGROUND,
        "OGC: ogc.org/standards, WFS, WMS: what a map asks about itself; GeoServer",
        "",
        r"[?&]request=(?:getcapabilities|getfeatureinfo|getfeature|describefeaturetype)(?:&|$)|[?&]outputformat=[^&]*json",
    ),
    Convention(
        PART,
        "OGC: ogc.org/standards, WMS, WMTS: tiles of a map",
        "",
        r"[?&]request=(?:getmap|gettile|getlegendgraphic)(?:&|$)",
    ),
    Convention(
        PART,
        "slippy maps: wiki.openstreetmap.org/wiki/Slippy_map_tilenames",
        r"/(?:[a-z0-9_-]*tiles?|maps?)/(?:[^/]+/)*[0-9]{1,2}/[0-9]+/[0-9]+(?:@2x)?$",
    ),
    Convention(
        BACKGROUND,
        "Elasticsearch, CouchDB: elastic.co/docs, docs.couchdb.org; tokens of sessions: RFC 6749, OpenID Connect Core",
        r"/_(?:search|msearch|count|mget|bulk|all_docs|changes|find|view|stats)(?:/|$)"
        r"|/(?:oauth2?|connect|openid-connect)/(?:token|userinfo|introspect|jwks|certs)$|/\.auth/me$",
    ),
    Convention(
        BACKGROUND,
        "scripts that are named after the data that they answer, by custom",
        r"/(?:[a-z0-9]+[_-])*(?:ajax|xhr|jsonp?|rpc)(?:[_-][a-z0-9]+)*\.(?:php[3-8]?|aspx?|jspx?|cgi|pl|cfm|do|action)$"
        r"|/ajax[a-z0-9_]*\.(?:php[3-8]?|aspx?|jspx?|cgi|pl|cfm|do|action)$"
        r"|/(?:get|fetch|load)[_-]?(?:data|json|list|items?|results?|options|comments|messages|notifications|counts?|status"
        r"|states|cities|prices?|stock|more|next|content)(?:\.[a-z0-9]{2,6})?$"
        r"|/(?:auto|live|quick|instant)[_-]?(?:suggest|search|complete)(?:\.[a-z0-9]{2,6})?$|/search/suggestions?$"
        r"|/suggest(?:ions)?\.[a-z0-9]{2,6}$",
        doubtful=True,
    ),
    Convention(BACKGROUND, "Read the Docs: docs.readthedocs.com, addons", r"^/_/(?:addons|api|downloads?)(?:/|$)"),
    Convention(BACKGROUND, "RFC 8615; Apple's universal links", r"^/\.well-known/|^/apple-app-site-association$"),
    # --- documents about interfaces, and what is opened as documents are ---
    Convention(
        DOCUMENT,
        "Sphinx, Read the Docs, Javadoc, Swagger UI: the documentation of an interface",
        r"^/[a-z]{2}(?:[-_][a-z]+)?/(?:latest|stable)/(?:[^/]+/)*(?:api|rest|rpc|graphql|ajax|health|status|metrics)(?:/|$)"
        r"|/(?:docs?|documentation|reference|manuals?|javadocs?|apidocs?|guides?|tutorials?|wiki|blog|articles?|tags?|topics?|categor(?:y|ies)|help|faq)/"
        r"(?:[^/]+/)*(?:api|rest|rpc|graphql|odata|trpc|ajax|health|status|metrics|ping)(?:/|$)|/swagger-ui"
        r"|/(?:api|rest|rpc|graphql|ajax)/(?:[^/]+/)*[^/]+\.x?html?$|/api/(?:docs?|documentation|reference)(?:/|$)",
    ),
    Convention(
        API,
        "interfaces, by custom: graphql.org/learn, restfulapi.net, odata.org, trpc.io, jsonapi.org",
        r"/(?:api|graphql|rest|rpc|jsonrpc|json-rpc|trpc|odata|apis|webapi|restapi|openapi)(?:/|$)"
        r"|/api[-_.]?v?[0-9]+(?:\.[0-9]+)*(?:/|$)"
        r"|/(?:rest|web|public|private|internal|backend|frontend|mobile|app|data|store|admin|search|user|client|json)[-_]api/.",
        doubtful=True,
    ),
    Convention(
        BACKGROUND,
        "requests of scripts, by custom",
        r"/(?:ajax|xhr|autocomplete|typeahead)(?:/|$)|^/cable$",
        doubtful=True,
    ),
    Convention(
        BACKGROUND,
        "sessions kept alive, numbers in the corner, w3.org/TR/CSP3, by custom",
        r"^/(?:csp-reports?|report-uri)$|/keep-?alive(?:\.[a-z]{3,4})?$|/(?:unread|messages|notifications|cart)[/_-]count$",
        doubtful=True,
    ),
    Convention(
        BACKGROUND,
        "health checks: kubernetes.io/docs, prometheus.io, nginx.org, httpd.apache.org, PHP-FPM",
        r"^/(?:(?:_|-|app|internal|system|monitor(?:ing)?)/)?(?:healthz|health[-_]?checks?|livez|readyz|liveness|readiness"
        r"|heartbeat|(?:server|nginx|stub|fpm)[-_]status|fpm-ping|health|alive|ping|metrics|status|up)$"
        r"|^/_(?:health|status|ping|ready|live)$",
        doubtful=True,
    ),
    Convention(FEED, "feeds, by custom", r"/(?:feeds?|rss2?|atom)$|/(?:feeds|rss)/.+$", doubtful=True),
    # --- files ---
    _endings(FILE, "www.iana.org/assignments/media-types", FILES),
    _endings(TEXT, "www.iana.org/assignments/media-types", TEXTS),
    Convention(
        FORM,
        "WordPress, Plone, and what sites call such pages",
        r"/(?:wp-)?(?:log[-_]?in|log[-_]?on|sign[-_]?in|sign[-_]?up|register|registration|join|subscribe|contact"
        r"|guestbook|comments?|(?:lost|forgot|reset)-?password|auth|add-?comment)(?:[_-]?form)?(?:\.[a-z]{3,5})?$"
        r"|/wp-comments-post\.php$|/(?:join|login|register|contact|mail_password|comment|reply)_form$|/acl_users/",
    ),
)
"""The first that matches decides. Those of one kind that follow each other are tried together."""
