"""`registry programmes`: which registrations seem to be of one programme; a person accepts, and may take it back."""

from typing import Annotated, Any
from uuid import UUID

import typer

from registry import wiring
from registry.cli.output import AsJson, print_facts, print_json, print_rows
from registry.cli.running import run, settings
from registry.office import programmes as office
from registry.programmes.proposing import Proposal

Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    programmes = typer.Typer(help="Programmes made of registrations that are here.", no_args_is_help=True)
    app.add_typer(programmes, name="programmes")

    @programmes.command()
    def propose(json: AsJson = False) -> None:
        """List registrations that seem to be of one programme, with the numbers that join them; changes nothing."""
        rows = run(_propose())
        print_json(rows) if json else print_rows("Proposed", [_line(row) for row in rows])

    @programmes.command()
    def accept(
        proposal: UUID,
        *,
        owner: Annotated[str, typer.Option(help="The organisation that owns the programme here.")] = "registry",
        reason: Reason,
        json: AsJson = False,
    ) -> None:
        """Make a programme of what is proposed. Its countries are only named: none takes part by it."""
        made = run(_accept(proposal, owner, reason))
        print_json(made) if json else print_facts(made)

    @programmes.command("take-apart")
    def take_apart(programme: UUID, *, reason: Reason, json: AsJson = False) -> None:
        """Unlink every registration of a programme: they are proposed again. The programme's history stays."""
        undone = run(_take_apart(programme, reason))
        print_json(undone) if json else print_facts(undone)


async def _propose() -> list[dict[str, Any]]:
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        return [_row(one) for one in await office.proposed(node)]


def _row(one: Proposal) -> dict[str, Any]:
    return {
        "proposal": str(one.id),
        "title": dict(one.title),
        "registrations": [{"number": each.number, "trial": each.trial} for each in one.registrations],
        "countries": one.countries,
        "because": {number: list(numbers) for number, numbers in one.because.items()},
    }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """The row for a table."""
    return {
        "proposal": row["proposal"],
        "title": next(iter(row["title"].values())),
        "registrations": ", ".join(one["number"] for one in row["registrations"]),
        "countries": " ".join(row["countries"]),
        "because": ", ".join(row["because"]),
    }


async def _accept(proposal: UUID, owner: str, reason: str) -> dict[str, str]:
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        return {"programme": await office.accept(node, proposal, owner, reason)}


async def _take_apart(programme: UUID, reason: str) -> dict[str, Any]:
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        return {"programme": str(programme), "unlinked": await office.take_apart(node, str(programme), reason)}
