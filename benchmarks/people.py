"""Prints how well people are told from machines, on clients that were told by hand.

    python benchmarks/people.py [--labels FOLDER] [--logs FOLDER] [--aside | --chosen] [--wrong]

For each `NAME.tsv` in the folder of labels (columns `client`, `user_agent`, `stratum`, `label`; `unsure` ones are left
out) there is a log `NAME.log.gz`, or a folder `NAME` of logs, in the folder of logs. Two figures are printed for each:

- by days, as a run judges: each local day by itself, with the half hour around it. A client is taken for a person if
  most of its page views are on days on which it was taken for one (of equals: a person; page views are counted
  without looking at its class; a client without any is judged by its hits);
- whole logs: as if all of it were one day. Runs never judge so; it tells what days can't know.

Precision is the share of people among the clients taken for people, recall the share of the people that were taken for
people. The stratum `random` counts; `heavy` is printed beside it. `--aside` counts the third of the clients, by a
digest of them, that was kept aside when the rules were chosen, `--chosen` the others. `--wrong` names the reasons of
those that were judged wrongly, never the clients.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import md5
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.reference.behaviour import Day, acts_of, judge, judge_all, local_day  # noqa: E402
from tests.reference.describe import Described, describe_all  # noqa: E402
from tests.reference.lines import Hit, ReferenceSettings, parse_line, split_lines  # noqa: E402

Client = tuple[str, str]
"""Address and agent, as the labels have them."""
FORMATS: Final = {"nasa-1995": "common"}
"""The format of each log that isn't `combined`."""


@dataclass(frozen=True)
class Label:
    """What somebody found out who read all that a client did."""

    stratum: str
    is_person: bool


@dataclass(frozen=True)
class Judgement:
    """What a client was taken for on one day, or in the whole log."""

    client: Client
    is_person: bool
    reason: str
    page_views: int
    hits: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--labels", type=Path, default=ROOT.parent / "shared/data/labels")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared/data/logs")
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--aside", action="store_true", help="only the third that was kept aside")
    chosen.add_argument("--chosen", action="store_true", help="only the others")
    parser.add_argument("--wrong", action="store_true", help="print the reasons of wrong judgements")
    options = parser.parse_args()
    names = sorted(path.stem for path in options.labels.glob("*.tsv"))
    if not names:
        parser.error(
            f"{options.labels}: expected tables of labelled clients, NAME.tsv; name their folder with --labels"
        )
    is_counted = (lambda client: is_aside(client) != options.chosen) if options.aside or options.chosen else None
    totals: dict[tuple[str, str], Counter[tuple[bool, bool]]] = defaultdict(Counter)
    print(f"{'log':<20}{'judged':<8}{'stratum':<9}{'precision':>10}{'recall':>8}{'people':>8}{'machines':>9}")
    for name in names:
        labels = read_labels(options.labels / f"{name}.tsv", is_counted)
        hits = read_log(options.logs, name, parser)
        for how, judged in (("days", judge_days(hits)), ("whole", judge_whole(hits))):
            verdicts = sum_up(judged)
            for stratum in ("random", "heavy"):
                counts = compare(labels, verdicts, stratum)
                totals[how, stratum] += counts
                print_row(name, how, stratum, counts)
            if options.wrong:
                print_wrong(labels, judged, verdicts)
    for (how, stratum), counts in totals.items():
        print_row("all", how, stratum, counts)


def read_labels(path: Path, is_counted: Callable[[Client], bool] | None) -> dict[Client, Label]:
    """The labelled clients that are sure, of those that count."""
    labels = {}
    for line in path.read_text("utf-8").splitlines()[1:]:
        address, agent, stratum, label, *_ = line.split("\t")
        client = address, "" if agent == "-" else agent
        if label != "unsure" and (is_counted is None or is_counted(client)):
            labels[client] = Label(stratum, label == "person")
    return labels


def is_aside(client: Client) -> bool:
    """Whether a client belongs to the third that is kept aside."""
    return int(md5(repr(client).encode()).hexdigest(), 16) % 3 == 0


