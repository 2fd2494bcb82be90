"""Starts servers on free ports with a configuration in a folder of their own, and ends them again."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DEMANDED = "FOOTFALL_SERVERS"
"""Set (as `.ci/run` does), a server that is missing is a failure; else its tests are skipped."""
TIMEOUT_S = 15.0


@dataclass
class Running:
    """A server that runs: its folder, in which its logs are, and the port that it listens on, on both loopbacks."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def start(self, command: Sequence[str | Path], port: int | None = None) -> None:
        """Start one of its programs in the folder, and wait until it listens if it has a port."""
        messages = self.folder / f"messages-{len(self.processes)}.txt"
        with messages.open("wb") as output:
            # In a process group of its own: httpd ends all of its group.
            self.processes.append(
                subprocess.Popen(
                    [str(part) for part in command],
                    cwd=self.folder,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )
        end = time.monotonic() + TIMEOUT_S
        while port is not None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            ended = self.processes[-1].poll()
            assert ended is None, f"{command[0]} ended with {ended}: {messages.read_text('utf-8', 'replace')[-2000:]}"
            assert time.monotonic() < end, f"{command[0]} does not listen: {messages.read_text('utf-8', 'replace')}"
            time.sleep(0.05)

    def receive(self, file: str) -> int:
        """Write what comes to a UDP port, as to a syslog server, into a file, a line each; returns the port."""
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        self.sockets.append(receiver)
        path = self.folder / file

        def keep() -> None:
            with path.open("wb", buffering=0) as output, contextlib.suppress(OSError):
                while message := receiver.recv(65_536):
                    output.write(message.rstrip(b"\n") + b"\n")

        threading.Thread(target=keep, daemon=True).start()
        return int(receiver.getsockname()[1])

    def serve(self) -> int:
        """Answer everything with the same few bytes, as the server behind a proxy; returns the port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.sockets.append(listener)

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        content = b""
                        while b"\r\n\r\n" not in content and (chunk := connection.recv(65_536)):
                            content += chunk
                        body = b"" if content.startswith(b"HEAD") else b"hello\n"
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n" + body)

        threading.Thread(target=answer, daemon=True).start()
        return int(listener.getsockname()[1])

    def stop(self) -> None:
        """End its programs, the last one first."""
        for one in self.sockets:
            # Closing alone does not wake whoever waits in it.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def server_folder() -> Iterator[Running]:
    """A folder that a server may read under a user of its own, and a free port; what was started ends with it."""
    folder = Path(tempfile.mkdtemp(prefix="footfall-server-"))
    # Servers that are started as root go on as somebody else.
    folder.chmod(0o777)
    running = Running(folder, free_port())
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on, on either loopback."""
    for _ in range(20):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
            with contextlib.suppress(OSError), socket.create_server(("::1", port), family=socket.AF_INET6):
                return port
    raise AssertionError("no port is free on 127.0.0.1 and ::1")


def find_program(name: str) -> str:
    """The path of an installed server; without it the test is skipped, or fails where servers are demanded."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        remedy = f"{name} is not installed; run tests/servers/install as root"
        if os.environ.get(DEMANDED):
            pytest.fail(remedy)
        pytest.skip(remedy)
    return path


def read_log(path: Path, last: bytes, patience_s: float = TIMEOUT_S) -> list[bytes]:
    """The lines of a log as soon as one with `last` in it is there, or what it has at the end of patience."""
    end = time.monotonic() + patience_s
    lines: list[bytes] = []
    while time.monotonic() < end and not (lines and last in lines[-1]):
        time.sleep(0.05)
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return lines
