"""`registry run`: the API, and the projections beside it, until a signal says stop."""

import typer

from registry import wiring
from registry.api.server import serve
from registry.cli.app import run as run_work
from registry.cli.app import settings
from registry.cli.output import console


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def run() -> None:
        """Serve the registry (REGISTRY_HOST, REGISTRY_PORT; 127.0.0.1:8080 unless set)."""
        run_work(_run())


async def _run() -> None:
    configured = settings()
    async with wiring.running(configured) as node:
        console.print(
            f"The registry serves on http://{configured.host}:{configured.port} (API at /docs). Ctrl-C stops it."
        )
        await serve(node, configured.host, configured.port)
