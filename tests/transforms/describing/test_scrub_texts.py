"""Personal tokens never survive scrubbing, ordinary texts do, and decoding follows the standard library."""

from __future__ import annotations

import base64
import doctest
import re
from random import Random
from urllib.parse import unquote

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from footfall.transforms.describing import scrub_texts
from footfall.transforms.describing.personal.common_addresses import COMMON_ADDRESSES
from footfall.transforms.describing.scrub_texts import PLACEHOLDERS, clip, decode_percent, scrub


def scrub_one(text: str) -> str:
    scrubbed: str = scrub(pa.array([text]))[0].as_py()
    return scrubbed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/orders/100234/for/jane.doe+shop@example.org", "/orders/{id}/for/{email}"),
        ("/unsubscribe/jane%2Bshop%40example.org/now", "/unsubscribe/{email}/now"),
        ("/unsubscribe/jane%2540example.org", "/unsubscribe/{email}"),
        ("/from/192.0.2.1:8080/x", "/from/{address}/x"),
        ("/from/2001:db8::17/x", "/from/{address}/x"),
        ("/from/[2001:db8::17]:443/x", "/from/{address}/x"),
        ("/from/2001:db8:0:0:1:2:3:4", "/from/{address}"),
        ("ip-192-0-2-1.isp.example", "ip-{address}.isp.example"),
        ("/user/550e8400-e29b-41d4-a716-446655440000/edit", "/user/{uuid}/edit"),
        ("/user/abcdefab-abcd-abcd-abcd-abcdefabcdef", "/user/{uuid}"),
        ("/call/+49-30-2012-4567", "/call/{phone}"),
        ("/call/(202) 555-0143", "/call/{phone}"),
        ("/call/06 12 34 56 78", "/call/{phone}"),
        ("/call/0171-1234 567", "/call/{phone}"),
        ("/reset/d41d8cd98f00b204e9800998ecf8427e", "/reset/{token}"),
        ("/share/dQw4w9WgXcQabc12DEFxyz", "/share/{token}"),
        ("/in/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN", "/in/{token}"),
        ("/card/4111-1111-1111-1111", "/card/{id}"),
        ("/log/20251399", "/log/{id}"),
        ("/log/١٢٣٤٥٦", "/log/{id}"),
        ("/log/20250609120000", "/log/{id}"),
        ("/@jane", "/@{name}"),
    ],
)
def test_personal_tokens_become_placeholders(text: str, expected: str) -> None:
    assert scrub_one(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "/",
        "/blog/2025/06/09/ten-tips-for-1999",
        "/log/20250609",
        "/log/2025-06-09-10-11-12",
        "/log/09.06.2025",
        "/budget-2024-2025",
        "/npm/vue@3.2.1/dist",
        "/docs/std::vector",
        "/at/12:34:56",
        "/Best-Places-To-Visit-In-2024",
        "/how-to-convert-mp3-to-4k-in-10-steps",
        "/internationalization/of/words/that/are/long",
        "/wiki/Überblick",
        "/photo/IMG_20250609_101112.jpg",
        "/products/12345-blue-chair",
        "/package/@babel/core",
        "{email} {id}",
    ],
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert scrub_one(text) == text


octets = st.integers(0, 255)
hextets = st.integers(0, 0xFFFF).map(lambda n: f"{n:x}")
words = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=12)


def is_of_one(address: str) -> bool:
    """Whether an IPv4 address is none that everybody has."""
    return not re.fullmatch(COMMON_ADDRESSES, address)


