"""Looks for identifiers of the run in the texts that it publishes: addresses, cookies and names of users in its logs.

The pipeline has found them in names under the run's key, which does not leave it (`transforms.withhold_identifiers`);
it passes on fixed digests of what it found. Only the tables that the run made are searched, not those of earlier runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import duckdb
import pyarrow as pa

from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.describing.order_agent_rules import listed_names
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.describing.withhold_texts import Identifiers, find_identifiers, words_of_machines
from footfall.transforms.kernels.digests import FIXED_KEY

MET_EVIDENCE: Final = (
    "looked up every word of the run's texts, in all spellings, among what identified visitors, and before "
    "the file took its place every readable word of its bytes"
)
"""The file takes its place only if its bytes were searched (`check_bytes`), so that it may say so before."""
_TEXTS: Final = (
    *(("pages", "page"), ("errors", "page"), ("searches", "phrase"), ("referrers", "source"), ("bots", "name")),
    ("downloads", "page"),
    *(("crawlers", name) for name in ("name", "page_group")),
    *(("crawler_errors", name) for name in ("name", "page")),
    *(("page_latency", "page_group"), ("robots_txt", "name")),
    *(("broken_links", name) for name in ("page", "referrer")),
    *(("campaigns", name) for name in ("source", "medium", "campaign")),
    *((table, "input") for table in ("inputs", "rejects")),
)
"""(table, column) of texts that come from requests and paths, and from no list."""
_MACHINES: Final = (("bots", "name"), ("crawlers", "name"), ("crawler_errors", "name"), ("robots_txt", "name"))
_FOLDERS: Final = ("/…", "?…")
_ADDED: Final = re.compile(r"[/?]…$| \([0-9]+\)$")
"""What publishing adds to a text that was searched: the mark of a folder, the number of an input among equal names."""


def met_in_texts(partial_tables: Mapping[str, pa.Table]) -> Identifiers:
    """Return the identifiers that the pipeline found in names, by their fixed digests."""
    return Identifiers.of(FIXED_KEY, partial_tables["withheld"]["token"].to_numpy())


def withhold_bots(connection: duckdb.DuckDBPyConnection, identifiers: Identifiers, rules: TextRules) -> None:
    """Create `withheld_bots`: the names of machines, chosen by clients, that have an identifier of the run."""
    names = [name for (name,) in connection.execute("SELECT DISTINCT name FROM p_machines").fetchall()]
    searched = [words_of_machines(name) for name in names]
    found = {names[one.row] for one in find_identifiers(searched, identifiers, rules)}
    table = pa.table({"name": pa.array(sorted(found - listed_names()) if found else [], pa.string())})
    execute_over(connection, table, "CREATE TABLE withheld_bots AS FROM in_memory")


def find_met(
    connection: duckdb.DuckDBPyConnection, partial_tables: Mapping[str, pa.Table], rules: TextRules
) -> list[tuple[str, int, int]]:
    """Return (table and column, texts searched, texts with an identifier of the run) of the tables of the run."""
    identifiers = met_in_texts(partial_tables)
    outcomes = []
    for table, column in _TEXTS:
        rows = connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
        # The folder of a text to keep has its words, but not its form.
        texts = [_ADDED.sub("", text) for (text,) in rows if not (rules.keep and text.endswith(_FOLDERS))]
        of_machines = (table, column) in _MACHINES
        searched = [words_of_machines(text) for text in texts] if of_machines else texts
        found = {one.row for one in find_identifiers(searched, identifiers, rules)}
        if found and of_machines:
            found = {row for row in found if texts[row] not in listed_names()}
        outcomes.append((f"{table}.{column}", len(texts), len(found)))
    return outcomes
