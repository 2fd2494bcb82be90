"""The texts of the report's page, a module for each language. A test sees that all have the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from footfall.pipelines.report.texts.english import ENGLISH
from footfall.pipelines.report.texts.german import GERMAN

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "de": GERMAN}
"""Text by key, by language code. `{…}` stands for a figure or a name."""
