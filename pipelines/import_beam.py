"""Imports Beam without what no run uses.

Beam imports all its connectors at once. Those for MongoDB and Google Cloud bring libraries for HTTP, certificates and
parsing along, a fifth of the time that all of Beam takes to import. Whoever needs them has Beam's extra for Google
Cloud installed, and gets them. Another fifth is beartype, which Beam asks about type hints that it does not understand
itself: it is imported when that happens.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Final

_CLIENTS: Final = ("bson", "pymongo", "requests", "httplib2")
_BEARTYPE: Final = ("beartype", "beartype.door", "beartype.roar")


def import_beam() -> None:
    """Import Beam; it finds empty modules in place of some libraries, everybody else later the real ones."""
    if "apache_beam" in sys.modules or find_spec("apitools") is not None:
        return
    absent = [name for name in _CLIENTS if name not in sys.modules]
    # No module at all is an ImportError, which the connector for MongoDB and the metadata of Google's machines expect.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    if "httplib2" in absent:
        sys.modules["httplib2"] = ModuleType("httplib2")
    if "beartype" not in sys.modules:
        absent += _BEARTYPE
        sys.modules.update({name: ModuleType(name) for name in _BEARTYPE})
        vars(sys.modules["beartype.door"])["is_subhint"] = _is_subhint
        vars(sys.modules["beartype.roar"])["BeartypeDoorException"] = TypeError
    try:
        import apache_beam  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]


def _is_subhint(narrow: object, wide: object) -> bool:
    """beartype's own, which Beam has from then on."""
    from apache_beam.typehints import typehints
    from beartype.door import is_subhint
    from beartype.roar import BeartypeDoorException

    typehints.is_subhint, typehints.BeartypeDoorException = is_subhint, BeartypeDoorException
    return is_subhint(narrow, wide)
