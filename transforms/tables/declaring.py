"""The classes and functions that declare published tables.

A `Table` is declared once, in `hit_tables`, `visit_tables` or `run_tables`. Everything else is derived from its
declaration: what workers count, how partial rows are merged, the schema, the SQL that fills it, folding, the checks
before publishing, and the list in the docs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa
import pyarrow.acero  # otherwise the first merge imports it, which delays the pipeline
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Digests, Flags, Ints, Words
from footfall.transforms.vocabulary import OTHER, SEPARATOR

if TYPE_CHECKING:
    from footfall.transforms.hits.derive_hits import Hits
    from footfall.transforms.visits.visit_columns import VisitColumns


# --- published ---


@dataclass(frozen=True)
class Column:
    """A published column: its name, DuckDB type and comment; `since` is the schema version that introduced it."""

    name: str
    type: str
    comment: str
    since: int = 1


@dataclass(frozen=True)
class Total:
    """The required sum of a measure per day and site: `expected` is an SQL aggregate over the table `whole`."""

    measure: str
    whole: str
    expected: str


@dataclass(frozen=True)
class Cells:
    """Where the cells of a table about visits come from (`docs/definitions.md`, Small groups).

    They are the rows of the table's first partial table that `where` selects, by day, site and the columns of
    `published`. The visits and visitors of a row are found by its day, site, `item` and `code`, which are SQL over the
    partial table `t`: in the files of items, or (`items` False) in the files of visits, which have a column of the
    item's name. `parts` are measures that only some visitors of a row take part in, with their bits in the flags of
    these files; the partial table has the measure `least_<part>` for each. Those of `unpublished` are like them, but
    only decide what is published. `goals` is the partial table of visits that reached each goal, by day, site, item (in
    a column of that name) and the goal's number; these visits are part of the measure `goals_of`. `own` is SQL for the
    grain of a cell's own span: 0 for a day, 1 or 2 for what is known only of a week or month.
    """

    published: tuple[Published, ...]
    item: str
    code: str = "0"
    items: bool = False
    where: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    unpublished: Mapping[str, int] = field(default_factory=dict)
    goals: str = ""
    goals_of: str = "visits"
    own: str = "0"


Level = Mapping[str, str]
"""What key columns become at a coarser level: SQL over the table's keys, by column."""


