"""Looks up which clients are machines on which day."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Flags, Ints
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys

_DAY_BITS: Final = np.uint64(32)


class Verdicts:
    """The machines among the clients of a bucket.

    `clients` has the digests of clients, `days` count from 1970-01-01, and `reasons` are indices of REASONS: one row
    for each client and day, without rows of reason 0. `table` gives clients their codes.
    """

    def __init__(self, clients: Digests, days: Ints, reasons: Bytes, table: KeyTable) -> None:
        codes = table.intern(clients)
        self._clients = table
        self._reasons = reasons
        self._days = KeyTable()
        self._days.intern(_pack(codes, days))
        self._is_machine = np.zeros(table.count, dtype=np.bool_)
        self._is_machine[codes] = True

    def reasons_of(self, codes: Codes, days: Ints) -> Bytes:
        """Return the reason why a client is a machine on a day, 0 for people."""
        reasons = np.zeros(len(codes), dtype=np.uint8)
        rows = self._rows_of_machines(codes)
        if len(rows):
            found = self._find(codes[rows], days[rows])
            reasons[rows] = np.where(found >= 0, self._reasons[found], 0)
        return reasons

    def sessions_of(self, codes: Codes, sessions: Digests, days: Ints) -> Columns:
        """Return each session in which a client has a hit on a day on which it is a machine, or on the day after.

        A visit belongs to the day on which it begins, so that day decides about all of it. `codes`, `sessions` and
        `days` are those of hits. The columns are those of JUDGED rows.
        """
        rows = self._rows_of_machines(codes)
        both = np.concatenate([rows, rows])
        at = np.concatenate([days[rows], days[rows] - 1])
        is_machine = self._find(codes[both], at) >= 0
        both, at = both[is_machine], at[is_machine]
        distinct = np.unique(np.stack([codes[both], at, sessions[both].view(np.int64)]), axis=1)
        return {
            "client": self._clients.keys[distinct[0]],
            "session": distinct[2].view(np.uint64),
            "day": distinct[1].astype(np.int32),
        }

    def _rows_of_machines(self, codes: Codes) -> Ints:
        known: Flags = self._is_machine
        if not known.any():
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(known[codes])

    def _find(self, codes: Codes, days: Ints) -> Ints:
        """Return the row of the verdict, -1 for none."""
        count = len(self._reasons)
        found = self._days.intern(_pack(codes, days)).astype(np.int64)
        return np.where(found < count, found, -1)


class JudgedVisits:
    """The machines among the clients of a bucket of sessions; `judged` has JUDGED columns."""

    def __init__(self, judged: Columns) -> None:
        self._keys = KeyTable()
        self._keys.intern(mix_keys(judged["client"], judged["day"]))
        self._count = self._keys.count

    def are_machines(self, clients: Digests, days: Ints) -> Flags:
        """Return whether each client is a machine on a day."""
        if self._count == 0:
            return np.zeros(len(clients), dtype=np.bool_)
        found: Flags = self._keys.intern(mix_keys(clients, days)) < self._count
        return found


def _pack(codes: Codes, days: Ints) -> Digests:
    return codes.astype(np.uint64) << _DAY_BITS | days.astype(np.uint64)
