"""Which of Beam's engines runs a pipeline, and how."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions

from pipelines.refusals import UsageError
from pipelines.tune_beam import tune_beam

View = TypeVar("View", bound=PipelineOptions)

_LOCAL_NAMES: Final = ("directrunner", "fnapirunner")


class _Options(PipelineOptions):  # type: ignore[misc]
    """Beam's options, which keep their views.

    While Beam builds a pipeline it asks for some view two hundred times, and makes an argument parser for each: a fifth
    of a second. Views share their values with the options they are of, so that one of each kind does.
    """

    def view_as(self, cls: type[View]) -> View:
        """The view of a kind, made when it is first asked for."""
        views = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return views[cls]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Engine:
    """Beam's options; whether its workers share this process, or else can't read its standard input or count for its
    progress display; and how many worker processes of our own do their work.
    """

    options: PipelineOptions
    is_in_this_process: bool
    processes: int = 1


def choose_engine(arguments: Sequence[str]) -> Engine:
    """The engine that the arguments behind `--` ask for. Raises UsageError where Beam does not understand them.

    Without a runner, or with DirectRunner, that is Beam's in-process FnApiRunner, with a worker process of ours per
    core, or as many as --direct_num_workers says; with --direct_running_mode, workers are Beam's own. Beam itself would
    first try an engine that it downloads, so that a machine's network decided what runs.
    """
    tune_beam()
    options = _parse(arguments)
    standard, direct = options.view_as(StandardOptions), options.view_as(DirectOptions)
    if (standard.runner or "DirectRunner").rpartition(".")[2].lower() not in _LOCAL_NAMES:
        # A cluster's job server may know more options than Beam does here.
        return Engine(options, is_in_this_process=False)
    known = options.get_all_options(drop_default=True)
    for name in options.get_all_options(drop_default=True, retain_unknown_options=True):
        if name not in known:
            raise UsageError(
                f"--{name}: stands behind --, but is no option of Beam's local engine; put Footfall's own options "
                "before --, and give --runner where another engine should run"
            )
    standard.runner = "FnApiRunner"
    processes = 1
    if not any(argument.startswith("--direct_running_mode") for argument in arguments):
        # Memory mode has one worker whatever the number: ours do the steps.
        is_told = any(argument.startswith("--direct_num_workers") for argument in arguments)
        processes = direct.direct_num_workers if is_told and direct.direct_num_workers else os.cpu_count() or 1
        direct.direct_running_mode, direct.direct_num_workers = "in_memory", 1
    return Engine(options, direct.direct_running_mode != "multi_processing", processes)


def _parse(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's own parser ends the process and prints pages where it does not like an option."""
    for before, argument in pairwise(("", *arguments)):
        is_value = before.startswith("--") and "=" not in before
        if not argument.startswith("--") and not is_value:
            raise UsageError(f"{argument!r}: stands behind --, where only Beam's --options do; name logs before --")
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            options = _Options(list(arguments))
            options.get_all_options()  # reads them all; until then most stay unread
            return options
    except SystemExit as end:
        if not end.code:  # --help
            raise
    problem = told.getvalue().strip().rpartition("error: ")[2]
    raise UsageError(f"behind --: {problem}; see Beam's documentation of pipeline options")
