"""What damage, attackers and wrong clocks leave in logs is rejected or told, and nothing is lost beside it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.publishing.check_published import check_published
from footfall.pipelines.report.collect_figures import collect_figures
from tests.running import LOG, books_of, publish_logs, published_tables, read_published

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


def hit(number: int, time: datetime) -> bytes:
    """A line of the format combined, of one of many visitors."""
    client = f"198.51.100.{number % 250 + 1}"
    return f'{client} - - [{time:%d/%b/%Y:%H:%M:%S} +0000] "GET /a HTTP/1.1" 200 5 "-" "{AGENT}"\n'.encode()


GOOD = b"".join(hit(number, NOON + timedelta(seconds=number)) for number in range(40))


@pytest.mark.parametrize("size", [100, 300_000], ids=["small", "large"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_log_may_begin_with_a_hole(size: int, pack: Callable[[bytes], bytes]) -> None:
    books = books_of(published_tables({LOG: pack(bytes(size) + GOOD)}))
    assert (books["lines"], books["hits"], books["rejected"]) == (40, 39, 1)


def test_a_log_of_nothing_but_a_hole_is_empty(tmp_path: Path) -> None:
    result = publish_logs(tmp_path, {LOG: bytes(5_000)})
    assert result.left_out[0].is_empty


def test_a_log_that_begins_with_line_ends_is_read() -> None:
    books = books_of(published_tables({"access.log.gz": gzip.compress(b"\n" * 300_000 + GOOD)}))
    assert (books["lines"], books["hits"], books["empty"]) == (300_040, 40, 300_000)


@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_last_times_are_hits_and_later_ones_rejected(timezone: str) -> None:
    ends = [datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
    log = GOOD + b"".join(hit(1, time) for time in (*ends, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)))
    books = books_of(published_tables({LOG: log}, timezone=timezone, k=1))
    assert (books["hits"], books["outside_window"], books["time"]) == (40, 1, 2)


def test_a_hit_from_the_future_completes_no_day_and_is_warned_of(tmp_path: Path) -> None:
    before = b"".join(hit(number, NOON - timedelta(days=1, minutes=number)) for number in range(40))
    later = hit(1, datetime.now(UTC) + timedelta(days=3))
    result = publish_logs(tmp_path, {LOG: before + GOOD + later}, first_day=NOON.date(), last_day=NOON.date())
    (day,) = read_published(tmp_path / "traffic.duckdb")["days"]
    assert (day["day"], day["complete"]) == (date(2026, 6, 2), False)
    assert [one.why for one in result.books.incomplete] == [
        "the logs end before it is over and the visit timeout has passed"
    ]
    assert f"{LOG}: 1 hit is dated after this run began" in " ".join(result.warnings)
    # Without it, the visits that go on at the end of the logs are cut all the same.
    (visits,) = read_published(tmp_path / "traffic.duckdb")["visits"]
    assert visits["cut_visits"] == 40


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=400), timedelta(days=2_000_000)])
def test_a_day_that_has_not_begun_is_not_published(tmp_path: Path, later: timedelta) -> None:
    """It would stay in the file for ever, and reports would show the thirty days before it."""
    log = GOOD + hit(1, datetime.now(UTC)) + hit(1, datetime.now(UTC) + later)
    result = publish_logs(tmp_path, {LOG: log})
    assert (result.books.hits, result.books.outside_window) == (41, 1)
    days = [row["day"] for row in read_published(tmp_path / "traffic.duckdb")["days"]]
    assert days == [NOON.date(), datetime.now(UTC).date()]


def test_hits_of_days_to_come_alone_are_nothing_to_publish(tmp_path: Path) -> None:
    result = publish_logs(tmp_path, {LOG: hit(1, datetime.now(UTC) + timedelta(days=3))})
    assert "no hits on the requested days" in result.books.nothing
    assert "1 hit is dated after this run began" in " ".join(result.warnings)
    assert not (tmp_path / "traffic.duckdb").exists()


def test_a_folder_may_hold_links_that_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(GOOD)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "self").symlink_to(".")
    assert [one.path for one in list_inputs([str(tmp_path)])] == [str(tmp_path / LOG)]


def test_a_published_file_that_is_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    db = tmp_path / "traffic.duckdb"
    db.symlink_to(db.name)
    command = [sys.executable, "-m", "footfall.pipelines.cli", "nightly", __file__, "--db", str(db)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.endswith("is a link that leads to itself; remove it, or give another file with --db\n")


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_a_file_whose_name_is_no_text_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(GOOD)
    with open(os.fsencode(tmp_path) + b"/\xff.log", "wb") as file:
        file.write(GOOD)
    for given in (str(tmp_path), f"{tmp_path}/*", f"{tmp_path}/{os.fsdecode(bytes([255]))}.log"):
        with pytest.raises(UsageError, match=r"\\xff.log: the name is not valid UTF-8.*; rename the file"):
            list_inputs([given])


def test_names_of_files_may_hold_whatever_text(tmp_path: Path) -> None:
    names = ["new\nline.log", "quo'te\".log", "star*[a].log", "-dash.log", "{x}; --.log"]
    result = publish_logs(tmp_path, {name: GOOD for name in names})
    assert (result.books.lines, result.books.hits) == (200, 40)


HEADER_BYTES = 12_288
BLOCK_BYTES = 262_144
"""Of a DuckDB file."""


def test_a_damaged_published_file_is_told_as_such(tmp_path: Path) -> None:
    publish_logs(tmp_path, {LOG: GOOD})
    db = tmp_path / "traffic.duckdb"
    content = db.read_bytes()
    damaged = [content[:kept] + bytes(len(content) - kept) for kept in (12, HEADER_BYTES)]
    damaged += [content[:size] for size in (12, len(content) // 2)]
    for place in range(HEADER_BYTES + 8, len(content), 3 * BLOCK_BYTES):
        changed = bytes(byte ^ 255 for byte in content[place : place + 4_096])
        damaged.append(content[:place] + changed + content[place + 4_096 :])
    told = []
    for one in damaged:
        looks: list[Callable[[], object]] = [
            lambda: publish_logs(tmp_path, {LOG: GOOD}, replace=True),
            lambda: check_published(db),
            lambda: collect_figures(db),
        ]
        for look in looks:
            db.write_bytes(one)
            try:
                look()
            except RunError as error:
                told.append(str(error))
                assert db.read_bytes() == one
    assert len(told) > 3 * 4
    assert all("damaged" in text and ("restore it" in text or "move it away" in text) for text in told)
    # Where only rows are lost, the file can still be opened.
    assert sum("not all of its rows can be read" in text for text in told) >= 3


OBJECT = """  {{
    "time": "{time}",
    "remote_addr": "198.51.100.7",
    "request": "GET /a HTTP/1.1",
    "status": 200,
    "more": [
      {{ "a": "{{" }}
    ]
  }}"""


@pytest.mark.parametrize("open_end", ['  {\n    "a": {\n', '  {\n    "a": "b\n', '  {\n    "a": ' + "[\n" * 9])
def test_an_object_that_is_never_closed_takes_no_others_with_it(open_end: str) -> None:
    objects = [OBJECT.format(time=(NOON + timedelta(seconds=number)).isoformat()) for number in range(30)]
    log = "\n".join([*objects[:20], open_end + objects[20], *objects[21:]]) + "\n"
    books = books_of(published_tables({LOG: log.encode()}, k=1))
    assert (books["hits"], books["joined"]) == (30, 1)
    assert books["lines"] == books["hits"] + books["rejected"]


def test_an_object_without_indentation_ends_when_it_is_too_long() -> None:
    flat = OBJECT.replace("  ", "")
    objects = [flat.format(time=(NOON + timedelta(seconds=number)).isoformat()) for number in range(2_000)]
    log = "\n".join([*objects[:20], '{\n"a": {', *objects[20:]]) + "\n"
    books = books_of(published_tables({LOG: log.encode()}, k=1))
    assert books["hits"] > 1_000
    assert books["too_long"] == 1


def test_deep_json_is_a_reject() -> None:
    good = "".join(
        f'{{"time":"{(NOON + timedelta(seconds=number)).isoformat()}","remote_addr":"198.51.100.7",'
        f'"request":"GET /a HTTP/1.1","status":200}}\n'
        for number in range(20)
    )
    start = good.partition("}")[0]
    deep = [
        *("[" * 100_000, "[" * 30_000, '{"a":' * 12_000, start + ',"x":' + "[" * 20_000 + "]" * 20_000 + "}"),
        *(start + ',"x":' + '{"a":' * 9_000 + "1" + "}" * 9_001, '{"message":' * 5_000),
    ]
    log = "\n".join(deep) + "\n" + good
    books = books_of(published_tables({LOG: log.encode()}, k=1))
    assert books["hits"] >= 20
    assert books["lines"] == 26 == books["hits"] + books["rejected"]


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(GOOD) + gzip.compress(b"a" * 2**28, 9) * 6,
    "bzip2": lambda: bz2.compress(GOOD) + bz2.compress(b"a" * 2**28) * 3,
    "xz": lambda: lzma.compress(GOOD) + lzma.compress(b"a" * 2**29, preset=1),
    "zstd": lambda: zstandard.compress(GOOD) + zstandard.compress(b"a" * 2**29, 1) * 2,
}
READING = """
import resource, sys
from footfall.transforms.scanning.read_blocks import read_blocks
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
lines = sum(int((block.content[: block.length] == 10).sum()) for block in read_blocks(sys.argv[1], sys.argv[2], 0, -1))
print(lines, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("compression", BOMBS)
def test_what_expands_a_thousandfold_takes_no_more_memory(tmp_path: Path, compression: str) -> None:
    path = tmp_path / LOG
    path.write_bytes(BOMBS[compression]())
    command = [sys.executable, "-c", READING, str(path), compression]
    lines, kilobytes = map(int, subprocess.run(command, check=True, capture_output=True).stdout.split())
    assert lines == 40
    assert kilobytes < 120_000 * (1 if sys.platform == "linux" else 1024)
