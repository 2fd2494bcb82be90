"""Nothing that identifies a person leaves the stage that read it: tests search for planted secrets everywhere.

The secrets are in every field of lines that are counted, that are rejected, and that make a stage fail. No row is
folded (k is 1), so that only scrubbing, digests and safe error messages can keep them out.
"""

from __future__ import annotations

import base64
import bz2
import contextlib
import ipaddress
import logging
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import duckdb
import numpy as np
import pytest

from footfall.pipelines import run
from footfall.pipelines.engine import work_folders
from footfall.transforms import adopt_hits, find_duplicates
from footfall.transforms.arrays import Columns
from footfall.transforms.exchange import exchange_rows
from footfall.transforms.exchange.exchange_rows import read_bucket
from footfall.transforms.find_duplicates import RUN_SCHEMAS
from footfall.transforms.hits import collect_rows
from footfall.transforms.visits.visit_rows import ROW_SCHEMAS
from tests.commands import BROWSER, Operator

FORMAT: Final = (
    '$host $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$cookie_sid" "$http_x_forwarded_for" $request_time'
)
CLIENTS: Final = ("203.0.113.77", "2001:db8:77:1:a1b2:c3d4:e5f6:1789", "198.51.100.178")
COOKIES: Final = ("5f3a9c77d2e1b844aa10", "Zm9vdGZhbGwtdGVzdC1zZXNzaW9u", "visitor-cookie-77")
USER: Final = "jane.doe@example.org"
HOSTS: Final = ("203.0.113.80", "8d1f0b6e5a4c3b2a19087f6e5d4c3b2a.example.org")
IN_PATHS: Final = (
    "203.0.113.78",
    "2001:db8:77::4711",
    "john.roe@mail.example.org",
    "550e8400-e29b-41d4-a716-446655440077",
    "d41d8cd98f00b204e9800998ecf84277",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3NyJ9.c2lnbmF0dXJl",
    "+49-170-1234577",
    "4929123412341277",
)
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 Secret/20770177"
NAMES_OF_NOBODY: Final = ("198.51.100.201", "mary.major@example.com", "0badc0ffee0ddf00d77777770badc0ffee")
"""In rejected lines."""
SECRETS: Final = (*CLIENTS, *COOKIES, USER, *HOSTS, *IN_PATHS, "Secret/20770177", *NAMES_OF_NOBODY)


def line(number: int, *, secret: str, client: str, cookie: str, place: str) -> str:
    """A line with a secret in its path, query, phrase or referrer."""
    path, referrer = "/page", "-"
    if place == "path":
        path = f"/for/{secret}/x"
    elif place == "query":
        path = f"/page?who={secret}&utm_source={secret}&utm_campaign={secret}"
    elif place == "phrase":
        path = f"/search?q={quote(secret)}"
    elif place == "referrer":
        referrer = f"https://{secret}/{secret}?{secret}" if number % 2 else f"https://u:{secret}@example.net/{secret}"
    host = ("www.example.org", *HOSTS)[number % 3]
    return (
        f"{host} {client} - {USER} [01/Jun/2026:10:{number // 60:02}:{number % 60:02} +0000] "
        f'"GET {path} HTTP/1.1" {404 if number % 7 == 0 else 200} 100 "{referrer}" "{AGENT}" "{cookie}" '
        f'"{CLIENTS[number % 2]}, 10.0.0.1" 0.010\n'
    )


