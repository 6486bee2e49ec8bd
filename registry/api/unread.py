"""Answers that their readers have not taken yet, limited to so many bytes in all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

SMALL: Final = 65_536
"""Bytes of an answer that is not counted: the operating system's own buffer of a connection holds as many."""


class Sending(Protocol):
    """A connection that an answer goes to."""

    def give_up(self) -> None:
        """Ends it, with its unread bytes."""
        ...


class Unread:
    """Beyond the limit the oldest answer is aborted: a client that reads would have taken it long before.

    A new request is never refused because others leave answers unread.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._sizes: dict[Sending, int] = {}

    @property
    def size(self) -> int:
        """Bytes counted now."""
        return sum(self._sizes.values())

    @contextmanager
    def sending(self, connection: Sending, size: int) -> Iterator[None]:
        """Counts an answer until the context ends."""
        if size <= SMALL:
            yield
            return
        self._sizes[connection] = size
        self._make_room()
        try:
            yield
        finally:
            self._sizes.pop(connection, None)

    def _make_room(self) -> None:
        remaining = self.size
        for connection in [*self._sizes][:-1]:
            if remaining <= self._most:
                return
            remaining -= self._sizes.pop(connection)
            connection.give_up()
