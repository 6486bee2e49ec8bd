"""`registry run` of an older version: the same program, whose views stumble at two kinds of events."""

import asyncio

from registry import wiring
from registry.process.logs import log_to_stderr
from registry.server import serve
from registry.settings import Settings
from tests.support.stumbling import OLDER


async def main() -> None:
    """Serves until it is stopped."""
    settings = Settings()
    async with wiring.running(settings, projecting=wiring.Projecting.BESIDE, program=OLDER) as node:
        await serve(node, settings.host, settings.port)


if __name__ == "__main__":
    log_to_stderr()
    asyncio.run(main())
