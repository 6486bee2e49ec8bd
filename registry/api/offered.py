"""The commands offered over HTTP, each with its address: of every aggregate, all that a role may give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.catalogue import AGGREGATES
from registry.domain.decider import Command, Fault, Rejection


@dataclass(frozen=True, slots=True)
class Offered:
    """A command type that is offered, and the aggregate that it is on."""

    aggregate: Aggregate
    declared: CommandType

    @property
    def model(self) -> type[Command]:
        """The model of its body."""
        return self.declared.model

    @property
    def path(self) -> str:
        """The template of its address. A command that creates is posted to the collection."""
        collection = f"/v1/{self.aggregate.collection}"
        if self.declared.creates:
            return collection
        part = self.declared.part
        within = f"/{self.aggregate.parts[part]}/{{{part}}}" if part else ""
        return f"{collection}/{{{self.aggregate.category}}}{within}/{self.declared.action}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of its address: the aggregate, and the part."""
        if self.declared.creates:
            return ()
        return (self.aggregate.category, self.declared.part) if self.declared.part else (self.aggregate.category,)

    @property
    def operation(self) -> str:
        """The id of its operation in the OpenAPI document."""
        return self.model.__name__[0].lower() + self.model.__name__[1:]

    @property
    def label(self) -> str:
        """Its name in the metrics. Dashboards know a command on a whole trial by its action alone."""
        return self.declared.name.removeprefix("trial.").replace(".", "-")


def _offered() -> Iterator[Offered]:
    for aggregate in AGGREGATES:
        for declared in aggregate.commands:
            if not declared.console_only:
                yield Offered(aggregate, declared)


OFFERED: Final = tuple(_offered())
"""Every one."""


def with_part(at: Sequence[str], body: dict[str, Any], part: str, within: str = "") -> dict[str, Any]:
    """The body with the part that the address names added; raises Rejection if the body names another."""
    if not at:
        return body
    name, *deeper = at
    field = f"{within}/{name}"
    if deeper:
        inner = body.get(name, {})
        return {**body, name: with_part(deeper, inner, part, field)} if isinstance(inner, dict) else body
    if body.get(name, part) != part:
        raise Rejection(Fault(f"{name}-contradicted", f"the body names another {name} than the address", field))
    return {**body, name: part}
