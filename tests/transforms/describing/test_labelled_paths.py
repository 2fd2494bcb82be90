"""How well conventions alone tell documents, on requests to sites of many frameworks that were labelled by hand."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from footfall.transforms.describing.judge_paths import IS_READ, NOTHING, judge_urls
from footfall.transforms.describing.name_pages import name_pages

LABELLED = Path(__file__).parent / "paths" / "labelled.tsv"


def test_labelled_requests_are_told_documents_or_others() -> None:
    """All that is counted are documents but for one in fifty, and one in fifty documents is missed at most."""
    labels, urls = zip(*(line.split("\t") for line in LABELLED.read_text("utf-8").splitlines()), strict=True)
    documents = name_pages(pa.array([url.partition("?")[0] for url in urls]))["document"].to_pylist()
    told = [kind == NOTHING or bool(IS_READ[kind]) for kind in judge_urls(pa.array(urls)).to_pylist()]
    counted = {url for url, *is_document in zip(urls, documents, told, strict=True) if all(is_document)}
    asked = {url for label, url in zip(labels, urls, strict=True) if label == "document"}
    assert len(counted & asked) >= 0.98 * len(counted), sorted(counted - asked)
    assert len(counted & asked) >= 0.98 * len(asked), sorted(asked - counted)
