"""Find the first of many regular expressions that matches a text, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ua_parser_rs


def compile_first_match(patterns: Iterable[str]) -> Callable[[str], int | None]:
    """Compile patterns (syntax of Rust's regex crate) to a function that returns the index of the first match.

    ua-parser's engine does this for user agents: the literals in a text select the patterns that can match, and these
    are tried in order. The family that it returns for an agent is here the pattern's index. 1,500 patterns take 80 ms
    to compile and 5 µs per text. The function is thread-safe.

    Raises ValueError for an invalid pattern.

    >>> find = compile_first_match(["b+", "a"])
    >>> find("abb"), find("a"), find("c")
    (0, 1, None)
    """
    extractor = ua_parser_rs.UserAgentExtractor(
        (pattern, str(index), None, None, None, None) for index, pattern in enumerate(patterns)
    )

    def find(text: str) -> int | None:
        match = extractor.extract(text)
        return int(match.family) if match else None

    return find
