"""Distinct strings are described once, and what is given out for them is codes and digests of public names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms.arrays import Codes, Digests, Key
from footfall.transforms.describing import describe_hits, describe_texts
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.describing.described_strings import DescribedStrings
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import as_key
from footfall.transforms.vocabulary import AUTOMATED, BOT, HUMAN, SEPARATOR, UNKNOWN

KEY = as_key(bytes(range(16)))
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """The texts that were described, in a process that has described none before, by what described them."""
    found: dict[str, list[str]] = defaultdict(list)

    def watch(name: str) -> None:
        describe = getattr(describe_texts, name)

        def describe_and_note(texts: pa.StringArray, *settings: Any) -> Any:
            found[name] += texts.to_pylist()
            return describe(texts, *settings)

        monkeypatch.setattr(describe_texts, name, describe_and_note)

    monkeypatch.setattr(describe_texts, "_caches", defaultdict(describe_texts._RowCache))
    for name in ("describe_agents", "name_pages", "find_probes", "read_searches", "attribute_referrers"):
        watch(name)
    yield found


def make(key: Key = KEY, own_hosts: tuple[str, ...] = ("own.example",)) -> Descriptions:
    """The descriptions of one worker."""
    return Descriptions(key, "shop.example", own_hosts, ("q",))


def spans(texts: Sequence[str | bytes | None]) -> tuple[Any, Any, Any]:
    """A block that holds texts, and their places, -1 for None."""
    contents = [text.encode() if isinstance(text, str) else text or b"" for text in texts]
    ends = np.cumsum([len(content) for content in contents]).astype(np.int32)
    begins = ends - np.array([len(content) for content in contents], dtype=np.int32)
    absent = np.array([text is None for text in texts])
    begins[absent] = -1
    return padded(b"".join(contents)), begins, np.where(absent, np.int32(-1), ends)


def intern(table: DescribedStrings, *texts: str | bytes | None) -> Codes:
    """The codes of texts."""
    return table.intern(*spans(texts))


def describe_sites(describe: Descriptions, *texts: str | None) -> list[str]:
    """The names of sites that virtual hosts are given."""
    return [describe.sites[code] for code in describe.describe_sites(*spans(texts))]


def names(describe: Descriptions, digests: Digests) -> list[str | None]:
    """The text behind each digest, None for 0."""
    found = describe.names.table(digests).to_pydict()
    texts = dict(zip(found["id"], found["text"], strict=True))
    return [texts.get(digest) for digest in digests.tolist()]


def acquire(describe: Descriptions, referrer: str | None, url: str | None = None, site: int = 0) -> tuple[str, bool]:
    """How a page view was arrived at, its parts in words, and whether from inside."""
    referrers, urls = intern(describe.referrers, referrer), intern(describe.urls, url)
    describe.describe_new(has_agent_field=True)
    sources = describe.referrers["source"][referrers]
    digests, internal = describe.describe_acquisitions(sources, urls, np.full(1, site, dtype=np.int32))
    (name,) = names(describe, digests)
    assert name is not None
    return name.replace(SEPARATOR, " ").rstrip(), bool(internal[0])


def test_each_distinct_string_is_described_once_in_a_process(described: dict[str, list[str]]) -> None:
    first, second = make(), make()
    for describe in (first, second, first):
        for texts in (["a", "b", "a"], ["b", "c"]):
            for table in (describe.agents, describe.paths, describe.urls, describe.referrers):
                intern(table, *texts)
            describe.describe_new(has_agent_field=True)
    assert described["describe_agents"] == ["a", "b", "", "c"]
    assert described["name_pages"] == ["a", "b", "c"]
    # Of paths, and of urls, which are more.
    assert described["find_probes"] == ["a", "b", "a", "b", "c", "c"]
    assert len(described["read_searches"]) == 3
    assert described["attribute_referrers"] == ["a", "b", "c"]


def test_descriptions_that_depend_on_settings_are_not_shared_with_others_settings() -> None:
    assert acquire(make(), "https://own.example/") == ("internal (none)", True)
    assert acquire(make(own_hosts=()), "https://own.example/") == ("other own.example", False)
    phrases = []
    for keys in (("q",), ("s",)):
        describe = Descriptions(KEY, "shop.example", (), keys)
        codes = intern(describe.urls, "/a?q=x&s=y")
        describe.describe_new(has_agent_field=True)
        phrases += names(describe, describe.urls["phrase"][codes])
    assert phrases == ["x", "y"]


def test_a_process_forgets_descriptions_when_there_are_too_many(
    described: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe_texts, "MAX_DESCRIPTIONS", 2)
    for texts in (["/a", "/b", "/c"], ["/a"], ["/b"]):
        describe = make()
        codes = intern(describe.paths, *texts)
        describe.describe_new(has_agent_field=True)
        assert names(describe, describe.paths["page"][codes]) == texts
    assert described["name_pages"] == ["/a", "/b", "/c", "/a", "/b"]


def test_a_process_forgets_descriptions_when_their_texts_are_too_long(
    described: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe_texts, "MAX_DESCRIBED_CHARS", 5)
    for texts in (["/a", "/b"], ["/a", "/cd"], ["/a"]):
        describe = make()
        codes = intern(describe.paths, *texts)
        describe.describe_new(has_agent_field=True)
        assert names(describe, describe.paths["page"][codes]) == texts
    assert described["name_pages"] == ["/a", "/b", "/cd", "/a"]


@pytest.mark.parametrize(("limit", "value"), [("MAX_NEW_STRINGS", 5), ("MAX_NEW_BYTES", 20)])
def test_strings_are_due_to_be_described_when_there_are_many_new_ones(
    limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe_hits, limit, value)
    describe = make()
    intern(describe.paths, "/a", "/b")
    intern(describe.urls, "/a?q=x", "/b?q=y")
    assert not describe.has_many_new
    intern(describe.agents, "one", "more")
    assert describe.has_many_new
    describe.describe_new(has_agent_field=True)
    assert not describe.has_many_new


def test_a_description_is_found_by_the_code_of_its_string() -> None:
    describe = make()
    for texts in (["/a", "/logo.png", None, "/a"], ["/b", "/a", "/logo.png"]):
        codes = intern(describe.paths, *texts)
        describe.describe_new(has_agent_field=True)
        assert names(describe, describe.paths["page"][codes]) == [text or "/" for text in texts]
        assert describe.paths["is_document"][codes].tolist() == [text != "/logo.png" for text in texts]


def test_a_url_has_its_own_phrase_or_none() -> None:
    describe = make()
    codes = intern(describe.urls, "/?page=2", "/?q=x", "/?page=3", "/?q=y#z")
    describe.describe_new(has_agent_field=True)
    assert names(describe, describe.urls["phrase"][codes]) == [None, "x", None, "y"]


def test_texts_are_read_as_servers_escape_them() -> None:
    describe = make()
    codes = intern(describe.paths, rb"/caf\xC3\xA9", b"/caf\xe9")
    describe.describe_new(has_agent_field=True)
    assert names(describe, describe.paths["page"][codes]) == ["/café", "/caf\ufffd"]


def test_row_0_is_the_absent_string_in_every_table() -> None:
    describe = make()
    none = np.zeros(1, dtype=np.int32)
    for table in (describe.agents, describe.paths, describe.urls, describe.referrers):
        assert intern(table, None, "x").tolist() == [0, 1]
    describe.describe_new(has_agent_field=True)
    # An absolute url without a path asks for the root.
    assert names(describe, describe.paths["page"][none]) == ["/"]
    assert describe.paths["is_document"][0]
    assert describe.urls["phrase"][0] == 0
    assert acquire(describe, None) == ("direct (none)", False)
    assert describe.describe_sites(*spans([None])).tolist() == [describe.sites.index(UNKNOWN)]
    for table in (describe.paths, describe.urls):
        assert (table["probe"][0], table["probe_machine"][0]) == (0, 0)


def test_a_missing_agent_is_described_by_whether_the_format_has_the_field() -> None:
    describe = make()
    for has_field, expected in ((False, (HUMAN, ("", ""))), (True, (AUTOMATED, ("(none)", "(none)")))):
        # In this order and again: one worker reads files of many formats.
        for _ in range(2):
            describe.describe_new(has_agent_field=has_field)
            agents = describe.agents
            assert (agents["traffic_class"][0], describe.machines[agents["machine"][0]]) == expected
            assert names(describe, agents["technology"][:1]) == [SEPARATOR.join([UNKNOWN] * 4 + ["other"])]


def test_an_agent_has_a_class_a_machine_and_a_technology() -> None:
    describe = make()
    codes = intern(describe.agents, FIREFOX, "Googlebot/2.1", "curl/8.1.2", "Googlebot/2.2")
    describe.describe_new(has_agent_field=True)
    agents = describe.agents
    assert agents["traffic_class"][codes].tolist() == [HUMAN, BOT, AUTOMATED, BOT]
    assert [describe.machines[code] for code in agents["machine"][codes]] == [
        *(("", ""), ("Googlebot", "search engine"), ("curl", "library"), ("Googlebot", "search engine")),
    ]
    assert agents["machine"][codes[1]] == agents["machine"][codes[3]]
    assert names(describe, agents["technology"][codes[:1]]) == ["Firefox\x1f140\x1fLinux\x1f(unknown)\x1fdesktop"]
    assert len(describe.agent_rows) == 4


def test_the_digest_of_an_agent_is_the_runs_and_each_agents_own() -> None:
    agents = [FIREFOX, FIREFOX + "1", "", FIREFOX[:-1]]
    digests = []
    for key, texts in ((KEY, agents), (KEY, agents[::-1]), (as_key(bytes(16)), agents)):
        describe = make(key)
        intern(describe.agents, *texts[:2])
        describe.describe_new(has_agent_field=True)
        codes = intern(describe.agents, *texts)
        describe.describe_new(has_agent_field=True)
        digests.append(describe.agents["digest"][codes].tolist())
    assert digests[0] == digests[1][::-1]
    assert len({*digests[0], *digests[2]}) == 8


@pytest.mark.parametrize(
    ("host", "site"),
    [
        pytest.param("www.example.org", "www.example.org", id="a host name"),
        pytest.param("WWW.Example.ORG", "www.example.org", id="case"),
        pytest.param("www.example.org:8080", "www.example.org", id="port"),
        pytest.param("www.example.org.", "www.example.org", id="trailing dot"),
        pytest.param("www.example.org.:443", "www.example.org", id="trailing dot and port"),
        pytest.param("jane:secret@www.example.org", "www.example.org", id="user and password"),
        pytest.param("jane-doe", UNKNOWN, id="a single word"),
        pytest.param("jane.doe", UNKNOWN, id="below no top-level domain"),
        pytest.param("shop.local", "shop.local", id="of a local network"),
        pytest.param("localhost:8080", "localhost", id="this machine"),
        pytest.param("intranet", "intranet", id="a single word that --host gives"),
        pytest.param("my_shop-2.example", "my_shop-2.example", id="underscore, dash and digit"),
        pytest.param("shop.example", "shop.example", id="the name that --site gives"),
        pytest.param("192.0.2.1", UNKNOWN, id="an IPv4 address"),
        pytest.param("192.0.2.1:80", UNKNOWN, id="an IPv4 address with a port"),
        pytest.param("[2001:db8::1]:443", UNKNOWN, id="an IPv6 address"),
        pytest.param("2001:db8::1", UNKNOWN, id="an IPv6 address without brackets"),
        pytest.param("0123456789abcdef.example", UNKNOWN, id="sixteen hex digits"),
        pytest.param("0123456789abcde.example", UNKNOWN, id="fifteen hex digits"),
        pytest.param("jane.doe.192-0-2-17.example", UNKNOWN, id="an address with dashes"),
        pytest.param("shop24.example", "shop24.example", id="a number in a word"),
        pytest.param("550e8400-e29b-41d4-a716-446655440000.example", UNKNOWN, id="a UUID"),
        pytest.param("word." * 50 + "com", "word." * 50 + "com", id="as long as a host name may be"),
        pytest.param("x" * 254, UNKNOWN, id="longer than a host name may be"),
        pytest.param("-x.example", UNKNOWN, id="a dash in front"),
        pytest.param("a b", UNKNOWN, id="a space"),
        pytest.param("<script>", UNKNOWN, id="what no host has"),
        pytest.param("münchen.example", UNKNOWN, id="not in ASCII"),
        pytest.param(":80", UNKNOWN, id="nothing but a port"),
        pytest.param("", UNKNOWN, id="empty"),
        pytest.param(None, UNKNOWN, id="missing"),
    ],
)
def test_a_virtual_host_is_a_site_if_it_is_a_host_name(host: str | None, site: str) -> None:
    describe = make(own_hosts=("own.example", "intranet"))
    assert describe_sites(describe, host, "a.example", host) == [site, "a.example", site]
    assert names(describe, describe.site_digests) == describe.sites


def test_spellings_of_one_site_have_one_code_and_its_name_for_a_digest() -> None:
    describe = make()
    codes = describe.describe_sites(*spans(["a.example", "A.example:80", "b.example", "a.example."]))
    assert codes[0] == codes[1] == codes[3] != codes[2]
    assert describe.sites == ["shop.example", UNKNOWN, "a.example", "b.example"]
    assert (
        describe.site_digests[codes].tolist()
        == describe.names.add(["a.example"] * 2 + ["b.example", "a.example"]).tolist()
    )


A = "a.example"


@pytest.mark.parametrize(
    ("referrer", "url", "expected"),
    [
        pytest.param(None, None, "direct (none)", id="no referrer"),
        pytest.param("https://own.example/x", None, "internal (none)", id="a configured host"),
        pytest.param("https://www.shop.example/x", None, "internal (none)", id="the site's own name"),
        pytest.param("https://a.example/x", None, "other a.example", id="another site's name"),
        pytest.param("https://www.bing.com/", None, "search Bing", id="a search engine"),
        pytest.param("https://t.co/x", None, "social X", id="a social network"),
        pytest.param("https://blog.example/x", None, "other blog.example", id="anybody else"),
        pytest.param("jane", None, "other (unknown)", id="no referrer's form"),
        pytest.param(
            *("https://www.bing.com/", "/?utm_source=Letter", "campaign letter letter (none) (none)"),
            id="a campaign wins over a search engine",
        ),
        pytest.param(
            *("https://www.shop.example/", "/?utm_source=a&utm_medium=b&utm_campaign=c", "campaign a a b c"),
            id="a campaign wins over the site itself",
        ),
        pytest.param(None, "/?utm_medium=b", "campaign (none) (none) b (none)", id="a campaign without a source"),
        pytest.param(None, "/?page=2", "direct (none)", id="a query without a campaign"),
        pytest.param(None, "/?page=2#&utm_source=a", "direct (none)", id="a fragment names no campaign"),
        pytest.param(None, "/#?utm_source=a", "direct (none)", id="nor does a query inside of a fragment"),
    ],
)
def test_a_page_view_is_arrived_at_in_one_way(referrer: str | None, url: str | None, expected: str) -> None:
    describe = make()
    assert acquire(describe, referrer, url) == (expected, expected.startswith("internal"))


def test_the_site_of_each_page_view_decides_whether_a_referrer_is_its_own() -> None:
    describe = make()
    describe_sites(describe, "www.a.example", "b.example")
    sites = np.array([2, 3, 2, 3, 0], dtype=np.int32)
    referrers = intern(describe.referrers, *["https://a.example/", "http://www.a.example:80/x"] * 2, None)
    describe.describe_new(has_agent_field=True)
    sources = describe.referrers["source"][referrers]
    for _ in range(2):
        digests, internal = describe.describe_acquisitions(sources, np.zeros(5, dtype=np.int32), sites)
        assert internal.tolist() == [True, False, True, False, False]
        found = names(describe, digests)
        assert [name and name.split(SEPARATOR)[1] for name in found] == ["(none)", A, "(none)", A, "(none)"]


def fill(describe: Descriptions, *, count: int = 3) -> dict[str, Codes]:
    """Strings in every table, described."""
    codes = {
        "agents": intern(describe.agents, FIREFOX, *(f"Bot-{number}/1" for number in range(count))),
        "paths": intern(describe.paths, "/.env", *(f"/page-{'x' * number}" for number in range(count))),
        "urls": intern(describe.urls, "/?q=word", *(f"/?utm_source=s{'x' * number}" for number in range(count))),
        "referrers": intern(describe.referrers, *(f"https://{'x' * number}y.example/" for number in range(count + 1))),
        "sites": describe.describe_sites(*spans([f"site-{number}.example" for number in range(count + 1)])),
    }
    describe.describe_new(has_agent_field=True)
    return codes


def acquire_filled(describe: Descriptions, codes: dict[str, Codes]) -> Digests:
    """The acquisitions of page views, of which each has one of the strings of `fill`."""
    sources = describe.referrers["source"][codes["referrers"]]
    return describe.describe_acquisitions(sources, codes["urls"], codes["sites"])[0]


def test_room_is_made_only_where_a_limit_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    describe = make()
    fill(describe)
    assert not describe.is_full
    describe.make_room()
    assert [table.strings.count for table in describe._tables()] == [5] * 5
    monkeypatch.setattr("footfall.transforms.kernels.intern_strings.MAX_STRINGS", 6)
    intern(describe.paths, *(f"/more-{number}" for number in range(3)))
    describe.describe_new(has_agent_field=True)
    assert describe.is_full
    describe.make_room()
    assert [table.strings.count for table in describe._tables()] == [5, 1, 5, 5, 5]
    assert not describe.is_full


@pytest.mark.parametrize("limit", ["intern_strings.MAX_STRINGS", "names.MAX_NAMES"])
def test_making_room_keeps_the_codes_of_sites_and_machines(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    describe = make()
    before = fill(describe)
    sites, machines, digests = [*describe.sites], [*describe.machines], describe.site_digests.tolist()
    machine_codes = describe.agents["machine"][before["agents"]].tolist()
    with monkeypatch.context() as patch:
        patch.setattr(f"footfall.transforms.kernels.{limit}", 3)
        assert describe.is_full
        describe.make_room()
    assert not describe.is_full
    assert {table.strings.count for table in describe._tables()} == {1}
    assert {len(column) for table in describe._tables() for column in table.columns.values()} == {1}
    assert describe.agent_rows == []
    after = fill(describe, count=2)
    assert describe.sites == sites
    assert describe.site_digests.tolist() == digests
    assert describe.machines == machines
    assert describe.agents["machine"][after["agents"]].tolist() == machine_codes[:3]
    assert after["sites"].tolist() == before["sites"].tolist()[:3]
    assert describe.describe_sites(*spans(["new.example"])).tolist() == [len(sites)]


@pytest.mark.parametrize("limit", ["intern_strings.MAX_STRINGS", "names.MAX_NAMES"])
def test_digests_that_are_given_out_after_making_room_have_names(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of digest is looked up alone: what another one adds to the dictionary must not help it."""
    describe = make()
    before = acquire_filled(describe, fill(describe)).tolist()
    with monkeypatch.context() as patch:
        patch.setattr(f"footfall.transforms.kernels.{limit}", 3)
        describe.make_room()
    assert None not in names(describe, describe.site_digests)
    assert acquire(describe, "https://xy.example/", "/?utm_source=sx") == ("campaign sx sx (none) (none)", False)
    assert acquire(describe, "https://xy.example/") == ("other xy.example", False)
    assert acquire(describe, "https://site-1.example/", site=3) == ("internal (none)", True)
    codes = fill(describe, count=1)
    acquisitions = acquire_filled(describe, codes)
    assert acquisitions.tolist() == before[:2]
    assert None not in names(describe, acquisitions)
    assert names(describe, describe.paths["page"][codes["paths"]]) == ["/.env", "/page-"]
    assert names(describe, describe.urls["phrase"][codes["urls"]]) == ["word", None]
    assert None not in names(describe, describe.agents["technology"][codes["agents"]])
    assert names(describe, describe.paths["page"][:1]) == ["/"]
    assert None not in names(describe, describe.agents["technology"][:1])


