"""The input of an import: files, folders, patterns and standard input, plain or packed, as documents in their order.

Packed files are unpacked as they are read, in bounded memory, and no further than MOST_TIMES their size.
"""

import glob
import gzip
import io
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

CHUNK: Final = 1024 * 1024
"""Bytes of a file in memory at once."""
MOST_TIMES: Final = 200
"""How many times its size a file may unpack to. Records pack to a tenth or a thirtieth; a bomb to a thousandth."""
ALWAYS: Final = 64 * 1024 * 1024
"""Bytes that any file may unpack to."""
STANDARD: Final = "-"
_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""The exceptions of the libraries that unpack: RuntimeError if a password is required."""


class NoInput(ValueError):
    """There is nothing to read under this name."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be read, and the name by which reports know it."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Its size in bytes, before unpacking."""
        return self.path.stat().st_size


class Unpacked(Exception):
    """A packed file that can't be read on, and why."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document, and the name by which reports know it. `chunks` raises Unpacked."""

    name: str
    chunks: Iterator[bytes]


def inputs(names: Sequence[str], stack: ExitStack) -> list[Input]:
    """The named files: single ones, those in a folder, those of a pattern, or standard input (`-`).

    Hidden files of a folder are left out. A pipe is first copied to a file, which lasts as long as the stack. Raises
    NoInput.
    """
    return [one for name in names for one in _named(name, stack)]


def _named(name: str, stack: ExitStack) -> list[Input]:
    if name == STANDARD:
        return [_spooled(sys.stdin.buffer, "standard input", stack)]
    path = Path(name)
    if path.is_dir():
        found = [Input(file, str(file.relative_to(path))) for file in _within(path)]
    elif path.exists():
        found = [Input(path, path.name)] if path.is_file() else [_piped(path, stack)]
    else:
        matching = sorted(map(Path, glob.glob(name, recursive=True)))
        found = [Input(file, file.name) for file in matching if file.is_file()]
    if not found:
        raise NoInput(f"{name}: {'no file in this folder' if path.is_dir() else 'no such file'}")
    return found


def _within(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not _hidden(one))
        yield from (file for one in sorted(files) if not _hidden(one) and (file := Path(at, one)).is_file())


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _piped(path: Path, stack: ExitStack) -> Input:
    with path.open("rb") as pipe:
        return _spooled(pipe, str(path), stack)


def _spooled(source: IO[bytes], name: str, stack: ExitStack) -> Input:
    """A stream copied to a file: another process reads it, and an archive is read from its end."""
    file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="registry-import-"))  # noqa: SIM115
    shutil.copyfileobj(source, file, CHUNK)
    file.flush()
    return Input(Path(file.name), name)


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _Counted(io.FileIO):
    """A file that reports the number of bytes read from it."""

    def __init__(self, path: Path, read: Callable[[int], None]):
        super().__init__(path)
        self._on_read = read

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self._on_read(count)
        return count


def documents(one: Input, read: Callable[[int], None]) -> Iterator[Document]:
    """The documents of a file: itself, or an archive's members. `read` gets the number of bytes as they are read.

    Raises OSError if the file can't be opened, Unpacked if it is a broken archive.
    """
    with cast(io.BufferedReader, io.BufferedReader(_Counted(one.path, read), CHUNK)) as file:
        head = file.read(4)
        file.seek(0)
        if head.startswith(_ZIP):
            yield from _members(file, one)
        elif head.startswith(_GZIP):
            yield Document(one.name, _bounded(gzip.GzipFile(fileobj=file), _Allowed(one.size)))
        else:
            yield Document(one.name, _chunks(file))


def _members(file: IO[bytes], one: Input) -> Iterator[Document]:
    allowed = _Allowed(one.size)
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as fault:
        raise Unpacked(_broken(fault)) from fault
    with archive:
        for member in archive.infolist():
            if not (member.is_dir() or any(map(_hidden, member.filename.split("/")))):
                yield Document(f"{one.name}/{member.filename}", _member(archive, member, allowed))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: "_Allowed") -> Iterator[bytes]:
    try:
        content = archive.open(member)
    except _BROKEN as fault:
        raise Unpacked(_broken(fault)) from fault
    with content:
        yield from _bounded(cast(zipfile.ZipExtFile, content), allowed)


@dataclass(slots=True)
class _Allowed:
    """How much more a file may unpack to."""

    packed: int
    unpacked: int = 0

    def take(self, size: int) -> None:
        """Counts bytes; raises Unpacked."""
        self.unpacked += size
        if self.unpacked > max(ALWAYS, MOST_TIMES * self.packed):
            raise Unpacked(f"it unpacks to more than {MOST_TIMES} times its size; unpack it first, if it is right")


def _bounded(content: _Readable, allowed: _Allowed) -> Iterator[bytes]:
    try:
        for chunk in _chunks(content):
            allowed.take(len(chunk))
            yield chunk
    except _BROKEN as fault:
        raise Unpacked(_broken(fault)) from fault


def _broken(fault: BaseException) -> str:
    return f"it can't be unpacked: {fault}; the records before are taken"


def _chunks(file: _Readable) -> Iterator[bytes]:
    # The bytes before a fault come first: `read` would lose them.
    while chunk := file.read1(CHUNK):
        yield chunk
