"""Unifies the names of regions, since DB-IP's file has several names for some.

The file calls Berlin "Berlin" in some networks and "State of Berlin" in others. Two names in a country are the same
region if they differ only in the word for its kind ("Nitra", "Nitra Region") or in apostrophes and hyphens; the more
frequent name is used. Where that word distinguishes two regions (Almaty and the region around it), NEIGHBOURS has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ALIASES: Final = {
    ("AT", "State of Salzburg"): "Salzburg",
    ("AT", "State of Vienna"): "Vienna",
    ("AU", "ACT"): "Australian Capital Territory",
    ("DE", "City state Bremen"): "Bremen",
    ("DE", "Free Hanseatic City of Bremen"): "Bremen",
    ("DE", "Free and Hanseatic City of Hamburg"): "Hamburg",
    ("DE", "Rheinland-Pfalz"): "Rhineland-Palatinate",
    ("DE", "State of Berlin"): "Berlin",
    ("FR", "Bourgogne"): "Bourgogne-Franche-Comte",
    ("FR", "New Aquitaine"): "Nouvelle-Aquitaine",
    ("FR", "Provence"): "Provence-Alpes-Cote d'Azur",
    ("FR", "Rhone-Alpes"): "Auvergne-Rhone-Alpes",
    ("HR", "City of Zagreb"): "Zagreb",
    ("HR", "County of Zagreb"): "Zagreb County",
    ("IT", "Basilicate"): "Basilicata",
    ("NO", "Aust-Agder"): "Agder",
    ("NO", "Hordaland"): "Vestland",
    ("NO", "Sogn og Fjordane"): "Vestland",
    ("NO", "Vest-Agder"): "Agder",
    ("PL", "Subcarpathian"): "Subcarpathia",
    ("SI", "Maribor City Municipality"): "Maribor",
}
"""Country and name in the file → the usual name, or the present region that contains a former one."""

NEIGHBOURS: Final = frozenset(
    {
        ("HR", "Zagreb"),
        ("KG", "Osh"),
        ("KZ", "Almaty"),
        ("LA", "Vientiane"),
        ("LV", "Jelgava"),
        ("LV", "Rezekne"),
        ("MZ", "Maputo"),
        ("PE", "Lima"),
        ("RU", "Moscow"),
        ("UZ", "Tashkent"),
    }
)
"""A city and the region around it, both first-level subdivisions, whose names differ only in the word for the kind."""

_KIND_AFTER: Final = re.compile(
    r" (?:autonomous district|county|department|district|division|governorate|krai|municipality|oblast|parish"
    r"|prefecture|province|region|state)$"
)
_KIND_BEFORE: Final = re.compile(r"^(?:municipality|district|state) of ")
_APOSTROPHES: Final = re.compile(r"['\u2018\u2019\u02bb\u02bc]")


def unify_regions(networks: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], str]:
    """Choose a name for each (country, name in the file), given the number of networks of each.

    >>> unify_regions({("SK", "Nitra"): 33, ("SK", "Nitra Region"): 769, ("SK", ""): 5})
    {('SK', 'Nitra'): 'Nitra Region', ('SK', 'Nitra Region'): 'Nitra Region', ('SK', ''): ''}
    """
    named = {(country, name): ALIASES.get((country, name), name) for country, name in networks}
    common: dict[tuple[str, str], tuple[int, str]] = {}
    for (country, name), count in networks.items():
        chosen = named[country, name]
        key = (country, _stem(country, chosen))
        # An alias has priority over any count; between equal counts the name decides.
        rank = (count if (country, name) not in ALIASES else 1 << 40, chosen)
        common[key] = max(common.get(key, rank), rank)
    return {(country, name): common[country, _stem(country, chosen)][1] for (country, name), chosen in named.items()}


def _stem(country: str, name: str) -> str:
    """Return a name without the word for its kind, apostrophes, hyphens and capitals."""
    plain = _APOSTROPHES.sub("", name.replace("-", " ").replace("\u2013", " ").lower())
    stem = _KIND_BEFORE.sub("", _KIND_AFTER.sub("", plain))
    return plain if (country, stem.capitalize()) in NEIGHBOURS else stem
