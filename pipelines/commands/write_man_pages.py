"""Writes the man pages from the command line's own definition: `python -m footfall.pipelines.commands.write_man_pages`.

click-man, which writes them, is needed only here and by the tests.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from click_man.core import write_man_pages

from footfall.pipelines.cli import footfall


def write_pages(folder: Path) -> None:
    """Write `footfall.1` and a page for each command into a folder, in place of those that were there."""
    folder.mkdir(exist_ok=True)
    for page in folder.glob("footfall*.1"):
        page.unlink()
    # Without a date, the pages change only with the commands.
    write_man_pages("footfall", footfall, version=f"Footfall {version('footfall')}", target_dir=str(folder), date=" ")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
