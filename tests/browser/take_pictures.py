"""Takes the pictures of the README: `python -m tests.browser.take_pictures report.html docs/images`.

The report is that of `python benchmarks/report.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from tests.browser.chromium import Browser

PICTURES: Final[dict[str, dict[str, Any]]] = {
    "report": {"width": 1400, "height": 1500},
    "report-dark": {"width": 1400, "height": 1500, "dark": True},
    "report-phone": {"width": 390, "height": 1300},
    # A page of paper between its margins, at 96 pixels an inch.
    "report-print": {"width": 718, "height": 1017, "medium": "print"},
}
"""What is taken, by the name of its file."""


def take_pictures(page: Path, folder: Path) -> None:
    """Write each as PNG."""
    with Browser() as browser:
        for name, window in PICTURES.items():
            browser.open(page, **window)
            (folder / f"{name}.png").write_bytes(browser.screenshot())


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
