"""Passes the run's key to the publisher, so that neither the job graph nor a file has it.

The key is drawn inside the pipeline, and the check before publishing needs it. They agree on a mask as Diffie and
Hellman did (1976): the publisher keeps a number to itself and puts what follows from it into the options; a worker
draws another number, and adds what follows from that to the masked key. Whoever reads both can't find the mask.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

PRIME: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
"""The modulus of the 2048-bit group of RFC 3526, section 3; its generator is 2."""
_GENERATOR: Final = 2
_SECRET_BITS: Final = 320
_PUBLIC_BYTES: Final = 256


class KeyReceiver:
    """The publisher's side; `public` may be read by anyone."""

    def __init__(self) -> None:
        self._secret = secrets.randbits(_SECRET_BITS)
        self.public = pow(_GENERATOR, self._secret, PRIME).to_bytes(_PUBLIC_BYTES)

    def open(self, sealed: bytes) -> bytes:
        """Return the key that was sealed for this receiver."""
        other, masked = sealed[:_PUBLIC_BYTES], sealed[_PUBLIC_BYTES:]
        return _masked(masked, pow(int.from_bytes(other), self._secret, PRIME))


def seal(key: bytes, public: bytes) -> bytes:
    """Return a key of at most 32 bytes so that only the receiver with this public number can open it."""
    own = secrets.randbits(_SECRET_BITS)
    mask = pow(int.from_bytes(public), own, PRIME)
    return pow(_GENERATOR, own, PRIME).to_bytes(_PUBLIC_BYTES) + _masked(key, mask)


def _masked(key: bytes, shared: int) -> bytes:
    mask = hashlib.sha256(shared.to_bytes(_PUBLIC_BYTES)).digest()
    return bytes(one ^ other for one, other in zip(key, mask, strict=False))
