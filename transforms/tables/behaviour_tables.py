"""The partial tables of what is learned about sites, pages and agents on a day, from all of their clients.

Each client is compared with the people of the site: see `footfall.transforms.behaviour`. Hosts and pages are halves of
digests. `day` is the day that is judged. Half an hour before and after it counts too, except in `own_hosts`.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from footfall.transforms.tables.declaring import DAY_SITE_KEYS, PartialTable, sums

LEARNED_TABLES: Final = (
    # How often the parts of pages, and posts, name a host of this domain as their referrer.
    PartialTable("own_hosts", {**DAY_SITE_KEYS, "host": pa.uint32(), "name": pa.string()}, sums("hits")),
    # Of clients that nothing has shown to be machines yet: hits with an answer, parts among them; clients with
    # documents, and those of them that load parts as people do, by the rule for logs with referrers and by that for
    # logs without; the same of people: those that walk or arrive from a known place. Of all clients: documents, those
    # with a referrer, hits with an agent; clients that load parts, those of them that come from a known place or follow
    # links; readers that open more pages at once than anybody looks at; addresses that came from a page that they had
    # opened, other than the home page; of clients that load parts, the pages that they viewed, each page once for a
    # client, and those of these pages that they loaded parts with.
    PartialTable(
        "site_habits",
        DAY_SITE_KEYS,
        sums(
            *("answered", "parts"),
            *("readers", "loading_readers", "loading_readers_bare", "people", "loading_people", "loading_people_bare"),
            *("documents", "referred", "with_agent", "loaders", "walking_loaders", "hurried", "walking_addresses"),
            *("views", "loaded_views"),
        ),
    ),
    # Clients that load parts, by the day on which their browser's version was released, and those of them on desktops
    # that follow links or come from a known place.
    PartialTable("releases", {**DAY_SITE_KEYS, "released": pa.int32()}, sums("loaders", "walkers")),
    # Clients that load parts and viewed the page, and those among them that loaded parts with it; people that viewed
    # it, and those of them that load parts, with it or elsewhere, as in `site_habits`.
    PartialTable(
        "page_needs",
        {**DAY_SITE_KEYS, "page": pa.uint32()},
        sums("viewers", "loaders", "people", "loading_people", "loading_people_bare"),
    ),
    # Clients that have an agent, those that load parts, those that come from a known place or follow links; documents.
    PartialTable(
        "agent_habits",
        {**DAY_SITE_KEYS, "agent": pa.uint64()},
        sums("clients", "loaders", "walkers", "documents", "false_documents", "home_documents"),
    ),
    # Of what looks like a document, by the shape of its page, and of clients that load parts: addresses that asked for
    # it; hits, and those attached to a page; addresses that named it as their referrer; clients that opened it, and how
    # many of its pages they opened, each page once for a client.
    PartialTable(
        "shape_habits",
        {**DAY_SITE_KEYS, "shape": pa.uint32()},
        sums("addresses", "hits", "attached", "framed", "leaving", "openers", "opened", "loaded"),
    ),
    # Which shapes follow pages of which other shape at once: those pages, each once for a client, and clients.
    PartialTable(
        "shape_follows", {**DAY_SITE_KEYS, "shape": pa.uint32(), "source": pa.uint32()}, sums("pages", "clients")
    ),
    # Clients and addresses that opened a link that may be one person's, the clients among them that do more, and when
    # it was opened.
    PartialTable(
        "openings",
        {**DAY_SITE_KEYS, "link": pa.uint32()},
        {**sums("clients", "addresses", "readers"), "first_ms": "min", "last_ms": "max"},
    ),
)
