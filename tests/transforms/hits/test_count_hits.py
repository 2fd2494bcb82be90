"""Latency buckets, and the line counts of a piece of an input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.hits.count_hits import LineCounts, tables_of_line_counts
from footfall.transforms.kernels.latency_buckets import bucket_edge_us, latency_buckets
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.vocabulary import DUPLICATE, REJECT_CUT, REJECT_EMPTY, REJECT_REASONS
from tests.reference.speeds import bucket_edge_us as reference_edge_us

MICROSECONDS = np.unique(
    np.concatenate(
        [np.arange(5000), *(2**power + np.array([-1, 0, 1]) for power in range(3, 50)), 7 ** np.arange(17), [10**15]]
    )
)


def edges_us() -> NDArray[np.int64]:
    """The upper edge of the bucket of each of MICROSECONDS."""
    return np.array([bucket_edge_us(bucket) for bucket in latency_buckets(MICROSECONDS).tolist()])


def test_a_request_took_less_than_the_edge_of_its_bucket_by_at_most_a_sixteenth() -> None:
    width = np.array([bucket_edge_us(bucket) - begin_us(bucket) for bucket in latency_buckets(MICROSECONDS).tolist()])
    assert (edges_us() > MICROSECONDS).all()
    assert (edges_us() - MICROSECONDS <= width).all()
    wide = MICROSECONDS >= 16
    assert (width[wide] <= MICROSECONDS[wide] * 0.0625).all()
    assert (width[~wide] == 1).all()


def begin_us(bucket: int) -> int:
    """The lower edge of a bucket."""
    return (bucket & 31) << (bucket >> 5)


def test_buckets_are_those_of_the_definitions() -> None:
    assert edges_us().tolist() == [reference_edge_us(value) for value in MICROSECONDS.tolist()]


def test_bucket_numbers_rise_with_time_and_fit_into_eleven_bits() -> None:
    buckets = latency_buckets(MICROSECONDS)
    assert (np.diff(edges_us()) >= 0).all()
    assert int(buckets.max()) < 2**11


def tables_of(*pieces: LineCounts) -> dict[str, list[dict[str, int]]]:
    """The partial tables `line_counts` and `rejects` of pieces of which lines only were seen."""
    return {
        key.partition("/")[0]: decode_table(content).to_pylist()
        for key, content in tables_of_line_counts(pieces)
        if key.startswith(("line_counts", "rejects"))
    }


def test_the_first_line_of_each_reason_is_counted_over_blocks() -> None:
    counter = LineCounts(2, 4096)
    for codes in ([0, 0, REJECT_CUT], [DUPLICATE, REJECT_CUT, REJECT_EMPTY, 0]):
        counter.count_lines(np.array(codes, dtype=np.uint8))
    found = tables_of(counter, LineCounts(3, 0))
    where = {"input": 2, "begin": 4096}
    assert found["rejects"] == [
        {**where, "reason": REJECT_REASONS.index("empty"), "lines": 1, "first_line": 6},
        {**where, "reason": REJECT_REASONS.index("cut"), "lines": 2, "first_line": 3},
    ]
    counts, others = found["line_counts"]
    assert (counts["lines"], counts["rejected"], counts["duplicates"]) == (7, 3, 1)
    assert (others["input"], others["lines"]) == (3, 0)
