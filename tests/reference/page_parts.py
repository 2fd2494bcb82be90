"""The section "Page view" of the definitions, parts by evidence: what looks like a document and comes with a page.

Each local day of a site is looked at by itself, and only clients that load parts count. Times serve only as
the distance between two hits; hits of one instant have no order.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from tests.reference.acts import FEW, Act, group, the_most
from tests.reference.clients_of_a_day import Behaviour
from tests.reference.describe import Described
from tests.reference.learned_days import Day, learn_days
from tests.reference.lines import ReferenceSettings

FOLLOWS_MS = 10_000
"""How soon after its page a part is asked for."""

FRAMES_MS = 3_000
"""How soon after their frameset frames are asked for."""

Parts = dict[date, set[tuple[str, str]]]
"""By day: site and shape."""


def find_all_parts(acts: Sequence[Act], settings: ReferenceSettings) -> Parts:
    """The parts of pages on each local day."""
    return {
        learned.local_day: {(site, shape) for site in shapes.clients for shape in find_parts(shapes, site)}
        for learned in learn_days(acts, settings)
        for shapes in (Shapes(learned),)
    }


def is_part(described: Described, day: date, parts: Parts) -> bool:
    """Whether a hit asks for a part, by the evidence of a day."""
    return (described.hit.site, shape_of(described.page)) in parts.get(day, set())


def shape_of(page: str) -> str:
    """A page's name, in which placeholders, long tokens, hexadecimal and numbers are all alike."""
    return re.sub(r"(?:\{[a-z]+\}|[0-9a-fA-F]{8,}|[A-Za-z0-9_=+]{24,}|[0-9]+)+", "#", page)


class Shapes:
    """The shapes of a day, of all sites, as the clients that load parts show them."""

    def __init__(self, day: Day) -> None:
        loading = [client for client in day.clients.values() if client.parts]
        self.clients = {site: [Watched(one) for one in own] for site, own in group(loading, lambda c: c.site).items()}

    @cached_property
    def addresses(self) -> dict[tuple[str, str], set[object]]:
        """Who asked for each shape of a site."""
        found = defaultdict(set)
        for site, clients in self.clients.items():
            for client in clients:
                for act in client.views:
                    found[site, shape_of(act.page)].add(client.behaviour.address)
        return found

    @cached_property
    def kept(self) -> set[tuple[str, str]]:
        return the_most({key: len(addresses) for key, addresses in self.addresses.items()})

    @cached_property
    def kept_sources(self) -> set[tuple[str, str, str | None]]:
        """Site, shape and the shape of a source that it follows, None for those that were not opened."""
        followed = Counter(
            (site, shape, source)
            for site, clients in self.clients.items()
            for client in clients
            for shape, source in {
                (shape_of(act.page), client.source_shape(client.source(act)))
                for act in client.views
                if client.follows(act)
            }
        )
        return the_most(followed)

    def is_known(self, site: str, shape: str, source: str | None) -> bool:
        """Whether it is known how often things of a shape follow a source."""
        return (site, shape, source) in self.kept_sources and (source is None or (site, source) in self.kept)

    def followed(self, site: str, shape: str) -> set[tuple[Watched, str]]:
        """The clients' pages that things of a shape follow, as far as they are known."""
        return {
            (client, page)
            for client in self.clients[site]
            for page in client.pages_before(shape)
            if self.is_known(site, shape, client.source_shape(page))
        }


def find_parts(shapes: Shapes, site: str) -> set[str]:
    """The shapes of parts on a site."""
    watched = shapes.clients.get(site, [])
    leaving = {
        (client.behaviour.address, shape)
        for client in watched
        for shape in {shape_of(page) for page in client.left & client.opened.keys()}
        if (site, shape) in shapes.kept
    }
    if sum(shape != "/" for _, shape in leaving) < FEW:
        # The log has no referrers, or browsers name nothing but the home page.
        return set()
    asked = [(client, act) for client in watched for act in client.views]
    found = set()
    for shape, of_shape in group(asked, lambda one: shape_of(one[1].page)).items():
        addresses = shapes.addresses[site, shape]
        attached = sum(client.is_attached(act) for client, act in of_shape)
        left = sum((address, shape) in leaving for address in addresses)
        is_alike = attached * 5 >= len(of_shape) * 4 and left * 10 <= len(addresses)
        is_framed = sum(client.is_framed(act) for client, act in of_shape) * 5 >= len(of_shape) * 4
        if shape == "/" or (site, shape) not in shapes.kept or len(addresses) < FEW:
            continue
        if (is_alike and comes_from_most(site, shape, shapes)) or (is_framed and has_frameset(site, shape, shapes)):
            found.add(shape)
    return found


