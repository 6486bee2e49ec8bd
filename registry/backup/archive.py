"""The archive: a tar of JSON lines, packed with gzip, that ends with the SHA-256 of its files.

Any tar reads it, and `sha256sum --check SHA256SUMS` checks it. Lines are divided into files of some megabytes, because
tar wants a file's size before its content, and a log is larger than memory.
"""

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson

from events.moving import NotWhole

FORM: Final = "registry-backup-1"
HEAD: Final = "backup.json"
SUMS: Final = "SHA256SUMS"
VAULT, LOG = "vault", "log"
PARTS: Final = (VAULT, LOG)
"""The parts after the head, in this order; the files of a part are numbered from 1."""
FILE_BYTES: Final = 4_000_000
"""Bytes; a file ends after the line that reaches this size."""
MOST_BYTES: Final = 16_000_000
"""Bytes; an archive has no larger file, since each is read into memory."""
LEVEL: Final = 6
"""gzip's default. Level 9, Python's, takes three times as long to save a fiftieth."""
_NAME: Final = re.compile(rf"({'|'.join(PARTS)})-(\d{{6}})\.ndjson")


@dataclass(slots=True)
class Writer:
    """Writes an archive into a stream, part after part; created by `writing`."""

    tar: tarfile.TarFile
    made: int
    """Seconds since 1970: the time of all files."""
    sums: list[str] = field(default_factory=list)
    _lines: list[bytes] = field(default_factory=list)
    _size: int = 0
    _files: int = 0

    def head(self, facts: Mapping[str, Any]) -> None:
        """Writes the head; comes first."""
        self._add(HEAD, orjson.dumps({"form": FORM, **facts}, option=orjson.OPT_INDENT_2) + b"\n")

    def line(self, part: str, line: bytes) -> None:
        """Writes a line of a part, with its line end."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= FILE_BYTES:
            self._flush(part)

    def end(self, part: str) -> None:
        """Ends a part."""
        if self._lines:
            self._flush(part)
        self._files = 0

    def _flush(self, part: str) -> None:
        self._files += 1
        self._add(f"{part}-{self._files:06}.ndjson", b"".join(self._lines))
        self._lines, self._size = [], 0

    def _add(self, name: str, content: bytes) -> None:
        file = tarfile.TarInfo(name)
        file.size, file.mtime, file.mode = len(content), self.made, 0o600
        self.tar.addfile(file, io.BytesIO(content))
        if name != SUMS:
            self.sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")

    def close(self) -> None:
        """Writes the checksums; without them an archive is not whole."""
        self._add(SUMS, "".join(self.sums).encode())


@contextmanager
def writing(out: IO[bytes], made: int) -> Iterator[Writer]:
    """A writer into a stream that needs no seeking; the archive is whole only if the context ends without an error."""
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, mtime=made, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        writer = Writer(tar, made)
        yield writer
        writer.close()


@dataclass(frozen=True, slots=True)
class Archive:
    """A whole archive: its path, the content of its head, and the SHA-256 of its checksums, which identifies it."""

    file: Path
    head: Mapping[str, Any]
    digest: str

    def lines(self, part: str) -> Iterator[bytes]:
        """The lines of a part, with their line ends. Raises NotWhole if the file has changed meanwhile."""
        for name, content in _files(self.file):
            if name.startswith(f"{part}-"):
                yield from io.BytesIO(content)


def checked(file: Path) -> Archive:
    """The archive, read to its end; raises NotWhole if it is damaged or not an archive."""
    sums, names, head = list[str](), list[str](), b""
    listed_sums: bytes | None = None
    for name, content in _files(file):
        if listed_sums is not None:
            raise NotWhole("the archive continues after its end")
        if name == SUMS:
            listed_sums = content
        else:
            head = head or content
            names.append(name)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    if listed_sums is None:
        raise NotWhole("the archive is cut short, or damaged")
    if listed_sums != "".join(sums).encode():
        raise NotWhole("the archive was changed: its files do not have the SHA-256 that it names")
    if names != list(_expected(names)):
        raise NotWhole("the archive does not hold the files of a backup, in their order")
    return Archive(file, _head(head), hashlib.sha256(listed_sums).hexdigest())


def _expected(names: Sequence[str]) -> Iterator[str]:
    """The names in an archive with so many files in each part."""
    yield HEAD
    for part in PARTS:
        count = sum(name.startswith(f"{part}-") for name in names)
        yield from (f"{part}-{number:06}.ndjson" for number in range(1, count + 1))


def _head(content: bytes) -> Mapping[str, Any]:
    head: dict[str, Any] = orjson.loads(content)
    if head.get("form") != FORM:
        raise NotWhole(f"the archive is of the form {head.get('form')!r}; this program reads {FORM!r}")
    return head


def _files(file: Path) -> Iterable[tuple[str, bytes]]:
    """Names and contents, in order. Nothing is written to the disk, whatever a name is."""
    try:
        with tarfile.open(file, "r|gz") as tar:
            for one in tar:
                if (
                    not one.isreg()
                    or one.size > MOST_BYTES
                    or not (one.name in (HEAD, SUMS) or _NAME.fullmatch(one.name))
                ):
                    raise NotWhole(f"the archive holds {one.name!r}, which is not part of a backup")
                content = tar.extractfile(one)
                yield one.name, content.read() if content else b""
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise NotWhole(f"{file} is not an archive of a backup, or is damaged: {fault}") from fault
