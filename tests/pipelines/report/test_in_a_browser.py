"""The page in a real Chromium, where there is one (tests/servers/install has it): no message, in all views.

tests/browser/install has axe-core, which finds what keeps people from using a page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.report.collect_figures import collect_figures
from footfall.pipelines.report.render_page import render_page
from tests.browser.chromium import CHROMIUM, Browser
from tests.pipelines.report.published_files import HOSTILE, write_file

AXE = next(iter((Path(__file__).parents[3] / ".venv" / "axe").glob("axe-*.min.js")), None)
LEVEL_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; run tests/servers/install")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    path = folder / "report.html"
    path.write_text(render_page(collect_figures(write_file(folder / "a.duckdb", 40, names=HOSTILE)), "en"), "utf-8")
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser whose console says nothing while the test runs."""
    chromium.messages.clear()
    yield chromium
    assert chromium.messages == []


def test_the_page_says_nothing_and_runs_its_own_script_alone(page: Path, browser: Browser) -> None:
    browser.open(page)
    # The script ran, so the policy knows it; what names of pages would run did not.
    assert browser.evaluate("document.querySelectorAll('.csv').length") > 20
    assert "<script>alert" not in browser.evaluate("document.documentElement.outerHTML")


def test_a_script_that_is_not_the_pages_own_is_refused(page: Path, chromium: Browser) -> None:
    """Else the test above would see nothing."""
    other = page.with_name("other.html")
    other.write_text(page.read_text("utf-8").replace("</main>", "<script>1</script></main>"), "utf-8")
    chromium.messages.clear()
    chromium.open(other)
    assert "Content Security Policy" in " ".join(chromium.messages)


def test_the_page_is_drawn_and_printed(page: Path, browser: Browser) -> None:
    browser.open(page, "#days-7", width=360, height=780, dark=True)
    assert len(browser.screenshot()) > 5_000
    assert browser.print().startswith(b"%PDF")


@pytest.mark.parametrize("width", [360, 1024, 2560])
def test_nothing_is_wider_than_the_window(width: int, page: Path, browser: Browser) -> None:
    """What is wider scrolls within its panel, and axes stand inside of theirs."""
    browser.open(page, width=width)
    assert browser.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [width, width]
    boxes = ".panel, .axis text, .key-figures > div, h1, .choices a"
    beyond = f"""[...document.querySelectorAll("{boxes}")].filter((one) => {{
      const box = one.getBoundingClientRect(), within = one.closest(".panel, main, header").getBoundingClientRect();
      return box.width && (box.left < within.left || box.right > within.right + 0.5);
    }}).map((one) => one.outerHTML.slice(0, 200))"""
    assert browser.evaluate(beyond) == []


def test_buttons_are_not_covered_and_words_stay_whole(page: Path, browser: Browser) -> None:
    browser.open(page, "#days-7")
    covered = """[...document.querySelectorAll("#days-7 .csv, #days-7 .source summary")].filter((one) => {
      one.scrollIntoView({ block: "center" });
      const box = one.getBoundingClientRect();
      return !one.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
    }).map((one) => one.closest(".panel").id)"""
    assert browser.evaluate(covered) == []
    broken = """[...document.querySelectorAll("#days-7 .key bdi")].map((one) => one.firstChild).flatMap((text) =>
      [...text.data.matchAll(/(?<![^ ])[A-Za-z-]{2,12}(?![^ ])/g)].map((found) => {
        const range = document.createRange();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        return [found[0], range.getClientRects().length];
      }))"""
    lines = browser.evaluate(broken)
    assert {"Search", "engine", "crawler"} <= {word for word, _ in lines}
    assert [word for word, count in lines if count > 1] == []


def test_the_page_is_used_by_keys_alone(page: Path, browser: Browser) -> None:
    browser.open(page)
    focused = "document.activeElement.className || document.activeElement.tagName"
    browser.press("Tab")
    assert browser.evaluate(focused) == "skip"
    browser.press("Enter")
    browser.press("Tab")
    # What comes after the link is in the main part: the choice of days.
    assert browser.evaluate("document.activeElement.closest('main') !== null")
    browser.open(page, "#days-40")
    for what, key, done in (
        ("#days-40 summary", "Enter", "document.querySelector('#days-40 details').open"),
        ("#days-40 .pick", " ", "document.querySelector('#days-40 .filtered').textContent !== ''"),
        ("#days-40 .grains :checked", "ArrowRight", "location.search === '?grain=week'"),
        ("#days-40 .choices a[href='#days-7']", "Enter", "location.hash === '#days-7'"),
    ):
        browser.evaluate(f"document.querySelector({json.dumps(what)}).focus()")
        assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", what
        browser.press(key)
        assert browser.evaluate(done), what


def tell(browser: Browser, page: Path, *scripts: str, address: str = "", **window: Any) -> Any:
    """What scripts tell of the page: the last one calls `tell(value)` once it is done."""
    *libraries, last = scripts
    browser.open(page, address, **window)
    for library in libraries:
        browser.evaluate(f"{library}\n0")
    return browser.evaluate(f"new Promise((tell) => {{ {last} }})")


