"""Identifies files that are not access logs: archives, databases, text in other encodings, error logs and others.

It compares the first bytes and lines with known patterns. Results name the kind of the file and a remedy, and quote
nothing from the file.
"""

from __future__ import annotations

import re
from typing import Final

_UNPACK: Final = "unpack it, and give the logs in it"
_CONVERT: Final = "convert it, for example with iconv -f UTF-16 -t UTF-8"

# Offset, bytes, kind of file, remedy. Sources: POSIX pax, PKWARE's APPNOTE, the files' own documentation.
_MAGIC: Final[tuple[tuple[int, bytes, str, str], ...]] = (
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"PK\x05\x06", "an empty zip archive", ""),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a rar archive", _UNPACK),
    (0, b"\x04\x22\x4d\x18", "lz4 data", "decompress it; only gzip, bzip2, xz and zstd are read directly"),
    (0, b"\x1f\x9d", "data of the program compress", "decompress it; only gzip, bzip2, xz and zstd are read directly"),
    (0, b"\x1f\x8b", "compressed twice", "decompress it once"),
    (0, b"BZh", "compressed twice", "decompress it once"),
    (0, b"\xfd7zXZ\x00", "compressed twice", "decompress it once"),
    (0, b"\x28\xb5\x2f\xfd", "compressed twice", "decompress it once"),
    (0, b"SQLite format 3\x00", "an SQLite database", ""),
    (8, b"DUCK", "a DuckDB database", ""),
    (0, b"PAR1", "a Parquet file", ""),
    (0, b"ARROW1", "an Arrow file", ""),
    (0, b"LPKSHHRH", "a systemd journal file", "export it with journalctl --file FILE -o export"),
    (0, b"ElfFile\x00", "a Windows event log", ""),
    (0, b"\x7fELF", "a program", ""),
    (0, b"%PDF-", "a PDF document", ""),
    (0, b"\xd4\xc3\xb2\xa1", "a packet capture", ""),
    (0, b"\x0a\x0d\x0d\x0a", "a packet capture", ""),
    (0, b"\x89PNG\r\n", "an image", ""),
    (0, b"\xff\xd8\xff", "an image", ""),
    (0, b"GIF8", "an image", ""),
    (0, b"\xff\xfe", "UTF-16 text", _CONVERT),
    (0, b"\xfe\xff", "UTF-16 text", _CONVERT),
)

_NO_REQUEST: Final = rb'(?!.*"[A-Z]{3,7} (?:/|https?://)[^"]*".* \d{3}\b)'
"""System logs have programs' messages; a server that sends its access log through syslog has a format to be named."""
_LEVEL: Final = rb"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRIT|CRITICAL|FATAL|SEVERE|EMERG|ALERT|PANIC)\b"

