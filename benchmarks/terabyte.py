"""What a terabyte of log in 50,000 objects costs a cluster of 100 workers: a simulation of the job's graph by counts.

python benchmarks/terabyte.py [--lines 70000] [--write docs/cluster.md]

The graph is the real one; its shuffles and side inputs are listed from it, and each must be counted here. The sizes are
measured: the real steps process one object of 20 MB (a generated log) with the options of the terabyte, and what they
yield is encoded as Beam does. A number of elements is that of the object times the number of objects, or that of a
bucket times the number of buckets. Tables are added up by each worker before they are shuffled, as Flink does: how a
table grows with what is added up is measured on two objects, and taken to go on like that with each doubling.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import apache_beam as beam
from apache_beam.coders import FastPrimitivesCoder
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor

from footfall.geo_data.locations import open_shared_locations
from footfall.pipelines.inputs.cut_inputs import cut_input, group_pieces
from footfall.pipelines.inputs.examine_inputs import Examination
from footfall.pipelines.inputs.examine_on_workers import decode_asked, encode_asked
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import AUTO, Recognition
from footfall.pipelines.nightly import NightlyPlan, build
from footfall.pipelines.run import BUCKET_BYTES, MAX_BUCKETS
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.adopt_hits import AdoptBuckets
from footfall.transforms.assign_visits import AssignBuckets
from footfall.transforms.behaviour.keep_heaviest import keep_tables
from footfall.transforms.find_duplicates import EDGES, SMALL, WINDOWS, CutInputs, SurveyPieces
from footfall.transforms.observe_clients import ObserveBuckets
from footfall.transforms.parse_hits import ParsePieces
from footfall.transforms.running.run_options import Piece, RunOptions, draw_run_key
from footfall.transforms.scanning.read_samples import HEAD_BYTES, PROBE_BYTES, PROBES
from footfall.transforms.tables.partial_tables import Part, decode_table, encode_table
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.visits.visit_rows import (
    CLIENT_ROWS,
    HOSTS,
    IDENTIFIERS,
    LEARNED,
    NAMES,
    OBSERVED,
    PARTS,
    PIECES,
    RANGES,
    SESSION_ROWS,
    SURVEYS,
)
from footfall.transforms.withhold_identifiers import WithholdNames

LOG_BYTES: Final = 10**12
OBJECTS: Final = 50_000
WORKERS: Final = 100
BUCKETS: Final = min(MAX_BUCKETS, LOG_BYTES // BUCKET_BYTES)
SAMPLE_BYTES: Final = HEAD_BYTES + PROBES * PROBE_BYTES
"""Read of a plain input to recognise it."""
_WINDOWED_BYTES: Final = 13
"""Beside each element: its time, window and pane."""
SITE: Final = "www.example.org"
BEGIN: Final = "<!-- benchmarks/terabyte.py writes this table -->\n"
END: Final = "<!-- its end -->\n"

# What is allowed.
SHUFFLED_SHARE: Final = 0.03
"""Of the log's bytes, through all shuffles together."""
LARGEST_KEY_BYTES: Final = 2**30
"""Through a shuffle under one key."""
BROADCAST_BYTES: Final = 256 * 2**20
"""Side inputs of one worker together."""
EXAMINED_BYTES: Final = 2**30
"""Read by each worker to recognise the inputs: some seconds of a network."""
DRIVER_BYTES: Final = 400 * 2**20
"""Lists of the inputs in the process that publishes."""
GRAPH_BYTES: Final = 4 * 2**20
"""The largest message that gRPC takes by default."""


