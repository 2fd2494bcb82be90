"""Weakened builds: each mutation takes one protection out of the product, in this process, for the time of a test.

A mutation is made of changes: `Rewrite` compiles a module again with texts of its source replaced, `Declare` changes
the SQL of a table's declaration, `Patch` replaces an attribute of a module. A change whose place is gone raises
`HookMissing`, so that no mutation grows old unnoticed.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from footfall.transforms.tables.published import TABLES_BY_NAME
from footfall.transforms.tables.visit_tables import to_folders
from footfall.transforms.vocabulary import OTHER

FOLD: Final = "footfall.pipelines.publishing.fold_cells"
TABLES: Final = "footfall.pipelines.publishing.fold_tables"
ROWS: Final = "footfall.pipelines.publishing.place_rows"
CELLS: Final = "footfall.pipelines.publishing.load_cells"
MEASURES: Final = "footfall.pipelines.publishing.hide_measures"
PARTS: Final = "footfall.pipelines.publishing.hide_parts"
LOAD: Final = "footfall.pipelines.publishing.load_tables"
PUBLISH: Final = "footfall.pipelines.publishing.publish"
RUN: Final = "footfall.pipelines.run"
HITS: Final = "footfall.pipelines.publishing.make_hit_tables"
BYTES: Final = "footfall.pipelines.publishing.round_bytes"
CROSS: Final = "footfall.pipelines.publishing.cross_sums"
CHAINS: Final = "footfall.pipelines.publishing.break_chains"
SETS: Final = "footfall.pipelines.publishing.sets_of_days"
MIDNIGHTS: Final = "footfall.pipelines.publishing.find_midnights"
KINDS: Final = "footfall.pipelines.publishing.make_kinds"
SPEEDS: Final = "footfall.pipelines.publishing.make_request_times"
FOLDERS: Final = "footfall.pipelines.publishing.round_folders"
SITES: Final = "footfall.pipelines.publishing.name_sites"
INCIDENTS: Final = "footfall.pipelines.publishing.find_incidents"
LENGTHS: Final = "footfall.pipelines.publishing.make_visit_lengths"
ROUND: Final = "footfall.pipelines.publishing.round_rows"
SMALL: Final = "footfall.pipelines.publishing.find_small_days"
MERGE: Final = "footfall.pipelines.publishing.merge_days"
TIGHTEN: Final = "footfall.pipelines.publishing.tighten_days"
BUCKET: Final = "footfall.transforms.visits.bucket_visits"


class HookMissing(Exception):
    """What a mutation changes is not in the product."""


class Change(Protocol):
    """Something that is done to the product and undone again."""

    def made(self) -> contextlib.AbstractContextManager[None]:
        """Make the change for a while."""


@dataclass(frozen=True)
class Rewrite:
    """A module with some texts replaced by others, wherever its functions are used."""

    module: str
    texts: Mapping[str, str]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Compile the changed source into the module, and give its names to all who imported them."""
        module = importlib.import_module(self.module)
        source = inspect.getsource(module)
        for old, new in self.texts.items():
            if old not in source:
                raise HookMissing(f"{self.module}: {old}")
            source = source.replace(old, new)
        before = dict(vars(module))
        exec(compile(source, module.__file__ or "", "exec"), vars(module))
        changed = {id(value): vars(module)[name] for name, value in before.items() if callable(value)}
        others = [
            (other, name, value)
            for key, other in list(sys.modules.items())
            if key.startswith("footfall.") and other is not module
            for name, value in list(vars(other).items())
            if id(value) in changed and getattr(value, "__module__", None) == self.module
        ]
        for other, name, value in others:
            setattr(other, name, changed[id(value)])
        try:
            yield
        finally:
            vars(module).clear()
            vars(module).update(before)
            for other, name, value in others:
                setattr(other, name, value)


@dataclass(frozen=True)
class Declare:
    """A table's declaration with texts of one of its SQL attributes replaced."""

    table: str
    attribute: str
    texts: Mapping[str, str]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Put the value into the frozen declaration."""
        declared = vars(TABLES_BY_NAME[self.table]) if self.table in TABLES_BY_NAME else {}
        if self.attribute not in declared:
            raise HookMissing(f"{self.table}.{self.attribute}")
        before = sql = declared[self.attribute]
        for old, new in self.texts.items():
            if old not in sql:
                raise HookMissing(f"{self.table}.{self.attribute}: {old}")
            sql = sql.replace(old, new)
        declared[self.attribute] = sql
        try:
            yield
        finally:
            declared[self.attribute] = before


@dataclass(frozen=True)
class Redeclare:
    """A table's declaration with other attributes."""

    table: str
    attributes: Mapping[str, Any]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Change the frozen declaration."""
        declared = vars(TABLES_BY_NAME[self.table])
        before = {name: declared.get(name) for name in self.attributes}
        for name, value in self.attributes.items():
            if not before[name] or before[name] == value:
                raise HookMissing(f"{self.table}.{name}")
        declared.update(self.attributes)
        try:
            yield
        finally:
            declared.update(before)


@dataclass(frozen=True)
class Patch:
    """An attribute of a module with another value."""

    module: str
    attribute: str
    value: Any

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Set it."""
        module = importlib.import_module(self.module)
        if not hasattr(module, self.attribute):
            raise HookMissing(f"{self.module}.{self.attribute}")
        before = getattr(module, self.attribute)
        setattr(module, self.attribute, self.value)
        try:
            yield
        finally:
            setattr(module, self.attribute, before)


