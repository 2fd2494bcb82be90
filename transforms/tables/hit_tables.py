"""The published tables that are counted from hits, whether or not they belong to a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Flags, Words
from footfall.transforms.kernels.latency_buckets import NO_LATENCY
from footfall.transforms.tables.declaring import (
    DAY,
    NUMBER_OF_HITS,
    SITE_NAME,
    Column,
    HitKey,
    HitMeasure,
    HitNames,
    PartialTable,
    Published,
    Table,
    Total,
    count_hits_by,
)
from footfall.transforms.values.read_requests import PROTOCOLS
from footfall.transforms.vocabulary import AUTOMATED, BOT, HUMAN, MONITOR, PROBE, TRAFFIC_CLASSES

if TYPE_CHECKING:
    from footfall.transforms.hits.derive_hits import Hits

# --- columns ---

DAY_COLUMN: Final = Column("day", "DATE", "Calendar day in the run's time zone")
HOUR_COLUMN: Final = Column(
    "hour",
    "SMALLINT",
    "Hour of the day in the run's time zone, 0 to 23; NULL for hours of people that are one row because some of them "
    "have fewer than k visitors",
)
SITE_COLUMN: Final = Column("site", "VARCHAR", "Virtual host, or the name configured for the log")
CLASS_COLUMN: Final = Column("traffic_class", "VARCHAR", "human, bot, automated, probe or monitor")


def machine_columns(codes: Words, names: HitNames) -> dict[str, pa.Array]:
    """Return the columns `name` and `category` of machines by code."""
    machines, places = np.unique(codes, return_inverse=True)
    texts = [names.machines[code] for code in machines.tolist()]
    columns = {"name": [name for name, _ in texts], "category": [category for _, category in texts]}
    return {column: pa.array(values, pa.string()).take(pa.array(places)) for column, values in columns.items()}


# --- what hits are grouped by: numbers count from 1970-01-01, texts are digests of names ---

_CLASS_NAMES: Final = f"{list(TRAFFIC_CLASSES)}[t.traffic_class + 1]"

BY_DAY: Final = HitKey(
    22,
    lambda hits: hits.local_hour // 24,
    {"day": pa.int32()},
    lambda codes, _: {"day": codes},
    Published({"day": DAY}),
)
BY_HOUR: Final = HitKey(
    27,
    lambda hits: hits.local_hour,
    {"local_hour": pa.int32()},
    lambda codes, _: {"local_hour": codes},
    Published({"day": DAY.replace("t.day", "(t.local_hour // 24)"), "hour": "(t.local_hour % 24)::SMALLINT"}),
)
BY_MINUTE: Final = HitKey(
    32,
    lambda hits: hits.time_ms // 60_000,
    {"minute": pa.int64()},
    lambda codes, _: {"minute": codes},
    Published({"minute": "t.minute"}),
)
BY_SITE: Final = HitKey(
    20,
    lambda hits: hits.site,
    {"site": pa.uint64()},
    lambda codes, describe: {"site": describe.site_digests[codes]},
    Published({"site": "s.text"}, SITE_NAME),
)
BY_CLASS: Final = HitKey(
    3,
    lambda hits: hits.traffic_class,
    {"traffic_class": pa.uint8()},
    lambda codes, _: {"traffic_class": codes},
    Published({"traffic_class": _CLASS_NAMES}),
)
BY_PROTOCOL: Final = HitKey(
    3,
    lambda hits: hits.protocol,
    {"protocol": pa.uint8()},
    lambda codes, _: {"protocol": codes},
    Published({"protocol": f"{list(PROTOCOLS)}[t.protocol + 1]"}),
)
BY_MACHINE: Final = HitKey(
    19,
    lambda hits: hits.machine,
    {"name": pa.string(), "category": pa.string()},
    machine_columns,
    Published({"name": "t.name", "category": "t.category"}),
)
BY_STATUS: Final = HitKey(
    10,
    lambda hits: hits.status,
    {"status": pa.int16()},
    lambda codes, _: {"status": codes},
    Published({"status": "t.status"}),
)


EDGES_MS: Final = {
    "from_ms": "((t.bucket::BIGINT & 31) << (t.bucket::BIGINT >> 5)) / 1000.0::DOUBLE",
    "bucket_ms": "(((t.bucket::BIGINT & 31) + 1) << (t.bucket::BIGINT >> 5)) / 1000.0::DOUBLE",
}
"""SQL for both edges of the bucket `t.bucket`; the upper one is that of `bucket_edge_us`."""
BY_LATENCY: Final = HitKey(
    11,
    lambda hits: hits.latency_bucket,
    {"bucket": pa.uint16()},
    lambda codes, _: {"bucket": codes},
    Published(EDGES_MS),
)

# --- what is counted of them ---

_BYTES: Final = HitMeasure(lambda hits: hits.bytes_sent)
_HITS: Final = {"hits": NUMBER_OF_HITS}


def _in_hundred(hundred: int) -> HitMeasure:
    return HitMeasure(lambda hits: (hits.status // 100 == hundred).astype(np.int64))


def _is_human(hits: Hits) -> Flags:
    return hits.traffic_class == HUMAN


def _is_human_or_monitor(hits: Hits) -> Flags:
    """Whether the server is judged by the hit."""
    return _is_human(hits) | (hits.traffic_class == MONITOR)


def _is_machine(hits: Hits) -> Flags:
    return hits.traffic_class != HUMAN


_NULL_OF_FEW: Final = "NULL if fewer than k people had any, or if such a measure could be calculated from it"
_EXEMPT: Final = (PROBE, MONITOR, BOT)
_IS_EXEMPT: Final = np.isin(np.arange(256), _EXEMPT)
"""Classes whose hits reveal nothing about people."""
_OF_INCIDENT: Final = (
    "where people met its errors, rounded down to a multiple of k, or k less; NULL if some of them are human, but "
    "fewer than k people met its errors (on one of its days), or if hours or days would reveal hits of few"
)
_ROUNDED: Final = "of people rounded to at most two significant digits, since an exact sum would reveal pages"
_DOMINATED: Final = "NULL where one visitor has more of them than all others together but the second largest"
BYTES_OF_DAY: Final = (
    f"{_ROUNDED}; NULL for a class on a day on which one of its rows here or in traffic has to hide them"
)

# --- tables ---

_NOT_OF_FEW: Final = "NULL if traffic has no row for this hour, as few people came then"

DAYS: Final = Table(
    "days",
    "One row per published day and site: what the day's figures were built from",
    (DAY_COLUMN, SITE_COLUMN),
    (
        Column(
            "complete", "BOOLEAN", "The logs reach beyond both ends of the day, and beyond the visits that began on it"
        ),
        Column("first_hit", "TIMESTAMP", f"UTC time of the day's first hit, floored to the hour; {_NOT_OF_FEW}"),
        Column("last_hit", "TIMESTAMP", f"UTC time of the day's last hit, floored to the hour; {_NOT_OF_FEW}"),
        Column(
            "hits",
            "BIGINT",
            "Logged requests of all traffic classes; without human or automated ones if fewer than k visitors of the "
            "day made them",
        ),
        Column(
            "hits_5xx",
            "BIGINT",
            "Human and monitor hits answered with status 500 to 599; NULL if some, but fewer than k people met any",
            since=3,
        ),
        Column(
            "told_in",
            "VARCHAR",
            "Coarsest span for which rare values of the day are published: day, week or month",
            since=3,
        ),
        Column("run_id", "VARCHAR", "The run that published these rows, see runs"),
        Column("published_at", "TIMESTAMP", "UTC time at which that run published"),
    ),
    (
        count_hits_by(
            "days",
            (BY_DAY, BY_SITE),
            {
                "first_ms": HitMeasure(lambda hits: hits.time_ms, "min"),
                "last_ms": HitMeasure(lambda hits: hits.time_ms, "max"),
                "hits": NUMBER_OF_HITS,
            },
        ),
    ),
    sql=f"""WITH read AS (SELECT min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM p_line_counts)
        SELECT {DAY} AS day, s.text AS site,
          read.first_ms < spans.begin_ms AND read.last_ms >= spans.end_ms + run.timeout_ms
            AND read.last_ms >= least(coalesce(v.last_ms, 0) + run.timeout_ms, spans.bound_ms) AS complete,
          CASE WHEN h.has_first THEN date_trunc('hour', make_timestamp(t.first_ms * 1000)) END AS first_hit,
          CASE WHEN h.has_last THEN date_trunc('hour', make_timestamp(t.last_ms * 1000)) END AS last_hit,
          t.hits - coalesce(u.hits, 0) AS hits,
          CASE WHEN e.day IS NULL THEN 0 ELSE e.hits_5xx END AS hits_5xx, run.run_id, run.finished_at AS published_at
        FROM p_days t {SITE_NAME} JOIN calendar spans ON spans.day = t.day
        LEFT JOIN p_visits v ON v.day = t.day AND v.site = t.site
        LEFT JOIN hidden_hits u ON u.day = t.day AND u.site = t.site
        LEFT JOIN end_hours h ON h.day = t.day AND h.site = t.site
        LEFT JOIN published_5xx e ON e.day = t.day AND e.site = t.site, read, this_run run""",
    protection=(
        "hits of people are left out on a day of fewer than *k* visitors of the site; times are floored to the hour, "
        "and NULL where `traffic` does not have this hour"
    ),
)

TRAFFIC: Final = Table(
    "traffic",
    "Hits by hour and traffic class: the amount of traffic, machines included. By kind of request: kinds",
    (DAY_COLUMN, HOUR_COLUMN, SITE_COLUMN, CLASS_COLUMN),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column(
            "page_views",
            "BIGINT",
            f"Human page views, in the hour in which they happened; {_NULL_OF_FEW}, or if few visits cross midnight",
        ),
        Column("bytes_sent", "BIGINT", f"Bytes sent to clients; {_ROUNDED}; {_DOMINATED}, or where hour is NULL"),
        *(
            Column(
                f"hits_{hundred}xx", "BIGINT", f"Hits answered with status {hundred}00 to {hundred}99; {_NULL_OF_FEW}"
            )
            for hundred in (2, 3, 4, 5)
        ),
    ),
    (
        count_hits_by(
            "traffic",
            (BY_HOUR, BY_SITE, BY_CLASS),
            {
                "hits": NUMBER_OF_HITS,
                "page_views": HitMeasure(lambda hits: hits.is_page_view.astype(np.int64)),
                "bytes_sent": _BYTES,
                **{f"hits_{hundred}xx": _in_hundred(hundred) for hundred in (2, 3, 4, 5)},
            },
        ),
    ),
    sql="FROM published_traffic",
    totals=(Total("hits", "days", "sum(hits)"),),
    protection=(
        "hours of fewer than *k* visitors are one row without an hour; measures of fewer are NULL, and so is the next "
        "smallest where a hidden one could be calculated; page views of some hours are NULL on a day on which few "
        "visits cross midnight; bytes are rounded, and NULL where one visitor dominates them"
    ),
)

LATENCY: Final = Table(
    "latency",
    "Request times as mergeable histograms: buckets are at most 6.25% wide, or wider for people where a bucket had "
    "fewer than k visitors; see percentile_ms. By kind of request: kind_latency",
    (
        DAY_COLUMN,
        HOUR_COLUMN,
        SITE_COLUMN,
        CLASS_COLUMN,
        Column("from_ms", "DOUBLE", "Lower edge of the bucket in milliseconds", since=3),
        Column("bucket_ms", "DOUBLE", "Upper edge of the bucket in milliseconds: these requests took less"),
    ),
    (Column("hits", "BIGINT", "Requests in the bucket"),),
    (
        count_hits_by(
            "latency",
            (BY_HOUR, BY_SITE, BY_CLASS, BY_LATENCY),
            _HITS,
            lambda hits: hits.latency_bucket < NO_LATENCY,
        ),
    ),
    sql="FROM published_latency",
    protection="buckets, then hours, are joined until they have *k* visitors; what still has fewer is not published",
)

PROTOCOL_HITS: Final = Table(
    "protocols",
    "Hits by version of HTTP and traffic class",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column(
            "protocol",
            "VARCHAR",
            "Such as HTTP/1.1; (unknown) without a request, (other) for unknown versions, and for rare ones of people",
        ),
        CLASS_COLUMN,
    ),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column("bytes_sent", "BIGINT", f"Bytes sent to clients; {BYTES_OF_DAY}"),
    ),
    (
        count_hits_by(
            "protocols",
            (BY_DAY, BY_SITE, BY_PROTOCOL, BY_CLASS),
            {"hits": NUMBER_OF_HITS, "bytes_sent": _BYTES},
        ),
    ),
    sql="FROM published_protocols",
    totals=(Total("hits", "days", "sum(hits)"),),
    since=2,
    protection=(
        "protocols of fewer than *k* visitors are `(other)`, which takes in the smallest until it has *k*; bytes as in "
        "`traffic`"
    ),
)

BOTS: Final = Table(
    "bots",
    "Hits of machines by name",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column("traffic_class", "VARCHAR", "bot, automated, probe or monitor"),
        Column(
            "name",
            "VARCHAR",
            "Name of the bot, program or monitor, or what a probe looked for; (other) if fewer than k clients have it "
            "and it is automated or on no list",
        ),
        Column(
            "category", "VARCHAR", "What it is for, such as search engine; (other) where an automated client's name is"
        ),
    ),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column("bytes_sent", "BIGINT", f"Bytes sent to it; {BYTES_OF_DAY}"),
    ),
    (
        count_hits_by(
            "machines",
            (BY_DAY, BY_SITE, BY_CLASS, BY_MACHINE),
            {"hits": NUMBER_OF_HITS, "bytes_sent": _BYTES},
            _is_machine,
        ),
    ),
    sql="FROM published_bots",
    totals=(Total("hits", "traffic", "sum(hits) FILTER (traffic_class <> 'human')"),),
    protection=(
        "names of automated visitors, and names that clients chose, need *k* clients; others are `(other)`; bytes as "
        "in `traffic`"
    ),
)

MACHINE_ERRORS: Final[PartialTable] = count_hits_by(
    "machine_errors",
    (BY_DAY, BY_SITE, BY_STATUS),
    _HITS,
    lambda hits: _is_machine(hits) & (hits.traffic_class != AUTOMATED) & (hits.status >= 400),
)
"""Errors that no person met: part of the table `errors`. Those of automated clients are taken from `traffic`."""

INCIDENTS: Final = Table(
    "incidents",
    "Runs of minutes with many server errors, or silence where traffic was to be expected",
    (
        Column("day", "DATE", "Calendar day on which it started, in the run's time zone"),
        SITE_COLUMN,
        Column(
            "started",
            "TIMESTAMP",
            "UTC time of its first minute; floored to the hour for a silence that began after a person's hit",
        ),
        Column(
            "ended",
            "TIMESTAMP",
            "UTC time of the minute after its last one; the end of the hour for a silence that a person's hit ended",
        ),
        Column("started_local", "TIMESTAMP", "started, on the clocks of the run's time zone", since=4),
        Column("ended_local", "TIMESTAMP", "ended, on the clocks of the run's time zone", since=4),
        Column("kind", "VARCHAR", "errors or silence"),
    ),
    (
        Column("hits", "BIGINT", f"Human and monitor hits in it; {_OF_INCIDENT}"),
        Column("hits_5xx", "BIGINT", f"Those answered with status 500 to 599; {_OF_INCIDENT}"),
    ),
    (
        count_hits_by(
            "minutes",
            (BY_SITE, BY_MINUTE),
            {
                "hits": HitMeasure(lambda hits: _is_human_or_monitor(hits).astype(np.int64)),
                "hits_5xx": HitMeasure(
                    lambda hits: (_is_human_or_monitor(hits) & (hits.status // 100 == 5)).astype(np.int64)
                ),
                "machine_hits": HitMeasure(lambda hits: _IS_EXEMPT[hits.traffic_class].astype(np.int64)),
                "human_hits": HitMeasure(lambda hits: _is_human(hits).astype(np.int64)),
                "human_hits_5xx": HitMeasure(
                    lambda hits: (_is_human(hits) & (hits.status // 100 == 5)).astype(np.int64)
                ),
            },
            # All requests count: a silence has none.
            lambda hits: ~(_is_human(hits) & hits.opted_out),
            # Hits around the published days show what traffic was to be expected.
            around=True,
        ),
    ),
    sql="FROM found_incidents SEMI JOIN days USING (day, site)",
    protection=(
        "NULL where some but fewer than *k* visitors are among the hits; errors that fewer met are no incident; "
        "rounded down to a multiple of *k*, and less by *k* where hours or days would leave less than *k*/2"
    ),
)

HIT_TABLES: Final = (DAYS, TRAFFIC, LATENCY, PROTOCOL_HITS, INCIDENTS, BOTS)
