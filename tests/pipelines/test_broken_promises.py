"""Each promise of docs/privacy.md is broken once, and is found to be: by the check before publishing, or here.

A mutation replaces one function of the product. `find_broken` runs the job on a log of planted secrets and says what is
wrong with what it left anywhere; on the product itself that is nothing.
"""

from __future__ import annotations

import importlib
import ipaddress
import re
import secrets
import stat
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pytest

from footfall.pipelines import run
from footfall.pipelines.errors import RunError
from footfall.transforms.describing import describe_texts
from footfall.transforms.hits import collect_rows
from footfall.transforms.kernels.digests import FIXED_KEY
from tests.pipelines.test_privacy import unpacked
from tests.running import publish_logs

FORMAT: Final = (
    '$host $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$cookie_sid" "$http_dnt"'
)
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ADDRESS: Final = "2001:db8:77:1:a1b2:c3d4:e5f6:1789"
COOKIE: Final = "quiet-cookie-4711.example"
USER: Final = "bluebird"
PLANTED: Final = {
    "a page": "/for/203.0.113.78/x",
    "a page like a word": f"/birds/{USER}",
    "a phrase": "/s?q=john.roe%40mail.example.org",
    "a campaign": "/?utm_source=mary.major%40mail.example.org",
    "an opt-out": "/only-for-those-who-opted-out",
}
REFERRER: Final = "https://d41d8cd98f00b204e9800998ecf84277.example/x"
HOST: Final = "jane_doe_at_gmail.example"
INPUT: Final = "jane.roe@example.org.log"
SECRETS: Final = (
    *("203.0.113.78", USER, "john.roe", "mary.major", "d41d8cd98f00b204", "jane_doe", "jane.roe", "only-for-those"),
    *(ADDRESS, COOKIE, COOKIE.replace("-", "")),
)
LOW_HALF: Final = ipaddress.ip_address(ADDRESS).packed[8:]


def planted_log() -> str:
    """Two visitors of each planted page; k is 1 or 2, so that nothing but the promise keeps a text out."""
    lines = []
    for number, (what, url) in enumerate(PLANTED.items()):
        for visitor in range(2):
            client, user, cookie = (ADDRESS, USER, COOKIE) if visitor else (f"198.51.100.{number}", "-", "-")
            host, referrer = (HOST, REFERRER) if what == "a page" else ("shop.example", "-")
            lines.append(
                f"{host} {client} - {user} [01/Jun/2026:{10 + number}:00:0{visitor} +0000] "
                f'"GET {url} HTTP/1.1" 200 5 "{referrer}" "{AGENT}" "{cookie}" "{int(what == "an opt-out")}"\n'
            )
    return "".join(lines)


@dataclass
class Left:
    """What a run left: its keys, job graph, temporary files, and the modes of its folders while it ran."""

    keys: list[bytes] = field(default_factory=list)
    graphs: list[bytes] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    digests: set[int] = field(default_factory=set)
    open_folders: list[str] = field(default_factory=list)


@contextmanager
def watched(folder: Path) -> Iterator[Left]:
    """Watch the runs whose published file is in `folder`."""
    left = Left()
    build, write, token_bytes = run.build, run.read_tables, secrets.token_bytes
    write_rows = collect_rows.write_buckets

    def build_and_look(pipeline: Any, plan: Any) -> Any:
        result = build(pipeline, plan)
        graph = pipeline.to_runner_api().SerializeToString()
        left.graphs += [graph, *unpacked(graph)]
        return result

    def read_and_look(exchange: str) -> Any:
        for path in (Path(exchange), *Path(exchange).parents):
            if path == folder:
                break
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                left.open_folders.append(path.name)
        for path in Path(exchange).iterdir():
            left.files[path.name] = path.read_bytes()
        return write(exchange)

    def write_and_look(folder: str, kind: str, fingerprint: int, columns: Any, *others: Any) -> Any:
        left.digests |= set(columns["client"].tolist())
        return write_rows(folder, kind, fingerprint, columns, *others)

    def draw_and_look(size: int | None = None) -> bytes:
        left.keys.append(token_bytes(size))
        return left.keys[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "build", build_and_look)
        patch.setattr(run, "read_tables", read_and_look)
        patch.setattr(collect_rows, "write_buckets", write_and_look)
        patch.setattr(secrets, "token_bytes", draw_and_look)
        # What texts mean is remembered by the process.
        patch.setattr(describe_texts, "_caches", defaultdict(describe_texts._RowCache))
        yield left


