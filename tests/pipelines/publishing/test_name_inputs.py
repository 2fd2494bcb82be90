"""Inputs are told by the shortest end of their path that tells them apart."""

from __future__ import annotations

import pytest

from footfall.pipelines.publishing.name_inputs import name_inputs


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([], []),
        (["/var/log/nginx/access.log"], ["access.log"]),
        (["/srv/a/access.log", "/srv/b/access.log", "/srv/b/other.log"], ["a/access.log", "b/access.log", "other.log"]),
        (["access.log", "/x/access.log"], ["access.log", "x/access.log"]),
        (["/logs/jane@example.org.log", "/logs/joe@example.org.log"], ["{email}", "{email} (2)"]),
        (["-"], ["-"]),
    ],
)
def test_names(paths: list[str], names: list[str]) -> None:
    assert name_inputs(paths) == names
