"""Example lines from servers' documentation give the reviewed results in `tests/golden/formats`.

After an intended change, `python -m tests.transforms.formats.test_golden_formats` writes the results again.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footfall.pipelines.display.explain_lines import LineExplainer
from footfall.pipelines.settings import load_settings
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block

FOLDER = Path(__file__).parents[2] / "golden" / "formats"
LEFT_OUT = frozenset(("country", "region", "browser", "browser_version", "os", "os_version", "device", "class_reason"))
"""Columns that do not depend on the format."""
SERVERS_OWN = ("common", "combined", "vhost_combined", "footfall", "envoy")
"""Formats that other tests cover."""


def read_meanings(log: Path) -> list[str]:
    """Return one object per line with the known values of its hit."""
    content = log.read_bytes()
    explainer = LineExplainer(load_settings(None, {"session_cookie": "sid"}))
    lines = scan_block(padded(content), len(content), log.stem)
    return [
        json.dumps({key: value for key, value in one.items() if value is not None and key not in LEFT_OUT})
        for one in explainer.explain(lines, 1)
    ]


@pytest.mark.parametrize("name", [name for name in NAMED_FORMATS if name not in SERVERS_OWN])
def test_documented_lines_mean_what_was_reviewed(name: str) -> None:
    log = FOLDER / f"{name}.log"
    assert log.exists(), "each format has lines from its documentation"
    assert read_meanings(log) == log.with_suffix(".jsonl").read_text("utf-8").splitlines()


def main() -> None:
    """Write all expected results again."""
    for log in sorted(FOLDER.glob("*.log")):
        if log.stem in NAMED_FORMATS:
            log.with_suffix(".jsonl").write_text("\n".join(read_meanings(log)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