def find_broken(folder: Path, k: int, *, twice: bool = False) -> set[str]:
    """Run the job, or `twice`, and return what is broken: promises of the check, and what is found in places."""
    broken = set[str]()
    runs = []
    for name in ("first", "second")[: 1 + twice]:
        own = folder / name
        own.mkdir()
        with watched(own) as left:
            try:
                publish_logs(own, {INPUT: planted_log().encode()}, log_format=FORMAT, k=k, hosts=("shop.example",))
            except RunError as error:
                found = re.search(r"the promise '([^']+)' is broken", str(error))
                broken.add(f"check: {found[1]}" if found else "run: failed")
        runs.append(left)
        broken |= set(_broken_in(own, left))
    if twice and runs[0].digests & runs[1].digests:
        broken.add("digests: equal in two runs")
    return broken


def _broken_in(folder: Path, left: Left) -> Iterator[str]:
    db = folder / "traffic.duckdb"
    if db.exists():
        content = db.read_bytes()
        yield from (f"published: {secret}" for secret in SECRETS if secret.encode() in content)
        if stat.S_IMODE(db.stat().st_mode) & 0o027:
            yield "published: mode"
    for content in left.files.values():
        if LOW_HALF in content or LOW_HALF[::-1] in content or ADDRESS.encode() in content:
            yield "file: address"
        if COOKIE.encode() in content:
            yield "file: cookie"
    everywhere = [*left.graphs, *left.files.values()]
    for key in (key for key in left.keys if len(key) == 16):
        if any(key in content or key.hex().encode() in content for content in everywhere):
            yield "key: written"
    yield from (f"folder: {name} is open" for name in left.open_folders)
    if {path.name for path in folder.iterdir()} - {"logs", "traffic.duckdb", ".traffic.duckdb.lock"}:
        yield "folder: left behind"


@pytest.mark.parametrize("k", [1, 2])
def test_the_product_breaks_nothing(k: int, tmp_path: Path) -> None:
    assert find_broken(tmp_path, k, twice=True) == set()


@dataclass(frozen=True)
class Mutation:
    """One function of the product with another one in its place, and what is found of it.

    Where a second one would mend it, `idle` is the place of that one, which does nothing.
    """

    name: str
    place: str
    instead: Callable[[Any], Any]
    found: str
    idle: str = ""


def _unscrubbed(scrub: Any) -> Any:
    return lambda texts, **_: pa.array(texts, pa.string())


def _write_key_to_options(plan_run: Any) -> Any:
    def plan(*arguments: Any) -> Any:
        key = secrets.token_bytes(16)
        own = plan_run(*arguments)
        return replace(own, options=replace(own.options, own_hosts=(*own.options.own_hosts, key.hex())))

    return plan


def _written_key(process: Any) -> Any:
    def process_and_write(self: Any, element: Any, run_key: bytes) -> Any:
        (Path(self._options.folder) / "key").write_bytes(run_key)
        return process(self, element, run_key)

    return process_and_write


def _open_folder(make_work_folder: Any) -> Any:
    @contextmanager
    def make(db: Path) -> Iterator[Path]:
        with make_work_folder(db) as work:
            work.chmod(0o755)
            yield work

    return make


def _open_exchange(make_exchange_folder: Any) -> Any:
    @contextmanager
    def make(temp: str | None, db: Path, work: Path) -> Iterator[str]:
        with make_exchange_folder(temp, db, work) as exchange:
            Path(exchange).chmod(0o750)
            yield exchange

    return make


def _cookies_as_sites(sites: Any) -> Any:
    return lambda self, lines, _: self._descriptions.describe_sites(lines.block, *self.session_offsets(lines))


def _addresses_as_clients(digest_clients: Any) -> Any:
    def keep(key: Any, high: Any, low: Any, *others: Any) -> Any:
        return low.copy(), *digest_clients(key, high, low, *others)[1:]

    return keep


def _left_in_freed_blocks(fill_tables: Any) -> Any:
    def fill(connection: Any, *others: Any) -> None:
        connection.execute(f"CREATE TABLE fresh.scratch AS SELECT '{USER} ' || range AS text FROM range(99)")
        # What is compressed is readable to nobody here.
        connection.execute("SET force_compression = 'uncompressed'; CHECKPOINT fresh; RESET force_compression")
        fill_tables(connection, *others)
        connection.execute("CHECKPOINT fresh; DROP TABLE fresh.scratch")

    return fill


