"""`registry token`, `forget` and `take-back`: who may come in, and what is to be erased."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from events.schemas.access import Role
from registry import tokens, wiring
from registry.access import CONSOLE
from registry.cli.app import run, settings
from registry.cli.output import AsJson, fail, print_bare, print_facts, print_json, print_line, print_rows
from registry.domain.person.decider import ForgetPerson
from registry.domain.text.decider import TakeTextBack
from registry.node import Node

Organisation = Annotated[str, typer.Argument(help="The organisation the bearer stands for, e.g. kyoto-hp.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    token = typer.Typer(help="Bearer tokens of organisations.", no_args_is_help=True)
    app.add_typer(token, name="token")

    @token.command()
    def issue(
        role: Role,
        organisation: Organisation,
        *,
        name: Annotated[str | None, typer.Option(help="Who acts with it; kept sealed.")] = None,
        days: Annotated[
            int | None, typer.Option(min=1, help="How long it opens the door; until revoked if left out.")
        ] = None,
        bare: Annotated[bool, typer.Option("--bare", help="Print the token alone, for scripts.")] = False,
        json: AsJson = False,
    ) -> None:
        """Make a token for an organisation in a role; it is shown this once."""
        made = run(_issue(role, organisation, name, days))
        if bare:
            print_bare(made["token"])
        else:
            print_json(made) if json else print_facts(made)

    @token.command()
    def revoke(token_id: str, reason: Annotated[str | None, typer.Option()] = None, json: AsJson = False) -> None:
        """Take a token back, for good."""
        run(_revoke(token_id, reason))
        print_json({"id": token_id, "revoked": True}) if json else print_line(f"Revoked {token_id}.")

    @token.command("list")
    def list_tokens(json: AsJson = False) -> None:
        """All tokens ever made, without the tokens themselves."""
        rows = run(_list())
        print_json(rows) if json else print_rows("Tokens", rows)

    @app.command()
    def forget(person: str, reason: Annotated[str, typer.Option()], json: AsJson = False) -> None:
        """Destroy a person's key, and those of the partners' documents they appear in. Final."""
        named = _id(person, "name the person by the id that a trial's contact shows, a UUID; never by name")
        [forgotten] = run(_destroy([f"person/{named}"], ForgetPerson(reason=reason)))
        done = {"person": named, "forgotten": True, "now": forgotten}
        print_json(done) if json else print_line(f"{person} is forgotten{'' if forgotten else ' already'}.")

    @app.command("take-back")
    def take_back(texts: list[str], *, reason: Annotated[str, typer.Option()], json: AsJson = False) -> None:
        """Destroy the keys of reasons or whys, and those of the partners' documents that say them. Final."""
        named = [_id(one, "name a text by the id that `registry history` shows, a UUID") for one in texts]
        taken = run(_destroy([f"text/{one}" for one in named], TakeTextBack(reason=reason)))
        done = [{"text": one, "taken_back": True, "now": now} for one, now in zip(named, taken, strict=True)]
        print_json(done) if json else print_rows("Taken back", done)


def _id(text: str, otherwise: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        fail(otherwise)


async def _issue(role: Role, organisation: str, name: str | None, days: int | None) -> dict[str, Any]:
    expires = None if days is None else wiring.now() + timedelta(days=days)
    async with wiring.running(settings()) as node:
        token_id, token = await tokens.issue(node, role, organisation, name, expires)
    lasts = {} if expires is None else {"expires": expires.isoformat(timespec="seconds")}
    return {"id": token_id, "role": role.value, "organisation": organisation, **lasts, "token": token}


async def _revoke(token_id: str, reason: str | None) -> None:
    async with wiring.running(settings()) as node:
        await tokens.revoke(node, token_id, reason)


async def _list() -> list[dict[str, Any]]:
    async with wiring.running(settings(), projecting=wiring.Projecting.ELSEWHERE) as node:
        return [
            {
                "id": entry.actor.token,
                "role": entry.actor.role.value,
                "organisation": entry.actor.organisation,
                "expires": entry.expires.isoformat(timespec="seconds") if entry.expires else None,
                "revoked": entry.revoked,
            }
            for entry in node.access.entries()
        ]


async def _destroy(streams: Sequence[str], command: ForgetPerson | TakeTextBack) -> list[bool]:
    """Of each, whether its key was destroyed by this; raises LookupError where one was never made, and does nothing."""
    async with wiring.running(settings()) as node:
        known = await node.vault.keys([_owner(stream) for stream in streams])
        for stream in streams:
            if _owner(stream) not in known and node.heads.head(stream).version == 0:
                raise LookupError(f"no {stream.replace('/', ' is known here under ')}")
        return [await _destroyed(node, stream, command) for stream in streams]


async def _destroyed(node: Node, stream: str, command: ForgetPerson | TakeTextBack) -> bool:
    receipt = await node.submit(CONSOLE, node.new_id(), stream, command)
    # Recorded first, destroyed after: if we crash here, every node that reads the event destroys the key.
    await node.vault.forget(_owner(stream))
    return receipt is not None


def _owner(stream: str) -> str:
    return stream.partition("/")[2]
