"""Each kind of path and query is told by its conventions, however it is written."""

from __future__ import annotations

import doctest

import pyarrow as pa
import pytest

from footfall.transforms.describing import judge_paths as module
from footfall.transforms.describing.judge_paths import IS_READ, PATH_KINDS, judge_paths, judge_urls
from footfall.transforms.describing.path_conventions import CONVENTIONS

EXAMPLES = {
    "nothing": (None, "", "*", "www.example.org:443"),
    "document": (
        "/",
        "/index.php",
        "/about/",
        "/cgi-bin/search.pl",
        "/blog/robots-in-gardens",
        "/en/sitemap",
    ),
    "form": ("/login", "/wp-login.php", "/user/register", "/join_form", "/contact/", "/session/sign_in"),
    "part": (
        "/a.png",
        "/A.JPG",
        "/b.min.js",
        "/f.woff2",
        "/x%2Epng",
        "/_next/static/chunks/1",
        "/image/5/thumb/200x200",
    ),
    "icon": ("/favicon.ico", "/assets/favicon-32x32.png", "/apple-touch-icon-precomposed.png"),
    "style": ("/site.css", "/bundles/styles"),
    "file": ("/film.mpg", "/data.csv", "/site.webmanifest", "/app.js.map", "/a.TAR.GZ"),
    "text": ("/report.pdf", "/readme.txt", "/a.md", "/a.docx"),
    "feed": ("/feed/", "/blog/index.xml", "/news.rss", "/feeds/posts/default", "/comments/feed"),
    "api": ("/api/v1/orders", "/graphql"),
    "background": ("/wp-json/oembed/1.0/embed", "/wp-admin/admin-ajax.php", "/x.json"),
    "robots": (
        "/robots.txt",
        "//robots.txt",
        "/sitemap.xml",
        "/sitemap_index.xml",
        "/blog/wp-includes/wlwmanifest.xml",
        "/ads.txt",
        "/.well-known/security.txt",
    ),
    "advice": ("/.well-known/traffic-advice",),
}


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in EXAMPLES.items() for path in paths])
def test_each_kind_is_told(kind: str, path: str | None) -> None:
    assert PATH_KINDS[judge_paths(pa.array([path], pa.string()))["kind"][0].as_py()] == kind


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(PATH_KINDS)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("background", "/shop?_rsc=1ab2c"),
        ("background", "/shop?a=1&_rsc=1ab2c"),
        ("background", "/?rest_route=/wp/v2/posts"),
        ("background", "/?wc-ajax=get_refreshed_fragments"),
        ("background", "/notes?_data=routes%2Fnotes"),
        ("background", "/cart?sections=cart-drawer,header"),
        ("background", "/products/tea?section_id=template--1__main"),
        ("background", "/index.php?eID=news"),
        ("background", "/index.php?option=com_ajax&module=x"),
        ("background", "/list?format=json"),
        ("background", "/list?AJAX=1"),
        ("background", "/hits?_=1700000000000"),
        ("background", "http://www.example.org/list?format=json#x"),
        ("feed", "/?feed=rss2"),
        ("feed", "/blog/tags/puppet?flav=rss20"),
        ("part", "/collect?v=2&tid=G-1"),
        ("background", "/index.php?route=checkout/cart/add"),
        ("background", "/index.php?route=product/review.list&product_id=4"),
        ("background", "/index.php?route=product/search/autocomplete&filter_name=x"),
        ("nothing", "/index.php?route=checkout/cart"),
        ("nothing", "/index.php?route=product/product&product_id=42"),
        ("background", "/w/index.php?action=ajax&rs=x"),
        ("background", "/list?ajax"),
        ("background", "/cities.asp?json&country=7"),
        ("background", "/list?jsoncallback=show"),
        ("background", "/list?accept=application%2Fjson"),
        ("background", "/index.php?action=get_json_list"),
        ("background", "/index.php?do=ajax"),
        ("background", "/ows?service=WFS&request=GetFeature&typename=roads"),
        ("background", "/ows?typename=roads&outputFormat=application/json"),
        ("part", "/ows?service=WMS&request=GetMap&bbox=1,2,3,4"),
        ("nothing", "/index.php?action=ajaxian"),
        ("nothing", "/course?task=jsonnet"),
        ("nothing", "/article?view=rest-and-json-in-practice"),
        ("nothing", "/search?q=ajax"),
        ("nothing", "/?jsonpath=1"),
        ("part", "/min/?g=css"),
        ("nothing", "/min/?page=2"),
        ("nothing", "/report?format=pdf"),
        ("nothing", "/search?q=format=json"),
        ("nothing", "/shop?type=12345"),
        ("nothing", "/news?sections=sport"),
        ("nothing", "/formats?type=xml"),
        ("nothing", "/a?_=1"),
        ("nothing", "/a#?_rsc=1"),
        ("nothing", "/a"),
        ("nothing", None),
    ],
)
def test_a_query_tells_a_kind(kind: str, url: str | None) -> None:
    assert PATH_KINDS[judge_urls(pa.array([url], pa.string()))[0].as_py()] == kind


