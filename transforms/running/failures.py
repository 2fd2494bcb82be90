"""Reports failures inside a step without any value from a log, so that anyone may read them."""

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
    """An error whose text anyone may read: it contains nothing from a log."""


class InputError(SafeError):
    """An input that can't be read completely. `name` is the input, `problem` the reason; neither quotes the content."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name = name
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


class KeyChanged(SafeError):
    """Digests of one run were made with different keys."""


def the_one_key(fingerprints: Iterable[int]) -> int:
    """Return the fingerprint of the key of all digests, 0 if there are none. Raises KeyChanged if they differ.

    The run's key is generated inside the pipeline. A runner that loses it may generate another one; then digests of the
    same value would differ.
    """
    found = set(fingerprints)
    if len(found) > 1:
        raise KeyChanged(
            "the engine drew the run's key again, so that digests from before and after do not match; run again"
        )
    return found.pop() if found else 0


class StageFailure(Exception):
    """A failure in a step; the text says what failed and where, and contains nothing from a log."""


def kind_of(error: BaseException) -> str:
    """Name an error by its type; by the system's words where the type is `OSError` alone, as for a full disk."""
    if isinstance(error, OSError) and type(error) is OSError and error.errno:
        return os.strerror(error.errno)
    return type(error).__name__


def hide_values(process: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Wrap a DoFn's `process` so that its exceptions contain no data: Beam logs them, and some runners store them.

    The exception of a library may quote the value that it failed on. Its type and place are enough to find the fault.
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
            # The system's message, such as for a full disk or a missing folder, without the library's additions.
            problem = os.strerror(error.errno) if error.errno else "input or output failed"
            failure = f"{problem} ({type(error).__name__} in {place_of(error)}); check the disk, and --temp if given"
        except Exception as error:
            # Catches everything, so that the text of no other exception is passed on.
            failure = f"{type(error).__name__} in {place_of(error)}; please report it"
        raise stage_failure(failure)

    return wrapped


def stage_failure(text: str) -> StageFailure:
    """Return a failure whose text `find_failure` can find in a runner's message."""
    return StageFailure(_MARK + text)


def place_of(error: Exception) -> str:
    """Return the file and line of the last frame in Footfall's own code, else of the last frame."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(Path(frame.filename))]
    frame = (own or frames)[-1]
    return f"{Path(frame.filename).name}, line {frame.lineno}"


def _is_own(path: Path) -> bool:
    return path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OWN_FOLDERS


def find_failure(text: str) -> str | None:
    """Return the text of a step's failure in a runner's message, None if there is none."""
    match = _MARKED.search(text)
    return match[1] if match else None
