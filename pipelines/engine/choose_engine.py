"""Chooses the Beam engine that runs the pipeline, and its options."""

from __future__ import annotations

import contextlib
import io
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeVar, cast

from apache_beam.options.pipeline_options import DirectOptions, GoogleCloudOptions, PipelineOptions, StandardOptions

from footfall.pipelines.engine.beam_faults import disable_timed_flush
from footfall.pipelines.errors import UsageError

_View = TypeVar("_View", bound=PipelineOptions)
_LOCAL_NAMES: Final = ("directrunner", "fnapirunner")


class KeptOptions(PipelineOptions):  # type: ignore[misc]
    """Options that cache their views: a run takes some 300, and Beam would parse all options anew for each of them."""

    def view_as(self, cls: type[_View]) -> _View:
        """The one view of a class; views write to the options that they are of."""
        # Beam allows attributes only that are options.
        views: dict[type[Any], Any] = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return cast(_View, views[cls])


@dataclass(frozen=True)
class Engine:
    """A Beam engine, ready to run a pipeline."""

    options: PipelineOptions
    is_in_this_process: bool
    """Whether its workers run in this process: only then can they read standard input and report progress."""
    threads: int = 1
    """How many elements of a step each worker processes in parallel."""


def choose_engine(arguments: Sequence[str]) -> Engine:
    """The engine for the arguments after `--`. Raises UsageError if Beam does not accept them.

    Without --runner, or with DirectRunner, this is Beam's in-process FnApiRunner with one worker that has a thread per
    core, or --direct_num_workers threads; with --direct_running_mode, Beam starts the workers. Beam's own DirectRunner
    would first try to download another engine, so that the network would decide which engine runs.
    """
    disable_timed_flush()
    options = _parse(arguments)
    standard, direct = options.view_as(StandardOptions), options.view_as(DirectOptions)
    if (standard.runner or "DirectRunner").rpartition(".")[2].lower() not in _LOCAL_NAMES:
        cloud = options.view_as(GoogleCloudOptions)
        # Beam would name the job after the operator.
        cloud.job_name = cloud.job_name or f"footfall-{uuid.uuid4().hex[:12]}"
        # The cluster's job server may accept options that the local Beam does not know.
        return Engine(options, is_in_this_process=False)
    known = options.get_all_options(drop_default=True)
    for name in options.get_all_options(drop_default=True, retain_unknown_options=True):
        if name not in known:
            raise UsageError(
                f"--{name}: given after --, but not an option of Beam's local engine; put Footfall's options before "
                "--, or choose another engine with --runner"
            )
    standard.runner = "FnApiRunner"
    threads = 1
    if not any(argument.startswith("--direct_running_mode") for argument in arguments):
        # Beam's threads get their elements assigned in advance, through sockets; ours take the next one when free.
        is_given = any(argument.startswith("--direct_num_workers") for argument in arguments)
        threads = direct.direct_num_workers if is_given and direct.direct_num_workers else os.cpu_count() or 1
        direct.direct_running_mode, direct.direct_num_workers = "in_memory", 1
    return Engine(options, direct.direct_running_mode != "multi_processing", threads)


def _parse(arguments: Sequence[str]) -> PipelineOptions:
    """Parse with Beam's parser, which prints its usage and exits the process on an invalid option."""
    for before, argument in pairwise(("", *arguments)):
        is_value = before.startswith("--") and "=" not in before
        if not argument.startswith("--") and not is_value:
            raise UsageError(f"{argument!r}: given after --, but not one of Beam's --options; put logs before --")
    messages = io.StringIO()
    try:
        with contextlib.redirect_stderr(messages):
            options = KeptOptions(list(arguments))
            options.get_all_options()  # most options are parsed only on access
            return options
    except SystemExit as end:
        if not end.code:  # --help
            raise
    problem = messages.getvalue().strip().rpartition("error: ")[2]
    raise UsageError(f"after --: {problem}; see Beam's documentation of pipeline options")
