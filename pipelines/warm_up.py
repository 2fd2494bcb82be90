"""Imported where worker processes come from, before there are any: takes every step once.

What it leaves in memory (modules, compiled kernels) all workers share.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines.load_kernels import load_kernels_only
from pipelines.tune_process import tune_process

if TYPE_CHECKING:
    from transforms.run_steps import Step

_FORMAT: Final = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    "$cookie_session $request_time"
)
_LINE: Final = b'192.0.2.1 - - [01/Jan/2026:00:00:00 +0000] "GET /?q=a HTTP/1.1" 200 1 "http://a.example/" "-" - 0.1\n'


def warm_up() -> None:
    """Take every step, in a folder of its own."""
    import numpy as np

    from pipelines.inputs import Input
    from transforms.exchange_rows import write_buckets
    from transforms.run_options import RunOptions, draw_run_key
    from transforms.run_steps import Step
    from transforms.visit_rows import BARE, COOKIED, VISIT_ROWS

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "access.log")
        log.write_bytes(_LINE)
        options = RunOptions(
            folder=folder,
            bucket_count=1,
            timezone="UTC",
            first_day=0,
            last_day=2**22,
            begin_ms=0,
            end_ms=2**62,
            timeout_ms=1_800_000,
            own_hosts=(),
            search_keys=("q",),
            cookie_name="",
            geo_db=None,
        )
        _take(Step("pipelines.examine_inputs:ExamineInputs", (_FORMAT, False)), Input(str(log), len(_LINE)))
        piece = (0, str(log), "plain", _FORMAT, "default", 0, len(_LINE))
        _take(Step("transforms.parse_hits:ParsePieces", (options,)), (piece, b""), draw_run_key())
        # The line is no human's, so that no rules for agents are needed yet.
        rows = {name: np.ones(2, dtype) for name, dtype in VISIT_ROWS.items()}
        buckets = [*write_buckets(folder, BARE, rows, rows["client"], 1)]
        buckets += write_buckets(folder, COOKIED, rows, rows["client"], 1)
        bucket = (0, [reference for _, reference in buckets])
        _take(Step("transforms.adopt_hits:AdoptBuckets", (options,)), bucket)
        _take(Step("transforms.assign_visits:AssignBuckets", (options,)), bucket, [1])


def load_rules_late() -> None:
    """Load the rules for agents before the second worker: the first one looks at the inputs, which needs none.

    So they are loaded while the pipeline is built for what it has found, and once for all workers.
    """
    from transforms.describing.describe_agents import load_agent_rules

    forks = itertools.count()

    def load() -> None:
        if next(forks) == 1:
            with contextlib.suppress(Exception):
                load_agent_rules()
            gc.freeze()

    os.register_at_fork(before=load)


def _take(step: Step, *arguments: Any) -> None:
    for _ in step.make().process(*arguments):
        pass


# Ctrl-C reaches every process of a terminal's group; the one that Beam runs in says what there is to say.
signal.signal(signal.SIGINT, signal.SIG_IGN)
tune_process()
# Whatever is made here lives to the end; workers collect what comes after it.
gc.disable()
with contextlib.suppress(Exception):  # whatever fails here fails again in a worker, which can tell
    load_kernels_only()
    warm_up()
    load_rules_late()
gc.freeze()
