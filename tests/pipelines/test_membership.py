"""Nothing that identifies a visitor to the run is part of a published text, whatever it looks like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing import check_identifiers
from footfall.pipelines.run import RunResult
from footfall.transforms import assign_visits
from footfall.transforms.running.run_options import RunOptions
from tests.running import LOG, Rows, publish_logs, read_published

LOG_FORMAT = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '"$cookie_session"'
)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SITE = "shop.example"
COOKIES = ("bluebird", "Quiet-River-42", "wander", "a+b/harvest=", "s%3Ameadow.lark")
USERS = ("gardener", "anna.maier", "18273645", "Zoë-Brand")
ADDRESSES = ("198.51.100.77", "2001:db8:12::ab:9")
HEAD = {"client": "192.0.2.1", "user": "-", "cookie": "-", "referrer": "-"}


def line(minute: int, path: str, **changes: str) -> str:
    """A line of LOG_FORMAT."""
    own = {**HEAD, **changes}
    return (
        f'{own["client"]} - {own["user"]} [01/Jun/2026:10:{minute:02d}:00 +0000] "GET {path} HTTP/1.1" 200 5 '
        f'"{own["referrer"]}" "{AGENT}" "{own["cookie"]}"\n'
    )


def met() -> Iterator[str]:
    """Hits by which the run meets the identifiers, once each."""
    for cookie in COOKIES:
        yield line(1, "/", cookie=cookie)
    for user in USERS:
        yield line(2, "/", user=user.encode().decode("latin-1"))
    for address in ADDRESSES:
        yield line(3, "/", client=address)


def asked_by_many(path: str, referrer: str = "-", visitors: int = 12, network: int | None = None) -> Iterator[str]:
    """Hits of as many visitors on a page; each page has its own ones, unless their `network` is given."""
    own = sum((path + referrer).encode()) % 250 if network is None else network
    for visitor in range(visitors):
        yield line(10 + visitor, path, client=f"203.0.{own}.{visitor}", referrer=referrer)


def publish(folder: Path, lines: Iterator[str] | list[str], **settings: Any) -> tuple[dict[str, Rows], RunResult]:
    """Publish a log of these lines; many visitors see its front page."""
    content = "".join([*met(), *asked_by_many("/"), *lines]).encode("latin-1")
    result = publish_logs(folder, {LOG: content}, **{"log_format": LOG_FORMAT, "site": SITE, **settings})
    return read_published(folder / "traffic.duckdb"), result


def pages(published: dict[str, Rows]) -> dict[str, int]:
    return {row["page"]: row["page_views"] for row in published["pages"]}


PAGES = (
    ("/birds/bluebird", "/birds/{id}"),
    ("/birds/Blue-Bird/nest", "/birds/{id}/nest"),
    ("/birds/b.l.u.e.b.i.r.d", "/birds/{id}"),
    ("/x/quietriver42", "/x/{id}"),
    ("/x/QUIET_RIVER_42.html", "/x/{id}.html"),
    ("/x/a%2Bb%2Fharvest%3D", "/x/{id}="),
    ("/x/%2573%253Ameadow.lark", "/x/{id}"),
    ("/by/gardener", "/by/{id}"),
    ("/by/%EF%BD%87ardener", "/by/{id}"),
    ("/by/anna/maier", "/by/{id}"),
    ("/by/anna-maier-2", "/by/{id}-2"),
    ("/by/Zo%C3%AB/Brand", "/by/{id}"),
    ("/art/18273645-chair", "/art/{id}-chair"),
    ("/sea/bluebirds", "/sea/bluebirds"),
    ("/sea/wandering", "/sea/wandering"),
    ("/sea/anna", "/sea/anna"),
)
"""Paths, and the names of their pages."""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], RunResult]:
    """The views of the pages of a run with all of these paths, and its result."""
    lines = [one for path, _ in PAGES for one in asked_by_many(path)]
    published, result = publish(tmp_path_factory.mktemp("named"), lines)
    return pages(published), result


@pytest.mark.parametrize(("path", "page"), PAGES)
def test_no_page_is_named_after_what_the_run_met(path: str, page: str, named: tuple[dict[str, int], RunResult]) -> None:
    views, _ = named
    assert views[page] == 12 * sum(page == other for _, other in PAGES)
    assert (path in views) is (path == page)


def test_each_name_that_is_withheld_is_counted(named: tuple[dict[str, int], RunResult]) -> None:
    views, result = named
    assert views.keys() == {"/", *(page for _, page in PAGES)}
    assert result.books.withheld == sum("{id}" in page for _, page in PAGES)


ADDRESS_SPELLINGS = {
    "v4": (
        *("198.51.100.77", "198-51-100-77", "198_51_100_77", "ip-198-51-100-77", "77.100.51.198.in-addr.arpa"),
        *("c633644d", "C633644D", "3325256781"),
    ),
    "v6": (
        *("2001:db8:12::ab:9", "2001-db8-12--ab-9", "2001_db8_12_0_0_0_ab_9", "20010db80012000000000000 00ab0009"),
        *("2001:0db8:0012:0000:0000:0000:00ab:0009",),
    ),
}


def test_no_spelling_of_an_address_is_published(tmp_path: Path) -> None:
    spellings = [*ADDRESS_SPELLINGS["v4"], *ADDRESS_SPELLINGS["v6"]]
    paths = [f"/net/{number}/{spelling.replace(' ', '%20')}/x" for number, spelling in enumerate(spellings)]
    published, _ = publish(tmp_path, [one for path in paths for one in asked_by_many(path)])
    told = [page.lower() for page in pages(published)]
    assert sum(page.startswith("/net/") for page in told) > 0
    assert not [(spelling, page) for spelling in spellings for page in told if spelling.lower() in page]


def test_phrases_campaigns_and_referrers_are_searched_too(tmp_path: Path) -> None:
    url = "/?q=the+bluebird+song&utm_source=Gardener&utm_medium=post&utm_campaign=wander-2026"
    lines = [*asked_by_many(url), *asked_by_many("/r", referrer="https://www.gardener.example/x")]
    published, result = publish(tmp_path, lines)
    assert {row["phrase"] for row in published["searches"]} == {"the {id} song"}
    assert ("{id}", "post", "{id}-2026") in {
        (row["source"], row["medium"], row["campaign"]) for row in published["campaigns"]
    }
    assert "{id}.example" in {row["source"] for row in published["referrers"]}
    assert result.books.withheld == 5
    shown = json.dumps(published, default=str)
    assert not [word for word in ("bluebird", "gardener", "wander") if word in shown.lower()]


def test_two_pages_that_lose_their_names_are_one_and_a_visit_counts_once(tmp_path: Path) -> None:
    published, _ = publish(
        tmp_path, [*asked_by_many("/of/bluebird", network=1), *asked_by_many("/of/gardener", network=1)]
    )
    (row,) = [row for row in published["pages"] if row["page"] == "/of/{id}"]
    assert (row["page_views"], row["visits"]) == (24, 12)


def test_words_of_the_site_and_of_lists_are_nobodys(tmp_path: Path) -> None:
    lines = [line(5, "/", user=user) for user in ("admin", "login", "google", "other", "id", "none")]
    lines += [*asked_by_many("/admin/login?q=none", referrer="https://www.google.com/")]
    published, result = publish(tmp_path, lines)
    assert pages(published)["/admin/login"] == 12
    assert "Google" in {row["source"] for row in published["referrers"]}
    assert result.books.withheld == 0


@pytest.mark.parametrize("keep", ["/birds/bluebird", "/birds/*", "/*/BLUEBIRD"])
def test_the_settings_keep_names(keep: str, tmp_path: Path) -> None:
    lines = [*asked_by_many("/birds/bluebird"), *asked_by_many("/other/bluebird")]
    lines += [one for number in range(12) for one in asked_by_many(f"/birds/bluebird/{number}", visitors=1)]
    published, _ = publish(tmp_path, lines, texts={"keep": [keep]})
    assert pages(published)["/birds/bluebird"] == 12
    assert ("/other/{id}" in pages(published)) is (keep != "/*/BLUEBIRD")


def test_inputs_lose_what_the_run_met(tmp_path: Path) -> None:
    content = "".join([*met(), *asked_by_many("/")]).encode("latin-1")
    publish_logs(tmp_path, {"gardener-access.log": content}, log_format=LOG_FORMAT, site=SITE)
    published = read_published(tmp_path / "traffic.duckdb")
    assert [row["input"] for row in published["inputs"]] == ["{id}-access.log"]


def test_cookies_of_another_name_are_met(tmp_path: Path) -> None:
    log_format = LOG_FORMAT.replace("$cookie_session", "$http_cookie")
    cookies = "lang=harbour; visitor=lark-4711-x; theme=darkness"
    lines = [line(4, "/", cookie=cookies)]
    for word in ("harbour", "lark-4711-x", "darkness"):
        lines += asked_by_many(f"/w/{word}")
    published, _ = publish(tmp_path, lines, log_format=log_format)
    assert {"/w/harbour", "/w/darkness", "/w/{id}"} <= set(pages(published))


def test_what_publishing_adds_to_texts_is_nobodys(tmp_path: Path) -> None:
    """A client that knows how inputs are numbered and folders are marked can't stop a night."""
    lines = [line(5, "/", user=user) for user in ("accesslog2", "folder…", "folder")]
    lines += [one for path in ("/access.log2", "/x/folder/%E2%80%A6", "/folder-x") for one in asked_by_many(path)]
    lines += [one for number in range(12) for one in asked_by_many(f"/x/fold/{number}", visitors=1)]
    content = "".join([*met(), *asked_by_many("/"), *lines]).encode()
    inputs = {"a-4111111111111111/access.log": content, "a-5555555555554444/access.log": content[: len(content) // 2]}
    for name in inputs:
        (tmp_path / "logs" / name).parent.mkdir(parents=True)
    publish_logs(tmp_path, inputs, log_format=LOG_FORMAT, site=SITE)
    assert pages(read_published(tmp_path / "traffic.duckdb"))


def test_an_unchanged_day_does_not_stop_the_night(tmp_path: Path) -> None:
    """A word published one night is a cookie's value the next one."""
    publish(tmp_path, list(asked_by_many("/of/nightingale")))
    late = line(59, "/", cookie="nightingale").replace("01/Jun", "02/Jun")
    more = [row.replace("01/Jun", "02/Jun") for row in asked_by_many("/of/nightingale")]
    content = "".join([late, *more, *(row.replace("01/Jun", "02/Jun") for row in asked_by_many("/"))])
    publish_logs(tmp_path, {"b.log": content.encode()}, log_format=LOG_FORMAT, site=SITE)
    by_day = {(row["day"].day, row["page"]) for row in read_published(tmp_path / "traffic.duckdb")["pages"]}
    assert {(1, "/of/nightingale"), (2, "/of/{id}")} <= by_day


@pytest.mark.parametrize("shares", [2, 7])
def test_names_that_become_one_meet_in_a_run_of_many_shares(
    shares: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of a large run are merged apart from each other: what becomes one name must come to one place."""
    monkeypatch.setattr(RunOptions, "day_shares", property(lambda options: shares))
    paths = [f"/of/{cookie.lower()}" for cookie in (*COOKIES[:3], *USERS[:3])]
    lines = [one for path in paths for one in asked_by_many(path)]
    lines += asked_by_many("/of/{id}")
    # Visits that begin within the site: their name is added where it was not met, too.
    lines += asked_by_many("/in", referrer=f"https://{SITE}/")
    published, _ = publish(tmp_path, lines, hosts=(SITE,))
    assert pages(published)["/of/{id}"] == 12 * 7
    assert {row["kind"]: row["visits"] for row in published["referrers"]}["internal"] == 12


def test_what_is_found_after_all_stops_the_publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours: names are searched, but visits are counted by the old ones."""
    keep: Callable[..., Any] = lambda rows, renamed: rows  # noqa: E731
    monkeypatch.setattr(assign_visits, "rename", keep)
    with pytest.raises(RunError, match=r"'no identifier of the run' is broken by 1 rows of pages\.page") as raised:
        publish(tmp_path, list(asked_by_many("/birds/bluebird")))
    assert "bluebird" not in str(raised.value)
    assert not (tmp_path / "traffic.duckdb").exists()


def test_the_promise_stands_in_the_file(tmp_path: Path) -> None:
    publish(tmp_path, list(asked_by_many("/birds/bluebird")))
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        rows = connection.execute("FROM promises WHERE promise = 'no identifier of the run'").fetchall()
    assert [(row[2] > 3, row[3], row[4]) for row in rows] == [(True, 0, check_identifiers.MET_EVIDENCE)]


@pytest.mark.parametrize("sign", ["-", ""])
def test_the_name_that_a_bot_calls_itself_is_searched_too(sign: str, tmp_path: Path) -> None:
    called = {f"quietriver42{sign}bot/1.0": 12, f"deeplake43{sign}bot/1.0": 12}
    lines = [
        line(20 + visitor, "/", client=f"203.0.112.{visitor}").replace(AGENT, agent)
        for agent, visitors in called.items()
        for visitor in range(visitors)
    ]
    published, _ = publish(tmp_path, lines)
    assert {row["name"] for row in published["bots"] if row["traffic_class"] == "bot"} == {
        "(other)",
        f"deeplake43{sign}bot",
    }
