"""Names inputs for the published file: their paths are the operator's, and may name people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.describing.text_rules import NO_RULES
from footfall.transforms.describing.withhold_texts import Identifiers, withhold


def name_inputs(paths: Sequence[str], identifiers: Identifiers | None = None) -> list[str]:
    """Return for each path the shortest end that no other path has, without personal parts and `identifiers`.

    Names are as distinct as the paths: those that become equal are numbered.

    >>> name_inputs(["/var/log/a/access.log", "/var/log/b/access.log", "/home/logs/access.log.1"])
    ['a/access.log', 'b/access.log', 'access.log.1']
    """
    parts = [path.rstrip("/").split("/") for path in paths]
    lengths = [1] * len(paths)
    while True:
        ends = ["/".join(own[-length:]) for own, length in zip(parts, lengths, strict=True)]
        repeated = Counter(ends)
        longer = [row for row, own in enumerate(parts) if repeated[ends[row]] > 1 and lengths[row] < len(own)]
        if not longer:
            break
        for row in longer:
            lengths[row] += 1
    names = scrub(pa.array(ends, pa.string())).to_pylist() if ends else []
    if identifiers is not None:
        names, _ = withhold(names, identifiers, NO_RULES)
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return numbered
