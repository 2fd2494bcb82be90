"""The referrers of the sample log, each with the kind and source that it counts as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from footfall.pipelines.sample.random_draws import WeightedChoice

_SERVICES: Final = (
    ("search", "Google", 30, ("https://www.google.com/", "https://www.google.de/", "https://www.google.co.uk/")),
    ("search", "Google", 0.2, (r"https://www.google.com/search?q=\x22blue lamp\x22",)),
    ("search", "Bing", 6, ("https://www.bing.com/", "https://www.bing.com/search?q=blue+lamp")),
    ("search", "DuckDuckGo", 4, ("https://duckduckgo.com/",)),
    ("search", "Ecosia", 1, ("https://www.ecosia.org/",)),
    ("search", "Yandex", 1, ("https://yandex.ru/",)),
    ("social", "Facebook", 5, ("https://l.facebook.com/", "https://www.facebook.com/", "https://m.facebook.com/")),
    ("social", "Instagram", 4, ("https://l.instagram.com/",)),
    ("social", "Reddit", 2, ("https://www.reddit.com/",)),
    ("social", "LinkedIn", 1, ("https://www.linkedin.com/",)),
    ("social", "X", 1, ("https://t.co/aBcDeF",)),
    ("email", "Gmail", 1.5, ("https://mail.google.com/", "android-app://com.google.android.gm/")),
    ("ai_assistant", "ChatGPT", 2, ("https://chatgpt.com/",)),
    ("ai_assistant", "Perplexity", 1, ("https://www.perplexity.ai/",)),
    ("other", "(unknown)", 0.3, ("about:blank", "http://192.0.2.80/index.html")),
)
_WORDS: Final = "attic bazaar courier design evening folk garden home interior journal kitchen living market".split()


@dataclass(frozen=True)
class Referrers:
    """Texts of external referrers, `-` first; `sources[source[i]]` are the kind and source of text i."""

    texts: list[str]
    source: list[int]
    sources: list[tuple[str, str]]
    choice: WeightedChoice
    campaigns: WeightedChoice
    """Referrers of visits whose landing URL has campaign parameters."""

    @property
    def internal(self) -> int:
        """The number of the source that stands for the site itself."""
        return self.sources.index(("internal", "(none)"))


def build_referrers() -> Referrers:
    """Well-known services, about twenty other sites, and the empty referrer."""
    rows: list[tuple[str, str, str, float]] = [("-", "direct", "(none)", 40.0)]
    for kind, source, weight, texts in _SERVICES:
        rows += [(text, kind, source, weight / len(texts)) for text in texts]
    for place, word in enumerate(_WORDS):
        domain = f"{word}.{('example', 'test')[place % 2]}"
        host = (domain, f"blog.{domain}")[place % 2]
        rows.append((f"https://www.{host}/{word}/best?from=list&page=2", "other", domain, 6.0 / (place + 2)))
        rows.append((f"http://{host.upper()}:8080/{word}", "other", domain, 1.0 / (place + 2)))
    names = [(kind, source) for _, kind, source, _ in rows]
    sources = sorted({*names, ("internal", "(none)")})
    return Referrers(
        [text for text, *_ in rows],
        [sources.index(name) for name in names],
        sources,
        WeightedChoice.of(range(len(rows)), [weight for *_, weight in rows]),
        WeightedChoice.of([0, 1], [1.0, 1.0]),
    )
