"""Reads a young log as its older siblings: `access.log` of twenty lines as `access.log.1` and `access.log.2.gz`.

The rotated siblings of a log come from one server. A young one has too few lines to decide what the lines of
its older siblings show: whether a field is a session cookie, or is never filled. Where a server's format has changed,
lines of one do not fit the other's format, and each keeps its own.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import Recognition
from footfall.pipelines.inputs.recognize import recognize
from footfall.transforms.formats.log_formats import ABSENT_FIELDS, is_w3c, list_log_formats, read_log_format
from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT
from footfall.transforms.scanning.read_samples import read_sample

MAX_YOUNG_LINES: Final = 1_000
"""A log with more sampled lines is recognised on its own."""
MANY_KIN: Final = 32
"""Of more inputs whose names differ in digits alone, the young ones are read as the largest if all their lines fit."""
_ROTATION: Final = re.compile(
    r"\.(?:gz|bz2|xz|zst|Z|old|\d{1,4})$"  # logrotate, and savelog's numbers
    # logrotate's dateext, cronolog, rotatelogs, IIS: a date, perhaps with a time, or seconds, at the end or before an
    # ending
    r"|[-._]?(?:19|20)?\d\d[-._]?(?:0[1-9]|1[0-2])[-._]?(?:[0-3]\d)(?:[-._T]?\d{2,10})?(?=\.[A-Za-z]+$|$)"
    r"|[-._]\d{10}(?=\.[A-Za-z]+$|$)"
)


def name_family(path: str) -> str:
    """Return the path without what rotation adds to it: numbers, dates, endings of compression."""
    folder, name = os.path.split(path)
    while (shorter := _ROTATION.sub("", name)) != name and shorter:
        name = shorter
    return os.path.join(folder, name)


def find_kin(inputs: Sequence[Input]) -> list[list[Input]]:
    """Return the inputs of each folder whose names differ in digits alone, the largest first, where there are many."""
    kin = defaultdict(list)
    for one in inputs:
        if one.path != STANDARD_INPUT:
            folder, name = os.path.split(one.path)
            kin[os.path.join(folder, re.sub(r"\d+", "0", name))].append(one)
    return [sorted(own, key=lambda one: (-one.size, one.path)) for own in kin.values() if len(own) > MANY_KIN]


def recognize_as(sample: bytes, elder: Recognition, *, knows_proxies: bool) -> Recognition | None:
    """Return the recognition of a young log's sample of which each line fits the format of an elder one, else None."""
    if sample.count(b"\n") >= MAX_YOUNG_LINES or elder.is_unlikely or _is_w3c(elder):
        return None
    marks, text = _split_marks(elder.log_format)
    found = recognize(sample, text, knows_proxies=knows_proxies, absent_in_siblings=marks)
    return found if isinstance(found, Recognition) and found.fitting == found.sampled > 0 else None


def recognize_families(inputs: Sequence[Input], *, knows_proxies: bool, threads: int = 1) -> list[Input]:
    """Return the inputs, whose formats were detected one by one, with the young ones read as their elders are."""
    families = defaultdict(list)
    for one in inputs:
        if one.path != STANDARD_INPUT and not one.read_error:
            families[name_family(one.path)].append(one)
    elders = {name: _find_elder(members) for name, members in families.items() if len(members) > 1}
    with ThreadPoolExecutor(threads) as pool:
        return list(
            pool.map(lambda one: _read_as(one, elders.get(name_family(one.path)), knows_proxies=knows_proxies), inputs)
        )


def _find_elder(members: Sequence[Input]) -> Input | None:
    """The member with the most lines that fit its format."""
    known = [one for one in members if one.recognition is not None and not one.recognition.is_unlikely]
    return max(known, key=lambda one: one.recognition.fitting if one.recognition else 0, default=None)


def _read_as(one: Input, elder: Input | None, *, knows_proxies: bool) -> Input:
    if elder is None or elder is one or elder.recognition is None or one.is_empty or one.read_error:
        return one
    own, known = one.recognition, elder.recognition
    if own is not None and (own.log_format == known.log_format or own.sampled >= MAX_YOUNG_LINES or _is_w3c(own)):
        return one
    try:
        lines, elders_lines = (read_sample(path.path, path.size)[1] for path in (one, elder))
    except InputError:  # it has changed meanwhile, which the run will see
        return one
    if own is None and lines.count(b"\n") >= MAX_YOUNG_LINES:
        return one
    marks, text = _split_marks(known.log_format)
    found = recognize(lines, text, knows_proxies=knows_proxies, absent_in_siblings=marks)
    if not isinstance(found, Recognition) or not found.fitting or (own is not None and found.fitting < own.fitting):
        return one
    if own is not None:
        own_text = _split_marks(own.log_format)[1]
        if not set(list_log_formats(own_text)) <= set(list_log_formats(text)):
            back = recognize(elders_lines, own_text)
            if not isinstance(back, Recognition) or back.fitting < known.fitting:
                return one
    return replace(one, recognition=found, skip_reason=None, format_error=None)


def _is_w3c(own: Recognition) -> bool:
    """Whether the log itself says which fields it has."""
    return any(map(is_w3c, read_log_format(own.log_format).texts))


def _split_marks(log_format: str) -> tuple[frozenset[str], str]:
    """The marks of absent fields, and the format without them."""
    marks = set()
    while (mark := log_format.partition("+")[0]) in ABSENT_FIELDS:
        marks.add(mark)
        log_format = log_format[len(mark) + 1 :]
    return frozenset(marks), log_format