def read_log(folder: Path, name: str, parser: argparse.ArgumentParser) -> list[Described]:
    """The hits of one log."""
    paths = sorted((folder / name).glob("*")) or sorted(folder.glob(f"{name}.log*"))
    if not paths:
        parser.error(f"{folder / name}: expected the log that the labels are of; name the folder of logs with --logs")
    settings = ReferenceSettings(log_format=FORMATS.get(name, "combined"))
    hits = []
    for path in paths:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        hits += [hit for line in split_lines(content) if isinstance(hit := parse_line(line, settings), Hit)]
    return describe_all(hits, settings.log_format != "common", settings)


def judge_days(hits: list[Described]) -> list[Judgement]:
    """The verdicts of a run. This function alone knows where they come from."""
    settings = ReferenceSettings()
    verdicts = judge_all(hits, settings)
    own: dict[tuple[tuple[str, str, str | None], date], list[Described]] = defaultdict(list)
    for described in hits:
        own[described.client, local_day(described.hit.time_ms, settings)].append(described)
    return [
        Judgement(client_of(key[0]), verdict.is_person, verdict.reason, *sizes_of(own[key]))
        for key, verdict in verdicts.items()
    ]


def judge_whole(hits: list[Described]) -> list[Judgement]:
    """Verdicts as if the whole log were one day."""
    settings = ReferenceSettings()
    acts = acts_of(hits)
    day = Day(acts, local_day(max(act.time_ms for act in acts), settings), ())
    judgements = []
    for key, client in day.clients.items():
        if client.is_browser:
            verdict = judge(client)
            sizes = sizes_of([act.described for act in client.acts])
            judgements.append(Judgement(client_of(key), verdict.is_person, verdict.reason, *sizes))
    return judgements


def client_of(client: tuple[str, str, str | None]) -> Client:
    """A client as the labels name it: these logs have one site each."""
    return client[1], client[2] or ""


def sizes_of(hits: list[Described]) -> tuple[int, int]:
    """Page views and hits."""
    return sum(described.page_view for described in hits), len(hits)


def sum_up(judgements: list[Judgement]) -> dict[Client, bool]:
    """Whether each client was taken for a person: by most of its page views, or else of its hits."""
    sums: dict[Client, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for judged in judgements:
        sums[judged.client]["views", judged.is_person] += judged.page_views
        sums[judged.client]["hits", judged.is_person] += judged.hits
    found = {}
    for client, counts in sums.items():
        unit = "views" if counts["views", True] or counts["views", False] else "hits"
        found[client] = counts[unit, True] >= counts[unit, False]
    return found


def compare(labels: dict[Client, Label], verdicts: dict[Client, bool], stratum: str) -> Counter[tuple[bool, bool]]:
    """How many labelled clients are people, and were taken for people."""
    return Counter(
        (label.is_person, verdicts.get(client, False)) for client, label in labels.items() if label.stratum == stratum
    )


def print_row(name: str, how: str, stratum: str, counts: Counter[tuple[bool, bool]]) -> None:
    taken = counts[True, True] + counts[False, True]
    people, machines = counts[True, True] + counts[True, False], counts[False, True] + counts[False, False]
    precision = f"{counts[True, True] / taken:.3f}" if taken else "–"
    recall = f"{counts[True, True] / people:.3f}" if people else "–"
    print(f"{name:<20}{how:<8}{stratum:<9}{precision:>10}{recall:>8}{people:>8}{machines:>9}")


def print_wrong(labels: dict[Client, Label], judgements: list[Judgement], verdicts: dict[Client, bool]) -> None:
    reasons: Counter[tuple[bool, str]] = Counter()
    for client, label in labels.items():
        if verdicts.get(client, False) != label.is_person:
            own = {judged.reason for judged in judgements if judged.client == client}
            reasons[label.is_person, ", ".join(sorted(own))] += 1
    for (is_person, reason), count in sorted(reasons.items()):
        print(f"    {count} {'people' if is_person else 'machines'} wrongly by: {reason}")


if __name__ == "__main__":
    main()
