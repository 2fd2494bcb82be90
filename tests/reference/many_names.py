"""The section "Too many names" of the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from footfall.transforms import vocabulary as words
from tests.reference.asked import is_broken_link, is_download
from tests.reference.describe import Described
from tests.reference.goals import goals_of_hit
from tests.reference.lines import ReferenceSettings

Name = tuple[str, ...]
"""A page or phrase; kind, source and campaign; or a missing page and where the link to it stands."""


def names_of(described: Described, settings: ReferenceSettings) -> Iterator[Name]:
    """The names that a human hit counts for, by the class of its agent."""
    if described.traffic_class != "human" or described.is_counted_only:
        return
    reaches = goals_of_hit(described, settings.goals)
    if described.page_view or described.hit.status >= 400 or is_download(described) or reaches:
        yield (described.page,)
    if described.page_view:
        yield arrival_of(described)
        if described.phrase is not None:
            yield (described.phrase,)
    if is_broken_link(described):
        yield link_of(described)


def arrival_of(described: Described) -> Name:
    """Kind, source and campaign."""
    return ("came", described.kind, described.source, *(described.campaign or ()))


def link_of(described: Described) -> Name:
    """A missing page, and where the link to it stands."""
    return ("link", described.page, described.stands_on)


def cut_names(hits: list[Described], settings: ReferenceSettings) -> list[Described]:
    """The hits, with `(other)` for the names that fewer than k have, if these are too many."""
    uses = Counter(name for described in hits for name in names_of(described, settings))
    rare = {name for name, count in uses.items() if count < settings.k}
    return [cut(described, rare) for described in hits] if len(rare) > words.MOST_RARE_NAMES else hits


def cut(described: Described, rare: set[Name]) -> Described:
    """A hit of people without its rare names."""
    other = words.OTHER
    if described.traffic_class != "human":
        return described
    if arrival_of(described) in rare:
        described = replace(described, kind="other", source=other, campaign=None)
    is_rare_link = link_of(described) in rare
    return replace(
        described,
        page=other if (described.page,) in rare else described.page,
        phrase=other if (described.phrase,) in rare else described.phrase,
        link=(other, other) if is_rare_link else described.link,
    )
