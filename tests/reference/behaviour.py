"""The section "People and machines" of the definitions: who declares a browser, and is one or only says so.

A client is one address with one exact agent on one site; it is judged for each local day, by the hits of that day and
of the half hour before and after it. First it is learned from all clients what a site's people do (`Day`), then each
client is judged by that (`judge`). Times serve only as the distance between two hits, so that the order of lines
does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.reference.acts import FEW, Act, Client
from tests.reference.clients_of_a_day import Behaviour
from tests.reference.learned_days import learn_days
from tests.reference.lines import ReferenceSettings

MANY_FORMS = 20
"""Nobody sends so many forms and hardly anything else."""
MANY_PAGES = 5
"""No cache has all parts of so many pages that bring parts to most who open them."""
LOADING_PERCENT = 67
"""Where so many people load, nobody opens several pages without parts."""
LOADING_ONCE_PERCENT = 90
"""Nor one page, or a second one by a link on the first."""


@dataclass(frozen=True)
class Verdict:
    """What a client is on a day, and the first rule that said so."""

    is_person: bool
    reason: str


def judge(client: Behaviour) -> Verdict:
    """The first rule that holds."""
    day = client.day
    if reason := surely_a_machine(client):
        return Verdict(False, reason)
    if not day.has_agents:
        return Verdict(True, "no_agents")
    if client.site in day.with_parts:
        return judge_by_parts(client)
    return judge_by_ways(client)


def surely_a_machine(client: Behaviour) -> str:
    """The reason why a client is a machine whatever else it does; empty if there is none."""
    is_reader = client.loads and client.walks
    if client.is_impossible:
        return "impossible_agent"
    if client.robots:
        return "robots_txt"
    if client.count(lambda act: act.kind == "advice"):
        return "prefetch_proxy"
    if not is_reader and (client.holes or client.probes >= 3 or (client.probes and not client.loads)):
        return "probes"
    asked = [act for act in client.acts if act.is_by_browser]
    if sum(act.method == "HEAD" for act in asked) * 2 >= len(asked) and not client.parts:
        return "head_only"
    sent = sum(act.is_post for act in client.forms)
    if sent >= MANY_FORMS and sent * 10 >= len(asked) * 9:
        return "form_spam"
    return ""


def judge_by_parts(client: Behaviour) -> Verdict:
    """Where people load the parts of pages, those who load none are machines, unless something else speaks for them."""
    if client.loads:
        is_crawl = opens_all_from_nowhere(client) or (client.hurries and client.site not in client.day.hurrying_sites)
        reason = doubt_whole_page(client) or ("crawl" if is_crawl else "")
        return Verdict(False, reason) if reason else Verdict(True, "loads_parts")
    if is_of_a_fleet(client) and not client.arrivals:
        return Verdict(False, "many_addresses")
    if not client.needy:
        return Verdict(False, "bad_address") if is_address_bad(client) else Verdict(True, "browser")
    if is_address_bad(client):
        return Verdict(False, "bad_address")
    if client.is_old:
        return Verdict(False, "outdated_agent")
    if client.count(lambda act: act.is_by_browser and act.described.hit.session is not None):
        return Verdict(True, "gives_back_a_cookie")
    if client.arrivals:
        return Verdict(True, "arrives")
    if client.walks and (client.is_text_browser or client.bare_pages < MANY_PAGES):
        return Verdict(True, "walks")
    same_agent = client.day.same_agent(client)
    if client.own_styles and sum(bool(other.parts) for other in same_agent) * 2 >= len(same_agent):
        return Verdict(True, "cached_parts")
    if is_page_alone(client) and client.is_paired:
        return Verdict(False, "link_checker")
    loading, people = client.day.loaders[client.site]
    is_short = client.needy == 1 or (len(client.pages) == 2 and client.steps)
    is_like_others = 2 * sum(bool(other.parts) for other in same_agent) >= len(same_agent) or client.is_mobile
    may_have_all = is_short and len(client.documents) < MANY_PAGES and is_like_others
    is_usual = loading * 100 >= (LOADING_ONCE_PERCENT if may_have_all else LOADING_PERCENT) * people
    return Verdict(False, "no_parts") if is_usual else judge_by_ways(client)


def is_page_alone(client: Behaviour) -> bool:
    """Whether it opens one page or two that need parts, from nowhere, and does nothing else."""
    is_alone = len(client.pages) <= 2 and not client.posts and not client.has_way and not client.from_elsewhere
    return bool(is_alone and client.needy) and not client.revalidated and not client.false_sources


def doubt_whole_page(client: Behaviour) -> str:
    """The second sign against a client that loads one page wholly, from nowhere, and does nothing else."""
    if not is_page_alone(client):
        return ""
    day = client.day
    same_agent = day.same_agent(client)
    if any(other.probes or other.robots for other in day.of_addresses[client.address]):
        return "bad_address"
    if client.is_paired:
        return "link_checker"
    is_crowd = len(same_agent) >= 4 and not any(other.has_way for other in same_agent)
    if client.site in day.walking_sites and is_crowd and not client.is_web_view:
        return "many_addresses"
    return "outdated_agent" if client.is_stale else ""


def opens_all_from_nowhere(client: Behaviour) -> bool:
    """Whether it sends referrers for its parts, but for none of very many pages."""
    opened = {act.link or act.page for act in client.documents}
    names_pages = any(client.day.is_own(act) for act in client.parts if not act.is_icon)
    is_from_nowhere = client.direct == len(client.documents) and not client.posts
    return client.site in client.day.walking_sites and len(opened) >= 20 and is_from_nowhere and names_pages


def judge_by_ways(client: Behaviour) -> Verdict:
    """Where parts decide nothing, referrers do, if the log has them."""
    if reason := doubt_ways(client) if client.site in client.day.with_referrers else "":
        return Verdict(False, reason)
    return Verdict(False, "bad_address") if is_address_bad(client) else Verdict(True, "browser")


def doubt_ways(client: Behaviour) -> str:
    """The reason why a client is a machine by where it comes from, which programs make up; empty if there is none."""
    same_agent = client.day.same_agent(client)
    forms = client.forms
    signs = [client.false_sources > 0, client.sends_fast and not client.goes_on]
    further = [len({act.page for act in forms}) >= 2, len(same_agent) >= 10]
    if any(act.is_post for act in forms) and any(signs) and sum(signs) + sum(further) >= 2:
        return "form_spam"
    if len(same_agent) >= 4 and not client.arrivals:
        documents = sum(len(other.documents) for other in same_agent)
        is_false = documents > 0 and sum(other.false_sources for other in same_agent) * 3 >= documents
        if is_false and sum(other.from_home for other in same_agent) * 2 >= documents:
            return "many_addresses"
    documents = len(client.documents)
    if documents and client.false_sources == documents and (forms or client.from_home == documents >= 2):
        return "false_referrer"
    if (
        len({act.link or act.page for act in client.documents}) >= 10
        and client.direct == documents
        and not client.posts
        and not client.is_mobile
    ):
        return "crawl"
    return "many_addresses" if is_of_a_slow_fleet(client) else ""


def is_of_a_slow_fleet(client: Behaviour) -> bool:
    """Whether nobody with its exact agent comes from anywhere, where half of the others do, and it reads little."""
    same_agent = client.day.same_agent(client)
    readers = client.day.readers[client.site]
    people = sum(bool(one.walks or one.arrivals) for one in readers)
    is_alone = len(client.pages) <= 2 and 0 < len(client.documents) == client.direct and not client.posts
    is_crowd = len(same_agent) >= 10 and not any(one.has_way for one in same_agent)
    others_come = people >= FEW and people * 2 >= len(readers) - len(same_agent)
    return is_alone and is_crowd and others_come and not client.is_mobile and not client.is_web_view


def is_of_a_fleet(client: Behaviour) -> bool:
    """Whether its exact agent comes from many addresses that hardly ever load parts."""
    same_agent = client.day.same_agent(client)
    return len(same_agent) >= 10 and sum(bool(other.parts) for other in same_agent) * 20 < len(same_agent)


def is_address_bad(client: Behaviour) -> bool:
    """Whether its address, which loads nothing, is a machine's by what its other agents do."""
    own = client.day.of_addresses[client.address]
    is_machine = any(other.probes or other.robots for other in own)
    return is_machine and not client.walks and not any(other.parts for other in own)


def judge_all(acts: Sequence[Act], settings: ReferenceSettings) -> dict[tuple[Client, date], Verdict]:
    """What each client that declares a browser is on each local day on which it asked for something."""
    return {
        (client, learned.local_day): judge(learned.clients[client])
        for learned in learn_days(acts, settings)
        for client in {act.client for act in learned.acts if act.local_day == learned.local_day and act.is_by_browser}
    }
