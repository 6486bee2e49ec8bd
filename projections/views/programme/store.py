"""Reading the view of programmes."""

from typing import Final

from projections.base.connecting import Connection
from projections.base.view import Document
from projections.programme.document import sought

LISTED: Final = (
    "select document from programme where (%(after)s::text is null or programme > %(after)s)"
    " and (%(q)s = '' or strpos(words, %(q)s) > 0 or %(q)s = any(numbers))"
    " and (%(region)s::text is null or regions @> array[%(region)s])"
    " order by programme limit %(limit)s"
)
OF_TRIAL: Final = "select document from programme where trials @> array[%(trial)s] order by programme limit %(limit)s"
MOST_OF_TRIAL: Final = 20


async def listed(
    connection: Connection, limit: int, after: str | None = None, q: str = "", region: str | None = None
) -> list[Document]:
    """So many documents after the one of this id, whose title, number or region is as asked for."""
    parameters = {"limit": limit, "after": after, "q": sought(q), "region": region}
    return [document for (document,) in await (await connection.execute(LISTED, parameters)).fetchall()]


async def of_trial(connection: Connection, trial: str) -> list[Document]:
    """The programmes that a trial of this registry is linked to."""
    rows = await (await connection.execute(OF_TRIAL, {"trial": trial, "limit": MOST_OF_TRIAL})).fetchall()
    return [document for (document,) in rows]
