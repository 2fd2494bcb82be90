"""S3-compatible object stores, through Arrow: no extra to install, ranged reads, listings of a thousand keys a request.

Beam's options (`--s3_endpoint_url` and others) give the store's address and the credentials. Without them the store is
Amazon's, with the credentials of the environment, of a profile or of the host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

SCHEME: Final = "s3://"
WINDOW_BYTES: Final = 4 * 2**20
"""The most bytes that one request reads ahead: large enough that its latency matters little."""
_FIRST_WINDOW_BYTES: Final = 2**14
_LINE_BYTES: Final = 2**12
"""Read at once behind the end of a piece, for the rest of its last line."""
_CONNECT_S: Final = 10
_REQUEST_S: Final = 60
_OPTIONS: Final = (
    *("s3_endpoint_url", "s3_disable_ssl", "s3_region_name"),
    *("s3_access_key_id", "s3_secret_access_key", "s3_session_token"),
)


@dataclass(frozen=True)
class StoredObject:
    """An object's URL and size."""

    path: str
    size_in_bytes: int


def is_object(path: str) -> bool:
    """Whether a path is the URL of an object here."""
    return path.startswith(SCHEME)


def open_object(url: str) -> Any:
    """Open an object for reading at any place: each read is a request for these bytes. Raises OSError."""
    return _store().open_input_file(_key(url))


def create_object(url: str) -> Any:
    """Open an object for writing; it is there once it is closed. Raises OSError."""
    # Arrow would compress by the ending of the name.
    return _store().open_output_stream(_key(url), compression=None)


def list_objects(pattern: str) -> list[StoredObject]:
    """The objects that match a pattern, in which `*` stands for any text without a slash, and `**` for any text.

    Only the keys below the last slash before the first `*`, `?` or `[` are listed. Raises OSError.
    """
    from pyarrow.fs import FileSelector, FileType

    key = _key(pattern)
    is_glob = re.search(r"[*?[]", key)
    if not is_glob:
        found = [_store().get_file_info(key)]
    else:
        base, _, rest = key[: is_glob.start()].rpartition("/")
        rest += key[is_glob.start() :]
        selector = FileSelector(base, allow_not_found=True, recursive="/" in rest or "**" in rest)
        found = _store().get_file_info(selector)
    matches = re.compile(_translate(key)).fullmatch if is_glob else lambda path: path == key
    return [
        StoredObject(SCHEME + one.path, one.size) for one in found if one.type == FileType.File and matches(one.path)
    ]


def _translate(pattern: str) -> str:
    """A glob as a regular expression."""
    parts = re.split(r"(\*\*|\*|\?|\[[^]]+\])", pattern)
    special = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        special.get(part) or (part.replace("[!", "[^") if part.startswith("[") else re.escape(part)) for part in parts
    )


def remove_objects_below(url: str) -> None:
    """Delete all objects whose keys begin with that of `url` and a slash."""
    try:
        _store().delete_dir(_key(url))
    except FileNotFoundError:
        return


class RangeReader:
    """Reads an object from its beginning or any other place on, with few requests and without bytes that nobody needs.

    The more is read in a row, the more is read ahead, but not beyond `end`, where a piece ends.
    """

    def __init__(self, file: Any, end: int | None) -> None:
        self._file = file
        self._end = end
        self._place = self._begin = 0
        self._window = b""
        self._size = WINDOW_BYTES if end is not None else _FIRST_WINDOW_BYTES

    def seek(self, place: int) -> None:
        """Go to a place."""
        self._place = place

    def tell(self) -> int:
        """The place."""
        return self._place

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        parts = []
        while size > 0:
            own = self._window[self._place - self._begin :] if self._place >= self._begin else b""
            if not own and not (own := self._fetch(size)):
                break
            parts.append(own[:size])
            self._place += len(parts[-1])
            size -= len(parts[-1])
        return b"".join(parts)

    def _fetch(self, size: int) -> bytes:
        """Request the bytes from the place on."""
        if self._end is None:
            follows = self._place == self._begin + len(self._window)
            self._size = min(2 * self._size, WINDOW_BYTES) if follows and self._window else _FIRST_WINDOW_BYTES
            ahead = max(size, self._size)
        else:
            ahead = min(WINDOW_BYTES, self._end - self._place) if self._place < self._end else max(size, _LINE_BYTES)
        self._file.seek(self._place)
        self._begin, self._window = self._place, self._file.read(min(ahead, max(0, self._file.size() - self._place)))
        return self._window

    def close(self) -> None:
        """Close the object."""
        self._file.close()


def _key(url: str) -> str:
    """Bucket and key."""
    return url.removeprefix(SCHEME).rstrip("/")


def _store() -> Any:
    """The store that Beam's options name: those that this process, or the engine of a worker, was given."""
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions, S3Options

    options = (FileSystems._pipeline_options or PipelineOptions([])).view_as(S3Options)
    return _connect(*(getattr(options, name) for name in _OPTIONS))


@cache
def _connect(
    endpoint: str | None, is_plain: bool, region: str | None, user: str | None, secret: str | None, token: str | None
) -> Any:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    given = urlsplit(endpoint) if endpoint and "://" in endpoint else None
    return S3FileSystem(
        endpoint_override=(given.netloc if given else endpoint) or None,
        scheme="http" if is_plain or (given and given.scheme == "http") else "https",
        region=region,
        access_key=user,
        secret_key=secret,
        session_token=token,
        connect_timeout=_CONNECT_S,
        request_timeout=_REQUEST_S,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=5),
        # A new object takes one request if it is small.
        allow_delayed_open=True,
    )
