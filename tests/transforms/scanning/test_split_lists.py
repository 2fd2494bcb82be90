"""Lists of objects on one line are split, so that each object is a line, however the file is cut and compressed."""

from __future__ import annotations

import doctest
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from footfall.pipelines.display.explain_lines import explain_lines
from footfall.pipelines.settings import load_settings
from footfall.transforms.running.run_options import TO_THE_END
from footfall.transforms.scanning import split_lists as module
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.split_lists import ListSplitter, split_lists


def record(number: int) -> dict[str, Any]:
    """One request, with what looks like the end of an object in its texts."""
    return {
        "time": f"2026-06-01T10:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "remote_addr": "192.0.2.7",
        "method": "GET",
        "uri": f'/a/{number}?b="}},{{"&c=\\',
        "status": 200,
        "spans": [{"a": 1}, {"b": [2, {"c": 3}]}],
    }


RECORDS = [record(number) for number in range(60)]
WRITINGS: dict[str, str] = {
    "a list": json.dumps(RECORDS),
    "a list without blanks": json.dumps(RECORDS, separators=(",", ":")),
    "a list without a line feed": json.dumps(RECORDS).rstrip("\n"),
    "records": json.dumps({"records": RECORDS}),
    "records in several lines": "\n".join(json.dumps({"records": RECORDS[n : n + 20]}) for n in range(0, 60, 20)),
    "a list over several lines": "[" + ",\n".join(map(json.dumps, RECORDS)) + "]",
    "a list with each member on its own line": json.dumps(RECORDS, indent=2),
    "objects": "\n".join(map(json.dumps, RECORDS)),
}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("writing", WRITINGS)
def test_each_object_is_read(writing: str, compressed: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    content = WRITINGS[writing].encode() + b"\n"
    path.write_bytes(gzip.compress(content) if compressed else content)
    explained = list(explain_lines(str(path), load_settings(None, {})))
    assert [one.get("reject") for one in explained if one.get("reject") not in (None, "directive", "empty")] == []
    assert [one["path"] for one in explained if "path" in one] == [f"/a/{number}" for number in range(60)]


@pytest.mark.parametrize("writing", WRITINGS)
def test_it_does_not_matter_where_reading_stops(writing: str) -> None:
    content = WRITINGS[writing].encode()
    whole = split_lists(content)
    assert len(whole) == len(content)
    if whole == content:
        return
    for step in (1, 7, 1000):
        copy, splitter = np.frombuffer(content, np.uint8).copy(), ListSplitter()
        for begin in range(0, len(copy), step):
            splitter.split(copy, begin, min(begin + step, len(copy)))
        assert copy.tobytes() == whole


def test_a_list_of_many_blocks_is_split(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"records": [record(number) for number in range(60_000)]}, separators=(",", ":")))
    size = path.stat().st_size
    for begin, end in ((0, TO_THE_END), (0, size)):
        lines = b"".join(b.content[: b.length].tobytes() for b in read_blocks(str(path), "plain", begin, end)).split(
            b"\n"
        )
        assert len(lines) == 60_000
        assert json.loads(lines[0]) == record(0)
        assert json.loads(lines[-1]) == record(59_999)
    # The line begins in the first piece.
    assert list(read_blocks(str(path), "plain", size // 2, size)) == []


def test_a_torn_line_costs_no_others() -> None:
    torn = '{"records":[{"a":1},{"b":"x\n{"records":[{"a":3},{"a":4}]}\n'
    assert [line.strip() for line in split_lists(torn.encode()).splitlines()] == [
        *(b'{"a":1}', b'{"b":"x', b'{"a":3}', b'{"a":4}'),
    ]


@pytest.mark.parametrize("text", ['{"a":[{"b":1},{"b":2}]}\n', "[1,2]\n", "192.0.2.7 - - [\n", ""])
def test_other_content_stays_as_it_is(text: str) -> None:
    assert split_lists(text.encode()) == text.encode()


def test_examples_hold() -> None:
    assert doctest.testmod(module).failed == 0
