"""`registry run`: the API, and the process of the projections, until a signal stops it."""

import sys
from typing import Annotated

import typer

from events.stopping import heed_cancellation
from registry import wiring
from registry.cli.alone import address, alone
from registry.cli.demo import enter_past, open_demo
from registry.cli.output import print_line
from registry.cli.running import run as run_work
from registry.cli.running import settings
from registry.process.beside import TURN
from registry.process.cycles import seldom_sought
from registry.process.memory import give_back
from registry.server import serve

Demo = Annotated[bool, typer.Option("--demo", help="Fill an empty registry with invented trials, and print tokens.")]


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def run(demo: Demo = False) -> None:
        """Serve the registry (REGISTRY_HOST, REGISTRY_PORT; 127.0.0.1:8080 unless set)."""
        run_work(_run(demo))


async def _run(demo: bool) -> None:
    configured = settings()
    # Pages are rendered and bodies checked on other threads of this process.
    sys.setswitchinterval(TURN)
    give_back()
    with alone(configured) as address_socket:
        if demo or configured.demo:
            await enter_past(configured)
        async with wiring.running(configured, projecting=wiring.Projecting.BESIDE) as node:
            if demo or configured.demo:
                await open_demo(node)
            # A signal that came during the start is not sent again: if we ignored it, the server would run for ever.
            heed_cancellation()
            print_line(f"The registry serves on {address(configured)}/ (API at /docs). Ctrl-C stops it.")
            address_socket.close()
            with seldom_sought():
                await serve(node, configured.host, configured.port)
