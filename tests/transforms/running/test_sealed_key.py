"""The run's key reaches the publisher, and nobody who reads what passes between them."""

from __future__ import annotations

import pytest

from footfall.transforms.running.sealed_key import KeyReceiver, seal

KEY = bytes(range(16))


def test_the_receiver_opens_what_was_sealed_for_it() -> None:
    receiver = KeyReceiver()
    assert receiver.open(seal(KEY, receiver.public)) == KEY


def test_nobody_else_opens_it() -> None:
    receiver, other = KeyReceiver(), KeyReceiver()
    with pytest.raises(ValueError, match="sealed for it"):
        other.open(seal(KEY, receiver.public))


def test_nothing_that_passes_is_the_key_and_nothing_passes_twice() -> None:
    receiver = KeyReceiver()
    first, second = seal(KEY, receiver.public), seal(KEY, receiver.public)
    assert KEY not in first + receiver.public
    assert first != second
