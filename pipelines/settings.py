"""The settings of a run, from `footfall.toml` and from command-line flags, which override it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from footfall.pipelines.engine.limit_memory import read_mib
from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.recognition import AUTO
from footfall.transforms.describing.goal_rules import MAX_GOALS
from footfall.transforms.describing.page_rules import PageRules
from footfall.transforms.describing.robots_rules import ALL_SITES
from footfall.transforms.formats.fields import FormatError
from footfall.transforms.formats.json_formats import JSON, json_format_text
from footfall.transforms.formats.line_formats import choose_cookie
from footfall.transforms.formats.log_formats import join_log_formats
from footfall.transforms.running.failures import kind_of
from footfall.transforms.vocabulary import (
    DEFAULT_K,
    DEFAULT_SEARCH_KEYS,
    DEFAULT_SITE,
    MAX_PAGE_CHARS,
    REQUEST_TIME_UNITS,
    VISIT_TIMEOUT_S,
    TrustedProxies,
)

NEW_FILE_MODE: Final = 0o640
"""Of a published file where no mode is set."""
MAX_PROXIES: Final = 64
"""Proxies in a chain; a larger number is a mistake."""


HEED: Final = "heed"
"""The setting `opt-out` by which `Sec-GPC: 1` and `DNT: 1` are heeded."""


class Texts(BaseModel):
    """The table `[texts]`: texts that are published as they are, and keys before names of people."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, alias_generator=lambda name: name.replace("_", "-")
    )

    keep: tuple[Annotated[str, Field(min_length=1, max_length=500)], ...] = ()
    name_keys: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()


def _known_page(text: str) -> str:
    """A page, or a glob of pages. Raises ValueError."""
    if not text.startswith("/") or not text.isprintable():
        raise ValueError("should begin with /, as /products/* or /preview/** do, and be printable")
    return text


_Page = Annotated[str, Field(min_length=1, max_length=MAX_PAGE_CHARS), AfterValidator(_known_page)]


def _known_key(text: str) -> str:
    """A key of a query. Raises ValueError."""
    if not re.fullmatch(r"[\w.\[\]-]{1,50}", text):
        raise ValueError("should be a key of the query alone, as page in /index.php?page=contact")
    return text


_PageKeyName = Annotated[str, AfterValidator(_known_key)]
MAX_PAGE_KEYS: Final = 10
"""Keys that distinguish pages; each is looked for in every query."""


class Pages(BaseModel):
    """The table `[pages]`: which paths are documents and which are none, other names, by globs, and keys of pages."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, alias_generator=lambda name: name.replace("_", "-")
    )

    include: tuple[_Page, ...] = ()
    exclude: tuple[_Page, ...] = ()
    alias: dict[_Page, _Page] = {}
    group: dict[_Page, _Page] = {}
    letter_case: Literal["tell", "ignore"] = "tell"
    keys: Annotated[tuple[_PageKeyName, ...], Field(max_length=MAX_PAGE_KEYS)] = ()

    @field_validator("alias", "group")
    @classmethod
    def _plain_names(cls, named: dict[str, str]) -> dict[str, str]:
        for glob, name in named.items():
            if "*" in name:
                raise ValueError(
                    f"{glob!r} = {name!r}: should name one page, so without *; a group ends in … by custom"
                )
        return named

    @property
    def ignores_case(self) -> bool:
        """Whether pages that differ only in letter case are one page."""
        return self.letter_case == "ignore"

    @property
    def rules(self) -> PageRules:
        """The same for the descriptions of paths."""
        return PageRules(
            self.include,
            self.exclude,
            tuple(self.alias.items()),
            tuple(self.group.items()),
            self.ignores_case,
            self.keys,
        )


class GoalSetting(BaseModel):
    """A goal of the table `[goals]`: a glob of paths, and what query and status have to be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: _Page
    query: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    status: tuple[Annotated[int, Field(ge=100, lt=600)], ...] = ()

    @field_validator("query", "status", mode="before")
    @classmethod
    def _one_or_several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str | int) else given


def _as_goal(given: Any) -> Any:
    """A goal's path alone, or a table. Raises ValueError."""
    if isinstance(given, str):
        return {"path": given}
    if not isinstance(given, dict | GoalSetting):
        raise ValueError('should be a path such as "/checkout/done", or { path = "/contact", status = 303 }')
    return given


def _known_name(name: str) -> str:
    """A goal's name, which is published. Raises ValueError."""
    if not re.fullmatch(r"[^\W\d_](?:[\w -]{0,38}\w)?", name):
        raise ValueError("should be a name of at most 40 letters, digits, spaces, _ and -, beginning with a letter")
    return name


