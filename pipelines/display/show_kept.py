"""What a run keeps of each line of a log: `footfall parse --private`.

No address, no time within the hour, no user, no cookie and no text that was not judged: what is shown of a line is what
the tables of `footfall nightly` can hold of it, before small groups are folded.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np

from footfall.pipelines.display.explain_lines import LineExplainer
from footfall.transforms.arrays import Digests
from footfall.transforms.hits.collect_rows import are_downloads
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.read_requests import PROTOCOLS
from footfall.transforms.vocabulary import HUMAN, SEPARATOR, TRAFFIC_CLASSES

_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_PLACE: Final = ("continent", "country", "region")
_TECHNOLOGY: Final = ("browser", "browser_version", "os", "os_version", "device")
_ACQUISITION: Final = ("referrer_kind", "referrer", "campaign_source", "campaign_medium", "campaign")
KEPT_KEYS: Final = (
    *("line_number", "day", "hour", "site", "traffic_class", "machine", "protocol", "status", "page_view", "page"),
    *(*_PLACE, *_TECHNOLOGY, *_ACQUISITION, "broken_link_on", "phrase", "session", "opted_out"),
)
"""What is shown of a line that parsed; null where nothing of the kind is kept of it."""


class KeptExplainer(LineExplainer):
    """Shows what a run keeps of each line. Raises LocationError."""

    keys = KEPT_KEYS

    def _columns(self, lines: ScannedFields, hits: Hits) -> list[list[Any]]:
        is_seen = (hits.status >= 400) | are_downloads(hits)
        is_published = hits.is_page_view | ((hits.traffic_class == HUMAN) & is_seen & ~hits.opted_out)
        return [
            [date.fromordinal(_FIRST_DAY + hour // 24).isoformat() for hour in hits.local_hour.tolist()],
            [hour % 24 for hour in hits.local_hour.tolist()],
            [self._describe.sites[site] for site in hits.site.tolist()],
            [TRAFFIC_CLASSES[code] for code in hits.traffic_class.tolist()],
            [self._describe.machines[code][0] or None for code in hits.machine.tolist()],
            [PROTOCOLS[code] for code in hits.protocol.tolist()],
            [status or None for status in hits.status.tolist()],
            hits.is_page_view.tolist(),
            *self._names(np.where(is_published, hits.page, np.uint64(0)), 1),
            *self._names(hits.location, len(_PLACE)),
            *self._names(hits.technology, len(_TECHNOLOGY)),
            *self._names(np.where(hits.is_page_view, hits.acquisition, np.uint64(0)), len(_ACQUISITION)),
            # Of a missing page: the place of the link to it.
            self._names(np.where(hits.is_page_view, np.uint64(0), hits.acquisition), 3)[2],
            *self._names(hits.phrase, 1),
            (hits.session > 0).tolist(),
            hits.opted_out.tolist(),
        ]

    def _names(self, digests: Digests, parts: int) -> list[list[str | None]]:
        """The parts of the name of each digest, a column for each; None for no name or part."""
        table = self._describe.names.table(np.unique(digests))
        text_of = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
        names = [
            text_of[digest].split(SEPARATOR) if digest in text_of else [None] * parts for digest in digests.tolist()
        ]
        return [[name[part] or None for name in names] for part in range(parts)]
