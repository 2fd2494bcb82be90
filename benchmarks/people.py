"""Prints how well people are distinguished from machines, on clients that were labelled by hand.

    python benchmarks/people.py [--labels FOLDER] [--logs FOLDER] [--aside | --chosen] [--wrong | --leave-one-out]

For each `NAME.tsv` in the folder of labels (columns `client`, `user_agent`, `stratum`, `label`; `unsure` ones are left
out) there is a log `NAME.log.gz`, or a folder `NAME` of logs, in the folder of logs. Two figures are printed for each:

- by days, as a run judges and `footfall parse --behaviour` prints. A client is taken for a person if most of its page
  views are on days on which it was taken for one (of equals: a person; what is a page view is asked without looking at
  behaviour; a client without any is judged by its hits);
- whole logs, by the reference: as if all of a log were one day. Runs never judge so; it shows what a single day cannot.

Precision is the share of people among the clients taken for people, recall the share of the people that were taken for
people. The stratum `random` counts; `heavy` is printed beside it. `--aside` counts the third of the clients, by a
digest of them, that was kept aside when the rules were chosen, `--chosen` the others. `--wrong` names the reasons of
those that were judged wrongly, never the clients. `--leave-one-out` prints something else: what each log would get if
rules and thresholds had been chosen on the others alone (`leave_one_out.py`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from leave_one_out import LabelledLog, leave_one_out  # noqa: E402

from tests.reference.acts import acts_of, local_day  # noqa: E402
from tests.reference.behaviour import judge  # noqa: E402
from tests.reference.describe import describe_all  # noqa: E402
from tests.reference.learned_days import Day  # noqa: E402
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
    """What a client was taken for, by one hit, or in the whole log."""

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
    parser.add_argument("--leave-one-out", action="store_true", help="choose rules and thresholds on the other logs")
    options = parser.parse_args()
    names = sorted(path.stem for path in options.labels.glob("*.tsv"))
    if not names:
        parser.error(
            f"{options.labels}: expected tables of labelled clients, NAME.tsv; name their folder with --labels"
        )
    is_counted = (lambda client: is_aside(client) != options.chosen) if options.aside or options.chosen else None
    totals: dict[tuple[str, str], Counter[tuple[bool, bool]]] = defaultdict(Counter)
    labelled = {}
    print(f"{'log':<20}{'judged':<8}{'stratum':<9}{'precision':>10}{'recall':>8}{'people':>8}{'machines':>9}")
    for name in names:
        labels = read_labels(options.labels / f"{name}.tsv", is_counted)
        paths, log_format = find_logs(options.logs, name), FORMATS.get(name, "combined")
        if not paths:
            parser.error(f"{options.logs}: expected the log {name}, of which there are labels; name it with --logs")
        if options.leave_one_out:
            at_random = {client: label.is_person for client, label in labels.items() if label.stratum == "random"}
            labelled[name] = LabelledLog(paths, log_format, at_random)
            continue
        for how, judge_clients in (("days", judge_days), ("whole", judge_whole)):
            judged = judge_clients(paths, log_format)
            verdicts = sum_up(judged)
            for stratum in ("random", "heavy"):
                counts = compare(labels, verdicts, stratum)
                totals[how, stratum] += counts
                print_row(name, how, stratum, counts)
            if options.wrong:
                print_wrong(labels, judged, verdicts)
    if labelled:
        leave_one_out(labelled, print_row)
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


def find_logs(folder: Path, name: str) -> list[Path]:
    """The files of one log; none if it isn't there."""
    return sorted((folder / name).glob("*")) or sorted(folder.glob(f"{name}.log*"))


def judge_days(paths: list[Path], log_format: str) -> list[Judgement]:
    """The verdicts of a run, by hit. This function alone knows where they come from."""
    judged = print_lines("--behaviour", log_format, paths)
    plain = (line for path in paths for line in print_lines("--no-behaviour", log_format, [path]))
    judgements = []
    for line, of_agent in zip(judged, plain, strict=True):
        if of_agent.get("traffic_class") == "human":
            client = line["client"], line["user_agent"] or ""
            is_person = line["traffic_class"] == "human"
            judgements.append(Judgement(client, is_person, line["class_reason"], of_agent["page_view"], 1))
    return judgements


def print_lines(option: str, log_format: str, paths: list[Path]) -> Iterator[dict[str, Any]]:
    """What `footfall parse` prints of some logs."""
    options = [] if option == "--no-behaviour" else [option]
    command = [sys.executable, "-m", "footfall.pipelines.cli", "parse", *options]
    command += ["--log-format", log_format, *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        yield from map(json.loads, running.stdout)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)


def judge_whole(paths: list[Path], log_format: str) -> list[Judgement]:
    """Verdicts as if the whole log were one day."""
    settings = ReferenceSettings(log_format=log_format)
    hits = []
    for path in paths:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        hits += [hit for line in split_lines(content) if isinstance(hit := parse_line(line, settings), Hit)]
    acts = acts_of(describe_all(hits, log_format != "common", settings), settings)
    acts = [act for act in acts if act.is_by_browser or act.is_probe or act.kind == "robots"]
    day = Day(acts, local_day(max(act.time_ms for act in acts), settings), ())
    judgements = []
    for (_, address, agent), client in day.clients.items():
        if client.is_browser:
            verdict = judge(client)
            page_views = sum(act.described.page_view for act in client.acts)
            size = page_views, len(client.acts)
            judgements.append(Judgement((address, agent or ""), verdict.is_person, verdict.reason, *size))
    return judgements


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
    print(f"{name:<20}{how:<8}{stratum:<9}{precision:>10}{recall:>8}{people:>8.0f}{machines:>9.0f}")


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
