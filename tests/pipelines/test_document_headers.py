"""Headers that tell documents from what scripts and pages ask for are read where a log has them."""

from __future__ import annotations

from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from tests.reference.describe import describe_all
from tests.reference.lines import Hit, ReferenceSettings, parse_line
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
START = '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
HEADERS = (
    ("$http_sec_fetch_dest", "/told", "document", True),
    ("$http_sec_fetch_dest", "/told", "empty", False),
    ("$http_sec_fetch_dest", "/told", "iframe", False),
    ("$http_sec_fetch_dest", "/told", "-", True),
    ("$http_sec_fetch_dest", "/api/told", "document", True),
    ("$http_sec_fetch_dest", "/api/told?_rsc=1", "document", False),
    ("$http_sec_fetch_dest", "/api/told", "-", False),
    ("$http_sec_fetch_dest", "/told.png", "document", False),
    ("$http_x_requested_with", "/told", "XMLHttpRequest", False),
    ("$http_x_requested_with", "/told", "com.example.app", True),
    ("$http_sec_purpose", "/told", "prefetch;prerender", False),
    ("$http_sec_purpose", "/told", "-", True),
    ("$http_accept", "/told", "image/avif,image/webp,*/*;q=0.8", False),
    ("$http_accept", "/told", "application/json, text/plain, */*", False),
    ("$http_accept", "/told", "image/gif, image/jpeg, */*", True),
    ("$http_accept", "/told", "text/html,application/xhtml+xml,*/*;q=0.8", True),
    ("$sent_http_content_type", "/told", "text/html; charset=utf-8", True),
    ("$sent_http_content_type", "/told", "application/pdf", True),
    ("$sent_http_content_type", "/told", "IMAGE/JPEG", False),
    ("$sent_http_content_type", "/told", "application/json", False),
    ("$sent_http_content_type", "/told", "application/jsonx", False),
    ("$sent_http_content_type", "/told", "app", True),
)


@pytest.mark.parametrize(("field", "url", "value", "is_document"), HEADERS)
def test_a_header_tells_a_document(field: str, url: str, value: str, is_document: bool) -> None:
    settings = ReferenceSettings(log_format=f'{START} "{field}"')
    line = f'192.0.2.1 - - [01/Jun/2026:10:00:00 +0000] "GET {url} HTTP/1.1" 200 5 "-" "{AGENT}" "{value}"'
    hit = parse_line(line.encode(), settings)
    assert isinstance(hit, Hit)
    assert describe_all([hit], True, settings)[0].page_view is is_document


@pytest.mark.parametrize("field", sorted({field for field, *_ in HEADERS}))
def test_a_run_reads_headers_as_the_reference_does(field: str) -> None:
    rows = [(url, value) for own, url, value, _ in HEADERS if own == field]
    lines = [
        f'192.0.2.{n} - - [01/Jun/2026:10:{n:02d}:{k:02d} +0000] "GET {url} HTTP/1.1" 200 5 "-" "{AGENT}" "{value}"'
        for n in range(4)
        for k, (url, value) in enumerate(rows)
    ]
    contents = {"a.log": "".join(f"{line}\n" for line in lines).encode()}
    options: dict[str, Any] = {"log_format": f'{START} "{field}"', "k": 2}
    tables = published_tables(contents, **options)
    assert differences(tables, compute(contents, reference_settings(Settings(**options)))) == []
    views = sum(is_document for own, _, _, is_document in HEADERS if own == field)
    assert [row["page_views"] for row in tables["visits"]] == [4 * views]
