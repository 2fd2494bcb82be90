"""Finds the days with few visits over a midnight (`docs/definitions.md`, Tables of hits, Over midnight)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.exchange.row_files import read_together
from footfall.transforms.tables.asked_tables import DOCUMENT_KIND, PAGE_VIEW_KIND
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.tables.published import ITEM_TABLES
from footfall.transforms.vocabulary import HUMAN

_COLUMNS: Final = ("day", "site", "client", "code")
IS_AT_FEW: Final = "(day, site) IN (FROM few_over_midnight)"
"""SQL for whether the day and site of a row are in `few_over_midnight`."""
IS_VIEWED_AT_FEW: Final = f"traffic_class = {HUMAN} AND {IS_AT_FEW}"
HAS_DOCUMENTS: Final = "(day, site) IN (FROM few_with_documents)"
"""SQL for whether that is such a day on which page views and other documents are one row."""
IS_OF_DOCUMENTS: Final = f"kind IN ({PAGE_VIEW_KIND}, {DOCUMENT_KIND})"


def find_midnights(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], k: int) -> None:
    """Create `few_over_midnight`: days and sites whose page views are not published by the day of the hit.

    `few_with_documents` are those of them on which k people asked for documents that made no page view. `paths` are the
    files of items, the last table of which has who was there over a midnight, at which end of the day. The connection
    has the cells of `visits`: on a day of few visitors, page views less those over its midnights would be theirs.
    """
    connection.execute("CREATE TABLE over_midnight (day INTEGER, site UBIGINT, client UBIGINT, code SMALLINT)")
    for rows in read_together(paths, _COLUMNS, number=len(ITEM_TABLES)):
        execute_over(
            connection,
            rows,
            f"INSERT INTO over_midnight SELECT DISTINCT {', '.join(_COLUMNS)} FROM in_memory",
        )
    connection.execute(
        f"""CREATE TABLE few_over_midnight AS SELECT DISTINCT day, site FROM (
          SELECT day, site FROM over_midnight GROUP BY day, site, code HAVING count(DISTINCT client) < {k}
          UNION ALL
          SELECT t.day, t.site FROM over_midnight t {SITE_NAME} JOIN visits_cells v ON v.day = {DAY} AND v.site = s.text
          WHERE NOT v.sure);
        CREATE TABLE few_with_documents AS SELECT day, site
        FROM few_over_midnight JOIN p_kind_visitors USING (day, site)
        WHERE traffic_class = {HUMAN} AND kind = {DOCUMENT_KIND} AND visitors >= {k}"""
    )
