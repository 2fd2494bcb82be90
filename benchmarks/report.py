"""How large the report of 92 days of a site of 7,000 visits a day is, and how long it takes to make and to show.

    python benchmarks/report.py --folder .venv/report

The log has 6.1 million lines with goals, downloads, broken links, bots and a robots.txt, so that every panel has rows.
It is generated and published once, and the file is kept in the folder. Where Chromium is installed, its times until a
first picture (first contentful paint, of the page from disk) are printed too.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import html
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Final

from footfall.pipelines.sample.site import GOALS
from footfall.pipelines.sample.write_sample import write_sample

DAYS: Final = 92
LINES: Final = 6_133_000
SITE: Final = "www.example.org"
ROBOTS: Final = "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /account/\n"
FOOTFALL: Final = (sys.executable, "-m", "footfall.pipelines.cli")
_CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_REPORT_PAINT: Final = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.name === "first-contentful-paint") document.body.dataset.painted = entry.startTime;
}).observe({type: "paint", buffered: true});"""


def publish(folder: Path) -> Path:
    """Return the published file; it is made where the folder has none."""
    db = folder / "traffic.duckdb"
    if db.exists():
        return db
    folder.mkdir(parents=True, exist_ok=True)
    log, settings, robots = folder / "sample.log", folder / "footfall.toml", folder / "robots.txt"
    write_sample(log, LINES, 1, DAYS, start=date(2026, 4, 1))
    robots.write_text(ROBOTS, "utf-8")
    # Of one line each, JSON and TOML differ in the sign between a key and its value alone.
    goals = "\n".join(
        f"{name} = {{{', '.join(f'{key} = {json.dumps(value)}' for key, value in goal.items())}}}"
        for name, goal in GOALS.items()
    )
    settings.write_text(f'robots = "{robots}"\nlog-format = "footfall"\nsite = "{SITE}"\n\n[goals]\n{goals}\n', "utf-8")
    subprocess.run([*FOOTFALL, "nightly", str(log), "--db", str(db), "--config", str(settings), "--quiet"], check=True)
    log.unlink()
    return db


def make(db: Path, page: Path) -> tuple[float, float]:
    """Make the report, and return seconds of wall and processor time, the program's start included."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([*FOOTFALL, "report", "--db", str(db), "-o", str(page)], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begin, processor


def paint_ms(page: Path) -> float:
    """Milliseconds until Chromium shows a first picture of the page."""
    digest = base64.b64encode(hashlib.sha256(_REPORT_PAINT.encode()).digest()).decode()
    measured = page.with_name("measured.html")
    measured.write_text(
        page.read_text("utf-8")
        .replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
        .replace("</body>", f"<script>{_REPORT_PAINT}</script></body>"),
        "utf-8",
    )
    command = [
        str(_CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={page.parent / 'profile'}",
    ]
    command.append("--window-size=1400,900")
    picture = page.with_suffix(".png")
    ended = subprocess.run(
        [*command, "--timeout=8000", f"--screenshot={picture}", "--dump-dom", measured.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'data-painted="([^"]*)"', html.unescape(ended.stdout))
    if found is None:
        raise RuntimeError(f"{measured}: Chromium reported no first contentful paint; expected one within 8 s")
    return float(found[1])


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(".venv/report"))
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    db = publish(options.folder.resolve())
    page = db.with_name("report.html")
    made = [make(db, page) for _ in range(options.times)]
    content = page.read_bytes()
    figures = {
        "days": DAYS,
        "file_bytes": db.stat().st_size,
        "page_bytes": len(content),
        "page_gzip_bytes": len(gzip.compress(content)),
        "wall_s": [round(wall, 2) for wall, _ in made],
        "processor_s": round(statistics.median(processor for _, processor in made), 2),
    }
    if _CHROMIUM:
        figures["first_picture_ms"] = [round(paint_ms(page)) for _ in range(options.times)]
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
