"""The order of a nightly run, from the settings to the published file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from footfall.geo_data.location_files import LocationError, LocationFile, open_location_file
from footfall.geo_data.report import describe_location_file
from footfall.pipelines.display.warn import (
    warn_of_format_changes,
    warn_of_inputs,
    warn_of_later_hits,
    warn_of_other_program,
)
from footfall.pipelines.engine.check_cluster import check_cluster, check_extras, has_other_hosts
from footfall.pipelines.engine.choose_engine import Engine, choose_engine
from footfall.pipelines.engine.job_server import start_job_server
from footfall.pipelines.engine.limit_memory import MemoryPlan
from footfall.pipelines.engine.run_pipeline import EngineFailure, run_pipeline
from footfall.pipelines.engine.scratch_folders import keep_temporary_files_in
from footfall.pipelines.engine.work_folders import lock_published_file, make_exchange_folder, make_work_folder
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.inputs.cut_inputs import cut_input, group_pieces
from footfall.pipelines.inputs.detect_proxies import describe_proxy, detect_proxies
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.examine_on_workers import THREADS_HERE, Workers
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.inputs.watch_inputs import SeenFile, check_same, see_files
from footfall.pipelines.nightly import NightlyPlan, build
from footfall.pipelines.publishing.check_bytes import read_identifiers
from footfall.pipelines.publishing.earlier_file import check_earlier_file
from footfall.pipelines.publishing.find_incomplete import find_unread
from footfall.pipelines.publishing.load_tables import RunRecord
from footfall.pipelines.publishing.merge_days import AskedDays
from footfall.pipelines.publishing.publish import Books, begin_file, publish
from footfall.pipelines.read_robots import read_robots
from footfall.pipelines.settings import HEED, Settings
from footfall.transforms.behaviour.own_hosts import choose_own_hosts, name_own_hosts
from footfall.transforms.describing.describe_agents import forget_agent_rules
from footfall.transforms.exchange.exchange_rows import remove_rows
from footfall.transforms.exchange.stored_files import use_options
from footfall.transforms.running.freed_memory import freed_memory
from footfall.transforms.running.run_options import STANDARD_INPUT, RunOptions
from footfall.transforms.running.sealed_key import KeyReceiver
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.vocabulary import VISIT_BOUND_S
from footfall.transforms.write_tables import read_tables

STATUS_OK: Final = 0
NOT_OPTIONS: Final = {
    *("logs", "db", "temp", "geo_db", "mode", "metrics", "memory"),
    *("first_day", "last_day", "replace", "complete_days", "keep_days", "skip_damaged", "strict"),
}
"""Settings without influence on the figures of a day; the digest of options leaves them out, and so all paths."""
STATUS_WITHOUT_DAMAGED: Final = 3
STATUS_INCOMPLETE: Final = 4
BUCKET_BYTES: Final = 256 * 2**20
"""Log bytes per bucket: its human hits are some 40 MB of rows, and as much again while visits are built."""
MAX_BUCKETS: Final = 4096
COMPRESSION_RATIO: Final = 12
"""Typical size of a decompressed log relative to the compressed one."""
ALL_DAYS: Final = (0, 2**22)
"""First and last day of a run without dates, counted from 1970-01-01; both fit into packed keys."""
REPAIR_HINT: Final = "repair it, let this user read it, or leave it out with --skip-damaged"


@dataclass
class RunResult:
    """What a run read and published, the inputs read and left out, and warnings for the operator."""

    books: Books
    record: RunRecord
    inputs: list[Input]
    left_out: list[Input]
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What can wait: inputs that are empty, location data that is old."""
    own_hosts: list[str] = field(default_factory=list)
    """Hosts that were found to be the sites' own, beside those that the settings name."""
    seconds: float = 0.0
    is_strict: bool = False
    """Whether an incomplete day changes the exit status too."""

    @property
    def status(self) -> int:
        """The exit status of the command; inputs that were left out come before incomplete days."""
        if any(one.read_error for one in self.left_out):
            return STATUS_WITHOUT_DAMAGED
        return STATUS_INCOMPLETE if self.is_strict and self.books.incomplete else STATUS_OK


