"""`footfall nightly`, from the command's settings to the published file: the order of a run."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from filelock import FileLock, Timeout

from footfall.geo_data.location_files import LocationError, LocationFile, choose_file
from footfall.geo_data.report import describe_locations
from footfall.pipelines.engine.choose_engine import Engine, choose_engine
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.inputs.detect_proxies import detect_proxies, warn_of_proxy
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.nightly import NightlyPlan, build
from footfall.pipelines.plan import plan_run
from footfall.pipelines.publishing.publish import Books, RunRecord, begin_file, check_old, publish
from footfall.pipelines.settings import Settings
from footfall.transforms.formats.log_formats import name_log_format
from footfall.transforms.running.failures import find_failure
from footfall.transforms.running.run_options import STANDARD_INPUT
from footfall.transforms.write_tables import read_tables

STATUS_OK: Final = 0
STATUS_WITHOUT_DAMAGED: Final = 3
SURE_SHARE: Final = 0.9
"""Of lines: where fewer fit, the operator should look at what the others are."""
MISFITS: Final = frozenset({"format", "cut", "joined"})
"""Reasons of lines that may follow another log format."""


@dataclass
class Outcome:
    """What a run did: the books, the inputs it read, those it left out, and warnings for the operator."""

    books: Books
    record: RunRecord
    inputs: list[Input]
    left_out: list[Input]
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> int:
        """The exit status of the contract."""
        return STATUS_WITHOUT_DAMAGED if any(one.problem for one in self.left_out) else STATUS_OK


Progress = Callable[[Sequence[Input]], contextlib.AbstractContextManager[None]]
"""Shows how far reading the inputs is while its context is open."""


def run_nightly(settings: Settings, beam_arguments: Sequence[str], progress: Progress) -> Outcome:
    """Read the logs, publish their days. Raises RunError; the published file then stays as it was."""
    started_at = datetime.now(UTC)
    engine = choose_engine(beam_arguments)
    db = settings.db.resolve()
    if not db.parent.is_dir():
        raise UsageError(f"{db.parent}: is no folder; make it, or name another file with --db")
    locations = _choose_locations(settings.geo_db)
    run_id = started_at.strftime("%Y%m%dT%H%M%SZ-") + uuid.uuid4().hex[:6]
    with (
        _alone(db),
        _work_folder(db) as work,
        _exchange_folder(settings, db, work) as exchange,
        contextlib.ExitStack() as files,
    ):
        check_old(db)
        readable, left_out = _examine(settings, engine)
        connection = files.enter_context(begin_file(db, work))
        plan = plan_run(settings, readable, exchange, engine.threads)
        with progress(readable):
            _run_pipeline(plan, engine)
        record = _describe_run(settings, locations, run_id, started_at)
        tables = read_tables(exchange)
        books = publish(
            connection,
            db,
            work,
            tables,
            [one.path for one in readable],
            [one.path for one in left_out if one.problem],
            record,
            replace=settings.replace,
        )
    warnings = [*_warnings(locations, readable, left_out), *_late_misfits(books, readable)]
    for number, share in detect_proxies(tables["address_spread"]).items():
        warnings.append(warn_of_proxy(readable[number], share, settings.session_cookie))
    outcome = Outcome(books, record, readable, left_out, warnings)
    outcome.seconds = (datetime.now(UTC) - started_at).total_seconds()
    return outcome


def _choose_locations(path: Path | None) -> LocationFile:
    try:
        return choose_file(path)
    except LocationError as error:
        raise UsageError(str(error)) from None


@contextlib.contextmanager
def _alone(db: Path) -> Iterator[None]:
    """Let one run at a time write a file; the lock ends with the process, however it ends."""
    path = db.with_name(f".{db.name}.lock")
    lock = FileLock(path, timeout=0)
    try:
        # FileLock takes a folder that nobody can write to for a lock that somebody holds.
        path.touch()
        lock.acquire()
    except Timeout:
        raise RunError(
            f"{db}: another run is publishing to it; wait until it has ended, or name another file with --db"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{db.parent}: cannot be written to ({type(error).__name__}); name another file with --db"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _work_folder(db: Path) -> Iterator[Path]:
    """The run's own folder beside the file, empty; what a killed run left there goes first."""
    work = db.with_name(f".{db.name}.work")
    _remove(work)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        _remove(work)