def planted_log() -> str:
    """A log with secrets in lines of every kind."""
    lines = [
        line(number, secret=secret, client=CLIENTS[number % 3], cookie=("-", *COOKIES)[number % 4], place=place)
        for number, (secret, place) in enumerate(
            (secret, place)
            for secret in IN_PATHS
            for place in ("path", "query", "phrase", "referrer")
            for _ in range(3)
        )
    ]
    good = lines[0]
    for name in NAMES_OF_NOBODY:
        bad = good.replace("/page", f"/{name}").replace(CLIENTS[0], name)
        lines += [
            bad.replace('"GET', '"GET "GET'),
            bad[: len(bad) // 2] + "\n",
            bad.rstrip("\n") + " " + bad,
            bad.replace("01/Jun/2026", "99/Xyz/2026"),
            bad.replace(" 404 ", f" {name} ").replace(" 200 ", f" {name} "),
            f"{name}\n",
            name * 8_000 + "\n",
        ]
    return "".join(lines)


def needles() -> dict[bytes, str]:
    """The possible encodings of the secrets, each with its secret."""
    found = {}
    for secret in SECRETS:
        encoded = {secret, secret.upper(), secret.lower(), quote(secret, safe="")}
        for text in encoded:
            found[text.encode()] = secret
            found[text.encode().hex().encode()] = secret
            for skipped in range(3):
                # In base64, all but the first and last characters are the same after any preceding text.
                packed = base64.b64encode(b"\0" * skipped + text.encode()).rstrip(b"=")
                found[packed[4:-3]] = secret
    for client in CLIENTS:
        address = ipaddress.ip_address(client)
        if address.version == 6:
            for half in (address.packed[8:], address.packed[8:][::-1]):
                found[half] = client
    return {spelling: secret for spelling, secret in found.items() if len(spelling) >= 8}


NEEDLES: Final = needles()
_SPELT: Final = re.compile(b"|".join(map(re.escape, sorted(NEEDLES))))


def secrets_in(content: bytes) -> set[str]:
    return {NEEDLES[encoded] for encoded in _SPELT.findall(content)}


def test_the_search_finds_every_spelling() -> None:
    for secret in SECRETS:
        assert secrets_in(f"x{secret}y".encode()) == {secret}
        # In base64 the ends are ignored, and two of the secrets may differ only there.
        assert secrets_in(base64.b64encode(f"some {secret} here".encode()))


@dataclass
class Traces:
    """Everything that a run left anywhere."""

    graphs: list[bytes] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def files(self) -> Iterator[tuple[Path, bytes]]:
        """Every temporary file, as stored."""
        for folder in self.folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    yield path, path.read_bytes()

    def rows(self) -> Iterator[Columns]:
        """The exchanged rows, read from the kept files by the references to them."""
        kept = {path.name: path for folder in self.folders for path in folder.rglob("*.rows")}
        for reference in self.references:
            place, path = reference.rsplit(":", 1)
            tables, _ = read_bucket([f"{place}:{kept[Path(path).name]}"], ROW_SCHEMAS | RUN_SCHEMAS)
            yield from tables.values()


def unpacked(graph: bytes) -> Iterator[bytes]:
    """The objects that Beam pickled, compressed and encoded in base64 in a job graph."""
    # Match from bzip2's magic bytes on: the length byte before them may be a base64 character too.
    for text in re.findall(rb"QlpoO[A-Za-z0-9+/]{40,}={0,2}", graph):
        with contextlib.suppress(ValueError, OSError, EOFError):
            yield bz2.decompress(base64.b64decode(text[: len(text) // 4 * 4]))


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    """Captures job graphs, log records of every level, the run's keys, and temporary files before they are removed."""
    caught = Traces()
    build, remove, token_bytes = run.build, work_folders.remove_work_folder, secrets.token_bytes

    def build_and_catch(pipeline: Any, plan: Any) -> Any:
        result = build(pipeline, plan)
        graph = pipeline.to_runner_api().SerializeToString()
        caught.graphs += [graph, *unpacked(graph)]
        caught.graphs.append(repr(pipeline.options.get_all_options()).encode())
        return result

    def keep_and_remove(work: Path) -> None:
        if work.exists():
            caught.folders.append(tmp_path / f"kept{len(caught.folders)}")
            shutil.copytree(work, caught.folders[-1])
        remove(work)

    def draw_and_catch(size: int | None = None) -> bytes:
        caught.keys.append(token_bytes(size))
        return caught.keys[-1]

    def refer_and_catch(*arguments: Any, **options: Any) -> Iterator[tuple[int, str]]:
        for share, reference in exchange_rows.write_buckets(*arguments, **options):
            caught.references.append(reference)
            yield share, reference

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            caught.logged.append(self.format(record))

    monkeypatch.setattr(run, "build", build_and_catch)
    # Rows are deleted earlier than the folder that they are in.
    monkeypatch.setattr(run, "remove_rows", lambda folder: None)
    monkeypatch.setattr(work_folders, "remove_work_folder", keep_and_remove)
    monkeypatch.setattr(secrets, "token_bytes", draw_and_catch)
    for step in (collect_rows, find_duplicates, adopt_hits):
        monkeypatch.setattr(step, "write_buckets", refer_and_catch)
    monkeypatch.setattr("footfall.pipelines.display.progress._PLAIN_EVERY_S", 0.01)
    root, catcher = logging.getLogger(), Catcher(logging.DEBUG)
    level = root.level
    root.addHandler(catcher)
    root.setLevel(logging.DEBUG)
    try:
        yield caught
    finally:
        root.removeHandler(catcher)
        root.setLevel(level)


def run_on_secrets(operator: Operator, *beam: str) -> Any:
    (operator.folder / "a.log").write_text(planted_log())
    (operator.folder / "b.log").write_text(planted_log()[:9_000])
    arguments = ("a.log", "b.log", "--log-format", FORMAT, "--k", "1")
    return operator.run("nightly", *arguments, "--", *(beam or ("--direct_num_workers=2",)))


def values_of(db: Path) -> Mapping[str, str]:
    """All values of each table, as text."""
    with duckdb.connect(str(db), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: repr(connection.execute(f"FROM {name}").fetchall()) for name in tables}


def assert_no_secret_is_found(operator: Operator, ended: Any, traces: Traces) -> None:
    assert secrets_in(ended.out.encode()) == set()
    assert secrets_in(ended.err.encode()) == set()
    assert secrets_in("\n".join(traces.logged).encode()) == set()
    assert traces.graphs
    for graph in traces.graphs:
        assert secrets_in(graph) == set()
    for path, content in traces.files():
        assert secrets_in(content) == set(), path.name


def test_no_secret_leaves_the_stage_that_read_it(operator: Operator, traces: Traces) -> None:
    ended = run_on_secrets(operator)
    assert ended.status == 0, ended.err
    assert operator.query("SELECT count(*) > 5 FROM rejects") == [(True,)]
    assert operator.query("SELECT sum(visits) >= 5 FROM visits") == [(True,)]
    assert_no_secret_is_found(operator, ended, traces)
    assert "reading: " in ended.err, "progress was shown, and searched"
    assert secrets_in(operator.db.read_bytes()) == set()
    for table, values in values_of(operator.db).items():
        assert secrets_in(values.encode()) == set(), table
    # The search means something only if the secrets reached these pages.
    pages = {page for (page,) in operator.query("SELECT DISTINCT page FROM pages")}
    assert {"/for/{address}/x", "/for/{email}/x", "/for/{uuid}/x", "/for/{token}/x", "/for/{phone}/x"} <= pages
    assert len(list(traces.files())) > 20
    # Behind the graph itself; its transforms are in any order.
    assert any(b"ParsePieces" in graph for graph in traces.graphs[1:])


def test_the_runs_key_and_its_digests_stay_within_the_run(operator: Operator, traces: Traces) -> None:
    ended = run_on_secrets(operator)
    assert ended.status == 0, ended.err
    (key,) = {key for key in traces.keys if len(key) == 16}
    encoded = (key, key[::-1], key.hex().encode(), base64.b64encode(key), repr(key).encode(), key[:8], key[8:])
    everywhere = {path.name: content for path, content in traces.files()}
    everywhere |= {"printed": (ended.out + ended.err).encode(), "logged": "\n".join(traces.logged).encode()}
    everywhere |= {f"graph {number}": graph for number, graph in enumerate(traces.graphs)}
    everywhere["published"] = operator.db.read_bytes()
    for name, content in everywhere.items():
        assert not any(spelling in content for spelling in encoded), name

    tables = list(traces.rows())
    digests = {
        number.to_bytes(8, "little")
        for columns in tables
        for name in ("client", "session")
        for number in columns.get(name, np.empty(0, np.uint64)).tolist()
    } - {b"\0" * 8}
    assert len(digests) >= len(COOKIES) + len(CLIENTS)
    content = operator.db.read_bytes()
    values = "".join(values_of(operator.db).values())
    for digest in digests:
        number = int.from_bytes(digest, "little")
        assert digest not in content
        assert digest[::-1] not in content
        assert f"{number}" not in values
        assert f"{number:x}" not in values


def test_each_run_draws_a_key_of_its_own(operator: Operator, traces: Traces) -> None:
    assert run_on_secrets(operator).status == 0
    assert run_on_secrets(operator, "--direct_num_workers=1").status == 0
    assert len({key for key in traces.keys if len(key) == 16}) == 2


@pytest.mark.parametrize("beam", ["--direct_num_workers=1", "--direct_num_workers=2"])
@pytest.mark.parametrize(
    "kernel",
    [
        "footfall.transforms.parse_hits.HitDeriver.derive_hits",
        "footfall.transforms.parse_hits.BlockScanner",
        "footfall.transforms.find_duplicates.find_lines",
        "footfall.transforms.assign_visits.cut_visits",
        "footfall.transforms.adopt_hits.open_buckets",
    ],
)
def test_a_failing_stage_reveals_no_secret(
    kernel: str, beam: str, operator: Operator, traces: Traces, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **_: object) -> None:
        try:
            raise KeyError(planted_log())
        except KeyError as cause:
            raise ValueError(repr(arguments) + planted_log()) from cause

    monkeypatch.setattr(kernel, fail)
    ended = run_on_secrets(operator, beam)
    assert ended.status == 1
    expected = r"footfall: ValueError in \w+\.py, line \d+; please report it; nothing was published, the old file is "
    assert re.fullmatch(expected + "unchanged", ended.err.splitlines()[-1])
    assert_no_secret_is_found(operator, ended, traces)
    assert not operator.db.exists()
    assert [name for name in operator.leftovers() if not name.startswith("kept")] == []


def test_errors_about_inputs_reveal_no_secret(operator: Operator) -> None:
    (operator.folder / "a.log").write_text("".join(f"{name} {BROWSER}\n" for name in NAMES_OF_NOBODY))
    ended = operator.nightly("a.log")
    assert ended.status == 1
    assert secrets_in(ended.err.encode()) == set()
    (operator.folder / "b.log").write_text(planted_log())
    ended = operator.nightly("b.log", "--log-format", FORMAT, "--date", "2026-07-01")
    assert ended.status == 0
    assert "no hits on the requested days" in ended.out
    assert secrets_in((ended.out + ended.err).encode()) == set()