@pytest.mark.skipif(AXE is None, reason="no axe-core here; run tests/browser/install")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_axe_finds_nothing_at_level_aa(scheme: str, width: int, page: Path, browser: Browser) -> None:
    assert AXE is not None
    run = f"""document.querySelectorAll("details").forEach((one) => {{ one.open = true; }});
    document.querySelector(".pick").click();
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const say = (one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary];
    axe.run({{ runOnly: {json.dumps(LEVEL_AA)} }}).then((found) =>
      tell([dark, found.passes.length, found.violations.map(say)]));"""
    library = AXE.read_text("utf-8")
    dark, passed, findings = tell(browser, page, library, run, width=width, dark=scheme == "dark")
    assert dark is (scheme == "dark")
    assert passed > 15
    assert findings == []


@pytest.mark.skipif(AXE is None, reason="no axe-core here; run tests/browser/install")
def test_axe_finds_what_is_wrong(page: Path, browser: Browser) -> None:
    """Else the test above would see nothing."""
    assert AXE is not None
    run = """document.querySelector("h1").style.color = "#ddd";
    axe.run({ runOnly: ["wcag2aa"] }).then((found) => tell(found.violations.map((one) => one.id)));"""
    assert tell(browser, page, AXE.read_text("utf-8"), run) == ["color-contrast"]


def test_the_grain_is_chosen_for_all_periods_and_stands_in_the_address(page: Path, browser: Browser) -> None:
    use = """const shown = () => [...document.querySelectorAll(".panel.chart")]
      .filter((one) => one.offsetParent && one.id.includes("-visits")).map((one) => one.id);
    const first = shown();
    document.querySelector(".grains [value=month]").click();
    const chosen = [...document.querySelectorAll(".grains :checked")].map((one) => one.value);
    tell([first, shown(), location.search, chosen]);"""
    first, second, search, chosen = tell(browser, page, use, address="?grain=week#days-40")
    assert (first, second) == (["days-40-chart-visits_by_week"], ["days-40-chart-visits_by_month"])
    assert (search, set(chosen)) == ("?grain=month", {"month"})


DRAWN = """[...document.querySelectorAll(".period .drawing .uplot")]
  .filter((one) => one.offsetParent).map((one) => one.closest(".panel").id)"""


def wait_for(browser: Browser, condition: str) -> None:
    """Wait until it is true: charts are drawn between pictures, which take long on a busy machine."""
    browser.evaluate(f"""new Promise((done, fail) => {{
      const begin = Date.now();
      const look = () =>
        ({condition}) ? done() : Date.now() - begin > 60_000 ? fail("never true") : setTimeout(look, 50);
      look();
    }})""")


def test_charts_are_drawn_by_the_library_when_they_are_shown(page: Path, browser: Browser) -> None:
    browser.open(page, height=20_000)
    names = ("chart-visits", "chart-page_views", "lengths-page_views", "lengths-duration_s")
    names += ("chart-latency", "chart-availability", "hours")
    wait_for(browser, f"{DRAWN}.length >= {len(names)}")
    assert browser.evaluate(DRAWN) == [f"days-30-{name}" for name in names]
    still = "[...document.querySelectorAll('#days-30 .plot')].filter((one) => one.offsetParent).length"
    assert browser.evaluate(still) == 0
    # Something is painted on each: a grid, a line, letters.
    painted = """[...document.querySelectorAll("#days-30 canvas")].filter((one) => one.offsetParent).map((one) =>
      new Set(new Uint32Array(one.getContext("2d").getImageData(0, 0, one.width, one.height).data.buffer)).size > 5)"""
    assert set(browser.evaluate(painted)) == {True}
    browser.evaluate("document.querySelector('#days-30 .grains [value=week]').click()")
    wait_for(browser, f"{DRAWN}.includes('days-30-chart-visits_by_week')")
    assert "days-30-chart-visits" not in browser.evaluate(DRAWN)
    browser.evaluate("location.hash = '#days-7'")
    wait_for(browser, f"{json.dumps([f'days-7-{name}' for name in names])}.every((one) => {DRAWN}.includes(one))")


def test_charts_follow_the_width_and_the_scheme(page: Path, browser: Browser) -> None:
    browser.open(page, "#days-40", height=2_000)
    canvas = "document.querySelector('#days-40-chart-visits canvas')"
    room = (
        f"Math.round({canvas}.closest('.panel').getBoundingClientRect().width - {canvas}.getBoundingClientRect().width)"
    )
    wait_for(browser, f"{canvas} !== null")
    expected = browser.evaluate(room)
    assert 0 < expected < 50
    browser.call("Emulation.setDeviceMetricsOverride", width=700, height=900, deviceScaleFactor=1, mobile=False)
    wait_for(browser, f"{canvas}.getBoundingClientRect().width < 700 && {room} === {expected}")
    light = browser.evaluate(f"{canvas}.toDataURL()")
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.call("Emulation.setEmulatedMedia", media="screen", features=[dark])
    wait_for(browser, f"{canvas}.toDataURL() !== {json.dumps(light)}")


