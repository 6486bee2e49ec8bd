"""Answers on refused commands."""

from typing import Literal

from pydantic import JsonValue

from events.schemas.consequence import BrokenRule
from events.schemas.values import Value
from registry.api.answer_fields import Link, Moment, Version
from registry.api.answers import Id
from registry.api.in_clear import TakenBack


class ConsequenceAnswer(Value):
    """A command that followed from an event and was refused, and what became of it."""

    consequence: Id
    status: Literal["open", "retrying", "settled", "closed"]
    policy: str
    cause: str
    """The event that it follows from: its stream, a slash, and its version there."""
    target: str | None = None
    """The stream that the command went to; absent where the policy itself could not say what follows."""
    command: str | None = None
    content: dict[str, JsonValue] | None = None
    faults: tuple[BrokenRule, ...]
    """Why it was refused the last time."""
    refusals: int
    """How often it was refused."""
    since: Moment
    """When it was refused for the first time."""
    changed: Moment
    version: Version
    made: Version | None = None
    """If it was settled by an event, the version of the target that it made."""
    reason: str | TakenBack | None = None
    """Why it was closed."""


class ConsequencesAnswer(Value):
    """A page of refused commands: open ones first, and of these the oldest first."""

    consequences: tuple[ConsequenceAnswer, ...]
    next: Link | None = None
