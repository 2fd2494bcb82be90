"""Compression and format of inputs are detected; errors name place, problem and remedy."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.inputs.recognition import Recognition
from tests.commands import Operator, log_line, write_log

Pack = Callable[[bytes], bytes]

ERROR_LOG = "2026/06/01 10:00:00 [error] 7#7: *1 open() failed (2: No such file or directory)\n" * 5


@pytest.mark.parametrize(
    ("compression", "pack"),
    [
        ("plain", bytes),
        ("gzip", gzip.compress),
        ("bzip2", bz2.compress),
        ("xz", lzma.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
def test_compression_is_detected_from_the_content_not_the_name(compression: str, pack: Pack, tmp_path: Path) -> None:
    content = "".join(log_line(number) for number in range(50)).encode()
    for name in ("access.log", "access.log.1.gz"):
        (tmp_path / name).write_bytes(pack(content))
        (found,) = examine_inputs(list_inputs([str(tmp_path / name)]), "auto", verify=True)
        assert (found.compression, found.read_error) == (compression, None)
        assert found.recognition == Recognition("combined", 50, 50)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(log_line().rstrip("\n"), id="one line without its end"),
        pytest.param("\ufeff" + log_line(), id="a byte-order mark"),
        pytest.param(log_line().replace("\n", "\r\n") * 3, id="CR LF"),
        pytest.param("\n\n" + log_line(), id="empty lines before"),
    ],
)
def test_an_unusual_beginning_or_end_is_accepted(content: str, operator: Operator) -> None:
    (operator.folder / "a.log").write_text(content, "utf-8", newline="")
    ended = operator.nightly("a.log", "--json", "--k", "1")
    assert ended.status == 0, ended.err
    assert operator.query("SELECT sum(hits) FROM days") == [(content.count("GET"),)]


def test_an_error_log_in_a_folder_is_left_out_with_a_warning(operator: Operator) -> None:
    logs = operator.folder / "logs"
    logs.mkdir()
    write_log(logs / "access.log")
    (logs / "error.log").write_text(ERROR_LOG)
    for format_given, why in (
        ((), "is an nginx error log, not an access log"),
        (("--log-format", "combined"), "only 0 of 5 sampled lines fit combined"),
    ):
        ended = operator.nightly(logs, *format_given, "--replace")
        assert ended.status == 0
        assert f"logs/error.log: {why}; left out" in ended.err
    assert operator.query("SELECT DISTINCT input FROM inputs") == [("access.log",)]


def test_a_named_file_that_is_not_an_access_log_is_an_error(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "error.log").write_text(ERROR_LOG)
    ended = operator.nightly("a.log", "error.log")
    assert ended.status == 1
    assert ended.err == "footfall: error.log: is an nginx error log, not an access log; give the access log instead\n"


def test_a_format_that_fits_few_lines_gives_a_warning(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(log_line() + ERROR_LOG)
    ended = operator.nightly("a.log", "--log-format", "combined")
    assert ended.status == 0
    assert "a.log: only 1 of 6 sampled lines fit combined; check --log-format" in ended.err


def test_empty_inputs_alone_are_a_quiet_night(operator: Operator) -> None:
    for name in ("a.log", "b.log"):
        (operator.folder / name).touch()
    ended = operator.nightly("a.log", "b.log")
    assert ended.status == 0
    assert "published               0  days to traffic.duckdb: the logs are empty" in ended.out
    assert "a.log: is empty" in ended.err
    assert operator.leftovers() == []


def test_an_empty_input_beside_another_is_left_out(operator: Operator) -> None:
    (operator.folder / "a.log").touch()
    write_log(operator.folder / "b.log")
    (operator.folder / "c.gz").write_bytes(gzip.compress(b""))
    for name in ("a.log", "c.gz"):
        for log_format in ("combined", "auto"):
            ended = operator.nightly(name, "b.log", "--log-format", log_format)
            assert ended.status == 0
            assert f"warning: {name}: is empty; left out" in ended.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root can read every file")
def test_a_file_without_read_permission_is_an_error(operator: Operator) -> None:
    write_log(operator.folder / "a.log").chmod(0)
    ended = operator.nightly("a.log")
    assert ended.status == 1
    assert "a.log: cannot be opened" in ended.err


def test_a_missing_file_among_others_is_wrong_usage(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "b.log")
    assert (ended.status, ended.out) == (2, "")
    assert "b.log: no such file" in ended.err


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_read_to_its_end(pack: Pack, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(log_line(number) for number in range(3_000)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(content))))
    assert operator.nightly("-").status == 0
    assert operator.query("SELECT input, lines, hits FROM inputs") == [("-", 3_000, 3_000)]


def test_standard_input_needs_workers_in_this_process(operator: Operator) -> None:
    ended = operator.run("nightly", "-", "--", "--runner=FlinkRunner")
    assert ended.status == 2
    assert "-: only the local runner can read standard input" in ended.err


def test_a_truncated_input_has_a_read_error_when_it_is_verified(tmp_path: Path) -> None:
    whole = gzip.compress(write_log(tmp_path / "a.log", 60_000).read_bytes())
    (tmp_path / "cut.gz").write_bytes(whole[:-2_000])
    named = list_inputs([str(tmp_path / "cut.gz")])
    assert examine_inputs(named, "auto", verify=False)[0].read_error is None
    assert examine_inputs(named, "auto", verify=True)[0].read_error == "the gzip data is cut off before its end"
