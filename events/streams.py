"""The name of a stream, `trial/0199a5c0-…`: the category of the thing that its events are about, and the thing's id."""

from typing import Self
from uuid import UUID


class Stream(str):
    """The name under which the events of one thing are stored. It is their `subject` in the log."""

    __slots__ = ()

    @classmethod
    def of(cls, category: str, id_: str | UUID) -> Self:
        """The stream of the thing of this category that has the id."""
        return cls(f"{category}/{id_}")

    @property
    def category(self) -> str:
        """The kind of thing, as `trial`: all that comes before the first slash."""
        return self.partition("/")[0]

    @property
    def id(self) -> str:
        """Unique among the streams of the category; it may hold further slashes."""
        return self.partition("/")[2]
