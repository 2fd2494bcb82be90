"""An object store for all tests of a run: Moto's server, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from footfall.transforms.exchange.stored_files import use_options
from tests.commands import ROOT
from tests.stores.store import Store

SERVER = ROOT / ".venv" / "store" / "bin" / "moto_server"
PATIENCE_S = 120


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A running server with an empty bucket."""
    if not SERVER.is_file():
        assert "FOOTFALL_SERVERS" not in os.environ, "tests/stores/install installs the server"
        pytest.skip("tests/stores/install installs the server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("store") / "requests.log"
    with log.open("wb") as output:
        process = subprocess.Popen([SERVER, "-H", "127.0.0.1", "-p", str(port)], stdout=output, stderr=output)
    try:
        wait_for(port)
        store = Store(f"http://127.0.0.1:{port}", log)
        urllib.request.urlopen(urllib.request.Request(f"{store.address}/bucket", b"", method="PUT"), timeout=10).close()
        yield store
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until a server answers on a port."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers on port {port}")


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The server, whose credentials stand in the environment; this process opens objects there."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    use_options(PipelineOptions(server.options))
    yield server
    use_options(PipelineOptions([]))
