"""What is known of a log's distinct strings: each agent, path, url, referrer and site is described once (step 4).

A `Descriptions` belongs to one worker. It holds raw strings in memory for as long as the worker lives and gives
out codes and digests only.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Digests, Key, Offsets
from footfall.transforms.describing.attribute_referrers import attribute_referrers
from footfall.transforms.describing.describe_agents import describe_agents
from footfall.transforms.describing.find_probes import find_probes
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.read_queries import read_campaigns, read_searches
from footfall.transforms.kernels.digests import digest_spans
from footfall.transforms.kernels.intern_strings import KeyTable, StringTable
from footfall.transforms.kernels.names import NameDictionary, join_parts
from footfall.transforms.values.decode_texts import decode_texts
from footfall.transforms.vocabulary import HUMAN, NONE, PROBE, REFERRER_KINDS, UNKNOWN

NO_AGENT_FIELD: Final = "no agent field"
MAX_DESCRIPTIONS: Final = 100_000
"""Of a kind and process; a busy day has a tenth of that, and more are described again."""
_HOST_NAME: Final = re.compile(
    # No address; no long hexadecimal token and no UUID, as only a client's own Host header brings them.
    r"(?!.*\.\d+$)(?!.*[0-9a-f]{16})(?!.*[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
    r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?"
)
_DIRECT: Final = REFERRER_KINDS.index("direct")
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_CAMPAIGN: Final = REFERRER_KINDS.index("campaign")


class _Shared:
    """Descriptions of strings of one kind for all workers of a process: each string is described once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, ...]] = {}
        self._lock = threading.Lock()

    def describe(
        self, texts: list[str], describe: Callable[[list[str]], Iterable[tuple[Any, ...]]]
    ) -> list[tuple[Any, ...]]:
        """One row for each text; `describe` makes those of texts that are new to the process."""
        with self._lock:
            if len(self._known) > MAX_DESCRIPTIONS:
                self._known.clear()
            missing = [text for text in dict.fromkeys(texts) if text not in self._known]
            if missing:
                self._known.update(zip(missing, describe(missing), strict=True))
            return [self._known[text] for text in texts]


_shared: Final[defaultdict[tuple[Any, ...], _Shared]] = defaultdict(_Shared)
"""By kind of string, and by the settings that descriptions depend on."""

AGENT_COLUMNS: Final = [
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "traffic_class",
    "class_reason",
    "name",
    "category",
]


def _rows(table: pa.Table) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _describe_agents(texts: list[str]) -> Iterable[tuple[Any, ...]]:
    return _rows(describe_agents(pa.array(texts, pa.string())).select(AGENT_COLUMNS))


def _describe_paths(texts: list[str]) -> Iterable[tuple[Any, ...]]:
    """(page, document, probe, probe's reason)."""
    array = pa.array(texts, pa.string())
    pages = name_pages(array).select(["page", "document"])
    probes = find_probes(array).select(["probe", "reason"])
    return _rows(pa.table([*pages.columns, *probes.columns], names=["page", "document", "probe", "reason"]))


def _describe_urls(texts: list[str], search_keys: Collection[str]) -> Iterable[tuple[Any, ...]]:
    """(source, medium, campaign, phrase, probe, probe's reason)."""
    queries = pa.array([text.partition("#")[0].partition("?")[2] for text in texts], pa.string())
    campaigns = read_campaigns(queries).select(["source", "medium", "campaign"])
    probes = find_probes(pa.array(texts, pa.string())).select(["probe", "reason"])
    columns = [*campaigns.columns, read_searches(queries, search_keys), *probes.columns]
    return _rows(pa.table(columns, names=["source", "medium", "campaign", "phrase", "probe", "reason"]))


def _describe_referrers(texts: list[str], own_hosts: Collection[str]) -> Iterable[tuple[Any, ...]]:
    """(kind, source, host)."""
    return _rows(attribute_referrers(pa.array(texts, pa.string()), own_hosts).select(["kind", "source", "host"]))


