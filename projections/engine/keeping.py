"""The latest documents of streams, by which further events are folded: so many bytes of them."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import Final

from events import canonical
from events.weight import weight
from projections.base.view import Document

KEPT: Final = 12_000_000
"""Bytes that the documents weigh together: of ordinary trials, five hundred."""
ENCODED: Final = 8_000_000
"""Bytes of further documents, as JSON, which takes a quarter of what the object does: of ordinary trials, 1,500."""
UNWRITTEN: Final = 3
"""Batches that are not written yet: one is made, one waits, one is written. The views are older than these."""


class Keeping(MutableMapping[str, Document]):
    """Documents by stream. Those of the batches that may not be written yet stay, whatever they weigh."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._weights: dict[str, int] = {}
        self.weight = 0
        """Bytes of them all, as they were when last in a batch."""
        self._latest: deque[frozenset[str]] = deque(maxlen=UNWRITTEN)
        self._encoded: OrderedDict[str, bytes] = OrderedDict()
        self._encoded_size = 0

    def __getitem__(self, stream: str) -> Document:
        return self._documents[stream]

    def __setitem__(self, stream: str, document: Document) -> None:
        self._documents[stream] = document

    def __delitem__(self, stream: str) -> None:
        del self._documents[stream]
        self.weight -= self._weights.pop(stream, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def recall(self, streams: Collection[str]) -> None:
        """Reads those documents that are in memory as JSON: as current as the views, without a query."""
        for stream in streams:
            if (encoded := self._encoded.pop(stream, None)) is not None:
                self._encoded_size -= len(encoded)
                self._documents[stream] = canonical.from_json(encoded)

    def load(self, documents: Mapping[str, Document]) -> None:
        """Adds documents from the views."""
        self._documents.update(documents)

    def made(self, streams: Collection[str]) -> int:
        """Notes a batch of these streams and drops other documents; returns the weight of the batch's documents."""
        touched = frozenset(streams & self._documents.keys())
        self._latest.append(touched)
        for stream in touched:
            self._documents.move_to_end(stream)
            self._weigh(stream)
        self._let_go()
        return sum(self._weights[stream] for stream in touched)

    def _weigh(self, stream: str) -> None:
        now = weight(canonical.to_json(self._documents[stream]))
        self.weight += now - self._weights.get(stream, 0)
        self._weights[stream] = now

    def _let_go(self) -> None:
        needed = frozenset[str]().union(*self._latest)
        for stream in [*self._documents]:
            if self.weight <= self._most or stream in needed:
                return
            self._encode(stream)

    def _encode(self, stream: str) -> None:
        self._encoded[stream] = encoded = canonical.to_json(self._documents[stream])
        self._encoded_size += len(encoded)
        del self[stream]
        while self._encoded_size > ENCODED:
            self._encoded_size -= len(self._encoded.popitem(last=False)[1])
