"""Which of Beam's engines runs a pipeline, and how."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions

_LOCAL_NAMES: Final = ("directrunner", "fnapirunner")


def beam_options(arguments: Sequence[str]) -> PipelineOptions:
    """Beam's options from what stands behind `--`.

    Without a runner, or with DirectRunner, that is Beam's in-process FnApiRunner, with one thread per core. Beam
    itself would first try an engine that it downloads, so that a machine's network decided what runs.
    """
    options = PipelineOptions(list(arguments))
    if not runs_in_this_process(arguments, any_mode=True):
        return options
    options.view_as(StandardOptions).runner = "FnApiRunner"
    direct = options.view_as(DirectOptions)
    if not any(argument.startswith("--direct_num_workers") for argument in arguments):
        direct.direct_num_workers = os.cpu_count() or 1
    if not any(argument.startswith("--direct_running_mode") for argument in arguments):
        # Memory mode runs one worker whatever the number.
        direct.direct_running_mode = "in_memory" if direct.direct_num_workers == 1 else "multi_threading"
    return options


def runs_in_this_process(arguments: Sequence[str], *, any_mode: bool = False) -> bool:
    """Whether the workers share this process: then they can read standard input and count for the progress display."""
    options = PipelineOptions(list(arguments))
    runner = options.view_as(StandardOptions).runner or "DirectRunner"
    if runner.rpartition(".")[2].lower() not in _LOCAL_NAMES:
        return False
    return any_mode or options.view_as(DirectOptions).direct_running_mode != "multi_processing"