_WITHOUT_GATE: Final = Patch(PUBLISH, "check_file", lambda *_, **__: None)


@dataclass(frozen=True)
class Mutation:
    """A protection that is taken out, and the attacks that succeed without it."""

    name: str
    changes: tuple[Change, ...]
    attacks: tuple[str, ...]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Make all changes, and publish unchecked: the gate would refuse many of them. Raises HookMissing."""
        with contextlib.ExitStack() as stack:
            for change in (*self.changes, _WITHOUT_GATE):
                stack.enter_context(change.made())
            yield


_OF_UTM_SOURCES: Final[Mapping[str, Any]] = {
    "outer_keys": (),
    "levels": tuple({column: f"'{OTHER}'"} for column in ("campaign", "medium", "source")),
}
"""Campaigns that have sums by `utm_source`, not by their row of `referrers`."""


_CLOSE_SUMS: Final = {"(nulls > 0) & (2": "(nulls < 0) & (2"}

_ROWS_OF_DAYS_ANEW: Final = {
    "hidden |= np.append(before.hidden, False)[before.same]": "pass",
    "row, measure.order, span)": "row, sums, span)",
}
"""Rows of finest keys hide no more than others leave to be hidden."""


def _nothing(*_: Any, **__: Any) -> None:
    """Take the place of a step."""


def _no_ways(*_: Any, **__: Any) -> tuple[()]:
    return ()


_WITH_CHAINS: Final = Patch(ROWS, "break_chains", _nothing)
"""Sums of several days are not looked at; those of one day or week would else be found by the same rule."""
_WITH_SETS: Final = Patch(MEASURES, "hide_in_sets", _nothing)
"""The same of measures; after changes of the module itself."""


MUTATIONS: Final = (
    # --- tables with a grain ---
    Mutation(
        "rows of few are published",
        (Rewrite(FOLD, {"self.k": "1"}),),
        ("a_campaign_of_one", "an_error_of_one", "two_nights_with_one_more", "subtraction_over_all_tables"),
    ),
    Mutation(
        "k counts visits",
        (Rewrite(TABLES, {'("cell", "client"), f"flags': '("cell", "visit"), f"flags'}),),
        ("one_person_with_many_cookies", "the_same_few_on_several_days"),
    ),
    Mutation(
        "sums are not looked at",
        (Patch(FOLD, "keep_sums", _nothing), _WITH_CHAINS),
        ("days_of_a_week_told_apart", "a_week_that_leaves_a_country"),
    ),
    Mutation(
        "sums of several days are not looked at",
        (_WITH_CHAINS,),
        ("days_that_hang_together_by_few",),
    ),
    Mutation(
        "sums of several days count a visitor on each",
        (Rewrite(SETS, {".add(client)": ".add(client << 20 | place)"}),),
        ("the_same_two_on_five_days",),
    ),
    Mutation(
        "visits without a cookie are published whatever never_issued leaves of them",
        (Rewrite(LOAD, {" OR {few['fallback_unfound']}": ""}),),
        ("visits_of_one_page_without_a_cookie",),
    ),
    *(
        Mutation(
            f"findings about cookies may leave few visits, {kind}",
            (Rewrite(LOAD, {'("issued", "not_misused", "unfound")': str(checked)}),),
            (attack,),
        )
        for kind, checked, attack in (
            ("never_issued and the others", ("duration_s",), "visits_of_one_page_where_nobody_has_a_cookie"),
            ("those with a cookie", ("duration_s",), "visits_without_a_cookie_beside_shared_ones"),
            ("both together", ("issued", "not_misused"), "visits_of_one_page_beside_two_findings"),
        )
    ),
    Mutation(
        "versions are folded by themselves",
        tuple(Redeclare(name, {"within": None}) for name in ("browser_versions", "os_versions")),
        ("a_rare_browser_in_two_tables",),
    ),
    Mutation(
        "campaigns are folded by themselves",
        (Redeclare("campaigns", {"within": None} | _OF_UTM_SOURCES),),
        ("a_campaign_beside_a_large_one",),
    ),
    Mutation(
        "visits without a campaign are no part of campaigns",
        (Rewrite(CELLS, {"WHERE is_beside AND sure": "WHERE is_beside"}),),
        ("visits_beside_a_campaign",),
    ),
    Mutation(
        "campaigns have a rest for each name of a source",
        (Redeclare("campaigns", _OF_UTM_SOURCES),),
        ("a_campaign_that_two_sources_name",),
    ),
    Mutation(
        "a week may have one day",
        (
            Rewrite(
                FOLD,
                {"(*cells.parts, span) if grain": "(span,) if grain", "last.rest, cells.parts)": "last.rest, ())"},
            ),
            _WITH_CHAINS,
        ),
        ("a_week_of_one_day", "a_folded_week_of_one_day"),
    ),
    Mutation(
        "the rest may be of one day",
        (Rewrite(FOLD, {"may_join |= is_beside & is_few[last.rest]": "pass"}), _WITH_CHAINS),
        ("a_rest_of_one_day",),
    ),
    Mutation(
        "the rest may be small",
        (
            Redeclare("searches", {"small_by": ""}),
            Rewrite(
                FOLD,
                {
                    "np.where(has_k[last.rest[is_open]], last.grain[is_open], -1)": "last.grain[is_open]",
                    "may_join = others & (has_open & ~has_k)[last.rest]": "may_join = np.zeros_like(others)",
                },
            ),
        ),
        ("a_search_of_one",),
    ),
    Mutation(
        "measures of few are published",
        (Rewrite(MEASURES, {"hidden &= ~measure.have_k(row, placed.rows, cells.k)": "hidden[:] = False"}),),
        ("a_page_where_few_begin", "a_goal_that_few_of_a_place_reach", "how_long_one_stayed"),
    ),
    Mutation(
        "one measure alone is hidden",
        (Rewrite(MEASURES, {"takers.client, spans) < cells.k": "takers.client, spans) < 0"} | _CLOSE_SUMS),),
        ("a_page_where_few_begin",),
    ),
    Mutation(
        "each NULL may be one",
        (Rewrite(MEASURES, _CLOSE_SUMS),),
        ("pages_where_one_stays",),
    ),
    Mutation(
        "what is published by week is no part of its day's measures",
        (Rewrite(MEASURES, {"(span >= 0) & ~is_alone": "np.zeros_like(is_placed)"} | _ROWS_OF_DAYS_ANEW), _WITH_SETS),
        ("a_page_of_a_week_where_few_stay",),
    ),
    Mutation(
        "visits without a campaign leave nothing of a channel's measures open",
        (Rewrite(MEASURES, {"is_placed & joins | cells.is_out": "is_placed & joins"}),),
        ("few_who_stay_beside_a_campaign",),
    ),
    Mutation(
        "campaigns reveal what their channel hides",
        (Rewrite(MEASURES, {"hidden[row[is_placed & is_closed]] = True": "pass"}),),
        ("a_campaign_that_tells_a_hidden_channel",),
    ),
    Mutation(
        "completions reveal what goals hide",
        (Rewrite(PARTS, {"hide_part(_COMPLETIONS, by_goals)": "hide_part(_COMPLETIONS)"}),),
        ("a_goal_that_few_of_a_channel_reach",),
    ),
    Mutation(
        "goals of campaigns reveal what their channel hides",
        (Rewrite(MEASURES, {"hidden[row[is_placed & is_closed]] = True": "pass"}),),
        ("a_goal_of_a_campaign_that_its_channel_hides",),
    ),
    Mutation(
        "rows leave few of goals that are counted together",
        (Patch(PARTS, "hide_goals_together", _nothing),),
        ("a_goal_of_few_beside_another_one", "a_goal_that_a_night_before_told_with_another_one"),
    ),
    Mutation(
        "sets of sums leave few of goals that are counted together",
        (Patch("footfall.pipelines.publishing.hide_goals_together", "hide_in_sets", _nothing),),
        ("a_goal_of_few_days_beside_another_one",),
    ),
    Mutation(
        "rows leave few of goals that a night before counted together",
        (Rewrite("footfall.pipelines.publishing.hide_goals_together", {"in reversed(range(longest + 1))": "in (2,)"}),),
        ("a_goal_that_a_night_before_told_with_another_one",),
    ),
    Mutation(
        "goals that were told in no row have no sum",
        (
            Rewrite(
                "footfall.pipelines.publishing.hide_goals_together",
                {"np.where(together >= 0, sums + together, found)": "found"},
            ),
        ),
        ("a_goal_of_days_on_which_the_night_before_told_none",),
    ),
    Mutation(
        "rows by day are hidden before rows by week",
        (Rewrite("footfall.pipelines.publishing.measures", {"len(GRAINS) - self.grain": "1"}),),
        ("seconds_that_were_told_before_they_were_hidden",),
    ),
    Mutation(
        "goals reveal entries that are hidden",
        (Rewrite(PARTS, {"hidden.get(goals_of, none), whole)": "none, whole)"}),),
        ("a_goal_of_all_who_begin_with_a_page",),
    ),
    Mutation(
        "visits are published by any length",
        (Rewrite(LENGTHS, {"if has_k or len(clients) >= k:": "if count:"}),),
        ("a_visit_longer_than_all_others", "bounces_by_the_lengths_of_visits"),
    ),
    Mutation(
        "neither sums nor the rest are looked at",
        (Patch(FOLD, "keep_sums", _nothing), Patch(FOLD, "fold_rest", _nothing), _WITH_CHAINS),
        ("few_who_go_on_to_another_page", "few_who_end_elsewhere"),
    ),
    Mutation(
        "sums of second pages are not looked at",
        (Patch(TABLES, "cross_sums", _nothing),),
        ("few_who_come_to_a_page_from_a_third", "few_who_end_on_a_page_after_a_third"),
    ),
    Mutation(
        "pairs of pages are exact",
        (Rewrite(CROSS, {"visits // cells.k * cells.k\n    while": "visits\n    while"}),),
        ("some_who_come_to_a_page_from_a_third",),
    ),
    Mutation(
        "pairs of pages may be nearly all views of the first",
        (Rewrite(CROSS, {"is_open & (published_of > 0)": "False & (published_of > 0)"}),),
        ("few_who_end_on_a_page_that_others_leave",),
    ),
    Mutation(
        "errors of all hundreds have one rest",
        (Redeclare("errors", {"levels": (*to_folders("page"), {"status": "NULL"}), "shown": {}}),),
        ("errors_of_servers_by_hour", "errors_of_servers_by_day"),
    ),
    Mutation(
        "exits may be nearly all visits of what is hidden",
        (Rewrite(PARTS, {'("entries", "exits", "refined", _COMPLETIONS)': "(_COMPLETIONS,)"}),),
        ("exits_of_pages_on_which_nearly_all_visits_end",),
    ),
    Mutation(
        "bounces may be nearly all exits of what is hidden",
        (Rewrite(PARTS, {'("visits", "entries", "exits")': '("visits",)'}),),
        ("bounces_of_pages_that_nearly_all_exits_are",),
    ),
    Mutation(
        "longer rows have all that earlier files had of a folder, but for few, or few more",
        (Patch(ROWS, "_ways_to_compare", _no_ways),),
        (
            "few_views_in_a_folder_on_the_last_day_of_a_week",
            "few_views_in_a_folder_in_one_week_of_a_month",
            "views_of_the_only_page_of_a_folder_that_is_not_told_by_week",
        ),
    ),
    Mutation(
        "sets of days are not compared with earlier files",
        (Rewrite(CHAINS, {"last, is_own, way)": "last, is_own, None)"}),),
        ("few_views_beside_a_folder_on_the_last_day_of_a_week",),
    ),
    Mutation(
        "rests take in the smallest rows, of whatever span",
        (Rewrite(FOLD, {"visits + shorter * (visits.max(initial=0) + 1)": "visits"}),),
        ("views_that_rests_of_days_had_before_their_week",),
    ),
    Mutation(
        "sets of days are those of all rows alone",
        (
            Rewrite(
                MEASURES, {"measure, sums_of_earlier(placed, before, measure)": "measure, sums_of_days(cells, measure)"}
            ),
        ),
        ("entries_that_rests_of_days_had_before_their_week", "entries_that_a_rest_of_a_day_hid_before_its_week"),
    ),
    Mutation(
        "rests may have few visits beside days that are all in them",
        (Patch(ROWS, "keep_visits", _nothing),),
        ("few_visits_in_a_rest_that_has_all_of_small_days",),
    ),
    Mutation(
        "days of few searches join their week",
        (Redeclare("searches", {"small_by": ""}),),
        ("searches_of_a_day_of_few_by_its_week",),
    ),
    Mutation(
        "small days of errors are those of visits",
        (Redeclare("errors", {"small_by": ""}), Redeclare("broken_links", {"small_by": "", "small_as": ""})),
        ("failures_of_a_week_less_those_of_its_days",),
    ),
    Mutation(
        "errors of small days may be one each",
        (Rewrite(SMALL, {"AND 2 * (sum({measure}) - count(*)) >= {k}": ""}),),
        ("failures_of_a_week_of_one_each",),
    ),
    Mutation(
        "errors of a status may be of few",
        (Rewrite(FOLD, {"has_row | cells.have_k(key, keys)": "has_row | (np.arange(keys) >= 0)"}),),
        ("errors_of_people_beside_those_of_bots",),
    ),
    Mutation(
        "errors of programs are those of machines",
        (Declare("errors", "sql_unfolded", {"t.visitors >= run.k": "TRUE"}),),
        ("an_error_of_a_program",),
    ),
    # --- days ---
    Mutation(
        "small days are days like others",
        (
            Rewrite(
                LOAD,
                {
                    "coalesce(v.sure, FALSE) AS is_large": "TRUE AS is_large",
                    "CASE WHEN v.sure THEN v.{name} END": "v.{name}",
                },
            ),
        ),
        ("a_day_of_few", "a_site_of_few"),
    ),
    Mutation(
        "rows stand in any order",
        (
            Rewrite(
                MERGE, {'ORDER BY {", ".join(f"{key.name} NULLS LAST" for key in table.keys)}': "ORDER BY random()"}
            ),
        ),
        ("the_order_of_rows",),
    ),
    Mutation(
        "failures of a few people are part of a day's",
        (
            Rewrite(
                HITS,
                {"coalesce(max(visitors), {k}) >= {k} THEN sum(hits_5xx)": "TRUE THEN sum(hits_5xx)"},
            ),
        ),
        ("errors_by_the_availability_of_a_day",),
    ),
    Mutation(
        "a small day is replaced whatever it reveals",
        (Rewrite(MERGE, {"(ov.visitors IS NULL AND p.day IS NULL)": "ov.visitors IS NULL"}),),
        ("one_more_on_a_day_on_which_few_saw_pages",),
    ),
    Mutation(
        "line counts have hits that no day has",
        (Rewrite(MERGE, {" AND hits = shown)": ")"}),),
        ("few_of_a_day_before_a_torn_line", "a_late_visit_in_the_books"),
    ),
    Mutation(
        "line counts have hits of days that are not published",
        (Rewrite(MERGE, {" AND others = 0 AND": " AND"}),),
        ("few_of_a_day_in_the_books_of_another",),
    ),
    Mutation(
        "line counts have hits by input",
        (Rewrite(MERGE, {"(inputs = 1 AND ": "("}),),
        ("few_of_an_hour_by_the_file_of_the_hour",),
    ),
    Mutation(
        "line counts reveal where a line is",
        (Rewrite(MERGE, {', "rejects": ("first_line_number",)': ""}),),
        ("few_of_a_day_before_a_torn_line",),
    ),
    Mutation(
        "times are those of hits",
        (Declare("days", "sql", {"date_trunc('hour', ": "("}),),
        ("the_second_of_the_first_hit",),
    ),
    Mutation(
        "times are those of hours that traffic does not have",
        (Declare("days", "sql", {"h.has_first": "TRUE", "h.has_last": "TRUE"}),),
        ("the_hour_of_the_only_visitor",),
    ),
    Mutation(
        "complete days are replaced like others",
        (Rewrite(MERGE, {"THEN 'final'": "THEN 'own'"}),),
        ("a_late_visit_to_a_complete_day",),
    ),
    Mutation(
        "cookies of other days count as reused on a day",
        (Rewrite(BUCKET, {"_REUSED: visits.is_reused & day": "_REUSED: visits.is_reused"}),),
        ("a_cookie_of_a_day_before",),
    ),
    Mutation(
        "few cookies of other days of the week join it alone",
        (Rewrite(SMALL, {"(is_large OR w.site IS NOT NULL) AS joins_week": "(own = 1 OR is_large) AS joins_week"}),),
        ("few_cookies_of_days_before_in_a_week",),
    ),
    Mutation(
        "cookies of other days of the week may leave few visits",
        (Rewrite(LOAD, {"for span in GRAINS[1:]]": "for span in ()]"}),),
        ("visits_without_a_cookie_beside_cookies_of_the_day_before",),
    ),
    Mutation(
        "a week is published by other location data than its days",
        (Rewrite(MERGE, {"if(len(changed) = 0, 'same', 'moved')": "'same'"}),),
        ("an_address_that_moves_with_new_location_data",),
    ),
    Mutation(
        "a few more visits replace a day",
        (Rewrite(MERGE, {"ELSE 'waiting'": "ELSE 'own'"}),),
        ("a_few_more_visits_to_an_incomplete_day",),
    ),
    Mutation(
        "a file may have several k and zones",
        (Patch(RUN, "check_earlier_file", _nothing),),
        ("the_same_log_with_another_k", "the_same_log_in_another_zone"),
    ),
    # --- tables of hits ---
    Mutation(
        "hits of a few people of a day are published",
        (Rewrite(HITS, {"GROUP BY ALL HAVING sum(first) < {k};": "GROUP BY ALL HAVING FALSE;"}),),
        ("a_program_of_one", "a_day_of_few"),
    ),
    Mutation(
        "hours keep their hour",
        (
            Rewrite(
                HITS,
                {
                    "THEN NULL ELSE local_hour % 24 END": "THEN local_hour % 24 ELSE local_hour % 24 END",
                    "known < {k} AS is_hidden": "FALSE AS is_hidden",
                },
            ),
        ),
        ("an_hour_of_few",),
    ),
    Mutation(
        "buckets are not joined",
        (Patch(HITS, "join_buckets", lambda is_first, *_: np.arange(len(is_first))),),
        ("times_of_a_slow_page",),
    ),
    Mutation(
        "times of few are published",
        (Rewrite(SPEEDS, {"HAVING sum(fastest) >= {k}": ""}),),
        ("times_of_a_folder_of_one",),
    ),
    Mutation(
        "times by kind are exact",
        (Rewrite(SPEEDS, {"(2 * sums + k) // (2 * k) * k": "sums.copy()"}),),
        ("times_by_hour_less_those_by_kind", "times_of_a_folder_less_its_page"),
    ),
    Mutation(
        "times reveal what they leave of a bucket",
        (Rewrite(SPEEDS, {"links.lower(shown, ": "len("}),),
        ("times_by_hour_hardly_more_than_those_of_a_kind", "times_of_generated_days"),
    ),
    Mutation(
        "the sum of rounded times reveals each",
        (Patch(SPEEDS, "_balance", _nothing),),
        (
            "fast_requests_beside_rows_that_are_both_rounded_up",
            "fast_requests_beside_rows_that_are_both_rounded_down",
        ),
    ),
    Mutation(
        "times of a folder reveal that pages have hardly more",
        (Rewrite(FOLDERS, {"((lower, -k), (higher, k))": "((higher, k),)"}),),
        ("times_of_a_folder_that_has_nearly_all_rare_pages",),
    ),
    Mutation(
        "times of a folder reveal that it has hardly more than its pages",
        (Rewrite(FOLDERS, {"((lower, -k), (higher, k))": "((lower, -k),)"}),),
        ("times_of_a_folder_hardly_more_than_its_page",),
    ),
    Mutation(
        "rows of request times begin and end where requests do",
        (
            Rewrite(
                SPEEDS,
                {"if k > 1 else _BEGIN_MS": "if k > 99 else _BEGIN_MS", "coalesce(last_bucket, bucket)": "bucket"},
            ),
        ),
        ("a_page_as_fast_as_all_of_a_kind", "a_request_in_an_hour_with_all_of_a_kind"),
    ),
    Mutation(
        "folders are looked at one by one",
        (Rewrite(FOLDERS, {"is_open[0] = False": "is_open[:] = False"}),),
        ("times_of_two_folders_that_have_all_rare_pages",),
    ),
    Mutation(
        "protocols are not folded",
        (Rewrite(HITS, {"visitors < {k} OR name = '{OTHER}' AS rest": "FALSE AS rest"}),),
        ("a_protocol_of_one",),
    ),
    Mutation(
        "broken links and downloads are exact",
        (Patch(TABLES, "round_rows", lambda *arguments: arguments[-1]),),
        ("who_came_to_a_missing_page_by_no_link", "a_file_that_was_refused"),
    ),
    Mutation(
        "what is rounded is always the nearest",
        (Rewrite(ROUND, {'links.lower(shown["hits"], ': "len("}),),
        ("one_of_many_at_a_missing_page_who_had_no_link", "one_of_many_who_was_refused_a_file"),
    ),
    Mutation(
        "rounded rows that lie over several of another table are not looked at",
        (
            Rewrite(
                ROUND,
                {"is_close = spare < k": "is_close = (spare < k) & (np.bincount(self.rows, minlength=len(spare)) < 2)"},
            ),
        ),
        (
            "two_who_had_no_link_to_pages_of_a_folder",
            "two_who_had_no_link_on_days_of_a_week",
            "two_who_had_no_link_by_what_several_rows_leave",
            "one_who_was_refused_a_file_on_days_of_a_week",
        ),
    ),
    Mutation(
        "links may have more visits than errors",
        (Rewrite(ROUND, {'np.minimum(shown["visits"], most // k * k)': 'shown["visits"]'}),),
        ("one_visit_of_many_that_followed_no_link",),
    ),
    Mutation(
        "visits that followed no link are not taken off the hits",
        (Rewrite(ROUND, {"of_wholes -= others": "of_wholes -= 0"}),),
        ("six_visits_of_many_that_followed_no_link",),
    ),
    Mutation(
        "what rows of errors leave of a day is not looked at",
        (Redeclare("broken_links", {"known_by": TABLES_BY_NAME["broken_links"].known_by[:1]}),),
        ("one_who_had_no_link_to_what_a_day_hides",),
    ),
    Mutation(
        "bots name folders",
        (Declare("crawlers", "sql", {"OR f.folder IS NOT NULL THEN": "OR TRUE THEN"}),),
        ("a_folder_that_a_bot_made_up",),
    ),
    Mutation(
        "errors of bots name what few people asked for",
        (Declare("crawler_errors", "sql", {"coalesce(p.page,": "coalesce(n.text,"}),),
        ("a_page_at_which_a_bot_met_an_error",),
    ),
    Mutation(
        "midnights of few are not looked at",
        (Rewrite(MIDNIGHTS, {"count(DISTINCT client) < {k}": "FALSE"}),),
        ("page_views_of_few_over_midnight",),
    ),
    Mutation(
        "midnights of small days are not looked at",
        (Rewrite(MIDNIGHTS, {"WHERE NOT v.sure": "WHERE FALSE"}),),
        ("page_views_of_a_small_day_after_a_midnight",),
    ),
    Mutation(
        "kinds reveal page views over midnight",
        (
            Rewrite(
                KINDS,
                {'f"{IS_OF_DOCUMENTS} AND': 'f"FALSE AND', 'f"{is_view} AND': 'f"FALSE AND'},
            ),
        ),
        ("page_views_of_few_over_midnight",),
    ),
    Mutation(
        "hours reveal page views over midnight",
        (Rewrite(HITS, {"NOT is_hidden AND others < {k} / 2": "FALSE"}),),
        ("page_views_of_few_over_midnight",),
    ),
    Mutation(
        "kinds are not folded",
        (Rewrite(KINDS, {"visitors < {k} OR (": "FALSE OR ("}),),
        ("a_download_of_one",),
    ),
    Mutation(
        "sites are named by one",
        (Rewrite(SITES, {"coalesce(v.visitors, 0) < ?": "coalesce(v.visitors, 0) < ? AND FALSE"}),),
        ("a_site_of_one",),
    ),
    Mutation(
        "bots are named by one",
        (Rewrite(HITS, {"CASE WHEN visitors < {k} OR name IN": "CASE WHEN name IN"}),),
        ("a_bot_of_one",),
    ),
    Mutation(
        "incidents may be of one",
        (Patch(INCIDENTS, "_hide_few", lambda incident, *_: incident),),
        ("an_incident_of_one", "failures_of_an_incident"),
    ),
    Mutation(
        "incidents are exact",
        (Rewrite(INCIDENTS, {"if k == 1:": "if k:"}),),
        ("failures_besides_an_incident", "failures_besides_a_round_incident", "hits_besides_an_incident"),
    ),
    Mutation(
        "incidents are rounded, but not lowered",
        (Rewrite(INCIDENTS, {"if any(2 * ": "if any(k + 2 * "}),),
        ("failures_besides_a_round_incident",),
    ),
    Mutation(
        "days of an incident may have few",
        (Rewrite(INCIDENTS, {" or by_day.min() < k": ""}),),
        ("an_incident_over_midnight",),
    ),
    Mutation(
        "bytes are exact",
        (Patch(BYTES, "_round_bytes", lambda k: "CREATE MACRO round_bytes(size, hits) AS size::BIGINT"),),
        ("bytes_of_a_crowded_hour",),
    ),
    Mutation(
        "bytes of hours in one row are exact",
        (Rewrite(HITS, {"CASE WHEN u.day IS NULL THEN round_bytes(r.bytes_sent, r.hits) END": "r.bytes_sent"}),),
        ("bytes_against_known_sizes_of_pages",),
    ),
    Mutation(
        "bytes may be nearly those of one",
        (Patch(BYTES, "_dominated", lambda *_: "FALSE"),),
        ("bytes_of_a_large_download",),
    ),
    Mutation(
        "sums of measures are known by day, week and month alone",
        (
            Rewrite(MEASURES, {"coarser.insert(0, _chains(cells, row, own[1]))": "pass"} | _ROWS_OF_DAYS_ANEW),
            _WITH_SETS,
        ),
        ("few_bounces_of_days_that_a_row_of_a_week_tells",),
    ),
    Mutation(
        "sums of measures are known by day, week, month and all linked days alone",
        (_WITH_SETS,),
        ("bounces_of_a_day_by_a_row_of_its_week",),
    ),
    Mutation(
        "rows of a day hide what the week's rows leave to be hidden",
        (Rewrite(MEASURES, _ROWS_OF_DAYS_ANEW),),
        ("exits_of_a_day_before_and_after_its_week",),
    ),
    Mutation(
        "the sum of small days is not known",
        (Rewrite(CHAINS, {"np.where(is_group[together], days + together, OPEN)[is_unknown]": "OPEN"}),),
        ("few_of_small_days_in_rows_of_their_week",),
    ),
    Mutation(
        "times of a kind in a row with others are published",
        (Rewrite(SPEEDS, {"for query in times.known_by:": "for query in times.known_by[:1]:"}),),
        ("a_kind_in_a_row_with_others",),
    ),
    Mutation(
        "rows by week tell the sums of days that do not",
        (Rewrite(TABLES, {"AND {part} IS NULL) THEN {bit}": "AND {part} IS NULL) THEN 0"}), _WITH_SETS),
        ("few_bounces_of_a_day_in_rows_of_its_week",),
    ),
    Mutation(
        "hits of earlier versions are told with counts of k",
        (
            Rewrite(
                TIGHTEN,
                {
                    'f"NULL::BIGINT AS {column.name}" for': 'f"CASE WHEN sum({column.name}) NOT BETWEEN 1 AND {k - 1} '
                    'THEN sum({column.name}) END::BIGINT AS {column.name}" for'
                },
            ),
        ),
        ("statuses_of_an_earlier_version", "page_views_of_an_earlier_version"),
    ),
    Mutation(
        "page views by hour of version 3 are told",
        (Rewrite(TIGHTEN, {'[hidden["page_views"], ': "["}),),
        ("page_views_of_an_earlier_version",),
    ),
    Mutation(
        "hours of earlier versions are told",
        (Rewrite(TIGHTEN, {'key = "NULL::SMALLINT AS hour"': 'key = "hour"'}),),
        ("twelve_hits_of_one_of_an_earlier_version",),
    ),
    Mutation(
        "protocols of earlier versions are told",
        (Rewrite(TIGHTEN, {"f\"'{OTHER}' AS protocol\"": '"protocol"'}),),
        ("twelve_hits_of_one_of_an_earlier_version",),
    ),
    Mutation(
        "request times and programs of earlier versions are told",
        (Rewrite(TIGHTEN, {"FROM {rows} WHERE NOT {_PEOPLE}": "FROM {rows} WHERE true"}),),
        ("twelve_hits_of_one_of_an_earlier_version",),
    ),
    Mutation(
        "programs of earlier versions are people of the day",
        (Rewrite(TIGHTEN, {"traffic_class = 'human' AND (day": "traffic_class IN ('human', 'automated') AND (day"}),),
        ("a_program_of_an_earlier_version",),
    ),
    Mutation(
        "hits of programs of earlier versions are in the day",
        (Rewrite(TIGHTEN, {"coalesce(u.hits, 0)": "0"}),),
        ("a_program_of_an_earlier_version",),
    ),
    Mutation(
        "each visit of earlier versions is a visitor's",
        (
            Rewrite(
                TIGHTEN,
                {
                    "least(greatest(coalesce(visitors, 0), 1), day_visits)": "day_visits",
                    "least(visitors, visits)": "visits",
                },
            ),
        ),
        ("twelve_visits_of_three_of_an_earlier_version",),
    ),
    Mutation(
        "rows of earlier versions are not folded",
        (Rewrite(TIGHTEN, {'{{0}} * day_visitors >= {k} * day_visits"': '{{0}} >= 0"'}),),
        ("twelve_visits_of_three_of_an_earlier_version",),
    ),
    Mutation(
        "seconds of earlier versions are those of all visits",
        (Rewrite(TIGHTEN, {"(visits - bounces)": "visits"}),),
        ("seconds_of_few_of_an_earlier_version",),
    ),
    Mutation(
        "silences of earlier versions are told",
        (Rewrite(TIGHTEN, {"WHERE kind = 'errors' AND": "WHERE kind = 'silence' OR"}),),
        ("a_silence_of_an_earlier_version",),
    ),
    Mutation(
        "errors of few of earlier versions are incidents",
        (Rewrite(TIGHTEN, {"AND hits_5xx > (": "AND hits_5xx + 1 > 0 * ("}),),
        ("a_silence_of_an_earlier_version",),
    ),
    Mutation(
        "silences of version 3 begin in a minute",
        (Rewrite(TIGHTEN, {"date_trunc('hour', started) ELSE": "started ELSE"}),),
        ("a_silence_of_an_earlier_version",),
    ),
    Mutation(
        "silences of version 3 end in a minute",
        (Rewrite(TIGHTEN, {"date_trunc('hour', ended + INTERVAL 3599999999 MICROSECONDS)": "ended"}),),
        ("a_silence_of_an_earlier_version",),
    ),
    Mutation(
        "errors of earlier versions are those of machines",
        (Rewrite(TIGHTEN, {"WHERE met > 0": "WHERE met < 0"}),),
        ("errors_of_an_earlier_version",),
    ),
    Mutation(
        "sites of earlier versions are named by one",
        (Rewrite(TIGHTEN, {"FROM {source}.days) > 1": "FROM {source}.days) > 2"}),),
        ("a_bot_and_a_site_of_an_earlier_version",),
    ),
    Mutation(
        "bots of earlier versions are named by one",
        (Rewrite(TIGHTEN, {"AND name NOT IN (FROM listed_names)": "AND false"}),),
        ("a_bot_and_a_site_of_an_earlier_version",),
    ),
)
"""The weakened builds."""
