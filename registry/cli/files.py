"""A file that a command writes: complete under its name, or absent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from registry.cli.output import fail


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """Opens a new file that only its owner may read; ends the program if a file of this name exists."""
    if file.exists():
        fail(f"{file} already exists; name another file")
    # Written under another name, then renamed: if we crash here, no partial file has this name.
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with unfinished.open("wb") as out:
            os.fchmod(out.fileno(), 0o600)
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
