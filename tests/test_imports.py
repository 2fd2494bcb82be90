"""Imports point one way: transforms ← geo_data ← pipelines, without cycles; aliases of arrays are defined once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("pipelines", "transforms", "geo_data")
FORBIDDEN = {"transforms": ("geo_data", "pipelines"), "geo_data": ("pipelines",), "pipelines": ()}
ALIASES = "transforms.arrays"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def trees() -> dict[str, ast.Module]:
    """Module name below `footfall` → syntax tree."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return {module_name(path): ast.parse(path.read_text("utf-8"), str(path)) for path in paths}


def imported(module: str, tree: ast.AST) -> Iterator[str]:
    """The modules of this package that a module, or a part of one, imports anywhere, also in functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import in line {node.lineno}"
            source = node.module or ""
            names = [source, *(f"{source}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.startswith("footfall."):
                inner = name.removeprefix("footfall.")
                # `from package import name`: the name may be a module or a part of one.
                if inner in trees():
                    yield inner


def test_the_package_is_found() -> None:
    assert {name.partition(".")[0] for name in trees()} == set(FOLDERS)
    assert "transforms.arrays" in set(
        imported("transforms.scanning.scan_lines", trees()["transforms.scanning.scan_lines"])
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_point_one_way(folder: str) -> None:
    wrong = {
        f"{module} imports {other}"
        for module, tree in trees().items()
        if module.partition(".")[0] == folder
        for other in imported(module, tree)
        if other.partition(".")[0] in FORBIDDEN[folder]
    }
    assert not wrong


def test_there_is_no_import_cycle() -> None:
    graph = {module: set(imported(module, tree)) - {module} for module, tree in trees().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def assigned_names(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Name):
                yield target.id, statement.value
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        yield statement.target.id, statement.value


def is_array_type(value: ast.expr) -> bool:
    """Whether an expression is `NDArray[...]` or `np.typing.NDArray[...]`, perhaps quoted."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value.startswith("NDArray[")
    if not isinstance(value, ast.Subscript):
        return False
    base = value.value
    return (base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")) == "NDArray"


def test_aliases_of_arrays_are_defined_once() -> None:
    elsewhere = {
        f"{module}.{name}"
        for module, tree in trees().items()
        if module != ALIASES
        for statement in tree.body
        for name, value in assigned_names(statement)
        if is_array_type(value)
    }
    assert not elsewhere
