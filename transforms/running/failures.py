"""Failures that may be read by anyone: what goes wrong inside a stage is told without a value from a log."""

from __future__ import annotations

import functools
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[2]
_OWN_FOLDERS: Final = ("pipelines", "transforms", "geo_data")
_MARK: Final = "footfall failure: "
_MARKED: Final = re.compile(re.escape(_MARK) + r"([^\n]*?)(?: \[while running|\n|$)")


class SafeError(Exception):
    """An error whose text may be read by anyone: it holds nothing that was read from a log."""


class InputError(SafeError):
    """An input that can't be read whole. `name` is the input, `problem` what is wrong; never any content."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name = name
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


class KeyChanged(SafeError):
    """Digests of one run were made under different keys."""


def the_one_key(fingerprints: Iterable[int]) -> int:
    """The fingerprint of the key that all digests were made under. Raises KeyChanged where there are several.

    The run's key is drawn inside the pipeline. An engine that lost it may draw another one, and then what belongs
    together would look different.
    """
    found = set(fingerprints)
    if len(found) > 1:
        raise KeyChanged(
            "the engine drew the run's key again, so that digests from before and after do not match; run again"
        )
    return found.pop() if found else 0


class StageFailure(Exception):
    """Something went wrong in a stage; the text says what and where, and holds nothing that was read."""


def hide_values(process: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Wrap a DoFn's `process` so that its exceptions carry no data: Beam logs them, and some engines keep them.

    An exception of a library may quote what it failed on. Its type and place are enough to find the fault.
    """

    @functools.wraps(process)
    def wrapped(*arguments: Any, **options: Any) -> Iterator[Any]:
        failure: str
        try:
            yield from process(*arguments, **options)
            return
        except (GeneratorExit, StageFailure):
            raise
        except SafeError as error:
            failure = str(error)
        except OSError as error:
            # The system's own words for a full disk or a missing folder; what the library adds is left out.
            problem = os.strerror(error.errno) if error.errno else "input or output failed"
            failure = f"{problem} ({type(error).__name__} in {place_of(error)}); check the disk, and --temp if given"
        except Exception as error:
            # The whole point is that no other exception gets through with its text.
            failure = f"{type(error).__name__} in {place_of(error)}; please report it"
        raise stage_failure(failure)

    return wrapped


def stage_failure(text: str) -> StageFailure:
    """A failure whose text can be found again in what an engine makes of it."""
    return StageFailure(_MARK + text)


def place_of(error: Exception) -> str:
    """Where in our own files it came up; the last frame may be a library's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(Path(frame.filename))]
    frame = (own or frames)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def _is_own(path: Path) -> bool:
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OWN_FOLDERS


def find_failure(text: str) -> str | None:
    """The text of the failure of a stage in an engine's message, None if there is none."""
    match = _MARKED.search(text)
    return match[1] if match else None
