"""An engine may run an element twice, or on another worker, and the published figures stay the same.

If it draws the run's key again in between, digests from before and after do not match: the run then publishes nothing.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from footfall.geo_data.locations import open_shared_locations
from footfall.pipelines.errors import RunError
from footfall.transforms.adopt_hits import AdoptBuckets
from footfall.transforms.assign_visits import AssignBuckets
from footfall.transforms.exchange.exchange_rows import Reference, read_bucket
from footfall.transforms.find_duplicates import CutInputs, JoinRuns, MatchEdges, MatchWindows, SurveyPieces
from footfall.transforms.learn_days import KeepHeaviest
from footfall.transforms.observe_clients import ObserveBuckets
from footfall.transforms.parse_hits import ParsePieces
from footfall.transforms.running.failures import KeyChanged, hide_values
from footfall.transforms.running.run_options import TO_THE_END, Pieces, RunOptions
from footfall.transforms.running.run_steps import Result, RunStepFn
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.visits.visit_rows import CLIENT_ROWS, NAME_COLUMNS, NAMES, ROW_SCHEMAS, SESSION_ROWS
from footfall.transforms.withhold_identifiers import SealIdentifiers, WithholdNames
from tests.repeating import FOOTFALL, INPUTS, PIECE_BYTES, Ran, damaging, figures_of, publish, published_plainly
from tests.running import LOG, Rows, differences, publish_logs

STEPS_BY_INPUT = (CutInputs, MatchEdges, JoinRuns)
DUPLICATE_STEPS = (SurveyPieces, MatchWindows, *STEPS_BY_INPUT)
OWN_STEPS = (ParsePieces, SealIdentifiers, WithholdNames, ObserveBuckets, KeepHeaviest, AdoptBuckets, AssignBuckets)
STEPS = (*OWN_STEPS, *DUPLICATE_STEPS)
SITE = "shop.example"


@pytest.fixture
def expected(inputs: str) -> dict[str, Rows]:
    """What a run on a test's inputs must publish."""
    return figures_of(published_plainly(inputs))


