"""A log that records a proxy's address instead of the visitor's gives a warning, without any address."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from footfall.pipelines.inputs.detect_proxies import detect_proxies
from tests.running import publish_logs

FORWARDED = '$remote_addr - - [$time_local] "$request" $status 5 "-" "$http_user_agent" "$http_x_forwarded_for"'
WITH_COOKIE = FORWARDED.replace("x_forwarded_for", "cookie")


def log(addresses: int, agents: int, lines: int = 1_200) -> bytes:
    """Page views from so many addresses with so many browsers; the last field has a different address in each line."""
    return "".join(
        f"203.0.113.{line % addresses} - - [01/Jun/2026:{line // 60 % 24:02}:{line % 60:02}:00 +0000] "
        f'"GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:{line % agents + 40}.0) Gecko/20100101 '
        f'Firefox/{line % agents + 40}.0" "2001:db8::{line:x}"\n'
        for line in range(lines)
    ).encode()


@pytest.mark.parametrize(
    ("content", "settings", "parts"),
    [
        (log(2, 70), {}, ["log X-Forwarded-For", "and a session cookie"]),
        (log(2, 70), {"log_format": WITH_COOKIE}, ["log X-Forwarded-For", "and a session cookie"]),
        (log(2, 70), {"log_format": WITH_COOKIE, "session_cookie": "a"}, ["log X-Forwarded-For"]),
        (log(2, 70), {"log_format": FORWARDED, "trusted_proxies": 0}, ["check --trusted-proxies"]),
        (log(2, 70), {"log_format": FORWARDED}, ["check --trusted-proxies"]),
        (log(2, 70).replace(b"203.0.113.", b"10.0.0."), {"log_format": FORWARDED}, []),
        (log(2, 70, 900), {}, []),
        (log(90, 70), {}, []),
        (log(1, 1), {}, []),
    ],
    ids=[
        "a proxy",
        "a cookie field but not which",
        "a proxy and a cookie",
        "untrusted forwarded addresses",
        "forwarded addresses behind an unknown address",
        "forwarded addresses",
        "too few hits",
        "many addresses",
        "one busy machine",
    ],
)
def test_a_handful_of_addresses_with_many_browsers_is_a_proxy(
    content: bytes, settings: dict[str, object], parts: list[str], tmp_path: Path
) -> None:
    outcome = publish_logs(tmp_path, {"access.log": content}, **{"log_format": "combined", **settings})
    warnings = [text for text in outcome.warnings if "addresses, with many browsers" in text]
    assert len(warnings) == bool(parts)
    for text in warnings:
        assert f"{tmp_path}/logs/access.log: 100% of the human hits come from at most 8 addresses" in text
        assert all(part in text for part in parts)
        assert ("session cookie" in text) == ("and a session cookie" in parts)
        assert "203.0.113" not in text


def test_each_input_is_checked_separately() -> None:
    rows = [(number, bucket) for number in (0, 3) for bucket in range(256)]
    spread = pa.table(
        {
            "input": np.array([number for number, _ in rows], np.int32),
            "bucket": np.array([bucket for _, bucket in rows], np.int16),
            "address_hits": np.array([1000 if number == 3 and bucket < 8 else 10 for number, bucket in rows]),
            "client_hits": np.array([50 for _ in rows]),
        }
    )
    assert detect_proxies(spread) == {}
    few = spread.set_column(2, "address_hits", pa.array([1000 if n == 3 and b < 8 else n // 3 for n, b in rows]))
    assert detect_proxies(few) == {3: pytest.approx(8000 / 8248)}


def test_inputs_without_human_hits_have_no_proxy() -> None:
    nothing = pa.table({name: pa.array([], pa.int64()) for name in ("input", "bucket", "address_hits", "client_hits")})
    assert detect_proxies(nothing) == {}
