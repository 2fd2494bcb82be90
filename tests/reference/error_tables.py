"""The tables of what went wrong or was downloaded, by page: errors, broken links, downloads, incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime

from footfall.transforms import vocabulary as words
from tests.reference.asked import is_broken_link, is_download
from tests.reference.cells import Cell
from tests.reference.describe import Described
from tests.reference.folded_tables import FoldedRows
from tests.reference.incidents import Incident, find_incidents
from tests.reference.run import Run, TableRow, in_order, is_published, local_time, utc
from tests.reference.visits import Client, Visit


def errors(run: Run) -> list[TableRow]:
    """Hits of status 400 and above, on the day of the hit, and whose visits met them; machines' are added at last."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "errors")
    of_machines: Counter[tuple[date, str, int | None]] = Counter()
    of_automated: dict[tuple[date, str, int], list[Client]] = defaultdict(list)
    for described in run.published_hits:
        hit, day = described.hit, run.day(described.hit.time_ms)
        if described.is_counted_only:
            continue
        if hit.status >= 400 and described.traffic_class == "human":
            cell = rows.cell(day, hit.site, {"status": hit.status, "page": described.page})
            add_hit(cell, described, visit_of.get(id(described)))
        elif described.traffic_class == "automated" and 400 <= hit.status < 600:
            of_automated[day, hit.site, hit.status // 100].append(described.client)
        elif hit.status >= 400 and described.traffic_class != "automated":
            of_machines[day, hit.site, hit.status] += 1
    for (day, site, _), clients in of_automated.items():
        if len(set(clients)) >= run.settings.k:
            of_machines[day, site, None] += len(clients)
    published = rows.folded(("hits",))
    for (day, site, status), count in of_machines.items():
        key = {"day": day, "site": site, "grain": "day", "status": status, "page": words.OTHER}
        same = next((row for row in published if key.items() <= row.items()), None)
        if same is None:
            published.append({**key, "hits": count, "visits": 0})
        else:
            same["hits"] += count
    return in_order(published)


def add_hit(cell: Cell, described: Described, visit: Visit | None) -> None:
    """Count a hit whose visitor is its own client, in a visit or not."""
    cell.visitors.add(described.client)
    cell.measures["hits"] += 1
    cell.taking_part["hits"].add(described.client)
    if visit is not None:
        cell.visits.add(visit)
        cell.taking_part["visits"].add(visit.visitor)


def broken_links(run: Run) -> list[TableRow]:
    """People's hits of what is missing, by where the link to it stands; on the day of the hit."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "broken_links")
    for described in run.published_hits:
        hit = described.hit
        if is_broken_link(described):
            key = {"status": hit.status, "page": described.link[0], "referrer": described.link[1]}
            add_hit(rows.cell(run.day(hit.time_ms), hit.site, key), described, visit_of.get(id(described)))
    return rows.folded(("hits",))


def downloads(run: Run) -> list[TableRow]:
    """People's GETs of files that were answered with all or a part of them, on the day of the hit."""
    visit_of = {id(described): visit for visit in run.visits for described in visit.hits}
    rows = FoldedRows(run, "downloads")
    for described in run.published_hits:
        hit = described.hit
        if is_download(described):
            cell = rows.cell(run.day(hit.time_ms), hit.site, {"page": described.page})
            add_hit(cell, described, visit_of.get(id(described)))
            if hit.status == 206:
                cell.measures["partial"] += 1
                cell.taking_part["partial"].add(described.client)
    return rows.folded(("hits", "partial"))


def incidents(run: Run) -> list[TableRow]:
    """Incidents that began on a published day, each site's hits taken by themselves."""
    of_site: dict[str, list[Described]] = defaultdict(list)
    for described in run.judged_hits:
        if not described.is_counted_only:
            of_site[described.hit.site].append(described)
    rows: list[TableRow] = []
    for site, hits in of_site.items():
        found = find_incidents(hits, run.settings.k)
        runs_of_errors = [incident for incident in found if incident.kind == "errors"]
        for incident in found:
            if is_published(incident.started_ms, run.settings) and run.is_named(site, run.day(incident.started_ms)):
                times = {
                    "started": utc(incident.started_ms),
                    "ended": utc(incident.ended_ms),
                    "started_local": local_time(incident.started_ms, run.settings).replace(tzinfo=None),
                    "ended_local": local_time(incident.ended_ms, run.settings).replace(tzinfo=None),
                }
                if incident.kind == "silence":
                    rows.append({"site": site, **times, "kind": "silence", "hits": 0, "hits_5xx": 0})
                    continue
                within = [one for one in hits if incident.started_ms <= one.hit.time_ms < incident.ended_ms]
                human = [one for one in within if one.traffic_class == "human"]
                met = [one for one in human if 500 <= one.hit.status <= 599]
                if len({one.client for one in met}) < run.settings.k and len(met) == incident.hits_5xx:
                    continue
                counts: dict[str, int | None]
                met_on: dict[date, set[Client]] = defaultdict(set)
                for one in met:
                    met_on[run.day(one.hit.time_ms)].add(one.client)
                if min((len(clients) for clients in met_on.values()), default=0) < run.settings.k:
                    counts = {"hits": None if human else incident.hits, "hits_5xx": None if met else incident.hits_5xx}
                else:
                    counts = rounded_down(incident, runs_of_errors, hits, run, run.settings.k * len(met_on))
                rows.append({"site": site, **times, "kind": incident.kind, **counts})
    return in_order(rows)


def rounded_down(
    incident: Incident, runs_of_errors: list[Incident], hits: list[Described], run: Run, least: int
) -> dict[str, int | None]:
    """Its hits rounded down, so that what hours have besides it, and it besides hours, is unknown by k/2 hits."""
    k = run.settings.k
    exact = {"hits": incident.hits, "hits_5xx": incident.hits_5xx}
    if k == 1:
        return dict(exact)
    people = {"hits": [one.hit.time_ms for one in hits if one.traffic_class == "human"]}
    people["hits_5xx"] = [
        one.hit.time_ms for one in hits if one.traffic_class == "human" and 500 <= one.hit.status <= 599
    ]

    def hour(time_ms: int) -> datetime:
        return local_time(time_ms, run.settings).replace(tzinfo=None, minute=0, second=0, microsecond=0, fold=0)

    def is_in(time_ms: int, one: Incident) -> bool:
        return one.started_ms <= time_ms < one.ended_ms

    multiples = {name: count // k * k for name, count in exact.items()}
    for name, times in people.items():
        near = [time for time in times if hour(incident.started_ms) <= hour(time) <= hour(incident.ended_ms - 1)]
        rest = sum(not any(is_in(time, one) for one in runs_of_errors) for time in near)
        if exact[name] % k + rest < k / 2:
            multiples = {name: count // k * k - k for name, count in exact.items()}
    for name, times in people.items():
        before, after = hour(incident.started_ms - 1), hour(incident.ended_ms)
        whole = sum(before < hour(time) < after for time in times)
        edges = sum(is_in(time, incident) for time in times) - whole
        most = multiples[name] + k - 1 - (exact[name] - edges)
        if multiples[name] < least or (whole and most < k / 2):
            return {"hits": None, "hits_5xx": None}
    return dict(multiples)
