"""Reading the site board."""

from typing import Any, Final

from projections.connecting import Connection

OF_TRIAL: Final = "select details from site where trial = %s order by site"


async def of_trial(connection: Connection, trial: str) -> list[dict[str, Any]]:
    """The trial's sites, in the order of their ids."""
    return [site for (site,) in await (await connection.execute(OF_TRIAL, (trial,))).fetchall()]
