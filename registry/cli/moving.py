"""`registry log dump` and `registry log restore`: the log as a file, and the file as the log of another store."""

from pathlib import Path
from typing import Annotated

import typer

from events import moving
from registry import wiring
from registry.cli.files import whole
from registry.cli.output import fail, print_facts, progress
from registry.cli.running import run, settings

Written = Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.", dir_okay=False)]
Read = Annotated[Path, typer.Argument(help="A file that `registry log dump` wrote.", exists=True, dir_okay=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    log = typer.Typer(help="The log itself, as a file. Stop every node first.", no_args_is_help=True)
    app.add_typer(log, name="log")

    @log.command()
    def dump(file: Written) -> None:
        """Write the whole log to a file, with the times at which it recorded each message."""
        if file.exists():
            fail(f"{file} already exists; name another file")
        print_facts({"messages written": run(_dump(file))})

    @log.command()
    def restore(file: Read) -> None:
        """Fill an empty log from a file, with the times stated; if interrupted, run it again and it continues."""
        print_facts({"messages restored": run(_restore(file))})


async def _dump(file: Path) -> int:
    configured = settings()
    log = await wiring.open_log(configured, wiring.database_url(configured))
    lines = 0
    try:
        with whole(file) as out, progress("writing", None) as bar:
            async for line in moving.dump(log, wiring.topics(configured)):
                out.write(line)
                lines += 1
                bar.update(bar.task_ids[0], completed=lines)
    finally:
        await log.close()
    return lines - len(("the first line", "the last"))


async def _restore(file: Path) -> int:
    configured = settings()
    with file.open("rb") as lines:
        moving.check(lines)
    log = await wiring.open_log(configured, wiring.database_url(configured))
    restored = 0
    try:
        with file.open("rb") as lines, progress("restoring", None) as bar:
            async for done in moving.restore(log, wiring.topics(configured), lines):
                restored += done
                bar.update(bar.task_ids[0], completed=restored)
    finally:
        await log.close()
    return restored
