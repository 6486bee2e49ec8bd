"""aiokafka's batches without faults that nobody hears of.

A batch that fails tells each of its messages, and whoever waits until it is on its way. Mostly nobody waits, or an
append has ended with another of its messages: asyncio then prints the fault as one that was never retrieved. And one
that fails while it waits to be sent again is looked for where it is no more.
"""

from typing import Any

from aiokafka.producer.message_accumulator import BatchBuilder, MessageAccumulator, MessageBatch


class Batch(MessageBatch):  # type: ignore[misc]
    """A batch whose faults count as retrieved; callers that wait for one still get them."""

    def failure(self, exception: BaseException) -> None:
        """Fails what is not answered."""
        super().failure(exception)
        for future in (self._drain_waiter, *(future for future, _ in self._msg_futures)):
            if not future.cancelled():
                future.exception()


class _Pending(set[MessageBatch]):
    """Batches on their way. One that is to be sent again is none of them, and leaves them when it fails."""

    remove = set.discard


class Batches(MessageAccumulator):  # type: ignore[misc]
    """The batches that gather for the partitions. Made by `adopt`."""

    @classmethod
    def adopt(cls, batches: MessageAccumulator) -> None:
        """Makes them these; a producer makes its own, and takes no other."""
        batches.__class__ = cls
        batches._pending_batches = _Pending()

    def _append_batch(self, builder: BatchBuilder, tp: Any) -> MessageBatch:
        batch = super()._append_batch(builder, tp)
        batch.__class__ = Batch
        return batch
