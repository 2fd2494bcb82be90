"""Hits without a cookie, given to the cookie that their client brings next, else brought last."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from footfall.transforms.adopt_hits import adopt_hits
from footfall.transforms.arrays import Columns
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.visits.visit_rows import FALLBACK, PAGE_VIEW, VISIT_ROWS
from tests.reference.visits import adopting_cookies

TIMEOUT_MS = 30 * 60_000
ALICE, BOB = 1001, 1002
"""Two clients."""
MINUTE_MS = 60_000


def bare_hits(*hits: tuple[int, int]) -> Columns:
    """Hits without a cookie: client and time in minutes."""
    rows: Columns = {name: np.zeros(len(hits), dtype=kind) for name, kind in VISIT_ROWS.items()}
    rows["client"][:] = [client for client, _ in hits]
    rows["time_ms"][:] = [round(minute * MINUTE_MS) for _, minute in hits]
    rows["flags"][:] = PAGE_VIEW
    return rows


def cookied_hits(*hits: tuple[int, int, float]) -> Columns:
    """Hits with a cookie: client, session and time in minutes."""
    return {
        "client": np.array([client for client, _, _ in hits], dtype=np.uint64),
        "session": np.array([session for _, session, _ in hits], dtype=np.uint64),
        "time_ms": np.array([round(minute * MINUTE_MS) for _, _, minute in hits], dtype=np.int64),
    }


def adopt(without: Columns, with_cookie: Columns) -> Columns:
    """The hits of `without`, adopted."""
    clients = KeyTable()
    codes = clients.intern(without["client"])
    known = clients.count
    return adopt_hits(without, codes, with_cookie, clients.intern(with_cookie["client"]), known, TIMEOUT_MS)


@pytest.mark.parametrize(
    ("cookied", "expected"),
    [
        pytest.param([(ALICE, 7, 130)], 7, id="the next one, exactly a timeout later"),
        pytest.param([(ALICE, 7, 131)], 0, id="more than a timeout later"),
        pytest.param([(ALICE, 7, 70)], 7, id="the last one, exactly a timeout ago"),
        pytest.param([(ALICE, 7, 69)], 0, id="more than a timeout ago"),
        pytest.param([(ALICE, 7, 99), (ALICE, 8, 125)], 8, id="the next one goes before a nearer one in the past"),
        pytest.param([(ALICE, 7, 99), (ALICE, 8, 131)], 7, id="but not when it comes too late"),
        pytest.param([(ALICE, 7, 99), (ALICE, 8, 100)], 8, id="the same instant is next"),
        pytest.param([(ALICE, 7, 90), (ALICE, 8, 80)], 7, id="of those brought, the last one"),
        pytest.param([(BOB, 7, 100)], 0, id="another client's cookie adopts nothing"),
        pytest.param(
            [(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 75)], 8, id="of two at once, the one brought before"
        ),
        pytest.param(
            [(ALICE, 7, 95), (ALICE, 8, 95), (ALICE, 7, 80), (ALICE, 8, 90)],
            8,
            id="of both the one brought last before",
        ),
        pytest.param(
            [(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 74), (ALICE, 7, 110)],
            7,
            id="more than a timeout before does not count, so that nobody has to read further back",
        ),
        pytest.param([(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 120)], 8, id="then the one brought again"),
        pytest.param(
            [(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 7, 130), (ALICE, 8, 120)], 8, id="of both the one brought sooner"
        ),
        pytest.param([(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 105)], 8, id="then the one with most hits"),
        pytest.param([(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 20)], 8, id="of twins the one ever brought first"),
        pytest.param([(ALICE, 7, 105), (ALICE, 8, 105), (ALICE, 8, 180)], 7, id="then the one brought last earliest"),
        pytest.param([(ALICE, 7, 95), (ALICE, 8, 95), (ALICE, 8, 70)], 8, id="the same among those brought last"),
        pytest.param([], 0, id="no cookie at all"),
    ],
)
def test_a_hit_joins_the_cookie_that_its_client_brings(
    cookied: Sequence[tuple[int, int, float]], expected: int
) -> None:
    for order in (cookied, cookied[::-1]):
        adopted = adopt(bare_hits((ALICE, 100)), cookied_hits(*order))
        assert adopted["session"].tolist() == [expected or ALICE]
        assert adopted["flags"].tolist() == [PAGE_VIEW if expected else PAGE_VIEW | FALLBACK]


def test_adopted_hits_adopt_nothing_themselves() -> None:
    adopted = adopt(bare_hits((ALICE, 100), (ALICE, 75)), cookied_hits((ALICE, 7, 130)))
    assert adopted["session"].tolist() == [7, ALICE]


@pytest.mark.parametrize("seed", range(20))
def test_random_hits_are_adopted_as_the_definitions_say(seed: int) -> None:
    random = Random(seed)
    bare = [(random.choice((ALICE, BOB)), random.randrange(0, 400, 10)) for _ in range(60)]
    cookied: list[tuple[int, int, float]] = [
        (random.choice((ALICE, BOB)), random.randrange(1, 9), random.randrange(0, 400, 10)) for _ in range(25)
    ]
    adopted = adopt(bare_hits(*bare), cookied_hits(*cookied))["session"].tolist()
    for (client, minute), session in zip(bare, adopted, strict=True):
        carried = [(round(when * MINUTE_MS), str(own)) for bearer, own, when in cookied if bearer == client]
        assert str(session) in (adopting_cookies(minute * MINUTE_MS, carried, TIMEOUT_MS) or [str(client)])
