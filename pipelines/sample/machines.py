"""Simulates the machines in the sample log: crawlers, programs, probes, and monitors at fixed intervals."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.pipelines.sample.addresses import Addresses
from footfall.pipelines.sample.agents import MACHINES, MONITORS, Agents
from footfall.pipelines.sample.hits import NO_COOKIE, Hits, Servers
from footfall.pipelines.sample.random_draws import LogNormal, RandomSource, WeightedChoice
from footfall.pipelines.sample.site import Site
from footfall.transforms.arrays import Ints, Objects

_IN_A_ROW: Final = LogNormal.of(5, 1.0, 1, 80)
_INTERVALS_S: Final = (10, 15, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400)
_MONITOR_SHARE: Final = 0.03


class Machines:
    """Generates the hits of machines; machine numbers count `MACHINES`, then `MONITORS`."""

    def __init__(
        self,
        rng: RandomSource,
        site: Site,
        agents: Agents,
        addresses: Addresses,
        servers: Servers,
        lines: int,
        period_ms: int,
    ) -> None:
        self._rng, self._agents, self._servers = rng, agents, servers
        self._asks = [site.asked_by_machines[machine.asks_for] for machine in (*MACHINES, *MONITORS)]
        self._addresses: list[Objects] = [addresses.take(machine.addresses)[0] for machine in (*MACHINES, *MONITORS)]
        self._choice = WeightedChoice.of(range(len(MACHINES)), [machine.weight for machine in MACHINES])
        probes = sum(machine.addresses for machine in MONITORS)
        fitting = [s for s in _INTERVALS_S if probes * period_ms / (s * 1000) <= lines * _MONITOR_SHARE]
        self._interval_ms = 1000 * (fitting or _INTERVALS_S[-1:])[0]

    def ask(self, begin_ms: int, end_ms: int, count: int) -> tuple[Hits, Ints]:
        """Exactly `count` hits, unordered, and the machine number of each."""
        checks = self._check(begin_ms, end_ms, count)
        left = count - len(checks[0])
        rng = self._rng
        runs = left // 3 + 8
        lengths = rng.draw(_IN_A_ROW, runs)
        run = np.repeat(np.arange(runs), lengths)
        while len(run) < left:
            run = np.concatenate([run, run + runs])
            runs *= 2
        run = run[:left]
        machine_of_run, start, spot = (
            rng.pick(self._choice, runs),
            rng.below(runs, end_ms - begin_ms),
            rng.uniform(runs),
        )
        pause = np.cumsum(rng.between(left, 150, 2500))
        first = np.searchsorted(run, run) if left else run
        elapsed = pause - pause[first]
        time_ms = begin_ms + (start[run] + elapsed) % (end_ms - begin_ms)
        machine = machine_of_run[run]
        machine, time_ms, spots = (
            np.concatenate(pair) for pair in zip((machine, time_ms, spot[run]), checks, strict=True)
        )
        request = np.zeros(count, dtype=np.int64)
        address = np.empty(count, dtype=object)
        for number, (choice, pool) in enumerate(zip(self._asks, self._addresses, strict=True)):
            rows = np.flatnonzero(machine == number)
            request[rows] = rng.pick(choice, len(rows))
            address[rows] = pool[(spots[rows] * len(pool)).astype(np.int64)]
        status, size, duration = self._servers.answer(rng, request, time_ms, by_people=False)
        cookie = np.full(count, NO_COOKIE, dtype=object)
        agent = self._agents.machines[machine]
        return Hits(
            time_ms, address, agent, request, status, size, np.zeros(count, dtype=np.int64), cookie, duration
        ), machine

    def _check(
        self, begin_ms: int, end_ms: int, most: int
    ) -> tuple[Ints, Ints, Ints | np.ndarray[tuple[int], np.dtype[np.float64]]]:
        """Machine number, time and relative address index of each monitor check, at most `most` checks."""
        machines, times, spots = [], [], []
        turn = 0
        for number, monitor in enumerate(MONITORS, start=len(MACHINES)):
            for place in range(monitor.addresses):
                turn += 1
                phase = turn * 1700
                tick = np.arange(
                    -(-(begin_ms - phase) // self._interval_ms) * self._interval_ms + phase, end_ms, self._interval_ms
                )
                times.append(tick)
                machines.append(np.full(len(tick), number, dtype=np.int64))
                spots.append(np.full(len(tick), (place + 0.5) / monitor.addresses))
        return np.concatenate(machines)[:most], np.concatenate(times)[:most], np.concatenate(spots)[:most]
