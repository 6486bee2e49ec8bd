"""Messages that this process has committed: its own readers need not ask the database for them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from events.port import Topic
from events.record import Stored

KEPT_BYTES: Final = 8_000_000
"""Bytes in memory for a reader that is behind; beyond that it reads from the database."""


class Echo:
    """Messages committed by this process that one reader has not taken yet, in the order of the commits."""

    def __init__(self) -> None:
        self._untaken: list[Stored] = []
        self._size = 0
        self._lost = False

    def hear(self, committed: Sequence[Stored]) -> None:
        """Keeps committed messages, or none at all if the reader is too far behind."""
        self._untaken += committed
        self._size += sum(stored.message.size for stored in committed)
        if self._size > KEPT_BYTES:
            self._untaken, self._size, self._lost = [], 0, True

    def take(self, unread: Mapping[int, range]) -> tuple[list[Stored], bool]:
        """Takes all that is there: the messages that come next, and whether one is missing before the rest.

        `unread` are the offsets still to be read, by partition. Commits of other processes are missing.
        """
        untaken, missing = self._untaken, self._lost
        self._untaken, self._size, self._lost = [], 0, False
        expected = {partition: offsets.start for partition, offsets in unread.items()}
        following = []
        for stored in untaken:
            partition, offset = stored.position
            if partition not in unread or offset < expected[partition] or offset >= unread[partition].stop:
                continue
            if offset > expected[partition]:
                missing = True
            else:
                expected[partition] += 1
                following.append(stored)
        return following, missing


class Echoes:
    """The echoes of all readers."""

    def __init__(self) -> None:
        self._of: defaultdict[str, set[Echo]] = defaultdict(set)

    @contextmanager
    def listening(self, topic: Topic) -> Iterator[Echo]:
        """The echo of a reader of the topic, within the context."""
        self._of[topic.name].add(echo := Echo())
        try:
            yield echo
        finally:
            self._of[topic.name].discard(echo)

    def tell(self, topic: Topic, committed: Sequence[Stored]) -> None:
        """Gives each reader of the topic the committed messages."""
        for echo in self._of[topic.name]:
            echo.hear(committed)
