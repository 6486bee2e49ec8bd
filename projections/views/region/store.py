"""Reading the view of regions."""

from collections.abc import Sequence
from typing import Final

from projections.base.connecting import Connection
from projections.base.view import Document

OF_PROGRAMMES: Final = "select document from region where programme = any(%(programmes)s) order by programme, region"


async def of_programmes(connection: Connection, programmes: Sequence[str]) -> list[Document]:
    """The regions of these programmes that have begun."""
    rows = await (await connection.execute(OF_PROGRAMMES, {"programmes": list(programmes)})).fetchall()
    return [document for (document,) in rows]
