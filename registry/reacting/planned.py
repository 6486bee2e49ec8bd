"""A command that follows from an event, under its key: given at once, kept until it is due, or given again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from events.streams import Stream
from registry.domain.catalogue import COMMANDS, DECLARED, name_of
from registry.domain.decider import Command
from registry.people.sealable import PARTIES, TEXTS, found_in
from registry.policies.policy import NAMESPACE, Cause, Policy, Reaction, key_of

CATEGORY: Final = "consequence"
"""The category of the streams of refused commands."""


class Unfit(ValueError):
    """The answer of a policy can't be given as a command; the message says why, without the command's content."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A command in its stored form: its name, and its content as JSON."""

    key: UUID
    policy: str
    cause: Cause
    stream: str
    name: str
    content: dict[str, Any]
    at: datetime | None = None

    @property
    def consequence(self) -> Stream:
        """The stream that tells of its refusal."""
        return Stream.of(CATEGORY, self.key)

    def command(self) -> Command:
        """Its command; raises Unfit or pydantic.ValidationError if this program has no such command."""
        if self.name not in COMMANDS:
            raise Unfit("this program has no such command")
        return COMMANDS[self.name].model_validate(self.content)


@dataclass(frozen=True, slots=True)
class Failed:
    """A policy that failed, or an event that can't be read: it is not known what follows.

    `problem` quotes nothing of the event: the kind of an error, or a sentence.
    """

    policy: str
    cause: Cause
    problem: str

    @property
    def key(self) -> UUID:
        """The key of the command that records the failure."""
        return key_of(self.policy, self.cause, "")

    @property
    def consequence(self) -> Stream:
        """The stream that tells of it."""
        return Stream.of(CATEGORY, self.key)


@dataclass(frozen=True, slots=True)
class Again:
    """A consequence that the office asked to try again, with the `version` at which it asked.

    `answered`: of a policy that failed, whether it has answered by now; its commands are separate steps.
    """

    version: int
    of: Planned | Failed
    answered: bool = False

    def key(self, outcome: str) -> UUID:
        """The key of the event that tells the outcome."""
        return uuid5(NAMESPACE, f"{self.of.key}/{self.version}/{outcome}")


def planned(policy: Policy, cause: Cause, reactions: Iterable[Reaction]) -> list[Planned]:
    """The commands of a policy's answer, under their keys; raises Unfit."""
    found = [_planned(policy, cause, one) for one in reactions]
    if len({one.key for one in found}) < len(found):
        raise Unfit("two reactions to one event go to the same stream under the same name")
    return found


def _planned(policy: Policy, cause: Cause, reaction: Reaction) -> Planned:
    model = type(reaction.command)
    if model not in DECLARED or DECLARED[model][0].category != Stream(reaction.stream).category:
        raise Unfit("a reaction is no command of the aggregate whose stream it names")
    if any(True for kind in (PARTIES, TEXTS) for _ in found_in(kind, reaction.command)):
        raise Unfit("a reaction says something of a person, or a text that can be taken back")
    if reaction.at is not None and reaction.at.tzinfo is None:
        raise Unfit("the moment of a reaction has no zone")
    key = key_of(policy.name, cause, reaction.stream, reaction.name)
    return Planned(key, policy.name, cause, reaction.stream, name_of(model), reaction.command.to_content(), reaction.at)
