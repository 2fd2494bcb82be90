"""Makes the table `kinds` of a run (`docs/definitions.md`, Tables of hits)."""

from __future__ import annotations

from typing import Final

from footfall.pipelines.publishing.find_midnights import HAS_DOCUMENTS, IS_OF_DOCUMENTS, IS_VIEWED_AT_FEW
from footfall.pipelines.publishing.fold_small_cells import fold_small_cells
from footfall.pipelines.publishing.round_bytes import GROUP, hits_and_bytes
from footfall.transforms.tables.asked_tables import BY_KIND, DOCUMENT_KIND, DOCUMENTS, KINDS, PAGE_VIEW_KIND
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.vocabulary import AUTOMATED, HUMAN, OTHER, TRAFFIC_CLASSES

_PEOPLE: Final = f"traffic_class IN ({HUMAN}, {AUTOMATED})"


def make_kinds(k: int) -> str:
    """Return SQL that creates `placed_kinds`, which says in which row each kind of people is, and `published_kinds`.

    Other tables publish the number of page views: what is folded has k visitors without them, where that is possible.
    On days on which few visits cross midnight they are one row with other documents, or folded if these are too few.
    """
    is_view = f"kind = {PAGE_VIEW_KIND}"
    is_together = f"{IS_OF_DOCUMENTS} AND traffic_class = {HUMAN} AND {HAS_DOCUMENTS}"
    is_hidden = f"{is_view} AND {IS_VIEWED_AT_FEW} AND NOT ({HAS_DOCUMENTS})"
    name = BY_KIND.published.columns["kind"]
    return f"""CREATE TABLE placed_kinds AS
    WITH cells AS (
      SELECT {GROUP}, kind, hits, bytes_sent, visitors, largest, two_largest,
        {is_together} AS is_together, {is_hidden} AS is_aside,
        visitors < {k} OR ({is_hidden}) AS rest
      FROM p_kinds JOIN p_kind_visitors USING ({GROUP}, kind)
      JOIN large_kinds USING ({GROUP}, kind) ANTI JOIN hidden_groups USING ({GROUP})
    ), {fold_small_cells(f"{is_view}, is_together, visitors, kind", k, "is_aside")}
    -- Where other documents are part of the rest, page views are.
    SELECT * REPLACE (is_rest OR (is_together
      AND bool_or(is_rest AND kind = {DOCUMENT_KIND}) OVER (PARTITION BY {GROUP})) AS is_rest)
    FROM folded;
    CREATE TABLE published_kinds AS
    SELECT {DAY} AS day, s.text AS site, kind, {list(TRAFFIC_CLASSES)}[traffic_class + 1] AS traffic_class, hits,
      bytes_sent
    FROM (
      SELECT {GROUP}, CASE WHEN is_rest THEN '{OTHER}' WHEN is_together THEN '{DOCUMENTS}'
        ELSE {name} END AS kind, {hits_and_bytes(k)}
      FROM placed_kinds t GROUP BY 1, 2, 3, 4) t {SITE_NAME}
    UNION ALL BY NAME
    {KINDS.partials[0].query(["hits", "bytes_sent"])} WHERE NOT t.{_PEOPLE}"""