def _remove(work: Path) -> None:
    """Remove a work folder, under another name first: workers of an interrupted run then can't write to it any more."""
    gone = work.with_name(f"{work.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        work.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


@contextlib.contextmanager
def _exchange_folder(settings: Settings, db: Path, work: Path) -> Iterator[str]:
    """Where stages leave rows for each other: in the work folder, or below --temp, which a cluster's workers share."""
    if settings.temp is None:
        exchange = work / "rows"
        exchange.mkdir()
        yield str(exchange)
        return
    own = f"footfall-{hashlib.sha256(str(db).encode()).hexdigest()[:12]}"
    folder = FileSystems.join(settings.temp, own)
    try:
        _delete(folder)
        FileSystems.mkdirs(folder)
    except Exception as error:  # each filesystem raises its own
        raise UsageError(f"{settings.temp}: cannot be written to ({type(error).__name__}); check --temp") from None
    try:
        yield folder
    finally:
        _delete(folder)


def _delete(folder: str) -> None:
    if FileSystems.match([folder + "/*"])[0].metadata_list:
        FileSystems.delete([folder])


def _examine(settings: Settings, engine: Engine) -> tuple[list[Input], list[Input]]:
    """The inputs to read, and those left out: damaged ones with --skip-damaged, a folder's files that are no logs."""
    if not settings.logs:
        raise UsageError("no logs named; give paths, globs, folders, URLs or - for standard input")
    if STANDARD_INPUT in settings.logs and not engine.is_in_this_process:
        raise UsageError("standard input can only be read by the local runner; give files, or leave out --runner")
    named = list_inputs(settings.logs)
    inputs = examine_inputs(named, settings.log_format, verify=settings.skip_damaged, threads=engine.threads)
    damaged = [one for one in inputs if one.problem]
    if damaged and not settings.skip_damaged:
        raise RunError(
            f"{damaged[0].path}: {damaged[0].problem}; mend or remove it, or go on without it with --skip-damaged"
        )
    readable = [one for one in inputs if one.recognition is not None and not one.problem]
    left_out = [one for one in inputs if one not in readable]
    if not readable:
        empty = sum(one.is_empty for one in left_out)
        raise RunError(
            f"nothing to read in {named[0].path}{f' and {len(named) - 1} more' if len(named) > 1 else ''}: "
            f"{empty} empty, {len(damaged)} damaged, {len(left_out) - empty - len(damaged)} no access logs; "
            "check what was named, and that the server writes to it"
        )
    return readable, left_out


def _run_pipeline(plan: NightlyPlan, engine: Engine) -> None:
    """Run to the end. Raises RunError with what a stage told, or the kind of the engine's error."""
    failure: str
    try:
        # Beam's workers print the traces of what they fail on.
        with contextlib.redirect_stderr(io.StringIO()), beam.Pipeline(options=engine.options) as pipeline:
            build(pipeline, plan)
        return
    except Exception as error:
        # Engines wrap what a stage raised into texts of their own, which may quote anything.
        failure = find_failure(str(error)) or f"the engine failed ({type(error).__name__})"
    files = {path for _, path, *_ in plan.pieces} - {STANDARD_INPUT}
    if any(failure.startswith(f"{path}: ") for path in files):
        failure += "; mend or remove it, or go on without it with --skip-damaged"
    raise RunError(f"{failure}; nothing was published, the old file stands")


def _describe_run(settings: Settings, locations: LocationFile, run_id: str, started_at: datetime) -> RunRecord:
    chosen = settings.model_dump_json(
        exclude={"logs", "db", "temp", "first_day", "last_day", "replace", "skip_damaged"}
    )
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
        options=chosen,
    )


def _warnings(locations: LocationFile, readable: Sequence[Input], left_out: Sequence[Input]) -> list[str]:
    stale = describe_locations(locations, datetime.now(UTC).date()).warning
    warnings = [stale] if stale else []
    for one in left_out:
        warnings.append(f"{one.path}: {one.problem or one.misfit}; left out")
    for one in readable:
        found = one.recognition
        assert found is not None
        if found.fitting < SURE_SHARE * found.sampled:
            fitting = (
                f"only {found.fitting:,} of {found.sampled:,} sampled lines fit {name_log_format(found.log_format)}"
            )
            warnings.append(f"{one.path}: {fitting}; check --log-format")
        warnings += [f"{one.path}: {hint}" for hint in found.hints]
    return warnings


def _late_misfits(books: Books, readable: Sequence[Input]) -> Iterator[str]:
    """A warning for each input of which many lines are no hits, though its sampled lines fit: a change was not seen."""
    for one in readable:
        found = one.recognition
        assert found is not None
        own = [(reason, lines, first) for name, reason, lines, first in books.rejects if name == one.path]
        misfits = [(lines, first) for reason, lines, first in own if reason in MISFITS]
        count = sum(lines for lines, _ in misfits)
        total = books.lines_of[one.path] - sum(lines for reason, lines, _ in own if reason == "directive")
        if found.fitting >= SURE_SHARE * found.sampled and count > (1 - SURE_SHARE) * total:
            first = min(first for _, first in misfits)
            yield (
                f"{one.path}: {count:,} of {total:,} lines fit no {name_log_format(found.log_format)}, the first one "
                f"in line {first:,}, but the sampled lines do: did the format change there? Name each format with a "
                "--log-format of its own"
            )