Progress = Callable[[Sequence[Input]], contextlib.AbstractContextManager[None]]
"""Shows the progress of reading the inputs while its context is open."""


def run_nightly(settings: Settings, beam_arguments: Sequence[str], progress: Progress) -> RunResult:
    """Read the logs and publish the days in them. If it raises RunError, the published file is unchanged."""
    started_at, began = datetime.now(UTC), time.monotonic()
    engine = choose_engine(beam_arguments)
    use_options(engine.options)
    opened = (*settings.logs, *([str(settings.geo_db)] if settings.geo_db else ()))
    check_extras((*opened, settings.temp or ""), engine)
    is_cluster = has_other_hosts(engine)
    check_cluster(engine, opened, settings.temp)
    db = Path(os.path.realpath(settings.db))
    if db.is_symlink():
        raise UsageError(f"{db}: is a link that leads to itself; remove it, or give another file with --db")
    if not db.parent.is_dir():
        raise UsageError(f"{db.parent}: no such folder; create it, or give another file with --db")
    if db.exists() and not db.is_file() and not db.is_dir():
        raise UsageError(f"{db}: is a pipe, socket or device; name a regular file with --db")
    locations = _choose_locations(settings.geo_db)
    run_id = started_at.strftime("%Y%m%dT%H%M%SZ-") + uuid.uuid4().hex[:6]
    record = _describe_run(settings, locations, run_id, started_at)
    with (
        lock_published_file(db),
        make_work_folder(db) as work,
        keep_temporary_files_in(work / "tmp"),
        make_exchange_folder(settings.temp, db, work) as exchange,
        contextlib.ExitStack() as files,
    ):
        check_earlier_file(db, settings.k, settings.timezone)
        opened_by_workers = (str(settings.geo_db),) if settings.geo_db else ()
        workers = Workers(engine, exchange, work / "tmp", opened_by_workers) if is_cluster else None
        readable, left_out, seen = _examine(settings, engine, workers)
        result = RunResult(Books(), record, readable, left_out, is_strict=settings.strict)
        stale = describe_location_file(locations, datetime.now(UTC).date()).warning
        result.notices = [stale] if stale else []
        result.notices += [f"{one.path}: {one.skip_reason}; left out" for one in left_out if one.is_empty]
        result.warnings = warn_of_inputs(readable, left_out)
        if readable:
            connection = files.enter_context(
                begin_file(db, work, f"{MemoryPlan.of(settings.memory, engine.threads).database_mib}MB")
            )
            receiver = KeyReceiver()
            plan = plan_run(settings, readable, exchange, engine.threads)
            started_ms = int(started_at.timestamp() * 1000)
            counts_folder = "" if engine.is_in_this_process else exchange
            plan = replace(
                plan,
                options=replace(
                    plan.options,
                    publisher=receiver.public,
                    started_ms=started_ms,
                    last_day=record.last_day,
                    counts_folder=counts_folder,
                ),
            )
            files.enter_context(start_job_server(engine.options, work / "tmp"))
            if workers is not None:
                workers.try_once(plan.pieces[0][1])
            with progress(readable):
                _run_pipeline(plan, engine, work)
            forget_agent_rules()
            freed_memory.give_back()
            check_same(seen)
            tables = read_tables(exchange)
            met = read_identifiers(tables, receiver)
            # Deleting gigabytes takes a while.
            files.enter_context(ThreadPoolExecutor(1)).submit(remove_rows, exchange)
            result.books = publish(
                connection,
                db,
                work,
                tables,
                met,
                [one.path for one in readable],
                [one.path for one in left_out if one.read_error],
                record,
                _asked_days(settings),
                int(settings.mode, 8) if settings.mode else None,
            )
            if result.books.is_open_elsewhere:
                result.warnings.append(warn_of_other_program(db))
            result.warnings += [warn_of_later_hits(*counted) for counted in result.books.later]
            result.warnings += warn_of_format_changes(result.books, readable)
            for number, share in detect_proxies(tables["address_spread"]).items():
                result.warnings.append(describe_proxy(readable[number], share, settings.session_cookie))
            result.own_hosts = name_own_hosts(choose_own_hosts([tables["own_hosts"]]), (settings.site, *settings.hosts))
        else:
            result.books.nothing = (
                "the logs are empty; if that is no quiet night, check the paths, and that the server writes to them"
            )
            asked = _asked_days(settings)
            result.books.incomplete = find_unread(None, None, asked, settings.timezone, record.timeout_ms)
    # The clock may have been set meanwhile.
    result.seconds = time.monotonic() - began
    return result


