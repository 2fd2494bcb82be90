"""Settings come from footfall.toml and from flags; error messages name file, key, problem and remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from footfall.pipelines.errors import UsageError
from footfall.pipelines.settings import OPTIONS, Settings, load_settings
from footfall.transforms.vocabulary import TrustedProxies

NGINX = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent $request_time'
APACHE = '%v %h %l %u %t "%r" %>s %b %D'


def load(folder: Path, toml: str, **flags: Any) -> Settings:
    config = folder / "footfall.toml"
    config.write_text(toml, "utf-8")
    return load_settings(config, flags)


def test_flags_override_the_file_and_the_file_overrides_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, 'timezone = "Asia/Tokyo"\nk = 20\nsite = "a.example"\n', k=5)
    assert (settings.k, settings.timezone, settings.site) == (5, "Asia/Tokyo", "a.example")
    assert settings.log_format == "auto"


def test_keys_may_be_spelt_like_flags(tmp_path: Path) -> None:
    toml = 'log-format = "common"\nsearch-keys = ["frage"]\nskip-damaged = true\nlogs = ["a.log", "b.log"]\n'
    settings = load(tmp_path, toml)
    assert (settings.log_format, settings.search_keys, settings.skip_damaged) == ("common", ("frage",), True)
    assert settings.logs == ("a.log", "b.log")


def test_texts_and_opt_out_are_settings(tmp_path: Path) -> None:
    settings = load(tmp_path, 'opt-out = "count"\n[texts]\nkeep = ["/a/*"]\nname-keys = ["pupils"]\n')
    assert (settings.opt_out, settings.texts.keep, settings.texts.name_keys) == ("count", ("/a/*",), ("pupils",))
    assert load(tmp_path, '[texts]\nname_keys = ["pupils"]\n').texts.name_keys == ("pupils",)
    for toml, place in (
        ('opt-out = "no"', "opt_out"),
        ("[texts]\nkept = ['/a']", "texts.kept"),
        ("[texts]\nkeep = ['']", "texts.keep"),
    ):
        with pytest.raises(UsageError, match=f"footfall.toml: {place}: "):
            load(tmp_path, toml)


def test_pages_are_settings(tmp_path: Path) -> None:
    toml = """[pages]
