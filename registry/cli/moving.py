"""`registry log dump` and `registry log restore`: the log as a file, and the file as the log of another store."""

from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import AsyncConnection

from events import founding, moving
from events.port import LogMisconfigured
from events.postgres import belonging
from registry import wiring
from registry.cli.files import whole
from registry.cli.output import fail, print_facts, progress
from registry.cli.running import run, settings
from registry.people.belonging import topic_ids

Written = Annotated[Path, typer.Argument(help="The file to write; it must not exist.", dir_okay=False)]
Read = Annotated[Path, typer.Argument(help="A file that `registry log dump` wrote.", exists=True, dir_okay=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    log = typer.Typer(help="The log as a file. Stop every node first.", no_args_is_help=True)
    app.add_typer(log, name="log")

    @log.command()
    def dump(file: Written) -> None:
        """Write the whole log to a file, with the times at which it recorded each message."""
        if file.exists():
            fail(f"{file} already exists; name another file")
        print_facts({"messages written": run(_dump(file))})

    @log.command()
    def restore(file: Read) -> None:
        """Fill an empty log from a file, with the recorded times in it. Run it again if it was interrupted."""
        print_facts({"messages restored": run(_restore(file))})

    @log.command()
    def adopt(
        log: Annotated[str, typer.Argument(help="The id of the log, from the message of the refused start.")],
    ) -> None:
        """Declare the log in the settings to be the one that the vault has keys for, from now on."""
        print_facts(run(_adopt(log)))


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
    with file.open("rb") as lines:
        founded = moving.founding_in(lines).origin.log
    restored, url, topics = 0, wiring.database_url(configured), wiring.topics(configured)
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        vault = await belonging.found(connection)
        if vault and vault.log not in (None, founded):
            raise LogMisconfigured(
                f"the vault keeps keys for the log {vault.log}, and the file is of the log {founded}"
            )
        log = await wiring.open_log(configured, url, create=True)
        try:
            with file.open("rb") as lines, progress("restoring", None) as bar:
                async for done in moving.restore(log, topics, lines):
                    restored += done
                    bar.update(bar.task_ids[0], completed=restored)
            # Last: noted earlier, it would let a node start on a log that is restored in part.
            if vault and vault.log:
                await belonging.belong_to(connection, founded, await topic_ids(log, topics))
        finally:
            await log.close()
    return restored


async def _adopt(name: str) -> dict[str, str]:
    configured = settings()
    url, topics = wiring.database_url(configured), wiring.topics(configured)
    log = await wiring.open_log(configured, url)
    try:
        founded = await founding.read(log, topics[0])
        if founded.origin.log != name:
            raise LookupError(f"the settings name the log {founded.origin.log}, not {name}")
        async with await AsyncConnection.connect(url) as connection:
            await _refuse_others(connection, name)
            await belonging.become(connection, founded.vault)
            await belonging.belong_to(connection, name, await topic_ids(log, topics))
            vault = await belonging.read(connection)
    finally:
        await log.close()
    return {"log": name, "vault": vault.vault}


async def _refuse_others(connection: AsyncConnection[Any], log: str) -> None:
    """Raises LogMisconfigured if the database has no vault, or one whose keys are another log's."""
    vault = await belonging.found(connection)
    if vault is None:
        raise LogMisconfigured("the database holds no vault; start a node on it once, which makes one: registry run")
    if vault.log not in (None, log) and await belonging.holds_keys(connection):
        raise LogMisconfigured(
            f"the vault in this database holds keys of the log {vault.log}, which would become unreadable: name the "
            f"database of the log {log}, or one that is empty"
        )
