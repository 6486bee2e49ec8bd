"""The views' process keeps so many bytes of documents and of batches, whatever a trial weighs."""

from datetime import UTC, datetime
from itertools import chain

import pytest

from events import canonical
from events.admission import Accepted, Judged
from events.judging import HEAVIEST_BATCH, LARGEST_BATCH, batches_of
from events.record import Message, Position
from events.weight import VALUE, growth, weight
from projections.base import sharing
from projections.engine import keeping as module
from projections.engine.keeping import UNWRITTEN, Keeping

WORDS = {"version": 1, "words": ["a"] * 1_000}
WEIGHT = weight(canonical.to_json(WORDS))


def judged(size: int) -> Judged:
    message = Message(b"", (), b" " * size)
    return Judged(Position(0, 0), datetime(2026, 1, 1, tzinfo=UTC), Accepted(1), message, bytes(32), None)


def test_a_value_weighs_more_than_its_bytes() -> None:
    assert weight(b'{"a":[1,2,3]}') == 13 + 4 * VALUE
    assert weight(b"," * 1_000_000) < 7_000_000


def test_a_change_adds_what_its_new_value_weighs_more_than_the_old() -> None:
    long, short = "x" * 100, "y" * 40
    grown, shrunk = (
        {"changes": [{"field": "/f", "new": new, "old": old}]} for new, old in ((long, short), (short, long))
    )
    apart = weight(b'{"changes":[]}')

    assert growth(canonical.to_json(grown), grown) == pytest.approx(apart + 60, abs=2)
    assert growth(canonical.to_json(shrunk), shrunk) == pytest.approx(apart - 60, abs=2)
    assert growth(b'{"on":"2026"}', {"on": "2026"}) == weight(b'{"on":"2026"}')


def test_batches_are_bounded_by_records_and_by_weight() -> None:
    third = HEAVIEST_BATCH // 3
    for sizes, expected in (
        ([], []),
        ([1] * LARGEST_BATCH, [LARGEST_BATCH]),
        ([1] * (2 * LARGEST_BATCH + 1), [LARGEST_BATCH, LARGEST_BATCH, 1]),
        ([third] * 7, [3, 3, 1]),
        ([third, HEAVIEST_BATCH + 1, 1], [1, 1, 1]),
    ):
        records = [judged(size) for size in sizes]
        batches = [batch.judged for batch in batches_of(records)]
        assert [len(batch) for batch in batches] == expected
        assert list(chain.from_iterable(batches)) == records


def test_documents_of_batches_that_may_not_be_written_stay_and_of_others_so_many_bytes() -> None:
    keeping = Keeping(most=5 * WEIGHT)
    for number in range(10):
        keeping[str(number)] = dict(WORDS)
        assert keeping.made({str(number), "unknown"}) == WEIGHT
        assert keeping.weight == WEIGHT * len(keeping)
    assert [*keeping] == ["5", "6", "7", "8", "9"]

    keeping.load({"old": dict(WORDS)})
    assert keeping.made({"5", "old"}) == 2 * WEIGHT
    assert [*keeping][:3] == ["7", "8", "9"]
    del keeping["7"]
    assert keeping.weight == 4 * WEIGHT

    few = Keeping(most=0)
    for number in range(10):
        few[str(number)] = dict(WORDS)
        few.made({str(number)})
        assert [*few] == [str(one) for one in range(max(0, number + 1 - UNWRITTEN), number + 1)]


def test_what_is_let_go_is_read_again_from_its_json_while_that_is_among_so_many_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ENCODED", 3 * len(canonical.to_json(WORDS)))
    keeping = Keeping(most=0)
    for number in range(10):
        keeping[str(number)] = dict(WORDS)
        keeping.made({str(number)})
    assert [*keeping] == ["7", "8", "9"]

    keeping.recall([str(number) for number in range(10)])
    assert [*keeping] == ["7", "8", "9", "4", "5", "6"]
    assert keeping["4"] == WORDS
    keeping["4"] = {**WORDS, "version": 2}
    keeping.made({"4"})
    for number in "abc":
        keeping[number] = dict(WORDS)
        keeping.made({number})
    assert "4" not in keeping
    keeping.recall(["4"])
    assert keeping["4"]["version"] == 2


def test_results_are_forgotten_after_so_many_bytes_of_documents() -> None:
    made: list[dict[str, object]] = []

    @sharing.once_for_each
    def result(document: dict[str, object]) -> int:
        made.append(document)
        return len(made)

    sharing.forget_beyond(0, 1)
    assert [result(WORDS), result(WORDS)] == [1, 1]
    sharing.forget_beyond(100, 60)
    assert result(WORDS) == 1
    sharing.forget_beyond(100, 60)
    assert result(WORDS) == 2


def test_nothing_is_kept_of_a_text_longer_than_any_number() -> None:
    computed: list[str] = []

    @sharing.short_ones_kept(10)
    def result(text: str) -> str:
        computed.append(text)
        return text.upper()

    short, long = "a" * sharing.SHORT, "a" * (sharing.SHORT + 1)
    assert [result(text) for text in (short, short, long, long)] == [
        text.upper() for text in (short, short, long, long)
    ]
    assert computed == [short, long, long]
