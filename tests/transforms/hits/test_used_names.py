"""Names are counted by the hits that have them; what is needed in any case is never rare."""

from __future__ import annotations

import numpy as np

from footfall.transforms.hits.used_names import UsedNames
from footfall.transforms.kernels.names import NameDictionary
from footfall.transforms.tables.partial_tables import ALWAYS


def test_uses_add_up_over_blocks_and_kept_names_are_never_rare() -> None:
    names, used = NameDictionary(), UsedNames()
    none = np.zeros(1, dtype=np.uint64)
    first, second, site = (names.add([text]) for text in ("/a", "/b", "www.example.org"))
    used.count(np.concatenate([first, none, first, second]))
    used.keep(np.concatenate([site, second, none]))
    used.count(np.concatenate([first, second, site]))
    uses = dict(zip(*(used.table(names)[column].to_pylist() for column in ("text", "uses")), strict=True))
    assert uses.pop("/a") == 3
    assert min(uses.values()) >= ALWAYS
    assert set(uses) == {"/b", "www.example.org"}
