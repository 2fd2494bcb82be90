"""Observes clients: adds up what each did on a day, and from all of them the habits at sites, pages and agents.

All clients of an address are in one bucket. They are judged later, in `adopt_hits`, since that needs what is learned
from the clients of all buckets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import apache_beam as beam

from footfall.transforms.behaviour.arrange_entries import ObservedHits
from footfall.transforms.behaviour.client_days import ClientDays
from footfall.transforms.behaviour.divide_clients import DividedClients
from footfall.transforms.behaviour.floods import OF_PEOPLE
from footfall.transforms.behaviour.learn_habits import learn_habits
from footfall.transforms.behaviour.own_hosts import choose_own_hosts
from footfall.transforms.behaviour.page_parts import learn_parts
from footfall.transforms.exchange.exchange_rows import open_buckets
from footfall.transforms.exchange.row_files import write_rows
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result, RunGroupStepFn
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import (
    ADOPTING,
    CLIENT,
    LEARNED,
    OBSERVED,
    OBSERVED_COLUMNS,
    ROW_COLUMNS,
    ROW_SCHEMAS,
    TRACE,
    types_of,
)

_READ: Final = (*OF_PEOPLE, TRACE, CLIENT)
"""The kinds of rows that say what a client does."""


class ObserveClients(beam.PTransform):  # type: ignore[misc]
    """References to client buckets, and the table `own_hosts` → OBSERVED, LEARNED."""

    def __init__(self, options: RunOptions, own_hosts: Any) -> None:
        super().__init__()
        self._options = options
        self._own_hosts = own_hosts

    def expand(self, references: beam.PCollection[tuple[int, str]]) -> Any:
        """Group the references by share of client buckets, so that all rows of a client are together."""
        observe = RunGroupStepFn(ObserveBuckets, self._options, threads=self._options.threads)
        return (
            references
            | "Group by client bucket" >> beam.GroupByKey()
            | "Observe" >> beam.ParDo(observe, self._own_hosts).with_outputs(OBSERVED, LEARNED)
        )


class ObserveBuckets:
    """(share of client buckets, references), and the table `own_hosts` → OBSERVED, LEARNED."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._days = LocalDays(options.timezone)

    def process(self, element: tuple[int, Iterable[str]], own_hosts: Mapping[str, bytes]) -> Iterator[Result]:
        """Process the buckets of one share."""
        options = self._options
        share, references = element[0], sorted(element[1])
        files: list[list[list[str]]] = []
        if options.judges_behaviour:
            own = choose_own_hosts(map(decode_table, own_hosts.values()))
            for bucket in open_buckets(references, ROW_SCHEMAS):
                divided = DividedClients(bucket, options, self._days)
                observed: list[list[str]] = [[] for _ in range(divided.part_count)]
                for part in divided.parts(_READ):
                    clients = ClientDays(
                        ObservedHits(
                            part.rows.join((*OF_PEOPLE, TRACE), types_of(OBSERVED_COLUMNS)),
                            part.rows.count_rows(OF_PEOPLE),
                            part.rows.count_rows((ADOPTING,)),
                        ),
                        part.rows.join((CLIENT,), types_of(ROW_COLUMNS[CLIENT])),
                        self._days,
                        max(options.first_day, part.window.first_day),
                        min(options.last_day, part.window.last_day),
                        own,
                        part.crowds,
                    )
                    for learned in (learn_habits, learn_parts):
                        for table in learned(clients, options.day_shares):
                            yield LEARNED, table
                    observed[part.number] = [
                        write_rows(options.folder, [rows])
                        for rows in (clients.rows(), clients.pages(), clients.links())
                    ]
                    # Before the next one is read.
                    del clients
                files.append(observed)
        yield OBSERVED, (share, references, files)
