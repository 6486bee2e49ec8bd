"""The folder of an index: which index in it is in use, whether it can be, and how another takes its place.

`index.json` names the shape, read before tantivy opens anything, and the subfolder. An index that is made anew has a
subfolder of its own, and takes the place of the one before by one renaming.
"""

import json
import mmap
import os
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import uuid4

from tantivy import Index

from projections.search.shape import SHAPE, schema
from projections.search.writing import IndexFailed, IndexUnfit, NoIndexYet, guarded

IN_USE: Final = "index.json"
FOOTER: Final = struct.Struct("<II")
"""At the end of each file of a segment: how long the footer before it is, and a number that says there is one."""
MAGIC: Final = 1337
_NAME: Final = re.compile("[0-9a-f]{32}")
"""The name of a subfolder of ours. Others are never removed: an operator may name a folder that has more in it."""
READ_AT_ONCE: Final = 1 << 20

Opener = Callable[[], Index]
"""Gives the index as it was last committed."""


class Place(Protocol):
    """A place for an index."""

    def current(self) -> Opener:
        """The index in use; raises IndexUnfit where there is none that can be used."""
        ...

    def renew(self) -> Opener:
        """A new, empty index beside the one in use; raises IndexFailed."""
        ...

    def swap(self) -> None:
        """Puts the new index in the place of the one in use; raises IndexFailed."""
        ...

    def intact(self) -> bool:
        """Whether the index in use is still there."""
        ...


class Memory:
    """An index that ends with its process."""

    def __init__(self) -> None:
        self._index: Index | None = None

    def current(self) -> Opener:
        """Raises NoIndexYet before the first was made."""
        if (index := self._index) is None:
            raise NoIndexYet("nothing is indexed yet")
        return lambda: index

    def renew(self) -> Opener:
        """A new, empty index."""
        index = self._index = Index(schema())
        return lambda: index

    def swap(self) -> None:
        """There is nothing beside it."""

    def intact(self) -> bool:
        """As long as the process lives."""
        return True


class Folder:
    """A folder on this machine's disk; one process at a time writes there, others read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = ""

    def in_use(self) -> str:
        """The name of the subfolder in use; raises IndexUnfit where there is none of our shape."""
        try:
            stated = json.loads((self._path / IN_USE).read_bytes())
            shape, name = stated["shape"], stated["folder"]
        except FileNotFoundError as fault:
            there = self._path.is_dir() and any(self._path.iterdir())
            raise (IndexUnfit if there else NoIndexYet)("there is no search index") from fault
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise IndexUnfit("what the folder of the search index holds can't be read") from fault
        if shape != SHAPE:
            raise IndexUnfit(f"the search index has the shape {shape}, and this program's is {SHAPE}")
        if not (self._path / str(name)).is_dir():
            raise IndexUnfit("the search index is gone")
        return str(name)

    def current(self) -> Opener:
        """The index in use, verified; raises IndexUnfit."""
        name = self.in_use()
        verify(self._path / name)
        opener = self.opener(name)
        try:
            guarded(opener)
        except IndexFailed as fault:
            raise IndexUnfit(f"the search index can't be opened: {fault}") from fault
        return opener

    def opener(self, name: str) -> Opener:
        """Opens the index in the subfolder."""

        def opened() -> Index:
            index = Index.open(str(self._path / name))
            # The writer announces each commit: readers need not poll.
            index.config_reader("manual")
            index.reload()
            return index

        return opened

    def renew(self) -> Opener:
        """A new subfolder. A subfolder that was begun before and never finished is removed."""
        self._made = uuid4().hex
        folder = self._path / self._made

        def made() -> None:
            self._path.mkdir(parents=True, exist_ok=True)
            self._clear()
            folder.mkdir()
            Index(schema(), path=str(folder))

        guarded(made)
        return self.opener(self._made)

    def swap(self) -> None:
        """Readers of the former one keep their open files until they open the new one."""

        def swapped() -> None:
            beside = self._path / f"{IN_USE}.new"
            with beside.open("w") as file:
                json.dump({"shape": SHAPE, "folder": self._made}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path / IN_USE)
            self._clear()

        guarded(swapped)

    def intact(self) -> bool:
        """Whether the index in use still exists."""
        with suppress(IndexUnfit):
            return (self._path / self.in_use() / "meta.json").is_file()
        return False

    def _clear(self) -> None:
        """Removes those of its subfolders that are neither in use nor being made."""
        in_use = {self._made}
        with suppress(IndexUnfit):
            in_use.add(self.in_use())
        for folder in self._path.iterdir():
            if _NAME.fullmatch(folder.name) and folder.name not in in_use:
                shutil.rmtree(folder, ignore_errors=True)


def verify(folder: Path) -> None:
    """Raises IndexUnfit if a file differs from its written form: tantivy silently answers from damaged ones."""
    try:
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        names = [name for segment in segments for name in _files(folder, segment)]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise IndexUnfit("the search index has no list of its files that can be read") from fault
    for name in names:
        if not _is_whole(folder / name):
            raise IndexUnfit(f"the search index is damaged: {name}")


def _files(folder: Path, segment: Any) -> Iterator[str]:
    """The files of a segment. Files that a killed writer left beside them belong to no segment."""
    name = segment["segment_id"].replace("-", "")
    for file in sorted(folder.glob(f"{name}.*")):
        if file.suffix != ".del":
            yield file.name
    if segment["deletes"]:
        yield f"{name}.{segment['deletes']['opstamp']}.del"


def _is_whole(file: Path) -> bool:
    """Whether its checksum is right. Its footer is JSON with `crc`, then the footer's length and a magic number."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            length, magic = FOOTER.unpack(content[-FOOTER.size :])
            end = len(content) - FOOTER.size - length
            footer = json.loads(content[end : -FOOTER.size])
            checksum = 0
            for start in range(0, end, READ_AT_ONCE):
                checksum = zlib.crc32(content[start : min(start + READ_AT_ONCE, end)], checksum)
            return bool(magic == MAGIC and checksum == footer["crc"])
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return False