@dataclass(frozen=True)
class Table:
    """One published table; its rows are sorted by `keys`.

    Tables `by_day` have rows of days, which are replaced per day and site; the others have rows of runs. `sql` fills
    the table from the partial tables (`p_…`) and the tables that `load_tables` creates for the run; the default is the
    query of its only partial table.

    Tables with `cells` count visits, under the rules for small groups. Values that are too rare for a day are folded:
    published for a longer span, or at the next of the `levels`, which go from the finest to the coarsest.

    A table that shares sums with another one is folded `within` the rows of that table, so that both have equal sums
    over the columns that they share. Where a cell's own columns do not say to which row of the other table it belongs,
    `outer_keys` are the columns of that table that do: cells have them as `outer_<column>`, and coarser levels may use
    them. Cells that `where` does not select join the rest of such a table where they are few.

    `shown` has SQL for published values of key columns that are finer in cells and rests. `small_by` is SQL over cells
    `c` for a part of the key of which sums of days are known if they have k visitors, by another table or an earlier
    file: days are then small by part, or as they are for the table `small_as`. `sql_unfolded` selects rows of days
    that do not describe visits; they are added at the end.

    The measures of a table that is `known_by` others are published as multiples of k: the others count the same hits
    more exactly, so that exact measures could be subtracted from theirs. Each query selects for a `cell` of the table
    the number of the `whole` that it is part of, the `hits` of that whole, and optionally its `visits`
    (`pipelines.publishing.round_rows`).

    `crossed` is another key column by which the sums are known: a page, as in the table that this one is folded
    `within`. The measures are then rounded down to multiples of k (`pipelines.publishing.cross_sums`).

    A table that `divides` another one has that table's rows by goal, and no cells of its own.

    `after` names published tables that `sql`, `known_by`, `small_as` or the goals of its cells read.

    `protection` says how a table of days without levels protects small groups.

    `since` is the schema version that introduced the table. Raises ValueError if the parts of a declaration contradict
    each other.
    """

    name: str
    comment: str
    keys: tuple[Column, ...]
    measures: tuple[Column, ...]
    partials: tuple[PartialTable, ...] = ()
    sql: str = ""
    cells: Cells | None = None
    levels: tuple[Level, ...] = ()
    within: Table | None = None
    outer_keys: tuple[str, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    small_by: str = ""
    small_as: str = ""
    sql_unfolded: str = ""
    protection: str = ""
    known_by: tuple[str, ...] = ()
    crossed: str = ""
    divides: Table | None = None
    after: tuple[str, ...] = ()
    totals: tuple[Total, ...] = ()
    by_day: bool = True
    since: int = 1

    def __post_init__(self) -> None:
        keys = {column.name for column in self.keys}
        measures = {column.name for column in self.measures}
        if (self.has_grain or self.levels) and self.divides is None:
            _expect(
                self.name,
                "levels",
                {column for level in self.levels for column in level},
                keys - {"day", "site", "grain"},
            )
            _expect(self.name, "key columns without a grain", {"grain"} - keys, set())
        if self.within is not None:
            # Columns of both tables are folded with the row of the other table.
            _expect(self.name, "last level", set(self.levels[-1]) - set(self.within.folded_columns), set())
            _expect(self.name, "outer keys", set(self.outer_keys) - set(self.within.folded_columns), set())
        if self.by_day and not self.levels and not self.protection:
            raise ValueError(f"table {self.name}: no levels and no protection; declare how it protects small groups")
        _expect(self.name, "totals", {total.measure for total in self.totals} - measures, set())
        if self.cells is not None and self.levels:
            _expect(self.name, "parts", self.cells.parts.keys() - measures, set())
            partial = self.partials[0]
            columns = {name for part in self.cells.published for name in part.columns}
            _expect(self.name, "keys", columns | {"day", "site", "grain"}, keys)
            _expect(self.name, "measures without a partial measure", measures - partial.measures.keys(), set())
        elif not self.sql:
            if len(self.partials) != 1:
                raise ValueError(f"table {self.name}: {len(self.partials)} partial tables and no sql; declare the sql")
            (partial,) = self.partials
            _expect(self.name, "keys", keys, {name for part in partial.published for name in part.columns})
            _expect(self.name, "measures without a partial measure", measures - partial.measures.keys(), set())

    @property
    def counts_visits(self) -> bool:
        """Whether it counts visits."""
        return self.by_day and any(column.name == "visits" for column in self.measures)

    def folded_value(self, column: str) -> str:
        """Return the SQL literal of a folded value in a column: NULL unless the column contains texts."""
        (kind,) = (one.type for one in self.keys if one.name == column)
        return f"'{OTHER}'" if kind == "VARCHAR" else "NULL"

    @property
    def has_grain(self) -> bool:
        """Whether it has rows of days, weeks and months."""
        return any(column.name == "grain" for column in self.keys)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Keys and measures, in order."""
        return self.keys + self.measures

    @property
    def column_names(self) -> list[str]:
        """The names of all columns, in order."""
        return [column.name for column in self.columns]

    @property
    def folded_columns(self) -> list[str]:
        """The columns that coarser levels change, in the order of the table's columns."""
        return [column.name for column in self.keys if column.name in {name for level in self.levels for name in level}]

    @property
    def cell_columns(self) -> list[str]:
        """The columns that distinguish the cells of a span: those that levels change, then `outer_keys`."""
        return [*self.folded_columns, *(f"outer_{column}" for column in self.outer_keys)]

    @property
    def own_levels(self) -> tuple[Level, ...]:
        """The levels that the table itself decides on; the table that it is folded `within` decides on the last."""
        return self.levels[:-1] if self.within else self.levels

    @property
    def query(self) -> str:
        """The SQL query that fills the table."""
        if self.sql:
            return self.sql
        (partial,) = self.partials
        return partial.query([column.name for column in self.measures])


def _expect(table: str, what: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise ValueError(f"table {table}: {what}: {sorted(found)}, expected {sorted(expected)}; mend its declaration")


# --- partial tables: what workers count ---


@dataclass(frozen=True)
class Published:
    """The published columns of a key: SQL by column name, over the partial table `t` and the tables in `join`."""

    columns: Mapping[str, str]
    join: str = ""


@dataclass(frozen=True)
class PartialTable:
    """A table that workers count in parts; merging combines rows with equal `keys`, each measure by its function.

    Partial tables are exchanged as Arrow tables; their measures are int64. `hits` or `visits` declare what is counted;
    without them, the code of a step counts the table. `published` has the published columns of each key.
    """

    name: str
    keys: Mapping[str, pa.DataType]
    measures: Mapping[str, str]
    hits: HitCounts | None = None
    visits: VisitCounts | None = None
    published: tuple[Published, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema: keys, then measures."""
        return pa.schema([*self.keys.items(), *((name, pa.int64()) for name in self.measures)])

    def merge(self, tables: Iterable[pa.Table]) -> pa.Table:
        """Merge tables into one that has each key once."""
        table = pa.concat_tables(tables)
        merged = table.group_by(list(self.keys), use_threads=False).aggregate(list(self.measures.items()))
        return merged.rename_columns([*self.keys, *self.measures]).select(self.schema.names).cast(self.schema)

    def query(self, measures: Iterable[str]) -> str:
        """Return the SQL query for the published rows."""
        columns = [f"{sql} AS {column}" for part in self.published for column, sql in part.columns.items()]
        joins = " ".join(part.join for part in self.published)
        return f"SELECT {', '.join([*columns, *measures])} FROM p_{self.name} t {joins}"


def sums(*names: str) -> dict[str, str]:
    """Return measures that are merged by their sum."""
    return dict.fromkeys(names, "sum")


def at_least(*names: str) -> dict[str, str]:
    """Return the measures `least_<name>`: at least so many distinct visitors, as in the bucket that has most of them.

    A visitor may be in several buckets, so their sum would be too large.
    """
    return {f"least_{name}": "max" for name in names}


class HitNames(Protocol):
    """What the codes in columns of hits stand for."""

    @property
    def site_digests(self) -> Digests:
        """The digest of the name of each site."""
        ...

    @property
    def machines(self) -> Sequence[tuple[str, str]]:
        """Name and category of each machine."""
        ...

    @property
    def folders(self) -> Sequence[str]:
        """The text of each folder."""
        ...

    def crawls(self, codes: Words) -> tuple[Words, Words]:
        """The machine of each crawl, and the first folder of what it asked for, by code."""
        ...

    def crawl_errors(self, codes: Words) -> tuple[Words, Words, Digests, Codes]:
        """The machine of each crawl's error, its status, the digest of the page, and the page's first folder."""
        ...


@dataclass(frozen=True)
class HitKey:
    """A key by which hits are grouped.

    `codes` returns a number of at most `bits` bits for each hit. `columns` are the key's columns in the partial table,
    and `values` maps codes to the values of these columns.
    """

    bits: int
    codes: Callable[[Hits], NDArray[Any]]
    columns: Mapping[str, pa.DataType]
    values: Callable[[Words, HitNames], Mapping[str, NDArray[Any] | pa.Array]]
    published: Published


@dataclass(frozen=True)
class HitMeasure:
    """A measure of the hits of a group: the sum, minimum or maximum of `values`; without `values`, their number."""

    values: Callable[[Hits], Ints] | None = None
    merge: str = "sum"


NUMBER_OF_HITS: Final = HitMeasure()


@dataclass(frozen=True)
class HitCounts:
    """Counts of the hits that `where` selects, grouped by `by`.

    Only hits of the published days are counted, with `around` also those that the run reads before and after them.
    """

    by: tuple[HitKey, ...]
    counted: Mapping[str, HitMeasure]
    where: Callable[[Hits], Flags] | None = None
    around: bool = False


def count_hits_by(
    name: str,
    by: tuple[HitKey, ...],
    counted: Mapping[str, HitMeasure],
    where: Callable[[Hits], Flags] | None = None,
    *,
    around: bool = False,
) -> PartialTable:
    """Declare a partial table of hits. Raises ValueError if the codes of all keys together have more than 64 bits."""
    if sum(key.bits for key in by) > 64:
        raise ValueError(f"{name}: keys of more than 64 bits; group by less, or give a key fewer bits")
    return PartialTable(
        name,
        {column: kind for key in by for column, kind in key.columns.items()},
        {measure: one.merge for measure, one in counted.items()},
        hits=HitCounts(by, counted, where, around),
        published=tuple(key.published for key in by),
    )


@dataclass(frozen=True)
class VisitKey:
    """A key by which visits are grouped in addition to day and site: the digest of a name for each visit."""

    column: str
    values: Callable[[VisitColumns], Words]
    published: Published


@dataclass(frozen=True)
class VisitMeasure:
    """A measure of the visits of a group: the sum, minimum or maximum of `values`; without `values`, their number.

    `counts_visitors`: where the values are 0 or 1, the visitors with 1 are counted too, as `least_<measure>`.
    """

    values: Callable[[VisitColumns], Ints] | None = None
    merge: str = "sum"
    counts_visitors: bool = False


@dataclass(frozen=True)
class VisitCounts:
    """Counts of the visits that begin on published days, grouped by day, site and `by`."""

    by: tuple[VisitKey, ...]
    counted: Mapping[str, VisitMeasure]


def count_visits_by(name: str, by: tuple[VisitKey, ...], counted: Mapping[str, VisitMeasure]) -> PartialTable:
    """Declare a partial table of visits; it has the measure `least_visitors` too."""
    parts = [measure for measure, one in counted.items() if one.counts_visitors]
    return PartialTable(
        name,
        {**DAY_SITE_KEYS, **{key.column: pa.uint64() for key in by}},
        {**{measure: one.merge for measure, one in counted.items()}, **at_least("visitors", *parts)},
        visits=VisitCounts(by, counted),
        published=(DAY_AND_SITE, *(key.published for key in by)),
    )


# --- SQL that several tables share ---

DAY_SITE_KEYS: Final[Mapping[str, pa.DataType]] = {"day": pa.int32(), "site": pa.uint64()}
SITE_NAME: Final = "JOIN p_names s ON s.id = t.site"
DAY: Final = "DATE '1970-01-01' + t.day::INTEGER"
DAY_AND_SITE: Final = Published({"day": DAY, "site": "s.text"}, SITE_NAME)


def name_of(column: str, *published: str) -> Published:
    """Return the published columns for a digest of a name: the name, or its parts if there are several columns."""
    join = f"JOIN p_names n ON n.id = t.{column}"
    if len(published) == 1:
        return Published({published[0]: "n.text"}, join)
    return Published(name_parts(*published), join)


def name_parts(*columns: str) -> dict[str, str]:
    """Return the SQL, by column, for the parts of a name `n` that consists of several columns."""
    return {
        column: f"str_split(n.text, chr({ord(SEPARATOR)}))[{number}]" for number, column in enumerate(columns, start=1)
    }
