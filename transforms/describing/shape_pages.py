"""The shape of a page's name: what it has in common with the names of things of the same kind."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.kernels.names import digest_names

_ALIKE: Final = r"\{[a-z]+\}|[0-9a-fA-F]{8,}|[A-Za-z0-9_=+]{24,}|[0-9]+"
"""Placeholders, hexadecimal and long tokens, numbers."""


def shape_pages(pages: pa.StringArray) -> pa.StringArray:
    """Return the shape of each page: numbers, codes and placeholders are all alike.

    >>> shape_pages(pa.array(["/image/1234/200x200", "/orders/{id}/lines", "/about"])).to_pylist()
    ['/image/#/#x#', '/orders/#/lines', '/about']
    """
    return pc.replace_substring_regex(pages, f"(?:{_ALIKE})+", "#")


HOME_SHAPE: Final = np.uint32(digest_names(["/"])[0] & np.uint64(0xFFFFFFFF))
"""The half digest of the home page's shape: it is no part of another page."""
