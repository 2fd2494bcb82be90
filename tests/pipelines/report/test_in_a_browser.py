"""The page in a real Chromium, where there is one (tests/servers/install has it): no message, in all views."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from footfall.pipelines.report.collect_figures import collect_figures
from footfall.pipelines.report.render_page import render_page
from tests.pipelines.report.published_files import HOSTILE, write_file

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
