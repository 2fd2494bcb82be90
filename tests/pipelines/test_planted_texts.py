"""Personal texts, planted in every place that a client can write, in ten formats: nothing of them is published.

The texts are those of docs/texts.md. One visitor brings a text, k visitors or more, so that nothing is folded away by
chance only. Beside them stand texts that must be published as they are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import pytest

from tests.running import LOG, Rows, publish_logs, read_published
from tests.transforms.describing.measure_texts import SETS, UNPUBLISHED, Text, is_kept, read_texts

K: Final = 3
VISITORS: Final = (1, K, 2 * K)
"""How many visitors bring a text, in turn."""
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SITE: Final = "shop.example"
LOST: Final = 0.02
"""The share of what must stay that may be lost."""


@cache
def personal_texts() -> list[Text]:
    """Personal texts of all kinds, each once, which have enough letters and digits to be found again."""
    found: dict[str, Text] = {}
    for name in (*(f"personal_{one}" for one in SETS), *(f"unpublished_{one}" for one in UNPUBLISHED)):
        for text in read_texts(name):
            secrets = re.findall("⟦(.*?)⟧", text.text)
            if min(len(letters(unquote(secret))) for secret in secrets) >= 7:
                found.setdefault(text.text, text)
    return list(found.values())


def letters(text: str) -> str:
    """The letters and digits of a text, as they are compared."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).lower() if one.isalnum())


def plain(text: str) -> str:
    """A text for a field of any format: ASCII without quotes, blanks and backslashes."""
    return quote(text.replace("⟦", "").replace("⟧", ""), safe="@:/.+-_=~,;()[]*")


class Request:
    """What one visitor asks for, with a text in every place: in the one that is its own, and where nothing is told.

    Places: path, parameters, referrer, agent, user, cookie of another name; in turns host, method, protocol, bot.
    """

    def __init__(self, text: Text, visitor: int, number: int, *, planted: bool) -> None:
        own = text.text.replace("⟦", "").replace("⟧", "")
        self.address = f"203.{number // 250}.{number % 250}.{visitor}"
        self.time_s = 1_780_308_000 + 7 * (number % 1000) + 60 * visitor
        everywhere = plain(text.text) if planted else "x"
        self.path, query, self.referrer = "/page", [], f"https://news.example/{everywhere}?{everywhere}"
        self.host = SITE
        if text.where == "query":
            self.path, _, asked = (quote(one, safe="/@:.+-_=~,;()[]*%&!$'|{}") for one in own.partition("?"))
            query.append(asked)
        elif text.where == "path":
            self.path = quote(own, safe="/@:.+-_=~,;()[]*%&!$'|<>{}")
        elif text.where == "phrase":
            query.append("q=" + quote(own.replace("&", "%26"), safe="%+"))
        elif text.where == "campaign":
            query.append("utm_campaign=" + quote(own, safe="%+"))
        elif text.where == "host":
            self.referrer = f"https://{own}/{everywhere}"
        self.query = "&".join([*query, f"any={everywhere.replace('&', '')}"])
        self.agent = f"{AGENT} {everywhere}" if planted else AGENT
        self.user = everywhere.replace(":", "-") if planted and number % 2 else "-"
        self.cookie = f"consent={everywhere.replace(';', '').replace(',', '')}; lang=en"
        self.method, self.protocol = "GET", "HTTP/1.1"
        if planted:
            # What these fields say changes what becomes of the others, so that each has the text in some requests only.
            turn = number // len(VISITORS) % 8
            self.host = everywhere.replace("/", "-") if turn == 1 else SITE
            self.method = everywhere if turn == 2 else "GET"
            self.protocol = f"HTTP/{everywhere}" if turn == 3 else "HTTP/1.1"
            self.agent = f"{everywhere}/1.0" if turn == 4 else self.agent
            if turn == 5 and text.kind != "name":
                # The name of a person, without a key before it, can't be told from a bot's.
                self.agent = f"{everywhere}bot/1.0"

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}"

    def clf(self) -> str:
        return f"{self.iso()[8:10]}/Jun/2026:{self.iso()[11:19]} +0000"

    def iso(self) -> str:
        day, second = divmod(self.time_s - 1_780_272_000, 86_400)
        return f"2026-06-{1 + day:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def nginx(one: Request) -> str:
    return (
        f'{one.address} - {one.user} [{one.clf()}] "{one.method} {one.url} {one.protocol}" 200 5 "{one.referrer}" '
        f'"{one.agent}"'
    )


def w3c(one: Request) -> str:
    agent, cookie = one.agent.replace(" ", "+"), one.cookie.replace(" ", "+")
    return (
        f"{one.iso().replace('T', ' ')} {one.address} {one.user} {one.method} {one.path.replace(' ', '%20')} "
        f"{one.query} 200 5 {agent} {one.referrer} {cookie}"
    )


def caddy(one: Request) -> str:
    headers = {"User-Agent": [one.agent], "Referer": [one.referrer], "Cookie": [one.cookie]}
    request = {"remote_ip": one.address, "proto": one.protocol, "method": one.method, "host": one.host, "uri": one.url}
    whole = {"ts": one.time_s, "request": {**request, "headers": headers}, "user_id": one.user}
    return json.dumps({**whole, "duration": 0.01, "size": 5, "status": 200})


def traefik(one: Request) -> str:
    whole = {
        "ClientHost": one.address,
        "ClientUsername": one.user,
        "RequestMethod": one.method,
        "RequestHost": one.host,
    }
    whole |= {"RequestPath": one.url, "RequestProtocol": one.protocol, "StartUTC": f"{one.iso()}Z", "Duration": 9}
    whole |= {"request_Referer": one.referrer, "request_User-Agent": one.agent, "request_Cookie": one.cookie}
    return json.dumps({**whole, "DownstreamStatus": 200, "DownstreamContentSize": 5})


