"""A young log is read as its rotated siblings are, unless the server's format has changed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.inputs.recognition import Recognition
from footfall.pipelines.inputs.recognize import _Sample, recognize
from footfall.pipelines.inputs.recognize_family import MANY_KIN, name_family
from footfall.pipelines.sample.write_sample import write_sample
from tests.commands import BROWSER, Operator, log_line


def write(path: Path, content: str) -> None:
    """Write a log, compressed where its name says so."""
    path.write_bytes(gzip.compress(content.encode("latin-1")) if path.suffix == ".gz" else content.encode("latin-1"))


def formats(folder: Path) -> dict[str, str | None]:
    """The detected format of each file of a folder, named one by one."""
    inputs = examine_inputs(list_inputs([str(one) for one in sorted(folder.iterdir())]), "auto", verify=False)
    return {Path(one.path).name: one.recognition.log_format if one.recognition else None for one in inputs}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Lines with a session cookie and a request time after the fields of `combined`."""
    path = tmp_path_factory.mktemp("sample") / "access.log"
    write_sample(path, 3_000, seed=5, days=1, log_format="footfall")
    return path.read_text("latin-1").splitlines(keepends=True)


@pytest.mark.parametrize(
    "siblings",
    [
        ("access.log", "access.log.1", "access.log.2.gz", "access.log.33.xz", "access.log.old"),
        ("access.log", "access.log-20260601", "access.log-20260601-1780272000.gz", "access.log.2026-06-01"),
        ("access.log", "access-20260601.log", "access.2026-06-01.log.gz", "access-2026060113.log", "access.260601.log"),
        ("access_log", "access_log-20260601.bz2", "access_log.1780272000", "access_log-20260601T130000"),
        ("u_ex260601.log", "u_ex260602.log", "u_ex26060213.log"),
    ],
)
def test_rotation_changes_no_family(siblings: tuple[str, ...]) -> None:
    assert len({name_family(f"/var/log/{name}") for name in siblings}) == 1


@pytest.mark.parametrize(
    "others",
    [
        ("access.log", "error.log", "ssl_access.log", "access_log", "other.access.log", "access.json"),
        ("web1.log", "web2.log", "web10.log", "web-1.log", "web-11.log"),
        ("a/access.log", "b/access.log", "access.log"),
        ("1", "2.gz", "20260601"),
    ],
)
def test_other_logs_are_other_families(others: tuple[str, ...]) -> None:
    assert len({name_family(name) for name in others}) == len(others)


def test_a_young_log_is_read_as_its_elders(sample: list[str], tmp_path: Path) -> None:
    # The first lines of a day have no cookie that recurs.
    young = [line for line in sample if '" "-" 0.' in line][:20]
    alone = recognize("".join(young).encode("latin-1"), None)
    assert getattr(alone, "log_format", None) != "footfall"
    write(tmp_path / "access.log", "".join(young))
    write(tmp_path / "access.log.1", "".join(sample[:1500]))
    write(tmp_path / "access.log.2.gz", "".join(sample[1500:]))
    assert set(formats(tmp_path).values()) == {"footfall"}
    # Another log of the folder decides for itself.
    (tmp_path / "access.log").rename(tmp_path / "shop.log")
    assert formats(tmp_path)["shop.log"] == getattr(alone, "log_format", None)


def test_a_young_log_most_of_whose_lines_are_no_requests_is_read(operator: Operator) -> None:
    torn = [log_line(number)[: 30 + number] + "\n" for number in range(3)]
    (operator.folder / "access.log").write_text("".join([log_line(1), *torn]))
    assert operator.nightly("access.log").status == 1
    (operator.folder / "access.log.1").write_text("".join(log_line(number, hour=9) for number in range(100)))
    ended = operator.nightly("access.log*", "--k", "1")
    assert ended.status == 0, ended.err
    assert operator.query("SELECT sum(hits), sum(rejected) FROM inputs") == [(101, 3)]


def test_what_few_lines_leave_open_the_elders_tell(tmp_path: Path) -> None:
    silent = "".join(log_line(number, agent="-") for number in range(100))
    write(tmp_path / "access.log.1", silent)
    write(tmp_path / "access.log", log_line(7, agent="-") * 3)
    assert set(formats(tmp_path).values()) == {"agentless+combined"}
    # A server that logs agents from now on is believed.
    write(tmp_path / "access.log", log_line(7, agent="-") * 20 + log_line(8))
    assert formats(tmp_path) == {"access.log": "combined", "access.log.1": "agentless+combined"}
    # Twenty lines without an agent do not say that there is none, if the elders' lines have some.
    write(tmp_path / "access.log.1", "".join(log_line(number) for number in range(100)))
    write(tmp_path / "access.log", log_line(7, agent="-") * 20)
    assert set(formats(tmp_path).values()) == {"combined"}


def test_a_changed_format_is_no_familys(sample: list[str], tmp_path: Path) -> None:
    common = [line.split(f' "-" "{BROWSER}"')[0] + "\n" for line in map(log_line, range(20))]
    write(tmp_path / "access.log", "".join(common))
    write(tmp_path / "access.log.1", "".join(map(log_line, range(100))))
    assert formats(tmp_path) == {"access.log": "common", "access.log.1": "combined"}
    # From now on there is a cookie: the elders' format would fit, and leave it unread.
    write(tmp_path / "access.log", "".join(sample[:800]))
    assert formats(tmp_path) == {"access.log": "footfall", "access.log.1": "combined"}
    (tmp_path / "access.log").write_bytes(b"\x00\x01PNG" * 100)
    (tmp_path / "access.log.2").write_text("")
    inputs = examine_inputs(list_inputs([str(tmp_path)]), "auto", verify=False)
    assert [one.recognition is None for one in inputs] == [True, False, True]


def write_kin(folder: Path, sample: list[str], count: int) -> None:
    """Write young logs whose names differ in digits alone, one larger one among them, and one of another format."""
    for number in range(count):
        lines = sample if number == 7 else sample[3 * number : 3 * number + 3]
        write(folder / f"web{number}.log", "".join(lines))
    write(folder / "web8.log", "".join(log_line(number) for number in range(5)))


def test_young_ones_of_many_like_names_are_read_as_the_largest_if_they_fit(tmp_path: Path, sample: list[str]) -> None:
    write_kin(tmp_path, sample, 2 * MANY_KIN)
    found = formats(tmp_path)
    assert found.pop("web8.log") == "combined"
    assert set(found.values()) == {"footfall"}


def test_of_few_like_names_each_is_told_by_itself(tmp_path: Path, sample: list[str]) -> None:
    write_kin(tmp_path, sample, MANY_KIN)
    assert len(set(formats(tmp_path).values())) > 2


def test_for_many_like_names_candidates_are_tried_once(
    tmp_path: Path, sample: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_kin(tmp_path, sample, 2 * MANY_KIN)
    chosen = []
    choose = _Sample.choose

    def noting(self: _Sample) -> Recognition:
        chosen.append(self)
        return choose(self)

    monkeypatch.setattr(_Sample, "choose", noting)
    formats(tmp_path)
    assert len(chosen) < 8
