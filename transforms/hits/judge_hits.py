"""Judges each hit by its texts: its traffic class, whether it is a page view, and the evidence for judging its client.

One pass reads a dozen columns of texts by code row by row, instead of one column after the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from footfall.transforms.arrays import Bytes, Codes, Digests, Evidence, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.evidence import INTERNAL, kind_asked, pack_evidence
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.describing.find_probes import PROBE_ALWAYS, PROBE_WHEN_REFUSED
from footfall.transforms.describing.judge_paths import IS_READ, NOTHING
from footfall.transforms.hits.read_lines import ReadLines
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.values.read_headers import ASKS_DOCUMENT, ASKS_NO_DOCUMENT
from footfall.transforms.values.read_requests import METHOD_GET, METHOD_NONE
from footfall.transforms.vocabulary import AUTOMATED, HUMAN, PROBE


class JudgedHits(NamedTuple):
    """Columns of `Hits`. `page` to `shape` are set for people who did not opt out, the last three for page views."""

    traffic_class: Bytes
    machine: Codes
    is_page_view: Flags
    opted_out: Flags
    needs_clients: Flags
    evidence: Evidence
    kind: Bytes
    asked: HalfDigests
    link: HalfDigests
    from_host: HalfDigests
    from_page: HalfDigests
    page: Digests
    session: Digests
    technology: Digests
    phrase: Digests
    shape: HalfDigests


class _Lines(NamedTuple):
    """Columns of `ReadLines`."""

    path: Codes
    url: Codes
    agent: Codes
    referrer: Codes
    site: Codes
    method: Bytes
    status: Ints
    session: Digests
    asks: Bytes
    opted_out: Flags


class _Texts(NamedTuple):
    """What `Descriptions` says about the texts of lines, by their codes."""

    agent_class: Bytes
    agent_machine: Codes
    agent_has_own_name: Flags
    agent_technology: Digests
    path_is_document: Flags
    path_is_included: Flags
    path_is_doubtful: Flags
    path_kind: Bytes
    path_page: Digests
    path_shape: HalfDigests
    path_link: HalfDigests
    path_probe: Bytes
    path_probe_machine: Codes
    url_kind: Bytes
    url_phrase: Digests
    url_page: Digests
    """0 where the path alone is the page."""
    url_shape: HalfDigests
    url_link: HalfDigests
    url_probe: Bytes
    url_probe_machine: Codes
    referrer_kind: Bytes
    referrer_host: HalfDigests
    referrer_domain: HalfDigests
    referrer_page: HalfDigests
    site_host: HalfDigests


def judge_hits(lines: ReadLines, describe: Descriptions, no_page: np.uint64) -> JudgedHits:
    """Judge one hit for each line; `no_page` is the digest that stands for the page of a line without a request."""
    agents, paths, urls, referrers = describe.agents, describe.paths, describe.urls, describe.referrers
    columns = [
        *(agents[name] for name in ("traffic_class", "machine", "has_own_name", "technology")),
        *(paths[name] for name in ("is_document", "is_included", "is_doubtful", "kind", "page", "shape", "link")),
        *(paths[name] for name in ("probe", "probe_machine")),
        *(urls[name] for name in ("kind", "phrase", "page", "shape", "link", "probe", "probe_machine")),
        *(referrers[name] for name in ("kind", "host", "domain", "page")),
        describe.site_hosts,
    ]
    count = len(lines.path)
    judged = JudgedHits(
        traffic_class=np.empty(count, dtype=np.uint8),
        machine=np.empty(count, dtype=np.int32),
        is_page_view=np.empty(count, dtype=np.bool_),
        opted_out=np.empty(count, dtype=np.bool_),
        needs_clients=np.empty(count, dtype=np.bool_),
        evidence=np.empty(count, dtype=np.uint16),
        kind=np.empty(count, dtype=np.uint8),
        asked=np.empty(count, dtype=np.uint32),
        link=np.empty(count, dtype=np.uint32),
        from_host=np.empty(count, dtype=np.uint32),
        from_page=np.empty(count, dtype=np.uint32),
        page=np.zeros(count, dtype=np.uint64),
        session=np.zeros(count, dtype=np.uint64),
        technology=np.zeros(count, dtype=np.uint64),
        phrase=np.zeros(count, dtype=np.uint64),
        shape=np.zeros(count, dtype=np.uint32),
    )
    _judge(_Lines(*(getattr(lines, name) for name in _Lines._fields)), _Texts(*columns), no_page, judged)
    return judged


@inner_kernel
def _judge(lines: _Lines, texts: _Texts, no_page: np.uint64, judged: JudgedHits) -> None:
    for row in range(len(lines.path)):
        agent, path, url, referrer = lines.agent[row], lines.path[row], lines.url[row], lines.referrer[row]
        method, status = lines.method[row], lines.status[row]
        # The url of a hit contains its path, so that the path alone decides only where there is no url.
        probe = texts.url_probe[url] if url > 0 else texts.path_probe[path]
        is_hole = probe == PROBE_ALWAYS
        is_probe = is_hole or (probe == PROBE_WHEN_REFUSED and (status >= 400 or status == 0))
        if is_probe:
            traffic_class = np.uint8(PROBE)
            judged.machine[row] = texts.url_probe_machine[url] if url > 0 else texts.path_probe_machine[path]
        else:
            traffic_class = texts.agent_class[agent]
            judged.machine[row] = texts.agent_machine[agent]
        judged.traffic_class[row] = traffic_class
        is_human = traffic_class == HUMAN
        has_own_name = not is_human and not is_probe and texts.agent_has_own_name[agent]
        judged.needs_clients[row] = traffic_class == AUTOMATED or has_own_name

        is_included, is_document = texts.path_is_included[path], texts.path_is_document[path]
        kind = texts.path_kind[path]
        # Where the path is a document's, the query may say otherwise.
        if IS_READ[kind] and texts.url_kind[url] > 0:
            kind = texts.url_kind[url]
        referrer_kind, host = texts.referrer_kind[referrer], texts.referrer_host[referrer]
        if host != 0 and host == texts.site_host[lines.site[row]]:
            referrer_kind = np.uint8(INTERNAL)
        judged.evidence[row] = pack_evidence(kind, method, referrer_kind, status, is_probe, is_hole)
        judged.kind[row] = kind_asked(kind, method, is_document, is_included)
        judged.from_host[row] = texts.referrer_domain[referrer]
        judged.from_page[row] = texts.referrer_page[referrer]
        link = texts.url_link[url]
        judged.link[row] = link if link > 0 else texts.path_link[path]
        has_key = texts.url_page[url] != 0
        page = texts.url_page[url] if has_key else texts.path_page[path]
        if method == METHOD_NONE:
            page = no_page
        judged.asked[row] = np.uint32(page & np.uint64(0xFFFFFFFF))

        judged.opted_out[row] = is_human and lines.opted_out[row]
        judged.is_page_view[row] = False
        if not is_human or lines.opted_out[row]:
            continue
        judged.page[row] = page
        judged.session[row] = lines.session[row]
        is_overruled = texts.url_kind[url] != NOTHING and not is_included
        is_document = is_document and not is_overruled
        if not is_included:
            is_opened = lines.asks[row] == ASKS_DOCUMENT and texts.path_is_doubtful[path] and not is_overruled
            is_document = (is_document or is_opened) and lines.asks[row] != ASKS_NO_DOCUMENT
        if method == METHOD_GET and (status == 200 or status == 304) and is_document:
            judged.is_page_view[row] = True
            judged.technology[row] = texts.agent_technology[agent]
            judged.phrase[row] = texts.url_phrase[url]
            judged.shape[row] = texts.url_shape[url] if has_key else texts.path_shape[path]
