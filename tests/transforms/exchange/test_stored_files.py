"""Folders are deleted with all that is in them: in object stores, where there are none, by the names of objects."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest

from footfall.transforms.exchange import stored_files
from footfall.transforms.exchange.stored_files import make_private_folder, remove_folder


class Store:
    """An object store, as Beam's filesystems show it; `delete` knows objects only."""

    def __init__(self, *names: str) -> None:
        self.names = set(names)

    def join(self, *parts: str) -> str:
        """The parts, with a slash between each."""
        return "/".join(parts)

    def match(self, patterns: list[str]) -> list[SimpleNamespace]:
        """The objects whose names match."""
        found = [SimpleNamespace(path=name) for name in sorted(self.names) if fnmatch(name, patterns[0])]
        return [SimpleNamespace(metadata_list=found)]

    def delete(self, paths: list[str]) -> None:
        """Delete objects; a name that is none is an error."""
        for path in paths:
            self.names.remove(path)


def test_objects_below_a_name_are_deleted_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("gs://b/own/1/a.rows", "gs://b/own/1/table.x.arrows", "gs://b/own/2/b.rows", "gs://b/other/c.rows")
    monkeypatch.setattr(stored_files, "_filesystems", lambda: store)
    make_private_folder("gs://b/own")
    remove_folder("gs://b/own")
    assert store.names == {"gs://b/other/c.rows"}
    remove_folder("gs://b/own")
    assert store.names == {"gs://b/other/c.rows"}


def test_a_folder_is_deleted_with_what_a_stopped_deletion_left(tmp_path: Path) -> None:
    own = tmp_path / "own"
    make_private_folder(str(own))
    assert own.stat().st_mode & 0o777 == 0o700
    (own / "1").mkdir()
    (own / "1" / "a.rows").touch()
    (tmp_path / "own.gone").mkdir()
    (tmp_path / "own.gone" / "b.rows").touch()
    remove_folder(str(own))
    remove_folder(str(own))
    assert list(tmp_path.iterdir()) == []
