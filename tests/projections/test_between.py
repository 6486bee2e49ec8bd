"""Changes of a category between two places of the log: every one once, in the order of its partition, page by page."""

from collections.abc import AsyncIterator

import pytest

from events.schemas.access import TokenRevoked
from projections.reading import Views
from tests.projections.trials import TOPIC, Writer, amended, memory_log, now, registered, trial_id
from tests.projections.views import project

TRIALS = "trial"
START = dict.fromkeys(range(TOPIC.partitions), 0)
ALL = 10**9


@pytest.fixture
async def views(database_url: str) -> AsyncIterator[Views]:
    """Of six trials with three events each, and of an event of another stream between them."""
    log = memory_log()
    writer = Writer(log)
    for number in range(6):
        await writer.append(f"trial/{trial_id(number)}", registered(public_title={"en": "x" * (50 * number + 1)}))
        await writer.append(f"access/{number}", TokenRevoked())
    for phase in ("2", "3"):
        for number in range(6):
            await writer.append(f"trial/{trial_id(number)}", amended(("/phase", None, phase)))
    await project(log, database_url)
    opened = await Views.open(database_url, now)
    yield opened
    await opened.close()


async def read(views: Views, limit: int, most_bytes: int) -> list[tuple[str, int]]:
    high, at, found, more = await views.positions(), START, [], True
    while more:
        page = await views.changes(TRIALS, at, high, limit, most_bytes)
        assert 0 < len(page.changes) <= limit or not page.more
        found += [(str(change.event.position), change.event.version) for change in page.changes]
        at, more = page.end, page.more
    assert at == high
    return found


@pytest.mark.parametrize(("limit", "most_bytes"), [(1, ALL), (5, ALL), (18, ALL), (ALL, 0), (ALL, 500), (7, 1_000)])
async def test_pages_of_any_size_have_every_change_once_and_in_order(views: Views, limit: int, most_bytes: int) -> None:
    whole, paged = await read(views, ALL, ALL), await read(views, limit, most_bytes)

    assert len(whole) == 18
    assert paged == whole
    for partition in START:
        offsets = [int(at.partition(":")[2]) for at, _ in whole if at.startswith(f"{partition}:")]
        assert offsets == sorted(set(offsets))


async def test_a_page_ends_by_what_its_changes_come_to_and_not_by_what_they_are_stored_in(database_url: str) -> None:
    log = memory_log()
    writer = Writer(log)
    for number in range(6):
        # Stored in a kilobyte, as it compresses well.
        await writer.append(f"trial/{trial_id(number)}", registered(description={"en": "x" * 90_000}))
    await project(log, database_url)
    views = await Views.open(database_url, now)
    try:
        page = await views.changes(TRIALS, START, await views.positions(), ALL, 150_000)
    finally:
        await views.close()

    assert (len(page.changes), page.more) == (2, True)


async def test_each_category_has_its_own_changes(views: Views) -> None:
    page = await views.changes("access", START, await views.positions(), ALL, ALL)

    assert {change.event.record.type for change in page.changes} == {"access.token-revoked.v1"}
    assert (len(page.changes), page.more) == (6, False)


async def test_partitions_are_merged_by_time_and_a_change_knows_how_its_trial_stood_before(views: Views) -> None:
    page = await views.changes(TRIALS, START, await views.positions(), ALL, ALL)
    times = [change.event.recorded for change in page.changes]

    assert times == sorted(times)
    assert [change.before for change in page.changes[:6]] == [None] * 6
    assert {str(change.before) for change in page.changes[6:]} != {"None"}
    assert all(change.after["owner"] == "sponsor-1" and not change.after["public"] for change in page.changes)


async def test_what_is_beyond_the_end_asked_for_is_not_read_and_no_place_moves_back(views: Views) -> None:
    high = await views.positions()
    further = {partition: offset + 5 for partition, offset in high.items()}

    assert (await views.changes(TRIALS, high, high, ALL, ALL)).changes == []
    assert (await views.changes(TRIALS, further, high, ALL, ALL)).end == further
    assert (await views.changes(TRIALS, START, START, ALL, ALL)).changes == []
