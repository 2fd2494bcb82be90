"""Renders a report as one page of HTML: the template, its style and script, and what the template needs to know."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from footfall.pipelines.report.charts import Chart, draw_chart
from footfall.pipelines.report.collect_figures import SITES
from footfall.pipelines.report.figures import Head, Period, Report
from footfall.pipelines.report.write_values import MISSING, ValueWriter

_TEMPLATES: Final = Path(__file__).with_name("templates")
_LIBRARY: Final = Path(__file__).with_name("uplot")
_STYLES: Final = (_LIBRARY / "uPlot.min.css", _TEMPLATES / "page.css")
_SCRIPTS: Final = (_LIBRARY / "uPlot.iife.min.js", _TEMPLATES / "page.js", _TEMPLATES / "charts.js")

SECTIONS: Final = (
    ("overview", ("sites",)),
    ("origins", ("channels", "sources", "campaigns", "goals", "goal_sources", "goal_campaigns", "goal_entries")),
    ("contents", ("landing_pages", "exit_pages", "pages", "transitions", "entry_exits", "downloads", "searches")),
    ("people", ("countries", "regions", "devices", "browsers", "browser_versions", "systems", "system_versions")),
    ("operations", ("page_latency", "kind_latency", "statuses", "error_pages", "broken_links")),
    ("machines", ("classes", "kinds", "bots", "crawlers", "crawler_errors", "ai_crawlers", "robots_txt", "protocols")),
    ("books", ("cookie_audit",)),
)
"""The sections of the page with their rankings."""


def render_page(report: Report, language: str) -> str:
    """The page in a language (a key of `LANGUAGES`).

    Texts of logs reach it through the template's escaping alone; the styles and scripts are the only ones that its
    content security policy lets a browser run, by their digests.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    styles, scripts = ([path.read_text("utf-8").strip() for path in paths] for paths in (_STYLES, _SCRIPTS))
    writer = ValueWriter(language, report.head.k)
    environment.globals.update(
        w=writer,
        t=writer.text,
        sections=SECTIONS,
        missing=MISSING,
        sites_shown=SITES,
        heat_step=_heat_step,
        percent=_percent,
    )
    environment.filters["day"] = writer.day
    return environment.get_template("page.html").render(
        report=report,
        head=report.head,
        periods=[(period, _period_id(period, report.head), _charts(period)) for period in report.periods],
        styles=styles,
        scripts=scripts,
        policy=(
            f"default-src 'none'; style-src {_digests(styles)}; script-src {_digests(scripts)}; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _period_id(period: Period, head: Head) -> str:
    """Part of the address, so that a link leads to this view."""
    days = f"days-{len(period.days)}"
    if period.site is None or head.site is not None:
        return days
    # Two names may be written alike; the later one has its number.
    names = [re.sub(r"[^a-z0-9.]+", "-", name.lower()) for name in head.sites]
    number = head.sites.index(period.site)
    name = names[number] if names.index(names[number]) == number else f"{names[number]}-{number}"
    return f"{name}-{days}"


def _charts(period: Period) -> dict[str, Chart]:
    days, incidents = period.days, period.incidents
    available = [day.availability for day in days if day.availability is not None]
    by_span = {
        f"{name}_by_{span}": draw_chart(f"{name}_by_{span}", "count", spans, (name,))
        for span, spans in (("week", period.weeks), ("month", period.months))
        for name in ("visits", "page_views")
    }
    return {
        **by_span,
        "visits": draw_chart("visits", "count", days, ("visits_before", "visits"), incidents),
        "page_views": draw_chart("page_views", "count", days, ("page_views_before", "page_views"), incidents),
        "latency": draw_chart("latency", "ms", days, ("p99_ms", "p95_ms", "p50_ms"), incidents),
        "availability": draw_chart(
            "availability", "share", days, ("availability",), incidents, low=min([*available, 0.999])
        ),
    }


def _heat_step(value: float | None, greatest: float) -> int:
    """The step of a cell's colour, 0 to 8."""
    return round(8 * (value or 0) / greatest) if greatest else 0


def _percent(value: float | None, greatest: float) -> str:
    """The width of a bar; a value above zero is always visible."""
    return f"{max(100 * (value or 0) / greatest, 0.5 if value else 0):.1f}%" if greatest else "0%"


def _digests(texts: Iterable[str]) -> str:
    """As a content security policy names styles or scripts."""
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
