"""Referrers are attributed to kinds and sources, and nothing of their URLs but a host comes out."""

from __future__ import annotations

import doctest
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from footfall.transforms.describing import attribute_referrers as module
from footfall.transforms.describing import registrable_domains
from footfall.transforms.describing.attribute_referrers import (
    MAX_SOURCE_CHARS,
    attribute_campaign,
    attribute_referrers,
)
from footfall.transforms.describing.listed_referrers import LISTED
from footfall.transforms.describing.referrer_sources import SOURCES
from footfall.transforms.vocabulary import REFERRER_KINDS


def attribute(referrer: str | None) -> tuple[str, str, str]:
    row = attribute_referrers(pa.array([referrer], pa.string()), ["www.Shop.example:443", "intranet"]).to_pylist()[0]
    return REFERRER_KINDS[row["kind"]], row["source"], row["host"]


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        (None, ("direct", "(none)", "")),
        ("", ("direct", "(none)", "")),
        ("-", ("direct", "(none)", "")),
        ("https://shop.example/a", ("internal", "(none)", "shop.example")),
        ("http://WWW.SHOP.EXAMPLE.:8080", ("internal", "(none)", "shop.example")),
        ("http://intranet/", ("internal", "(none)", "intranet")),
        ("https://www.google.co.uk/search?q=jane", ("search", "Google", "google.co.uk")),
        ("https://google.de", ("search", "Google", "google.de")),
        ("android-app://com.google.android.googlequicksearchbox/", ("search", "Google", "")),
        ("https://docs.google.com/x", ("other", "google.com", "docs.google.com")),
        ("https://google.evil.example/", ("other", "evil.example", "google.evil.example")),
        ("https://r.search.yahoo.com/x", ("search", "Yahoo", "r.search.yahoo.com")),
        ("https://yandex.com.tr/", ("search", "Yandex", "yandex.com.tr")),
        ("https://m.sm.cn/s?q=x", ("search", "Shenma", "m.sm.cn")),
        ("https://search.centrum.cz/?q=x", ("search", "Centrum", "search.centrum.cz")),
        ("https://deref-web-02.de/mail/x", ("email", "WEB.DE", "deref-web-02.de")),
        # The search of a portal whose other hosts are its mail's.
        ("https://suche.web.de/web?q=x", ("search", "WEB.DE Suche", "suche.web.de")),
        ("https://www.band.us/post/1", ("social", "BAND", "band.us")),
        ("https://l.facebook.com/l.php?u=x", ("social", "Facebook", "l.facebook.com")),
        ("https://t.co/abc", ("social", "X", "t.co")),
        ("https://mail.google.com/", ("email", "Gmail", "mail.google.com")),
        ("android-app://com.google.android.gm/", ("email", "Gmail", "")),
        ("https://chatgpt.com/", ("ai_assistant", "ChatGPT", "chatgpt.com")),
        ("https://gemini.google.com/app", ("ai_assistant", "Gemini", "gemini.google.com")),
        ("https://yandex.fr/", ("search", "Yandex", "yandex.fr")),
        (
            "https://www-shop-example.cdn.ampproject.org/v/s/x",
            ("search", "Google AMP", "www-shop-example.cdn.ampproject.org"),
        ),
        ("https://www-shop-example.translate.goog/x", ("other", "Google Translate", "www-shop-example.translate.goog")),
        ("https://translate.google.de/", ("other", "Google Translate", "translate.google.de")),
        ("https://webmail.university.example/", ("email", "Webmail", "webmail.university.example")),
        ("https://mail.vodafone.de/", ("email", "Vodafone Mail", "mail.vodafone.de")),
        ("https://mail.university.example/", ("other", "university.example", "mail.university.example")),
        ("https://mail.example/", ("other", "mail.example", "mail.example")),
        ("https://deref-gmx.co.uk/", ("email", "GMX", "deref-gmx.co.uk")),
        ("https://lightmailer.gmx.at/", ("email", "GMX", "lightmailer.gmx.at")),
        ("https://mygmx.at/", ("other", "mygmx.at", "mygmx.at")),
        ("https://email.ionos.fr/", ("email", "IONOS Mail", "email.ionos.fr")),
        ("https://www.ionos.fr/", ("other", "ionos.fr", "ionos.fr")),
        ("https://deref-1und1-02.de/", ("email", "IONOS Mail", "deref-1und1-02.de")),
        ("http://webmail1m.orange.fr/webmail", ("email", "Orange Mail", "webmail1m.orange.fr")),
        ("https://actu.orange.fr/", ("other", "orange.fr", "actu.orange.fr")),
        ("https://rich-v02.bluewin.ch/", ("email", "Bluewin", "rich-v02.bluewin.ch")),
        ("https://3c-lxa.mail.com/", ("email", "mail.com", "3c-lxa.mail.com")),
        ("https://szukaj.wp.pl/", ("search", "Wirtualna Polska", "szukaj.wp.pl")),
        ("https://mail.qq.com/", ("email", "QQ Mail", "mail.qq.com")),
        ("http://semalt.com/crawler.php", ("spam", "semalt.com", "semalt.com")),
        (
            "http://site1.floating-share-buttons.com/",
            ("spam", "floating-share-buttons.com", "site1.floating-share-buttons.com"),
        ),
        ("https://jane:secret@blog.example/x", ("other", "blog.example", "blog.example")),
        ("https://xn--bcher-kva.example/", ("other", "xn--bcher-kva.example", "xn--bcher-kva.example")),
        ("android-app://com.example.reader/", ("other", "com.example.reader", "")),
        ("http://ip-192-0-2-1.isp.example/", ("other", "isp.example", "ip-192-0-2-1.isp.example")),
        ("http://192.0.2.1:8080/", ("other", "(unknown)", "")),
        ("http://[2001:db8::1]/", ("other", "(unknown)", "")),
        ("http://-.example/", ("other", "(unknown)", "")),
        ("http://" + "a." * 60 + "example/", ("other", "(unknown)", "")),
        ("https://jane-doe.blogspot.com/x", ("other", "blogspot.com", "jane-doe.blogspot.com")),
        ("https://user123.shop.example.co.uk/x", ("other", "example.co.uk", "user123.shop.example.co.uk")),
        (
            "http://d41d8cd98f00b204e9800998ecf8427e.com/",
            ("other", "(unknown)", "d41d8cd98f00b204e9800998ecf8427e.com"),
        ),
        ("http://janes-laptop.local/", ("other", "(unknown)", "janes-laptop.local")),
        ("http://jane-pc/", ("other", "(unknown)", "jane-pc")),
        ("ftp://files.example/", ("other", "(unknown)", "")),
        ("jane@example.org", ("other", "(unknown)", "")),
        ("1 UNION SELECT", ("other", "(unknown)", "")),
    ],
)
def test_a_referrer_has_a_kind_and_a_source(referrer: str | None, expected: tuple[str, str, str]) -> None:
    assert attribute(referrer) == expected


