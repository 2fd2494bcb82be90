"""Each kind of path is told by its conventions, however it is written."""

from __future__ import annotations

import doctest

import pyarrow as pa
import pytest

from footfall.transforms.describing import judge_paths as module
from footfall.transforms.describing.judge_paths import PATH_KINDS, judge_paths

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
    "file": ("/report.pdf", "/readme.txt", "/film.mpg", "/data.csv", "/site.webmanifest"),
    "feed": ("/feed/", "/blog/index.xml", "/news.rss"),
    "background": ("/api/v1/orders", "/wp-json/oembed/1.0/embed", "/wp-admin/admin-ajax.php", "/x.json"),
    "robots": (
        "/robots.txt",
        "//robots.txt",
        "/sitemap.xml",
        "/sitemap_index.xml",
        "/ads.txt",
        "/.well-known/security.txt",
    ),
    "advice": ("/.well-known/traffic-advice",),
}


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in EXAMPLES.items() for path in paths])
def test_each_kind_is_told(kind: str, path: str | None) -> None:
    assert PATH_KINDS[judge_paths(pa.array([path], pa.string()))[0].as_py()] == kind


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(PATH_KINDS)


def test_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0
