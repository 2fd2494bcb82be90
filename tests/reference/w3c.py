"""W3C extended logs, read slowly: one line by the names of its `#Fields` line."""

from __future__ import annotations

import re

W3C_FIELDS = {
    "c-ip": "client",
    "s-xff": "forwarded",
    "cs-username": "user",
    "x-host-header": "site",
    "cs-host": "other_site",
    "cs(host)": "other_site",
    "cs-method": "method",
    "cs-uri-stem": "path",
    "cs-uri-query": "query",
    "cs-version": "protocol",
    "cs-protocol-version": "protocol",
    "sc-status": "status",
    "c-status": "other_status",
    "sc-bytes": "body_bytes",
    "bytes": "other_bytes",
    "cs(referer)": "referrer",
    "cs(user-agent)": "agent",
    "x-forwarded-for": "forwarded",
    "cs(sec-gpc)": "gpc",
    "cs(dnt)": "dnt",
    "cs(sec-fetch-dest)": "dest",
    "cs(x-requested-with)": "with",
    "cs(sec-purpose)": "purpose",
    "cs(accept)": "accept",
    "sc(content-type)": "type",
    "sc-content-type": "type",
}
SPARE = {
    "other_site": ("x-host-header", "site"),
    "other_status": ("sc-status", "status"),
    "other_bytes": ("sc-bytes", "body_bytes"),
}
"""What counts only where the better column is missing: that column, and the meaning of both."""
LAST_NEEDED = ("date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status")


def name_fields(text: str) -> list[str]:
    """What the columns of `w3c:…` mean, in their order; date and time are one field, as they stand side by side."""
    names = text.removeprefix("w3c:").lower().replace("date time", "time_iso").split()
    duration = "request_s" if "x-edge-location" in names else "request_shown"
    if "sc-status time-taken cs-version" in " ".join(names):
        duration = "request_ms"
    meanings = [W3C_FIELDS.get(name, {"time-taken": duration, "time_iso": name}.get(name, "")) for name in names]
    spare = {other: "" if better in names else meaning for other, (better, meaning) in SPARE.items()}
    return [spare.get(meaning, meaning) for meaning in meanings]


def split_w3c(line: bytes, text: str) -> dict[str, bytes] | str:
    """The values of a line by what they mean, with backslashes doubled; or `cut` or `format`."""
    names = text.removeprefix("w3c:").lower().replace("date time", "time_iso").split()
    separator = b"\t" if "x-edge-location" in names else b" "
    needed = 1 + max(place for place, name in enumerate(names) if name in (*LAST_NEEDED, "time_iso"))
    values: list[bytes] = []
    rest: bytes | None = line
    while rest is not None and len(values) < len(names):
        if names[len(values)] == "time_iso":
            parts = rest.split(separator, 2)
            values.append(b" ".join(parts[:2]))
            rest = parts[2] if len(parts) == 3 else None
        elif rest.startswith(b'"'):
            quoted = re.match(rb'"(.*?)"(?:' + separator + rb"(?=(.*))|$)", rest, re.DOTALL)
            if quoted is None:
                return "cut"
            values.append(quoted[1])
            rest = quoted[2]
        else:
            value, found, behind = rest.partition(separator)
            values.append(value)
            rest = behind if found else None
    if rest is not None:
        return "format"
    if len(values) < needed:
        return "cut"
    fields: dict[str, bytes] = {}
    for meaning, value in zip(name_fields(text), values, strict=False):
        if meaning and fields.get(meaning, b"-") in (b"", b"-"):
            fields[meaning] = b"-" if value == b'""' else decode(meaning, value, is_cloudfront=separator == b"\t")
    return fields


def decode(meaning: str, value: bytes, *, is_cloudfront: bool) -> bytes:
    """A value without its writer's encoding, and with Apache's escape for a backslash."""
    if is_cloudfront and meaning == "agent":
        value = re.sub(rb"%25([0-9A-Fa-f]{2})", rb"%\1", value)
        value = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), value)
    elif is_cloudfront and meaning in ("referrer", "forwarded"):
        value = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), value)
    elif meaning in ("agent", "forwarded", "cookies") and not is_cloudfront and b" " not in value:
        # A plus before a link is one: `(compatible;+Bot/1.0;++https://…)`.
        value = re.sub(rb"(?<![+(])\+|\+(?!http)", b" ", value)
    return value.replace(b"\\", b"\\\\")
