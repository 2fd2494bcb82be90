"""What somebody may take for possible who knows nothing but the published file: any versions may go together."""

from __future__ import annotations

from collections import defaultdict

from footfall.transforms.vocabulary import OTHER
from tests.attacks.cells import Cell, Truth
from tests.attacks.published import Published

_UNNAMED = "not published"
"""A version that no row names."""


def all_profiles(published: Published, truth: Truth) -> list[Cell]:
    """The cells of `profiles`, and an empty one for every other profile that the file's names admit on a day.

    These are the combinations of browser, system and device that `technology` names, with each version of the browser
    and of the system that is named anywhere, and with one that is not.
    """
    named: dict[tuple[str, str], set[str]] = defaultdict(lambda: {_UNNAMED})
    for part in ("browser", "os"):
        for row in published.tables[f"{part}_versions"]:
            if OTHER not in (row[part], row[f"{part}_version"]):
                named[part, row[part]].add(row[f"{part}_version"])
    kinds = {(row["browser"], row["os"], row["device"]) for row in published.tables["technology"]}
    cells = list(truth.cells["profiles"])
    known = {(cell.day, cell.site, cell.key) for cell in cells}
    for day, site in sorted({(cell.day, cell.site) for cell in cells}):
        for browser, system, device in sorted(kinds):
            for browser_version in sorted(named["browser", browser]):
                for os_version in sorted(named["os", system]):
                    key = browser, browser_version, system, os_version, device
                    if OTHER not in key and (day, site, key) not in known:
                        cells.append(Cell("profiles", day, site, key))
    return cells
