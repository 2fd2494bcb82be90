"""The published figures of a generated log are its true figures, which were counted without parsing a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from footfall.pipelines.sample.lines import FORMATS
from footfall.transforms.tables.published import TABLES_BY_NAME
from footfall.transforms.visits.visit_lengths import BUCKETS
from footfall.transforms.vocabulary import OTHER, TRAFFIC_CLASSES
from tests.reference.levels import FINEST_FIRST
from tests.running import SAMPLES, Rows, books_of, published_sample, sample_log

COARSER = {
    "countries": ("locations", ("continent", "country")),
    "technology": ("technology", ("browser", "device")),
}
"""True figures with fewer columns than the published table: its name, and the common columns."""

Sums = Counter[tuple[Any, ...]]


def sums_by(rows: Iterable[Mapping[str, Any]], columns: Iterable[str], measures: Iterable[str]) -> Sums:
    """Sums of the measures over rows with equal columns, without zeros; keys are the column values and the measure.

    What is NULL, as it tells of too few, counts as zero.
    """
    sums: Sums = Counter()
    for row in rows:
        for measure in measures:
            sums[*(str(row[column]) for column in columns), measure] += row[measure] or 0
    return +sums


def published_by_agents(log_format: str, k: int) -> dict[str, Rows]:
    """The tables of the generated log with the classes that agents tell, which are its true ones.

    Some of its people come once, with an old browser or with all parts in the cache, and behaviour wrongs them.
    """
    return published_sample(log_format, k, behaviour=False)


@pytest.mark.parametrize(
    "table",
    [
        "visits",
        "pages",
        "countries",
        "technology",
        "referrers",
        "campaigns",
        "searches",
        "cookie_audit",
        "goals",
        "broken_links",
        "downloads",
    ],
)
@pytest.mark.parametrize("log_format", SAMPLES)
def test_every_figure_about_people_is_true(log_format: str, table: str) -> None:
    if table in ("technology", "referrers", "broken_links") and not FORMATS[log_format].has_agent:
        pytest.skip("the format has neither user agent nor referrer")
    name, columns = COARSER.get(table, (table, FINEST_FIRST.get(table, ())))
    measures = measures_of(name)
    true_rows = getattr(sample_log(log_format)[1], table)
    published = sums_by(published_by_agents(log_format, 1)[name], ("day", *columns), measures)
    assert published == sums_by(true_rows, ("day", *columns), measures)
    assert table == "cookie_audit" or published


@pytest.mark.parametrize(("table", "second"), [("transitions", "next_page"), ("entry_exits", "exit_page")])
@pytest.mark.parametrize("log_format", SAMPLES)
def test_pairs_of_pages_are_true(log_format: str, table: str, second: str) -> None:
    """A part of the visits to a second page always stays without its name, but with that of the first."""
    published, true_rows = published_by_agents(log_format, 1)[table], getattr(sample_log(log_format)[1], table)
    told, true = (sums_by(rows, ("day", "page", second), ("visits",)) for rows in (published, true_rows))
    named = {key: visits for key, visits in told.items() if OTHER not in key}
    assert named and named.items() <= true.items()
    told, true = (sums_by(rows, ("day", "page"), ("visits",)) for rows in (published, true_rows))
    assert told == true


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("log_format", SAMPLES)
def test_visits_are_as_long_as_they_are_told(log_format: str, k: int) -> None:
    """Neighbouring buckets are joined where they hold fewer than k visitors, and then hold the visits of both."""
    true_rows = sample_log(log_format)[1].visit_lengths
    published = published_by_agents(log_format, k)["visit_lengths"]
    assert {row["measure"] for row in published} == set(BUCKETS)
    for row in published:
        least = BUCKETS[row["measure"]]
        within = [
            true["visits"]
            for true in true_rows
            if (true["day"], true["measure"]) == (str(row["day"]), row["measure"])
            and row["at_least"] <= least[true["bucket"]]
            and (row["at_most"] is None or least[true["bucket"]] <= row["at_most"])
        ]
        assert row["visits"] == sum(within), row


@pytest.mark.parametrize("log_format", SAMPLES)
def test_every_machine_is_recognised(log_format: str) -> None:
    _, truth = sample_log(log_format)
    published = published_by_agents(log_format, 1)
    assert sums_by(published["traffic"], ("traffic_class",), ("hits",)) == +Counter(
        {(traffic_class, "hits"): truth.traffic[traffic_class] for traffic_class in TRAFFIC_CLASSES}
    )
    # Probes are named by what they look for, which the true figures do not contain.
    named = [row for row in published["bots"] if row["traffic_class"] != "probe"]
    columns = ("traffic_class", "name")
    assert sums_by(named, columns, ("hits",)) == sums_by(truth.bots, columns, ("hits",))
    assert sum(row["hits"] for row in published["bots"]) == truth.hits - truth.traffic["human"]


@pytest.mark.parametrize("log_format", SAMPLES)
def test_line_counts_are_true(log_format: str) -> None:
    _, truth = sample_log(log_format)
    published = published_by_agents(log_format, 1)
    rejected = sum(truth.rejects.values())
    assert books_of(published) == {
        "lines": truth.lines,
        "hits": truth.hits,
        "outside_window": 0,
        "rejected": rejected,
        "duplicates": 0,
        **truth.rejects,
    }
    assert sums_by(published["days"], ("day",), ("hits",)) == sums_by(truth.days, ("day",), ("hits",))
    assert {row["site"] for row in published["days"]} == {truth.site}


@pytest.mark.parametrize("log_format", SAMPLES)
def test_folding_changes_no_total_and_leaves_no_small_row(log_format: str) -> None:
    k = 10
    whole, folded = published_by_agents(log_format, 1), published_by_agents(log_format, k)
    for name in FINEST_FIRST:
        # Errors of machines are no small groups of people.
        rows = [row for row in folded[name] if not (name == "errors" and row["page"] == OTHER)]
        told = [value for row in rows for measure in measures_of(name) if (value := row[measure]) is not None]
        assert [value for value in told if 0 < value < k] == [], name
    for name in ("pages", "locations", "technology", "browser_versions", "os_versions", "referrers"):
        # A visit can be in several rows of pages, but counts once in the row to which they are folded.
        additive = ("page_views",) if name == "pages" else ("page_views", "visits")
        assert sums_by(folded[name], ("day",), additive) == sums_by(whole[name], ("day",), additive), name
    for name in ("campaigns", "searches", "errors", "downloads", "cookie_audit", "goals"):
        # Of these few are left where they are too few for a row of their own.
        rows = [row for row in folded[name] if name != "campaigns" or row["campaign"] != OTHER]
        told, all_of = (sums_by(tables, ("day",), measures_of(name)) for tables in (rows, whole[name]))
        # Half up to multiples of k.
        most = k // 2 * len(rows) if TABLES_BY_NAME[name].known_by else 0
        assert all(count <= all_of[key] + most for key, count in told.items()), name
    # Few visits without a campaign stand with the rest of those that have one, and all stand in referrers.
    campaigns, referrers = (sums_by(folded[name], ("day",), ("visits",)) for name in ("campaigns", "referrers"))
    assert all(count <= referrers[key] for key, count in campaigns.items())
    for name in ("days", "traffic", "protocols", "kinds", "bots"):
        assert sums_by(folded[name], ("day",), ("hits",)) == sums_by(whole[name], ("day",), ("hits",)), name
    for name in ("traffic", "latency"):
        machines = ("bot", "probe", "monitor")
        of_machines = [[row for row in tables[name] if row["traffic_class"] in machines] for tables in (folded, whole)]
        assert of_machines[0] == of_machines[1], name
    for own, expected in zip(folded["visits"], whole["visits"], strict=True):
        for measure, value in own.items():
            assert value == (
                None if measure in measures_of("visits") and 0 < expected[measure] < k else expected[measure]
            )


def measures_of(table: str) -> list[str]:
    """The columns of a table that are measures."""
    keys = ("day", "site", "grain", *FINEST_FIRST.get(table, ()))
    return [column for column in TABLES_BY_NAME[table].column_names if column not in keys]


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("log_format", SAMPLES)
def test_the_tables_reconcile(log_format: str, k: int) -> None:
    published = published_by_agents(log_format, k)
    hits = sums_by(published["days"], ("day",), ("hits",))
    assert sums_by(published["traffic"], ("day",), ("hits",)) == hits
    of_visits = sums_by(published["visits"], ("day",), ("visits", "page_views"))
    for name in ("locations", "technology", "browser_versions", "os_versions", "referrers"):
        assert sums_by(published[name], ("day",), ("visits", "page_views")) == of_visits, name
    page_views = Counter({key: count for key, count in of_visits.items() if key[-1] == "page_views"})
    assert sums_by(published["pages"], ("day",), ("page_views",)) == page_views
    for measure in ("entries", "exits"):
        ended = sums_by(published["pages"], ("day",), (measure,))
        # Where too few began or ended their visit with a page, it does not say how many.
        for key, count in of_visits.items():
            if key[-1] == "visits":
                assert ended[key[0], measure] == count if k == 1 else 0 < ended[key[0], measure] <= count
    in_traffic = sum(sums_by(published["traffic"], (), ("page_views",)).values())
    # An hour does not say how many pages were viewed by fewer than k visitors.
    assert in_traffic == sum(page_views.values()) if k == 1 else 0 < in_traffic <= sum(page_views.values())
    by_machines = [row for row in published["traffic"] if row["traffic_class"] != "human"]
    assert sums_by(published["bots"], ("day",), ("hits",)) == sums_by(by_machines, ("day",), ("hits",))
    errors = sums_by(published["errors"], ("day",), ("hits",))
    by_hundreds = sums_by(published["traffic"], ("day",), ("hits_4xx", "hits_5xx"))
    for (day, _), count in errors.items():
        # Errors that fewer than k people met on a day are left out.
        hits = by_hundreds[day, "hits_4xx"] + by_hundreds[day, "hits_5xx"]
        # Hours do not say how many errors few visitors met, so that their sum may be smaller.
        assert k > 1 or count == hits
    for row in published["inputs"]:
        if row["lines"] is not None:  # it would give away people of a day of few
            assert row["lines"] == row["hits"] + row["outside_window"] + row["rejected"] + row["duplicates"]
