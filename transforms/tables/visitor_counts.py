"""The partial tables of visitors behind the tables of hits; `footfall.transforms.hits.count_visitors` counts them.

`visitors` are distinct clients of one cell. The cells of one kind have an order, and `first` and `last` (`fastest` and
`slowest`) say for how many of a cell's visitors it is their first or last one: each visitor has one first cell, so
these add up over cells.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from footfall.transforms.tables.declaring import DAY_SITE_KEYS, PartialTable, sums

MEASURES_OF_HOURS: Final = (
    *("hits", "page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"),
    # Hits of any other status, and hits whose request time was logged.
    *("other_status", "latency"),
)
"""What hits of an hour are counted by; the index is the code in columns, that of `hits_2xx` is 2 and so on."""
WHOLE_DAY: Final = 24
"""In place of an hour."""

_GROUP: Final = {**DAY_SITE_KEYS, "traffic_class": pa.uint8()}

VISITOR_COUNTS: Final = (
    # People by hour: the order is that of the hours of a day.
    PartialTable(
        "hour_visitors",
        {"local_hour": pa.int32(), "site": pa.uint64(), "traffic_class": pa.uint8(), "measure": pa.uint8()},
        sums("visitors", "first", "last"),
    ),
    # People by hour and by WHOLE_DAY: the order is that of the buckets of an hour, or of a day.
    PartialTable(
        "latency_visitors",
        {**_GROUP, "hour": pa.uint8(), "bucket": pa.uint16()},
        sums("visitors", "fastest", "slowest"),
    ),
    PartialTable("protocol_visitors", {**_GROUP, "protocol": pa.uint8()}, sums("visitors")),
    # `kind` is an index of ASKED_KINDS.
    PartialTable("kind_visitors", {**_GROUP, "kind": pa.uint8()}, sums("visitors")),
    # Automated clients, and clients of machines whose name no list has; `machine` is the digest of name and category.
    PartialTable("machine_visitors", {**_GROUP, "machine": pa.uint64()}, sums("visitors")),
    # The bytes that a visitor was sent, of the two with the most: those of a cell are among the two of each bucket.
    PartialTable(
        "hour_bytes",
        {"local_hour": pa.int32(), "site": pa.uint64(), "traffic_class": pa.uint8(), "bytes_sent": pa.int64()},
        sums("visitors"),
    ),
    PartialTable("protocol_bytes", {**_GROUP, "protocol": pa.uint8(), "bytes_sent": pa.int64()}, sums("visitors")),
    PartialTable("kind_bytes", {**_GROUP, "kind": pa.uint8(), "bytes_sent": pa.int64()}, sums("visitors")),
    # Automated clients by machine.
    PartialTable("machine_bytes", {**_GROUP, "machine": pa.uint64(), "bytes_sent": pa.int64()}, sums("visitors")),
    # Human clients that met an error of the server in a minute, and their last such minute before it, -1 for none.
    PartialTable(
        "error_visitors",
        {"site": pa.uint64(), "minute": pa.int64(), "minute_before": pa.int64()},
        sums("visitors"),
    ),
    # Human clients of an hour of UTC, likewise.
    PartialTable(
        "asking_visitors",
        {"site": pa.uint64(), "hour": pa.int64(), "hour_before": pa.int64()},
        sums("visitors"),
    ),
)
