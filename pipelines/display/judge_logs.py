"""Judges the clients of logs by behaviour as a run does, for `footfall parse --behaviour`.

The steps of the nightly run up to the verdicts, called one after the other: their rows stand in a private folder
meanwhile, as in a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from footfall.geo_data.locations import open_shared_locations
from footfall.pipelines.engine.scratch_folders import make_scratch_folder
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.run import plan_run
from footfall.pipelines.settings import Settings
from footfall.transforms.behaviour.floods import Floods, find_floods
from footfall.transforms.behaviour.judge_clients import NO_MACHINES, Observed, judge_clients, judged, read_observed
from footfall.transforms.behaviour.keep_heaviest import keep_tables
from footfall.transforms.behaviour.learned import Learned
from footfall.transforms.behaviour.page_parts import PageParts
from footfall.transforms.behaviour.reclassify import MACHINES
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.exchange.exchange_rows import open_buckets
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.observe_clients import ObserveBuckets
from footfall.transforms.parse_hits import ParsePieces
from footfall.transforms.tables.partial_tables import Part, decode_table, encode_table
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import CLIENT_ROWS, HOSTS, LEARNED, OBSERVED, ROW_SCHEMAS
from footfall.transforms.vocabulary import AUTOMATED, HUMAN


class ObservedLogs:
    """What all clients of some logs, which were examined, did; `run_key` is the key of their digests."""

    def __init__(self, inputs: Sequence[Input], settings: Settings, run_key: bytes) -> None:
        with make_scratch_folder() as folder:
            plan = plan_run(settings, inputs, folder, 1)
            parse, observe = ParsePieces(plan.options, open_shared_locations), ObserveBuckets(plan.options)
            hosts: list[Part] = []
            buckets: dict[int, list[str]] = {}
            for pieces in plan.groups:
                for output, result in parse.process((pieces, (b"",) * len(pieces)), run_key):
                    if output == HOSTS:
                        hosts.append(result)
                    elif output == CLIENT_ROWS:
                        buckets.setdefault(result[0], []).append(result[1])
            own_hosts = keep_tables(_merge(hosts), folder)
            learned: list[Part] = []
            self.buckets: list[Observed] = []
            """The rows, pages and links of each part of a bucket; see `ClientDays`."""
            days = LocalDays(settings.timezone)
            self.floods: list[Floods] = []
            for share, references in buckets.items():
                self.floods += [find_floods(bucket, days) for bucket in open_buckets(references, ROW_SCHEMAS)]
                for output, result in observe.process((share, references), own_hosts):
                    if output == LEARNED:
                        learned.append(result)
                    elif output == OBSERVED:
                        self.buckets += [read_observed(files) for parts in result[2] for files in parts if files]
            self.learned = Learned(keep_tables(_merge(learned), folder))


class JudgedLogs:
    """The verdicts on all clients of some logs, which were examined; `run_key` is the key of their digests."""

    def __init__(self, inputs: Sequence[Input], settings: Settings, run_key: bytes) -> None:
        observed = ObservedLogs(inputs, settings, run_key)
        machines = [judged(judge_clients(bucket, observed.learned)) for bucket in observed.buckets]
        machines += [floods.verdicts for floods in observed.floods]
        self.run_key = run_key
        self._parts = PageParts(observed.learned)
        self._days = LocalDays(settings.timezone)
        clients, days, self._reasons = (np.concatenate(columns) for columns in zip(NO_MACHINES, *machines, strict=True))
        self._verdicts = KeyTable()
        self._verdicts.intern(mix_keys(clients, days))

    def apply(self, hits: Hits, describe: Descriptions) -> Hits:
        """Return the hits with the classes and page views that behaviour gives them.

        Those of machines get codes of `describe`.
        """
        days = self._days.local_hours(hits.time_ms) // 24
        rows = np.flatnonzero((hits.traffic_class == HUMAN) & ~hits.opted_out)
        found = self._verdicts.intern(mix_keys(hits.client[rows], days[rows]))
        is_machine = found < len(self._reasons)
        rows, reasons = rows[is_machine], self._reasons[found[is_machine]]
        changed = {name: getattr(hits, name).copy() for name in ("traffic_class", "machine", "is_page_view")}
        changed["is_page_view"] &= ~self._parts.are_parts(days, describe.site_digests[hits.site], hits.shape)
        changed["traffic_class"][rows] = AUTOMATED
        changed["is_page_view"][rows] = False
        changed["machine"][rows] = np.array([describe.machine_code(*machine) for machine in MACHINES])[reasons]
        return replace(hits, **changed)


def _merge(parts: Iterable[Part]) -> dict[str, bytes]:
    """Return partial tables by their keys, each of them once."""
    by_key: dict[str, list[bytes]] = {}
    for key, content in parts:
        by_key.setdefault(key, []).append(content)
    return {
        key: encode_table(PARTIAL_TABLES[key.partition("/")[0]].merge([decode_table(one) for one in contents]))
        for key, contents in by_key.items()
    }
