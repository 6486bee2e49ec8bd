"""Which partition a stream lives in: fixed for ever, so that its order is."""

import hashlib
from functools import lru_cache


@lru_cache(maxsize=10_000)
def partition_of(stream: str, partitions: int) -> int:
    """`uint32(sha256(stream)[:4]) mod partitions`; client libraries' own partitioners differ from each other."""
    return int.from_bytes(hashlib.sha256(stream.encode()).digest()[:4], "big") % partitions