@pytest.mark.parametrize(
    ("kind", "name", "host"),
    [(kind, name, host) for kind, names in SOURCES.items() for name, hosts in names.items() for host in hosts],
)
def test_every_declared_host_is_found(kind: str, name: str, host: str) -> None:
    app = host.removeprefix("app:")
    referrer = f"https://www.{host}/x" if app == host else f"android-app://{app}/x"
    assert attribute(referrer)[:2] == (kind, name)


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, own in LISTED.items() for line in own.strip().splitlines()]
)
def test_every_listed_host_is_of_its_kind(kind: str, line: str) -> None:
    name, _, own = line.partition(": ")
    for host in own.split():
        assert attribute(f"https://{host}/x")[:2] == (kind, name)


@pytest.mark.parametrize(
    ("source", "medium", "expected"),
    [
        ("chatgpt.com", "(none)", ("ai_assistant", "ChatGPT")),
        ("perplexity", "(none)", ("ai_assistant", "Perplexity")),
        ("google", "organic", ("search", "Google")),
        ("google", "cpc", ("campaign", "google")),
        ("facebook", "paid_social", ("campaign", "facebook")),
        ("fb", "social", ("social", "Facebook")),
        ("m.facebook.com", "(none)", ("social", "Facebook")),
        ("newsletter", "email", ("email", "newsletter")),
        ("gmail", "(none)", ("email", "Gmail")),
        ("news", "email", ("campaign", "news")),
        ("fair", "poster-ad", ("campaign", "fair")),
        ("semalt.com", "(none)", ("campaign", "semalt.com")),
        ("partner.example", "broadcast", ("campaign", "partner.example")),
        ("(none)", "(none)", ("campaign", "(none)")),
    ],
)
def test_a_campaign_has_the_kind_of_its_source(source: str, medium: str, expected: tuple[str, str]) -> None:
    kind, name = attribute_campaign(source, medium)
    assert (REFERRER_KINDS[kind], name) == expected


@pytest.mark.parametrize(
    "suffix", "com de co.uk com.br kawasaki.jp city.kawasaki.jp ck www.ck рф xn--p1ai blogspot.com example".split()
)
def test_registrable_domains_are_those_of_the_whole_list(suffix: str) -> None:
    whole = PublicSuffixList(only_icann=True)
    for host in (f"a.{suffix}", f"a.b.{suffix}", f"a.b.c.{suffix}"):
        assert registrable_domains.registrable_domain(host) == (whole.privatesuffix(host) or host)


hosts = st.text(st.sampled_from("abcXYZ019.-_@:[]%é/\\?# "), max_size=40)


@given(st.builds("{}://{}/{}".format, st.sampled_from(["http", "HTTPS", "android-app", "ftp"]), hosts, hosts))
@settings(max_examples=200, deadline=None)
def test_no_source_is_anything_but_a_name_or_a_host(referrer: str) -> None:
    _, source, host = attribute(referrer)
    assert re.fullmatch(r"[a-z0-9._{}-]+|\(unknown\)|\(none\)", source)
    assert len(source) <= MAX_SOURCE_CHARS
    assert re.fullmatch(r"[a-z0-9._-]*", host)


def test_an_empty_batch_is_an_empty_table() -> None:
    assert attribute_referrers(pa.array([], pa.string()), []).num_rows == 0


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(registrable_domains).failed == 0
