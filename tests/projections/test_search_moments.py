"""What a search answers as of a moment is what it answered then; a list is the same to its end, whatever changes."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Final

import pytest

from events.memory import MemoryEventLog
from events.record import Position
from events.schemas.values import Value
from projections.base.moments import Moment
from projections.reading import Views
from projections.search import cursor
from projections.search.cursor import Cursor
from projections.search.query import SearchPage, SearchQuery
from projections.search.searching import CursorUnfit
from projections.trial.document import stream_of
from tests.projections.trials import Clock, Writer, amended, history_of, imported, memory_log, now, trial_id
from tests.projections.views import project, running

MOMENTS: Final = 500
TRIALS: Final = 12
FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {"public_title": {"en": "Zinc for colds", "ja": "亜鉛と風邪"}},
    {"public_title": {"en": "Iron"}, "phase": "2", "countries": ["JP"]},
    {"conditions": [{"name": {"ja": "肺癌", "en": "Lung cancer"}}], "phase": "3"},
    {"description": {"en": "Zinc, iron and copper"}, "countries": ["JP", "KR"]},
)
ASKED: Final = (
    SearchQuery(),
    SearchQuery(everything=True),
    SearchQuery(q="zinc"),
    SearchQuery(q="iron copper", everything=True),
    SearchQuery(q="肺がん", everything=True),
    SearchQuery(recruitment=("recruiting",)),
    SearchQuery(country=("KR",), everything=True),
    SearchQuery(q="clinic", order="newest", everything=True),
    SearchQuery(recruiting_sites=False),
)


def history(steps: int) -> list[tuple[str, Value]]:
    draw = Random(15)
    return history_of([(draw.randrange(TRIALS), draw.randrange(1_000), draw.choice(FIELDS)) for _ in range(steps)])


def answer(page: SearchPage) -> list[tuple[Mapping[str, Any], float]]:
    return [(one.summary, one.rank) for one in page.found]


async def test_as_of_any_of_500_moments_a_search_answers_what_it_answered_then(database_url: str) -> None:
    clock = Clock(timedelta(hours=7))
    writer = Writer(MemoryEventLog(clock))
    views = await Views.open(database_url, lambda: clock.now)
    answers: list[tuple[Position, SearchQuery, Any, Any]] = []
    try:
        async with running(writer.log, database_url, views):
            for step, (stream, payload) in enumerate(history(MOMENTS)):
                position = await writer.append(stream, payload)
                assert await views.wait_for(position, 30)
                query = ASKED[step % len(ASKED)]
                page = await views.search(query)
                answers.append((position, query, answer(page), await views.counts(query)))
                assert page.total == len(page.found)
        recorded = [(await views.day(Moment(position=position))) for position, *_ in answers[:3]]
        assert recorded == sorted(recorded)
        Random(1).shuffle(answers)
        for position, query, expected, counts in answers:
            moment = Moment(position=position)
            assert answer(await views.search(query, moment)) == expected, (position, query)
            assert await views.counts(query, moment) == counts, (position, query)
    finally:
        await views.close()
    assert len(answers) == MOMENTS
    assert len([one for one in answers if one[2]]) > MOMENTS / 3, "most find something"


async def test_following_a_list_to_its_end_gives_each_trial_once_while_trials_change(database_url: str) -> None:
    writer = Writer(memory_log())
    for number in range(60):
        fields = {"public_title": {"en": f"Zinc {'and iron' * (number % 3)}"}, "phase": "2"}
        await writer.append(stream_of(trial_id(number)), imported(f"NCT{number:08}", **fields))
    await project(writer.log, database_url)
    views, fresh = await Views.open(database_url, now), await Views.open(database_url, now)
    try:
        for query in (SearchQuery(q="zinc", limit=7), SearchQuery(limit=7), SearchQuery(limit=7, order="newest")):
            whole = [
                one.summary["trial"] for one in (await views.search(query.model_copy(update={"limit": 100}))).found
            ]
            page, listed, changed = await views.search(query), list[str](), 0
            first = page
            while True:
                listed += [one.summary["trial"] for one in page.found]
                assert not query.q or {one.summary["phase"] for one in page.found} == {"2"}, "as they were"
                assert page.total == len(whole)
                if page.following is None:
                    break
                for number in range(changed, changed + 3):
                    await writer.append(stream_of(trial_id(number)), amended(("/phase", "2", "3")))
                added = 1_000 + writer.written
                await writer.append(stream_of(trial_id(added)), imported(f"NCT{added:08}"))
                changed += 3
                await project(writer.log, database_url)
                page = await views.search(query.model_copy(update={"cursor": page.following}))
                # Another node, whose index was never as it was for the first page.
                cursor = page.following or page.preceding or ""
                again = query.model_copy(update={"cursor": cursor})
                assert answer(await views.search(again)) == answer(await fresh.search(again))
            assert listed == whole
            assert len({*listed}) == len(listed) >= 60
        with pytest.raises(CursorUnfit):
            await views.search(SearchQuery(q="other", cursor=first.following or ""))
        with pytest.raises(CursorUnfit):
            await views.search(SearchQuery(cursor="1.2.3"))
        place, _, _ = (first.following or "").rpartition(".")
        with pytest.raises(CursorUnfit):
            # 0xff says that more of the number follows.
            await views.search(query.model_copy(update={"cursor": f"{place}._w"}))
    finally:
        await views.close()
        await fresh.close()


@pytest.mark.parametrize("query", [SearchQuery(), SearchQuery(q="zinc"), SearchQuery(order="newest")])
async def test_a_page_far_beyond_the_end_is_empty(views: Views, query: SearchQuery) -> None:
    place = Cursor(999_999_999, date(2026, 11, 22), cursor.digest(query, None), await views.positions())

    page = await views.search(query.model_copy(update={"cursor": str(place)}))

    assert (page.found, page.total, page.following) == ([], 3, None)


async def test_a_position_beyond_what_the_index_can_name_is_of_its_own_partition(views: Views) -> None:
    for partition in await views.positions():
        within, beyond = (Moment(position=Position(partition, offset)) for offset in (2**40 - 1, 2**62))
        query = SearchQuery(everything=True)

        assert answer(await views.search(query, beyond)) == answer(await views.search(query, within))


@pytest.mark.parametrize("day", [date.min, date(999, 12, 31), date.max])
def test_a_cursor_reads_what_it_writes(day: date) -> None:
    place = Cursor(20, day, "0" * 12, {0: 0, 1: 2**63 - 1})

    assert cursor.read(str(place)) == place


def test_a_cursor_with_a_number_that_no_offset_has_is_none() -> None:
    with pytest.raises(ValueError, match="number"):
        cursor.read(str(Cursor(0, date(2026, 11, 22), "0" * 12, {0: 2**63})))


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    """Three trials of zinc."""
    writer = Writer(memory_log())
    for number in range(3):
        await writer.append(stream_of(trial_id(number)), imported(f"NCT{number:08}", public_title={"en": "Zinc"}))
    await project(writer.log, database_url)
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()