def comes_from_most(site: str, shape: str, shapes: Shapes) -> bool:
    """Whether half of the pages that it follows bring it, or half of the clients, at least three, that open a kind."""
    clients = shapes.clients[site]
    following = shapes.followed(site, shape)
    by_script = {(client, page) for client, page in following if page not in client.opened}
    if len({client for client, _ in by_script}) >= FEW:
        return True
    sources = {shape_of(page) for _, page in following - by_script}
    opened = {(client, page) for client in clients for page in client.opened if shape_of(page) in sources}
    if following and len(following) * 2 >= len(opened):
        return True
    for source in sources:
        openers = {client for client, page in opened if shape_of(page) == source}
        brought = {client for client, page in following if client.source_shape(page) == source}
        if len(brought) >= FEW and len(brought) * 2 >= len(openers):
            return True
    return False


def has_frameset(site: str, shape: str, shapes: Shapes) -> bool:
    """Whether things of a shape follow half of the pages of another, that bring no parts, and hardly any others."""
    clients = shapes.clients[site]
    following = shapes.followed(site, shape)
    for source in {client.source_shape(page) for client, page in following} - {None}:
        opened = {(client, page) for client in clients for page in client.opened if shape_of(page) == source}
        loaded = {(client, page) for client, page in opened if page in client.behaviour.pages_with_parts}
        of_source = following & opened
        is_one = len(of_source) * 5 >= len(following) * 4 and len(of_source) * 2 >= len(opened)
        if is_one and len(loaded) * 5 <= len(opened):
            return True
    return False


class Watched:
    """A client on a day: the pages that it opened, and what came of them."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.views = [act for act in behaviour.acts if act.described.page_view]
        self.opened = group(self.views, lambda act: act.page)
        own = [act for act in behaviour.acts if act.is_by_browser and behaviour.day.is_own(act)]
        self.left = {act.referrer_page for act in own if act.is_post or act.described.page_view}
        self.left |= behaviour.pages & behaviour.pages_with_parts

    def source(self, act: Act) -> str:
        """The page of the site that a hit names."""
        return self.behaviour.day.source(act)

    def source_shape(self, page: str) -> str | None:
        """The shape of a page that is named, None if it was not opened."""
        return shape_of(page) if page in self.opened else None

    def opened_before(self, act: Act) -> int | None:
        """When the page that a hit names was opened last, at the latest at the same instant."""
        source = self.source(act)
        return max((one.time_ms for one in self.opened.get(source, ()) if one.time_ms <= act.time_ms), default=None)

    def follows(self, act: Act) -> bool:
        """Whether it follows its page at once, or one that a script shows."""
        opened = self.opened_before(act)
        if opened is None:
            return self.is_shown_by_script(act)
        return act.time_ms - opened <= FOLLOWS_MS

    def is_shown_by_script(self, act: Act) -> bool:
        """Whether something else is asked for at once from the page that it names."""
        source = self.behaviour.day.source(act)
        alike = [one for one in self.views if self.behaviour.day.source(one) == source and one.page != act.page]
        return source != "" and any(abs(one.time_ms - act.time_ms) <= FOLLOWS_MS for one in alike)

    def is_framed(self, act: Act) -> bool:
        """Whether it follows a page that was opened within three seconds, together with something else."""
        opened = self.opened_before(act)
        return opened is not None and act.time_ms - opened <= FRAMES_MS and self.is_shown_by_script(act)

    def is_attached(self, act: Act) -> bool:
        """Whether it follows its page, or is asked for again from a page that was not opened again since."""
        opened = self.opened_before(act)
        if opened is None:
            return self.follows(act)
        source = self.behaviour.day.source(act)
        alike = [one for one in self.opened[act.page] if self.behaviour.day.source(one) == source]
        return self.follows(act) or any(opened <= one.time_ms < act.time_ms for one in alike)

    def pages_before(self, shape: str) -> set[str]:
        """The pages that things of a shape followed at once."""
        return {
            self.behaviour.day.source(act) for act in self.views if shape_of(act.page) == shape and self.follows(act)
        }
