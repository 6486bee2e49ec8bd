"""Issuing and revoking a bearer token. Streams are `access/{token id}`."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from pydantic import AwareDatetime

from events.schemas.access import Role, TokenIssued, TokenRevoked
from events.schemas.values import Digest, Identifier, Payload, Sealed, Value
from registry.domain.decider import Command, Context, Decider, Fault, Rejection


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was issued."""

    revoked: bool = False


State: TypeAlias = Token | None


class IssueToken(Command):
    """Give an organisation a token. The token itself is shown once, to the one who issues it."""

    digest: Digest
    role: Role
    organisation: Identifier
    name: Sealed | None = None
    expires: AwareDatetime | None = None


class RevokeToken(Command):
    """Take a token back, for good."""


def decide(state: State, command: Command, _: Context) -> Payload | None:
    """The event that follows; raises Rejection."""
    match command:
        case IssueToken():
            if state is not None:
                raise Rejection(Fault("token-exists", "this token id is taken"))
            return TokenIssued(
                digest=command.digest,
                role=command.role,
                organisation=command.organisation,
                name=command.name,
                expires=command.expires,
            )
        case RevokeToken():
            if state is None:
                raise Rejection(Fault("token-unknown", "no token was issued under this id"))
            if state.revoked:
                raise Rejection(Fault("token-revoked", "the token is revoked already"))
            return TokenRevoked()
        case _:
            raise TypeError(f"{type(command).__name__} is no command on a token")


def evolve(state: State, event: Value) -> State:
    """The state after the event."""
    match event:
        case TokenIssued():
            return Token()
        case TokenRevoked() if state is not None:
            return replace(state, revoked=True)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of this token")


ACCESS: Decider[State] = Decider(None, decide, evolve)