_GoalName = Annotated[str, AfterValidator(_known_name)]


def _by_site(given: Any) -> Any:
    """The robots.txt of each site; one alone is that of all sites. Raises ValueError."""
    if isinstance(given, str | Path):
        return {ALL_SITES: given}
    if not isinstance(given, dict):
        raise ValueError('should be a file such as "public/robots.txt", or a table of them by site')
    return {site.lower(): path for site, path in given.items()}


class Settings(BaseModel):
    """All settings of a run, validated. Paths are as given; days are calendar days in `timezone`, None for no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    logs: tuple[str, ...] = ()
    db: Path = Path("traffic.duckdb")
    session_cookie: str = ""
    log_format: str = AUTO
    site: str = DEFAULT_SITE
    hosts: tuple[str, ...] = ()
    timezone: str = "UTC"
    trusted_proxies: TrustedProxies = None
    request_time_unit: str = ""
    search_keys: tuple[str, ...] = DEFAULT_SEARCH_KEYS
    texts: Texts = Texts()
    pages: Pages = Pages()
    goals: dict[_GoalName, Annotated[GoalSetting, BeforeValidator(_as_goal)]] = Field({}, max_length=MAX_GOALS)
    robots: Annotated[dict[str, Path], BeforeValidator(_by_site)] = {}
    app_agents: tuple[Annotated[str, Field(min_length=3)], ...] = ()
    opt_out: Literal["heed", "count"] = "heed"
    behaviour: bool = True
    geo_db: Path | None = None
    k: int = Field(DEFAULT_K, ge=1)
    visit_timeout_s: int = Field(VISIT_TIMEOUT_S, ge=60, le=6 * 3600)
    first_day: date | None = None
    last_day: date | None = None
    replace: bool = False
    complete_days: bool = False
    strict: bool = False
    keep_days: int | None = Field(None, ge=1)
    mode: str | None = Field(None, pattern="^0?[0-7]{3}$")
    skip_damaged: bool = False
    temp: str | None = None
    memory: str | None = None
    metrics: Path | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("not an IANA time zone; expected one such as UTC or Europe/Berlin") from None
        return name

    @field_validator("memory")
    @classmethod
    def _known_size(cls, text: str | None) -> str | None:
        if text is not None:
            read_mib(text)
        return text

    @field_validator("log_format", mode="before")
    @classmethod
    def _known_format(cls, given: Any, info: ValidationInfo) -> Any:
        """One format, or a list for a mixed log. If a format logs several cookies, only the session cookie is kept."""
        texts = list(given) if isinstance(given, list | tuple) else [given]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise ValueError("should be a log format, or a list of the formats that a file mixes")
        if texts == [AUTO]:
            return AUTO
        if AUTO in texts:
            raise ValueError("auto detects all formats of a file; give either auto or the other formats")
        try:
            return join_log_formats([choose_cookie(text, info.data.get("session_cookie", "")) for text in texts])
        except FormatError as error:
            raise ValueError(str(error)) from None

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _known_proxies(cls, given: Any) -> TrustedProxies:
        """A number of proxies, or their networks: a list, or a text separated by commas, as in a flag."""
        if isinstance(given, str):
            given = int(given) if given.isdecimal() else [part.strip() for part in given.split(",")]
        if given is None or (isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= MAX_PROXIES):
            return given
        if not isinstance(given, (list, tuple)) or not given:
            raise ValueError(
                f"should be the number of proxies before the server, 0 to {MAX_PROXIES}, or their networks, such as "
                "10.0.0.0/8, 2001:db8::/32"
            )
        return tuple(_read_network(one) for one in given)

    @field_validator("request_time_unit")
    @classmethod
    def _known_unit(cls, name: str) -> str:
        if name and name not in REQUEST_TIME_UNITS:
            raise ValueError(f"not a unit; expected one of {', '.join(REQUEST_TIME_UNITS)}")
        return name

    @field_validator("site")
    @classmethod
    def _plain_site(cls, name: str) -> str:
        if not name or len(name) > 253 or not name.isprintable():
            raise ValueError("should be 1 to 253 printable characters, preferably the host name of the site")
        return name

    @model_validator(mode="after")
    def _ordered_days(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError(f"the first day ({self.first_day}) is after the last day ({self.last_day}); swap them")
        return self


def _read_network(text: Any) -> str:
    try:
        return str(ip_network(text if isinstance(text, str) else ""))
    except ValueError:
        pass
    try:
        hint = f"did you mean {ip_network(str(text), strict=False)}?"
    except ValueError:
        hint = "expected one such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32"
    raise ValueError(f"{text!r} is not a network; {hint}")


DAY_OPTIONS: Final = ("date", "from", "to", "all_days")
"""The options that set `first_day` and `last_day`, in the settings file and as flags."""
_TABLES: Final = ("texts", "pages", "goals", "robots")
"""Settings that are tables."""
JSON_FIELDS: Final = "json_fields"
"""The table that maps fields to the keys of JSON lines, for the log format `json`."""
OPTIONS: Final = (
    *(name for name in Settings.model_fields if name not in ("first_day", "last_day")),
    *DAY_OPTIONS,
    JSON_FIELDS,
)
"""The names allowed in the settings file, with _ or - between words."""


def load_settings(config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings in a TOML file, overridden by the given flags; both use the names in OPTIONS. Raises UsageError."""
    chosen = read_config(config) if config is not None else {}
    if not flags.keys().isdisjoint(DAY_OPTIONS):
        chosen = {name: value for name, value in chosen.items() if name not in DAY_OPTIONS}
    chosen |= flags

    def place(name: str) -> str:
        return f"--{name.replace('_', '-')}" if name in flags else f"{config}: {name}"

    if JSON_FIELDS in chosen:
        log_format = chosen.get("log_format", AUTO)
        try:
            chosen["log_format"] = _name_fields(log_format, chosen.pop(JSON_FIELDS))
        except FormatError as error:
            raise UsageError(f"{place(JSON_FIELDS)}: {error}") from None
    days = {name: chosen.pop(name) for name in DAY_OPTIONS if name in chosen}
    if days.get("all_days", True) is not True:
        raise UsageError(f"{place('all_days')}: {days['all_days']!r}: should be true or omitted")
    if "date" in days and len(days) > 1:
        raise UsageError(f"{place('date')}: excludes from, to and all-days; give either date or these")
    if "all_days" in days and len(days) > 1:
        raise UsageError(f"{place('all_days')}: excludes from and to; give either all-days or these")
    try:
        timezone = Settings.model_validate(chosen).timezone
        for bound, name in (("first_day", "from"), ("last_day", "to")):
            named = "date" if "date" in days else name
            if named in days:
                chosen[bound] = _read_day(days[named], timezone, place(named))
        return Settings.model_validate(chosen)
    except ValidationError as error:
        raise UsageError("; ".join(_describe_error(one, place) for one in error.errors())) from None


