"""Of what was learned of a day, what can tell something is kept, and of too much the heaviest rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms import vocabulary
from footfall.transforms.behaviour.keep_heaviest import Kept, keep_heaviest
from footfall.transforms.behaviour.own_hosts import choose_own_hosts
from footfall.transforms.tables.partial_tables import decode_table, encode_files, encode_table, part_of
from footfall.transforms.tables.published import PARTIAL_TABLES

SITE = 2**63


def agents(rows: list[tuple[int, int, int]]) -> bytes:
    """What travels of `agent_habits`; rows are a day, an agent and its clients."""
    day, agent, clients = np.array(rows).T
    others = {name: clients for name in PARTIAL_TABLES["agent_habits"].measures}
    site = np.full(len(rows), SITE, dtype=np.uint64)
    return part_of("agent_habits", 0, **{**others, "day": day, "site": site, "agent": agent.astype(np.uint64)})[1]


def told(kept: Kept) -> tuple[list[tuple[int, int, int]], int]:
    columns = (kept.rows[name].to_pylist() for name in ("day", "agent", "clients"))
    return sorted(zip(*columns, strict=True)), kept.left_out


def test_an_agent_of_one_client_tells_nothing_of_others() -> None:
    assert told(keep_heaviest("agent_habits", agents([(3, 7, 1), (3, 8, 2), (4, 7, 3)]), "")) == (
        [(3, 8, 2), (4, 7, 3)],
        0,
    )


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (9, [(3, 5, 2), (3, 6, 4), (3, 7, 4), (3, 8, 9), (4, 5, 2)]),
        (4, [(3, 5, 2), (3, 6, 4), (3, 7, 4), (3, 8, 9), (4, 5, 2)]),
        (3, [(3, 6, 4), (3, 7, 4), (3, 8, 9), (4, 5, 2)]),
        # Of those that are alike, all or none are kept.
        (2, [(3, 8, 9), (4, 5, 2)]),
        (0, []),
    ],
)
@pytest.mark.parametrize("is_divided", [False, True])
def test_a_day_keeps_the_heaviest(
    most: int, expected: list[tuple[int, int, int]], is_divided: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "MOST_LEARNED", most)
    if is_divided:
        # Clients of an agent are in several files.
        first, second = [(3, 8, 5), (3, 5, 1), (3, 6, 4)], [(4, 5, 1), (3, 5, 1), (3, 7, 2)]
        parts = [first, second, [(3, 8, 4), (3, 7, 2), (4, 5, 1)]]
        paths = [tmp_path / f"{number}.arrows" for number in range(len(parts))]
        for path, rows in zip(paths, parts, strict=True):
            path.write_bytes(agents(rows))
        content = encode_files([str(path) for path in paths])
    else:
        content = agents([(3, 8, 9), (3, 5, 2), (3, 6, 4), (4, 5, 2), (3, 7, 4)])
    assert told(keep_heaviest("agent_habits", content, str(tmp_path))) == (expected, 5 - len(expected))
    assert not list(tmp_path.glob("*.rows")), "the files of parts are left"


@pytest.mark.parametrize("is_divided", [False, True])
def test_the_own_host_is_the_same_from_what_is_kept(is_divided: bool, tmp_path: Path) -> None:
    drawn = np.random.default_rng(7)
    tables = []
    for _ in range(3 if is_divided else 1):
        # One host of some days has most hits.
        rows = {
            (day, host): int(drawn.integers(1, 30)) + 900 * (host == 7 and day % 2)
            for day in range(9)
            for host in (3, 7, 9)
        }
        day, host = np.array(list(rows)).T
        columns = {"day": day, "site": np.full(len(day), SITE, dtype=np.uint64), "host": host.astype(np.uint32)}
        columns |= {"name": pa.array([f"{one}.example" for one in host]), "hits": np.array(list(rows.values()))}
        tables.append(part_of("own_hosts", 0, **columns)[1])
    whole = PARTIAL_TABLES["own_hosts"].merge(map(decode_table, tables))
    paths = [tmp_path / f"{number}.arrows" for number in range(len(tables))]
    for path, content in zip(paths, tables, strict=True):
        path.write_bytes(content)
    travelling = encode_files([str(path) for path in paths]) if is_divided else tables[0]
    kept = keep_heaviest("own_hosts", travelling, str(tmp_path)).rows
    assert len(kept) == 2 * 9 < len(whole)
    chosen = choose_own_hosts([whole])
    assert choose_own_hosts([kept]) == chosen
    assert 0 < sum(host.is_sure for host in chosen.values()) < len(chosen)


def test_a_site_without_hosts_has_no_own_one() -> None:
    content = encode_table(PARTIAL_TABLES["own_hosts"].schema.empty_table())
    assert choose_own_hosts([keep_heaviest("own_hosts", content, "").rows]) == {}
