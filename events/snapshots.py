"""Snapshots: where the fold of a partition stood, as bytes, so that a start reads only what came after (ADR 0068).

A snapshot is a cache of the log. It names the log, the place and the program that it was made by; what does not fit is
not used. It holds ids, digests and the sealed data of watchers: no personal data, because a person's key may be
destroyed.
"""

import hmac
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeAlias

from events import canonical
from events.admission import ID_BYTES, REMEMBERED_IDS, Head, PartitionFold
from events.canonical import DIGEST_BYTES
from events.catalogue import EVENTS
from events.times import RecordedTimes

Log: TypeAlias = tuple[str, str, int]
"""Which log it is, as `events.identity.LogIdentity` has it."""
FORM: Final = 1
"""Raised with every change of the bytes below, or of what a fold or a watcher makes of the same records."""
COMPRESSION: Final = 1
"""zlib's fastest. Names of streams shrink to half; digests and ids would not shrink, and are left as they are."""
NUMBER_BYTES: Final = 8


class Unusable(Exception):
    """A snapshot that can't be used; the message is the reason, as a log line gives it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A partition as one reader of the log knew it. `taken` is when, by the clock of that reader.

    `unreadable`: streams of which the reader could not read an event, and why. `memories`: what each watcher knew of
    the partition's streams, as JSON, by category of stream.
    """

    log: Log
    taken: datetime
    fold: PartitionFold
    unreadable: Mapping[str, str] = field(default_factory=dict)
    memories: Mapping[str, Any] = field(default_factory=dict)


@cache
def version() -> str:
    """The program's version for folding. A program that can read other events may fold to another result."""
    readable = sorted((name, payload.REVISION) for name, payload in EVENTS.items())
    return f"{FORM}-{sha256(canonical.to_json(readable)).hexdigest()[:16]}"


def encode(snapshot: Snapshot, key: bytes) -> bytes:
    """The snapshot as bytes, authenticated by the key (HMAC-SHA256 in front)."""
    fold, heads = snapshot.fold, snapshot.fold.heads.values()
    latest = fold.times.latest
    about = {
        "version": version(),
        "log": list(snapshot.log),
        "taken": snapshot.taken.isoformat(),
        "partition": fold.partition,
        "next_offset": fold.next_offset,
        "last": fold.last.hex(),
        "restored": fold.times.restored,
        "latest": None if latest is None else latest.isoformat(),
        "streams": list(fold.heads),
        "held": dict(snapshot.unreadable),
        "memories": dict(snapshot.memories),
    }
    packed = zlib.compress(canonical.to_json(about), COMPRESSION)
    parts = (
        struct.pack("<I", len(packed)),
        packed,
        struct.pack(f"<{len(heads)}Q", *[head.version for head in heads]),
        struct.pack(f"<{len(heads)}Q", *[head.offset for head in heads]),
        b"".join([head.digest for head in heads]),
        b"".join([head.ids for head in heads]),
    )
    body = b"".join(parts)
    return hmac.digest(key, body, "sha256") + body


def decode(encoded: bytes, key: bytes) -> Snapshot:
    """The inverse of `encode`; raises Unusable where it was damaged, has another key, or is of another version."""
    body = encoded[DIGEST_BYTES:]
    if not hmac.compare_digest(hmac.digest(key, body, "sha256"), encoded[:DIGEST_BYTES]):
        raise Unusable("it is damaged, or was made under another key")
    (length,) = struct.unpack_from("<I", body)
    columns = struct.calcsize("<I") + length
    about = canonical.from_json(zlib.decompress(body[struct.calcsize("<I") : columns]))
    if about["version"] != version():
        raise Unusable(f"it is of version {about['version']} of the fold, and this program's is {version()}")
    latest = about["latest"]
    fold = PartitionFold(
        about["partition"],
        about["next_offset"],
        bytes.fromhex(about["last"]),
        RecordedTimes(about["restored"], None if latest is None else datetime.fromisoformat(latest)),
        _heads(about["streams"], body[columns:]),
    )
    taken = datetime.fromisoformat(about["taken"])
    return Snapshot(tuple(about["log"]), taken, fold, about["held"], about["memories"])


def _heads(streams: list[str], columns: bytes) -> dict[str, Head]:
    """Heads by stream: a column of versions, one of offsets, one of digests, one of ids."""
    count = len(streams)
    versions = struct.unpack_from(f"<{count}Q", columns)
    offsets = struct.unpack_from(f"<{count}Q", columns, count * NUMBER_BYTES)
    digest = 2 * count * NUMBER_BYTES
    ids = digest + count * DIGEST_BYTES
    heads = {}
    for stream, head_version, offset in zip(streams, versions, offsets, strict=True):
        after = ids + min(head_version, REMEMBERED_IDS) * ID_BYTES
        heads[stream] = Head(head_version, columns[digest : digest + DIGEST_BYTES], columns[ids:after], offset)
        digest, ids = digest + DIGEST_BYTES, after
    return heads
