"""Looks into inputs, each by itself: what it is, whether it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import AUTO, Unrecognized
from footfall.pipelines.inputs.recognize import recognize
from footfall.transforms.formats.log_formats import name_log_format
from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT, TO_THE_END
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.read_samples import read_sample


def examine_inputs(inputs: Sequence[Input], log_format: str, *, verify: bool, threads: int = 1) -> list[Input]:
    """Tell each input's compression and log format from some of its lines.

    With `verify` compressed ones are read to their end. An input that can't be read gets a `problem`; an empty one, and
    a file of a folder that is no access log or doesn't fit the format that is named, gets a `misfit`. Raises RunError
    where a file that the operator named is no access log.
    """
    with ThreadPoolExecutor(threads) as pool:
        examined = list(pool.map(lambda one: _examine(one, log_format, verify=verify), inputs))
    for one in examined:
        if one.refusal:
            raise RunError(f"{one.path}: {one.refusal}")
    return examined


def _examine(one: Input, log_format: str, *, verify: bool) -> Input:
    try:
        compression, sample = read_sample(one.path, one.size)
        if verify and compression != "plain" and one.path != STANDARD_INPUT:
            for _ in read_blocks(one.path, compression, 0, TO_THE_END):
                pass
    except InputError as error:
        return replace(one, problem=error.problem)
    found = recognize(sample, None if log_format == AUTO else log_format)
    if isinstance(found, Unrecognized):
        if one.is_named and not found.is_empty:
            return replace(one, refusal=f"{found.problem}; {found.remedy or 'name the access log instead'}")
        told = f"{found.problem}; {found.remedy}" if found.remedy else found.problem
        return replace(one, compression=compression, misfit=told)
    if found.is_unlikely and not one.is_named:
        fitting = f"{found.fitting:,} of {found.sampled:,} sampled lines fit {name_log_format(found.log_format)}"
        return replace(one, compression=compression, misfit=f"only {fitting}")
    return replace(one, compression=compression, recognition=found)