def _asked_days(settings: Settings) -> AskedDays:
    return AskedDays(
        settings.first_day, settings.last_day, settings.replace, settings.complete_days, _oldest_day(settings)
    )


def _choose_locations(path: Path | None) -> LocationFile:
    try:
        return open_location_file(path)
    except LocationError as error:
        raise UsageError(str(error)) from None


def _examine(
    settings: Settings, engine: Engine, workers: Workers | None
) -> tuple[list[Input], list[Input], list[SeenFile]]:
    """Split the inputs into those to read and those left out: empty, damaged (with --skip-damaged), not access logs.

    The files that they are in come third. There is nothing to read only where all inputs are empty.
    """
    if not settings.logs:
        raise UsageError("no logs given; give paths, globs, folders, URLs or - for standard input")
    if STANDARD_INPUT in settings.logs and not engine.is_in_this_process:
        raise UsageError("-: only the local runner can read standard input; give files, or omit --runner")
    named = list_inputs(settings.logs)
    seen = see_files(one for one in named if not one.read_error)
    inputs = examine_inputs(
        named,
        settings.log_format,
        verify=settings.skip_damaged,
        knows_proxies=settings.trusted_proxies is not None,
        threads=THREADS_HERE if workers else engine.threads,
        elsewhere=workers.examine if workers else None,
    )
    damaged = [one for one in inputs if one.read_error]
    if damaged and not settings.skip_damaged:
        raise RunError(f"{damaged[0].path}: {damaged[0].read_error}; {REPAIR_HINT}")
    readable = [one for one in inputs if one.recognition is not None and not one.read_error]
    left_out = [one for one in inputs if one.recognition is None or one.read_error]
    empty = sum(one.is_empty for one in left_out)
    if not readable and empty < len(left_out):
        first = next(one for one in left_out if not one.is_empty)
        raise RunError(
            f"nothing to read in {named[0].path}{f' and {len(named) - 1} more' if len(named) > 1 else ''}: "
            f"{empty} empty, {len(damaged)} damaged or unreadable, {len(left_out) - empty - len(damaged)} not access "
            f"logs (the first: {first.path}: {first.read_error or first.skip_reason}); check the paths, and that the "
            "server writes to them"
        )
    return readable, left_out, seen


