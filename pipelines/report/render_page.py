"""Renders a report as one page of HTML: the template, its style and script, and what the template needs to know."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from footfall.pipelines.report.charts import Chart, draw_chart
from footfall.pipelines.report.figures import Period, Report
from footfall.pipelines.report.write_values import MISSING, ValueWriter

_TEMPLATES: Final = Path(__file__).with_name("templates")

SECTIONS: Final = (
    ("overview", ("sites",)),
    ("origins", ("channels", "sources", "campaigns")),
    ("contents", ("landing_pages", "exit_pages", "pages", "searches")),
    ("people", ("countries", "regions", "devices", "browsers", "browser_versions", "systems", "system_versions")),
    ("operations", ("statuses", "error_pages")),
    ("machines", ("classes", "bots", "protocols")),
    ("books", ("cookie_audit",)),
)
"""The sections of the page with their rankings."""


def render_page(report: Report, language: str) -> str:
    """The page in a language (a key of `LANGUAGES`).

    Texts of logs reach it through the template's escaping alone; the style and the script are the only ones that its
    content security policy lets a browser run, by their digests.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js"))
    writer = ValueWriter(language, report.head.k)
    environment.globals.update(
        w=writer, t=writer.text, sections=SECTIONS, missing=MISSING, heat_step=_heat_step, percent=_percent
    )
    environment.filters["day"] = writer.day
    return environment.get_template("page.html").render(
        report=report,
        head=report.head,
        periods=[(period, _period_id(period), _charts(period)) for period in report.periods],
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _period_id(period: Period) -> str:
    """Stands in the address, so that a view can be sent."""
    return f"days-{len(period.days)}"


def _charts(period: Period) -> dict[str, Chart]:
    days, incidents = period.days, period.incidents
    available = [day.availability for day in days if day.availability is not None]
    return {
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
    """The width of a bar; what is there is seen."""
    return f"{max(100 * (value or 0) / greatest, 0.5 if value else 0):.1f}%" if greatest else "0%"


def _digest(text: str) -> str:
    """As a content security policy names a style or script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
