"""The run's key reaches the publisher, and nobody who reads what passes between them."""

from __future__ import annotations

import secrets

from footfall.transforms.running.sealed_key import PRIME, KeyReceiver, seal

KEY = bytes(range(16))


def is_probably_prime(number: int) -> bool:
    """Miller and Rabin's test with twenty witnesses."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(20):
        power = pow(2 + secrets.randbelow(number - 3), odd, number)
        if power in (1, number - 1):
            continue
        if not any((power := pow(power, 2, number)) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def test_the_receiver_opens_what_was_sealed_for_it() -> None:
    receiver = KeyReceiver()
    assert receiver.open(seal(KEY, receiver.public)) == KEY


def test_nobody_else_opens_it() -> None:
    receiver, other = KeyReceiver(), KeyReceiver()
    assert other.open(seal(KEY, receiver.public)) != KEY


def test_nothing_that_passes_is_the_key_and_nothing_passes_twice() -> None:
    receiver = KeyReceiver()
    first, second = seal(KEY, receiver.public), seal(KEY, receiver.public)
    assert KEY not in first + receiver.public
    assert first != second


def test_the_modulus_is_a_safe_prime() -> None:
    """As RFC 3526 says of its groups."""
    assert PRIME.bit_length() == 2048
    assert is_probably_prime(PRIME)
    assert is_probably_prime((PRIME - 1) // 2)
