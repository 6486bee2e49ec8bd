"""`registry backup`, `restore` and `destroyed`: the installation in one archive, and an installation from it."""

import sys
from contextlib import nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from events.postgres import vault_copy
from projections.catalogue import PROGRAM
from projections.engine.rebuild import rebuild
from registry import wiring
from registry.backup import restoring, taking
from registry.backup.archive import checked, writing
from registry.cli.files import whole
from registry.cli.output import AsJson, fail, print_bare, print_facts, print_json, progress
from registry.cli.running import PACKAGE, run, settings
from registry.office.erasing import record
from registry.people.destructions import Destruction
from registry.people.keys import file_of, kept_key
from registry.settings import Settings

STDOUT: Final = Path("-")
REASON: Final = "destroyed before; recorded again after a restoration"
To = Annotated[Path, typer.Argument(help="The archive to write; it must not exist. Use - for standard output.")]
From = Annotated[Path, typer.Argument(help="An archive that `registry backup` wrote.", exists=True, dir_okay=False)]
List = Annotated[
    Path | None,
    typer.Option(
        "--destroyed",
        help="The last output of `registry destroyed`; these keys are not restored.",
        exists=True,
        dir_okay=False,
    ),
]
Nothing = Annotated[bool, typer.Option("--nothing-destroyed", help="No key was destroyed since the backup.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command()
    def backup(archive: To, json: AsJson = False) -> None:
        """Write log, documents and keys as of one moment to an archive. Nodes may continue to run."""
        facts = run(_backup(archive))
        # Standard output is for the archive itself.
        if archive != STDOUT:
            print_json(facts) if json else print_facts(facts)

    @app.command()
    def restore(
        archive: From, destroyed: List = None, nothing_destroyed: Nothing = False, json: AsJson = False
    ) -> None:
        """Fill an empty installation from an archive, without people forgotten since the backup (--destroyed LIST)."""
        if (destroyed is None) is not nothing_destroyed:
            fail("name the keys destroyed since the backup: --destroyed LIST, or --nothing-destroyed", 2)
        facts = run(_restore(archive, _listed(destroyed)))
        print_json(facts) if json else print_facts(facts)

    @app.command()
    def destroyed() -> None:
        """Print the ids of persons and texts whose keys were destroyed. Store the list apart from archives."""
        for one in run(_destroyed()):
            print_bare(orjson.dumps({one.kind.value: one.owner}).decode())


def _listed(file: Path | None) -> list[Destruction]:
    if file is None:
        return []
    try:
        with file.open("rb") as lines:
            return list(restoring.in_list(lines))
    except ValueError as fault:
        fail(f"{file}: {fault}")


async def _backup(archive: Path) -> dict[str, Any]:
    configured, now = settings(), wiring.now()
    lines = 0
    async with wiring.log_and_vault(configured) as (log, _):
        opened: Any = nullcontext(sys.stdout.buffer) if archive == STDOUT else whole(archive)
        with opened as out, progress("backing up", None) as bar, writing(out, int(now.timestamp())) as writer:
            taken = taking.back_up(
                log,
                wiring.topics(configured),
                wiring.database_url(configured),
                writer,
                now=now,
                program=version(PACKAGE),
            )
            async for more in taken:
                lines += more
                bar.update(bar.task_ids[0], completed=lines)
    return {"archive": str(archive), "lines": lines, "key": f"not included; store {_key(configured)} separately"}


def _key(configured: Settings) -> str:
    in_file = not (configured.vault_key.get_secret_value() or configured.database_url)
    return str(file_of(configured)) if in_file else "REGISTRY_VAULT_KEY"


async def _destroyed() -> list[Destruction]:
    configured = settings()
    log = await wiring.open_log(configured, wiring.database_url(configured))
    try:
        return await taking.destroyed(log, wiring.topics(configured)[0])
    finally:
        await log.close()


async def _restore(file: Path, later: list[Destruction]) -> dict[str, Any]:
    configured = settings()
    archive = checked(file)
    if (key := kept_key(configured)) is None:
        raise LookupError(f"put the key of the installation that was backed up at {file_of(configured)} first")
    restoring.refuse_unfit(archive, configured.partitions, key)
    url, topics, messages = wiring.database_url(configured), wiring.topics(configured), 0
    async with vault_copy.alone(url), wiring.log_and_vault(configured, restoring=True) as (log, _):
        with progress("restoring", archive.head["messages"]) as bar:
            async for done in restoring.restore(archive, log, topics, url, later):
                messages += done
                bar.update(bar.task_ids[0], completed=messages)
        events = await rebuild(log, topics[0], url, program=PROGRAM, opener=partial(wiring.open_log, configured, url))
    async with wiring.running(configured, restoring=True) as node:
        recorded = [one for one in later if await record(node, one, REASON)]
    await vault_copy.finish(url)
    return {"messages": messages, "events in the views": events, "destructions recorded again": len(recorded)}
