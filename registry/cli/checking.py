"""`registry check`: whether the log is whole, with its documents and keys, and if not, where."""

from typing import Any, Final

import typer

from registry import wiring
from registry.checking.whole import check as check_log
from registry.cli.output import AsJson, print_facts, print_json, print_line, print_rows, progress
from registry.cli.running import run, settings

NOT_WHOLE: Final = 1
"""The exit code if something is wrong."""


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command()
    def check(json: AsJson = False) -> None:
        """Check the log with its documents and keys, and report what is missing or damaged (exit code 1)."""
        report = run(_check())
        print_json(report) if json else _print(report)
        if not report["whole"]:
            raise typer.Exit(NOT_WHOLE)


async def _check() -> dict[str, Any]:
    configured = settings()
    async with wiring.log_and_vault(configured, damaged=True) as (log, vault):
        with progress("checking", None) as bar:
            found = await check_log(
                log,
                vault,
                wiring.topics(configured),
                patience=3 * configured.log_patience,
                progress=lambda done, total: bar.update(bar.task_ids[0], completed=done, total=total),
            )
    return {"log": configured.log, **found.report()}


def _print(report: dict[str, Any]) -> None:
    print_facts(report["counts"])
    if report["whole"]:
        print_line("The log is complete.")
        return
    print_rows("Faults", report["first"])
    print_facts(report["faults"])
    print_line("The log is not complete.")
