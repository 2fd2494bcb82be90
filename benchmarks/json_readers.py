"""Readers of JSON lines on the same block: Footfall's kernel, DuckDB's JSON functions, pyarrow's reader.

python benchmarks/json_readers.py [--lines 100000]

Lines of nginx with `escape=json` and fifteen members. All give the texts of ten of them, on one thread; Footfall's
kernel also escapes and places them for what follows, which the others would need besides. Prints µs a line, the fastest
of three, and what becomes of the block when one line in it is torn.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.json

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block

_WANTED: Final = (
    *("time_iso8601", "remote_addr", "remote_user", "request", "status", "body_bytes_sent"),
    *("http_referer", "http_user_agent", "http_x_forwarded_for", "request_time"),
)
_OTHERS: Final = ("connection", "pipe", "ssl_protocol", "upstream_addr", "request_id")


def make_lines(count: int) -> list[str]:
    """Lines as nginx writes them, every tenth with an escaped quote."""
    dice = random.Random(1)
    lines = []
    for number in range(count):
        values = (
            "2026-06-01T00:00:00+00:00",
            f"192.0.2.{dice.randrange(256)}",
            "",
            f"GET /products/{dice.randrange(5000)}{'' if number % 10 else chr(34)} HTTP/1.1",
            "200",
            str(dice.randrange(100_000)),
            "https://www.example.org/",
            f"Mozilla/5.0 (X11; Linux x86_64; rv:{dice.randrange(60, 140)}.0) Gecko/20100101 Firefox/140.0",
            "198.51.100.7, 10.0.0.1",
            f"0.{dice.randrange(1000):03}",
        )
        others = (str(dice.getrandbits(40)) for _ in _OTHERS)
        lines.append(json.dumps({**dict(zip(_WANTED, values, strict=True)), **dict(zip(_OTHERS, others, strict=True))}))
    return lines


def read_by_footfall(content: bytes) -> int:
    """Lines understood."""
    return sum(int((part.rejects == 0).sum()) for part in scan_block(padded(content), len(content), "nginx_json").parts)


def read_by_duckdb(content: bytes) -> int:
    """Lines understood; a torn one is an error unless each is parsed twice, to ask whether it is JSON."""
    lines = pa.table({"line": content.decode().splitlines()})
    paths = ", ".join(f"'$.{name}'" for name in _WANTED)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("lines", lines)
        return (
            connection.sql(f"SELECT json_extract_string(line, [{paths}]) AS fields FROM lines")
            .to_arrow_table()
            .num_rows
        )


def read_by_pyarrow(content: bytes) -> int:
    """Lines understood; one torn line is an error."""
    options = pyarrow.json.ParseOptions(
        explicit_schema=pa.schema([(name, pa.string()) for name in _WANTED]), unexpected_field_behavior="ignore"
    )
    read = pyarrow.json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    return pyarrow.json.read_json(pa.BufferReader(content), read_options=read, parse_options=options).num_rows


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    options = parser.parse_args()
    lines = make_lines(options.lines)
    whole = "".join(f"{line}\n" for line in lines).encode()
    torn = "".join(f"{line}\n" for line in [*lines[:500], lines[500][:100], *lines[500:1000]]).encode()
    readers: dict[str, Callable[[bytes], int]] = {
        "footfall": read_by_footfall,
        "duckdb": read_by_duckdb,
        "pyarrow": read_by_pyarrow,
    }
    print(f"{'':10}{'µs a line':>10}{'x first':>9}  of 1,000 lines around a torn one")
    first = 0.0
    for name, read in readers.items():
        assert read(whole) == len(lines), name
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            read(whole)
            times.append(time.perf_counter() - begin)
        cost = min(times) / len(lines) * 1e6
        first = first or cost
        try:
            left = f"{read(torn):,} are read"
        except (duckdb.Error, pa.ArrowInvalid, UnicodeDecodeError) as error:
            left = f"none is read ({type(error).__name__})"
        print(f"{name:10}{cost:10.2f}{cost / first:9.2f}  {left}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
