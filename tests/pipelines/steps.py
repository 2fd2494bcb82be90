"""Steps for tests of whoever runs steps."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from transforms.describing import describe_agents
from transforms.meter import meter
from transforms.run_steps import Result


class TellProcess:
    """Any element → itself, and the process that it came to."""

    def process(self, element: object) -> Iterator[Result]:
        """One element."""
        time.sleep(0.05)
        yield "told", (element, os.getpid())


class CountLines:
    """A number → nothing; so many lines are counted."""

    def process(self, element: int) -> Iterator[Result]:
        """One number."""
        meter.add(stored_bytes=2 * element, lines=element)
        yield "counted", element


class Fail:
    """Anything → an error that quotes it."""

    def process(self, element: object) -> Iterator[Result]:
        """One element."""
        yield "none", None
        raise ValueError(element)


class TellRules:
    """Anything → whether this process came with the rules for agents."""

    def process(self, element: object) -> Iterator[Result]:
        """One element."""
        yield "told", bool(describe_agents._loaded)
