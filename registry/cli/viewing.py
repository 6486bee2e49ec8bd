"""`registry rebuild` and `registry dump`: the views, made again from the log, and written out."""

import sys
from functools import partial
from typing import Annotated, Any

import typer

from projections.base.connecting import connect
from projections.catalogue import PROGRAM
from projections.engine import aside
from projections.engine.dump import dump as dump_views
from projections.engine.rebuild import rebuild as rebuild_views
from registry import wiring
from registry.cli.output import MOST_ASIDE, AsJson, aside_row, fail, print_facts, print_json, print_rows, progress
from registry.cli.running import run, settings

View = Annotated[str | None, typer.Argument(help="One view; by default all.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command()
    def rebuild(view: View = None, json: AsJson = False) -> None:
        """Rebuild the views from the log beside those in use, swap them, and list events that can't be shown."""
        report = run(_rebuild(_known(view)))
        if json:
            print_json(report)
            return
        print_facts({name: fact for name, fact in report.items() if name != "set aside"})
        if report["set aside"]:
            print_rows("Set aside", report["set aside"])

    @app.command()
    def dump(view: View = None) -> None:
        """Write the views as canonical NDJSON, in the order of their keys."""
        run(_dump(_known(view)))


def _known(view: str | None) -> str | None:
    if view is not None and view not in PROGRAM.names:
        fail(f"no view {view!r}; use one of: {', '.join(PROGRAM.names)}")
    return view


async def _rebuild(view: str | None) -> dict[str, Any]:
    configured = settings()
    url = wiring.database_url(configured)
    opener = partial(wiring.open_log, configured, url)
    async with wiring.log_and_vault(configured) as (log, _):
        with progress("rebuilding", None) as bar:
            events = await rebuild_views(
                log,
                wiring.topics(configured)[0],
                url,
                names=[view] if view else None,
                program=PROGRAM,
                progress=lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total),
                opener=opener,
            )
    async with await connect(url) as connection:
        rows = [aside_row(one) for one in await aside.listed(connection, limit=MOST_ASIDE)]
    return {"view": view or "all", "events": events, "set aside": rows}


async def _dump(view: str | None) -> None:
    async for line in dump_views(wiring.database_url(settings()), names=[view] if view else None, program=PROGRAM):
        sys.stdout.buffer.write(line)
