"""Pages that a key of the query tells apart: by the conventions of front controllers, and by the settings."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from footfall.pipelines.settings import Settings, load_settings
from footfall.transforms.describing import page_keys as module
from footfall.transforms.describing.page_keys import KEY_CONVENTIONS, name_keyed_pages
from footfall.transforms.describing.page_rules import PageRules
from footfall.transforms.vocabulary import MAX_PAGE_CHARS
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

CASES = (
    ("/index.php?option=com_content&view=article&id=3:about&Itemid=7", "/?option=com_content&view=article&id=3"),
    ("/?option=com_content&amp;task=view&amp;id=3", "/?option=com_content&task=view&id=3"),
    ("/index.php?route=product/product&path=20_27&product_id=5", "/?route=product/product&product_id=5"),
    ("/shop/index.php?route=product/category&path=20_27&sort=price", "/shop?route=product/category&path=20_27"),
    ("/index.php?id_product=8&controller=product&id_lang=1", "/?controller=product&id_product=8"),
    ("/index.php?main_page=product_info&products_id=180", "/?main_page=product_info&products_id=180"),
    ("/w/index.php?title=Main_Page&action=history", "/w?title=Main_Page"),
    ("/w/index.php?title=Caf%C3%A9&oldid=7", "/w?title=Café"),
    ("/w/index.php?title=Cafe%CC%81", "/w?title=Café"),
    ("/?q=node/12", "/?q=node/12"),
    ("/index.php?q=content/about-us", "/?q=content/about-us"),
    ("/index.php?r=site%2Fcontact", "/?r=site/contact"),
    ("/?p=12", "/?p=12"),
    ("/blog/?p=12", "/blog?p=12"),
    ("/?page_id=7&preview=true", "/?page_id=7"),
    ("/?product=blue-lamp", "/?product=blue-lamp"),
    ("/viewtopic.php?f=3&t=12&start=20&sid=0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d", "/viewtopic.php?t=12"),
    ("/forum/viewforum.php?f=3", "/forum/viewforum.php?f=3"),
    ("/showthread.php?tid=9&pid=3", "/showthread.php?tid=9"),
    ("/forumdisplay.php?fid=9", "/forumdisplay.php?fid=9"),
    ("/forum/index.php?topic=12.15;prev_next=next", "/forum?topic=12"),
    ("/index.php?showtopic=8", "/?showtopic=8"),
    ("/forum.php?mod=viewthread&tid=8", "/forum.php?mod=viewthread&tid=8"),
    ("/mod/page/view.php?id=8", "/mod/page/view.php?id=8"),
    ("/mod/forum/discuss.php?d=8", "/mod/forum/discuss.php?d=8"),
    ("/doku.php?id=start:install&do=edit", "/doku.php?id=start:install"),
    ("/pmwiki.php?n=Main.HomePage", "/pmwiki.php?n=Main.HomePage"),
    ("/product_info.php?cPath=1_2&products_id=5{1}2&osCsid=abc", "/product_info.php?products_id=5"),
    ("/index.php?cPath=1_2", "/?cPath=1_2"),
    ("/Default.aspx?tabid=57", "/?tabid=57"),
    ("/show_bug.cgi?id=1234", "/show_bug.cgi?id=1234"),
    ("/gitweb/?p=tool.git;a=summary", "/gitweb?p=tool.git&a=summary"),
    ("/index.php?id=12&L=1", "/?id=12"),
    ("/index.php?lang=en&page=contact", "/?page=contact"),
    ("/en/?seite=\u00fcber+uns", "/en?seite=\u00fcber uns"),
    ("/index.asp?page=news&id=7", "/?page=news&id=7"),
    ("/article.php?id=3&utm_source=letter", "/article.php?id=3"),
    ("http://www.example.org/index.php?title=Main_Page#top", "/?title=Main_Page"),
    ("http://www.example.org?page=contact", "/?page=contact"),
    ("/index.php?title=User%3Ajane%40example.org", "/?title=User:{email}"),
    ("/index.php?title=a%0Ab", "/?title=a\ufffdb"),
)
OTHERS = (
    *(
        "/?page=2",
        "/shop/?p=2",
        "/category.html?p=2",
        "/?q=red+shoes",
        "/search?q=a/b",
        "/?page=",
        "/?page=%20",
        "/a?b=c",
    ),
    *(
        "/page?title=x",
        "/?author=jane",
        "/?m=1",
        "/?id=7",
        "/user.php?id=7",
        "/?homepage=contact",
        "/about?page=contact",
    ),
    *("/?page=http://198.51.100.7/", "/a", "/", "*?page=contact", "/#?page=contact"),
)


def named(url: str, rules: PageRules | None = None) -> dict[str, Any]:
    row: dict[str, Any] = name_keyed_pages(pa.array([url]), own=rules or PageRules()).to_pylist()[0]
    return row


@pytest.mark.parametrize(("url", "page"), CASES)
def test_a_key_tells_the_page(url: str, page: str) -> None:
    assert named(url)["page"] == page


@pytest.mark.parametrize("url", OTHERS)
def test_other_keys_and_values_tell_no_page(url: str) -> None:
    assert named(url) == {"page": None, "first_key": None, "included": False, "excluded": False}


def test_urls_are_named_alike_alone_and_together() -> None:
    urls = [*(url for url, _ in CASES), *OTHERS]
    assert name_keyed_pages(pa.array(urls)).to_pylist() == [named(url) for url in urls]


def test_each_convention_has_a_case_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = pa.array([url for url, _ in CASES])
    pages = name_keyed_pages(urls)["page"]
    unneeded = []
    for convention in KEY_CONVENTIONS:
        others = tuple(one for one in KEY_CONVENTIONS if one is not convention)
        monkeypatch.setattr(module, "KEY_CONVENTIONS", others)
        if name_keyed_pages(urls)["page"].equals(pages):
            unneeded.append((convention.of, convention.paths))
    assert unneeded == []


def test_keys_of_the_settings_come_first_and_at_all_paths() -> None:
    rules = PageRules(keys=("doc", "part"))
    assert named("/view/x?part=2&doc=Lamp%20A&title=y", rules)["page"] == "/view/x?doc=Lamp A&part=2"
    assert named("/view/x?part=2", rules)["page"] == "/view/x?part=2"
    assert named("/index.php?title=y&doc=z", rules)["page"] == "/?doc=z"
    assert named("/index.php?title=y", rules)["page"] == "/?title=y"


def test_globs_are_of_the_whole_name() -> None:
    rules = PageRules(
        include=("/?page=raw*",),
        exclude=("/index.php?page=admin*", "/hidden"),
        alias=(("/index.php?page=start", "/"),),
        group=(("/?p=*", "/"), ("/?page=news*", "/news/…")),
    )
    assert [named(url, rules)["page"] for url in ("/?page=start", "/?p=2", "/?page=news-7", "/?page=about")] == [
        *("/", "/", "/news/…", "/?page=about"),
    ]
    row = named("/?page=admin-users", rules)
    assert (row["included"], row["excluded"]) == (False, True)
    row = named("/?page=raw", rules)
    assert (row["included"], row["excluded"]) == (True, False)


def test_names_are_cut_and_in_lower_case_where_the_settings_ignore_it() -> None:
    assert len(named(f"/index.php?title={'word_' * 100}")["page"]) == MAX_PAGE_CHARS
    assert named("/index.php?title=Main_Page", PageRules(ignores_case=True))["page"] == "/?title=main_page"


def log_of_a_front_controller() -> bytes:
    """Twelve visitors of five pages of one script, of which one is rare, and two of which one is a search."""
    pages = (
        "/",
        "/index.php?page=contact",
        "/?page=news&id=7",
        "/w/index.php?title=Main_Page",
        "/?q=node/12",
        "/?q=lamp",
    )
    referrer = "https://www.example.org/index.php?page=contact"
    lines = []
    for visitor in range(12):
        urls = [*pages, f"/w/index.php?title=Page_{visitor}", "/index.php?page=gone"]
        for number, url in enumerate(urls):
            status = 404 if url.endswith("gone") else 200
            lines.append(
                f"192.0.2.{visitor} - - [01/Jun/2026:10:{visitor:02d}:{number:02d} +0000] "
                f'"GET {url} HTTP/1.1" {status} 5 "{referrer if number else "-"}" "{AGENT}"\n'
            )
    return "".join(lines).encode()


def test_a_run_tells_the_pages_of_a_front_controller_apart_as_the_reference_does() -> None:
    contents = {"a.log": log_of_a_front_controller()}
    options: dict[str, Any] = {"log_format": "combined", "k": 10, "site": "www.example.org"}
    tables = published_tables(contents, **options)
    assert differences(tables, compute(contents, reference_settings(Settings(**options)))) == []
    pages = {row["page"]: row["page_views"] for row in tables["pages"]}
    assert pages == {
        "/": 24,
        **dict.fromkeys(("/?page=contact", "/?page=news&id=7", "/?q=node/12", "/w?title=Main_Page", "/w?…"), 12),
    }
    assert [(row["phrase"], row["searches"]) for row in tables["searches"]] == [("lamp", 12)]
    assert {(row["page"], row["referrer"]) for row in tables["broken_links"]} == {("/?page=gone", "/?page=contact")}


def test_settings_tell_pages_apart_in_a_run(tmp_path: Path) -> None:
    config = tmp_path / "footfall.toml"
    config.write_text('[pages]\nkeys = ["doc"]\nexclude = ["/view?doc=raw"]\n')
    lines = [
        f'192.0.2.{n} - - [01/Jun/2026:10:00:00 +0000] "GET /view?doc={doc} HTTP/1.1" 200 5 "-" "{AGENT}"\n'
        for n in range(4)
        for doc in ("a", "raw")
    ]
    settings = load_settings(config, {"log_format": "combined", "k": 2})
    tables = published_tables(
        {"a.log": "".join(lines).encode()}, log_format="combined", k=2, pages=settings.pages.model_dump()
    )
    assert [(row["page"], row["page_views"]) for row in tables["pages"]] == [("/view?doc=a", 4)]
    assert {row["kind"] for row in tables["kinds"]} == {"page_view", "background"}


def test_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0
