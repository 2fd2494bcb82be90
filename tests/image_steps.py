"""Builds the container image's steps in a clean Debian root, and runs a night in it, where no container runtime is.

sudo python -m tests.image_steps [--root FOLDER] [--keep]

The root is made by debootstrap of the release that the Containerfile begins with. The host lends its name service and
its certificates; all else is the image's. It takes some minutes, most of them for compiling.
"""

from __future__ import annotations

import argparse
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.commands import ROOT

CONTAINERFILE = ROOT / "packaging" / "Containerfile"
CERTIFICATES = "/tmp/certificates.crt"
FROM = re.compile(r"docker\.io/library/debian:(\w+)-slim")


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction of the Containerfile with its text."""
    for line in CONTAINERFILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, text = line.partition(" ")
            yield name, text


class Image:
    """A root in which the steps are taken, with what they say of its environment, user and folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        self.lent: dict[str, str] = {}
        """What builds need beside that, and runs do not have."""
        self.user = "root"
        self.folder = "/"
        self.entry: list[str] = []

    def take(self, name: str, text: str) -> None:
        """Take a step. Raises CalledProcessError or ValueError if it can't be taken."""
        if name == "FROM":
            found = FROM.fullmatch(text)
            if found is None:
                raise ValueError(f"{text} is no release of Debian")
            subprocess.run(["debootstrap", "--variant=minbase", found[1], self.root], check=True, stdout=sys.stderr)
            self._lend()
        elif name == "COPY":
            *sources, target = shlex.split(text)
            into = self.root / target.lstrip("/")
            into.mkdir(parents=True, exist_ok=True)
            for pattern in sources:
                found_files = glob.glob(str(ROOT / pattern))
                if not found_files:
                    raise ValueError(f"there is no {pattern}: make wheel")
                for source in found_files:
                    shutil.copy(source, into)
        elif name == "RUN":
            self.run("/bin/sh", "-c", text, lent=self.lent)
        elif name == "ENV":
            self.environment |= dict(pair.split("=", 1) for pair in shlex.split(text))
        elif name == "USER":
            self.user = text
        elif name == "WORKDIR":
            self.folder = text
        elif name == "ENTRYPOINT":
            self.entry = re.findall(r'"([^"]+)"', text)
        else:
            raise ValueError(f"{name} is no instruction that is known here")

    def run(self, *argv: str, lent: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in the root, as the user and in the folder of the steps so far."""
        there = shlex.join(argv)
        return subprocess.run(
            [
                "chroot",
                f"--userspec={self.user}:{self.user}",
                self.root,
                "/bin/sh",
                "-c",
                f"cd {self.folder} && {there}",
            ],
            env={**self.environment, **(lent or {})},
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )

    def _lend(self) -> None:
        shutil.copy("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        certificates = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
        shutil.copy(certificates, self.root / CERTIFICATES.lstrip("/"))
        proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        self.lent = {"PIP_CERT": CERTIFICATES, "DEBIAN_FRONTEND": "noninteractive", **proxies}


def try_image(root: Path) -> None:
    """Take all steps, then run a first and a second night as the image's user."""
    image = Image(root)
    for name, text in instructions():
        began = time.monotonic()
        image.take(name, text)
        print(f"{time.monotonic() - began:6.1f} s  {name} {text[:90]}", flush=True)
    image.run(*image.entry, "sample", "-o", "/data/access.log", "--lines", "20000")
    for which in ("first", "second"):
        began = time.monotonic()
        told = image.run(
            *image.entry, "nightly", "/data/access.log", "--db", "/data/traffic.duckdb", "--replace"
        ).stdout
        if not told.startswith("published"):
            raise ValueError(f"the {which} night published nothing: {told}")
        print(f"{time.monotonic() - began:6.1f} s  {which} night, as {image.user}", flush=True)
    image.run(*image.entry, "check", "--db", "/data/traffic.duckdb")


def main() -> None:
    """Make a root, take the steps, and delete it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="an empty folder; by default a temporary one")
    parser.add_argument("--keep", action="store_true", help="leave the root there")
    chosen = parser.parse_args()
    root = chosen.root or Path(tempfile.mkdtemp(prefix="footfall-image-"))
    try:
        try_image(root)
    finally:
        if not chosen.keep:
            shutil.rmtree(root)


if __name__ == "__main__":
    main()
