"""A whole upload file, written trial by trial so that memory does not grow with the number of trials."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import BinaryIO, Self

from lxml import etree


class Upload:
    """A context in which trials are added to a `trials` file.

    The root is opened by the first trial, because the DTD knows no upload without one: with none, nothing is written.
    If the context ends with an error the root stays open, so that half a file can't be taken for a whole one.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._open = ExitStack()
        self._write: Callable[[etree._Element], None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._open.close()

    def add(self, trial: etree._Element) -> None:
        """Writes one `trial` element."""
        if self._write is None:
            self._write = self._begin()
        self._write(trial)

    def _begin(self) -> Callable[[etree._Element], None]:
        file = self._open.enter_context(etree.xmlfile(self._out, encoding="UTF-8"))
        file.write_declaration()
        self._open.enter_context(file.element("trials"))
        file.write("\n")
        return partial(file.write, pretty_print=True)
