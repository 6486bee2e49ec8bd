"""Snapshots as bytes: a fold that goes on from one is that of the whole log, and no other bytes are taken for one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import snapshots
from events.admission import REMEMBERED_IDS, Head, PartitionFold
from events.record import Message, Position, Stored, encode
from events.snapshots import Snapshot, Unusable, decode, version
from events.times import stated
from tests.events.test_admission import ACTIONS, record

LOG = ("6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c12", "topic", 24)
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
KEY = b"k" * 32
STREAMS = ("trial-1", "trial-2")


def folded(log: list[Stored]) -> PartitionFold:
    fold = PartitionFold(0)
    for stored in log:
        fold.apply(stored)
    return fold


def snapshot(fold: PartitionFold) -> Snapshot:
    return Snapshot(LOG, NOW, fold, {"access/1": "unreadable"}, {"access": {"entries": [{"name": None}]}})


def encoded(fold: PartitionFold) -> bytes:
    return snapshots.encode(snapshot(fold), KEY)


def written(actions: list[tuple[str, str, int]], restored: int) -> list[Stored]:
    """A partition as writers leave it that have read it up to some point, or append an earlier message again.

    The first ones were restored, with times of their own, where `restored` says so; some messages are no record.
    """
    fold, log = PartitionFold(0), list[Stored]()
    seen = [dict.fromkeys(STREAMS, Head())]
    for action, stream, back in actions:
        match action:
            case "repeat" if log:
                message = log[-1 - back % len(log)].message
            case _ if back == 7:
                message = Message(b"", (("ce_id", b"\xff"),), b"no record")
            case _:
                message = encode(record(len(log) + 1, seen[-1 - back % len(seen)][stream], stream))
        moment = NOW + timedelta(seconds=back)
        if len(log) < restored:
            message = stated(message, moment - timedelta(days=900), restored if not log else None)
        log.append(Stored(Position(0, len(log)), moment, message))
        fold.apply(log[-1])
        seen.append({name: fold.head(name) for name in STREAMS})
    return log


@given(ACTIONS, st.integers(0, 60), st.integers(0, 10))
def test_a_fold_that_goes_on_from_a_snapshot_is_the_fold_of_the_whole_log_wherever_it_was_taken(
    actions: list[tuple[str, str, int]], cut: int, restored: int
) -> None:
    log = written(actions, restored)
    cut = min(cut, len(log))
    whole = PartitionFold(0)
    judged = [whole.apply(stored) for stored in log]

    resumed = decode(encoded(folded(log[:cut])), KEY).fold

    assert [resumed.apply(stored) for stored in log[cut:]] == judged[cut:]
    assert resumed == whole
    assert encoded(resumed) == encoded(whole)


def test_long_and_short_streams_keep_their_ids_apart() -> None:
    fold = PartitionFold(0)
    for offset in range(2 * REMEMBERED_IDS):
        stream = "long" if offset % 20 else ("short", "長い")[offset % 40 == 0]
        fold.apply(Stored(Position(0, offset), NOW, encode(record(offset, fold.head(stream), stream))))

    assert decode(encoded(fold), KEY) == snapshot(fold)
    assert {stream: head.version for stream, head in fold.heads.items()} == {"長い": 4, "long": 121, "short": 3}


@given(st.integers(0), st.integers(1, 255))
def test_no_damaged_byte_goes_unnoticed(place: int, by: int) -> None:
    whole = bytearray(encoded(folded(written([("propose", "trial-1", 0), ("propose", "trial-2", 0)], 0))))
    whole[place % len(whole)] ^= by

    with pytest.raises(Unusable, match=r"^it is damaged, or was made under another key$"):
        decode(bytes(whole), KEY)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 200])
def test_half_a_snapshot_is_none(length: int) -> None:
    with pytest.raises(Unusable, match="damaged"):
        decode(encoded(PartitionFold(0))[:length], KEY)


def test_a_snapshot_made_under_another_key_is_none() -> None:
    with pytest.raises(Unusable, match="another key"):
        decode(encoded(PartitionFold(0)), bytes(32))


def test_a_snapshot_of_another_version_of_the_fold_is_refused_by_both_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = encoded(PartitionFold(0))
    monkeypatch.setattr(snapshots, "FORM", snapshots.FORM + 1)
    monkeypatch.setattr(snapshots, "version", version.__wrapped__)

    with pytest.raises(Unusable, match=rf"^it is of version {version()} of the fold, and this program's is "):
        decode(before, KEY)


def test_a_program_that_reads_another_event_makes_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    readable = snapshots.EVENTS
    monkeypatch.setattr(snapshots, "EVENTS", {**readable, "trial.moved.v1": readable["trial.published.v1"]})

    assert version.__wrapped__() != version()


def test_an_empty_partition_has_a_snapshot_too() -> None:
    assert decode(encoded(PartitionFold(3)), KEY) == snapshot(PartitionFold(3))
