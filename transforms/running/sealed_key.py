"""Passes the run's key to the publisher, so that neither the job graph nor a file has it.

The key is drawn inside the pipeline, and the check before publishing needs it. A worker encrypts it for the publisher
(HPKE, RFC 9180): the options have the publisher's public key, its private one stays in the publisher's memory.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_PURPOSE: Final = b"footfall: the key of a run"


class KeyReceiver:
    """The publisher's side; `public` may be read by anyone."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def open(self, sealed: bytes) -> bytes:
        """Return the key that was sealed for this receiver. Raises ValueError if it was sealed for another one."""
        try:
            key: bytes = _SUITE.decrypt(sealed, self._private, _PURPOSE)
        except InvalidTag as error:
            raise ValueError("sealed key: this receiver can't open it, expected one that was sealed for it") from error
        return key


def seal(key: bytes, public: bytes) -> bytes:
    """Return a key so that only the receiver with this public key can open it."""
    sealed: bytes = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), _PURPOSE)
    return sealed
