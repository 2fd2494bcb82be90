"""Adds up what clients did, hit by hit.

One pass over all hits counts them for each client and day, and marks those that further questions are about.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Evidence, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.evidence import (
    IS_KNOWN,
    is_answered,
    is_hole,
    is_not_modified,
    is_probe,
    is_redirected,
    kind_of,
    method_of,
    referrer_of,
)
from footfall.transforms.describing.judge_paths import ADVICE, DOCUMENT, FORM, ICON, PART, ROBOTS, STYLE
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.kernels.names import digest_names
from footfall.transforms.values.read_requests import METHOD_GET, METHOD_HEAD, METHOD_POST
from footfall.transforms.vocabulary import REFERRER_KINDS

_WITH_PAGE_MS: Final = 30_000
"""Parts without a referrer belong to a page that was opened at most this long before."""
_FAST_POST_MS: Final = 4_000
"""A form that is sent sooner after the page was opened was not filled in by a person."""
_DIRECT: Final = REFERRER_KINDS.index("direct")
_HOME: Final = np.uint32(digest_names(["/"])[0] & np.uint64(0xFFFFFFFF))

COUNTS: Final = (
    *("hits", "answered", "parts", "plain_parts", "own_parts", "not_modified", "own_styles"),
    *("posts", "form_posts", "fast_posts", "forms", "heads", "probes", "holes", "robots", "advice"),
    *("documents", "known_documents", "external_documents", "direct_documents", "false_documents", "home_documents"),
    *("answered_documents", "referred_documents", "linked_documents", "steps", "inner_steps", "cookies"),
)
"""What is counted of a client on a day; docs/definitions.md defines each."""
(
    _HITS,
    _ANSWERED,
    _PARTS,
    _PLAIN_PARTS,
    _OWN_PARTS,
    _NOT_MODIFIED,
    _OWN_STYLES,
    _POSTS,
    _FORM_POSTS,
    _FAST_POSTS,
    _FORMS,
    _HEADS,
    _PROBES,
    _HOLES,
    _ROBOTS,
    _ADVICE,
    _DOCUMENTS,
    _KNOWN_DOCUMENTS,
    _EXTERNAL_DOCUMENTS,
    _DIRECT_DOCUMENTS,
    _FALSE_DOCUMENTS,
    _HOME_DOCUMENTS,
    _ANSWERED_DOCUMENTS,
    _REFERRED_DOCUMENTS,
    _LINKED_DOCUMENTS,
    _STEPS,
    _INNER_STEPS,
    _COOKIES,
) = range(len(COUNTS))


class Entries(NamedTuple):
    """Hits as evidence of a day, ordered by client and day, then by time; a hit is there for up to two days."""

    group: Codes
    """The client and day."""
    time_ms: Ints
    evidence: Evidence
    asked: HalfDigests
    from_page: HalfDigests
    is_human: Flags
    is_own: Flags
    """Whether the referrer is of the site."""
    was_opened: Flags
    """Whether the client's address opened the page that refers, on the day."""
    link: HalfDigests
    has_cookie: Flags
    """Whether the session's cookie was given back."""
    shape: HalfDigests
    """The shape of what would be a page view, 0 of others."""


class Found(NamedTuple):
    """What a pass over all entries finds: counts, and flags of entries."""

    counts: NDArray[np.int32]
    """A row for each of COUNTS, with a column for each client and day."""
    is_document: Flags
    has_parts_soon: Flags
    """Whether a part follows the document soon."""
    is_own_part: Flags
    is_step: Flags
    is_form: Flags
    is_probe: Flags


def add_up(entries: Entries, group_count: int) -> Found:
    """Return what a pass over the entries finds; there are so many clients and days."""
    counts = np.zeros((group_count, len(COUNTS)), dtype=np.int32)
    marks = [np.zeros(len(entries.group), dtype=np.bool_) for _ in Found._fields[1:]]
    _add_up(entries, counts, *marks)
    return Found(np.ascontiguousarray(counts.T), *marks)


