"""What the operator names becomes inputs; what can't be one is refused with place, problem and remedy."""

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

from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.inputs.recognition import Recognition
from tests.commands import Operator, log_line, write_log

Pack = Callable[[bytes], bytes]

ERROR_LOG = "2026/06/01 10:00:00 [error] 7#7: *1 open() failed (2: No such file or directory)\n" * 5


def names_of(inputs: list[Input]) -> list[str]:
    return [Path(one.path).name for one in inputs]


def test_paths_globs_and_folders_name_each_file_once(tmp_path: Path) -> None:
    write_log(tmp_path / "a.log")
    write_log(tmp_path / "b.log")
    (tmp_path / ".b.log.swp").write_text("x")
    (tmp_path / "old").mkdir()
    write_log(tmp_path / "old" / "c.log")
    (tmp_path / "link.log").symlink_to(tmp_path / "b.log")
    given = [str(tmp_path / "a.log"), str(tmp_path / "?.log"), str(tmp_path)]
    found = list_inputs(given)
    assert names_of(found) == ["a.log", "b.log"]
    assert all(one.is_named for one in found)
    assert names_of(list_inputs([str(tmp_path / "old")])) == ["c.log"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    write_log(tmp_path / "access[1].log")
    assert names_of(list_inputs([str(tmp_path / "access[1].log")])) == ["access[1].log"]


@pytest.mark.parametrize("given", ["missing.log", "*.none", "empty", "nobody://bucket/access.log"])
def test_what_names_no_file_is_wrong_usage(given: str, operator: Operator) -> None:
    (operator.folder / "empty").mkdir()
    with pytest.raises(UsageError) as refused:
        list_inputs([given])
    place, _, problem_and_remedy = str(refused.value).partition(": ")
    assert place == given
    assert ";" in problem_and_remedy


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
def test_compression_is_told_by_content_whatever_the_name(compression: str, pack: Pack, tmp_path: Path) -> None:
    content = "".join(log_line(number) for number in range(50)).encode()
    for name in ("access.log", "access.log.1.gz"):
        (tmp_path / name).write_bytes(pack(content))
        (found,) = examine_inputs(list_inputs([str(tmp_path / name)]), "auto", verify=True)
        assert (found.compression, found.problem) == (compression, None)
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
def test_an_odd_beginning_or_end_is_still_a_log(content: str, operator: Operator) -> None:
    (operator.folder / "a.log").write_text(content, "utf-8", newline="")
    ended = operator.nightly("a.log", "--json")
    assert ended.status == 0, ended.err
    assert operator.asks("SELECT sum(hits) FROM days") == [(content.count("GET"),)]


def test_an_error_log_in_a_folder_is_left_out_and_told(operator: Operator) -> None:
    logs = operator.folder / "logs"
    logs.mkdir()
    write_log(logs / "access.log")
    (logs / "error.log").write_text(ERROR_LOG)
    for format_given, why in (
        ((), "is an nginx error log, no access log"),
        (("--log-format", "combined"), "only 0 of 5 sampled lines fit combined"),
    ):
        ended = operator.nightly(logs, *format_given, "--replace")
        assert ended.status == 0
        assert f"logs/error.log: {why}; left out" in ended.err
    assert operator.asks("SELECT DISTINCT input FROM inputs") == [(str(logs / "access.log"),)]


def test_a_named_file_of_no_known_format_is_refused(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "error.log").write_text(ERROR_LOG)
    ended = operator.nightly("a.log", "error.log")
    assert ended.status == 1
    assert ended.err == "footfall: error.log: is an nginx error log, no access log; name the access log instead\n"


def test_a_format_that_hardly_fits_is_told(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(log_line() + ERROR_LOG)
    ended = operator.nightly("a.log", "--log-format", "combined")
    assert ended.status == 0
    assert "a.log: only 1 of 6 sampled lines fit combined; check --log-format" in ended.err


def test_empty_inputs_alone_are_refused_and_counted(operator: Operator) -> None:
    for name in ("a.log", "b.log"):
        (operator.folder / name).touch()
    ended = operator.nightly("a.log", "b.log")
    assert ended.status == 1
    assert "nothing to read in a.log and 1 more: 2 empty, 0 damaged, 0 no access logs;" in ended.err
    assert operator.leftovers() == []


def test_an_empty_input_beside_another_does_no_harm(operator: Operator) -> None:
    (operator.folder / "a.log").touch()
    write_log(operator.folder / "b.log")
    (operator.folder / "c.gz").write_bytes(gzip.compress(b""))
    for name in ("a.log", "c.gz"):
        for log_format in ("combined", "auto"):
            ended = operator.nightly(name, "b.log", "--log-format", log_format)
            assert ended.status == 0
            assert f"warning: {name}: is empty; left out" in ended.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(operator: Operator) -> None:
    write_log(operator.folder / "a.log").chmod(0)
    ended = operator.nightly("a.log")
    assert ended.status == 1
    assert "a.log: cannot be opened" in ended.err


def test_a_missing_file_among_others_is_wrong_usage(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "b.log")
    assert (ended.status, ended.out) == (2, "")
    assert "b.log: names no file" in ended.err


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_read_to_its_end(pack: Pack, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(log_line(number) for number in range(3_000)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(content))))
    assert operator.nightly("-").status == 0
    assert operator.asks("SELECT input, lines, hits FROM inputs") == [("-", 3_000, 3_000)]


def test_standard_input_goes_to_no_engine_of_other_processes(operator: Operator) -> None:
    ended = operator.types("nightly", "-", "--", "--runner=FlinkRunner")
    assert ended.status == 2
    assert "standard input can only be read by the local runner" in ended.err


def test_a_cut_input_has_a_problem_when_it_is_verified(tmp_path: Path) -> None:
    whole = gzip.compress(write_log(tmp_path / "a.log", 60_000).read_bytes())
    (tmp_path / "cut.gz").write_bytes(whole[:-2_000])
    named = list_inputs([str(tmp_path / "cut.gz")])
    assert examine_inputs(named, "auto", verify=False)[0].problem is None
    assert examine_inputs(named, "auto", verify=True)[0].problem == "the gzip data is cut off before its end"
