"""Reading the record view: the latest document of a trial, and the documents in the order of their numbers."""

from collections.abc import AsyncIterator
from typing import Final

from projections.base.connecting import Connection
from projections.trial.document import Document
from projections.trial.identifiers import normalise

BY_NUMBER: Final = (
    "select trial from record where known @> array[%(number)s::text] or former @> array[%(number)s::text]"
    " order by (number is not null and known[1] = %(number)s::text) desc, (number is not null) desc,"
    " (former @> array[%(number)s::text]) desc, (document ->> 'first_recorded'), trial limit 1"
)
FORMER: Final = "select trial, document #>> '{home,registry}', former from record where former <> '{}'"
OURS_BY_NUMBER: Final = (
    "select trial from record"
    " where known @> array[%(number)s::text] and known[1] = %(number)s::text and number is not null limit 1"
)
ALL: Final = (
    "select document from record"
    " where %(owned)s::boolean is null or (%(owned)s and number is not null and not home) or (not %(owned)s and home)"
    " order by number nulls last, trial"
)


async def by_number(connection: Connection, text: str) -> str | None:
    """The trial that a registry gave the number to: one that has it from us first, then ours, then partners'.

    Where a partner says that it gave the number to another of its trials since, it names that one.
    """
    return await _named(connection, BY_NUMBER, text)


async def former_numbers(connection: Connection) -> dict[tuple[str, str], str]:
    """The trial of each number that its home registry says it gave it before: (registry, number) to trial.

    A number that two trials are said to have had is nobody's.
    """
    trials: dict[tuple[str, str], set[str]] = {}
    for trial, home, former in await (await connection.execute(FORMER)).fetchall():
        for number in former:
            trials.setdefault((home, number), set()).add(trial)
    return {number: one.pop() for number, one in trials.items() if len(one) == 1}


async def ours_by_number(connection: Connection, text: str) -> str | None:
    """The trial that this registry gave the number to."""
    return await _named(connection, OURS_BY_NUMBER, text)


async def _named(connection: Connection, statement: str, text: str) -> str | None:
    if not (number := normalise(text)):
        return None
    row = await (await connection.execute(statement, {"number": number})).fetchone()
    return row[0] if row else None


async def documents(connection: Connection, owned: bool | None) -> AsyncIterator[Document]:
    """All documents (None), those with a number of ours (True), or a partner's (False), as of one moment.

    They come through a cursor of the server, so that any number of them takes little memory.
    """
    async with connection.transaction(), connection.cursor("documents") as cursor:
        await cursor.execute(ALL, {"owned": owned})
        async for (document,) in cursor:
            yield document
