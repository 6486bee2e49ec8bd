"""What a process has committed itself comes to its readers once, in order, never in front of what others committed."""

from datetime import UTC, datetime
from random import Random

from events.port import ENDLESS, Topic
from events.postgres.echo import KEPT_BYTES, Echo, Echoes
from events.record import Message, Position, Stored

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TOPIC = Topic("trials", 2)


def stored(*places: tuple[int, int]) -> list[Stored]:
    return [Stored(Position(*place), NOW, Message(b"", (), b"%d:%d" % place)) for place in places]


def unread(**starts: int) -> dict[int, range]:
    return {int(partition[1:]): range(start, ENDLESS) for partition, start in starts.items()}


def echo_of(*places: tuple[int, int]) -> Echo:
    echo = Echo()
    echo.hear(stored(*places))
    return echo


def test_what_follows_is_taken_once() -> None:
    echo = echo_of((0, 3), (1, 0), (0, 4))

    assert echo.take(unread(p0=3, p1=0)) == (stored((0, 3), (1, 0), (0, 4)), False)
    assert echo.take(unread(p0=5, p1=1)) == ([], False)


def test_what_was_read_already_is_left_out() -> None:
    assert echo_of((0, 3), (0, 4)).take(unread(p0=4)) == (stored((0, 4)), False)


def test_what_stands_behind_a_commit_of_others_is_said_to_miss_something() -> None:
    assert echo_of((0, 3), (0, 5), (1, 0)).take(unread(p0=3, p1=0)) == (stored((0, 3), (1, 0)), True)


def test_partitions_and_offsets_that_are_not_to_be_read_are_left_out() -> None:
    assert echo_of((0, 3), (0, 4), (1, 0)).take({0: range(3, 4)}) == (stored((0, 3)), False)


def test_a_reader_far_behind_is_sent_to_the_database() -> None:
    echo = Echo()
    for offset in range(KEPT_BYTES // 500_000 + 1):
        echo.hear([Stored(Position(0, offset), NOW, Message(b"", (), bytes(500_000)))])

    assert echo.take(unread(p0=0)) == ([], True)
    assert echo.take(unread(p0=0)) == ([], False)


def test_only_who_reads_the_topic_hears_and_only_while_reading() -> None:
    echoes = Echoes()
    with echoes.listening(TOPIC) as first, echoes.listening(Topic("others", 2)) as other:
        echoes.tell(TOPIC, stored((0, 0)))
        assert first.take(unread(p0=0)) == (stored((0, 0)), False)
        assert other.take(unread(p0=0)) == ([], False)
    echoes.tell(TOPIC, stored((0, 1)))
    assert first.take(unread(p0=1)) == ([], False)


def test_with_the_database_to_fall_back_on_nothing_is_read_twice_or_passed_over() -> None:
    draw = Random(7)
    log = {0: 0, 1: 0}
    echo, wanted, seen = Echo(), {0: 0, 1: 0}, {0: [], 1: []}
    for _ in range(3_000):
        partition = draw.randrange(2)
        if draw.random() < 0.7:
            echo.hear(stored((partition, log[partition])))
        log[partition] += 1
        if draw.random() < 0.3:
            batch, missing = echo.take({each: range(start, ENDLESS) for each, start in wanted.items()})
            for position in [one.position for one in batch]:
                seen[position.partition].append(position.offset)
                wanted[position.partition] = position.offset + 1
            if missing:
                for each, start in wanted.items():
                    seen[each] += range(start, log[each])
                    wanted[each] = log[each]

    assert seen == {each: list(range(start)) for each, start in wanted.items()}
    assert min(wanted.values()) > 1_000
