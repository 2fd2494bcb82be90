"""Writes job-server.jar: no classes, but a manifest that names Beam's jars, Flink's, and the class to start.

With it, `java -jar job-server.jar` and Beam's option --flink_job_server_jar start the job server as from one large jar.

    python tests/flink/write_job_server.py FOLDER

A job server sends all jars of its class path to Flink with each job, one at a time, and Flink sends them on to each
TaskManager: 140 jars took 16 s, twice in each run. Beam leaves out paths with `gradle/wrapper` in them, and Flink's
processes have these jars on their own class path, so that is where they are.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Final

MAIN: Final = "org.apache.beam.runners.flink.FlinkJobServerDriver"
OPENED: Final = tuple(
    f"java.base/{package}"
    for package in (
        *("java.lang", "java.lang.reflect", "java.util", "java.util.concurrent", "java.util.concurrent.atomic"),
        *("java.util.concurrent.locks", "java.net", "java.io", "java.nio", "java.text", "java.time", "sun.nio.ch"),
    )
)
"""Packages that Flink's serializers look into, and that Java 17 keeps closed otherwise."""
NOT_SENT: Final = "gradle/wrapper"
"""Of a path: jars below such a folder are not sent with a job (Beam 2.62, `PipelineResources.isStageable`)."""
LINE_BYTES: Final = 70
"""Of a manifest; longer lines go on after a line break and a space."""


def list_jars(folder: Path) -> list[Path]:
    """The jars of the class path of all of Flink's processes, in a fixed order."""
    return sorted((folder / NOT_SENT).glob("*/*.jar"))


def write_job_server(folder: Path) -> Path:
    """Write `folder`/job-server.jar and return its path."""
    lines = (
        "Manifest-Version: 1.0",
        f"Main-Class: {MAIN}",
        f"Add-Opens: {' '.join(OPENED)}",
        f"Class-Path: {' '.join(jar.relative_to(folder).as_posix() for jar in list_jars(folder))}",
    )
    folded = [
        "\r\n ".join(line[begin : begin + LINE_BYTES] for begin in range(0, len(line), LINE_BYTES)) for line in lines
    ]
    path = folder / "job-server.jar"
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "\r\n".join(folded) + "\r\n\r\n")
    return path


if __name__ == "__main__":
    write_job_server(Path(sys.argv[1]))
