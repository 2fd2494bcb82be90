"""An overview of a published file: a few queries and their results, printed at the end of `make run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import duckdb
from rich.console import Console
from rich.table import Table

QUERIES: Final = (
    (
        "How many visits were there, how many bounced, how long were they?",
        """SELECT day, visits, visitors, page_views, round(100 * bounces / visits) AS bounces_percent,
       round(duration_s / visits) AS seconds, cut_visits
FROM visits ORDER BY day DESC LIMIT 7""",
    ),
    (
        "Which countries do visits come from, and how many pages do they view?",
        """SELECT country, sum(visits) AS visits, round(sum(page_views) / sum(visits), 1) AS pages_per_visit
FROM locations WHERE country NOT LIKE '(%' GROUP BY country ORDER BY visits DESC LIMIT 5""",
    ),
    (
        "Which bots and programs make the most hits?",
        """SELECT traffic_class, name, category, sum(hits) AS hits,
       round(100 * sum(hits) / (SELECT sum(hits) FROM traffic), 1) AS percent_of_hits
FROM bots GROUP BY ALL ORDER BY hits DESC LIMIT 6""",
    ),
    (
        "How fast was the site for people, and how available?",
        """SELECT day, percentile_ms(bucket_ms, l.hits, 0.5) AS p50_ms,
       percentile_ms(bucket_ms, l.hits, 0.95) AS p95_ms,
       percentile_ms(bucket_ms, l.hits, 0.99) AS p99_ms, round(100 * any_value(a.availability), 3) AS available_percent
FROM latency l JOIN availability a USING (day, site)
WHERE traffic_class = 'human' GROUP BY day ORDER BY day DESC LIMIT 7""",
    ),
)


def show_overview(db: Path) -> None:
    """Run the queries on a published file and print the results."""
    console = Console(highlight=False, width=100)
    with duckdb.connect(str(db), read_only=True) as connection:
        for question, sql in QUERIES:
            result = connection.sql(sql)
            table = Table(box=None, pad_edge=False)
            for name, kind in zip(result.columns, result.types, strict=True):
                table.add_column(name, justify="left" if str(kind) == "VARCHAR" else "right", no_wrap=True)
            for row in result.fetchall():
                table.add_row(*("" if value is None else _show(value) for value in row))
            console.print(f"\n[bold]{question}[/bold]")
            console.print(table)
    console.print(f"\nTo query it yourself:  duckdb -readonly {db}", soft_wrap=True)


def _show(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    show_overview(Path(sys.argv[1]))
