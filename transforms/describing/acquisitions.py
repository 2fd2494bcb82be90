"""How page views came to a site: sources and campaigns by code, and the acquisition that follows from both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Digests, Flags, Words
from footfall.transforms.describing.attribute_referrers import attribute_campaign
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import NameDictionary, join_parts
from footfall.transforms.vocabulary import NONE, REFERRER_KINDS

_DIRECT: Final = REFERRER_KINDS.index("direct")
_INTERNAL: Final = REFERRER_KINDS.index("internal")


class Acquisitions:
    """The sources and campaigns that one worker has met, and the acquisitions that they make; code 0 is none.

    `names` takes the names of acquisitions; `sites` are the names of sites by code, to which others may be added.
    """

    def __init__(self, names: NameDictionary, sites: Sequence[str]) -> None:
        self._names = names
        self._sites = sites
        self.forget_sources()
        self.forget_campaigns()

    def forget_sources(self) -> None:
        """Forget what the codes of sources stand for."""
        self._sources: list[tuple[int, str, str]] = [(_DIRECT, NONE, "")]
        self._source_codes = {(_DIRECT, NONE, ""): 0}
        self._forget()

    def forget_campaigns(self) -> None:
        """Forget what the codes of campaigns stand for."""
        self._campaigns: list[tuple[str, str, str]] = [("", "", "")]
        self._campaign_codes = {("", "", ""): 0}
        self._forget()

    def _forget(self) -> None:
        self._keys = KeyTable()
        self._digests = np.zeros(0, dtype=np.uint64)
        self._is_internal = np.zeros(0, dtype=np.bool_)

    def source_code(self, kind: int, source: str, host: str) -> int:
        """Return the code of a source; `host` is the host of the referrer."""
        code = self._source_codes.get((kind, source, host))
        if code is None:
            code = self._source_codes[kind, source, host] = len(self._sources)
            self._sources.append((kind, source, host))
        return code

    def campaign_code(self, source: str | None, medium: str | None, campaign: str | None) -> int:
        """Return the code of a campaign, 0 if all of its parts are None."""
        if source is None and medium is None and campaign is None:
            return 0
        parts = (source or NONE, medium or NONE, campaign or NONE)
        code = self._campaign_codes.get(parts)
        if code is None:
            code = self._campaign_codes[parts] = len(self._campaigns)
            self._campaigns.append(parts)
        return code

    def describe(self, sources: Codes, campaigns: Codes, sites: Codes) -> tuple[Digests, Flags]:
        """Return the digest of the kind, source and campaign of each page view, and whether it is internal."""
        codes = self._keys.intern(_pack(sources, campaigns, sites))
        known = len(self._digests)
        if known < self._keys.count:
            texts, internal = [], []
            for key in self._keys.keys[known:].tolist():
                source_code, campaign_code, site_code = _unpack(key)
                kind, source = self.attribute(source_code, campaign_code, site_code)
                texts.append(join_parts([REFERRER_KINDS[kind], source, *self._campaigns[campaign_code]]))
                internal.append(kind == _INTERNAL)
            self._digests = np.concatenate([self._digests, self._names.add(texts)])
            self._is_internal = np.concatenate([self._is_internal, np.array(internal)])
        return self._digests[codes], self._is_internal[codes]

    def attribute(self, source_code: int, campaign_code: int, site_code: int) -> tuple[int, str]:
        """Return kind and source: of the campaign if there is one, else of the referrer, which may be the site."""
        kind, source, host = self._sources[source_code]
        if campaign_code:
            return attribute_campaign(*self._campaigns[campaign_code][:2])
        if host and host == self._sites[site_code].removeprefix("www."):
            return _INTERNAL, NONE
        return kind, source


def _pack(sources: Codes, campaigns: Codes, sites: Codes) -> Words:
    """The codes of source, campaign and site as one word, in 22, 22 and 20 bits."""
    keys: Words = sources.astype(np.uint64)
    keys <<= np.uint64(42)
    keys |= campaigns.astype(np.uint64) << np.uint64(20)
    keys |= sites.astype(np.uint64)
    return keys


def _unpack(key: int) -> tuple[int, int, int]:
    """The codes that `_pack` put into a word."""
    return key >> 42, key >> 20 & 0x3FFFFF, key & 0xFFFFF
