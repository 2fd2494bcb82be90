"""Detects the compression and log format of each input, and whether it can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import AUTO, Recognition, Unrecognized
from footfall.pipelines.inputs.recognize import recognize
from footfall.pipelines.inputs.recognize_family import find_kin, recognize_as, recognize_families
from footfall.transforms.formats.log_formats import name_log_format
from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT, TO_THE_END
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.read_samples import read_sample


@dataclass(frozen=True)
class Examination:
    """How inputs are examined. With `verify`, compressed ones are read to the end; `knows_proxies` is whether settings
    name the proxies.
    """

    log_format: str
    verify: bool
    knows_proxies: bool = False

    def examine(self, one: Input, elder: Recognition | None = None) -> Input:
        """The input with what is found out about it, read as the `elder` one if all lines of its sample fit."""
        if one.read_error:
            return one
        given = None if self.log_format == AUTO else self.log_format
        found: Recognition | Unrecognized | None
        try:
            compression, sample = read_sample(one.path, one.size)
            found = elder and recognize_as(sample, elder, knows_proxies=self.knows_proxies)
            if found is None:
                found = recognize(sample, given, knows_proxies=self.knows_proxies)
            # What is damaged may look like no log.
            is_doubtful = isinstance(found, Unrecognized) and not found.is_empty
            if (self.verify or is_doubtful) and compression != "plain" and one.path != STANDARD_INPUT:
                for _ in read_blocks(one.path, compression, 0, TO_THE_END):
                    pass
        except InputError as error:
            return replace(one, read_error=error.problem)
        if isinstance(found, Unrecognized):
            if one.is_named and not found.is_empty:
                return replace(one, format_error=f"{found.problem}; {found.remedy or 'give the access log instead'}")
            reason = f"{found.problem}; {found.remedy}" if found.remedy else found.problem
            return replace(one, compression=compression, skip_reason=reason)
        if found.is_unlikely and not one.is_named:
            fitting = f"{found.fitting:,} of {found.sampled:,} sampled lines fit {name_log_format(found.log_format)}"
            return replace(one, compression=compression, skip_reason=f"only {fitting}")
        return replace(one, compression=compression, recognition=found)


Asked = tuple[Input, Recognition | None]
"""An input that is to be examined, and the recognition of an elder one, if there is one."""
ExamineMany = Callable[[Examination, Sequence[Asked]], list[Input]]
"""Examines inputs, in their order."""


def examine_in_threads(how: Examination, asked: Sequence[Asked], threads: int) -> list[Input]:
    """Examine inputs in this process."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda one: how.examine(*one), asked))


def examine_inputs(
    inputs: Sequence[Input],
    log_format: str,
    *,
    verify: bool,
    knows_proxies: bool = False,
    threads: int = 1,
    elsewhere: ExamineMany | None = None,
) -> list[Input]:
    """The inputs with compression and log format, detected from a sample of their lines, or with the reason why not.

    Rotated siblings of a log are recognised together, and so are many inputs of like names: see recognize_family.
    `elsewhere` examines them in place of `threads` of this process. An input that cannot be read gets a `read_error`.
    An empty one gets a `skip_reason`, and so does a file of a folder that is not an access log or does not fit
    `log_format`. Raises RunError if a file that the operator named is not an access log.
    """
    how = Examination(log_format, verify, knows_proxies)
    examine_many = elsewhere or partial(examine_in_threads, threads=threads)
    kin = find_kin(inputs) if log_format == AUTO else []
    eldest = examine_many(how, [(own[0], None) for own in kin])
    elders = {one.path: first.recognition for own, first in zip(kin, eldest, strict=True) for one in own[1:]}
    known = {one.path: one for one in eldest}
    rest = [(one, elders.get(one.path)) for one in inputs if one.path not in known]
    known |= {one.path: one for one in examine_many(how, rest)}
    examined = [known[one.path] for one in inputs]
    if log_format == AUTO and len(examined) > 1:
        examined = recognize_families(examined, knows_proxies=knows_proxies, threads=threads)
    for one in examined:
        if one.format_error:
            raise RunError(f"{one.path}: {one.format_error}")
    return examined
