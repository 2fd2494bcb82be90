"""Runs a pipeline on the chosen engine, and reports a failure by its first cause."""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import apache_beam as beam
from apache_beam.options.pipeline_options import FlinkRunnerOptions, PortableOptions

from footfall.pipelines.engine.choose_engine import Engine
from footfall.pipelines.engine.engine_failures import FlinkRest, explain_failure
from footfall.pipelines.engine.job_server import IN_ONE_PROCESS, LOG_NAME, answers, start_job_server
from footfall.pipelines.engine.watch_counts import watch_counts
from footfall.pipelines.errors import RunError
from footfall.transforms.running.failures import find_failure

_JOB_NAME: Final = "job_name"
_LOG_BYTES: Final = 4 * 2**20


class EngineFailure(Exception):
    """A pipeline failed; the text says why and contains nothing from a log."""


def run_pipeline(engine: Engine, build: Callable[[beam.Pipeline], Any], folder: Path, counts_folder: str = "") -> None:
    """Build and run a pipeline to its end. Raises EngineFailure; however it ends, no job stays behind.

    `folder` takes what a job server that is started for the pipeline writes, `counts_folder` what workers have counted.
    """
    with start_job_server(engine.options, folder):
        result = None
        try:
            # Beam's workers print tracebacks, and these may quote a log line.
            with contextlib.redirect_stderr(io.StringIO()):
                # A copy: runners change the options that they are given, even which runner it is.
                pipeline = beam.Pipeline(options=copy.deepcopy(engine.options))
                build(pipeline)
                result = pipeline.run()
                with watch_counts(engine, result, counts_folder):
                    result.wait_until_finish()
            return
        except RunError:
            raise
        except Exception as error:
            # Engines put a stage's exception into messages of their own, which may quote a log line.
            text, kind = str(error), type(error).__name__
        except BaseException:
            with contextlib.suppress(Exception):
                if result is not None:
                    result.cancel()
            _cancel(engine)
            raise
        failure = _describe_failure(engine, kind, [text, *_messages(result)], folder)
        # A job goes on when its job server is gone.
        _cancel(engine)
        raise EngineFailure(failure)


def _cancel(engine: Engine) -> None:
    """End the job on a Flink whose address is known, if it is under way."""
    if place := _find_flink(engine):
        place[0].cancel(place[1])


def _find_flink(engine: Engine) -> tuple[FlinkRest, str] | None:
    """Flink's web interface and the job's name, if its address is known."""
    master = engine.options.view_as(FlinkRunnerOptions).flink_master
    name = engine.options.get_all_options().get(_JOB_NAME)
    if engine.is_in_this_process or not name or not master or master in IN_ONE_PROCESS:
        return None
    return FlinkRest(master), name


def _messages(result: Any) -> list[str]:
    """What a job server said of the job."""
    return [str(one.message_response.message_text) for one in getattr(result, "_messages", ())]


def _describe_failure(engine: Engine, kind: str, texts: list[str], folder: Path) -> str:
    place = ""
    endpoint = engine.options.view_as(PortableOptions).job_endpoint
    if not engine.is_in_this_process:
        log = folder / LOG_NAME
        if found := _find_flink(engine):
            rest, name = found
            job, noted = rest.exceptions(name)
            texts += noted
            place = f"; Flink has more about job {job} at {rest.address}" if job else ""
        elif endpoint:
            place = f"; the job server at {endpoint} has the engine's own log" if not log.exists() else ""
        if log.exists():
            with log.open("rb") as file:
                texts.append(file.read(_LOG_BYTES).decode("utf-8", "replace"))
    if endpoint and ":" in endpoint and not answers(endpoint):
        own = next(filter(None, map(find_failure, texts)), None)
        return (own or f"the job server at {endpoint} has ended, or can't be reached any more; run again") + place
    return (explain_failure(texts) or f"the engine failed ({kind})") + place