planted = st.one_of(
    st.builds("{}.{}@{}.example".format, words, words, words),
    st.builds("{}%40{}.example".format, words, words),
    st.builds("{}.{}.{}.{}".format, octets, octets, octets, octets).filter(is_of_one),
    st.builds("2001:db8::{}:{}".format, hextets, hextets),
    st.lists(hextets, min_size=8, max_size=8).map(":".join),
    st.uuids().map(str),
    st.uuids().map(lambda u: u.hex),
    st.builds("+{}{:02} {:03} {:04}".format, *(st.integers(1, 9), st.integers(0, 99)), *[st.integers(0, 999)] * 2),
    st.builds("{:03}-{:03}-{:04}".format, st.integers(100, 999), st.integers(0, 999), st.integers(0, 9999)),
    st.builds("({:03}) {:03}-{:04}".format, st.integers(100, 999), st.integers(0, 999), st.integers(0, 9999)),
    st.integers(10**8, 10**14).map(str),
    st.integers(10_000, 1_899_999).map(str),
    st.binary(min_size=8, max_size=40).map(bytes.hex),
    # Of drawn bytes: nobody draws zeros.
    st.builds(lambda seed, size: Random(seed).randbytes(size), st.integers(), st.integers(24, 64)).map(
        lambda b: base64.urlsafe_b64encode(b).rstrip(b"=").decode()
    ),
)


def is_random(token: str) -> bool:
    """Whether a token is one that definitions call so: base64 of nothing but letters cannot be told from words."""
    return "@" in token or "%" in token or sum(c.isdigit() for c in token) >= 3


surroundings = st.text(st.sampled_from("/-_.,;:?=& ()[]{}<>'\"|%+#~é名\u0301�\ue000"), max_size=8)
separators = st.text(st.sampled_from("/;?&<>| "), max_size=4)


@given(before=separators, token=planted.filter(is_random), after=separators)
@example(before="", token="dea20250609deabd", after="")
@settings(max_examples=150, deadline=None)
def test_planted_tokens_never_survive_between_separators(before: str, token: str, after: str) -> None:
    text = f"{before}{token}{after}"
    scrubbed = scrub_one(text)
    assert not any(token[at : at + 8] in scrubbed for at in range(max(1, len(token) - 7)))
    assert any(placeholder in scrubbed for placeholder in PLACEHOLDERS)


@given(st.lists(st.one_of(planted, surroundings, st.text(max_size=20)), max_size=6).map("".join))
@settings(max_examples=150, deadline=None)
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = scrub(pa.array([text]))
    assert scrub(once).equals(once)


@pytest.mark.parametrize("piece", ["/orders/100234", "/b11614b2-26aa-4c1e-9d3f-0123456789ab", "/jane@example.org"])
@pytest.mark.parametrize("before", ["", "0"])
def test_plain_kinds_side_by_side_are_all_replaced(before: str, piece: str) -> None:
    once = scrub(pa.array([before + 5 * piece]))
    assert once[0].as_py().count("{") == 5
    assert scrub(once).equals(once)


def test_scrub_keeps_rows_and_nulls_in_place() -> None:
    texts = pa.array(["/a", None, "/12345", ""])
    assert scrub(texts).to_pylist() == ["/a", None, "/{id}", ""]
    assert scrub(texts.slice(2)).to_pylist() == ["/{id}", ""]


escapes = st.one_of(st.text(max_size=5), st.binary(max_size=3).map(lambda b: "".join(f"%{c:02X}" for c in b)))


@given(st.lists(st.one_of(st.none(), st.lists(escapes, max_size=4).map("".join)), max_size=5))
@example(["%C3", "%A9", "%41%"])
@settings(max_examples=150, deadline=None)
def test_decode_percent_agrees_with_the_standard_library(texts: list[str | None]) -> None:
    expected = [None if text is None else unquote(text, errors="replace") for text in texts]
    assert decode_percent(pa.array(texts, pa.string())).to_pylist() == expected
    assert decode_percent(pa.array(["%41", *texts], pa.string()).slice(1)).to_pylist() == expected


def test_clip_drops_a_placeholder_that_it_would_cut() -> None:
    assert clip(pa.array(["abc{email}", "abc", None]), 6).to_pylist() == ["abc", "abc", None]


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(scrub_texts).failed == 0


@pytest.mark.parametrize("name", ["jane", "jürgen"])
def test_email_addresses_of_every_script_are_found_side_by_side(name: str) -> None:
    texts = ["/a/jane@example.org", f"/b/{name}@münchen.example", f"/c/{name}%40example.org", "/d/jane＠example.org"]
    assert scrub(pa.array(texts)).to_pylist() == ["/a/{email}", "/b/{email}", "/c/{email}", "/d/{email}"]
