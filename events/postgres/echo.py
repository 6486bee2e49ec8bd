"""What this process has committed itself: its own readers need not ask the database for what it has just taken."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from events.port import Topic
from events.record import Stored

KEPT_BYTES: Final = 8_000_000
"""What is kept for a reader who is behind; beyond that it reads from the database."""


class Echo:
    """Messages committed by this process that one reader has not taken yet, in the order of the commits."""

    def __init__(self) -> None:
        self._heard: list[Stored] = []
        self._size = 0
        self._lost = False

    def hear(self, committed: Sequence[Stored]) -> None:
        """Keeps what was committed, or nothing at all where the reader is too far behind."""
        self._heard += committed
        self._size += sum(stored.message.size for stored in committed)
        if self._size > KEPT_BYTES:
            self._heard, self._size, self._lost = [], 0, True

    def take(self, left: Mapping[int, range]) -> tuple[list[Stored], bool]:
        """Takes all that was heard: what of it comes next, and whether something is missing in front of the rest.

        `left` are the offsets still to be read, by partition. Missing is what other processes have committed.
        """
        heard, missing = self._heard, self._lost
        self._heard, self._size, self._lost = [], 0, False
        expected = {partition: offsets.start for partition, offsets in left.items()}
        following = []
        for stored in heard:
            partition, offset = stored.position
            if partition not in left or offset < expected[partition] or offset >= left[partition].stop:
                continue
            if offset > expected[partition]:
                missing = True
            else:
                expected[partition] += 1
                following.append(stored)
        return following, missing


class Echoes:
    """The echoes of all who read."""

    def __init__(self) -> None:
        self._of: defaultdict[str, set[Echo]] = defaultdict(set)

    @contextmanager
    def heard(self, topic: Topic) -> Iterator[Echo]:
        """The echo of one who reads the topic within the context."""
        self._of[topic.name].add(echo := Echo())
        try:
            yield echo
        finally:
            self._of[topic.name].discard(echo)

    def tell(self, topic: Topic, committed: Sequence[Stored]) -> None:
        """Gives to each reader of the topic what was committed."""
        for echo in self._of[topic.name]:
            echo.hear(committed)
