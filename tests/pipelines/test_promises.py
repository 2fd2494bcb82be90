"""Planted addresses, cookies and e-mail addresses appear in no file, no pipeline element and no message."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest

from footfall.pipelines import run
from footfall.pipelines.engine import work_folders
from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.nightly import build
from footfall.pipelines.run import plan_run
from footfall.pipelines.settings import Settings
from footfall.transforms import parse_hits
from tests.running import publish_logs, read_published

ADDRESSES = ("81.2.69.142", "89.160.20.112", "2a02:cf40:1::7", "2001:218:4::9")
COOKIES = ("c00k1eAAAAbbbb2222", "5e551on-0f-somebody")
OTHERS = ("somebody@example.org", "somebody%40example.org", "0049301234567", "deadbeefdeadbeefdeadbeef", "jsmith")
PLANTED = (*ADDRESSES, *COOKIES, *OTHERS, "QUOTED-IN-A-REJECT")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def planted_log() -> bytes:
    """24 visits with identifiers in every field that can contain one, and rejected lines."""
    lines = []
    for visit in range(24):
        client, cookie = ADDRESSES[visit % 4], COOKIES[visit % 2] + str(visit)
        for step, target in enumerate(
            (
                "/",
                f"/account/{OTHERS[0]}/orders/20012345678",
                f"/search?q={OTHERS[1]}+{client}",
                f"/call/{OTHERS[2]}",
                f"/reset/{OTHERS[3]}",
                f"/from/{client}",
                f"/missing/{OTHERS[0]}",
            )
        ):
            status = 404 if target.startswith("/missing") else 200
            lines.append(
                f"{client} - jsmith [01/Jun/2026:10:{visit:02d}:{step:02d} +0000] "
                f'"GET {target} HTTP/1.1" {status} 512 "https://{client}:8080/{OTHERS[0]}" '
                f'"{BROWSER}" "{"-" if step == 0 else cookie}" 0.010'
            )
        lines.append(f'{client} - - [QUOTED-IN-A-REJECT {cookie}] "GET / HTTP/1.1" 200 1 "-" "-" "{cookie}" 0.1')
    return "\n".join(lines).encode()


def found_in(content: bytes) -> list[str]:
    """The planted identifiers found in bytes."""
    lowered = content.lower()
    return [text for text in PLANTED if text.lower().encode() in lowered]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a copy of all files that were in the work folder when it was removed."""
    copy = tmp_path / "kept"
    remove = shutil.rmtree

    def keep(path: object, **options: object) -> None:
        if Path(str(path)).is_dir():
            shutil.copytree(str(path), copy, dirs_exist_ok=True)
        remove(str(path), ignore_errors=True)

    monkeypatch.setattr(work_folders.shutil, "rmtree", keep)
    # Rows are deleted earlier than the folder that they are in.
    monkeypatch.setattr(run, "remove_rows", lambda folder: None)
    yield copy


def test_nothing_planted_is_published_or_was_in_a_temporary_file_or_message(
    tmp_path: Path, kept: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        outcome = publish_logs(tmp_path, {"access.log": planted_log()}, log_format="footfall", k=1)
    assert outcome.books.rejected == 24
    assert outcome.books.visits > 0
    published = tmp_path / "traffic.duckdb"
    assert found_in(published.read_bytes()) == []
    assert found_in(repr(read_published(published)).encode()) == []
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert any(path.suffix == ".rows" for path in files), "the run's rows were not kept, so nothing was searched"
    for path in files:
        assert found_in(path.read_bytes()) == [], path.name
    messages = capfd.readouterr()
    assert found_in((messages.out + messages.err + caplog.text).encode()) == []


def test_the_work_folder_is_gone_after_a_run_and_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_logs(tmp_path, {"access.log": planted_log()}, log_format="footfall")
    before = (tmp_path / "traffic.duckdb").read_bytes()

    def fail(*arguments: object, **options: object) -> None:
        raise ValueError(planted_log().decode())

    monkeypatch.setattr(parse_hits, "join_lines", fail)
    with pytest.raises(RunError) as refusal:
        publish_logs(tmp_path, {"access.log": planted_log()}, log_format="footfall")
    assert "ValueError" in str(refusal.value)
    assert found_in(str(refusal.value).encode()) == []
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__
    assert (tmp_path / "traffic.duckdb").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "work" in path.name] == []


def test_neither_the_key_nor_anything_planted_is_in_the_job_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(planted_log())
    settings = Settings(logs=(str(log),), log_format="footfall")
    inputs = examine_inputs(list_inputs(settings.logs), settings.log_format, verify=False)
    pipeline = beam.Pipeline()
    build(pipeline, plan_run(settings, inputs, str(tmp_path), 1))
    graph = pipeline.to_runner_api().SerializeToString()
    assert b"Parse hits" in graph
    assert found_in(graph) == []


def test_the_runs_key_is_in_no_file(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[bytes] = []
    draw = secrets.token_bytes

    def note(count: int) -> bytes:
        drawn = draw(count)
        if count == 16:  # libraries draw other numbers of bytes
            keys.append(drawn)
        return drawn

    monkeypatch.setattr(secrets, "token_bytes", note)
    publish_logs(tmp_path, {"access.log": planted_log()}, log_format="footfall")
    assert len(keys) == 1 and len(keys[0]) == 16
    for path in [tmp_path / "traffic.duckdb", *(path for path in kept.rglob("*") if path.is_file())]:
        content = path.read_bytes()
        assert keys[0] not in content and keys[0].hex().encode() not in content, path.name


def test_the_gate_refuses_what_should_not_be_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_logs(tmp_path, {"access.log": planted_log()}, log_format="footfall")
    before = (tmp_path / "traffic.duckdb").read_bytes()
    from footfall.pipelines.publishing import publish

    check = publish.check_file

    def plant(connection: object, *arguments: object) -> None:
        connection.execute(
            "INSERT INTO fresh.pages VALUES (DATE '2026-06-01', 'default', 'day', '/81.2.69.142', 1, 99, 0, 0, 0)"
        )  # type: ignore[attr-defined]
        check(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "check_file", plant)
    with pytest.raises(RunError) as refusal:
        publish_logs(
            tmp_path, {"access.log": planted_log() + b"\n" + planted_log()}, log_format="footfall", replace=True
        )
    assert "pages.page" in str(refusal.value)
    assert found_in(str(refusal.value).encode()) == []
    assert (tmp_path / "traffic.duckdb").read_bytes() == before
