"""The bench measures what it claims: whole answers, callers that do not collide, records that are accepted."""

import asyncio
from datetime import UTC, datetime

import pytest

from events.admission import Accepted, PartitionFold
from events.record import Position, Stored
from registry.demo import sources
from tests.bench.corpus import messages, outlines
from tests.bench.figures import quantile, ratio
from tests.bench.loops import closed_loop, turn_of
from tests.bench.versions import FIGURES, at, rows
from tests.bench.wire import Wire, get

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def test_an_answer_that_comes_in_pieces_is_read_whole() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            for piece in (b"HTTP/1.1 20", b"1 Created\r\nContent-Len", b"gth: 5\r\n\r\nhel", b"lo"):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        wire = await Wire.open(server.sockets[0].getsockname()[1])

        assert [await wire.ask(get("/")) for _ in range(2)] == [(201, b"hello")] * 2
        with pytest.raises(ConnectionError):
            await wire.ask(get("/"))


@pytest.mark.parametrize("clients", [1, 16, 64, 256])
def test_no_two_clients_ever_have_the_same_trial(clients: int) -> None:
    own = [{turn_of(client, clients, calls, 2048) for calls in range(100)} for client in range(clients)]

    assert sum(map(len, own)) == len(set().union(*own))


async def test_the_loop_counts_every_call_that_began_in_time() -> None:
    done = []

    async def call(client: int, calls: int) -> None:
        await asyncio.sleep(0)
        done.append((client, calls))

    run = await closed_loop(3, 0.05, call)

    assert run.calls == len(done) == len(set(done)) >= 3
    assert run.seconds >= 0.05
    assert 0 < run.p50 <= run.p99


def test_a_ratio_is_of_rounds_measured_one_after_the_other() -> None:
    assert ratio([10, 40, 90], [10, 20, 30]) == 2
    assert quantile([1, 2, 3, 4], 0.5) == 3
    assert quantile([1, 2, 3, 4], 0.99) == 4


def test_every_record_of_the_invented_trials_is_accepted() -> None:
    world = sources.read()
    for outline in outlines(20):
        fold = PartitionFold(0)
        verdicts = [
            fold.apply(Stored(Position(0, offset), NOW, message)).verdict
            for offset, message in enumerate(messages(outline, world))
        ]

        assert len(verdicts) >= 4
        assert all(isinstance(verdict, Accepted) for verdict in verdicts)


def test_two_versions_are_compared_round_by_round() -> None:
    before = [dict.fromkeys(FIGURES, value) for value in (10.0, 100.0, 20.0)]
    after = [dict.fromkeys(FIGURES, value) for value in (20.0, 100.0, 60.0)]

    assert [row[1:] for row in rows(before, after)] == [["20 (10–100)", "60 (20–100)", "2.00"]] * len(FIGURES)
    assert at({"exchange": {"taking_in": [{"rate": 7}]}}, FIGURES["studies taken in, each second"]) == 7
