"""The domain that refers to a site from within is found in the log, counts as internal, and is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.display.summary import as_record, print_summary
from footfall.pipelines.settings import Settings
from tests.reference.tables import compute
from tests.running import differences, publish_logs, published_tables, read_published, reference_settings

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"
OPTIONS: dict[str, Any] = {"log_format": "combined", "k": 1}
PARTS = ("/site.css", "/site.js", "/logo.png")


def line(visitor: int, path: str, referrer: str, day: int = 10) -> str:
    return (
        f'192.0.2.{visitor} - - [{day}/Jun/2025:10:00:00 +0000] "GET {path} HTTP/1.1" 200 9 "{referrer}" "{CHROME}"\n'
    )


def visits_from(host: str, others: str = "", visitors: int = 5, day: int = 10) -> str:
    """Visitors who come from a page of `host` on which they were yesterday; the parts name it, too."""
    return "".join(
        line(number, "/news", f"https://{host}/start", day)
        + "".join(line(number, part, f"https://{others or host}/news", day) for part in PARTS)
        for number in range(1, visitors + 1)
    )


def kinds(log: str, **options: Any) -> dict[str, int]:
    tables = published_tables({"a.log": log.encode()}, **OPTIONS, **options)
    return {row["kind"]: row["visits"] for row in tables["referrers"]}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(visits_from("www.shop.example"), {"internal": 5}, id="the host that parts name"),
        pytest.param(visits_from("shop.example", "cdn.shop.example"), {"internal": 5}, id="of the same domain"),
        pytest.param(visits_from("forum.example", "shop.example"), {"other": 5}, id="another host"),
        pytest.param(visits_from("www.google.com"), {"search": 5}, id="a search engine shows images"),
        pytest.param(visits_from("shop.example", visitors=3), {"other": 3}, id="nine parts are too few to tell"),
        pytest.param(
            visits_from("shop.example") + "".join(line(60, part, "https://b.example/") for part in PARTS * 5),
            {"other": 5},
            id="half of the parts are named by others",
        ),
        pytest.param(
            visits_from("shop.example") + line(9, "/news?utm_source=letter", "https://shop.example/"),
            {"internal": 5, "campaign": 1},
            id="a campaign stays one",
        ),
        pytest.param(
            visits_from("shop.example") + line(1, "/news", "https://shop.example/", day=12),
            {"internal": 5, "other": 1},
            id="each day by itself",
        ),
    ],
)
@pytest.mark.parametrize("behaviour", [True, False])
def test_visits_from_within_are_told(log: str, expected: dict[str, int], behaviour: bool) -> None:
    assert kinds(log, behaviour=behaviour) == expected
    options = {**OPTIONS, "behaviour": behaviour}
    reference = compute({"a.log": log.encode()}, reference_settings(Settings(**options)))
    assert differences(published_tables({"a.log": log.encode()}, **options), reference) == []


def test_the_summary_says_which_hosts_no_setting_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = tmp_path / "traffic.duckdb"
    result = publish_logs(tmp_path, {"a.log": visits_from("www.shop.example").encode()}, **OPTIONS)
    assert as_record(result, db)["own_hosts"] == ["shop.example"]
    print_summary(result, db)
    assert "own hosts" in capsys.readouterr().out
    assert read_published(db)["referrers"][0]["source"] == "(none)"


def test_what_a_setting_names_is_not_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = {"a.log": visits_from("www.shop.example").encode()}
    result = publish_logs(tmp_path, log, **OPTIONS, hosts=("shop.example",))
    assert result.own_hosts == []
    print_summary(result, tmp_path / "traffic.duckdb")
    assert "own hosts" not in capsys.readouterr().out
