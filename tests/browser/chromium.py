"""A headless Chromium, driven over the pipe of its DevTools protocol.

Its command line has no window narrower than 500 pixels; the protocol sets any size, presses keys, and prints.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

CHROMIUM: Final = shutil.which("chromium")
_OPTIONS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe")
_KEYS: Final[Mapping[str, tuple[int, str]]] = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    " ": (32, " "),
    "ArrowLeft": (37, ""),
    "ArrowRight": (39, ""),
}


class Browser:
    """One page of a browser of its own: `with Browser() as browser: browser.open(path)`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        (theirs_in, self._out), (self._in, theirs_out) = os.pipe(), os.pipe()
        # Chromium reads from 3 and writes to 4, which may be numbers of pipes already.
        theirs_in, theirs_out = (_move_up(one) for one in (theirs_in, theirs_out))
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash"),
                *(CHROMIUM or "", *_OPTIONS, f"--user-data-dir={self._folder.name}", "about:blank"),
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self._folder.name},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._calls, self._loads, self._session, self._read = 0, 0, "", b""
        self.messages: list[str] = []
        """What the console said."""
        page = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(30)
        os.close(self._in)
        os.close(self._out)
        self._folder.cleanup()

    def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._calls += 1
        call: dict[str, Any] = {"id": self._calls, "method": method, "params": given}
        if self._session:
            call["sessionId"] = self._session
        os.write(self._out, json.dumps(call).encode() + b"\0")
        while (told := self._receive()).get("id") != self._calls:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        return dict(told["result"])

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = os.read(self._in, 1 << 16)
            if not more:
                raise RuntimeError("Chromium ended")
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        given = told.get("params", {})
        if told.get("method") == "Runtime.consoleAPICalled":
            self.messages.append(str([one.get("value") for one in given["args"]]))
        elif told.get("method") == "Runtime.exceptionThrown":
            self.messages.append(str(given["exceptionDetails"]))
        elif told.get("method") == "Page.loadEventFired":
            self._loads += 1
        elif told.get("method") == "Log.entryAdded":
            self.messages.append(given["entry"]["text"])
        return told

    def open(
        self,
        page: Path,
        address: str = "",
        *,
        width: int = 1400,
        height: int = 900,
        dark: bool = False,
        medium: str = "screen",
    ) -> None:
        """Open a file in a window of that size, and wait until it is loaded and drawn."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[scheme])
        # Between two addresses of one file nothing would be loaded.
        for url in ("about:blank", f"{page.as_uri()}{address}"):
            loads = self._loads
            self.call("Page.navigate", url=url)
            while self._loads == loads:
                self._receive()
        # What the page does once it is drawn, it does between two pictures.
        self.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))")

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression, or of its promise."""
        told = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"])[:2_000])
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, as a reader without a mouse does."""
        code, text = _KEYS[key]
        for kind in ("keyDown", "keyUp"):
            told = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **told)

    def screenshot(self) -> bytes:
        """Return what is in the window, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def print(self) -> bytes:
        """Return the page on paper, as PDF."""
        # What `open` has set holds for paper, too.
        self.call("Emulation.setEmulatedMedia", media="print")
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])


def _move_up(pipe: int) -> int:
    moved = fcntl.fcntl(pipe, fcntl.F_DUPFD, 10)
    os.close(pipe)
    return moved
