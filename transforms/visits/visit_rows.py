"""The rows of hits that visits and visitors are counted from; nothing else about single hits leaves `parse_hits`.

client, session, address, agent: keyed digests of the run; site, page, location, technology, acquisition,
phrase, machine: fixed digests of public texts; asked, from_host, from_page, shape: halves of such, of the page, of
the referrer, and of the shape of what would be a page view; folder: half of the digest of the first folder of a page
view's page, 0 for none; facts: see
`footfall.transforms.hits.hit_facts`, evidence: `footfall.transforms.behaviour.evidence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns

VISIT_ROWS: Final = {
    "client": np.uint64,
    "session": np.uint64,
    "time_ms": np.int64,
    "site": np.uint64,
    "page": np.uint64,
    "location": np.uint64,
    "technology": np.uint64,
    "acquisition": np.uint64,
    "phrase": np.uint64,
    "shape": np.uint32,
    "status": np.int16,
    "goals": np.uint16,
    "flags": np.uint8,
}
NAME_COLUMNS: Final = ("page", "location", "technology", "acquisition", "phrase")
"""Columns of digests of names, 0 for none; without the site."""
TEXT_COLUMNS: Final = ("page", "acquisition", "phrase")
"""Those of names that clients wrote."""
SHORT_COLUMNS: Final = ("client", "session", "time_ms", "site", "flags")
"""Columns for hits that are neither page view, error nor download, and reach no goal."""

PAGE_VIEW, INTERNAL, FALLBACK, HAS_COOKIE, CAN_HAVE_COOKIE, DOWNLOAD = 1, 2, 4, 8, 16, 32
"""Bits of `flags`; CAN_HAVE_COOKIE: the log format has a field for a session cookie."""
DOWNLOADED: Final = (200, 206)
"""Statuses with which a file is answered, all of it or a part."""
PARTIAL_STATUS: Final = 206
"""The status of an answer that is a part of a file."""

PARTS, CLIENT_ROWS, SESSION_ROWS, PIECES = "parts", "client_rows", "session_rows", "pieces"
"""Outputs of steps: partial tables; references to shares of buckets by client and by session; for each piece
the latest time read and the fingerprint of its key."""
HOSTS, OBSERVED, LEARNED = "hosts", "observed", "learned"
"""Outputs of the steps that distinguish people from machines: the partial table `own_hosts`; (share of client buckets,
references, for each part of each bucket the paths of the columns of `ClientDays`, none without); the other
LEARNED_TABLES."""
ObservedShare = tuple[int, list[str], list[list[list[str]]]]
"""An element of OBSERVED."""
NAMES, IDENTIFIERS, RENAMED, KEPT = "names", "identifiers", "renamed", "kept"
"""Outputs of steps: partial tables of names; files of digests of identifiers, and the fingerprint of their key; tables
of old and new digests of replaced names; which names are kept where there are too many: see `cut_names`."""
SURVEYS, RANGES = "surveys", "ranges"
"""Outputs of the steps that find duplicates."""

WITHOUT_COOKIE, WITH_COOKIE = "without", "with"
"""Kinds of rows in session buckets: human hits without or with a session cookie."""
TO_ADOPT, ADOPTING, MACHINE = "to_adopt", "adopting", "machine"
"""Kinds of rows in client buckets: human hits without or with a session cookie, and hits of machines with visitors."""
TRACE, CLIENT = "trace", "client"
"""Further kinds there: hits of any class that are evidence about others of their address, and the distinct clients of
all rows."""
JUDGED = "judged"
"""A kind of rows in session buckets: clients that are machines by their behaviour on a day, and the session."""
FLOODED = "flooded"
"""A kind of rows there: clients whose hits of a day are in no visit, since they are too many, and the session."""
VERDICT, TIME = "verdict", "time"
"""Kinds of rows in parts of a client bucket: clients that are machines on a day, and when people were there."""
SHORT: Final = "_short"
"""The suffix of a kind that has SHORT_COLUMNS in place of VISIT_ROWS."""
_OF_BEHAVIOUR: Final = {
    "facts": np.uint64,
    "evidence": np.uint16,
    "asked": np.uint32,
    "link": np.uint32,
    "from_host": np.uint32,
    "from_page": np.uint32,
    "bytes_sent": np.int64,
}
CLIENT_COLUMNS: Final = {
    **VISIT_ROWS,
    **_OF_BEHAVIOUR,
    "machine": np.uint64,
    "address": np.uint64,
    "agent": np.uint64,
    "agent_facts": np.uint64,
    "folder": np.uint32,
    "day": np.int32,
    "reason": np.uint8,
}
ROW_COLUMNS: Final = {
    WITHOUT_COOKIE: tuple(VISIT_ROWS),
    WITHOUT_COOKIE + SHORT: SHORT_COLUMNS,
    WITH_COOKIE: tuple(VISIT_ROWS),
    WITH_COOKIE + SHORT: SHORT_COLUMNS,
    **dict.fromkeys((JUDGED, FLOODED), ("client", "session", "day")),
    TO_ADOPT: (*(name for name in VISIT_ROWS if name != "session"), *_OF_BEHAVIOUR, "folder", "address"),
    TO_ADOPT + SHORT: (*(name for name in SHORT_COLUMNS if name != "session"), *_OF_BEHAVIOUR, "address"),
    ADOPTING: ("client", "session", "time_ms", "site", "shape", *_OF_BEHAVIOUR, "folder", "address"),
    MACHINE: ("client", "site", "machine", "facts", "bytes_sent", "address"),
    TRACE: ("client", "time_ms", "site", "evidence", "asked", "address"),
    CLIENT: ("client", "address", "agent", "agent_facts", "day"),
    VERDICT: ("client", "address", "day", "reason"),
    TIME: ("client", "site", "time_ms", "facts"),
}
"""The columns of each kind of rows in files."""
ROW_SCHEMAS: Final = {
    kind: pa.schema([(name, pa.from_numpy_dtype(CLIENT_COLUMNS[name])) for name in columns])
    for kind, columns in ROW_COLUMNS.items()
}
"""The schema of each kind of rows in files."""


OBSERVED_COLUMNS: Final = ("client", "site", "time_ms", "evidence", "asked", "link", "from_host", "from_page", "shape")
"""The columns of human hits that behaviour is judged by."""


def types_of(columns: Iterable[str]) -> dict[str, Any]:
    """Return the types of columns of rows by their names."""
    return {name: CLIENT_COLUMNS[name] for name in columns}


def rows_of(kinds: Mapping[str, Columns], wanted: tuple[str, ...], columns: tuple[str, ...] = ()) -> Columns:
    """Return the rows of some kinds, by default with all columns of the first one."""
    return join_kinds(
        {kind: kinds[kind] for kind in wanted if kind in kinds}, types_of(columns or ROW_COLUMNS[wanted[0]])
    )


def join_kinds(kinds: Mapping[str, Columns], columns: Mapping[str, Any] = VISIT_ROWS) -> Columns:
    """Concatenate the rows of several kinds; columns that they lack are set to 0."""
    lengths = [len(own["client"]) for own in kinds.values()]
    return {
        name: np.concatenate(
            [own[name] if name in own else np.zeros(n, dtype) for own, n in zip(kinds.values(), lengths, strict=True)]
            or [np.zeros(0, dtype)]
        )
        for name, dtype in columns.items()
    }


BOUNCE, CUT, LASTING, COMPLETED = 1, 2, 8, 16
"""Bits of the flags of visits, beside FALLBACK; LASTING: for a second or more; COMPLETED: reached a goal."""
ENTRY, EXIT = 2, 4
"""Bits of the flags of pages, beside BOUNCE; of phrases, beside REFINED."""
REFINED = 8
"""Bit of the flags of phrases: the next search of the visit is for another one."""
IN_VISIT = 1
"""Bit of the flags of errors and downloads: the client is the visit's, not that of the hit."""
PARTIAL = 2
"""Bit of the flags of downloads: the answer was a part of the file."""
ASIDE = 128
"""Bit of the flags of items whose client takes part in a measure, but is not counted as a visitor of the item."""
COMING, GOING = range(2)
"""Codes of who is there over a midnight: on the later day, and on the day on which the visit began."""
FIRST_GOAL = 8
"""The flags of visits, and of the pages that they began with, have a bit for each goal from this one on."""
ISSUED, NOT_MISUSED, UNFOUND, FALLBACK_UNFOUND = (1 << bit for bit in range(24, 28))
"""Bits of the flags of visits after those of goals: not `never_issued`; without another finding of the cookie audit;
without any; the same without a cookie. All of the day alone."""
NOT_MISUSED_IN_WEEK, UNFOUND_IN_WEEK, NOT_MISUSED_IN_MONTH, UNFOUND_IN_MONTH = (1 << bit for bit in range(28, 32))
"""The same, with what is found of the week, or of the month, too."""

VISIT_FACTS: Final = {
    "day": np.int32,
    "site": np.uint64,
    "visit": np.int64,
    "client": np.uint64,
    "flags": np.uint32,
    "location": np.uint64,
    "technology": np.uint64,
    "acquisition": np.uint64,
    "page_views": np.uint8,
    "duration_s": np.uint8,
}
"""Columns of the files of visits; `visit` is a number, `client` that of the entry page view, `page_views` and
`duration_s` are numbers of buckets (`visit_lengths`)."""
VISIT_ITEMS: Final = {
    "day": np.int32,
    "site": np.uint64,
    "visit": np.int64,
    "client": np.uint64,
    "flags": np.uint32,
    "item": np.uint64,
    "code": np.int16,
}
"""Columns of the files of items, which have a table for each of ITEM_TABLES, and at last who is there over a midnight:
`item` is the digest of a page, of two or of a phrase (0 for none), `code` the status of an error, the finding of the
cookie audit or the number of a goal (0 for none), `visit` -1 for none."""
