"""Views of programmes and regions: the same bytes followed and rebuilt, and as of any moment what they were then."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.schemas.values import Value
from projections.base.connecting import connect
from projections.base.moments import Moment
from projections.base.view import Document
from projections.catalogue import PROGRAM
from projections.engine import aside
from projections.engine.rebuild import rebuild
from projections.programme.document import countries_of, details_of, numbers_of, words_of
from projections.reading import Views
from projections.views.programme import store as programmes
from registry.domain.programme import commands as do
from tests.projections.trials import TOPIC, Writer, memory_log, now
from tests.projections.views import dumped, project
from tests.support.programme_reads import ID, document, region_id
from tests.support.programmes import Course, joined
from tests.support.regions import authorised, begun

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STREAM = f"programme/{ID}"


def linked() -> Course:
    course = joined()
    course.do(do.LinkToProgramme, registration="us", number="nct 04665037")
    course.do(do.LinkToProgramme, registration="ours", trial="0a1b2c3d-0000-4000-8000-000000000000")
    course.do(do.DeclareRegion, country="PH")
    course.do(do.AmendProgramme, reason="settled", details={"acronym": "ＰＯＳＡ"})
    return course


def history() -> list[tuple[str, Value]]:
    """A programme and three regions, their events one by one in turns."""
    streams: list[tuple[str, Sequence[Value]]] = [
        (STREAM, linked().events),
        *((f"region/{region_id(code)}", authorised(code).events) for code in ("BE", "GR")),
        (f"region/{region_id('PL')}", begun("PL").events),
    ]
    longest = max(len(events) for _, events in streams)
    return [(stream, events[at]) for at in range(longest) for stream, events in streams if at < len(events)]


async def test_followed_and_rebuilt_they_are_the_same_bytes(database_url: str) -> None:
    writer = Writer(memory_log())
    events = history()
    for half in (events[:9], events[9:]):
        await writer.append_all(half)
        await project(writer.log, database_url)
    followed = await dumped(database_url)
    await rebuild(writer.log, TOPIC, database_url, program=PROGRAM)

    assert await dumped(database_url) == followed
    assert sum(b'"view":"region"' in line for line in followed) == 3
    async with await connect(database_url) as connection:
        assert await aside.listed(connection) == []


@FEW
@given(at=st.integers(0, len(history()) - 1))
async def test_as_of_any_moment_a_document_is_what_its_events_made_by_then(at: int, database_url: str) -> None:
    writer = Writer(memory_log())
    places = []
    for stream, payload in history():
        places.append((stream, await writer.append(stream, payload)))
    async with await connect(database_url) as connection:
        await connection.execute("drop schema if exists views cascade")
    await project(writer.log, database_url)
    views = await Views.open(database_url, now)
    stream, position = places[at]
    count = sum(name == stream for name, _ in places[: at + 1])
    shown = await views.document_of(stream, Moment(position=position))
    latest = await views.document_of(stream)
    await views.close()

    assert shown is not None
    assert latest is not None
    assert (shown["version"], shown["position"]) == (count, str(position))
    assert shown["events"] == latest["events"][:count]


def test_a_programme_is_found_by_its_last_title_by_its_numbers_and_by_its_countries() -> None:
    found: Document = document(STREAM, list(linked().events))

    assert details_of(found)["acronym"] == "ＰＯＳＡ"
    assert "posa" in words_of(found).splitlines()
    assert {"nct04665037", "mk-5592-127"} <= {*numbers_of(found)}
    assert countries_of(found) == ["BE", "GR", "PH", "PL"]


async def test_lists_are_asked_for_by_title_number_and_region(database_url: str) -> None:
    writer = Writer(memory_log())
    await writer.append_all(history())
    await project(writer.log, database_url)
    async with await connect(database_url) as connection:
        for q, region, found in (
            ("POSACONAZOLE", None, 1),
            ("小児", None, 1),
            ("NCT04665037", "PH", 1),
            ("NCT0466503", None, 0),
            ("", "BE", 1),
            ("", "JP", 0),
            ("%", None, 0),
        ):
            assert len(await programmes.listed(connection, 10, q=q, region=region)) == found, (q, region)
        assert await programmes.listed(connection, 10, after=ID) == []
        of_trial = await programmes.of_trial(connection, "0a1b2c3d-0000-4000-8000-000000000000")
        assert [one["programme"] for one in of_trial] == [ID]
