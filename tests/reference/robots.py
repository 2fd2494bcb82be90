"""What robots.txt forbids bots: the section "Robots" of the definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from protego import Protego

from tests.reference.describe import Described


def rules_of(site: str, files: Mapping[str, str]) -> Protego | None:
    """The robots.txt of a site, or of all sites; None if it is not known."""
    text = files.get(site, files.get(""))
    return None if text is None else Protego.parse(text)


def asks_robots_txt(described: Described) -> bool:
    """Whether a hit is for robots.txt."""
    return described.hit.method is not None and described.page == "/robots.txt"


def is_forbidden(described: Described, rules: Protego) -> bool:
    """Whether a bot may not ask for what a hit asks for; links in its agent do not count."""
    hit = described.hit
    if hit.method is None or asks_robots_txt(described):
        return False
    agent = re.sub(r"\+?https?://\S*|\S+@\S+", " ", hit.agent or "", flags=re.IGNORECASE)
    target = (hit.path or "/") + (f"?{hit.query}" if hit.query is not None else "")
    return not rules.can_fetch(target, agent)
