"""`registry token`, `forget`, `take-back` and `asked-back`: access, and the erasure of persons and texts."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from events.schemas.access import Role
from events.sealing import OwnerKind
from events.vault import OtherKind
from registry import wiring
from registry.cli.output import AsJson, fail, print_bare, print_facts, print_json, print_line, print_rows
from registry.cli.running import run, settings
from registry.office import tokens
from registry.office.erasing import Touched, destroy, touched

Organisation = Annotated[str, typer.Argument(help="The organisation that the bearer acts for, e.g. kyoto-hp.")]

Preview = Annotated[bool, typer.Option("--preview", help="Print who and which data would be affected; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]

_TITLE = {
    OwnerKind.PERSON: "Persons to be forgotten, the trials that name them, and documents that become unreadable",
    OwnerKind.TEXT: "Texts to be taken back, the trials that contain them, and documents that become unreadable",
}
_OTHERWISE = {
    OwnerKind.PERSON: "use `registry take-back` for a text",
    OwnerKind.TEXT: "use `registry forget` for a person",
}
"""The advice for an id of a kind that the command is not for."""
_NAMED_BY = {
    OwnerKind.PERSON: "give the person's id that a trial shows, a UUID, not the name",
    OwnerKind.TEXT: "give the text's id that `registry history` shows, a UUID",
}
_DONE = {OwnerKind.PERSON: "forgotten", OwnerKind.TEXT: "taken_back"}
"""The outcome, as JSON gives it."""


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    token = typer.Typer(help="Bearer tokens of organisations.", no_args_is_help=True)
    app.add_typer(token, name="token")
    _add_issue(token)
    _add_revoke_and_list(token)
    _add_forget(app)
    _add_take_back(app)


def _add_issue(token: typer.Typer) -> None:
    @token.command()
    def issue(
        role: Role,
        organisation: Organisation,
        *,
        name: Annotated[str | None, typer.Option(help="The person who acts with it; stored sealed.")] = None,
        days: Annotated[
            int | None, typer.Option(min=1, help="How many days it is valid; by default until it is revoked.")
        ] = None,
        bare: Annotated[bool, typer.Option("--bare", help="Print only the token, for scripts.")] = False,
        json: AsJson = False,
    ) -> None:
        """Issue a token for an organisation in a role. It is shown only once."""
        made = run(_issue(role, organisation, name, days))
        if bare:
            print_bare(made["token"])
        else:
            print_json(made) if json else print_facts(made)


def _add_revoke_and_list(token: typer.Typer) -> None:
    @token.command()
    def revoke(token_id: str, reason: Annotated[str | None, typer.Option()] = None, json: AsJson = False) -> None:
        """Revoke a token permanently."""
        run(_revoke(token_id, reason))
        print_json({"id": token_id, "revoked": True}) if json else print_line(f"Revoked {token_id}.")

    @token.command("list")
    def list_tokens(json: AsJson = False) -> None:
        """List all issued tokens, without the secrets themselves."""
        rows = run(_list())
        print_json(rows) if json else print_rows("Tokens", rows)


def _add_forget(app: typer.Typer) -> None:
    @app.command()
    def forget(
        persons: list[str],
        *,
        reason: Annotated[str, typer.Option()],
        preview: Preview = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        """Destroy the keys of persons and of partners' documents that name them. Final; asks for confirmation."""
        _erase(OwnerKind.PERSON, persons, reason, preview=preview, yes=yes, json=json)


def _add_take_back(app: typer.Typer) -> None:
    @app.command("take-back")
    def take_back(
        texts: list[str],
        *,
        reason: Annotated[str, typer.Option()],
        preview: Preview = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        """Destroy the keys of reasons and of partners' documents that contain them. Final; asks for confirmation."""
        _erase(OwnerKind.TEXT, texts, reason, preview=preview, yes=yes, json=json)

    @app.command("asked-back")
    def asked_back(json: AsJson = False) -> None:
        """List the open requests of sites to take back a reason."""
        requests = run(_asked_back())
        print_json(requests) if json else print_rows("Requests to take back", requests)


def _erase(kind: OwnerKind, owners: Sequence[str], reason: str, *, preview: bool, yes: bool, json: bool) -> None:
    """Destroys the keys after confirmation."""
    named = [_id(one, _NAMED_BY[kind]) for one in owners]
    if _goes_on(kind, named, preview=preview, yes=yes, json=json):
        destroyed = run(_destroy(kind, named, reason))
        what = _DONE[kind]
        done = [{kind.value: one, what: True, "now": now} for one, now in zip(named, destroyed, strict=True)]
        print_json(done) if json else print_rows(what.replace("_", " ").capitalize(), done)


def _goes_on(kind: OwnerKind, named: Sequence[str], *, preview: bool, yes: bool, json: bool) -> bool:
    """Names the persons and documents concerned and asks whether to go on. With --json only JSON is printed."""
    if yes and json:
        return True
    found = run(_touched(kind, named))
    rows = [{kind.value: one.owner, "is": one.details, "documents": one.documents} for one in found]
    if json and preview:
        print_json([{**row, "trials": one.trials} for row, one in zip(rows, found, strict=True)])
    elif not json:
        printed = [{**row, "trials": ", ".join(one.trials)} for row, one in zip(rows, found, strict=True)]
        print_rows(_TITLE[kind], printed)
    if preview or yes:
        return yes and not preview
    if json or not sys.stdin.isatty():
        fail("there is no terminal to ask for confirmation; look with --preview first, then give --yes")
    typer.confirm("This can't be undone. Continue?", abort=True)
    return True


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


async def _touched(kind: OwnerKind, owners: Sequence[str]) -> list[Touched]:
    async with wiring.running(settings()) as node:
        try:
            return await touched(node, kind, owners)
        except OtherKind as fault:
            raise LookupError(f"{fault}; {_OTHERWISE[kind]}") from fault


async def _asked_back() -> list[dict[str, Any]]:
    """By trial, without the texts that have been taken back since."""
    async with wiring.running(settings()) as node:
        await node.until_caught_up(lambda _: None)
        requests = [
            {"trial": document["trial"], "site": asking["site"], "version": asking["of"], "text": text}
            async for document in node.views.documents(owned=True)
            for text, asking in document.get("withheld", {}).items()
        ]
        waiting = await node.vault.kinds([one["text"] for one in requests])
    return [one for one in requests if one["text"] in waiting]


async def _destroy(kind: OwnerKind, owners: Sequence[str], reason: str) -> list[bool]:
    async with wiring.running(settings()) as node:
        try:
            return await destroy(node, kind, owners, reason)
        except OtherKind as fault:
            raise LookupError(f"{fault}; {_OTHERWISE[kind]}") from fault
