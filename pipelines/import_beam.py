"""Imports Beam without the clients of connectors that no run uses.

Beam imports all its connectors at once. Those for MongoDB and Google Cloud bring libraries for HTTP, certificates and
parsing along, a fifth of the time that all of Beam takes to import. Whoever needs them has Beam's extra for Google
Cloud installed, and gets them.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Final

_CLIENTS: Final = ("pymongo", "requests", "httplib2")


def import_beam() -> None:
    """Import Beam; its connectors find empty modules in place of their clients, everybody else later the real ones."""
    if "apache_beam" in sys.modules or find_spec("apitools") is not None:
        return
    absent = [name for name in _CLIENTS if name not in sys.modules]
    # No module at all is an ImportError, which the connector for MongoDB and the metadata of Google's machines expect.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    if "httplib2" in absent:
        sys.modules["httplib2"] = ModuleType("httplib2")
    try:
        import apache_beam  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]