@inner_kernel
def _add_up(
    entries: Entries,
    counts: NDArray[np.int32],
    is_document: Flags,
    has_parts_soon: Flags,
    is_own_part: Flags,
    is_step: Flags,
    is_form: Flags,
    is_probing: Flags,
) -> None:
    """Fill in the columns of Found, the counts by client and day."""
    next_group, next_part_ms = -1, np.int64(0)
    for place in range(len(entries.group) - 1, -1, -1):
        group, time = entries.group[place], entries.time_ms[place]
        own = counts[group]
        evidence = entries.evidence[place]
        kind, method = kind_of(evidence), method_of(evidence)
        if is_probe(evidence):
            is_probing[place] = True
            own[_PROBES] += 1
            own[_HOLES] += is_hole(evidence)
        if kind == ROBOTS:
            own[_ROBOTS] += 1
        if not entries.is_human[place]:
            continue
        has_it = is_not_modified(evidence)
        is_ok = is_answered(evidence)
        is_got = is_ok and method == METHOD_GET
        is_own = entries.is_own[place]
        own[_HITS] += 1
        own[_COOKIES] += entries.has_cookie[place]
        own[_ANSWERED] += is_ok or is_redirected(evidence)
        own[_ADVICE] += kind == ADVICE
        own[_HEADS] += method == METHOD_HEAD
        own[_POSTS] += method == METHOD_POST
        if kind in (PART, ICON):
            own[_NOT_MODIFIED] += has_it
            if is_got:
                own[_PARTS] += 1
                own[_PLAIN_PARTS] += kind == PART
                own[_OWN_PARTS] += kind == PART and is_own
                if kind == PART:
                    is_own_part[place] = is_own and entries.from_page[place] != entries.asked[place]
                    next_group, next_part_ms = group, time
        elif kind == STYLE:
            own[_NOT_MODIFIED] += has_it
            own[_OWN_STYLES] += is_ok and is_own
        elif kind == FORM:
            is_form[place] = True
            own[_FORMS] += 1
            own[_FORM_POSTS] += method == METHOD_POST
            if method == METHOD_POST and _is_fast(entries, place):
                own[_FAST_POSTS] += 1
        referrer = referrer_of(evidence)
        is_sourced = is_own and entries.from_page[place] != entries.asked[place]
        if kind in (DOCUMENT, FORM):
            own[_ANSWERED_DOCUMENTS] += is_ok
            own[_REFERRED_DOCUMENTS] += is_ok and referrer != _DIRECT
            if is_got:
                is_document[place] = True
                has_parts_soon[place] = next_group == group and next_part_ms - time <= _WITH_PAGE_MS
                own[_DOCUMENTS] += 1
                own[_KNOWN_DOCUMENTS] += IS_KNOWN[referrer]
                own[_DIRECT_DOCUMENTS] += referrer == _DIRECT
                own[_EXTERNAL_DOCUMENTS] += referrer != _DIRECT and not is_own and entries.from_page[place] != 0
                own[_FALSE_DOCUMENTS] += is_sourced and not entries.was_opened[place]
                own[_LINKED_DOCUMENTS] += is_sourced and kind == DOCUMENT
                own[_HOME_DOCUMENTS] += is_own and entries.from_page[place] == _HOME
        is_sent = is_document[place] or method == METHOD_POST
        if is_sent and is_sourced and entries.was_opened[place]:
            is_step[place] = True
            own[_STEPS] += 1
            own[_INNER_STEPS] += entries.from_page[place] != _HOME


@inner_kernel
def _is_fast(entries: Entries, post: int) -> bool:
    """Return whether a form was sent so soon after its client got it that nobody has filled it in."""
    place = post - 1
    while (
        place >= 0
        and entries.group[place] == entries.group[post]
        and entries.time_ms[post] - entries.time_ms[place] <= _FAST_POST_MS
    ):
        evidence = entries.evidence[place]
        if (
            entries.is_human[place]
            and (kind_of(evidence) == DOCUMENT or kind_of(evidence) == FORM)
            and entries.asked[place] == entries.asked[post]
            and method_of(evidence) == METHOD_GET
            and is_answered(evidence)
        ):
            return True
        place -= 1
    return False