def plan_run(settings: Settings, inputs: Sequence[Input], folder: str, threads: int) -> NightlyPlan:
    """The plan for reading `inputs`, which were examined; `folder` takes the rows passed between stages."""
    read_bytes = sum(one.size * (1 if one.compression == "plain" else COMPRESSION_RATIO) for one in inputs)
    days = LocalDays(settings.timezone)
    first_day, last_day = _days_to_read(settings)
    timeout_ms = settings.visit_timeout_s * 1000
    memory = MemoryPlan.of(settings.memory, threads).for_log(read_bytes)
    options = RunOptions(
        folder=folder,
        bucket_count=min(MAX_BUCKETS, max(4, read_bytes * 100 // (BUCKET_BYTES * memory.percent))),
        timezone=settings.timezone,
        first_day=first_day,
        last_day=last_day,
        # One timeout for silence, one for the cookies that adopt hits in it, one for choosing among these cookies.
        begin_ms=days.day_begin_ms(first_day) - 3 * timeout_ms if settings.first_day else 0,
        end_ms=days.day_begin_ms(last_day + 1) + VISIT_BOUND_S * 1000 if settings.last_day else 2**62,
        timeout_ms=timeout_ms,
        own_hosts=settings.hosts,
        search_keys=settings.search_keys,
        app_agents=settings.app_agents,
        cookie_name=settings.session_cookie,
        geo_db=str(settings.geo_db) if settings.geo_db else None,
        trusted_proxies=settings.trusted_proxies,
        request_time_unit=settings.request_time_unit,
        kept_texts=settings.texts.keep,
        name_keys=settings.texts.name_keys,
        included_pages=settings.pages.include,
        excluded_pages=settings.pages.exclude,
        page_aliases=tuple(settings.pages.alias.items()),
        page_groups=tuple(settings.pages.group.items()),
        ignores_letter_case=settings.pages.ignores_case,
        page_keys=settings.pages.keys,
        goals=tuple((goal.path, goal.query, goal.status) for goal in settings.goals.values()),
        robots=read_robots(settings.robots),
        heeds_opt_outs=settings.opt_out == HEED,
        judges_behaviour=settings.behaviour,
        k=settings.k,
        memory_percent=memory.percent,
        threads=memory.threads,
    )
    pieces = tuple(piece for index, one in enumerate(inputs) for piece in cut_input(index, one, settings.site))
    sizes = [one.size * (1 if one.compression == "plain" else COMPRESSION_RATIO) for one in inputs]
    return NightlyPlan(pieces, tuple(group_pieces(pieces, sizes)), len(inputs), options)


def _oldest_day(settings: Settings) -> date | None:
    """Return the first day that the file keeps, None for no limit."""
    today = datetime.now(ZoneInfo(settings.timezone)).date()
    return None if settings.keep_days is None else today - timedelta(days=settings.keep_days)


def _days_to_read(settings: Settings) -> tuple[int, int]:
    """Return the first and last day to count, from 1970-01-01: the requested days, and weeks and months that they end.

    Rare values are published by week and month where a run reads the whole week or month.
    """
    last = LocalDays.number(settings.last_day) if settings.last_day else ALL_DAYS[1]
    if settings.first_day is None:
        return ALL_DAYS[0], last
    first = settings.first_day
    begin = first
    for ahead in range(min(last - LocalDays.number(first), 31) + 1):
        day = first + timedelta(days=ahead)
        next_day = day + timedelta(days=1)
        if next_day.day == 1:
            begin = min(begin, day.replace(day=1))
        elif next_day.weekday() == 0:
            begin = min(begin, max(next_day - timedelta(days=7), day.replace(day=1)))
    return LocalDays.number(begin), last


def _run_pipeline(plan: NightlyPlan, engine: Engine, work: Path) -> None:
    """Run the pipeline to its end. Raises RunError with a stage's failure, or with the engine's first cause."""
    try:
        run_pipeline(engine, lambda pipeline: build(pipeline, plan), work / "tmp", plan.options.counts_folder)
        return
    except EngineFailure as error:
        failure = str(error)
    files = {path for _, path, *_ in plan.pieces} - {STANDARD_INPUT}
    if any(failure.startswith(f"{path}: ") for path in files):
        failure += f"; {REPAIR_HINT}"
    raise RunError(f"{failure}; nothing was published, the old file is unchanged")


def _describe_run(settings: Settings, locations: LocationFile, run_id: str, started_at: datetime) -> RunRecord:
    chosen = settings.model_dump_json(exclude=NOT_OPTIONS)
    first_day, last_day = _days_to_read(settings)
    # Hits of days that have not begun are dated wrongly; nobody needs such a day, and it would stay in the file.
    today = started_at.astimezone(ZoneInfo(settings.timezone)).date()
    rules = f"ua-parser-builtins {version('ua-parser-builtins')}, crawler-user-agents {version('crawler-user-agents')}"
    return RunRecord(
        run_id=run_id,
        started_at=started_at,
        version=version("footfall"),
        k=settings.k,
        timezone=settings.timezone,
        geo_source=locations.source,
        geo_built_on=locations.built_on,
        user_agent_rules=rules,
        options_digest=hashlib.sha256(chosen.encode()).hexdigest()[:16],
        timeout_ms=settings.visit_timeout_s * 1000,
        first_day=first_day,
        last_day=min(last_day, LocalDays.number(today)),
        named_sites=frozenset({settings.site, *settings.hosts}),
        kept_texts=settings.texts.keep,
        goals=tuple(settings.goals),
        robots_sites=tuple(settings.robots),
    )
