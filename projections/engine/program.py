"""The program: all views, which make rows of events."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self

from events.streams import Stream
from projections.base.table import Table
from projections.base.view import Documents, View


@dataclass(frozen=True, slots=True)
class Program:
    """The program that makes rows from events: views, in the order in which statements touch their tables.

    `revision` is raised when the same events come to make other rows. `name` distinguishes the program from others; an
    empty name is the installed one's.
    """

    views: tuple[View, ...]
    revision: int
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the views."""
        return tuple(view.name for view in self.views)

    def showing(self, stream: str) -> tuple[str, ...]:
        """The names of the views that may show an event of the stream: those of its category, and those of all."""
        category = category_of(stream)
        return tuple(view.name for view in self.views if view.category in (None, category))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of all views, in the order in which statements touch them."""
        return tuple(table for view in self.views for table in view.tables)

    @property
    def history(self) -> View | None:
        """The view that shows every event whole."""
        return next((view for view in self.views if view.event_of), None)

    @property
    def documents(self) -> Mapping[str, Documents]:
        """The documents that views keep, by category of streams."""
        return {view.category: view.documents for view in self.views if view.category and view.documents}

    def documents_of(self, stream: str) -> Documents | None:
        """The documents that the stream's is one of; None where streams of its category have none."""
        return self.documents.get(category_of(stream))

    def keeper_of(self, stream: str) -> View | None:
        """The view that keeps the stream's document."""
        category = category_of(stream)
        return next((view for view in self.views if view.documents and view.category == category), None)

    def base_of(self, stream: str) -> View | None:
        """The view without which no other takes an event of the stream.

        An event that can't be in the history is in no view; without a history, the same is true of the document.
        """
        return self.history or self.keeper_of(stream)

    def chosen(self, names: Collection[str] | None) -> frozenset[str]:
        """The names, or those of all views where there are none; raises ValueError for an unknown one."""
        if unknown := {*(names or ())}.difference(self.names):
            raise ValueError(f"there is no view {', '.join(sorted(unknown))}; there are {', '.join(self.names)}")
        return frozenset(names or self.names)

    def only(self, names: Collection[str]) -> Self:
        """The program of these views alone, and of those that keep the documents that they follow from."""
        return replace(self, views=tuple(view for view in self.views if view.name in names or view.documents))


def category_of(stream: str) -> str:
    """The category of a stream; empty for a name that no stream of ours has."""
    return Stream(stream).category if "/" in stream else ""
