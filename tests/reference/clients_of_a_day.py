"""What a client did on a day, as far as it distinguishes people from machines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from footfall.transforms.describing.find_probes import PROBE_ALWAYS, PROBE_RULES
from footfall.transforms.describing.judge_agents import FAMILIES
from tests.reference.acts import ARRIVALS, FEW, Act, Client

if TYPE_CHECKING:
    from tests.reference.learned_days import Day

LOAD_MS = 30_000
"""Where referrers don't name it, a part belongs to a page that was opened at most this long before."""
HURRIED_PAGES, HURRY_MS = 20, 20_000
"""Nobody looks at so many pages in so long."""
FORM_MS = 4_000
"""Nobody fills in a form in less."""
OLD_DAYS = 730
"""How far a browser may be behind those of the site's people."""
STALE_DAYS = 84
"""The same for browsers on desktops that update themselves every four weeks, where there is another sign."""
STALE_PERCENT = 20
"""And where at most so many of the site's people have a browser as old."""
CERTAIN_PROBES = {rule.reason for rule in PROBE_RULES if rule.probe == PROBE_ALWAYS}


class Behaviour:
    """What one client did on one day."""

    def __init__(self, client: Client, acts: list[Act], day: Day) -> None:
        self.site, _, self.agent = client
        self.address = day.address_of(client)
        self.acts = acts
        self.day = day
        self.is_browser = any(act.is_by_browser for act in acts)
        self.is_impossible: bool = acts[0].agent["impossible"]
        self.released: int = acts[0].agent["released"]
        self.family = FAMILIES[acts[0].agent["family"]]

    def count(self, holds: Callable[[Act], bool]) -> int:
        return sum(holds(act) for act in self.acts)

    @cached_property
    def documents(self) -> list[Act]:
        return [act for act in self.acts if self.day.is_document(act)]

    @cached_property
    def pages(self) -> set[str]:
        return {act.page for act in self.documents}

    @cached_property
    def hurries(self) -> bool:
        """Whether it opened so many different pages so soon after each other as nobody can look at."""
        opened: dict[object, int] = {}
        for act in self.documents:
            page = act.link or act.page
            opened[page] = min(act.time_ms, opened.get(page, act.time_ms))
        times = sorted(opened.values())
        return any(last - first <= HURRY_MS for first, last in zip(times, times[HURRIED_PAGES - 1 :], strict=False))

    @cached_property
    def posts(self) -> int:
        return self.count(lambda act: act.is_post and act.is_by_browser)

    # --- parts ---

    @cached_property
    def parts(self) -> list[Act]:
        return [act for act in self.acts if self.day.is_part(act)]

    @cached_property
    def pages_with_parts(self) -> set[str]:
        """Its pages that brought parts: those that name the page, or else those shortly after it."""
        parts = [act for act in self.parts if not act.is_icon]
        named = {self.day.source(act) for act in parts} - {""}
        if named:
            return named
        return {act.page for act in self.documents if any(0 <= part.time_ms - act.time_ms <= LOAD_MS for part in parts)}

    @cached_property
    def revalidated(self) -> int:
        """How many parts it had already, and asked whether they are still good."""
        kinds = ("part", "icon", "style")
        return self.count(lambda act: act.is_by_browser and act.kind in kinds and act.described.hit.status == 304)

    @cached_property
    def loads(self) -> bool:
        """Whether it loads parts as a browser does: from a page; from nowhere only icons, or many."""
        others = [act for act in self.parts if not act.is_icon]
        if self.revalidated or any(self.day.is_own(act) for act in others):
            return True
        if not self.parts:
            return False
        hides_referrers = len(others) >= 3 and not self.from_elsewhere
        return not others or hides_referrers or self.site not in self.day.with_referrers

    @cached_property
    def own_styles(self) -> int:
        return self.count(
            lambda act: act.is_by_browser and act.kind == "style" and act.is_answered and self.day.is_own(act)
        )

    @cached_property
    def needy(self) -> int:
        """How many of its pages need parts."""
        return sum(self.day.needs_parts(self.site, page) for page in self.pages)

    @cached_property
    def bare_pages(self) -> int:
        """How many of its pages bring parts to most who open them, and brought none to this client."""
        viewers, bringing = self.day.needs
        keys = [(self.site, page) for page in self.pages]
        kept = [key for key in keys if key in self.day.kept_pages]
        return sum(bringing[key] * 2 >= viewers[key] > 0 for key in kept) if not self.parts else 0

    # --- ways ---

    @cached_property
    def steps(self) -> list[str]:
        """For each link followed, or form sent: the page it was on, which its address had opened."""
        opened = self.day.opened_pages[self.address]
        return [
            source
            for act in self.acts
            if ((act.is_by_browser and act.is_post) or self.day.is_document(act))
            and (source := self.day.source(act))
            and (self.site, source) in opened
        ]

    @cached_property
    def false_sources(self) -> int:
        """Documents that are said to be linked on a page of the site that its address did not open."""
        opened = self.day.opened_pages[self.address]
        sources = [self.day.source(act) for act in self.documents]
        if self.site not in self.day.walked_sites:
            return 0
        return sum(source != "" and (self.site, source) not in opened for source in sources)

    @cached_property
    def from_home(self) -> int:
        return sum(self.day.is_own(act) and act.referrer_page == "/" for act in self.documents)

    @cached_property
    def arrivals(self) -> int:
        """Documents found through a search engine, a social network, mail or an assistant."""
        return sum(act.referrer_kind in ARRIVALS for act in self.documents)

    @cached_property
    def from_elsewhere(self) -> int:
        return sum(act.referrer_host != "" and not self.day.is_own(act) for act in self.documents)

    @cached_property
    def direct(self) -> int:
        return sum(act.referrer_kind == "direct" for act in self.documents)

    @property
    def walks(self) -> bool:
        """Whether it follows links on several pages."""
        return len(self.steps) >= 2 and len(set(self.steps)) >= 2 and len(self.documents) >= 2

    @property
    def reads_on(self) -> bool:
        """Whether it did more than to open a page or two."""
        return self.has_way or self.posts > 0 or len(self.pages) > 2

    @property
    def has_way(self) -> bool:
        """Whether it came from somewhere, or went somewhere."""
        return bool(self.steps or self.arrivals)

    # --- what only machines do ---

    @cached_property
    def holes(self) -> int:
        """How many requests there were that nobody makes by mistake."""
        return self.count(lambda act: act.is_probe and act.described.class_reason in CERTAIN_PROBES)

    @cached_property
    def probes(self) -> int:
        """How many different paths it tried."""
        return len({act.page for act in self.acts if act.is_probe})

    @cached_property
    def robots(self) -> int:
        return self.count(lambda act: act.kind == "robots")

    @cached_property
    def goes_on(self) -> bool:
        """Whether it follows a link, or is led, to a page without a form."""
        return any(act.kind == "document" and self.day.source(act) for act in self.documents)

    @cached_property
    def forms(self) -> list[Act]:
        """What it asked for or sent that is a form."""
        return [act for act in self.acts if act.is_by_browser and act.kind == "form"]

    @cached_property
    def sends_fast(self) -> bool:
        """Whether it sent a form that it had opened just before."""
        return any(
            sent.page == opened.page and 0 <= sent.time_ms - opened.time_ms <= FORM_MS
            for sent in self.forms
            if sent.is_post
            for opened in self.documents
        )

    @cached_property
    def is_paired(self) -> bool:
        """Whether it opened a link when its reader, or another checker, did."""
        return any(self.day.link(act) in self.day.checked_links for act in self.documents)

    @property
    def is_reader(self) -> bool:
        """Whether it has a page, and nothing has shown yet that it is no browser."""
        return self.is_plain and bool(self.documents)

    @property
    def is_plain(self) -> bool:
        """Whether it declares a browser, and nothing has shown yet that it is none."""
        return self.is_browser and not (self.is_impossible or self.robots or self.probes)

    # --- its agent ---

    @property
    def is_text_browser(self) -> bool:
        """Whether it may be a browser without pictures: all others call themselves Mozilla."""
        shows_texts: bool = self.acts[0].agent["shows_texts"]
        return shows_texts

    @property
    def is_web_view(self) -> bool:
        """Whether it is an app that says that it shows pages: a post in it brings many to one page."""
        web_view: bool = self.acts[0].agent["web_view"]
        return web_view

    @property
    def is_mobile(self) -> bool:
        """Whether it is a phone or tablet, whose agents name the model, so that many have one of their own."""
        mobile: bool = self.acts[0].agent["mobile"]
        return mobile

    @property
    def updates_itself(self) -> bool:
        return self.family in ("Chrome", "Firefox") and self.released > 0

    @property
    def behind_days(self) -> int:
        """By how many days its browser is older than those of the site's people."""
        return self.day.typical_release[self.site] - self.released if self.released > 0 else 0

    @property
    def is_old(self) -> bool:
        return self.family in ("Chrome", "Firefox", "Explorer") and self.behind_days >= OLD_DAYS

    @property
    def is_kept_current(self) -> bool:
        """Whether its browser is of a kind that updates itself on desktops."""
        return bool(self.acts[0].agent["updates_itself"])

    @property
    def is_stale(self) -> bool:
        """Whether hardly anybody has a browser that is as old."""
        of_people = self.day.people_released.get(self.site, [])
        as_old = sum(released <= self.released for released in of_people)
        is_rare = len(of_people) >= FEW and as_old * 100 <= STALE_PERCENT * len(of_people)
        return self.is_kept_current and self.behind_days >= STALE_DAYS and is_rare
