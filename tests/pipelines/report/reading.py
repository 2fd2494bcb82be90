"""Reads the tables of a page as a browser does."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br", "input"}


class PageReader(HTMLParser):
    """`tables`: rows of cells' texts by period and name of the table. `tags` counts elements, `scripts` their texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[tuple[str, str], list[list[str]]] = {}
        self.tags: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.values: dict[str, dict[str, str]] = {}
        self._period = ""
        self._rows: list[list[str]] | None = None
        self._open: list[str] = []
        self._term = ""
        self.feed(page)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes.update(found)
        if tag not in VOID:
            self._open.append(tag)
        if found.get("class") == "period":
            self._period = found["id"] or ""
        if tag == "table":
            self._rows = self.tables.setdefault((self._period, found.get("data-name") or ""), [])
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append("")
        self._is_value = found.get("class") == "value"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes.update(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self._rows = None

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += data
        if self._open and self._open[-1] == "dt":
            self._term = data
        if self._open and self._open[-1] == "dd" and self._is_value:
            self.values.setdefault(self._period, {})[self._term] = data


def read_number(cell: str) -> float | None:
    """The number of a cell; None where it says that it is not told."""
    found = re.search(r"[-−]?[\d,]+(?:\.\d+)?", cell.replace("≥", ""))
    return float(found[0].replace(",", "").replace("−", "-")) if found else None
