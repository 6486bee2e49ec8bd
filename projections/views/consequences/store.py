"""Reading the view of consequences: those that wait for the office first, of these the oldest first."""

from typing import Final

from projections.base.connecting import Connection
from projections.base.view import Document

LISTED: Final = (
    "select document from consequence where %(after)s::text is null or (not open, since, consequence) >"
    " (select not open, since, consequence from consequence where consequence = %(after)s)"
    " order by not open, since, consequence limit %(limit)s"
)
OPEN: Final = "select policy, count(*) from consequence where open group by policy"


async def listed(connection: Connection, limit: int, after: str | None = None) -> list[Document]:
    """So many documents, after the one of this id."""
    rows = await (await connection.execute(LISTED, {"limit": limit, "after": after})).fetchall()
    return [document for (document,) in rows]


async def open_by_policy(connection: Connection) -> dict[str, int]:
    """How many are open, by policy; a policy of which none is open is left out."""
    found: list[tuple[str, int]] = await (await connection.execute(OPEN)).fetchall()
    return dict(found)
