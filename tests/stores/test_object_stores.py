"""Objects are listed, read in ranges, written and deleted."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from footfall.transforms.exchange.stored_files import (
    create_file,
    match_files,
    open_file,
    open_range,
    remove_folder,
    use_options,
)
from tests.stores.store import BUCKET, Store

KEYS = 100_000
PAGE = 1_000


def put(*keys: str) -> None:
    """Store small objects."""
    for key in keys:
        with create_file(f"{BUCKET}/{key}") as file:
            file.write(key.encode())


def found(pattern: str) -> set[str]:
    """The keys that match."""
    return {one.path.removeprefix(f"{BUCKET}/") for one in match_files(f"{BUCKET}/{pattern}")}


def test_patterns_match_keys_as_they_match_paths(store: Store) -> None:
    put("x/a.log", "x/b.log.gz", "x/2026/a.log", "x/a+b.log", "xy/a.log")
    assert found("x/*.log") == {"x/a.log", "x/a+b.log"}
    assert found("x/*") == {"x/a.log", "x/a+b.log", "x/b.log.gz"}
    assert found("x/**.log") == {"x/a.log", "x/a+b.log", "x/2026/a.log"}
    assert found("x/*/*.log") == {"x/2026/a.log"}
    assert found("x*/a.log") == {"x/a.log", "xy/a.log"}
    assert found("x/[ab].log*") == {"x/a.log", "x/b.log.gz"}
    assert found("x/[!a].log*") == {"x/b.log.gz"}
    assert found("x/a.log") == {"x/a.log"}
    assert found("x/a+b.log") == {"x/a+b.log"}
    assert found("x/none.log") == found("none/*") == set()
    assert [one.size_in_bytes for one in match_files(f"{BUCKET}/x/a.log")] == [7]


def test_objects_below_a_name_are_deleted_and_no_others(store: Store) -> None:
    put("own/1/a.rows", "own/1/b.arrows", "own/2/c", "own2/d", "own.rows")
    remove_folder(f"{BUCKET}/own")
    assert {key for key in store.stored() if key.startswith("own")} == {"own2/d", "own.rows"}
    remove_folder(f"{BUCKET}/own")


@pytest.mark.parametrize("end", [None, 9_000_000])
def test_ranges_are_read_with_few_requests(end: int | None, store: Store) -> None:
    content = bytes(range(251)) * 40_000
    key = f"ranges/{end}"
    with create_file(f"{BUCKET}/{key}") as file:
        file.write(content)
    reader = open_range(f"{BUCKET}/{key}", end)
    assert reader.read(8) == content[:8]
    reader.seek(0)
    parts = []
    while len(parts) < 9 and (part := reader.read(1_000_000)):
        parts.append(part)
    assert b"".join(parts) == content[:9_000_000]
    assert reader.tell() == 9_000_000
    assert reader.read(2_000_000) == content[9_000_000:11_000_000]
    reader.close()
    assert store.requests(key).count("HEAD") == 1
    # Windows grow up to 4 MB where the end is not told.
    assert store.requests(key).count("GET") <= (4 if end else 12)


def test_what_is_not_there_is_an_error_of_the_system(store: Store) -> None:
    with pytest.raises(OSError, match="none"):
        open_file(f"{BUCKET}/none")


class Pages(http.server.BaseHTTPRequestHandler):
    """A bucket of many keys that is listed at once."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        """Answer with a page, and where the next one begins."""
        _, _, token = self.path.partition("continuation-token=")
        begin = int(token.partition("&")[0] or 0)
        entries = "".join(
            f"<Contents><Key>logs/{number:06}.log</Key><Size>7</Size>"
            "<LastModified>2026-06-01T00:00:00.000Z</LastModified></Contents>"
            for number in range(begin, begin + PAGE)
        )
        more = begin + PAGE < KEYS
        following = f"<NextContinuationToken>{begin + PAGE}</NextContinuationToken>" if more else ""
        content = (
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{following}{entries}</ListBucketResult>"
        ).encode()
        type(self).asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def large_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of PAGES."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    use_options(PipelineOptions([f"--s3_endpoint_url=http://127.0.0.1:{server.server_port}"]))
    yield
    use_options(PipelineOptions([]))
    server.shutdown()
    server.server_close()


def test_a_hundred_thousand_keys_are_listed_with_a_hundred_requests(large_bucket: None) -> None:
    began = time.process_time()
    assert len(match_files(f"{BUCKET}/logs/*.log")) == KEYS
    # Of this process alone, the server included, however much the machine does beside it.
    assert time.process_time() - began < 30
    assert Pages.asked == KEYS // PAGE