include = ["/api/docs/**"]
exclude = ["/preview/**"]
alias = { "/home" = "/" }
group = { "/products/*" = "/products/…" }
letter-case = "ignore"
keys = ["page", "tx_news[news]"]
"""
    rules = load(tmp_path, toml).pages.rules
    assert (rules.include, rules.exclude, rules.ignores_case) == (("/api/docs/**",), ("/preview/**",), True)
    assert (rules.alias, rules.group) == ((("/home", "/"),), (("/products/*", "/products/…"),))
    assert rules.keys == ("page", "tx_news[news]")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('exclude = ["preview/**"]', r"pages\.exclude: 'preview/\*\*': should begin with /"),
        ('exclude = "/preview/**"', r"pages\.exclude: '/preview/\*\*': should be a list"),
        ('alias = { "/home" = "start" }', r"pages\.alias: 'start': should begin with /"),
        ('alias = { "home" = "/" }', r"pages\.alias: 'home': should begin with /"),
        ('group = { "/products/*" = "/products/*" }', r"pages\.group: .*without \*"),
        ('letter-case = "lower"', r"pages.*: 'lower': should be 'tell' or 'ignore'"),
        ('keys = ["?page="]', r"pages\.keys: '\?page=': should be a key of the query alone"),
        ('keys = "page"', r"pages\.keys: 'page': should be a list"),
        ('excluded = ["/a"]', "pages"),
    ],
)
def test_pages_that_are_wrong_are_told_with_place_and_remedy(toml: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"footfall.toml: {message}"):
        load(tmp_path, f"[pages]\n{toml}\n")


def test_goals_are_settings() -> None:
    settings = Settings.model_validate(
        {"goals": {"order": "/done", "sign up": {"path": "/join/*", "query": "step=2", "status": [200, 303]}}}
    )
    assert {name: (goal.path, goal.query, goal.status) for name, goal in settings.goals.items()} == {
        "order": ("/done", (), ()),
        "sign up": ("/join/*", ("step=2",), (200, 303)),
    }


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('order = "done"', r"goals\.order.*: 'done': should begin with /"),
        ("order = 7", r"goals\.order: 7: should be a path such as"),
        ("order = {}", r"goals\.order.*path.*Field required"),
        ('order = { path = "/a", state = 200 }', r"goals\.order\.state: 200: Extra inputs are not permitted"),
        ('order = { path = "/a", status = 99 }', r"goals\.order\.status.*: 99: should be greater"),
        ('"jane@example.org" = "/a"', r"goals\..*: 'jane@example.org': should .*letters"),
        ("\n".join(f'a{letter} = "/a"' for letter in "abcdefghijklmnopq"), "goals: .*at most 16"),
    ],
)
def test_goals_that_are_wrong_are_told_with_place_and_remedy(toml: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"footfall.toml: {message}"):
        load(tmp_path, f"[goals]\n{toml}\n")


@pytest.mark.parametrize("log_format", [NGINX, APACHE, f"log_format main '{NGINX}';", "footfall", "auto"])
def test_a_servers_own_format_string_is_a_format(log_format: str, tmp_path: Path) -> None:
    assert load_settings(None, {"log_format": log_format}).log_format == log_format
    assert load(tmp_path, f"log-format = '''{log_format}'''").log_format == log_format


FIELDS = '[json-fields]\nclient = "who.ip"\ntime = "at"\nurl = ["u", "uri"]\nduration_ms = "took"\n'
MAPPED = 'json:{"client":["who.ip"],"time":["at"],"url":["u","uri"],"duration-ms":["took"]}'


@pytest.mark.parametrize(
    ("log_format", "meant"),
    [
        ("", MAPPED),
        ('log-format = "auto"', MAPPED),
        ('log-format = "json"', MAPPED),
        ('log-format = "docker+json"', f"docker+{MAPPED}"),
        ('log-format = ["combined", "json"]', f"combined\x1e{MAPPED}"),
        ('log-format = "combined"', "combined"),
    ],
)
def test_json_fields_define_the_format_json(log_format: str, meant: str, tmp_path: Path) -> None:
    assert load(tmp_path, f"{log_format}\n{FIELDS}").log_format == meant
    assert load(tmp_path, f"{log_format}\n{FIELDS}", log_format="common").log_format == "common"


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("log-format = 'json'", "add [json-fields] to footfall.toml, or name one of caddy, traefik_json,"),
        ("json-fields = 'ip'", "json_fields: JSON fields: not a table; expected [json-fields] with lines such as"),
        (
            "[json-fields]\nclinet = 'ip'",
            "json_fields: JSON fields: 'clinet' is unknown or duplicate, expected",
        ),
        ("[json-fields]\nclient = 7", "JSON fields: client has an invalid value, expected a key or a list of keys"),
        ("[json-fields]\ntime = 't'\nurl = 't'", "'t' is both time and url, expected one field per key"),
        ("[json-fields]\nurl = 'u'", 'the time is missing: add a field such as time = "ts"'),
        ("[json-fields]\ntime = 't'", "the request is missing: add request, or method and url, and status"),
        ("log_fromat = 'common'", "log_fromat: unknown setting; did you mean log-format?"),
        ("log-fromat = 'common'", "log-fromat: unknown setting; did you mean log-format?"),
        ("colour = 'red'", "colour: unknown setting; expected one of logs, db, session-cookie,"),
        ("k = 'many'", "k: 'many': should be a valid integer"),
        ("k = 0", "k: 0: should be greater than or equal to 1"),
        ("logs = 'a.log'", "logs: 'a.log': should be a list"),
        ("replace = 'perhaps'", "replace: 'perhaps': should be a valid boolean"),
        ("timezone = 'Mars/Olympus'", "timezone: 'Mars/Olympus': not an IANA time zone; expected one such as UTC or"),
        ("timezone = 7", "timezone: 7: should be a valid string"),
        ("log_format = '$remote_addr $status'", "has no time"),
        ("log_format = 'nonsense'", "is unknown, expected a name (common, combined,"),
        ("site = ''", "site: '': should be 1 to 253 printable characters"),
        ("trusted-proxies = -1", "trusted_proxies: -1: should be the number of proxies before the server, 0 to 64, or"),
        ("trusted-proxies = true", "trusted_proxies: True: should be the number of proxies before the server"),
        ("trusted-proxies = []", "trusted_proxies: []: should be the number of proxies before the server"),
        ("trusted-proxies = ['10.0.0.1/8']", "'10.0.0.1/8' is not a network; did you mean 10.0.0.0/8?"),
        ("trusted-proxies = ['10.0.0.0/8', 'nginx']", "'nginx' is not a network; expected one such as 10.0.0.0/8,"),
        ("trusted-proxies = [10]", "10 is not a network; expected one such as"),
        ("visit_timeout_s = 5", "visit_timeout_s: 5: should be greater than or equal to 60"),
        (
            "date = 'tomorrow-ish'",
            "date: 'tomorrow-ish': not a day; expected one such as 2026-06-01, today or yesterday",
        ),
        ("date = 20260601", "date: 20260601: not a day"),
        ("date = '2026-06-01'\nto = '2026-06-02'", "date: excludes from, to and all-days; give either date or these"),
        ("all-days = true\nto = '2026-06-02'", "all_days: excludes from and to; give either all-days or these"),
        ("all_days = 'yes'", "all_days: 'yes': should be true or omitted"),
        (
            "from = '2026-06-02'\nto = '2026-06-01'",
            "the first day (2026-06-02) is after the last day (2026-06-01); swap",
        ),
        ("k = ", "not valid TOML"),
    ],
)
def test_an_error_in_the_file_names_file_key_problem_and_remedy(toml: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        load(tmp_path, toml)
    assert problem in str(raised.value)
    if "swap" not in problem:
        assert str(tmp_path / "footfall.toml") in str(raised.value)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2", 2),
        ("0", 0),
        ("10.0.0.0/8", ("10.0.0.0/8",)),
        ("192.0.2.7, 2001:DB8::/32", ("192.0.2.7/32", "2001:db8::/32")),
    ],
)
def test_trusted_proxies_are_a_number_or_networks(given: str, read: TrustedProxies, tmp_path: Path) -> None:
    assert load_settings(None, {"trusted_proxies": given}).trusted_proxies == read
    toml = given if given.isdigit() else str([part.strip() for part in given.split(",")])
    assert load(tmp_path, f"trusted-proxies = {toml}").trusted_proxies == read


def test_an_error_in_a_flag_names_the_flag(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--visit-timeout-s: 5: should be"):
        load(tmp_path, "k = 5", visit_timeout_s=5)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"footfall\.toml: cannot be read \(FileNotFoundError\); check --config"):
        load_settings(tmp_path / "footfall.toml", {})


@pytest.mark.parametrize(
    ("days", "first_day", "last_day"),
    [
        ({}, None, None),
        ({"all_days": True}, None, None),
        ({"date": "2026-06-01"}, date(2026, 6, 1), date(2026, 6, 1)),
        ({"from": "2026-06-01"}, date(2026, 6, 1), None),
        ({"to": "2026-06-01"}, None, date(2026, 6, 1)),
        ({"from": "2026-06-01", "to": "2026-06-03"}, date(2026, 6, 1), date(2026, 6, 3)),
    ],
)
def test_days_make_a_window(days: dict[str, Any], first_day: date | None, last_day: date | None) -> None:
    settings = load_settings(None, days)
    assert (settings.first_day, settings.last_day) == (first_day, last_day)


def test_a_flag_for_days_overrides_all_days_in_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, "from = 2026-01-01\nto = 2026-12-31\n", date="2026-06-01")
    assert (settings.first_day, settings.last_day) == (date(2026, 6, 1), date(2026, 6, 1))
    settings = load(tmp_path, "date = 2026-01-01\n", all_days=True)
    assert (settings.first_day, settings.last_day) == (None, None)


def test_yesterday_is_the_day_before_today_in_the_sites_zone() -> None:
    # The dates in these zones differ at every moment.
    east = load_settings(None, {"date": "yesterday", "timezone": "Pacific/Kiritimati"}).first_day
    west = load_settings(None, {"date": "yesterday", "timezone": "Etc/GMT+12"}).first_day
    assert east is not None and west is not None
    assert timedelta(days=1) <= east - west <= timedelta(days=2)
    today = datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    assert load_settings(None, {"date": "today", "timezone": "Pacific/Kiritimati"}).first_day == today


def test_every_setting_is_allowed_in_the_file() -> None:
    fields = set(Settings.model_fields) - {"first_day", "last_day"}
    assert set(OPTIONS) == fields | {"date", "from", "to", "all_days", "json_fields"}


def test_beginnings_of_app_agents_are_no_single_letters() -> None:
    assert Settings(app_agents=("ShopApp/",)).app_agents == ("ShopApp/",)
    with pytest.raises(ValueError, match="at least 3 characters"):
        Settings(app_agents=("",))
