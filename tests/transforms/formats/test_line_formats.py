"""Formats of Apache and nginx are parsed as the servers define them, or rejected with a reason."""

from __future__ import annotations

import doctest

import pytest

from footfall.pipelines.settings import Settings
from footfall.transforms.formats import line_formats
from footfall.transforms.formats.line_formats import NAMED_FORMATS, FormatError, Meaning, compile_format
from footfall.transforms.formats.time_patterns import WHOLE_TIMES
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block


def field(text: str, log_format: str, meaning: Meaning) -> str | None:
    """Return the text of a line's field with a meaning."""
    content = text.encode()
    (lines,) = scan_block(padded(content), len(content), log_format).parts
    assert lines.rejects.tolist() == [0]
    begins, ends = lines.offsets(meaning)
    return content[begins[0] : ends[0]].decode() if begins[0] >= 0 else None


T = "1780272000"


@pytest.mark.parametrize(
    ("log_format", "text", "meaning", "expected"),
    [
        ("%{sec}t %<s %s %>s", f"{T} 201 202 203", Meaning.STATUS, "203"),
        ('%{sec}t "%400r" "%!400,501r"', f'{T} "-" "GET / HTTP/1.1"', Meaning.REQUEST, "GET / HTTP/1.1"),
        ("%{sec}t %<{Referer}i %{Referer}i", f"{T} a b", Meaning.REFERRER, "b"),
        ("%{sec}t %O %b", f"{T} 1 2", Meaning.BYTES, "2"),
        ("$msec $bytes_sent $body_bytes_sent", f"{T} 1 2", Meaning.BYTES, "2"),
        ("$msec $bytes_sent", f"{T} 1", Meaning.BYTES, "1"),
        ("$msec $upstream_response_time $request_time", f"{T} 1 2", Meaning.REQUEST_TIME_S, "2"),
        ("$msec $upstream_response_time|", f"{T} 0.1, 0.2 : 0.3|", Meaning.REQUEST_TIME_S, "0.1, 0.2 : 0.3"),
        ("%{sec}t %h %a", f"{T} host.example 192.0.2.1", Meaning.CLIENT, "192.0.2.1"),
        ("%{sec}t %{c}a %a", f"{T} 10.0.0.1 192.0.2.1", Meaning.CLIENT, "192.0.2.1"),
        ("%{sec}t %a:%{remote}p", f"{T} 2001:db8::1:4711", Meaning.CLIENT, "2001:db8::1"),
        ("%{sec}t %v:%p x", f"{T} [2001:db8::1]:80 x", Meaning.SITE, "[2001:db8::1]"),
        ("$msec $host$request_uri $status", f"{T} a.example/x?y 200", Meaning.SITE, "a.example"),
        ("$msec $host$request_uri $status", f"{T} a.example/x?y 200", Meaning.URL, "/x?y"),
        ("%{sec}t %U%q %Dus", f"{T} /x?y 15us", Meaning.URL, "/x?y"),
        ("%{sec}t %U%q %Dus", f"{T} /x?y 15us", Meaning.REQUEST_TIME_US, "15"),
        ("%{sec}t 100%% %s", f"{T} 100% 200", Meaning.STATUS, "200"),
        ("$msec $gzip_ratio% $status", f"{T} 2.1% 200", Meaning.STATUS, "200"),
        ("${msec}s $status", f"{T}s 200", Meaning.STATUS, "200"),
        ("$msec $cookie_lang $cookie_sid", f"{T} en a1", Meaning.COOKIE, "a1"),
        ("%{sec}t %{lang}C %{PHPSESSID}C", f"{T} en a1", Meaning.COOKIE, "a1"),
        ("$msec $cookie_visitor", f"{T} a1", Meaning.COOKIE, "a1"),
        ("$msec $remote_user [x]", f"{T} two words [x]", Meaning.USER, "two words"),
        ('%{sec}t %u "%r"', f'{T} "" "-"', Meaning.USER, None),
        ('$msec "$http_referer" "$http_user_agent"', f'{T} - "a"', Meaning.AGENT, "a"),
        ('$msec "$http_referer" "$http_user_agent"', f'{T} "b" -', Meaning.REFERRER, "b"),
        (
            "log_format main escape=default '$msec $status '\n    '\"$http_user_agent\"';",
            f'{T} 200 "a"',
            Meaning.AGENT,
            "a",
        ),
        (
            'LogFormat "%{sec}t %>s \\"%{User-Agent}i\\"\\t%%" combined',
            f'{T} 200 "a"\t%',
            Meaning.AGENT,
            "a",
        ),
    ],
)
def test_a_field_is_found_where_the_format_has_it(
    log_format: str, text: str, meaning: Meaning, expected: str | None
) -> None:
    assert field(text, log_format, meaning) == expected


@pytest.mark.parametrize("name", NAMED_FORMATS)
def test_the_named_formats_have_what_a_hit_needs(name: str) -> None:
    meanings = compile_format(name).meanings
    assert meanings & {Meaning.CLIENT, Meaning.FORWARDED}
    assert Meaning.STATUS in meanings
    assert meanings & {*WHOLE_TIMES, Meaning.YEAR}
    assert meanings & {Meaning.REQUEST, Meaning.URL, Meaning.PATH}


@pytest.mark.parametrize(
    ("log_format", "problem"),
    [
        ("combinde", "is unknown, expected a name"),
        ("%h %r %>s", "has no time"),
        ("$remote_addr $status", "has no time"),
        ("%{%H:%M}t %h", "has no time"),
        ("%{%I:%M %p %F}t %h", "has no time"),
        ("%t %h%u", "adjacent"),
        ("$remote_addr$status $time_local", "adjacent"),
        ("%t %Z", "%Z is unknown"),
        ("%t %", "is no Apache directive"),
        ("%t %{min}T", "unknown unit"),
        ("%{%Y-%Q}t", "%Q"),
        ("$msec $cookie_a $cookie_b", "cookies a, b"),
        ("%t %{sid_a}C %{sid_b}C %{x}C", "cookies sid_a, sid_b"),
    ],
)
def test_a_format_that_cannot_be_understood_is_refused_with_the_reason(log_format: str, problem: str) -> None:
    with pytest.raises(FormatError, match=r"log.format") as raised:
        compile_format(log_format)
    assert problem in str(raised.value)


def test_the_session_cookie_is_picked_by_name() -> None:
    for text in ("$msec $cookie_a $cookie_b", "%{sec}t %{a}C %{b}C"):
        chosen = Settings.model_validate({"log_format": text, "session_cookie": "a"}).log_format
        assert field(f"{T} one two", chosen, Meaning.COOKIE) == "one"


def test_the_example_in_the_documentation() -> None:
    assert doctest.testmod(line_formats).failed == 0
