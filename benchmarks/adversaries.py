"""Prints how well people are distinguished from adversaries that pretend to be people, by kind, on generated logs.

    python benchmarks/adversaries.py [--seeds 1 2 3] [--passing]

`tests/adversaries.py` makes the logs: a day for each kind, with ordinary readers beside it. The output has the share of
each kind that was classified as people, with the reasons that decided. For people this is the recall; for machines, the
precision of `human` on a day with as many such machines as people is given too. The last line has recall and precision
over all kinds, with equal weights. With `--passing`, only kinds that are not classified without errors are printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from people import judge_days, sum_up  # noqa: E402

from tests.adversaries import ORDINARY_READERS, all_kinds, write_days  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--passing", action="store_true", help="only kinds with classification errors")
    options = parser.parse_args()
    taken: dict[str, Counter[bool]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in options.seeds:
        count_clients(seed, taken, reasons)
    print_kinds(taken, reasons, only_passing=options.passing)


def count_clients(seed: int, taken: dict[str, Counter[bool]], reasons: dict[str, Counter[str]]) -> None:
    """Add up, by kind, how many clients of a log were taken for people, and the reasons of the others."""
    log = write_days(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        path.write_bytes(log.content)
        judged = judge_days([path], "combined")
    verdicts = sum_up(judged)
    of_client = {one.client: one.reason for one in judged}
    for client, kind in log.kinds.items():
        # Who never asked for a page view is in no figure.
        if client in verdicts:
            taken[kind][verdicts[client]] += 1
            if not verdicts[client]:
                reasons[kind][of_client[client]] += 1


def print_kinds(taken: dict[str, Counter[bool]], reasons: dict[str, Counter[str]], *, only_passing: bool) -> None:
    """One row for each kind, and the shares over all kinds."""
    is_person = {kind.name: kind.is_person for kind in all_kinds()} | {ORDINARY_READERS: True}
    print(f"{'kind':<64}{'is':<9}{'clients':>8}{'as people':>11}{'precision':>11}  reasons")
    shares: dict[bool, list[float]] = {True: [], False: []}
    for kind, counts in taken.items():
        share = counts[True] / counts.total()
        person = is_person.get(kind, True)
        shares[person].append(share)
        if only_passing and share == person:
            continue
        precision = "" if person else f"{1 / (1 + share):.2f}"
        decided = ", ".join(f"{reason} {count}" for reason, count in reasons[kind].most_common(3))
        what = "person" if person else "machine"
        print(f"{kind:<64}{what:<9}{counts.total():>8}{share:>11.2f}{precision:>11}  {decided}")
    recall, passing = (sum(shares[person]) / len(shares[person]) for person in (True, False))
    print(f"recall of human {recall:.3f}, precision {recall / (recall + passing):.3f}: each kind alike")


if __name__ == "__main__":
    main()