def test_a_chart_says_its_figures_by_keys(page: Path, browser: Browser) -> None:
    """As its table has them, day by day."""
    browser.open(page, "#days-40", height=2_000)
    slider = "document.querySelector('#days-40-chart-visits .drawing')"
    wait_for(browser, f"{slider}?.role === 'slider'")
    browser.evaluate(f"{slider}.focus()")
    told = browser.evaluate(f"[{slider}.ariaLabel, {slider}.ariaValueMax]")
    assert told == ["Visits by day", "39"]
    rows = browser.evaluate("""[...document.querySelector("#days-40 [data-name=visits] tbody").rows].map((row) =>
      [...row.cells].slice(0, 2).map((cell) => cell.firstChild.textContent))""")
    for number in (39, 38, 37, 36):
        if number < 39:
            browser.press("ArrowLeft")
        day, visits = rows[number]
        wait_for(browser, f"{slider}.ariaValueText.startsWith({json.dumps(f'{day}; {visits}')})")
    tip = "document.querySelector('#days-40-chart-visits .tip')"
    assert browser.evaluate(f"{tip}.checkVisibility() && {tip}.textContent").startswith(rows[36][0])


def test_paper_has_the_charts_that_need_no_script_and_whole_words(page: Path, browser: Browser) -> None:
    browser.open(page, width=718, height=1_000)
    browser.call("Emulation.setEmulatedMedia", media="print")
    shown = """["canvas", ".plot"].map((what) =>
      [...document.querySelectorAll(`#days-30 ${what}`)].filter((one) => one.checkVisibility()).length)"""
    assert browser.evaluate(shown) == [0, 4]
    broken = """[...document.querySelectorAll("#days-30 :is(th, td, dt, .note)")].flatMap((cell) => {
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
      for (let text; text = texts.nextNode();) {
        for (const word of text.data.matchAll(/(?<![^ ])[A-Za-z]{2,14}(?![^ ,.:])/g)) {
          const range = document.createRange();
          range.setStart(text, word.index);
          range.setEnd(text, word.index + word[0].length);
          if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) found.push(word[0]);
        }
      }
      return found;
    })"""
    assert browser.evaluate(broken) == []


def test_a_table_is_saved_with_figures_as_programs_read_them(page: Path, browser: Browser) -> None:
    use = """const texts = [];
    window.Blob = function (parts) { texts.push(parts.join("")); return new File([], ""); };
    HTMLAnchorElement.prototype.click = () => {};
    URL.createObjectURL = () => "";
    const table = document.querySelector("[data-name=classes]");
    table.closest(".panel").querySelector(".csv").click();
    const total = table.querySelector(".total .number").textContent;
    tell([texts[0], total]);"""
    text, total = tell(browser, page, use)
    rows = [line.strip('"').split('","') for line in text.lstrip("\ufeff").strip().split("\r\n")]
    assert rows[0][:3] == ["Class", "Hits", "Share"]
    *named, together = [row for row in rows[1:] if row[1]]
    assert together[1] == total.replace(",", "")
    for row in named:
        assert float(row[2]) == pytest.approx(int(row[1]) / int(together[1]), abs=1e-5)


def test_a_name_filters_its_own_table_alone_and_says_so(page: Path, browser: Browser) -> None:
    use = """const table = document.querySelector("[data-name=sources]"), rows = [...table.tBodies[0].rows];
    const visible = () => rows.filter((row) => !row.hidden).map((row) => row.cells[0].textContent);
    const others = () => document.querySelectorAll("[data-name=channels] tbody tr:not([hidden])").length;
    const before = others();
    table.querySelector(".pick").click();
    const some = visible(), note = document.querySelector(".panel:has([data-name=sources]) .filtered");
    const said = note.textContent, same = others() === before;
    note.querySelector("button").click();
    tell([rows.length, some, said, same, visible().length, note.textContent]);"""
    count, some, said, same, after, last = tell(browser, page, use)
    assert 1 <= len(some) < count
    assert len(set(some)) == 1
    assert "rows of two tables cannot be linked" in said
    assert (same, after, last) == (True, count, "")


def test_every_control_is_used_without_a_message(page: Path, browser: Browser) -> None:
    """An error of the script would be said by the console."""
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
    used, saved, opened, left = tell(browser, page, use)
    assert left == [], "controls that this test does not know"
    assert all(used.values()), used
    assert opened == used["summary"]
    assert len(saved) == used[".csv"]
    assert set(saved) >= {"visits.csv", "channels.csv", "books.csv"}
    links = [count for target, count in used.items() if target.startswith("#")]
    assert set(links) == {1}, "each link leads to one place"


def test_names_are_shown_as_they_are_also_where_they_filter(page: Path, browser: Browser) -> None:
    """The script moves names, which visitors chose, into buttons and notes: as text."""
    use = """for (const one of document.querySelectorAll(".pick")) { one.click(); }
    tell([document.querySelectorAll("img, main script, [onerror]").length, window.evil === undefined]);"""
    assert tell(browser, page, use) == [0, True]