@pytest.mark.parametrize("full", ["referrers", "urls"])
def test_what_codes_of_forgotten_strings_stood_for_is_forgotten_with_them(
    full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts of one domain are one source, so that the names do not fill however many there are."""
    describe = make()
    for number in range(4):
        acquire(describe, f"https://{number}.xy.example/", f"/?utm_source=s{number}")
    with monkeypatch.context() as patch:
        patch.setattr("footfall.transforms.kernels.intern_strings.MAX_STRINGS", 3)
        intern(getattr(describe, full), *(f"https://{number}.yz.example/" for number in range(4)))
        for table in describe._tables():
            if table is not getattr(describe, full):
                table.clear()
        describe.make_room()
    known = describe._acquisitions
    assert len(known._sources if full == "referrers" else known._campaigns) == 1
    assert known._keys.count == 0
    assert acquire(describe, "https://0.xy.example/") == ("other xy.example", False)


def test_digests_given_out_before_the_names_were_emptied_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    describe = make()
    codes = fill(describe)
    pages = describe.paths["page"][codes["paths"]]
    with monkeypatch.context() as patch:
        patch.setattr("footfall.transforms.kernels.names.MAX_NAMES", 3)
        describe.make_room()
    with pytest.raises(KeyError):
        describe.names.table(pages)
