"""Which bots keep to robots.txt, as a run publishes it: against rows told by hand, and the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.errors import UsageError
from footfall.pipelines.read_robots import MAX_BYTES
from footfall.pipelines.settings import Settings, load_settings
from tests.reference.tables import compute
from tests.running import compare, published_tables, reference_settings
from tests.test_reference import line

GPT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BING = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"
UNLISTED = "Quietreader-bot/0.1"
ROBOTS = """
User-agent: *
Disallow: /cart
Disallow: /*?sort=
Allow: /cart/help

user-agent: GPTBot   # and nobody else
Disallow: /
Allow: /about$

User-agent: openai
Disallow:
"""
OPTIONS: dict[str, Any] = {"log_format": "footfall", "site": "shop.example"}


def content() -> dict[str, bytes]:
    """Bots that ask for robots.txt before, after and never."""
    lines = []
    for minute, path, agent in (
        *((0, "/robots.txt", GPT), (1, "/about", GPT), (2, "/events/jazz", GPT), (3, "/robots.txt?v=2", GPT)),
        *((0, "/cart", GOOGLE), (1, "/robots.txt", GOOGLE), (2, "/cart/help", GOOGLE), (3, "/events?sort=", GOOGLE)),
        *((4, "/events?q=1&sort=a", GOOGLE), (5, "/cart", BING), (6, "/robots.txt", BING), (7, "/%63art", BING)),
        (8, "/cart", UNLISTED),
    ):
        lines.append(line(f"01 11:{minute:02}:00", path, client="20.0.0.1", agent=agent))
    lines.append(line("01 11:59:00", "/robots.txt", client="20.0.0.1", agent=BING))
    lines.append(line("01 11:10:00", "/cart", client="192.0.2.1"))
    return {"access.log": "\n".join(lines).encode()}


@pytest.fixture
def robots(tmp_path: Path) -> Path:
    path = tmp_path / "robots.txt"
    path.write_text(ROBOTS)
    return path


def test_bots_are_told_by_what_robots_txt_forbids_them(robots: Path) -> None:
    rows = published_tables(content(), **OPTIONS, k=5, robots=robots)["robots_txt"]
    assert sorted((row["name"], row["hits"], row["asked"], row["forbidden"], row["disobeyed"]) for row in rows) == [
        # The name of one client, whatever it did.
        ("(other)", 1, 0, 1, None),
        ("GPTBot", 4, 2, 1, True),
        ("Googlebot", 5, 1, 2, True),
        # What it asked for before it knew.
        ("bingbot", 4, 2, 2, True),
    ]


def test_who_asks_for_robots_txt_is_told_without_the_file() -> None:
    rows = published_tables(content(), **OPTIONS, k=5)["robots_txt"]
    assert {(row["name"], row["asked"], row["forbidden"], row["disobeyed"]) for row in rows} == {
        *(("(other)", 0, None, None), ("GPTBot", 2, None, None)),
        *(("Googlebot", 1, None, None), ("bingbot", 2, None, None)),
    }


@pytest.mark.parametrize("sites", [("",), ("shop.example", ""), ("blog.example",)])
def test_robots_are_those_of_the_definitions(sites: tuple[str, ...], robots: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("User-agent: *\nDisallow: /events")
    files = {site: robots if site else other for site in sites}
    expected = compute(content(), reference_settings(Settings(**OPTIONS, k=5, robots=files)))
    found = compare(published_tables(content(), **OPTIONS, k=5, robots=files), expected)
    assert found == {table: ([], []) for table in expected}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"robots: .*none\.txt: cannot be read \(FileNotFoundError\)"):
        published_tables(content(), **OPTIONS, robots=tmp_path / "none.txt")
    (tmp_path / "large.txt").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UsageError, match="larger than 512,000 bytes"):
        published_tables(content(), **OPTIONS, robots=tmp_path / "large.txt")


def test_the_settings_name_one_file_or_one_for_each_site(tmp_path: Path) -> None:
    config = tmp_path / "footfall.toml"
    config.write_text('robots = "public/robots.txt"')
    assert load_settings(config, {}).robots == {"": Path("public/robots.txt")}
    config.write_text('[robots]\n"Shop.example" = "a.txt"\n"" = "b.txt"')
    assert load_settings(config, {}).robots == {"shop.example": Path("a.txt"), "": Path("b.txt")}
    config.write_text("robots = 3")
    with pytest.raises(UsageError, match="robots: 3: should be a file such as"):
        load_settings(config, {})
