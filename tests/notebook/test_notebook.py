"""The example notebook runs from its first cell to its last on a published file, as Jupyter runs it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.sample.write_sample import write_sample
from tests.running import publish_logs

NOTEBOOK = Path(__file__).parents[2] / "docs" / "month.ipynb"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    write_sample(folder / "a.log", 20_000, 1, 10)
    content = (folder / "a.log").read_bytes()
    publish_logs(folder, {"a.log": content}, log_format="footfall", site="www.example.org")
    return folder / "traffic.duckdb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return found


def test_the_notebook_is_kept_without_results() -> None:
    """They would be those of some file of somebody's."""
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert len(code) >= 5
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_every_cell_runs_after_those_before_it(
    db: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTFALL_DB", str(db))
    names: dict[str, Any] = {}
    for cell in cells():
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    trend = names["trend"].fetchall()
    assert [before is not None for _, _, before, _ in trend] == [True] + 6 * [False], "eight days are complete"
    pages, entries = names["kept"]
    assert pages == len(names["landing"].fetchall()) > 3
    assert entries > 100
    assert capsys.readouterr().out.count(" ms ") == len(names["hours"]) > 10


def test_jupyter_runs_the_notebook(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat", reason="no Jupyter here; run tests/notebook/install")
    nbclient = pytest.importorskip("nbclient", reason="no Jupyter here; run tests/notebook/install")
    monkeypatch.setenv("FOOTFALL_DB", str(db))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    assert "complete_days" in shown["open"][0].data["text/plain"]
    assert "bounce_percent" in shown["landing"][0].data["text/plain"]
