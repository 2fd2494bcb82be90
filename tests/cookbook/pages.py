"""Reads the cookbook and writes its results anew: `python -m tests.cookbook.pages docs/cookbook.md`."""

from __future__ import annotations

import re
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from footfall.pipelines.sample.write_sample import write_sample
from tests.cookbook.show_rows import run_queries
from tests.running import publish_logs

PAGE: Final = Path(__file__).parents[2] / "docs" / "cookbook.md"
START: Final = date(2026, 4, 30)
DAYS: Final = 65
LINES: Final = 200_000
SITE: Final = "www.example.org"
GOALS: Final = {"order": "/checkout", "product": "/products/**"}
ROBOTS: Final = "User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow: /products/\n"

# A query, and the table after it.
_EXAMPLE: Final = re.compile(r"```sql\n(?P<sql>.*?)\n```\n\n(?P<table>(?:\|[^\n]*\n)*)\n?", re.DOTALL)


def read_examples(page: str) -> list[tuple[str, str]]:
    """Each query of the page with the result that it shows."""
    return [(one["sql"], one["table"].rstrip("\n")) for one in _EXAMPLE.finditer(page)]


def publish_sample(folder: Path) -> Path:
    """Publish the log that the page is about, as its first lines say."""
    log, robots = folder / "sample.log", folder / "robots.txt"
    robots.write_text(ROBOTS, "utf-8")
    write_sample(log, LINES, 1, DAYS, start=START)
    publish_logs(folder, {"sample.log": log.read_bytes()}, log_format="footfall", site=SITE, goals=GOALS, robots=robots)
    return folder / "traffic.duckdb"


def write_results(page: str, db: Path) -> str:
    """The page with what the queries give."""
    results = iter(run_queries(str(db), [sql for sql, _ in read_examples(page)]))
    return _EXAMPLE.sub(lambda one: f"```sql\n{one['sql']}\n```\n\n{next(results)}\n\n", page)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        db = Path(sys.argv[2]) if len(sys.argv) > 2 else publish_sample(Path(folder))
        path.write_text(write_results(path.read_text("utf-8"), db), "utf-8")
