"""The declaration of an aggregate. Permissions, routes, the OpenAPI document and examples follow from it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from types import MappingProxyType
from typing import Any

from events.schemas.access import Role
from registry.domain.decider import Command, Creating, Decider
from registry.domain.permissions import NOBODY, Actor, Allowed, Scope


@dataclass(frozen=True, slots=True)
class CommandType:
    """A type of command: its name, its model, and who may give it."""

    name: str
    """`{thing}.{action}`, as `trial.publish`. A class may be renamed, a name never: retries are recognised by it."""
    model: type[Command]
    allowed: Allowed
    example: Mapping[str, Any] = field(default_factory=dict)
    """A body that has its form, for the documentation; without the id of a part, which the address names."""
    part_at: tuple[str, ...] = ()
    """The place in its body that names the part of the aggregate, as `("site",)`; empty if it is on the whole."""
    numbered: bool = False
    """Whether its event carries a new registration number."""

    @property
    def action(self) -> str:
        """The end of its name, and of its address."""
        return self.name.partition(".")[2]

    @property
    def part(self) -> str:
        """The kind of part that it is on, as `site`; empty where it is on the whole."""
        return self.part_at[-1] if self.part_at else ""

    @property
    def creates(self) -> bool:
        """Whether it begins an aggregate."""
        return issubclass(self.model, Creating)

    @property
    def console_only(self) -> bool:
        """Whether only the operator, or the registry itself, gives it."""
        return not self.allowed

    def part_of(self, command: Command) -> str | None:
        """The id of the part that a command of this type is on; None where it is on the whole."""
        return reduce(getattr, self.part_at, command) if self.part_at else None  # type: ignore[return-value]


def _owned_by_nobody(state: Any, role: Role, part: str | None) -> Collection[str]:
    del state, role, part
    return ()


def _implies_nothing(command: Command, state: Any) -> None:
    del command, state


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate. One that declares a `collection` has its commands posted to `/v1/{collection}/…`."""

    category: str
    """The beginning of its streams' names, and the name of its id in addresses and receipts."""
    decider: Decider[Any]
    commands: tuple[CommandType, ...]
    collection: str = ""
    parts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Its parts that have ids of their own: what one is called, and the segment of addresses that all are under."""
    owners: Callable[[Any, Role, str | None], Collection[str]] = _owned_by_nobody
    """The organisations that own it in its present state, or the part of this id, as far as a role is concerned."""
    implies: Callable[[Command, Any], type[Command] | None] = _implies_nothing
    """Another type of command that one must be allowed to give, too, in order to give this command."""
    readers: Allowed = field(default_factory=lambda: NOBODY)
    """The roles that may read it where it is not public."""

    def __post_init__(self) -> None:
        """Refuses a command that is offered over HTTP without an address."""
        nowhere = [one.name for one in self.commands if not one.console_only and not self.collection]
        nowhere += [one.name for one in self.commands if one.part and one.part not in self.parts]
        if nowhere:
            raise ValueError(f"{', '.join(nowhere)} would have no address: declare the collection and the parts")

    def may_see(self, actor: Actor, *, published: bool = False, owner: str | None = None) -> bool:
        """Whether the actor may read one that is, or isn't, public and is owned by this organisation."""
        scope = self.readers.get(actor.role)
        own = scope is Scope.OWN and owner is not None and owner == actor.organisation
        return published or own or scope is Scope.ANY
