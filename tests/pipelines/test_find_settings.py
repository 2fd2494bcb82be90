"""Where a settings file is looked for, and what `footfall settings` tells of the origin of each value."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines import find_settings
from footfall.pipelines.commands.show_settings import as_toml
from footfall.pipelines.settings import OPTIONS, load_settings
from tests.commands import Operator, write_log


@pytest.fixture
def places(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The places of settings files, in order; none has one yet."""
    own, system = operator.folder / "own", operator.folder / "etc"
    own.mkdir()
    system.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own))
    monkeypatch.setattr(find_settings, "SYSTEM_FOLDER", system)
    return [Path("footfall.toml"), own / "footfall.toml", system / "footfall.toml"]


def traced(operator: Operator, *arguments: str | Path) -> dict[str, Any]:
    """What `footfall settings --json` prints."""
    ended = operator.run("settings", "--json", *arguments)
    assert (ended.status, ended.err) == (0, "")
    read: dict[str, Any] = json.loads(ended.out)
    return read


def test_the_first_file_that_is_there_counts_alone(operator: Operator, places: list[Path]) -> None:
    assert traced(operator)["config"] is None
    for k, place in zip((40, 30, 20), reversed(places), strict=True):
        place.write_text(f"k = {k}\n" + ('site = "a.example"\n' if k == 40 else ""))
        found = traced(operator)
        assert (found["config"], found["searched"]) == (str(place), list(map(str, places)))
        assert found["settings"]["k"] == {"value": k, "origin": str(place)}
        assert found["settings"]["site"]["value"] == ("a.example" if k == 40 else "default")
    (operator.folder / "given.toml").write_text("k = 10\n")
    found = traced(operator, "--config", "given.toml")
    assert (found["config"], found["searched"]) == ("given.toml", ["given.toml"])


def test_all_commands_with_settings_search_alike(operator: Operator, places: list[Path]) -> None:
    write_log(operator.folder / "a.log")
    places[2].write_text(f'logs = ["{operator.folder}/a.log"]\nk = 0\n')
    for command in ("nightly", "doctor", "install-timer", "settings", "parse"):
        ended = operator.run(command, *(["a.log"] if command == "parse" else []))
        assert ended.status == 2, command
        assert f"{places[2]}: k: 0: should be" in ended.err
    places[2].write_text(f'logs = ["{operator.folder}/a.log"]\nk = 2\n')
    assert operator.nightly().status == 0
    assert operator.query("SELECT k FROM runs") == [(2,)]


def test_a_relative_folder_of_the_user_is_ignored(
    operator: Operator, places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    places[1].write_text("k = 30\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", "own")
    assert traced(operator)["searched"] == [str(places[0]), str(places[2])]
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(operator.folder))
    assert traced(operator)["searched"][1] == str(operator.folder / ".config" / "footfall.toml")


def test_each_value_has_its_origin(operator: Operator, places: list[Path]) -> None:
    places[1].write_text('k = 30\nsite = "a.example"\nfrom = 2026-06-01\nto = 2026-06-02\n[texts]\nkeep = ["/a"]\n')
    found = traced(operator, "a.log", "--k", "20", "--log-format", "combined", "--date", "2026-07-01")["settings"]
    assert set(found) == {name.replace("_", "-") for name in OPTIONS}
    assert {name: tuple(found[name].values()) for name in ("logs", "k", "site", "texts", "date", "from", "db")} == {
        "logs": (["a.log"], "command line"),
        "k": (20, "command line"),
        "site": ("a.example", str(places[1])),
        "texts": ({"keep": ["/a"], "name-keys": []}, str(places[1])),
        "date": ("2026-07-01", "command line"),
        # Days on the command line take the place of those in the file.
        "from": (None, "default"),
        "db": ("traffic.duckdb", "default"),
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.log", "b c.log", "--k", "3", "--no-behaviour", "--strict", "--host", "a.example", "--host", "b.example"),
        ("--log-format", '$remote_addr [$time_local] "$request" $status "\\$"', "--trusted-proxies", "10.0.0.0/8"),
        ("--log-format", "combined", "--log-format", "common", "--trusted-proxies", "2", "--mode", "0600"),
        ("--config", "own.toml"),
    ],
)
def test_what_it_prints_is_a_settings_file(arguments: tuple[str, ...], operator: Operator, places: list[Path]) -> None:
    (operator.folder / "own.toml").write_text(
        'date = 2026-06-01\n[pages]\nalias = { "/h\\"ome" = "/" }\nletter-case = "ignore"\n'
        '[json-fields]\ntime = "t"\nrequest = ["r", "s"]\n'
    )
    ended = operator.run("settings", *arguments)
    assert ended.status == 0, ended.err
    (operator.folder / "printed.toml").write_text(ended.out)
    was, now = traced(operator, *arguments)["settings"], traced(operator, "--config", "printed.toml")["settings"]
    assert {name: one["value"] for name, one in was.items()} == {name: one["value"] for name, one in now.items()}
    if not arguments:
        assert load_settings(Path("printed.toml"), {}) == load_settings(None, {})


def test_texts_are_escaped_as_toml_has_them(tmp_path: Path) -> None:
    value = {'a "b\\': ["\x00\x1f\x7f\n\u2028ä😀", True, 7], "t": {}}
    assert tomllib.loads(f"v = {as_toml(value)}")["v"] == value