@pytest.fixture
def in_small_pieces(expected: dict[str, Rows], monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on inputs have several pieces, and pieces several batches; workers forget their names between them."""
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", PIECE_BYTES)
    monkeypatch.setattr("footfall.transforms.parse_hits.BATCH_LINES", 150)
    monkeypatch.setattr("footfall.transforms.parse_hits.FLUSH_ROWS", 100)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 40_009)
    monkeypatch.setattr("footfall.transforms.kernels.names.MAX_NAMES", 150)


Process = Callable[..., Iterator[Any]]


def run_fresh(step_fn: RunStepFn, *arguments: Any) -> list[Result]:
    """The results of a worker that has run nothing before."""
    return list(step_fn._step(*step_fn._settings).process(*arguments))


def use_second_run(ran: Ran) -> Process:
    """Runs an element, throws its results away, and runs it on a fresh worker."""
    run_once = RunStepFn._run

    @hide_values
    def run(step_fn: RunStepFn, *arguments: Any) -> Iterator[Result]:
        list(run_once(step_fn, *arguments))
        ran[step_fn._step.__name__] += 1
        yield from run_fresh(step_fn, *arguments)

    return run


def overlap(ran: Ran) -> Process:
    """Runs an element while another worker has it too, which ends after the results of the first were taken.

    What the lost attempt has written is damaged: nothing of it may be read.
    """
    run_once = RunStepFn._run

    @hide_values
    def run(step_fn: RunStepFn, *arguments: Any) -> Iterator[Result]:
        folder = exchange_folder(step_fn)
        lost = step_fn._step(*step_fn._settings).process(*arguments)
        with damaging(folder):
            next(lost, None)
        ran[step_fn._step.__name__] += 1
        yield from run_once(step_fn, *arguments)
        with damaging(folder):
            list(lost)

    return run


def exchange_folder(step_fn: RunStepFn) -> Path | None:
    """The folder in which a step leaves files, if it does."""
    for first in step_fn._settings[:1]:
        return Path(first.folder if isinstance(first, RunOptions) else first)
    return None


def stop_half_way(ran: Ran) -> Process:
    """Runs an element up to its first result, as on a worker that is lost then, and again on the same worker."""
    run_once = RunStepFn._run

    @hide_values
    def run(step_fn: RunStepFn, *arguments: Any) -> Iterator[Result]:
        lost = run_once(step_fn, *arguments)
        next(lost, None)
        lost.close()
        ran[step_fn._step.__name__] += 1
        yield from run_once(step_fn, *arguments)

    return run


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("repeat", [use_second_run, overlap, stop_half_way])
def test_an_element_that_is_run_twice_counts_once(
    repeat: Callable[[Ran], Process],
    inputs: str,
    expected: dict[str, Rows],
    in_small_pieces: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: Ran = Counter()
    monkeypatch.setattr(RunStepFn, "_run", repeat(ran))
    published = publish(inputs)
    assert not (found := differences(published, expected)), "\n".join(found)
    assert_steps_ran(ran, inputs)


def assert_steps_ran(ran: Ran, inputs: str) -> None:
    """Every step that the inputs need has run, on several pieces and buckets."""
    expected = {step.__name__ for step in STEPS if len(INPUTS[inputs][0]) > 1 or step not in DUPLICATE_STEPS}
    assert set(ran) == expected
    few = {step.__name__ for step in (*STEPS_BY_INPUT, WithholdNames)}
    assert all(count > 2 for name, count in ran.items() if name not in few), ran


@pytest.mark.parametrize("inputs", INPUTS)
def test_a_worker_may_run_its_elements_again_after_others(
    inputs: str, expected: dict[str, Rows], in_small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle's elements are run in turn, and all of them again by the same worker, whose second results count."""
    ran: Ran = Counter()
    bundles: list[int] = []

    def note(step_fn: RunStepFn, element: Any, *side_inputs: Any) -> None:
        arguments = (element, *(one for one in side_inputs if one is not None))
        list(step_fn._run(*arguments))
        ran[step_fn._step.__name__] += 1
        vars(step_fn).setdefault("again", []).append(arguments)

    def run_again(step_fn: RunStepFn) -> Iterator[Any]:
        again = vars(step_fn).pop("again", [])
        bundles.append(len(again))
        for arguments in again:
            for output, result in step_fn._run(*arguments):
                yield TaggedOutput(output, GlobalWindows.windowed_value(result))

    # With the parameters of a step: Beam's types know none with any number of side inputs.
    monkeypatch.setattr(RunStepFn, "process", functools.wraps(RunStepFn.process)(note))
    monkeypatch.setattr(RunStepFn, "finish_bundle", run_again)
    published = publish(inputs)
    assert not (found := differences(published, expected)), "\n".join(found)
    assert_steps_ran(ran, inputs)
    assert max(bundles) > 2


def make_options(folder: Path) -> RunOptions:
    """The options of a run over all days with four buckets, as many as any run has at least."""
    return RunOptions(
        folder=str(folder),
        bucket_count=4,
        timezone="UTC",
        first_day=0,
        last_day=2**22,
        begin_ms=0,
        end_ms=2**62,
        timeout_ms=1_800_000,
        own_hosts=(),
        search_keys=("q",),
        cookie_name="",
        geo_db=None,
    )


def make_piece(
    path: Path, begin: int = 0, end: int = TO_THE_END, log_format: str = "combined"
) -> tuple[Pieces, tuple[bytes]]:
    """A piece of an input without duplicates."""
    return ((0, str(path), "plain", log_format, SITE, begin, end),), (b"",)


def names_in(results: list[Result]) -> set[tuple[int, str]]:
    """The names among the results of a piece: digest and text."""
    tables = [decode_table(part[1]) for output, part in results if output == NAMES]
    return {(row["id"], row["text"]) for table in tables for row in table.to_pylist()}


def list_references(results: list[Result]) -> list[Reference]:
    """The references to rows among the results of a piece."""
    return [result for output, result in results if output in (CLIENT_ROWS, SESSION_ROWS)]


def digests_in(results: list[Result]) -> set[int]:
    """The digests of names in the rows of a piece."""
    kinds, _ = read_bucket([reference for _, reference in list_references(results)], ROW_SCHEMAS)
    found = {digest for rows in kinds.values() for name in (*NAME_COLUMNS, "site") for digest in rows.get(name, ())}
    return {int(digest) for digest in found} - {0}


@pytest.mark.parametrize("max_names", [500_000, 150], ids=["names are kept", "names are forgotten between pieces"])
def test_a_worker_names_everything_again_in_a_piece_that_it_has_parsed_before(
    max_names: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.transforms.kernels.names.MAX_NAMES", max_names)
    log = tmp_path / LOG
    log.write_bytes(FOOTFALL)
    middle = len(FOOTFALL) // 2
    first, second = make_piece(log, 0, middle, "footfall"), make_piece(log, middle, len(FOOTFALL), "footfall")
    options, key = make_options(tmp_path), bytes(16)
    worker = ParsePieces(options, open_shared_locations)
    for piece in (first, second, first, first, second):
        results = list(worker.process(piece, key))
        fresh = list(ParsePieces(options, open_shared_locations).process(piece, key))
        assert names_in(results) == names_in(fresh)
        digests = digests_in(results)
        assert len(digests) > 50
        assert digests <= {digest for digest, _ in names_in(results)}


def client_buckets(log: Path, key: bytes) -> set[int]:
    """The buckets of the clients of a log under a key."""
    results = ParsePieces(make_options(log.parent), open_shared_locations).process(make_piece(log), key)
    return {bucket for output, (bucket, _) in results if output == CLIENT_ROWS}


def draw_again(monkeypatch: pytest.MonkeyPatch, step: type[Any], keys: dict[str, bytes]) -> None:
    """Let a step see another key in each input, as where the engine lost the run's key and drew another one."""
    process_with = step.process

    def process(self: Any, element: Any, run_key: bytes) -> Iterator[Result]:
        ((_, path, *_),) = element if step is SurveyPieces else element[0]
        return process_with(self, element, keys[Path(path).name])

    monkeypatch.setattr(step, "process", process)


PERSON = (
    '192.0.2.{0} - - [01/Jun/2026:00:0{0}:00 +0000] "GET /{0} HTTP/1.1" 200 1 "-" "Opera/9.80 (X11; Linux x86_64)"\n'
)
BOT = '192.0.2.9 - - [01/Jun/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "Googlebot/2.1"\n'
KEYS = [bytes([number]) * 16 for number in range(1, 40)]


def publish_under(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: dict[str, str], keys: dict[str, bytes], step: type[Any]
) -> None:
    """Run the job on logs, of which a step sees each under a key of its own."""
    draw_again(monkeypatch, step, keys)
    publish_logs(
        tmp_path, {name: own.encode() for name, own in contents.items()}, log_format="combined", site=SITE, k=1
    )


@pytest.mark.parametrize(
    ("is_shared", "second"),
    [
        pytest.param(True, PERSON.format(2), id="both keys in one bucket"),
        pytest.param(False, PERSON.format(2), id="one key in each bucket"),
        pytest.param(False, BOT, id="no people under the other key"),
    ],
)
def test_a_run_whose_pieces_were_parsed_under_two_keys_publishes_nothing(
    is_shared: bool, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"a.log": PERSON.format(1), "b.log": second}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    own = client_buckets(tmp_path / "a.log", KEYS[0])
    assert len(own) == 1
    other = next(key for key in KEYS[1:] if (client_buckets(tmp_path / "b.log", key) == own) == is_shared)
    with pytest.raises(RunError, match="drew the run's key again"):
        publish_under(tmp_path, monkeypatch, contents, {"a.log": KEYS[0], "b.log": other}, ParsePieces)
    assert not (tmp_path / "traffic.duckdb").exists()


def test_a_run_whose_inputs_were_compared_under_two_keys_publishes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = dict.fromkeys(("a.log", "b.log"), PERSON.format(1))
    keys = {"a.log": KEYS[0], "b.log": KEYS[1]}
    with pytest.raises(RunError, match="drew the run's key again"):
        publish_under(tmp_path, monkeypatch, contents, keys, SurveyPieces)
    assert not (tmp_path / "traffic.duckdb").exists()


@pytest.mark.parametrize("step", [ParsePieces, SurveyPieces])
def test_a_run_under_one_key_is_published_whichever_it_is(
    step: type[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = {"a.log": PERSON.format(1), "b.log": PERSON.format(2)}
    if step is ParsePieces:
        # The only other step that digests texts, and that which hands the key on.
        search, seal = WithholdNames.process, SealIdentifiers.process
        monkeypatch.setattr(SealIdentifiers, "process", lambda self, met, _: seal(self, met, KEYS[0]))
        monkeypatch.setattr(WithholdNames, "process", lambda self, names, _, met: search(self, names, KEYS[0], met))
    publish_under(tmp_path, monkeypatch, contents, dict.fromkeys(contents, KEYS[0]), step)
    assert (tmp_path / "traffic.duckdb").exists()


def test_a_bucket_whose_rows_were_made_under_two_keys_is_not_read(tmp_path: Path) -> None:
    """Even where a step has no other way to know."""
    log = tmp_path / LOG
    log.write_text(PERSON.format(1))
    references = []
    for key in KEYS[:2]:
        results = list(ParsePieces(make_options(tmp_path), open_shared_locations).process(make_piece(log), key))
        references += [reference for _, reference in list_references(results)]
    # Of each key a hit and its client.
    assert len(references) == 4
    for one in references:
        assert read_bucket([one, one], ROW_SCHEMAS)[1]
    with pytest.raises(KeyChanged):
        read_bucket(references, ROW_SCHEMAS)