# Logs that are not access logs, by a pattern that most of their lines match; the first match counts.
#
#   nginx    2026/06/01 10:00:00 [error] 7#7: *1 open() "/srv/x" failed (2: No such file or directory), client: …
#   Apache   [Mon Jun 01 10:00:00.123456 2026] [core:error] [pid 7:tid 8] [client 192.0.2.7:80] AH00128: …
#   PHP-FPM  [01-Jun-2026 10:00:00] NOTICE: fpm is running, pid 1
_LINES: Final[tuple[tuple[re.Pattern[bytes], str, str], ...]] = (
    (re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[[a-z]+\] \d+#\d+: "), "an nginx error log", ""),
    (
        re.compile(rb"\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] \["),
        "an Apache error log",
        "",
    ),
    (re.compile(rb"\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d[^]]*\] "), "a PHP log", ""),
    (
        re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ ){1,2}(?=.*\bmethod=[A-Z]+ )(?=.*\bstatus=\d{3}\b)"),
        "an access log whose times have no year",
        "let syslog write times as RFC 5424 has them (2026-06-01T10:00:00+00:00)",
    ),
    (re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [^ ]+ [^ ]+: " + _NO_REQUEST), "a system log", ""),
    (re.compile(rb"<\d{1,3}>" + _NO_REQUEST), "a system log", ""),
    (
        re.compile(rb"(?:.{0,80} )?(?:CEF|LEEF):\d"),
        "a security product's event log (CEF or LEEF)",
        "let the product write W3C or JSON access logs instead",
    ),
    (
        re.compile(rb'(?![^"]*\b\d\d:\d\d:\d\d).*"[A-Z]+ [^"]* HTTP/\d(?:\.\d)?" \d{3}\b(?!.*\d\d:\d\d)'),
        "an access log without times",
        "let the server log the time of each request, and give its format with --log-format",
    ),
    (
        re.compile(rb"\[?\d\d:\d\d:\d\d(?:\.\d+)?\]? \| +\d{3} \| .*\| +[A-Z]+ +\| /"),
        "an access log whose times have no date (Fiber's logger)",
        "set TimeFormat of its logger to 2006-01-02T15:04:05Z07:00",
    ),
    (
        re.compile(rb"\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? (?!.*\d{4}-\d\d-\d\d).*\bmethod=[A-Z]+ .*\bstatus=\d{3}\b"),
        "an access log whose times have no date",
        "let the logger write date and zone too (in Elixir, $date before $time in the format of its console)",
    ),
    (
        re.compile(
            rb"[^|]+\|[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\|\d{3}\|\d+\|[^|]*\|[A-Z]+ "
        ),
        "an access log in Hiawatha's own format, whose headers stand in any order",
        "set LogFormat = extended in hiawatha.conf",
    ),
    (
        re.compile(
            rb'\d{4}:\d\d:\d\d-\d\d:\d\d:\d\d [^ ]+ httpproxy\[|(?:<\d+>)?device="SFW" .*log_type="Content Filtering"'
        ),
        "a web filter's log of Sophos, of what people within a network opened elsewhere",
        "give the log of the web server, or of the firewall's reverse proxy",
    ),
    (
        re.compile(rb'\[\d\d/[A-Z][a-z]{2}/\d{4}:[^]]*\] \S+ (?:TLSv|SSLv|-)\S* \S+ "[^"]*" (?:\d+|-)$'),
        "Apache's ssl_request_log, which has no status",
        "give the access log beside it",
    ),
    (
        re.compile(rb".*\btower_http::trace::"),
        "an application's log with lines of tower-http, which have no client address",
        "put client, url and user agent into the span (TraceLayer::make_span_with) and write it as JSON",
    ),
    (
        re.compile(rb'"[^"]*(?:\\"[^"\\]*)+"\s*$'),
        "a log whose lines stand wholly in quotes, with escapes before the quotes within",
        "take the quotes off, for example with jq -r .",
    ),
    (
        re.compile(rb'\s*\{.*"webaclId":.*"httpRequest":'),
        "an AWS WAF log, which has no status of an answer",
        "give the access log of the balancer or of CloudFront behind it",
    ),
    (
        re.compile(rb'.*"[A-Z][a-z]{2} \d\d?, \d{4} @ \d\d:\d\d:\d\d'),
        "an export of Kibana, whose times are written for people",
        "set dateFormat in its advanced settings to YYYY-MM-DDTHH:mm:ss.SSSZ, and export it again",
    ),
    (
        re.compile(rb"\s*\{.*\}\s*$"),
        "JSON lines without the fields of a request, such as a time",
        "name the fields with [json-fields] in footfall.toml",
    ),
    (re.compile(rb"[^ ]{0,3}\d{4}-?\d\d-?\d\d.{0,80}" + _LEVEL, re.IGNORECASE), "an application's log", ""),
    (re.compile(rb".{0,40}" + _LEVEL), "an application's log", ""),
    (re.compile(rb"\s*<(?!\d)"), "a page or an XML document", ""),
)
EMPTY: Final = "is empty"
_MIN_SHARE: Final = 0.5
_BINARY_SHARE: Final = 0.05
"""Of control characters: servers escape them, and the zeros that a crash leaves are in one place."""


Identification = tuple[str, str]
"""What a file is, as a predicate ("is a tar archive"), and how to make it readable ("" if that is impossible)."""


def identify_file(head: bytes) -> Identification | None:
    """What a file with these first bytes is, if it does not consist of lines of text."""
    for place, magic, kind, remedy in _MAGIC:
        if head.startswith(magic, place):
            return _describe(kind, remedy)
    if len(head) >= 16 and (_is_zero(head[1:64:2]) or _is_zero(head[0:64:2])):
        return _describe("UTF-16 text", _CONVERT)
    return None


def _is_zero(part: bytes) -> bool:
    """Whether all bytes are zero, as every second one is in ASCII text of 16-bit characters."""
    return not part.strip(b"\0")


def identify_lines(lines: list[bytes]) -> Identification | None:
    """What a file with these first lines is, if it is not an access log; None if it is unknown."""
    sample = b"\n".join(lines)
    if re.match(rb"\s*\[\s*(?:\{|$)", sample):
        return _describe("one JSON array", "write one object per line, for example with jq -c '.[]'")
    if re.match(rb'\s*\{\s*"\w+":\s*\[\s*(?:\{|$)', sample) and b"\n" in sample.strip():
        return _describe(
            "one JSON object with a list in it", "write one object per line, for example with jq -c '.[][]'"
        )
    controls = sum(byte < 32 and byte not in b"\t\n\r\x1b" for byte in sample[:65_536])
    if controls > _BINARY_SHARE * min(len(sample), 65_536):
        return _describe("binary data", "")
    filled = [line for line in lines if line.strip()]
    for pattern, kind, remedy in _LINES:
        if sum(pattern.match(line) is not None for line in filled) > _MIN_SHARE * len(filled):
            return _describe(kind, remedy)
    return None


def _describe(kind: str, remedy: str) -> Identification:
    return f"is {kind}" if remedy else f"is {kind}, not an access log", remedy
