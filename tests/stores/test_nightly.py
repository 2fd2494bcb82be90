"""A run on logs and with exchanged rows in an object store publishes what a run on files does, and leaves nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from footfall.pipelines.errors import RunError
from footfall.pipelines.run import run_nightly
from footfall.pipelines.settings import Settings
from footfall.transforms.exchange import stored_files
from footfall.transforms.exchange.stored_files import create_file
from tests.running import (
    IN_ONE_THREAD,
    differences,
    publish_logs,
    read_published,
    sample_log,
    sample_options,
    silent,
)
from tests.stores.store import BUCKET, Store

CONTENT = sample_log("footfall", 6_000)[0]
HALF = CONTENT.index(b"\n", len(CONTENT) // 2) + 1
INPUTS = {
    "a.log": CONTENT[:HALF],
    "b.log.gz": gzip.compress(CONTENT[HALF // 2 :]),
}
PIECE_BYTES = 200_003


def put_logs(folder: str) -> str:
    """Store the logs; the pattern that matches them."""
    for name, content in INPUTS.items():
        with create_file(f"{BUCKET}/{folder}/{name}") as file:
            file.write(content)
    return f"{BUCKET}/{folder}/*.log*"


def test_a_run_on_objects_publishes_what_a_run_on_files_does(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", PIECE_BYTES)
    pattern = put_logs("logs")
    publish_logs(tmp_path, INPUTS, k=3, **sample_options("footfall"))
    expected = read_published(tmp_path / "traffic.duckdb")
    settings = Settings(
        logs=(pattern,),
        db=tmp_path / "objects.duckdb",
        temp=f"{BUCKET}/temp",
        k=3,
        **sample_options("footfall"),
    )
    fetched: dict[str, list[int]] = {}
    open_object = stored_files.open_object

    def note(url: str) -> Noting:
        fetched.setdefault(url, [])
        return Noting(open_object(url), fetched[url])

    monkeypatch.setattr(stored_files, "open_object", note)
    run_nightly(settings, [*IN_ONE_THREAD, *store.options], silent)
    published = read_published(tmp_path / "objects.duckdb")
    for rows in (published, expected):
        for row in rows["inputs"] + rows["rejects"]:
            row["input"] = Path(row["input"]).name
    del published["runs"], expected["runs"], published["promises"], expected["promises"]
    assert not (found := differences(published, expected)), "\n".join(found)
    assert sum(len(rows) for rows in expected.values()) > 500
    # An empty object stands for the folder that the operator named.
    assert {key for key in store.stored() if key.startswith("temp")} <= {"temp/"}
    assert any(url.startswith(f"{BUCKET}/temp/") and url.endswith(".rows") for url in fetched)
    for name, content in INPUTS.items():
        # To recognise it, to find duplicates, and to parse it.
        url = f"{BUCKET}/logs/{name}"
        assert sum(fetched[url]) < 3.1 * len(content)
        pieces = -(-len(content) // PIECE_BYTES) if name.endswith(".log") else 1
        assert store.requests(f"logs/{name}").count("HEAD") == 1 + 2 * pieces


class Noting:
    """An object whose reads are noted."""

    def __init__(self, file: object, sizes: list[int]) -> None:
        self._file = file
        self._sizes = sizes

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> Noting:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, *size: int) -> bytes:
        """Read, and note how much came."""
        content: bytes = self._file.read(*size)  # type: ignore[attr-defined]
        self._sizes.append(len(content))
        return content


def test_a_run_that_fails_leaves_no_objects(tmp_path: Path, store: Store) -> None:
    with create_file(f"{BUCKET}/cut/a.log.gz") as file:
        file.write(INPUTS["b.log.gz"][:-2000])
    with create_file(f"{BUCKET}/cut/b.log") as file:
        file.write(INPUTS["a.log"])
    before = store.stored()
    settings = Settings(
        logs=(f"{BUCKET}/cut/",), db=tmp_path / "t.duckdb", temp=f"{BUCKET}/temp", **sample_options("footfall")
    )
    with pytest.raises(RunError, match=r"s3://bucket/cut/a\.log\.gz: the gzip data is cut off"):
        run_nightly(settings, [*IN_ONE_THREAD, *store.options], silent)
    assert store.stored() - before <= {"temp/"}
    assert not (tmp_path / "t.duckdb").exists()
