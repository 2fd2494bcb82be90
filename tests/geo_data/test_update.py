"""`footfall geo update` checks a location file before use, replaces the old one at once, and keeps it."""

from __future__ import annotations

import datetime
import gzip
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.geo_data.location_files import EMBEDDED_PATH, LocationError, open_location_file
from footfall.geo_data.update import KNOWN_ADDRESSES, check_locations, update_locations
from tests.commands import Operator

DATA = Path(__file__).parent / "data"
BUILT = open_location_file(EMBEDDED_PATH).built_on


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Operator(tmp_path, capsys)


def built_later(days: int) -> bytes:
    """The embedded file with a later date in its metadata: a number of eight bytes or fewer after its name."""
    content = bytearray(EMBEDDED_PATH.read_bytes())
    place = content.rindex(b"build_epoch") + len(b"build_epoch")
    # The control byte of an unsigned 64-bit integer is 0 with its size, and 2 in the next byte.
    size = content[place] & 31
    assert content[place + 1] == 2
    begin = place + 2
    epoch = int.from_bytes(content[begin : begin + size], "big") + days * 86_400
    content[begin : begin + size] = epoch.to_bytes(size, "big")
    return bytes(content)


def in_archive(content: bytes, name: str = "GeoLite2-City_20260901/GeoLite2-City.mmdb") -> bytes:
    """A tar with gzip as MaxMind sends it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for one, text in (("GeoLite2-City_20260901/COPYRIGHT.txt", b"licence"), (name, content)):
            member = tarfile.TarInfo(one)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return packed.getvalue()


def names(folder: Path) -> list[str]:
    """The names of a folder's files, but for the sources of a test."""
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith("source"))


def test_the_embedded_file_passes_its_own_checks() -> None:
    assert check_locations(EMBEDDED_PATH, "embedded") == BUILT
    assert len(KNOWN_ADDRESSES) == 10


@pytest.mark.parametrize("pack", [bytes, lambda content: gzip.compress(content, 1), in_archive])
def test_a_newer_file_takes_the_place_of_the_old_one_which_is_kept(pack: object, operator: Operator) -> None:
    assert callable(pack)
    target = operator.folder / "locations.mmdb"
    target.write_bytes(EMBEDDED_PATH.read_bytes())
    target.chmod(0o640)
    newer = built_later(30)
    (operator.folder / "source").write_bytes(pack(newer))
    (operator.folder / "footfall.toml").write_text('geo-db = "locations.mmdb"\n')
    ended = operator.run("geo", "update", "source")
    later = BUILT + datetime.timedelta(days=30)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == (f"locations.mmdb: built on {later}, replaces that of {BUILT}, kept as locations.mmdb.old\n")
    assert target.read_bytes() == newer
    assert target.stat().st_mode & 0o777 == 0o640
    assert (operator.folder / "locations.mmdb.old").read_bytes() == EMBEDDED_PATH.read_bytes()
    ended = operator.run("geo", "update", "source")
    assert (ended.status, ended.out) == (0, f"locations.mmdb: up to date, built on {later}\n")
    assert names(operator.folder) == ["footfall.toml", "locations.mmdb", "locations.mmdb.old"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (None, "source: cannot be read (FileNotFoundError); give a location file or an https address"),
        (b"no location file" * 100, "source: not a MaxMind DB file, or a damaged one"),
        (built_later(30)[:-200_000], "source: not a MaxMind DB file, or a damaged one"),
        (gzip.compress(built_later(30), 1)[:-5_000], "source: the gzip data is damaged; fetch it again"),
        (in_archive(b"x", "a/read.me"), "source: the archive has no .mmdb file"),
        (built_later(-30), "older than locations.mmdb of"),
        ((DATA / "GeoLite2-ASN-Test.mmdb").read_bytes(), "which geoip2 can't read countries from"),
        ((DATA / "GeoLite2-City-Test.mmdb").read_bytes(), "known addresses in their country, expected at least 8"),
    ],
    ids=["missing", "text", "cut", "cut gzip", "other archive", "older", "other type", "incomplete"],
)
def test_a_file_that_fails_a_check_changes_nothing(source: bytes | None, says: str, operator: Operator) -> None:
    target = operator.folder / "locations.mmdb"
    target.write_bytes(EMBEDDED_PATH.read_bytes())
    if source is not None:
        (operator.folder / "source").write_bytes(source)
    ended = operator.run("geo", "update", "source", "--geo-db", "locations.mmdb")
    assert ended.status == 1
    assert says in ended.err
    assert ".new" not in ended.err
    assert target.read_bytes() == EMBEDDED_PATH.read_bytes()
    assert names(operator.folder) == ["locations.mmdb"]


def test_a_first_file_needs_a_name(operator: Operator) -> None:
    ended = operator.run("geo", "update", EMBEDDED_PATH)
    assert (ended.status, ended.out) == (2, "")
    assert "--geo-db: no location database is set" in ended.err
    ended = operator.run("geo", "update", EMBEDDED_PATH, "--geo-db", "new.mmdb")
    assert (ended.status, ended.out) == (0, f"new.mmdb: built on {BUILT}\n")
    assert (operator.folder / "new.mmdb").stat().st_mode & 0o777 == 0o644


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a server that answers `/file` with a location file, and all else with 404."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_known = self.path.startswith("/file?")
            self.send_response(200 if is_known else 404)
            self.end_headers()
            if is_known:
                self.wfile.write(EMBEDDED_PATH.read_bytes())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_is_fetched_from_an_address_whose_key_is_not_shown(address: str, tmp_path: Path) -> None:
    assert update_locations(f"{address}/file?license_key=secret", tmp_path / "new.mmdb").is_new
    with pytest.raises(LocationError, match="/none: answered with status 404; check the address") as raised:
        update_locations(f"{address}/none?license_key=secret", tmp_path / "new.mmdb")
    assert "secret" not in str(raised.value)
    with pytest.raises(LocationError, match="anyone on the way could replace the file") as raised:
        update_locations("http://user:secret@example.org/file?license_key=secret", tmp_path / "new.mmdb")
    assert "secret" not in str(raised.value)
    assert names(tmp_path) == ["new.mmdb"]