MUTATIONS: Final = (
    Mutation(
        "addresses are not dropped",
        "footfall.transforms.hits.derive_hits._digest_clients",
        _addresses_as_clients,
        "file: address",
    ),
    Mutation(
        "a cookie is read as site",
        "footfall.transforms.hits.read_lines.LineReader._sites",
        _cookies_as_sites,
        f"published: {COOKIE}",
    ),
    Mutation(
        "pages are not scrubbed", "footfall.transforms.describing.name_pages.scrub", _unscrubbed, "check: no address"
    ),
    Mutation(
        "phrases and campaigns are not scrubbed",
        "footfall.transforms.describing.read_queries.scrub",
        _unscrubbed,
        "check: no e-mail address",
    ),
    Mutation(
        "referrers are not scrubbed",
        "footfall.transforms.describing.attribute_referrers.scrub",
        _unscrubbed,
        "check: no cookie or other identifier",
    ),
    Mutation(
        "sites are not scrubbed",
        "footfall.transforms.describing.describe_hits.scrub",
        _unscrubbed,
        "published: jane_doe",
    ),
    Mutation(
        "names of inputs are not scrubbed",
        "footfall.pipelines.publishing.name_inputs.scrub",
        _unscrubbed,
        "published: jane.roe",
    ),
    Mutation(
        "what is personal is found and not replaced",
        "footfall.transforms.describing.personal.judged_texts.JudgedText.publish",
        lambda publish: lambda self: self.published,
        # An address is replaced all the same, since what the check would find is looked for once more.
        "published: jane_doe",
    ),
    Mutation(
        "names are not searched for what the run met",
        "footfall.transforms.withhold_identifiers.withhold",
        lambda withhold: lambda texts, *_: (list(texts), {}),
        f"published: {USER}",
    ),
    Mutation(
        "names of users are not met",
        "footfall.transforms.hits.met_identifiers.MetIdentifiers.add_values",
        lambda add: lambda *_: None,
        f"published: {USER}",
    ),
    Mutation(
        "names that became others are counted all the same",
        "footfall.transforms.assign_visits.rename",
        lambda rename: lambda rows, _: rows,
        "check: no identifier of the run",
    ),
    Mutation(
        "a name stays in freed blocks of the file",
        "footfall.pipelines.publishing.publish.fill_tables",
        _left_in_freed_blocks,
        "check: no identifier of the run",
        idle="footfall.pipelines.publishing.publish._write_anew",
    ),
    Mutation(
        "what the run met is digested without its key",
        "footfall.transforms.hits.met_identifiers.digest_values",
        lambda digest: lambda key, *values: digest(FIXED_KEY, *values),
        f"published: {USER}",
    ),
    Mutation(
        "digests have no key",
        "footfall.transforms.parse_hits.as_key",
        lambda as_key: lambda key: np.array([1, 2], dtype=np.uint64),
        "digests: equal in two runs",
    ),
    Mutation(
        "all runs have one key",
        "footfall.pipelines.nightly.draw_run_key",
        lambda draw: lambda: bytes(range(16)),
        "digests: equal in two runs",
    ),
    Mutation("a key is in the options", "footfall.pipelines.run.plan_run", _write_key_to_options, "key: written"),
    Mutation(
        "the key is in a file", "footfall.transforms.parse_hits.ParsePieces.process", _written_key, "key: written"
    ),
    Mutation(
        "the work folder is readable",
        "footfall.pipelines.run.make_work_folder",
        _open_folder,
        "folder: .traffic.duckdb.work is open",
    ),
    Mutation(
        "the folder for exchange is readable",
        "footfall.pipelines.run.make_exchange_folder",
        _open_exchange,
        "folder: rows is open",
    ),
    Mutation(
        "the file is readable by all",
        "footfall.pipelines.publishing.publish.NEW_FILE_MODE",
        lambda mode: 0o644,
        "published: mode",
    ),
    Mutation(
        "temporary files stay",
        "footfall.pipelines.engine.work_folders.remove_work_folder",
        lambda remove: lambda work: None,
        "folder: left behind",
    ),
    Mutation(
        "opt-outs are not heeded",
        "footfall.transforms.hits.read_lines.read_opt_outs",
        lambda read: lambda lines: np.zeros(lines.line_count, dtype=np.bool_),
        "published: only-for-those",
    ),
    Mutation(
        "opt-outs make visits",
        "footfall.transforms.values.read_headers.OPT_OUT_MEANINGS",
        lambda meanings: (),
        "published: only-for-those",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_broken_promise_is_found(mutation: Mutation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, _, name = mutation.place.rpartition(".")
    monkeypatch.setattr(mutation.place, mutation.instead(_resolve(owner, name)))
    if mutation.idle:
        monkeypatch.setattr(mutation.idle, lambda *_: None)
    assert mutation.found in find_broken(tmp_path, 1, twice="two runs" in mutation.found)


def _resolve(owner: str, name: str) -> Any:
    """The attribute of a module, or of a class in it."""
    try:
        return getattr(importlib.import_module(owner), name)
    except ModuleNotFoundError:
        module, _, cls = owner.rpartition(".")
        return getattr(getattr(importlib.import_module(module), cls), name)


def test_the_gate_alone_keeps_what_scrubbing_misses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check, the same mutation is published: the search here does not depend on it."""
    monkeypatch.setattr("footfall.transforms.describing.name_pages.scrub", _unscrubbed(None))
    monkeypatch.setattr("footfall.pipelines.publishing.publish.check_file", lambda *_: None)
    assert "published: 203.0.113.78" in find_broken(tmp_path, 1)
