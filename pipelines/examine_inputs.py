"""Looks into inputs, each by itself: what it is, whether it can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipelines.inputs import Input
from pipelines.recognition import AUTO, Unrecognized
from pipelines.recognize import recognize
from transforms.failures import InputError
from transforms.formats.log_formats import tell_log_format
from transforms.run_options import STANDARD_INPUT, TO_THE_END
from transforms.run_steps import Result
from transforms.scanning.read_blocks import read_blocks
from transforms.scanning.read_samples import read_sample


class ExamineInputs:
    """Input → EXAMINED: the input with what it was found to be."""

    def __init__(self, log_format: str, verify: bool) -> None:
        self._log_format = log_format
        self._verify = verify

    def process(self, one: Input) -> Iterator[Result]:
        """One input."""
        yield "examined", _examine(one, self._log_format, verify=self._verify)


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
        fitting = f"{found.fitting:,} of {found.sampled:,} sampled lines fit {tell_log_format(found.log_format)}"
        return replace(one, compression=compression, misfit=f"only {fitting}")
    return replace(one, compression=compression, recognition=found)
