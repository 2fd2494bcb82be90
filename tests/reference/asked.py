"""What a hit asked for: the section "What is asked for" of the definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from footfall.transforms import vocabulary as words

if TYPE_CHECKING:
    from tests.reference.describe import Described

KINDS: Final = (words.UNKNOWN, "document", "asset", "api", "background", "download", "page_view")
"""In the order in which small ones are folded where they have as many visitors."""
_BY_CONVENTION: Final = {
    **dict.fromkeys(("document", "form", "text"), "document"),
    **dict.fromkeys(("part", "style", "icon"), "asset"),
    **dict.fromkeys(("background", "feed", "robots", "advice"), "background"),
    **{"nothing": words.UNKNOWN, "api": "api", "file": "download"},
}


def asked_for(of_path: str, of_query: str, *, is_document: bool, is_included: bool) -> str:
    """What is asked for by the kinds of a path and a query, and by what the settings say of the path."""
    if is_included:
        return "document"
    asked = _BY_CONVENTION[of_path]
    if asked == "document" and of_query != "nothing":
        asked = _BY_CONVENTION[of_query]
    return "background" if asked == "document" and not is_document else asked


def cell_of_kind(described: Described) -> int:
    """The cell of `kinds` in which a hit counts."""
    return KINDS.index("page_view" if described.page_view else described.asked)


def is_download(described: Described) -> bool:
    """Whether a person was sent a file, or a part of it."""
    hit = described.hit
    is_counted = described.traffic_class == "human" and not described.is_counted_only
    return is_counted and described.asked == "download" and hit.method == "GET" and hit.status in (200, 206)


def is_broken_link(described: Described) -> bool:
    """Whether a person followed a link to what is not there."""
    is_counted = described.traffic_class == "human" and not described.is_counted_only
    return is_counted and described.hit.status in (404, 410) and described.stands_on != ""


def folder_of(page: str) -> str:
    """The first folder of a page, `/` for what is in none."""
    if not page.startswith("/"):
        return words.OTHER
    parts = page.split("/")
    return f"/{parts[1]}/…" if len(parts) > 2 else "/"
