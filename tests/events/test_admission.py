"""Admission: who wins a race, by example and for any interleaving of writers, retries and late duplicates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.admission import (
    ID_BYTES,
    REMEMBERED_IDS,
    Accepted,
    Already,
    Head,
    IntegrityAlarm,
    Judged,
    Malformed,
    PartitionFold,
    Proposal,
    Superseded,
    admit,
    advance,
    proposal_of,
)
from events.origin import Origin
from events.record import Message, Position, Record, Stored, encode

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OTHER_HISTORY = b"\xff" * 32


def digest(version: int) -> bytes:
    return bytes([version]) * 32


def head_at(version: int) -> Head:
    """A stream that accepted the ids 1, 2, … up to its version."""
    head = Head()
    for number in range(1, version + 1):
        head = advance(head, UUID(int=number), digest(number), number)
    return head


def record(number: int, head: Head, stream: str = "trial-1") -> Record:
    return Record(
        id=UUID(int=number),
        type="trial.published.v1",
        subject=stream,
        expectedversion=head.version,
        previoushash=head.digest,
        commandhash=bytes(32),
        actor="token",
        onbehalfof="organisation",
        time=NOW,
        data={"number": number},
        origin=Origin("https://registry.example", "1"),
    )


def stored(offset: int, message: Message, recorded: datetime = NOW) -> Stored:
    return Stored(Position(0, offset), recorded, message)


@pytest.mark.parametrize(
    ("version", "event", "expected", "previous", "verdict"),
    [
        (0, 9, 0, bytes(32), Accepted(1)),
        (3, 9, 3, digest(3), Accepted(4)),
        (3, 9, 2, digest(2), Superseded(3)),
        (3, 9, 0, bytes(32), Superseded(3)),
        (3, 9, 2, OTHER_HISTORY, Superseded(3)),
        (3, 3, 2, digest(2), Already(3)),
        (3, 1, 0, bytes(32), Already(1)),
        (3, 2, 3, digest(3), Already(2)),
        (3, 2, 7, OTHER_HISTORY, Already(2)),
        (3, 9, 3, OTHER_HISTORY, IntegrityAlarm),
        (3, 9, 4, digest(3), IntegrityAlarm),
        (0, 9, 1, bytes(32), IntegrityAlarm),
        (0, 9, 0, OTHER_HISTORY, IntegrityAlarm),
    ],
)
def test_each_situation_has_one_verdict(
    version: int, event: int, expected: int, previous: bytes, verdict: object
) -> None:
    proposal = Proposal(UUID(int=event), "trial-1", expected, previous)

    if verdict is IntegrityAlarm:
        with pytest.raises(IntegrityAlarm, match="trial-1"):
            admit(head_at(version), proposal)
    else:
        assert admit(head_at(version), proposal) == verdict


def test_an_id_is_remembered_for_a_fixed_number_of_versions_and_never_accepted_again_after() -> None:
    head = head_at(REMEMBERED_IDS + 2)
    first, third = Proposal(UUID(int=1), "t", 0, bytes(32)), Proposal(UUID(int=3), "t", 2, digest(2))

    assert len(head.ids) == REMEMBERED_IDS * ID_BYTES
    assert admit(head, third) == Already(3)
    assert admit(head, first) == Superseded(head.version)


def test_an_id_is_not_found_across_two_others() -> None:
    one, two = UUID(int=2**64 - 1), UUID(int=(2**64 - 1) << 64)
    head = advance(advance(Head(), one, digest(1), 0), two, digest(2), 1)
    across = UUID(bytes=(one.bytes + two.bytes)[8:24])

    assert [head.version_of(event) for event in (one, two, across)] == [1, 2, None]
    assert advance(head, across, digest(3), 2).version_of(across) == 3


def test_a_message_that_is_no_record_has_no_effect() -> None:
    fold = PartitionFold(0)
    good = encode(record(1, Head()))
    broken = [
        Message(b"", (), b""),
        replace(good, headers=tuple(header for header in good.headers if header[0] != "ce_id")),
        replace(good, headers=(*good.headers, ("ce_expectedversion", b"first"))),
        replace(good, headers=(*good.headers, ("ce_id", b"\xff"))),
    ]

    verdicts = [fold.apply(stored(offset, message)).verdict for offset, message in enumerate(broken)]

    assert verdicts == [Malformed()] * 4
    assert fold.heads == {}
    assert fold.apply(stored(4, good)).verdict == Accepted(1)


def test_the_fold_reads_of_a_record_what_the_record_says() -> None:
    written = record(7, head_at(2))

    assert proposal_of(encode(written)) == Proposal(UUID(int=7), "trial-1", 2, digest(2))


def test_a_missing_offset_is_an_alarm() -> None:
    fold = PartitionFold(0)
    fold.apply(stored(0, encode(record(1, Head()))))

    with pytest.raises(IntegrityAlarm, match="expected position 0:1, the log gave 0:2"):
        fold.apply(stored(2, encode(record(2, fold.head("trial-1")))))


def test_recorded_never_runs_backwards_where_a_leaders_clock_does() -> None:
    fold = PartitionFold(0)
    times = [NOW, NOW - timedelta(hours=1), NOW + timedelta(seconds=1)]

    judged = [fold.apply(stored(offset, Message(b"", (), b""), time)) for offset, time in enumerate(times)]

    assert [each.recorded for each in judged] == [NOW, NOW, NOW + timedelta(seconds=1)]


# Each writer has read the log up to some point, appends on what it saw there, or appends an earlier message again.
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["propose", "repeat"]), st.sampled_from(["trial-1", "trial-2"]), st.integers(0, 30)),
    max_size=60,
)


@given(ACTIONS)
def test_any_interleaving_of_writers_accepts_each_version_and_each_id_once(
    actions: list[tuple[str, str, int]],
) -> None:
    fold, log, judged = PartitionFold(0), [], []
    heads = [{"trial-1": Head(), "trial-2": Head()}]
    for action, stream, back in actions:
        if action == "repeat" and log:
            message = log[-1 - back % len(log)]
        else:
            message = encode(record(len(log) + 1, heads[-1 - back % len(heads)][stream], stream))
        log.append(message)
        judged.append(fold.apply(stored(len(log) - 1, message)))
        heads.append({name: fold.head(name) for name in heads[0]})

    for stream in heads[0]:
        accepted = [
            each for each in judged if isinstance(each.verdict, Accepted) and each.message.key == stream.encode()
        ]
        assert [each.verdict.version for each in accepted] == list(range(1, fold.head(stream).version + 1))
        assert len({each.message.digest for each in accepted}) == len(accepted)
        _assert_a_chain(accepted)
    again = PartitionFold(0)
    assert [again.apply(stored(offset, message)) for offset, message in enumerate(log)] == judged
    assert again == fold


def _assert_a_chain(accepted: list[Judged]) -> None:
    """Each accepted record names the digest of the one before it."""
    previous = bytes(32)
    for each in accepted:
        proposal = proposal_of(each.message)
        assert proposal is not None
        assert proposal.previoushash == previous
        assert each.digest == (previous := each.message.digest)