class _DescribedStrings:
    """One growing column per fact about the strings of a table; row 0 is the absent string."""

    def __init__(self, **absent: np.generic) -> None:
        self.strings = StringTable()
        self._absent = absent
        self.columns: dict[str, NDArray[Any]] = {name: np.array([value]) for name, value in absent.items()}

    def clear(self) -> None:
        self.strings.clear()
        self.columns = {name: np.array([value]) for name, value in self._absent.items()}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def intern(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """The codes of strings, by which the columns tell what is known of them once they are described."""
        return self.strings.intern(block, begins, ends)

    def missing(self) -> pa.StringArray | None:
        """The strings that have been met but not described yet, as text."""
        raw = self.missing_raw()
        return None if raw is None else decode_texts(raw)

    def missing_raw(self) -> pa.LargeBinaryArray | None:
        """The same, as bytes."""
        described = len(next(iter(self.columns.values())))
        return None if described == self.strings.count else self.strings.bytes_since(described)

    def append(self, **values: NDArray[np.generic]) -> None:
        for name, column in values.items():
            self.columns[name] = np.concatenate([self.columns[name], column.astype(self.columns[name].dtype)])


class Descriptions:
    """Codes and facts of the distinct strings that one worker has met.

    `key` is the run's; `own_hosts` are hosts whose referrers are internal; `search_keys` name the queries of the
    site's own search; `default_site` is the site where the format has none.
    """

    def __init__(
        self,
        key: Key,
        default_site: str,
        own_hosts: tuple[str, ...],
        search_keys: tuple[str, ...],
    ) -> None:
        self.names = NameDictionary()
        self.sites: list[str] = [default_site, UNKNOWN]
        self.site_digests = self.names.add(self.sites, keep=True)
        self._site_codes = {default_site: 0, UNKNOWN: 1}
        self._key = key
        self._own_hosts = own_hosts
        self._search_keys = search_keys
        zero = np.uint64(0)
        self.agents = _DescribedStrings(
            traffic_class=np.uint8(HUMAN), technology=zero, machine=np.int32(0), digest=zero
        )
        self.agent_rows: list[tuple[str | int, ...]] = []
        self.machines: list[tuple[str, str]] = [("", "")]
        """(name, category) of bots, monitors, programs and kinds of probe, by code."""
        self._machine_codes = {("", ""): 0}
        self.paths = _DescribedStrings(page=zero, is_document=np.False_, probe=np.uint8(0), probe_machine=np.int32(0))
        self.urls = _DescribedStrings(campaign=np.int32(0), phrase=zero, probe=np.uint8(0), probe_machine=np.int32(0))
        self.referrers = _DescribedStrings(source=np.int32(0))
        self._raw_sites = _DescribedStrings(site=np.int32(0))
        self._forget_acquisitions()

    def _forget_acquisitions(self) -> None:
        self._campaigns: list[tuple[str, str, str]] = [("", "", "")]
        self._campaign_codes = {("", "", ""): 0}
        self._sources: list[tuple[int, str, str]] = [(_DIRECT, NONE, "")]
        self._source_codes = {(_DIRECT, NONE, ""): 0}
        self._acquisitions = KeyTable()
        self._acquisition_digests = np.zeros(0, dtype=np.uint64)
        self._acquisition_is_internal = np.zeros(0, dtype=np.bool_)

    @property
    def is_full(self) -> bool:
        """Whether it is time to `make_room`."""
        return self.names.is_full or any(one.strings.is_full for one in self._tables())

    def make_room(self) -> None:
        """Forget the strings of tables that have grown past their limit, and everything where there are too many names.

        Codes of strings that were given out before mean nothing then, nor do digests of names. Codes of sites and
        machines stay.
        """
        is_everything = self.names.is_full
        for facts in self._tables():
            if is_everything or facts.strings.is_full:
                facts.clear()
                if facts is self.agents:
                    self.agent_rows = []
        if is_everything:
            self.names.clear()
            self._forget_acquisitions()

    def _tables(self) -> tuple[_DescribedStrings, ...]:
        return self.agents, self.paths, self.urls, self.referrers, self._raw_sites

    def describe_new(self, *, has_agent_field: bool) -> None:
        """Fill in what is known of all strings that have been met since the last time.

        `agents`: traffic_class, technology, machine (of bots and programs), digest. `paths`: page, is_document, probe,
        probe_machine. `urls`, which have more than a path: campaign, phrase (0 for none), probe, probe_machine.
        `referrers`: source, for `describe_acquisitions`. A missing agent tells something only if the lines' format has
        a field for it.
        """
        self._describe_agents(has_field=has_agent_field)
        self._describe_paths()
        self._describe_urls()
        self._describe_referrers()

    def _describe_agents(self, *, has_field: bool) -> None:
        texts = self.agents.missing()
        if texts is not None:
            rows = _shared["agents",].describe(texts.to_pylist(), _describe_agents)
            self.agent_rows += rows
            raw = self.agents.missing_raw()
            technologies = [join_parts(str(part) for part in row[:5]) for row in rows]
            self.agents.append(
                traffic_class=np.array([row[5] for row in rows], dtype=np.uint8),
                technology=self.names.add(technologies),
                machine=np.array([self._machine(str(row[7]), str(row[8])) for row in rows], dtype=np.int32),
                digest=_keyed_digests(self._key, raw),
            )
        missing = _shared["agents",].describe([""], _describe_agents)[0]
        self.agents.columns["traffic_class"][0] = missing[5] if has_field else HUMAN
        self.agents.columns["technology"][0] = self.names.add([join_parts(str(part) for part in missing[:5])])[0]
        self.agents.columns["machine"][0] = self._machine(str(missing[7]), str(missing[8])) if has_field else 0

    def _machine(self, name: str, category: str) -> int:
        if not name:
            return 0
        code = self._machine_codes.get((name, category))
        if code is None:
            code = self._machine_codes[name, category] = len(self.machines)
            self.machines.append((name, category))
        return code

    def _probe_machines(self, rows: list[tuple[Any, ...]]) -> NDArray[np.int32]:
        """Codes of the reasons of probes, which stand last in the rows."""
        return np.array([self._machine(row[-1] or "", "probe") for row in rows], dtype=np.int32)

    def _describe_paths(self) -> None:
        texts = self.paths.missing()
        if texts is not None:
            rows = _shared["paths",].describe(texts.to_pylist(), _describe_paths)
            self.paths.append(
                page=self.names.add([row[0] for row in rows]),
                is_document=np.array([row[1] for row in rows], dtype=np.bool_),
                probe=np.array([row[2] for row in rows], dtype=np.uint8),
                probe_machine=self._probe_machines(rows),
            )
        # An absolute url without a path asks for the root.
        if self.paths.columns["page"][0] == 0:
            self.paths.columns["page"][0] = self.names.add(["/"])[0]
            self.paths.columns["is_document"][0] = True

    def _describe_urls(self) -> None:
        texts = self.urls.missing()
        if texts is not None:
            rows = _shared["urls", self._search_keys].describe(
                texts.to_pylist(), lambda missing: _describe_urls(missing, self._search_keys)
            )
            phrases = np.zeros(len(rows), dtype=np.uint64)
            has_phrase = np.array([row[3] is not None for row in rows], dtype=np.bool_)
            phrases[has_phrase] = self.names.add([row[3] for row in rows if row[3] is not None])
            self.urls.append(
                campaign=np.array([self._campaign(*row[:3]) for row in rows], dtype=np.int32),
                phrase=phrases,
                probe=np.array([row[4] for row in rows], dtype=np.uint8),
                probe_machine=self._probe_machines(rows),
            )

    def _campaign(self, source: str | None, medium: str | None, campaign: str | None) -> int:
        if source is None and medium is None and campaign is None:
            return 0
        parts = (source or NONE, medium or NONE, campaign or NONE)
        code = self._campaign_codes.get(parts)
        if code is None:
            code = self._campaign_codes[parts] = len(self._campaigns)
            self._campaigns.append(parts)
        return code

    def _describe_referrers(self) -> None:
        texts = self.referrers.missing()
        if texts is not None:
            rows = _shared["referrers", self._own_hosts].describe(
                texts.to_pylist(), lambda missing: _describe_referrers(missing, self._own_hosts)
            )
            self.referrers.append(source=np.array([self._source(*row) for row in rows], dtype=np.int32))

    def _source(self, kind: int, source: str, host: str) -> int:
        code = self._source_codes.get((kind, source, host))
        if code is None:
            code = self._source_codes[kind, source, host] = len(self._sources)
            self._sources.append((kind, source, host))
        return code

    def describe_sites(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """Codes into `sites` and `site_digests`, for formats with a field for the virtual host."""
        codes = self._raw_sites.intern(block, begins, ends)
        texts = self._raw_sites.missing()
        if texts is not None:
            known = np.array([self._site(text) for text in texts.to_pylist()], dtype=np.int32)
            self._raw_sites.append(site=known)
        self._raw_sites.columns["site"][0] = 1
        sites: Codes = self._raw_sites["site"][codes]
        return sites

    def _site(self, text: str) -> int:
        site = text.lower().rpartition("@")[2].partition(":")[0].rstrip(".")
        if not _HOST_NAME.fullmatch(site):
            return 1
        code = self._site_codes.get(site)
        if code is None:
            code = self._site_codes[site] = len(self.sites)
            self.sites.append(site)
            self.site_digests = np.concatenate([self.site_digests, self.names.add([site], keep=True)])
        return code

    def describe_acquisitions(self, sources: Codes, urls: Codes, sites: Codes) -> tuple[Digests, NDArray[np.bool_]]:
        """How page views were arrived at: digests of (kind, source, campaign's parts), and whether from inside."""
        codes = self._acquisitions.intern(_pack(sources, self.urls["campaign"][urls], sites))
        known = len(self._acquisition_digests)
        if known < self._acquisitions.count:
            texts, internal = [], []
            for key in self._acquisitions.keys[known:].tolist():
                kind, source = self._acquisition(key >> 42, key >> 20 & 0x3FFFFF, key & 0xFFFFF)
                texts.append(join_parts([REFERRER_KINDS[kind], source, *self._campaigns[key >> 20 & 0x3FFFFF]]))
                internal.append(kind == _INTERNAL)
            self._acquisition_digests = np.concatenate([self._acquisition_digests, self.names.add(texts)])
            self._acquisition_is_internal = np.concatenate([self._acquisition_is_internal, np.array(internal)])
        return self._acquisition_digests[codes], self._acquisition_is_internal[codes]

    def _acquisition(self, source_code: int, campaign_code: int, site_code: int) -> tuple[int, str]:
        kind, source, host = self._sources[source_code]
        if campaign_code:
            return _CAMPAIGN, self._campaigns[campaign_code][0]
        if host and host == self.sites[site_code].removeprefix("www."):
            return _INTERNAL, NONE
        return kind, source

    def probes(
        self, paths: Codes, urls: Codes, statuses: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        """Which hits look for holes, and the codes of their kinds in `machines`."""
        has_query = urls > 0
        certainty = np.where(has_query, self.urls["probe"][urls], self.paths["probe"][paths])
        machine = np.where(has_query, self.urls["probe_machine"][urls], self.paths["probe_machine"][paths])
        refused = (statuses >= 400) | (statuses == 0)
        return (certainty == 2) | ((certainty == 1) & refused), machine


def _pack(sources: Codes, campaigns: Codes, sites: Codes) -> Digests:
    """One key for how a page view was arrived at: codes of 22, 22 and 20 bits."""
    keys: Digests = sources.astype(np.uint64)
    keys <<= np.uint64(42)
    keys |= campaigns.astype(np.uint64) << np.uint64(20)
    keys |= sites.astype(np.uint64)
    return keys


def _keyed_digests(key: Key, raw: pa.LargeBinaryArray | None) -> Digests:
    if raw is None:
        return np.zeros(0, dtype=np.uint64)
    offsets = np.frombuffer(raw.buffers()[1], dtype=np.int64)
    content = np.zeros(len(raw.buffers()[2]) + 16, dtype=np.uint8)
    content[:-16] = np.frombuffer(raw.buffers()[2], dtype=np.uint8)
    return digest_spans(key, content, offsets[:-1], offsets[1:])


__all__ = ["AGENT_COLUMNS", "NO_AGENT_FIELD", "PROBE", "Descriptions"]
