"""Failures that may be read by anyone: what goes wrong inside a stage is told without a value from a log."""

from __future__ import annotations

import functools
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from geo_data.locations import LocationError
from transforms.read_blocks import InputError

_MARK: Final = "footfall failure: "
_MARKED: Final = re.compile(re.escape(_MARK) + r"([^\n]*?)(?: \[while running|\n|$)")


class StageFailure(Exception):
    """Something went wrong in a stage; the text says what and where, and holds nothing that was read."""


def tell_safely(process: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Wrap a DoFn's `process` so that its exceptions carry no data: Beam logs them, and some engines keep them.

    An exception of a library may quote what it failed on. Its type and place are enough to find the fault.
    """

    @functools.wraps(process)
    def wrapped(*arguments: Any, **options: Any) -> Iterator[Any]:
        failure: str
        try:
            yield from process(*arguments, **options)
            return
        except GeneratorExit:
            raise
        except (InputError, LocationError) as error:
            failure = str(error)
        except Exception as error:
            # The whole point is that no other exception gets through with its text.
            place = traceback.extract_tb(error.__traceback__)[-1]
            failure = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}; please report it"
        raise StageFailure(_MARK + failure)

    return wrapped


def find_failure(text: str) -> str | None:
    """The text of the failure of a stage in an engine's message, None if there is none."""
    match = _MARKED.search(text)
    return match[1] if match else None
