"""Whether an actor may give a command: the declarations of the aggregates, and their reach. All else is refused."""

from typing import Any

from registry.domain.catalogue import DECLARED
from registry.domain.decider import Command
from registry.domain.permissions import Actor, NotPermitted, Scope


def check_role(actor: Actor, model: type[Command]) -> Scope:
    """The reach of the actor's permission for commands of this class; raises NotPermitted if there is none.

    It needs neither the command nor the state, so it can be called before a body is read.
    """
    if model not in DECLARED:
        raise NotPermitted("no aggregate declares this command, so nobody may send it")
    _, declared = DECLARED[model]
    if declared.console_only and actor.internal:
        return Scope.ANY
    if (scope := declared.allowed.get(actor.role)) is None:
        raise _refusal(actor, model)
    return scope


def check_place(actor: Actor, model: type[Command], state: Any, part: str | None = None) -> None:
    """Raises NotPermitted where the actor may give no such command to the aggregate, or part of it, as it stands."""
    if check_role(actor, model) is Scope.OWN and not _owns(actor, model, state, part):
        raise _refusal(actor, model)


def check(actor: Actor, command: Command, state: Any) -> None:
    """Raises NotPermitted where the actor may not give this command to the aggregate as it stands."""
    model = type(command)
    scope = check_role(actor, model)
    aggregate, declared = DECLARED[model]
    part = declared.part_of(command)
    check_place(actor, model, state, part)
    if (implied := aggregate.implies(command, state)) is not None:
        check_place(actor, implied, state, part)
    if scope is Scope.OWN and command.stands_for not in (None, actor.organisation):
        raise _refusal(actor, model)


def _owns(actor: Actor, model: type[Command], state: Any, part: str | None) -> bool:
    aggregate, declared = DECLARED[model]
    return declared.creates or actor.organisation in aggregate.owners(state, actor.role, part)


def _refusal(actor: Actor, model: type[Command]) -> NotPermitted:
    return NotPermitted(f"{actor.role} of {actor.organisation} may not send {DECLARED[model][1].name} here")
