"""Which of Beam's engines runs a pipeline, and how."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions

from footfall.pipelines.engine.beam_faults import never_send_by_time
from footfall.pipelines.errors import UsageError

_LOCAL_NAMES: Final = ("directrunner", "fnapirunner")


@dataclass(frozen=True)
class Engine:
    """Beam's options; whether its workers share this process, or else can't read its standard input or count for its
    progress display; and how many elements of a step each of them does side by side.
    """

    options: PipelineOptions
    is_in_this_process: bool
    threads: int = 1


def choose_engine(arguments: Sequence[str]) -> Engine:
    """The engine that the arguments behind `--` ask for. Raises UsageError where Beam does not understand them.

    Without a runner, or with DirectRunner, that is Beam's in-process FnApiRunner, with one worker that has a thread per
    core, or as many as --direct_num_workers says; with --direct_running_mode, workers are Beam's own. Beam itself would
    first try an engine that it downloads, so that a machine's network decided what runs.
    """
    never_send_by_time()
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
    threads = 1
    if not any(argument.startswith("--direct_running_mode") for argument in arguments):
        # Beam's own threads take turns at elements dealt out beforehand, and talk through sockets; ours take the next.
        is_told = any(argument.startswith("--direct_num_workers") for argument in arguments)
        threads = direct.direct_num_workers if is_told and direct.direct_num_workers else os.cpu_count() or 1
        direct.direct_running_mode, direct.direct_num_workers = "in_memory", 1
    return Engine(options, direct.direct_running_mode != "multi_processing", threads)


def _parse(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's own parser ends the process and prints pages where it does not like an option."""
    for before, argument in pairwise(("", *arguments)):
        is_value = before.startswith("--") and "=" not in before
        if not argument.startswith("--") and not is_value:
            raise UsageError(f"{argument!r}: stands behind --, where only Beam's --options do; name logs before --")
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            options = PipelineOptions(list(arguments))
            options.get_all_options()  # reads them all; until then most stay unread
            return options
    except SystemExit as end:
        if not end.code:  # --help
            raise
    problem = told.getvalue().strip().rpartition("error: ")[2]
    raise UsageError(f"behind --: {problem}; see Beam's documentation of pipeline options")
