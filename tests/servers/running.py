"""Starts servers on free ports, each with a folder of its own, and stops them."""

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
"""If this variable is set, as in `.ci/run`, a missing server fails its tests instead of skipping them."""
TIMEOUT_S = 15.0


@dataclass
class Running:
    """A running server: the folder of its logs, and its port on both loopback addresses."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def start(self, command: Sequence[str | Path], port: int | None = None) -> None:
        """Start a program of the server in the folder; if it has a port, wait until it listens."""
        messages = self.folder / f"messages-{len(self.processes)}.txt"
        with messages.open("wb") as output:
            # In its own process group, since httpd signals its whole group when it stops.
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
        """Write each message received on a UDP port, as a syslog server does, to a file; return the port."""
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
        """Answer all requests with the same short response, as the server behind a proxy; return the port."""
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
        """Stop its programs, the last one first."""
        for one in self.sockets:
            # Closing alone does not wake a thread that waits on the socket.
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
    """A folder that other users can access, and a free port; programs started with it are stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="footfall-server-"))
    # Servers started as root switch to another user.
    folder.chmod(0o777)
    running = Running(folder, free_port())
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that is free on both loopback addresses."""
    for _ in range(20):
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = int(one.getsockname()[1])
            with contextlib.suppress(OSError), socket.create_server(("::1", port), family=socket.AF_INET6):
                return port
    raise AssertionError("found no port that is free on both 127.0.0.1 and ::1")


def find_program(name: str) -> str:
    """The path of an installed server; if it is missing, the test is skipped, or fails if servers are demanded."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        remedy = f"{name} is not installed; run tests/servers/install as root"
        if os.environ.get(DEMANDED):
            pytest.fail(remedy)
        pytest.skip(remedy)
    return path


def read_log(path: Path, last: bytes, patience_s: float = TIMEOUT_S) -> list[bytes]:
    """The lines of a log once its last line contains `last`, or after `patience_s` seconds."""
    end = time.monotonic() + patience_s
    lines: list[bytes] = []
    while time.monotonic() < end and not (lines and last in lines[-1]):
        time.sleep(0.05)
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return lines
