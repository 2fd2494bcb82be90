"""An object store that tests look at from outside: what is in it, and what was asked of it."""

from __future__ import annotations

import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path

BUCKET = "s3://bucket"


@dataclass(frozen=True)
class Store:
    """A running server; `log` has a line for each request."""

    address: str
    log: Path

    @property
    def options(self) -> list[str]:
        """Beam's options for it."""
        return [f"--s3_endpoint_url={self.address}", "--s3_region_name=us-east-1"]

    def stored(self) -> set[str]:
        """The keys of all objects."""
        with urllib.request.urlopen(f"{self.address}/bucket?list-type=2", timeout=20) as answer:
            return set(re.findall(r"<Key>([^<]*)</Key>", answer.read().decode()))

    def requests(self, key: str) -> list[str]:
        """The methods of all requests for an object so far."""
        return re.findall(rf"([A-Z]+) /bucket/{re.escape(key)} HTTP", self.log.read_text())

    def requests_below(self, prefix: str) -> set[str]:
        """The methods of all requests for objects below a prefix so far."""
        return set(re.findall(rf"([A-Z]+) /bucket/{re.escape(prefix)}\S* HTTP", self.log.read_text()))