@pytest.mark.parametrize(
    "path",
    [
        *("/feed-the-birds", "/status-quo", "/api-guide", "/rest-of-the-world", "/images-of-london/", "/pingpong"),
        *(
            "/docs/api/",
            "/en/latest/api/client",  # Read the Docs' versions
            "/docs/api/orders.html",
            "/reference/rest/errors",
            "/api/docs",
            "/swagger-ui/",
            "/ajax-amsterdam",
        ),
        *("/widgets/blue-widget", "/collect", "/rum", "/pixel", "/beacon", "/health/diabetes", "/track.php"),
        *("/blog/heartbeat", "/static-electricity", "/manifesto", "/swimming", "/livewire", "/blog/healthy-eating"),
        *(
            "/tag/api/",
            "/category/rest/",
            "/help/ajax",
            "/websockets",
            "/web/datasets",
            "/avatar/frank",
            "/mail/threads",
        ),
        *(
            "/rest-api",
            "/web-api/",
            "/openapi-guide",
            "/ajax-search",
            "/maps/2024/06/12",
            "/getting-started",
            "/load-testing",
        ),
        *(
            "/get-more-from-your-garden",
            "/suggestions",
            "/search",
            "/quick-search-tips",
            "/oauth2",
            "/docs/odata/query",
        ),
        *("/photos/wallpapers/1920x1080", "/cable-cars", "/bundles", "/packs", "/thumbs-up", "/category/thumbnails"),
    ],
)
def test_words_in_names_raise_no_false_alarm(path: str) -> None:
    assert IS_READ[judge_paths(pa.array([path]))["kind"][0].as_py()]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("background", "/web/dataset/call_kw/res.partner/read"),
        ("background", "/w/opensearch_desc.php"),
        ("background", "/history/get_node_read_timestamps"),
        ("background", "/srv/status"),
        ("background", "/_health"),
        ("part", "/g/collect"),
        ("part", "/cgi-bin/counter"),
        ("part", "/www/delivery/ajs.php"),
        ("part", "/_layouts/15/userphoto.aspx"),
        # Pages that show a file of a repository.
        ("document", "/anna/shop/-/blob/main/style.css"),
        ("document", "/anna/shop/blob/main/app.js"),
        ("document", "/anna/shop/src/branch/main/app.js"),
        ("part", "/assets/src/app.js"),
        ("part", "/blob/app.js"),
        # MediaWiki's pages about files have their names.
        ("document", "/wiki/Datei:Kanne.jpg"),
        ("document", "/File:Tea.pdf"),
        ("part", "/wiki/images/Kanne.jpg"),
        ("part", "/images/a:b.jpg"),
        ("background", "/mail/thread/messages"),
        ("background", "/websocket"),
        ("background", "/hubs/chat/negotiate"),
        ("background", "/job/build/12/logText/progressiveText"),
        ("background", "/_/addons"),
        ("api", "/latest/api/token"),
        ("background", "/session/keepalive"),
        ("background", "/inc/ajax_search.php"),
        ("background", "/ajaxHandler.aspx"),
        ("background", "/data-json.php"),
        ("background", "/getCities.php"),
        ("background", "/load-more"),
        ("background", "/autosuggest"),
        ("background", "/search/suggest"),
        ("background", "/_search"),
        ("background", "/oauth2/userinfo"),
        ("background", "/roads.topojson"),
        ("background", "/components/cart.cfc"),
        ("part", "/tiles/osm/12/2048/1360"),
        ("api", "/api2/orders"),
        ("api", "/api-v1.2/orders"),
        ("api", "/apis/apps"),
        ("api", "/odata/Orders"),
        ("api", "/backend-api/me"),
        ("part", "/index.php/core/preview"),
        ("part", "/avatar/frank/64"),
        ("part", "/captcha/image/0f3a/"),
        ("part", "/js.php"),
        ("style", "/style.php"),
    ],
)
def test_what_a_front_controller_or_an_application_answers_is_told(kind: str, path: str) -> None:
    assert PATH_KINDS[judge_paths(pa.array([path]))["kind"][0].as_py()] == kind


@pytest.mark.parametrize("path", ["/api/7", "/v1/rest/x", "/api-v2/x", "/load-more", "/feed/", "/status", "/health"])
def test_what_custom_alone_tells_is_doubtful(path: str) -> None:
    judged = judge_paths(pa.array([path, "/wp-json/x"]))
    assert judged["doubtful"].to_pylist() == [True, False]
    assert not IS_READ[judged["kind"][0].as_py()]


def test_every_convention_names_who_has_it() -> None:
    assert all(one.of and (one.paths or one.urls) for one in CONVENTIONS)


def test_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0
