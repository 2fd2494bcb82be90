"""Logs of a site whose pages bring things that look like documents; it is known which."""

from __future__ import annotations

from random import Random

from tests.behaviour_logs import HOST, ORDINARY, SEARCH, KnownLog, Visitor, any_time

PARTS = ("/calendar/events", "/image/#/large", "/poll", "/logo-of-house")
"""The shapes that are parts of pages: data of each page, pictures by number, what is asked for every half a minute, and
what a browser keeps after the first page.
"""
NO_PARTS = ("/", "/news/story-#", "/start", "/terms", "/rare", "/direct", "/about")
"""Shapes of documents: pages, one that another sends people to at once, one that is left for nothing, and what looks
like a part but comes with one page for two people, or mostly by itself.
"""


def write_site(seed: int, visitors: int = 14) -> KnownLog:
    """A day of people who walk through the site with browsers, which ask for what pages bring."""
    log, random = KnownLog(), Random(seed)
    for number in range(visitors):
        visitor = Visitor(log, "people", ORDINARY[number % len(ORDINARY)], any_time(random))
        visitor.open("/", SEARCH)
        _bring(visitor, "/", random)
        for _ in range(random.randrange(2, 5)):
            path = f"/news/story-{random.randrange(30)}"
            # Some follow a link at once, most read on.
            visitor.follow(path, after=random.choice([3, 20, 60, 90]))
            _bring(visitor, path, random)
        if number < 2:
            visitor.ask("/rare", visitor.referrer)
        if number % 2:
            visitor.ask("/direct", "-")
        if number % 3 == 0:
            visitor.follow("/terms", parts=False, after=40)
        elif number % 3 == 1:
            visitor.follow("/go", parts=False, after=30)
            visitor.seconds += 1
            visitor.open("/start", HOST + "/go")
            visitor.follow("/about", after=25)
    return log


APPLICATION_PARTS = ("/products/#", "/products/#/reviews", "/cart")
"""The shapes of the data that an application asks for from routes that its script shows."""


def write_application(seed: int, visitors: int = 12) -> KnownLog:
    """A day of people at a single-page application: one document, then routes that the server is not asked for.

    Some open a product's route from a link, and from there a document of the site that is none of the application's.
    """
    log, random = KnownLog(), Random(seed)
    for number in range(visitors):
        visitor = Visitor(log, "people", ORDINARY[number % len(ORDINARY)], any_time(random))
        visitor.open("/", SEARCH)
        for _ in range(random.randrange(1, 4)):
            product = random.randrange(30)
            route = f"{HOST}/shop/{product}"
            visitor.seconds += random.choice([8, 20, 40])
            visitor.ask(f"/products/{product}", route)
            visitor.seconds += random.choice([0, 1])
            visitor.ask(f"/products/{product}/reviews", route)
            if random.random() < 0.5:
                visitor.ask("/cart", route)
            visitor.referrer = route
        if number % 2:
            visitor.follow("/terms", parts=False, after=40)
        else:
            visitor.open(f"/shop/{number}", "-")
            visitor.follow("/about", after=30)
    return log


FRAMES = ("/manual/top", "/manual/contents", "/manual/welcome")
"""The frames of a frameset; it is asked for as their referrer, and chapters are opened from one of them."""
NO_FRAMES = ("/manual", "/chapter-#", "/check", "/board", "/shop/bag", "/shop/box")
"""The frameset and its chapters; what a page that brings parts sends everybody to at once, with something else; and
what some people open together from a page.
"""


def write_frames(seed: int, visitors: int = 12) -> KnownLog:
    """A day of people who read a manual in frames, sign in at a board, and open things side by side in a shop."""
    log, random = KnownLog(), Random(seed)
    for number in range(visitors):
        visitor = Visitor(log, "people", ORDINARY[number % len(ORDINARY)], any_time(random))
        visitor.ask("/manual/", SEARCH)
        for frame in random.sample(FRAMES, 3):
            visitor.seconds += random.choice([0, 1])
            visitor.ask(frame, HOST + "/manual/")
        visitor.load("/manual/contents")
        visitor.referrer = HOST + "/manual/contents"
        for _ in range(random.randrange(1, 4)):
            visitor.follow(f"/chapter-{random.randrange(20)}", after=random.choice([5, 30]))
            visitor.referrer = HOST + "/manual/contents"
        visitor.seconds += 60
        visitor.open("/login", "-")
        for path in ("/check", "/board"):
            visitor.seconds += 1
            visitor.ask(path, HOST + "/login")
        for path in ("/check", "/board"):
            visitor.seconds += 30
            visitor.ask(f"/news/{number}", HOST + path)
        if number % 2:
            visitor.seconds += 60
            visitor.open("/shop", "-", parts=False)
            for path in ("/shop/bag", "/shop/box"):
                visitor.seconds += 1
                visitor.open(path, HOST + "/shop")
                visitor.referrer = HOST + path
        else:
            for path in ("/shop", "/shop/bag", "/shop/box"):
                visitor.follow(path, after=20, parts=path != "/shop")
    return log


def _bring(visitor: Visitor, path: str, random: Random) -> None:
    page = HOST + path
    visitor.seconds += random.choice([0, 1, 2])
    visitor.ask("/calendar/events?start=1&end=2", page)
    for _ in range(random.randrange(1, 3)):
        visitor.ask(f"/image/{random.randrange(10, 99999)}/large", page)
    if "/logo-of-house" not in visitor.has:
        visitor.has.add("/logo-of-house")
        visitor.ask("/logo-of-house", page)
    for _ in range(random.randrange(1, 4)):
        visitor.seconds += 2
        visitor.ask("/poll", page)
        visitor.seconds += 28
    visitor.referrer = page
