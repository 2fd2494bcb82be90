"""The tables of what is no person: bots, what they ask for, and robots.txt."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from footfall.transforms import vocabulary as words
from tests.reference.asked import folder_of
from tests.reference.describe import Described
from tests.reference.hit_tables import publishes_bytes, rounded_bytes, sizes_by
from tests.reference.robots import asks_robots_txt, is_forbidden, rules_of
from tests.reference.run import Run, TableRow, in_order
from tests.reference.small_hits import (
    PEOPLE,
    folded_to_other,
    visitors_by,
)
from tests.reference.visits import Client


def bots(run: Run) -> list[TableRow]:
    """Every hit that is not human, by the name of what asked."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class == "human":
            continue
        by_name: dict[tuple[str, str], list[Described]] = defaultdict(list)
        for described in hits:
            by_name[described.bot_name, described.bot_category].append(described)
        row_of = {name: name for name in by_name}
        if traffic_class == "automated":
            cells = visitors_by(hits, lambda described: (described.bot_name, described.bot_category))
            of_day = len({described.client for described in hits})
            other = (words.OTHER, words.OTHER)
            row_of |= dict.fromkeys(folded_to_other(cells, of_day, run.settings.k, other), other)
        else:
            for (name, category), own in by_name.items():
                clients = {described.client for described in own if described.has_own_name}
                if 0 < len(clients) < run.settings.k:
                    row_of[name, category] = (words.OTHER, category)
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for name, own in by_name.items():
            counts[row_of[name]]["hits"] += len(own)
            counts[row_of[name]]["bytes_sent"] += sum(described.hit.bytes_sent for described in own)
        sizes = sizes_by(hits, lambda described: (described.bot_name, described.bot_category))
        has_bytes = traffic_class in PEOPLE and publishes_bytes(run, traffic_class, hits, sizes, row_of)
        for (name, category), row in counts.items():
            key = {"day": day, "site": site, "traffic_class": traffic_class, "name": name, "category": category}
            bytes_sent: int | None = row["bytes_sent"]
            if traffic_class in PEOPLE:
                bytes_sent = rounded_bytes(row, run.settings.k) if has_bytes else None
            rows.append({**key, "hits": row["hits"], "bytes_sent": bytes_sent})
    return in_order(rows)


def crawlers(run: Run, named: list[TableRow]) -> list[TableRow]:
    """Every hit of a declared bot by its name, the folder it asked in and the status; `named` are rows with a page."""
    folders = {(row["site"], folder_of(row["page"])) for row in named}
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class != "bot":
            continue
        row_of = published_bots(hits, run.settings.k)
        for described in hits:
            name, category = row_of[described.bot_name, described.bot_category]
            folder = described.folder
            if folder != "/" and (site, folder) not in folders:
                folder = words.OTHER
            status = described.hit.status
            of_status = f"{status // 100}xx" if 200 <= status < 600 else words.OTHER
            row = counts[day, site, name, category, folder, of_status]
            row["hits"] += 1
            row["bytes_sent"] += described.hit.bytes_sent
    columns = ("day", "site", "name", "category", "page_group", "status_class")
    return with_measures(columns, counts, ("hits", "bytes_sent"))


def crawler_errors(run: Run, named: list[TableRow]) -> list[TableRow]:
    """Every hit of a declared bot with an error, by its name, the page and the status; `named` are rows with a page."""
    pages = {(row["day"], row["site"], row["page"]) for row in named if row["grain"] == "day"}
    folders = {(day, site, folder_of(page)) for day, site, page in pages}
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        row_of = published_bots(hits, run.settings.k)
        for described in hits if traffic_class == "bot" else []:
            if not 400 <= described.hit.status < 600:
                continue
            page = described.page
            if (day, site, page) not in pages:
                is_named = described.folder != "/" and (day, site, described.folder) in folders
                page = described.folder if is_named else words.OTHER
            name, category = row_of[described.bot_name, described.bot_category]
            counts[day, site, name, category, described.hit.status, page]["hits"] += 1
    return with_measures(("day", "site", "name", "category", "status", "page"), counts, ("hits",))


def published_bots(hits: list[Described], k: int) -> dict[tuple[str, str], tuple[str, str]]:
    """The published name and category of each bot of a class and day; names of few clients are folded."""
    clients: dict[tuple[str, str], set[Client]] = defaultdict(set)
    for one in hits:
        clients[one.bot_name, one.bot_category] |= {one.client} if one.has_own_name else set()
    return {
        (name, category): (words.OTHER if 0 < len(own) < k else name, category)
        for (name, category), own in clients.items()
    }


def robots_txt(run: Run) -> list[TableRow]:
    """Who asked for robots.txt, and for what it forbids."""
    rows = []
    for (day, site, traffic_class), hits in run.groups_of_hits.items():
        if traffic_class != "bot":
            continue
        rules = rules_of(site, run.settings.robots)
        row_of = published_bots(hits, run.settings.k)
        of_bot: dict[tuple[str, str], list[Described]] = defaultdict(list)
        for described in hits:
            of_bot[row_of[described.bot_name, described.bot_category]].append(described)
        for (name, category), own in of_bot.items():
            asked = [one.hit.time_ms for one in own if asks_robots_txt(one)]
            forbidden = [one.hit.time_ms for one in own if rules is not None and is_forbidden(one, rules)]
            disobeyed = bool(asked and forbidden) and max(forbidden) > min(asked)
            rows.append(
                {
                    **{"day": day, "site": site, "name": name, "category": category},
                    **{"hits": len(own), "asked": len(asked)},
                    "forbidden": None if rules is None else len(forbidden),
                    "disobeyed": None if rules is None or words.OTHER in (name, site) else disobeyed,
                }
            )
    return in_order(rows)


def with_measures(
    columns: tuple[str, ...], counts: dict[tuple[Any, ...], Counter[str]], measures: tuple[str, ...]
) -> list[TableRow]:
    """Rows of a table that is not folded."""
    return in_order(
        [
            {**dict(zip(columns, key, strict=True)), **{measure: row[measure] for measure in measures}}
            for key, row in counts.items()
        ]
    )
