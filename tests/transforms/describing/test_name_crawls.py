"""Which bot met which error where has a code, and too many pages are told by their folder."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.transforms.describing import name_crawls
from footfall.transforms.describing.name_crawls import CrawlErrors

PAGES = np.array([2**63 + 5, 2**63 + 5, 2**63 + 5, 2**63 + 6], dtype=np.uint64)
MACHINES = np.array([3, 4, 3, 3], dtype=np.int32)
STATUSES = np.array([404, 404, 410, 404])
FOLDERS = np.array([2, 2, 2, 1], dtype=np.int32)


def test_errors_are_told_apart_by_machine_status_and_page() -> None:
    errors = CrawlErrors()
    codes = errors.code(MACHINES, STATUSES, PAGES, FOLDERS)
    assert list(zip(*(part.tolist() for part in errors.parts(codes)), strict=True)) == [
        *((3, 404, 2**63 + 5, 2), (4, 404, 2**63 + 5, 2)),
        *((3, 410, 2**63 + 5, 2), (3, 404, 2**63 + 6, 1)),
    ]
    assert codes.min() > 0
    assert errors.code(MACHINES, STATUSES, PAGES, FOLDERS).tolist() == codes.tolist()


def test_pages_that_are_too_many_are_told_by_their_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_crawls, "MAX_ERROR_PAGES", 1)
    errors = CrawlErrors()
    errors.code(MACHINES, STATUSES, PAGES, FOLDERS)
    codes = errors.code(MACHINES, STATUSES, PAGES + np.uint64(10), FOLDERS)
    assert list(zip(*(part.tolist() for part in errors.parts(codes)), strict=True)) == [
        (3, 404, 2, 2),
        (4, 404, 2, 2),
        (3, 410, 2, 2),
        (3, 404, 1, 1),
    ]
