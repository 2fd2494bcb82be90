"""The command `footfall compile`: compiles the kernels before the first night, by a night of its own on a sample."""

from __future__ import annotations

import contextlib
import gzip
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click

_LINES = 2_000


@click.command("compile")
def compile_kernels() -> None:
    """Compile the kernels for this machine, which the first run would do otherwise. Takes a minute or two, once.

    Run it as the user who installed Footfall: the machine code is then kept in the installation, for all users. Each
    kind of processor needs machine code of its own.
    """
    from footfall.pipelines.run import run_nightly
    from footfall.pipelines.sample.families import write_families
    from footfall.pipelines.sample.write_sample import write_sample
    from footfall.pipelines.settings import load_settings

    began = time.monotonic()
    with TemporaryDirectory(prefix="footfall-compile-") as name:
        folder = Path(name)
        for log_format in ("footfall", "combined"):
            write_sample(folder / f"{log_format}.log", _LINES, 1, 2, log_format=log_format)
        # Two inputs with the same lines are compared, and compressed ones are read by other means.
        packed = gzip.compress((folder / "footfall.log").read_bytes())
        (folder / "footfall.log.1.gz").write_bytes(packed)
        for family, content in write_families().items():
            (folder / f"{family}.log").write_text(content, "utf-8")
        settings = load_settings(None, {"logs": (str(folder / "*.log*"),), "db": folder / "sample.duckdb"})
        run_nightly(settings, (), lambda _: contextlib.nullcontext())
    click.echo(f"the kernels are compiled ({time.monotonic() - began:.0f} s)")
