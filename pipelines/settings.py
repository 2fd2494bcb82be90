"""What a user can set: the options of `nightly`, from `footfall.toml` and from flags; flags win."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.refusals import UsageError
from transforms.line_formats import FormatError, compile_format
from transforms.vocabulary import DEFAULT_K, DEFAULT_SEARCH_KEYS, DEFAULT_SITE, VISIT_TIMEOUT_S

AUTO = "auto"


class Settings(BaseModel):
    """All options of a run, checked. Paths are as given; days are whole calendar days in `timezone`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    logs: tuple[str, ...] = ()
    db: Path = Path("traffic.duckdb")
    log_format: str = AUTO
    site: str = DEFAULT_SITE
    hosts: tuple[str, ...] = ()
    timezone: str = "UTC"
    session_cookie: str = ""
    search_keys: tuple[str, ...] = DEFAULT_SEARCH_KEYS
    geo_db: Path | None = None
    k: int = Field(DEFAULT_K, ge=1)
    visit_timeout_s: int = Field(VISIT_TIMEOUT_S, ge=60, le=6 * 3600)
    first_day: date | None = None
    last_day: date | None = None
    replace: bool = False
    skip_damaged: bool = False
    temp: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no IANA time zone; expected one such as UTC or Europe/Berlin") from None
        return name

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, text: str) -> str:
        if text != AUTO:
            try:
                compile_format(text)
            except FormatError as error:
                raise ValueError(str(error)) from None
        return text

    @field_validator("site")
    @classmethod
    def _plain_site(cls, name: str) -> str:
        if not name or len(name) > 253 or not name.isprintable():
            raise ValueError("a site is named by one to 253 printable characters, best its host name")
        return name

    @model_validator(mode="after")
    def _ordered_days(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError(f"the first day ({self.first_day}) is after the last one ({self.last_day})")
        return self


def load_settings(config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings of a TOML file, overridden by flags that were given. Raises UsageError."""
    values: dict[str, Any] = {}
    if config is not None:
        try:
            values = tomllib.loads(config.read_text("utf-8"))
        except OSError as error:
            raise UsageError(f"{config}: cannot be read ({type(error).__name__}); check --config") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{config}: is no valid TOML ({error})") from None
    try:
        return Settings.model_validate({**{name.replace("-", "_"): value for name, value in values.items()}, **flags})
    except ValidationError as error:
        where = f"{config} or flags" if config else "flags"
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise UsageError(f"{where}: {problems}") from None
