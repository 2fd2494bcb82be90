"""Packs what a hit says about its client into one word, which travels with the hit to its client's bucket.

There all hits of a client are together, and `client_days` adds them up.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Bytes, Evidence, Flags, Ints, Words
from footfall.transforms.describing.judge_paths import (
    API,
    FILE,
    ICON,
    IS_READ,
    NOTHING,
    PART,
    PATH_KINDS,
    ROBOTS,
    STYLE,
)
from footfall.transforms.kernels.compiled import inlined_kernel
from footfall.transforms.values.read_requests import METHOD_NONE
from footfall.transforms.vocabulary import ASKED_KINDS, REFERRER_KINDS, UNKNOWN

_FAMILY_AT, _UPDATED_AT, _MOBILE_AT, _TEXTS_AT, _VIEW_AT, _RELEASED_AT = 1, 4, 5, 6, 7, 8
"""Bits of words of `pack_agents`."""
INTERNAL: Final = REFERRER_KINDS.index("internal")
"""The kind of referrers from the site itself."""
_METHOD_AT: Final = 4
_REFERRER_AT: Final = 7
_ANSWER_AT: Final = 11
_NOT_MODIFIED: Final = 6
"""Answers are 2 to 5 for a status from 200 to 599, but this for 304, and 0 for any other."""
_PROBE_AT: Final = 14
_HOLE_AT: Final = 15
_KIND_BITS: Final = np.uint16(15)
_IS_PROBE: Final = np.uint16(1 << _PROBE_AT)
IS_KNOWN: Final = np.array(
    [kind in ("search", "social", "email", "ai_assistant") for kind in REFERRER_KINDS], dtype=np.bool_
)
"""Whether a kind of referrer is a place that sends people: by its index."""
_NOT_MODIFIED_STATUS: Final = 304
_DOCUMENT, _BACKGROUND, _UNKNOWN = (ASKED_KINDS.index(kind) for kind in ("document", "background", UNKNOWN))
_ASKED: Final = np.full(len(PATH_KINDS), _BACKGROUND, dtype=np.uint8)
"""Indices of ASKED_KINDS by the kind of the request; kinds that are not listed are `background`."""
_ASKED[IS_READ] = _DOCUMENT
_ASKED[[PART, STYLE, ICON]] = ASKED_KINDS.index("asset")
_ASKED[[NOTHING, API, FILE]] = [ASKED_KINDS.index(name) for name in (UNKNOWN, "api", "download")]


@inlined_kernel
def pack_evidence(
    kind: np.uint8, method: np.uint8, referrer: np.uint8, status: np.int64, is_probe: np.bool_, is_hole: np.bool_
) -> np.uint16:
    """Return the word of a hit: the kind of its request, method, kind of referrer, status, and whether it probes.

    A hole is a probe that nobody makes by mistake.
    """
    answer = status // 100
    if status == _NOT_MODIFIED_STATUS:
        answer = np.int64(_NOT_MODIFIED)
    elif answer < 2 or answer > 5:
        answer = np.int64(0)
    return np.uint16(
        np.int64(kind)
        | np.int64(method) << _METHOD_AT
        | np.int64(referrer) << _REFERRER_AT
        | answer << _ANSWER_AT
        | np.int64(is_probe) << _PROBE_AT
        | np.int64(is_hole) << _HOLE_AT
    )


@inlined_kernel
def kind_asked(kind: np.uint8, method: np.uint8, is_document: np.bool_, is_included: np.bool_) -> np.uint8:
    """Return what a request asked for, an index of ASKED_KINDS; a line that is no request names nothing.

    `is_document` and `is_included` say of its path whether it is a document, and one by the settings.
    """
    if method == METHOD_NONE:
        return np.uint8(_UNKNOWN)
    if is_included:
        return np.uint8(_DOCUMENT)
    asked = _ASKED[kind]
    return np.uint8(_BACKGROUND) if asked == _DOCUMENT and not is_document else asked


def kinds_of(evidence: Evidence) -> Bytes:
    """Return the kind of each request, an index of PATH_KINDS."""
    return (evidence & _KIND_BITS).astype(np.uint8)


def methods_of(evidence: Evidence) -> Bytes:
    """Return the METHOD_… code of each."""
    return (evidence >> np.uint16(_METHOD_AT) & np.uint16(7)).astype(np.uint8)


def referrers_of(evidence: Evidence) -> Bytes:
    """Return the kind of each referrer, an index of REFERRER_KINDS."""
    return (evidence >> np.uint16(_REFERRER_AT) & np.uint16(15)).astype(np.uint8)


def are_answered(evidence: Evidence) -> Flags:
    """Return which requests were answered with what they asked for, or with status 304 because the client has it."""
    answers = _answers(evidence)
    return (answers == 2) | (answers == _NOT_MODIFIED)


def are_redirected(evidence: Evidence) -> Flags:
    """Return which requests were sent elsewhere."""
    return _answers(evidence) == 3


def _answers(evidence: Evidence) -> Evidence:
    return evidence >> np.uint16(_ANSWER_AT) & np.uint16(7)


@inlined_kernel
def kind_of(evidence: np.uint16) -> np.int64:
    """Return the kind of the request, an index of PATH_KINDS."""
    return np.int64(evidence) & 15


@inlined_kernel
def method_of(evidence: np.uint16) -> np.int64:
    """Return the METHOD_… code."""
    return np.int64(evidence) >> _METHOD_AT & 7


@inlined_kernel
def referrer_of(evidence: np.uint16) -> np.int64:
    """Return the kind of the referrer, an index of REFERRER_KINDS."""
    return np.int64(evidence) >> _REFERRER_AT & 15


@inlined_kernel
def is_not_modified(evidence: np.uint16) -> np.bool_:
    """Return whether the client had the answer already: status 304."""
    return np.int64(evidence) >> _ANSWER_AT & 7 == _NOT_MODIFIED


@inlined_kernel
def is_answered(evidence: np.uint16) -> np.bool_:
    """Return whether the client got what it asked for, or had it already."""
    answer = np.int64(evidence) >> _ANSWER_AT & 7
    return answer == 2 or answer == _NOT_MODIFIED


@inlined_kernel
def is_redirected(evidence: np.uint16) -> np.bool_:
    """Return whether the client was sent elsewhere."""
    return np.int64(evidence) >> _ANSWER_AT & 7 == 3


@inlined_kernel
def is_hole(evidence: np.uint16) -> np.bool_:
    """Return whether it was a probe that nobody makes by mistake."""
    return np.int64(evidence) >> _HOLE_AT & 1 == 1


@inlined_kernel
def is_probe(evidence: np.uint16) -> np.bool_:
    """Return whether the request looked for a vulnerability."""
    return np.int64(evidence) >> _PROBE_AT & 1 == 1


def are_address_evidence(evidence: Evidence) -> Flags:
    """Return which hits are evidence about all clients of their address: probes, and requests that only robots make."""
    return (evidence & _IS_PROBE > 0) | (kinds_of(evidence) == ROBOTS)


def pack_agents(judged: pa.Table) -> Words:
    """Return a word for each agent of `judge_agents`."""
    impossible, family, released, is_updated, is_mobile, shows_texts, is_web_view = (
        judged[name].to_numpy(zero_copy_only=False).astype(np.int64)
        for name in ("impossible", "family", "released", "updates_itself", "mobile", "shows_texts", "web_view")
    )
    packed: Words = (
        released + 1 << _RELEASED_AT
        | is_mobile << _MOBILE_AT
        | shows_texts << _TEXTS_AT
        | is_web_view << _VIEW_AT
        | is_updated << _UPDATED_AT
        | family << _FAMILY_AT
        | impossible
    ).astype(np.uint64)
    return packed


class AgentFacts(NamedTuple):
    """The columns of `judge_agents` for each client."""

    impossible: Flags
    family: Ints
    is_updated: Flags
    """Whether it updates itself."""
    is_mobile: Flags
    shows_texts: Flags
    is_web_view: Flags
    """Whether it is an app's that shows pages."""
    released: Ints
    """Days since 1970, NEVER_RELEASED if the version is not known."""


def unpack_agents(packed: Words) -> AgentFacts:
    """Return what `pack_agents` packed."""
    words = packed.astype(np.int64)
    return AgentFacts(
        words & 1 == 1,
        words >> _FAMILY_AT & 7,
        words >> _UPDATED_AT & 1 == 1,
        words >> _MOBILE_AT & 1 == 1,
        words >> _TEXTS_AT & 1 == 1,
        words >> _VIEW_AT & 1 == 1,
        (words >> _RELEASED_AT) - 1,
    )
