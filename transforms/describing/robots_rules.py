"""Says which requests of bots a site's robots.txt forbids; Protego reads the file, and matches as RFC 9309 says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from protego import Protego

ALL_SITES: Final = ""
"""In place of a site: the file of all sites that have none of their own."""
ROBOTS_TXT: Final = "/robots.txt"
ASKED, FORBIDDEN = 1, 2
"""What a bot's hit asks for: robots.txt, or what it forbids; else 0."""
_MAX_VERDICTS: Final = 200_000

_AGENTS: Final = re.compile(r"^[ \t]*user-?[ ]?agent[ \t]*:[ \t]*([^#\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LINK: Final = re.compile(r"\+?https?://\S*|\S+@\S+", re.IGNORECASE)


@dataclass(frozen=True)
class _File:
    """A robots.txt, and the names in its `User-agent` lines, the longest first."""

    rules: Protego
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _File:
        names = {name.strip().lower() for name in _AGENTS.findall(text)} - {"", "*"}
        return cls(Protego.parse(text), tuple(sorted(names, key=lambda name: (-len(name), name))))

    def name_in(self, agent: str) -> str:
        """Return the longest of the names that stands in an agent from the beginning of a word on, "" for none.

        Links do not count: `+https://openai.com/gptbot` names who is behind the agent.
        """
        text = _LINK.sub(" ", agent).lower()
        return next((name for name in self.names if re.search(rf"(?<![\w-]){re.escape(name)}", text)), "")


class RobotsRules:
    """The files of sites, as pairs of a site (or ALL_SITES) and the text of its robots.txt."""

    def __init__(self, files: Sequence[tuple[str, str]] = ()) -> None:
        self._files = {site: _File.of(text) for site, text in files}
        # Bots ask for the same again and again, under many versions of their agents.
        self._judge = lru_cache(_MAX_VERDICTS)(self._ask)
        self._name_in = lru_cache(_MAX_VERDICTS // 10)(self._find_name)

    def __bool__(self) -> bool:
        return bool(self._files)

    def is_forbidden(self, site: str, agent: str, target: str) -> bool:
        """Return whether the file of a site forbids an agent to ask for a path with its query.

        >>> rules = RobotsRules([("", "User-agent: GPTBot\\nDisallow: /drafts")])
        >>> rules.is_forbidden("a.example", "GPTBot/1.2", "/drafts/a"), rules.is_forbidden("a.example", "bingbot", "/")
        (True, False)
        """
        own = site if site in self._files else ALL_SITES
        return own in self._files and self._judge(own, self._name_in(own, agent), target)

    def _find_name(self, site: str, agent: str) -> str:
        return self._files[site].name_in(agent)

    def _ask(self, site: str, name: str, target: str) -> bool:
        return not self._files[site].rules.can_fetch(target, name)
