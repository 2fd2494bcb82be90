"""The memory of a run over logs that are made to take all of it: each text new, one client's millions of hits.

python benchmarks/hostile.py --folder FOLDER [--lines 3000000] [--kinds paths agents …] [--limit 1536] [-- OPTION …]

Each log is made, read by `footfall nightly`, and deleted. Printed are the time, and the largest sum of the proportional
set sizes (PSS) of the process and its children, looked at every 50 ms; the exit status is 1 if one is above the limit
in MiB. What comes after `--` is given to the run. Linux only.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from nightly import _memory, _tree

from footfall.transforms.vocabulary import FLOOD_HITS

_WORDS: Final = [
    f"{a}{b}{c}" for a in ("bar", "den", "fol", "gar", "lin") for b in "aeiou" for c in ("ber", "kot", "mas", "ten")
]
_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_AT_ONCE: Final = 50_000
_LOOK_EVERY_S: Final = 0.05
_DAY_S: Final = 86_400


def words(number: int) -> str:
    """Another text for each number, of words in which nothing looks personal."""
    chosen = []
    for _ in range(4):
        number, place = divmod(number, len(_WORDS))
        chosen.append(_WORDS[place])
    return "-".join(chosen)


def line(
    number: int,
    lines: int,
    *,
    client: str | None = None,
    path: str = "/",
    referrer: str = "-",
    agent: str = _BROWSER,
    status: int = 200,
    host: str = "www.example.org",
    cookie: str = "-",
    days: int = 2,
) -> str:
    """A line with a virtual host, on one of some days; without a client, every ten lines are one of half a million."""
    second = number * days * _DAY_S // lines
    day, rest = divmod(second, _DAY_S)
    time_text = f"{day + 1:02}/Jun/2026:{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02} +0000"
    someone = client or f"10.{number // 10 % 8}.{number // 80 % 256}.{number // 20_480 % 256}"
    return f'{host} {someone} - - [{time_text}] "GET {path} HTTP/1.1" {status} 512 "{referrer}" "{agent}" "{cookie}"\n'


def client(number: int) -> str:
    """Another address for each number."""
    return f"2001:db8:{number >> 32:x}:{number >> 16 & 0xFFFF:x}::{number & 0xFFFF:x}"


KINDS: Final[dict[str, Callable[[int, int], str]]] = {
    "one client": lambda n, of: line(n, of, client="192.0.2.1", path=f"/{words(n % 200)}.html"),
    # Each day has a few hits less than make a flood.
    "steady client": lambda n, of: line(
        n, of, client="192.0.2.1", path=f"/{words(n % 200)}.html", days=-(-of // (FLOOD_HITS - 1))
    ),
    "one address": lambda n, of: line(
        n, of, client="192.0.2.1", agent=f"Mozilla/5.0 (X11; Linux x86_64) {words(n).title()}/{n % 90}.0"
    ),
    "one cookie": lambda n, of: line(n, of, client=client(n), cookie="c00c1e"),
    "cookies": lambda n, of: line(n, of, cookie=f"{n:016x}"),
    "cookies of one client": lambda n, of: line(n, of, client="192.0.2.1", cookie=f"{n:016x}"),
    "clients": lambda n, of: line(n, of, client=client(n)),
    "agents": lambda n, of: line(n, of, agent=f"Mozilla/5.0 (X11; Linux x86_64) {words(n).title()}/{n % 90}.0"),
    "shared agents": lambda n, of: line(
        n, of, client=client(n), agent=f"Mozilla/5.0 (X11; Linux x86_64) {words(n // 2).title()}/{n // 2 % 90}.0"
    ),
    # Of each page that a client opens, it loads an image.
    "pages with parts": lambda n, of: line(
        n,
        of,
        client=client(n // 2),
        path=f"/{words(n // 2)}.html" if n % 2 == 0 else "/logo.png",
        referrer="-" if n % 2 == 0 else f"https://www.example.org/{words(n // 2)}.html",
    ),
    # Two clients open each link, and read on.
    "links": lambda n, of: line(
        n, of, client=client(n // 4), path=f"/?id={words(n // 8)}" if n % 4 == 0 else f"/{'abc'[n % 4 - 1]}.html"
    ),
    "referrers of parts": lambda n, of: line(n, of, path="/logo.png", referrer=f"https://{words(n)}.com/"),
    "bots": lambda n, of: line(n, of, agent=f"{words(n).title()}bot/1.0 (+https://www.example.net/bot)"),
    "paths": lambda n, of: line(n, of, path=f"/{words(n)}.html"),
    "missing": lambda n, of: line(n, of, path=f"/{words(n)}.html", referrer="https://www.example.org/", status=404),
    "downloads": lambda n, of: line(n, of, path=f"/{words(n)}.pdf"),
    "crawled folders": lambda n, of: line(n, of, path=f"/{words(n)}/a.html", agent="Googlebot/2.1"),
    "referrers": lambda n, of: line(n, of, referrer=f"https://{words(n)}.example.com/{words(n)}"),
    "phrases": lambda n, of: line(n, of, path=f"/search?q={words(n).replace('-', '+')}"),
    "campaigns": lambda n, of: line(n, of, path=f"/?utm_source={words(n)}&utm_medium=mail&utm_campaign={words(n)}"),
    "hosts": lambda n, of: line(n, of, host=f"{words(n)}.example.org"),
    "everything": lambda n, of: line(
        n,
        of,
        client=client(n),
        path=f"/{words(n)}.html?q={words(n)}&utm_campaign={words(n)}",
        referrer=f"https://{words(n)}.example.com/{words(n)}",
        agent=f"Mozilla/5.0 (X11; Linux x86_64) {words(n).title()}/{n % 90}.0",
    ),
    "long lines": lambda n, of: line(n, of, path=f"/{words(n)}/{'x-' * 12_000}") if n % 25 == 0 else "",
    "bomb": lambda n, of: line(n, of, path=f"/?a={'x-' * 12_000}") if n % 10 == 0 else "",
}


def blocks(kind: str, lines: int) -> Iterator[bytes]:
    """The log of a kind, in parts."""
    make = KINDS[kind]
    for begin in range(0, lines, _AT_ONCE):
        yield "".join(make(number, lines) for number in range(begin, min(begin + _AT_ONCE, lines))).encode()


def write_hostile(folder: Path, kind: str, lines: int) -> Path:
    """Make the log of a kind; compressed where it is about that."""
    path = folder / f"{kind.replace(' ', '-')}.log{'.gz' if kind == 'bomb' else ''}"
    with path.open("wb") as stored, gzip.open(stored, "wb", 1) if kind == "bomb" else stored as log:
        for block in blocks(kind, lines):
            log.write(block)
    return path


def measure(argv: list[str], messages: Path) -> tuple[float, int, int]:
    """Run a program: its wall time, its peak in bytes and its exit status."""
    began, peak = time.monotonic(), 0
    with messages.open("wb") as stream:
        process = subprocess.Popen(argv, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, sum(map(_memory, _tree(process.pid))))
            time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - began, peak, process.returncode


def main() -> int:
    """Measure and print."""
    argv = sys.argv[1:]
    given, options = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where one log at a time is kept")
    parser.add_argument("--lines", type=int, default=3_000_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("--limit", type=int, default=1536, help="in MiB")
    chosen = parser.parse_args(given)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    too_much = False
    for kind in chosen.kinds:
        log, db = write_hostile(chosen.folder, kind, chosen.lines), chosen.folder / "traffic.duckdb"
        size = log.stat().st_size
        messages = chosen.folder / f"{kind.replace(' ', '-')}.txt"
        program = str(Path(sys.executable).with_name("footfall"))
        format_ = '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{sid}C"'
        command = [program, "nightly", str(log), "--db", str(db), "--log-format", format_, *options]
        seconds, peak, status = measure([*command, "--", "--direct_num_workers=2"], messages)
        published = db.stat().st_size if db.exists() else 0
        print(
            f"{kind:<21} {size / 2**20:>7,.0f} MiB of log {seconds:>6.1f} s {peak / 2**20:>6,.0f} MiB memory "
            f"{published / 2**20:>5,.0f} MiB file, status {status}",
            flush=True,
        )
        too_much |= peak > chosen.limit * 2**20 or status != 0
        log.unlink()
        db.unlink(missing_ok=True)
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
