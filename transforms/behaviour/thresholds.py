"""The thresholds of the rules that distinguish people from machines.

`benchmarks/people.py --leave-one-out` shows how much depends on each: on most of them hardly anything.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Thresholds(NamedTuple):
    """Numbers by which clients are judged; shares are given as percentages, and ages and times in their units."""

    parts_percent: int = 2
    """Of the answers of a site, so many are parts where its log has the parts of pages."""
    reading_percent: int = 25
    """So many of its readers load parts there."""
    needing_percent: int = 12
    """A page needs parts if so many of those who load parts load some with it."""
    loading_percent: int = 67
    """Where so many people load, who opens several pages without parts is a machine."""
    loading_once_percent: int = 90
    """The same for one page: of its people who open one, hardly anybody has all parts of it already."""
    cached_pages: int = 5
    """No cache has all parts of so many pages that bring parts to most who open them."""
    old_days: int = 730
    """So far behind those of the site's people is no browser that people use."""
    stale_days: int = 84
    """The same for browsers that update themselves every four weeks, where there is another sign."""
    stale_percent: int = 20
    """And at most so many of the site's people have one that is as old."""
    link_ms: int = 10_000
    """A link checker opens a link at most this long before or after its reader: friends need longer to pass it on."""
    agent_clients: int = 4
    """An agent of so many clients, none of which goes anywhere, is a machine's, if they open a page each."""
    walking_percent: int = 50
    """At sites of whose clients that load parts so many go somewhere or arrive."""
    fleet_clients: int = 10
    """An agent of so many clients is that of a fleet if hardly any of them has parts."""
    fleet_percent: int = 5
    """So few of them have some."""
    form_posts: int = 20
    """Nobody sends so many forms and hardly anything else: who does tries passwords."""
    hurrying_percent: int = 10
    """Where so many readers open more pages at once than anybody looks at, their browsers fetch pages ahead."""
    crawled_pages: int = 10
    """Nobody opens so many pages without coming from any."""


DEFAULTS: Final = Thresholds()
