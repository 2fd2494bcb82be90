"""Leaves each log out in turn while rules and thresholds are chosen on the others, and measures on it.

`people.py --leave-one-out` prints it. All thresholds are drawn at random from GRID. A rule is kept if it finds a
labelled machine on the other logs; the rules for people are always kept. The draws that are best on the other logs
count (by the harmonic mean of precision and recall): these logs give no reason to choose among them. Their mean and
worst results on the log that was left out are printed.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from footfall.pipelines.display.explain_lines import LineExplainer, examine_log, explain_log
from footfall.pipelines.display.judge_logs import ObservedLogs
from footfall.pipelines.settings import Settings
from footfall.transforms.behaviour.judge_clients import PERSON, REASONS, RULES, Clients, Rule, judge
from footfall.transforms.behaviour.thresholds import DEFAULTS, Thresholds
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.running.run_options import draw_run_key
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.vocabulary import HUMAN

Client = tuple[str, str]
"""Address and agent, as the labels have them."""
Counts = Counter[tuple[bool, bool]]
"""How many labelled clients are people, and were taken for people."""
DRAWS: Final = 200
GRID: Final[dict[str, tuple[int, ...]]] = {
    "parts_percent": (1, 2, 5),
    "reading_percent": (15, 25, 40),
    "needing_percent": (6, 12, 25),
    "loading_percent": (50, 67, 80),
    "loading_once_percent": (80, 90, 95),
    "cached_pages": (3, 5, 8),
    "old_days": (365, 730, 1095),
    "stale_days": (56, 84, 168),
    "stale_percent": (10, 20, 30),
    "link_ms": (5_000, 10_000, 60_000),
    "agent_clients": (3, 4, 6),
    "walking_percent": (35, 50, 65),
    "fleet_clients": (6, 10, 20),
    "fleet_percent": (2, 5, 10),
    "form_posts": (10, 20, 50),
    "crawled_pages": (6, 10, 20),
}
"""What a threshold might be as well."""


class _ClientExplainer(LineExplainer):
    """Explains whose each hit is: the address and agent, and the digest in the observed rows."""

    keys = ("line_number", "client", "user_agent", "digest", "day", "page_view", "is_human")

    def _columns(self, lines: ScannedFields, hits: Hits) -> list[list[Any]]:
        named = dict(zip(LineExplainer.keys[1:], super()._columns(lines, hits), strict=True))
        day = (hits.local_hour // 24).tolist()
        is_human = (hits.traffic_class == HUMAN).tolist()
        return [named["client"], named["user_agent"], hits.client.tolist(), day, named["page_view"], is_human]


class LabelledLog:
    """A log whose clients were observed, and the labels of some of them: True for people."""

    def __init__(self, paths: Sequence[Path], log_format: str, labels: Mapping[Client, bool]) -> None:
        settings = Settings(log_format=log_format, behaviour=True)
        inputs = [one for path in paths if (one := examine_log(str(path), settings)) is not None]
        key = draw_run_key()
        self._observed = ObservedLogs(inputs, settings, key)
        self.labels = labels
        self._sizes: dict[Client, Counter[tuple[int, int]]] = defaultdict(Counter)
        for one in inputs:
            for hit in explain_log(one, _ClientExplainer(settings, run_key=key)):
                client = hit.get("client"), hit.get("user_agent") or ""
                if hit.get("is_human") and client in labels:
                    # A page view weighs more than any number of other hits.
                    self._sizes[client][hit["digest"], hit["day"]] += 1_000_000 if hit["page_view"] else 1

    def judge(self, limits: Thresholds, rule_sets: Sequence[Sequence[Rule]]) -> list[dict[tuple[int, int], str]]:
        """The reasons of machines by client and day, for each set of rules."""
        found: list[dict[tuple[int, int], str]] = [{} for _ in rule_sets]
        for rows, pages, links in self._observed.buckets:
            clients = Clients(rows, pages, links, self._observed.learned, limits)
            names = list(zip(rows["client"].tolist(), rows["day"].tolist(), strict=True))
            for reasons, rules in zip(found, rule_sets, strict=True):
                codes = judge(clients, len(names), rules).tolist()
                reasons.update({name: REASONS[code] for name, code in zip(names, codes, strict=True) if code})
        return found

    def compare(self, machines: Mapping[tuple[int, int], str]) -> Counts:
        """How the labels agree with the verdicts; a client's verdict is that of most of its page views."""
        counts: Counts = Counter()
        for client, is_person in self.labels.items():
            sizes = self._sizes.get(client, {})
            weight = sum(size if name not in machines else -size for name, size in sizes.items())
            counts[is_person, bool(sizes) and weight >= 0] += 1
        return counts

    def reasons_of(self, machines: Mapping[tuple[int, int], str]) -> set[str]:
        """The reasons by which labelled machines are found."""
        own = [
            name for client, is_person in self.labels.items() if not is_person for name in self._sizes.get(client, ())
        ]
        return {machines[name] for name in own if name in machines}


def leave_one_out(logs: Mapping[str, LabelledLog], print_row: Callable[..., None], seed: int = 1) -> None:
    """Print what is reached on each log by rules and thresholds that the others support."""
    draw = random.Random(seed)
    draws = [
        DEFAULTS,
        *(Thresholds(**{key: draw.choice(values) for key, values in GRID.items()}) for _ in range(DRAWS)),
    ]
    reasons = {name: log.reasons_of(log.judge(DEFAULTS, [RULES])[0]) for name, log in logs.items()}
    rules = {left_out: _supported(reasons, left_out) for left_out in logs}
    # By draw and log, for the rules that each log's absence leaves.
    counts = [
        {
            name: dict(zip(logs, map(log.compare, log.judge(limits, list(rules.values()))), strict=True))
            for name, log in logs.items()
        }
        for limits in draws
    ]
    totals: dict[str, Counter[Any]] = defaultdict(Counter)
    for left_out in logs:
        on_others = [
            sum((own[left_out] for name, own in of_draw.items() if name != left_out), Counter[tuple[bool, bool]]())
            for of_draw in counts
        ]
        best = max(map(_merit, on_others))
        chosen = [
            of_draw[left_out][left_out]
            for of_draw, others in zip(counts, on_others, strict=True)
            if _merit(others) == best
        ]
        lost = sorted({rule.reason for rule in RULES} - {rule.reason for rule in rules[left_out]})
        print(f"{left_out}: {len(chosen)} of {len(draws)} draws are best on the others; rules not found there: {lost}")
        summed = sum(chosen, Counter[tuple[bool, bool]]())
        mean = {key: count / len(chosen) for key, count in summed.items()}
        for kind, own in (
            ("mean", mean),
            ("worst", min(chosen, key=_merit)),
            ("default", counts[0][left_out][left_out]),
        ):
            print_row(left_out, kind, "random", Counter(own))
            totals[kind].update(own)
    for kind, own in totals.items():
        print_row("all", kind, "random", own)


def _supported(reasons: Mapping[str, set[str]], left_out: str) -> list[Rule]:
    """The rules that find a labelled machine of the other logs, and those for people."""
    known = set().union(*(own for name, own in reasons.items() if name != left_out)) | {PERSON}
    return [rule for rule in RULES if rule.reason in known]


def _merit(counts: Counts) -> float:
    """The harmonic mean of precision and recall; 1 where there is nobody to find and nobody was found."""
    wrong = counts[True, False] + counts[False, True]
    return 2 * counts[True, True] / (2 * counts[True, True] + wrong) if counts[True, True] or wrong else 1.0
