"""`registry import` and `registry export`: other registries' records in, ours out."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from registry import wiring
from registry.cli.app import run, settings
from registry.cli.output import AsJson, console, print_facts, print_json, print_rows, progress
from registry.intake import Intake

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)]
SOURCE_HELP = "Where the files come from: " + ", ".join(wiring.SOURCES)
TARGET_HELP = "Who the export is for: " + ", ".join(wiring.TARGETS)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""

    @app.command("import")
    def import_(
        source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
        files: Files,
        adopt: Annotated[bool, typer.Option("--adopt", help="Register them here, under our numbers.")] = False,
        owner: Annotated[str, typer.Option(help="With --adopt: the organisation that owns them here.")] = "registry",
        json: AsJson = False,
    ) -> None:
        """Take in a partner's registrations; the same bytes again change nothing."""
        if source not in wiring.SOURCES:
            sys.exit(f"registry: no source {source!r}; there are: {', '.join(wiring.SOURCES)}")
        report = run(_import(source, files, owner if adopt else None))
        print_json(report) if json else _print_import(report)
        if report["refused"]:
            raise typer.Exit(3)

    @app.command()
    def export(
        target: Annotated[str, typer.Argument(help=TARGET_HELP)],
        out: Annotated[Path, typer.Option(help="The file to write; - is standard output.")] = Path("-"),
        json: AsJson = False,
    ) -> None:
        """Write the registrations made here in a partner's format; what could not be filled goes to standard error."""
        if target not in wiring.TARGETS:
            sys.exit(f"registry: no target {target!r}; there are: {', '.join(wiring.TARGETS)}")
        report = run(_export(target, out))
        text = report if json else {name: value for name, value in report.items() if name != "gaps"}
        if str(out) == "-":
            typer.echo(str(text), err=True)
        elif json:
            print_json(report)
        else:
            print_facts(text)
            print_rows("Could not be filled", wiring.gaps_by_item(report))


async def _import(source: str, files: list[Path], adopt_for: str | None) -> dict[str, Any]:
    chosen = wiring.SOURCES[source]
    configured = settings()
    losses = wiring.new_losses()
    async with wiring.running(configured) as node:
        intake = Intake(node, chosen.media_type, adopt_for)
        with progress("importing", None) as bar:
            for path in files:
                studies = chosen.studies(path.read_bytes(), path.name, losses)
                await intake.take_all(studies, lambda: bar.advance(bar.task_ids[0]))
        await node.until_visible(configured.read_deadline * 6)
    return {**intake.summary.to_json(), "not_carried": losses.to_json()}


def _print_import(report: dict[str, Any]) -> None:
    counts = {name: value for name, value in report.items() if isinstance(value, int)}
    print_rows("Not carried (kept in the partner's own bytes)", report["not_carried"])
    print_rows("Refused", report["refusals"])
    print_facts(counts)
    console.print("given = new + changed + unchanged + refused")


async def _export(target: str, out: Path) -> dict[str, Any]:
    async with wiring.running(settings()) as node:
        await node.until_visible(node.settings.read_deadline)
        with progress("exporting", None) as bar:
            return await wiring.TARGETS[target](node, out, lambda: bar.advance(bar.task_ids[0]))
