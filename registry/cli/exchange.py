"""`registry import` and `registry export`: other registries' records in, ours out."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
import typer

from adapters.catalogue import PARTNERS, SOURCES, TARGETS
from adapters.exporting import ExportReport
from registry import wiring
from registry.cli.output import (
    AsJson,
    byte_progress,
    fail,
    print_facts,
    print_json,
    print_line,
    print_rows,
    progress,
)
from registry.cli.running import run, settings
from registry.exchange.exporting import NotPublic, check_public, export
from registry.exchange.fates import Outcome
from registry.exchange.inputs import Input, NoInput, inputs
from registry.exchange.intake import Intake
from registry.exchange.reading import reading
from registry.node import Node

FILES_HELP = "Files, folders, patterns such as 'new/*.json', or - for standard input; plain, gz or zip."
REPORT_HELP = "A file for the outcome of each raw document, one line of JSON each."
Files = Annotated[list[str], typer.Argument(help=FILES_HELP)]
Report = Annotated[Path | None, typer.Option("--report", help=REPORT_HELP, dir_okay=False)]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({PARTNERS[name].called('en')})" for name in names)


SOURCE_HELP = f"The sender of the files: {_listed(SOURCES)}"
TARGET_HELP = f"The export's recipient: {_listed(TARGETS)}"
OUT_HELP = f"The file to write; by default {', '.join(f'{one.file} for {name}' for name, one in TARGETS.items())}."


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    _add_import(app)
    _add_export(app)


def _add_import(app: typer.Typer) -> None:
    @app.command("import")
    def import_(
        source: Annotated[str, typer.Argument(help=SOURCE_HELP)],
        files: Files,
        *,
        adopt: Annotated[bool, typer.Option("--adopt", help="Register the trials here, with numbers of ours.")] = False,
        owner: Annotated[
            str, typer.Option(help="The organisation that owns adopted or restored trials here.")
        ] = "registry",
        report: Report = None,
        json: AsJson = False,
    ) -> None:
        """Import a partner's registrations. Importing the same bytes again changes nothing.

        The exit code is 3 if a raw document was refused or a file has none.
        """
        if source not in SOURCES:
            fail(f"no source {source!r}; use one of: {', '.join(SOURCES)}")
        summary = run(_import(source, files, adopt, owner, report))
        print_json(summary) if json else _print_import(summary)
        if summary["refused"] or summary["empty"]:
            raise typer.Exit(3)


def _add_export(app: typer.Typer) -> None:
    @app.command("export")
    def export_(
        target: Annotated[str, typer.Argument(help=TARGET_HELP)],
        out: Annotated[Path | None, typer.Option(help=OUT_HELP, dir_okay=False)] = None,
        json: AsJson = False,
    ) -> None:
        """Write our own registrations in a partner's format, and report the elements that could not be filled."""
        if target not in TARGETS:
            fail(f"no target {target!r}; use one of: {', '.join(TARGETS)}")
        try:
            check_public(settings().public_url)
        except NotPublic as fault:
            fail(str(fault), code=2)
        report, invented = run(_export(target, out or Path(TARGETS[target].file)))
        if json:
            print_json({**report.to_json(), **({"invented": True} if invented else {})})
        else:
            _print_export(report, invented)
        if report.not_written:
            raise typer.Exit(3)


async def _import(source: str, names: list[str], adopt: bool, owner: str, report: Path | None) -> dict[str, Any]:
    # The views follow once all is recorded: during the import they would take as much of the machine as the import.
    with ExitStack() as stack:
        files = _inputs(names, stack)
        on_outcome = _reported(stack.enter_context(report.open("wb"))) if report else lambda _: None
        reader = stack.enter_context(reading(source, files))
        async with wiring.running(settings(), projecting=wiring.Projecting.WHEN_ASKED) as node:
            # An import finds trials of ours by their numbers in the views.
            await _catch_up(node)
            import_id = node.new_id()
            intake = Intake(node, adopt=adopt, owner=owner, import_id=import_id, on_outcome=on_outcome)
            with byte_progress("importing", sum(file.size for file in files)) as read:
                await intake.take_all(reader.records(read), lambda _: None)
            await intake.finish(source, [file.name for file in files], reader.report.losses)
            await _catch_up(node)
    of_files = {"values": reader.report.losses.to_json(), "empty": reader.report.empty}
    return {"import": str(import_id), **intake.summary.to_json(), **of_files}


def _inputs(names: list[str], stack: ExitStack) -> list[Input]:
    try:
        return inputs(names, stack)
    except NoInput as fault:
        fail(str(fault), code=2)


def _reported(file: BinaryIO) -> Callable[[Outcome], None]:
    def write(outcome: Outcome) -> None:
        file.write(orjson.dumps(outcome.to_json(), option=orjson.OPT_APPEND_NEWLINE))

    return write


async def _catch_up(node: Node) -> None:
    with progress("updating the views", sum(node.heads.next_offsets().values())) as bar:
        await node.until_caught_up(lambda records: bar.update(bar.task_ids[0], completed=records))


def _print_import(report: dict[str, Any]) -> None:
    carried = {"values carried": report["values"]["carried"], "values not carried": report["values"]["not_carried"]}
    if cleaned := report["values"]["cleaned"]:
        carried["texts without their control characters"] = cleaned
    counts = {name: value for name, value in report.items() if isinstance(value, int)} | carried
    print_rows("Values not carried; the raw documents have them", report["values"]["losses"])
    print_rows("Refused", report["refusals"])
    for name in report["empty"]:
        print_line(f"warning: {name} has no raw document")
    print_facts(counts)
    print_line("given = new + changed + unchanged + older + refused")


async def _export(target: str, out: Path) -> tuple[ExportReport, bool]:
    """The report, and whether the written trials are invented."""
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        with progress("exporting", None) as bar:
            report = await export(
                TARGETS[target], await node.outgoing(), out, lambda done: bar.update(bar.task_ids[0], completed=done)
            )
        return report, node.invented


def _print_export(report: ExportReport, invented: bool) -> None:
    if invented:
        print_line("warning: this registry began as a demo; the export is invented data, do not send it to a partner")
    print_rows("Could not be filled", report.gaps_by_item())
    print_rows("Not written", [asdict(one) for one in report.not_written])
    passed_over = {"without a number yet": report.unnumbered, "of partners": report.elsewhere}
    print_facts({"written": report.written, **passed_over, "gaps": len(report.gaps)})
