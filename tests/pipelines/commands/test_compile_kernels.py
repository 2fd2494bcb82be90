"""After `footfall compile`, a night compiles nothing more, whatever the format of its logs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from footfall.pipelines.inputs.recognize import Recognition, recognize
from footfall.pipelines.sample.families import write_families
from footfall.transforms.formats.log_formats import WRAPPINGS
from tests.commands import ROOT
from tests.test_fuzz import ENVELOPES, JSON_LINES

COUNT = """
import sys
from numba.core.dispatcher import Dispatcher
from footfall.pipelines.cli import footfall

def signatures():
    return {
        f"{module}.{name}{kernel.signatures}"
        for module, content in list(sys.modules.items()) if module.startswith("footfall.")
        for name, kernel in list(vars(content).items())
        if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == module
    }

footfall(["compile"], standalone_mode=False)
before = signatures()
footfall(["nightly", *sys.argv[1:], "--db", "traffic.duckdb", "--quiet"], standalone_mode=False)
print(*sorted(signatures() - before), sep="\\n", end="")
"""


def test_the_logs_of_families_are_recognized_between_them_all_wrappings() -> None:
    found = {name: recognize(content.encode(), None) for name, content in write_families().items()}
    told = [one.log_format for one in found.values() if isinstance(one, Recognition)]
    assert len(told) == len(found)
    assert {name for one in told for name in one.split("+")[:-1]} == set(WRAPPINGS)


def test_nights_compile_nothing_more(tmp_path: Path) -> None:
    line = (
        b'192.0.2.9 - - [02/Jun/2026:11:00:00 +0200] "GET /b HTTP/2.0" 404 17 "https://www.example.org/" "Mozilla/5.0"'
    )
    logs = {
        "combined": line,
        **{name: wrap(line) for name, wrap in ENVELOPES.items()},
        **JSON_LINES,
        "w3c": b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-06-02 11:00:00 192.0.2.9 POST /b 500",
        "cloudfront": b"#Fields: date time c-ip cs-method cs(Host) cs-uri-stem sc-status\n"
        b"2026-06-02\t11:00:00\t192.0.2.9\tGET\twww.example.org\t/b\t200",
    }
    for name, content in logs.items():
        (tmp_path / f"{name}.log").write_bytes(content + b"\n")
    ran = subprocess.run(
        [sys.executable, "-c", COUNT, *(f"{name}.log" for name in logs)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[1:] == []