def _name_fields(log_format: Any, mapping: Any) -> Any:
    """The value of `log-format` with `auto` or `json` replaced by the format of a mapping. Raises FormatError."""
    if not isinstance(mapping, dict):
        raise FormatError('JSON fields: not a table; expected [json-fields] with lines such as client = "remote_ip"')
    text = json_format_text(mapping)
    if isinstance(log_format, list | tuple):
        return [_name_fields(one, mapping) for one in log_format]
    if log_format == AUTO:
        return text
    is_json = isinstance(log_format, str) and log_format.rpartition("+")[2] == JSON
    return log_format.removesuffix(JSON) + text if is_json else log_format


def read_config(config: Path) -> dict[str, Any]:
    """Return the values of a settings file as they are, under the names in OPTIONS. Raises UsageError."""
    try:
        values = tomllib.loads(config.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{config}: cannot be read ({kind_of(error)}); check --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f'{config}: not valid TOML ({error}); expected lines such as timezone = "UTC"') from None
    named = {name.replace("-", "_"): value for name, value in values.items()}
    # As the documentation writes them.
    known = [name.replace("_", "-") for name in OPTIONS]
    for name in values:
        if name.replace("-", "_") not in OPTIONS:
            close = difflib.get_close_matches(name.replace("_", "-"), known, 1)
            hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(known)}"
            raise UsageError(f"{config}: {name}: unknown setting; {hint}")
    return named


def _read_day(value: Any, timezone: str, place: str) -> date:
    """A date, `today` or `yesterday`, in the given time zone."""
    today = datetime.now(ZoneInfo(timezone)).date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value in ("today", "yesterday"):
        return today - timedelta(days=value == "yesterday")
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(
            f"{place}: {value!r}: not a day; expected one such as 2026-06-01, today or yesterday"
        ) from None


def _describe_error(error: ErrorDetails, place: Callable[[str], str]) -> str:
    """The place, value and problem of an invalid setting, in one line."""
    text = error["msg"].removeprefix("Value error, ").replace("Input should", "should").replace("valid tuple", "list")
    if not error["loc"]:
        return text
    table, *inner = map(str, error["loc"])
    depth = 2 if table == "goals" else 1
    key = "".join(f".{part}" for part in inner[:depth] if part != "[key]") if table in _TABLES else ""
    return f"{place(table)}{key}: {error['input']!r}: {text}"
