"""The page in a real Chromium, where there is one (tests/servers/install has it): no message, in all views.

tests/browser/install has axe-core, which finds what keeps people from using a page.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.report.collect_figures import collect_figures
from footfall.pipelines.report.render_page import render_page
from tests.pipelines.report.published_files import HOSTILE, write_file

AXE = next(iter((Path(__file__).parents[3] / ".venv" / "axe").glob("axe-*.min.js")), None)
LEVEL_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; run tests/servers/install")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    path = folder / "report.html"
    path.write_text(render_page(collect_figures(write_file(folder / "a.duckdb", 40, names=HOSTILE)), "en"), "utf-8")
    return path


def browse(page: Path, *options: str, fragment: str = "") -> subprocess.CompletedProcess[str]:
    """Open the page headless; what its console says is on standard error."""
    command = [
        CHROMIUM or "",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        f"--user-data-dir={page.parent / 'profile'}",
        "--virtual-time-budget=2000",
        *options,
        f"{page.as_uri()}{fragment}",
    ]
    environment = {**os.environ, "HOME": str(page.parent)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment)


def messages(ended: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in ended.stderr.splitlines() if ":CONSOLE" in line]


def test_the_page_says_nothing_and_runs_its_own_script_alone(page: Path) -> None:
    ended = browse(page, "--dump-dom")
    assert messages(ended) == []
    # The script ran, so the policy knows it; what names of pages would run did not.
    assert ended.stdout.count('class="csv"') > 20
    assert "<script>alert" not in ended.stdout


def test_a_script_that_is_not_the_pages_own_is_refused(page: Path) -> None:
    """Else the test above would see nothing."""
    other = page.with_name("other.html")
    other.write_text(page.read_text("utf-8").replace("</main>", "<script>1</script></main>"), "utf-8")
    assert "Content Security Policy" in " ".join(messages(browse(other, "--dump-dom")))


def test_the_page_is_drawn_and_printed(page: Path) -> None:
    picture, printed = page.with_name("page.png"), page.with_name("page.pdf")
    browse(page, f"--screenshot={picture}", "--window-size=360,780", "--force-dark-mode", fragment="#days-7")
    browse(page, f"--print-to-pdf={printed}")
    assert picture.stat().st_size > 5_000
    assert printed.read_bytes().startswith(b"%PDF")


def tell(page: Path, *scripts: str, options: tuple[str, ...] = (), address: str = "") -> Any:
    """What scripts that are let into a copy of the page tell: the last one calls `tell(value)` once it is done.

    It runs after the page has got its buttons, which is after the first picture.
    """
    *libraries, last = scripts
    scripts = (*libraries, f"addEventListener('load', () => setTimeout(() => {{ {last} }}, 500));")
    told = "const tell = (value) => { document.body.dataset.told = JSON.stringify(value); };"
    text = page.read_text("utf-8")
    for script in (told, *scripts):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        text = text.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
        text = text.replace("</body>", f"<script>{script}</script></body>")
    copy = page.with_name("told.html")
    copy.write_text(text, "utf-8")
    ended = browse(copy, "--dump-dom", "--virtual-time-budget=60000", *options, fragment=address)
    assert messages(ended) == []
    found = re.search(r'data-told="([^"]*)"', ended.stdout)
    assert found, "the scripts told nothing"
    return json.loads(html.unescape(found[1]))


@pytest.mark.skipif(AXE is None, reason="no axe-core here; run tests/browser/install")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_axe_finds_nothing_at_level_aa(scheme: str, width: int, page: Path) -> None:
    assert AXE is not None
    run = f"""document.querySelectorAll("details").forEach((one) => {{ one.open = true; }});
    document.querySelector(".pick").click();
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const say = (one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary];
    axe.run({{ runOnly: {json.dumps(LEVEL_AA)} }}).then((found) =>
      tell([dark, found.passes.length, found.violations.map(say)]));"""
    options = (f"--blink-settings=preferredColorScheme={int(scheme == 'light')}", f"--window-size={width},900")
    dark, passed, findings = tell(page, AXE.read_text("utf-8"), run, options=options)
    assert dark is (scheme == "dark")
    assert passed > 15
    assert findings == []


@pytest.mark.skipif(AXE is None, reason="no axe-core here; run tests/browser/install")
def test_axe_finds_what_is_wrong(page: Path) -> None:
    """Else the test above would see nothing."""
    assert AXE is not None
    run = """document.querySelector("h1").style.color = "#ddd";
    axe.run({ runOnly: ["wcag2aa"] }).then((found) => tell(found.violations.map((one) => one.id)));"""
    assert tell(page, AXE.read_text("utf-8"), run) == ["color-contrast"]


def test_the_grain_is_chosen_for_all_periods_and_stands_in_the_address(page: Path) -> None:
    use = """const shown = () => [...document.querySelectorAll(".panel.chart")]
      .filter((one) => one.offsetParent && one.id.includes("-visits")).map((one) => one.id);
    const first = shown();
    document.querySelector(".grains [value=month]").click();
    const chosen = [...document.querySelectorAll(".grains :checked")].map((one) => one.value);
    tell([first, shown(), location.search, chosen]);"""
    first, second, search, chosen = tell(page, use, address="?grain=week#days-40")
    assert (first, second) == (["days-40-chart-visits_by_week"], ["days-40-chart-visits_by_month"])
    assert (search, set(chosen)) == ("?grain=month", {"month"})


def test_a_name_filters_its_own_table_alone_and_says_so(page: Path) -> None:
    use = """const table = document.querySelector("[data-name=sources]"), rows = [...table.tBodies[0].rows];
    const visible = () => rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent);
    const others = () => document.querySelectorAll("[data-name=channels] tbody tr:not([hidden])").length;
    const before = others();
    table.querySelector(".pick").click();
    const some = visible(), note = document.querySelector(".panel:has([data-name=sources]) .filtered");
    const said = note.textContent, same = others() === before;
    note.querySelector("button").click();
    tell([rows.length, some, said, same, visible().length, note.textContent]);"""
    count, some, said, same, after, last = tell(page, use)
    assert 1 <= len(some) < count
    assert len(set(some)) == 1
    assert "rows of two tables cannot be linked" in said
    assert (same, after, last) == (True, count, "")


def test_every_control_is_used_without_a_message(page: Path) -> None:
    """`tell` asserts that the console is silent; an error of the script would be said there."""
    use = """const saved = [], used = {};
    HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };
    const each = (what) => {
      const found = [...document.querySelectorAll(what)];
      used[what] = found.length;
      for (const one of found) one.click();
    };
    for (const what of ["summary", ".csv", ".pick", ".filtered button", ".grains input"]) each(what);
    for (const link of document.querySelectorAll("nav a, .skip")) {
      location.hash = link.hash;
      used[link.hash] = document.querySelectorAll(":target").length;
    }
    const open = document.querySelectorAll("details[open]").length;
    const known = "summary, .csv, .pick, .filtered button, .grains input, nav a, .skip";
    const left = [...document.querySelectorAll("button, a, summary, input, select, textarea, [onclick]")]
      .filter((one) => !one.matches(known));
    tell([used, saved, open, left.map((one) => one.outerHTML.slice(0, 80))]);"""
    used, saved, opened, left = tell(page, use)
    assert left == [], "controls that this test does not know"
    assert all(used.values()), used
    assert opened == used["summary"]
    assert len(saved) == used[".csv"]
    assert set(saved) >= {"visits.csv", "channels.csv", "books.csv"}
    links = [count for target, count in used.items() if target.startswith("#")]
    assert set(links) == {1}, "each link leads to one place"


def test_names_are_shown_as_they_are_also_where_they_filter(page: Path) -> None:
    """The script moves names, which visitors chose, into buttons and notes: as text."""
    use = """for (const one of document.querySelectorAll(".pick")) { one.click(); }
    tell([document.querySelectorAll("img, main script, [onerror]").length, window.evil === undefined]);"""
    assert tell(page, use) == [0, True]
