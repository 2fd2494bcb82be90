"""Weakened builds: each mutation takes one protection out of the product, in this process, for the time of a test.

A mutation is made of changes: `Rewrite` compiles a module again with one text of its source replaced, `Declare` changes
an attribute of a table's declaration, `Patch` replaces an attribute of a module. A change whose place is gone raises
`HookMissing`, so that no mutation grows old unnoticed.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from footfall.transforms.tables.published import TABLES_BY_NAME

FOLD: Final = "footfall.pipelines.publishing.fold_tables"
LOAD: Final = "footfall.pipelines.publishing.load_tables"
PUBLISH: Final = "footfall.pipelines.publishing.publish"
MERGE: Final = "footfall.pipelines.publishing.merge_days"


class HookMissing(Exception):
    """What a mutation changes is not in the product."""


class Change(Protocol):
    """Something that is done to the product and undone again."""

    def made(self) -> contextlib.AbstractContextManager[None]:
        """Make the change for a while."""


@dataclass(frozen=True)
class Rewrite:
    """A module with one text replaced by another, wherever its functions are used."""

    module: str
    old: str
    new: str

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Compile the changed source into the module, and give its names to all who imported them."""
        module = importlib.import_module(self.module)
        source = inspect.getsource(module)
        if self.old not in source:
            raise HookMissing(f"{self.module}: {self.old}")
        before = dict(vars(module))
        exec(compile(source.replace(self.old, self.new), module.__file__ or "", "exec"), vars(module))
        changed = {id(value): vars(module)[name] for name, value in before.items() if callable(value)}
        others = [
            (other, name, value)
            for key, other in list(sys.modules.items())
            if key.startswith("footfall.") and other is not module
            for name, value in list(vars(other).items())
            if id(value) in changed and getattr(value, "__module__", None) == self.module
        ]
        for other, name, value in others:
            setattr(other, name, changed[id(value)])
        try:
            yield
        finally:
            vars(module).clear()
            vars(module).update(before)
            for other, name, value in others:
                setattr(other, name, value)


@dataclass(frozen=True)
class Declare:
    """An attribute of a table's declaration with another value."""

    table: str
    attribute: str
    value: Any

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Put the value into the frozen declaration."""
        declared = vars(TABLES_BY_NAME[self.table]) if self.table in TABLES_BY_NAME else {}
        if self.attribute not in declared:
            raise HookMissing(f"{self.table}.{self.attribute}")
        before = declared[self.attribute]
        declared[self.attribute] = self.value
        try:
            yield
        finally:
            declared[self.attribute] = before


@dataclass(frozen=True)
class Patch:
    """An attribute of a module with another value."""

    module: str
    attribute: str
    value: Any

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Set it."""
        module = importlib.import_module(self.module)
        if not hasattr(module, self.attribute):
            raise HookMissing(f"{self.module}.{self.attribute}")
        before = getattr(module, self.attribute)
        setattr(module, self.attribute, self.value)
        try:
            yield
        finally:
            setattr(module, self.attribute, before)


_WITHOUT_GATE: Final = Patch(PUBLISH, "check_file", lambda *_, **__: None)


@dataclass(frozen=True)
class Mutation:
    """A protection that is taken out, and the attacks that succeed without it."""

    name: str
    changes: tuple[Change, ...]
    attacks: tuple[str, ...]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """Make all changes, and publish unchecked: the gate would refuse many of them. Raises HookMissing."""
        with contextlib.ExitStack() as stack:
            for change in (*self.changes, _WITHOUT_GATE):
                stack.enter_context(change.made())
            yield


_WITH_MARGINS: Final = (
    *("pages", "locations", "technology", "browser_versions", "os_versions"),
    *("referrers", "campaigns", "searches", "errors", "cookie_audit"),
)

MUTATIONS: Final = (
    Mutation(
        "small rows are left as they are",
        (Patch(LOAD, "fold_table", lambda *_, **__: 0),),
        ("a_campaign_of_one", "an_error_of_one", "a_site_of_few"),
    ),
    Mutation(
        "the rest may be small",
        (Rewrite(FOLD, "rest.visits < {k}", "false"),),
        ("days_of_a_week_told_apart", "a_rare_browser_in_two_tables"),
    ),
    Mutation(
        "margins are not looked at",
        tuple(Declare(table, "margins", ()) for table in _WITH_MARGINS),
        ("days_of_a_week_told_apart", "a_rare_browser_in_two_tables", "a_campaign_of_one"),
    ),
    Mutation(
        "complete days are replaced like others",
        (Patch(MERGE, "_COMPLETE", "SELECT NULL WHERE false"),),
        ("a_late_visit_to_a_complete_day",),
    ),
    Mutation(
        "k counts visits",
        (Rewrite(FOLD, "visitors <", "visits <"),),
        ("one_person_with_many_cookies",),
    ),
)
"""The weakened builds."""
HOOKS_TO_COME: Final = frozenset(
    {"margins are not looked at", "complete days are replaced like others", "k counts visits"}
)
"""Mutations whose place in the product is not built yet."""