@dataclass
class Amount:
    """Elements and their bytes, by key."""

    elements: float = 0
    by_key: dict[Any, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def bytes(self) -> float:
        """Of all keys."""
        return sum(self.by_key.values())

    @property
    def largest(self) -> float:
        """Bytes of the largest key."""
        return max(self.by_key.values(), default=0)

    def add_tables(self, first: Iterable[Part], second: Iterable[Part], times: float) -> Amount:
        """Add partial tables by key, of two objects of so many, which each worker adds up before the shuffle."""
        one, other = merge(first), merge(second)
        both = merge([*one.items(), *other.items()])
        of_worker = max(1.0, times / WORKERS)
        for key, content in one.items():
            size = len(content)
            alike = (size + len(other.get(key, content))) / 2
            growth = min(2.0, max(1.0, len(both[key]) / alike))
            grown = min(of_worker * size, size * growth ** math.log2(of_worker))
            self.elements += WORKERS
            self.by_key[key] += WORKERS * (grown + len(key) + _WINDOWED_BYTES)
        return self

    def add(self, elements: Iterable[Any], times: float = 1) -> Amount:
        """Add pairs of key and value, each so many times."""
        for element in elements:
            self.elements += times
            size = len(FastPrimitivesCoder().encode(element)) + _WINDOWED_BYTES
            self.by_key[element[0] if isinstance(element, tuple) else ""] += times * size
        return self


def make_options(folder: str, bucket_count: int = BUCKETS) -> RunOptions:
    """The options of a run over one day's log of a terabyte."""
    return RunOptions(
        folder=folder,
        bucket_count=bucket_count,
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
        publisher=bytes(32),
    )


def name_object(number: int, found: Recognition | None = None) -> Input:
    """One of the inputs."""
    return Input(f"s3://logs/web/2026/06/01/{number:06}.log", LOG_BYTES // OBJECTS, recognition=found)


def plan_terabyte(folder: str) -> tuple[NightlyPlan, int]:
    """The plan, and how much memory its inputs and pieces take, as reported by the workers that examined them."""
    tracemalloc.start()
    found = Recognition("combined", 5_000, 5_000)
    inputs = [
        one for number in range(OBJECTS) for one, _ in decode_asked(encode_asked([(name_object(number, found), None)]))
    ]
    pieces = tuple(piece for number, one in enumerate(inputs) for piece in cut_input(number, one, SITE))
    groups = tuple(group_pieces(pieces, [one.size for one in inputs]))
    plan = NightlyPlan(pieces, groups, OBJECTS, make_options(folder))
    _, used = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return plan, used


class _Lister(PipelineVisitor):  # type: ignore[misc]
    """Lists the shuffles and side inputs of a graph by their names in it."""

    def __init__(self) -> None:
        self.shuffles: list[str] = []
        self.sides: set[str] = set()

    def enter_composite_transform(self, node: AppliedPTransform) -> None:
        """Look at a transform."""
        self.visit_transform(node)

    def visit_transform(self, node: AppliedPTransform) -> None:
        """Look at a transform; a combination has its shuffle inside."""
        if isinstance(node.transform, beam.GroupByKey):
            self.shuffles.append(node.full_label)
        for side in node.side_inputs:
            producer = side.pvalue.producer
            self.sides.add(f"{producer.full_label}.{side.pvalue.tag}")


def list_graph(plan: NightlyPlan) -> tuple[set[str], set[str], int]:
    """The shuffles and the sources of side inputs of the job's graph, by name, and the graph's bytes."""
    pipeline = beam.Pipeline()
    build(pipeline, plan)
    lister = _Lister()
    pipeline.visit(lister)
    return set(lister.shuffles), lister.sides, len(pipeline.to_runner_api().SerializeToString())


Yielded = Mapping[str, list[Any]]


def collect(results: Iterable[tuple[str, Any]]) -> Yielded:
    """Results by output."""
    found = defaultdict(list)
    for output, result in results:
        found[output].append(result)
    return found


def merge(parts: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Partial tables by key, added up."""
    by_key = defaultdict(list)
    for key, content in parts:
        by_key[key].append(decode_table(content))
    return {key: encode_table(PARTIAL_TABLES[key.partition("/")[0]].merge(own)) for key, own in by_key.items()}


@dataclass(frozen=True)
class Examined:
    """What it takes to examine all inputs."""

    read_bytes: float
    """Of the logs, by each worker."""
    seconds: float
    """Of processor time of each worker."""
    reported_bytes: float
    """What the process that publishes reads of the results."""


def examine_object(path: Path) -> Examined:
    """Examine an object, and count as if all were like it."""
    size = path.stat().st_size
    how, one = Examination(AUTO, verify=False), Input(str(path), size)
    how.examine(one)
    began = time.process_time()
    found = how.examine(one)
    seconds = time.process_time() - began
    own = OBJECTS / WORKERS
    reported = encode_asked([(replace(found, path=name_object(0).path), None)])
    return Examined(own * min(size, SAMPLE_BYTES), own * seconds, OBJECTS * len(reported))


@dataclass
class Costs:
    """What the simulation counts: shuffles and side inputs by their names in the graph."""

    shuffles: dict[str, Amount]
    sides: dict[str, Amount]
    graph_bytes: int
    driver_bytes: int
    examined: Examined

    @property
    def share(self) -> float:
        """Bytes through all shuffles, of the log's."""
        return sum(one.bytes for one in self.shuffles.values()) / LOG_BYTES


@dataclass(frozen=True)
class Processed:
    """What the steps yield for one object: with the options of the terabyte, and as the one bucket of a small run."""

    piece: Piece
    size: int
    parsed: Yielded
    surveyed: Yielded
    cut: Yielded
    observed: Yielded
    adopted: Yielded
    parts: list[Part]
    """Partial tables of all steps."""


def _process(folder: Path, seed: int, lines: int, options: RunOptions, key: bytes) -> Processed:
    """Write an object, and run all steps on it."""
    log = folder / f"{seed}.log"
    write_sample(log, lines, seed=seed, days=1, log_format="combined")
    size = log.stat().st_size
    piece = (0, str(log), "plain", "combined", SITE, 0, size)
    element = ((piece,), (b"",))
    parsed = collect(ParsePieces(options, open_shared_locations).process(element, key))
    surveyed = collect(SurveyPieces(options.folder).process((piece,), key))
    surveys = [survey for _, survey in surveyed[SURVEYS]]
    cut = collect(CutInputs(options.folder, options.bucket_count).process((0, surveys), surveyed[SMALL]))
    own = make_options(options.folder, 1)
    alone = collect(ParsePieces(own, open_shared_locations).process(element, key))
    hosts = keep_tables(merge(alone[HOSTS]), own.folder)
    observed = collect(ObserveBuckets(own).process((0, [text for _, text in alone[CLIENT_ROWS]]), hosts))
    learned = keep_tables(merge(observed[LEARNED]), own.folder)
    # Their results go to as many shares as in the terabyte.
    adopted = collect(AdoptBuckets(options).process(observed[OBSERVED][0], learned))
    sessions = collect(AdoptBuckets(own).process(observed[OBSERVED][0], learned))
    references = [text for _, text in (*alone[SESSION_ROWS], *sessions[SESSION_ROWS])]
    assigned = collect(AssignBuckets(options).process((0, references), alone[PIECES], [], [], hosts, learned))
    parts = [*parsed[PARTS], *parsed[HOSTS], *sessions[PARTS], *assigned[PARTS]]
    return Processed(piece, size, parsed, surveyed, cut, observed, adopted, parts)


def simulate(folder: Path, lines: int) -> Costs:
    """Count. `folder` takes a log of so many lines, and the rows that steps exchange; `lines` make an object."""
    rows = folder / "rows"
    rows.mkdir()
    options, key = make_options(str(rows)), draw_run_key()
    one, other = (_process(folder, seed, lines, options, key) for seed in (1, 2))
    times = LOG_BYTES / one.size
    parsed, surveyed, cut, piece = one.parsed, one.surveyed, one.cut, one.piece
    hosts = keep_tables(merge(one.parsed[HOSTS]), options.folder)
    learned = keep_tables(merge(one.observed[LEARNED]), options.folder)
    (folder / "few").mkdir()
    named = merge(parsed[NAMES])
    met = parsed[IDENTIFIERS]
    withheld = collect(one for part in named.items() for one in WithholdNames(options).process(part, key, met))
    plan, driver_bytes = plan_terabyte(str(folder / "few"))
    graph = list_graph(plan)
    counts = Costs(
        {
            "Distribute pieces/Deal out/ReshufflePerKey/GroupByKey": Amount().add(_keyed((piece,)), times),
            "Find duplicates/Group by inputs": _spread(Amount().add(surveyed[SURVEYS], times), OBJECTS),
            "Find duplicates/Group by bucket": Amount().add(cut[WINDOWS], times),
            "Find duplicates/Group edges": Amount().add(cut[EDGES], times),
            "Find duplicates/Group runs by input": _spread(Amount().add(cut[RANGES], times), OBJECTS),
            "Withhold identifiers/Merge names/Sum/GroupByKey": Amount().add_tables(
                parsed[NAMES], other.parsed[NAMES], times
            ),
            "Learn hosts/Merge/Sum/GroupByKey": Amount().add_tables(parsed[HOSTS], other.parsed[HOSTS], times),
            "Observe clients/Group by client bucket": Amount().add(parsed[CLIENT_ROWS], times),
            "Learn days/Merge/Sum/GroupByKey": Amount().add_tables(
                one.observed[LEARNED], other.observed[LEARNED], times
            ),
            "Assign visits/Group by session bucket": Amount()
            .add(parsed[SESSION_ROWS], times)
            .add(one.adopted[SESSION_ROWS], BUCKETS),
            "Merge tables/Sum/GroupByKey": Amount()
            .add_tables(one.parts, other.parts, times)
            .add_tables(withheld[PARTS], withheld[PARTS], 1),
        },
        {
            "Draw run key.None": Amount().add([key]),
            "Find duplicates/Survey/ParDo(RunStepFn).small": Amount().add(surveyed[SMALL], times),
            "Find duplicates/Join runs/ParDo(RunGroupStepFn).ranges": Amount().add([(piece[1], bytes(16))], times),
            "Parse hits/Parse/ParDo(RunStepFn).identifiers": Amount().add(parsed[IDENTIFIERS], times),
            "Parse hits/Parse/ParDo(RunStepFn).pieces": Amount().add(parsed[PIECES], times),
            "Withhold identifiers/Search/ParDo(RunStepFn).renamed": Amount().add(withheld["renamed"], times),
            "Withhold identifiers/Search/ParDo(RunStepFn).kept": Amount().add(withheld["kept"]),
            "Learn hosts/Keep/ParDo(RunStepFn).learned": Amount().add(hosts.items()),
            "Learn days/Keep/ParDo(RunStepFn).learned": Amount().add(learned.items()),
            "Write tables/Write.None": Amount().add((key, str(rows)) for key in merge(one.parts)),
        },
        graph[2],
        driver_bytes,
        examine_object(Path(piece[1])),
    )
    for known, found in ((counts.shuffles, graph[0]), (counts.sides, graph[1])):
        assert set(known) == found, f"the job's graph has changed: {sorted(set(known) ^ found)}"
    return counts


def _keyed(element: Any) -> Iterator[Any]:
    yield 0, element


def _spread(amount: Amount, keys: int) -> Amount:
    """The same elements under so many keys: of the one object that was measured, all have one."""
    own = amount.bytes / keys
    amount.by_key = defaultdict(float, {number: own for number in range(keys)})
    return amount


def find_excesses(costs: Costs) -> list[str]:
    """What is above its limit."""
    found = [] if costs.share < SHUFFLED_SHARE else [f"{costs.share:.1%} of the log's bytes are shuffled"]
    found += [
        f"{name}: a key of {one.largest:,.0f} bytes"
        for name, one in costs.shuffles.items()
        if "Deal out" not in name and one.largest > LARGEST_KEY_BYTES
    ]
    if (broadcast := sum(one.bytes for one in costs.sides.values())) > BROADCAST_BYTES:
        found.append(f"each worker gets side inputs of {broadcast:,.0f} bytes")
    if costs.examined.read_bytes > EXAMINED_BYTES:
        found.append(f"each worker reads {costs.examined.read_bytes:,.0f} bytes to examine inputs")
    if costs.driver_bytes > DRIVER_BYTES:
        found.append(f"the inputs take {costs.driver_bytes:,} bytes of the driver")
    if costs.graph_bytes > GRAPH_BYTES:
        found.append(f"the graph has {costs.graph_bytes:,} bytes")
    return found


def list_costs(costs: Costs) -> Iterator[str]:
    """The table of docs/cluster.md."""
    yield "| shuffle | elements | MB | of the log | largest key, MB |"
    yield "|---|---|---|---|---|"
    for name, one in costs.shuffles.items():
        label = name.removesuffix("/GroupByKey").removesuffix("/ReshufflePerKey").removesuffix("/Sum")
        # What is distributed at random has no largest key.
        largest = "" if "Deal out" in name else f"{one.largest / 1e6:,.1f}"
        yield f"| {label} | {one.elements:,.0f} | {one.bytes / 1e6:,.0f} | {one.bytes / LOG_BYTES:.3%} | {largest} |"
    total = sum(one.bytes for one in costs.shuffles.values())
    elements = sum(one.elements for one in costs.shuffles.values())
    yield f"| together | {elements:,.0f} | {total / 1e6:,.0f} | {costs.share:.2%} | |"
    yield ""
    yield "| beside that | MB |"
    yield "|---|---|"
    yield f"| side inputs of each worker | {sum(one.bytes for one in costs.sides.values()) / 1e6:,.1f} |"
    yield f"| logs read by each worker to examine the inputs | {costs.examined.read_bytes / 1e6:,.0f} |"
    yield f"| reports on the inputs to the process that publishes | {costs.examined.reported_bytes / 1e6:,.0f} |"
    yield f"| inputs and pieces in the memory of the process that publishes | {costs.driver_bytes / 1e6:,.0f} |"
    yield f"| the job's graph | {costs.graph_bytes / 1e6:,.2f} |"


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=70_000, help="of the object that is measured; 70,000 are 20 MB")
    parser.add_argument("--write", type=Path, help="a page with the table, which is replaced")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        costs = simulate(Path(folder), chosen.lines)
    table = "\n".join(list_costs(costs))
    spent = f"examining inputs takes {costs.examined.seconds:,.0f} s of processor time of each worker"
    print("\n".join([table, "", spent, *(f"above its limit: {one}" for one in find_excesses(costs))]))
    if chosen.write:
        before, begin, rest = chosen.write.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        assert end, f"{chosen.write}: no place for the table"
        chosen.write.write_text(f"{before}{begin}{table}\n{end}{after}")


if __name__ == "__main__":
    main()