def nginx_json(one: Request) -> str:
    whole = {"time_iso8601": f"{one.iso()}+00:00", "remote_addr": one.address, "remote_user": one.user, "status": "200"}
    whole |= {"request": f"{one.method} {one.url} {one.protocol}", "body_bytes_sent": "5", "http_cookie": one.cookie}
    return json.dumps({**whole, "http_referer": one.referrer, "http_user_agent": one.agent})


def cloudflare(one: Request) -> str:
    whole = {"ClientIP": one.address, "ClientRequestHost": one.host, "ClientRequestMethod": one.method}
    whole |= {"ClientRequestURI": one.url, "EdgeResponseBytes": 5, "EdgeResponseStatus": 200}
    whole |= {"EdgeStartTimestamp": f"{one.iso()}Z", "ClientRequestReferer": one.referrer}
    return json.dumps({**whole, "ClientRequestUserAgent": one.agent, "RequestHeaders": {"cookie": one.cookie}})


def envoy(one: Request) -> str:
    return (
        f'[{one.iso()}.310Z] "{one.method} {one.url} {one.protocol}" 200 - 0 5 9 9 "{one.address}" "{one.agent}" '
        f'"{plain(one.user)}" "{one.host}" "tcp://10.0.2.1:80"'
    )


def alb(one: Request) -> str:
    return (
        f"https {one.iso()}.186641Z app/lb/1 {one.address}:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 5 "
        f'"{one.method} https://{one.host}:443{one.url} {one.protocol}" "{one.agent}" ECDHE TLSv1.2 arn:aws:x '
        f'"Root=1" "{one.host}" "arn:aws:y" 1 {one.iso()}.186641Z "forward" "-" "-"'
    )


def vhost(one: Request) -> str:
    return f"{one.host}:443 {nginx(one)}"


def cookies(one: Request) -> str:
    return f'{nginx(one)} "{one.cookie}" 0.01'


FIELDS: Final = "date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status sc-bytes cs(User-Agent)"
COOKIES: Final = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    '"$http_cookie" $request_time'
)
FORMATS: Final[dict[str, tuple[str, Callable[[Request], str]]]] = {
    "combined": ("combined", nginx),
    "vhost_combined": ("vhost_combined", vhost),
    "nginx with cookies": (COOKIES, cookies),
    "IIS": (f"w3c:{FIELDS} cs(Referer) cs(Cookie)", w3c),
    "Caddy": ("caddy", caddy),
    "Traefik": ("traefik_json", traefik),
    "nginx, JSON": ("nginx_json", nginx_json),
    "Cloudflare": ("cloudflare", cloudflare),
    "Envoy": ("envoy", envoy),
    "AWS": ("alb", alb),
}


def lines_of(texts: list[Text], write: Callable[[Request], str], visitors: tuple[int, ...], *, planted: bool) -> str:
    """A line for each visitor of each text."""
    return "".join(
        f"{write(Request(text, visitor, number, planted=planted))}\n"
        for number, text in enumerate(texts)
        for visitor in range(visitors[number % len(visitors)])
    )


def publish(folder: Path, content: str, log_format: str) -> dict[str, Rows]:
    """The tables of a run on such lines."""
    publish_logs(folder, {LOG: content.encode()}, log_format=log_format, site=SITE, hosts=(SITE,), k=K)
    return read_published(folder / "traffic.duckdb")


def texts_in(published: dict[str, Rows]) -> Iterator[str]:
    for table, rows in published.items():
        if table not in ("runs", "promises", "inputs", "rejects"):
            yield from {value for row in rows for value in row.values() if isinstance(value, str)}


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_planted_is_published(name: str, tmp_path: Path) -> None:
    log_format, write = FORMATS[name]
    # Formats without referrers and with none but cookies of their own lack some places; none has other texts.
    texts = personal_texts()[list(FORMATS).index(name) % 5 :: 5]
    assert len(texts) > 250
    published = publish(tmp_path, lines_of(texts, write, VISITORS, planted=True), log_format)
    assert sum(row["hits"] or 0 for row in published["traffic"]) > 0.9 * sum(
        VISITORS[number % len(VISITORS)] for number in range(len(texts))
    )
    told = [letters(unquote(text)) for text in texts_in(published)]
    found = [
        (text.kind, text.where, text.text)
        for text in texts
        for secret in re.findall("⟦(.*?)⟧", text.text)
        if any(letters(unquote(secret)) in own for own in told)
    ]
    assert not found, f"{len(found)} of {len(texts)}"
    assert sum("{" in text for text in texts_in(published)) > 50, "the texts have come as far as the tables"


@pytest.mark.parametrize("name", ["combined", "Caddy"])
def test_what_must_stay_is_published(name: str, tmp_path: Path) -> None:
    log_format, write = FORMATS[name]
    texts = [text for one in SETS for text in read_texts(f"content_{one}")]
    # Assets and answers for programs are no pages.
    shown = [text for text in texts if text.where in ("path", "phrase", "campaign") and "api" not in text.text.lower()]
    assert len(shown) > 300
    published = publish(tmp_path, lines_of(shown, write, (K,), planted=False), log_format)
    told = {
        "path": {row["page"] for row in published["pages"]},
        "phrase": {row["phrase"] for row in published["searches"]},
        "campaign": {row["campaign"] for row in published["campaigns"]},
    }
    lost = [text for text in shown if not any(is_kept(text, own) for own in told[text.where])]
    assert len(lost) <= LOST * len(shown), lost
