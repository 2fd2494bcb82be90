"""Detects the compression and log format of each input, and whether it can be read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

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


def examine_inputs(
    inputs: Sequence[Input], log_format: str, *, verify: bool, knows_proxies: bool = False, threads: int = 1
) -> list[Input]:
    """The inputs with compression and log format, detected from a sample of their lines, or with the reason why not.

    Rotated siblings of a log are recognised together, and so are many inputs of like names: see recognize_family.
    With `verify`, compressed inputs are read
    to the end. `knows_proxies` is whether settings name the proxies. An input that cannot be read gets a `read_error`.
    An empty one gets a `skip_reason`, and so does a file of a folder that is not an access log or does not fit
    `log_format`. Raises RunError if a file that the operator named is not an access log.
    """

    def examine(one: Input) -> Input:
        return _examine(one, log_format, elders.get(one.path), verify=verify, knows_proxies=knows_proxies)

    elders: dict[str, Recognition] = {}
    known: dict[str, Input] = {}
    for kin in find_kin(inputs) if log_format == AUTO else ():
        eldest = known[kin[0].path] = examine(kin[0])
        if eldest.recognition is not None:
            elders |= {one.path: eldest.recognition for one in kin[1:]}
    with ThreadPoolExecutor(threads) as pool:
        examined = list(pool.map(lambda one: known.get(one.path) or examine(one), inputs))
    if log_format == AUTO and len(examined) > 1:
        examined = recognize_families(examined, knows_proxies=knows_proxies)
    for one in examined:
        if one.format_error:
            raise RunError(f"{one.path}: {one.format_error}")
    return examined


def _examine(one: Input, log_format: str, elder: Recognition | None, *, verify: bool, knows_proxies: bool) -> Input:
    found: Recognition | Unrecognized | None
    try:
        compression, sample = read_sample(one.path, one.size)
        found = elder and recognize_as(sample, elder, knows_proxies=knows_proxies)
        if found is None:
            found = recognize(sample, None if log_format == AUTO else log_format, knows_proxies=knows_proxies)
        # What is damaged may look like no log.
        is_doubtful = isinstance(found, Unrecognized) and not found.is_empty
        if (verify or is_doubtful) and compression != "plain" and one.path != STANDARD_INPUT:
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
