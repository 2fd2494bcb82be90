"""Known requests, including malformed ones, and a client on a plain socket, since HTTP libraries would correct them."""

from __future__ import annotations

import socket
from dataclasses import dataclass

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Request:
    """A request to send: the request line and the header fields, or raw bytes without fields if `is_http` is false."""

    name: str
    line: bytes
    agent: bytes | None = AGENT.encode()
    referrer: bytes | None = None
    cookie: bytes | None = None
    forwarded: bytes | None = None
    host: bytes | None = b"www.example.org"
    is_http: bool = True
    over_ipv6: bool = False

    def content(self) -> bytes:
        """The bytes of the whole request."""
        if not self.is_http:
            return self.line
        fields = (
            (b"Host", self.host),
            (b"User-Agent", self.agent),
            (b"Referer", self.referrer),
            (b"Cookie", self.cookie),
            (b"X-Forwarded-For", self.forwarded),
            (b"Connection", b"close"),
        )
        written = b"".join(name + b": " + value + b"\r\n" for name, value in fields if value is not None)
        return self.line + b"\r\n" + written + b"\r\n"


@dataclass(frozen=True)
class Answer:
    """A response: the status (None if there is none), and the number of bytes after the header."""

    status: int | None
    body_bytes: int


TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(128, 256)) + b"\x00\x22\x5c" + bytes(range(1, 9))
"""The beginning of a TLS handshake record, whose random bytes include a quote and a backslash."""

REQUESTS = (
    Request("plain", b"GET /shoes/red?size=41&sort=price HTTP/1.1", referrer=b"https://www.example.org/shoes"),
    Request("session cookie", b"GET /basket HTTP/1.1", cookie=b"lang=en; sid=0123456789abcdef; x=1"),
    Request("other cookies", b"GET /basket HTTP/1.1", cookie=b"lang=en; xsid=1"),
    Request("a proxy's list", b"GET / HTTP/1.1", forwarded=b"198.51.100.7, 203.0.113.9"),
    Request("a list with IPv6", b"GET / HTTP/1.1", forwarded=b"2001:db8::7, 127.0.0.1"),
    Request("HEAD", b"HEAD /shoes HTTP/1.1"),
    Request("POST", b"POST /basket/add HTTP/1.1"),
    Request("over IPv6", b"GET /six HTTP/1.1", over_ipv6=True),
    Request("HTTP/1.0 without a host", b"GET /old HTTP/1.0", host=None),
    Request("no agent", b"GET /quiet HTTP/1.1", agent=None),
    Request("empty agent", b"GET /quiet HTTP/1.1", agent=b""),
    Request("agent of a dash", b"GET /quiet HTTP/1.1", agent=b"-"),
    Request("quotes", b'GET /a"b HTTP/1.1', agent=b'"Mozilla/5.0" "x"', referrer=b'https://a.example/"q"'),
    Request("backslashes", b"GET /a\\b\\\\c HTTP/1.1", agent=b"ends with \\", referrer=b"\\\\server\\x41\\n"),
    Request("both", b'GET /\\" HTTP/1.1', agent=b'\\"', referrer=b'\\\\"\\'),
    Request("UTF-8", "GET /zürich/東京?q=é HTTP/1.1".encode(), agent="Müller/1.0 \U0001f600".encode()),
    Request("bytes that are no UTF-8", b"GET /caf\xe9 HTTP/1.1", agent=b"\xff\xfe agent", referrer=b"http://a/\xc3"),
    Request("a tab", b"GET /tab HTTP/1.1", agent=b"a\tb"),
    Request("percent signs", b"GET /100%25?x=%22%5c&y=%00 HTTP/1.1", agent=b"%s%d %h"),
    Request("JSON within", b'GET /?{"a":[1,2]} HTTP/1.1', agent=b'{"ua": null}, {'),
    Request("brackets and a time", b"GET /[01/Jun/2026:00:00:00 HTTP/1.1", agent=b"] [01/Jun/2026:00:00:00 +0000]"),
    Request("spaces in the path", b"GET /a b  c HTTP/1.1"),
    Request("an absolute url", b"GET http://www.example.org/proxied?x=1 HTTP/1.1"),
    Request("options of all", b"OPTIONS * HTTP/1.1"),
    Request("another method", b"PROPFIND /dav HTTP/1.1"),
    Request("an invented method", b"M-SEARCH /x HTTP/1.1"),
    Request("a lower-case method", b"get /x HTTP/1.1"),
    Request("a long url", b"GET /" + b"0123456789abcdef" * 400 + b" HTTP/1.1"),
    Request("a long agent", b"GET /long HTTP/1.1", agent=b'x"\\' * 1500),
    Request("HTTP/0.9", b"GET /nine\r\n", is_http=False),
    Request("another version", b"GET /three HTTP/3.7"),
    Request("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", is_http=False),
    Request("bare words", b"help me\r\n\r\n", is_http=False),
    Request("SSH", b"SSH-2.0-Go\r\n", is_http=False),
    Request("TLS on a plain port", TLS_HELLO + b"\n", is_http=False),
    Request("control bytes", b"\x01\x02\x1b[31m\x7f\r\n\r\n", is_http=False),
    Request("last", b"GET /last HTTP/1.1"),
)


def send(request: Request, port: int) -> Answer:
    """Send a request over a new connection and read until the server closes it."""
    received = b""
    with socket.create_connection(("::1" if request.over_ipv6 else "127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall(request.content())
        if not request.is_http:
            connection.shutdown(socket.SHUT_WR)
        try:
            while chunk := connection.recv(65_536):
                received += chunk
        except ConnectionResetError:
            pass  # keep what was received
    head, _, body = received.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    is_answer = len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    return Answer(int(words[1]), len(body)) if is_answer else Answer(None, len(received))
