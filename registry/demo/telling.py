"""The commands in the life of an invented trial, with their senders, keys and stated days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID, uuid5

from events.schemas.access import Role
from events.schemas.trial import Site
from events.schemas.values import Text
from registry.demo.outline import NAMES, Outline
from registry.demo.world import Words, World
from registry.domain.decider import Command
from registry.domain.permissions import Actor

TOKEN: Final = "demo"
"""The placeholder in the log for the tokens that the invented people would have used."""
OFFICE_HOURS: Final = range(0, 9)
"""Hours in UTC that are working hours in Japan."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command, by whom, and under which key; `percent` of the trial's time had passed."""

    percent: float
    actor: Actor
    key: UUID
    command: Command


@dataclass(frozen=True, slots=True)
class Intention:
    """A command before it has a key and a moment."""

    percent: float
    role: Role
    organisation: str
    command: type[Command]
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """Makes the commands of the sponsor, the offices and the sites of one trial."""

    outline: Outline
    world: World

    def sponsor(self, percent: float, command: type[Command], **fields: Any) -> Intention:
        """A command from the trial's sponsor."""
        return Intention(percent, Role.SPONSOR, self.outline.sponsor.id, command, fields)

    def office(self, percent: float, role: Role, command: type[Command], **fields: Any) -> Intention:
        """A command from the office of the role."""
        return Intention(percent, role, self.world.organisations.demo[role], command, fields)

    def site(self, percent: float, site: Site, command: type[Command], **fields: Any) -> Intention:
        """A command from the site's own hospital."""
        return Intention(percent, Role.SITE, site.organisation or "", command, {"site": site.site, **fields})

    def why(self, what: str, reasons: tuple[Words, ...]) -> Text:
        """One of the reasons, in both languages."""
        return Text(**self.outline.draw.pick(what, reasons)._asdict())

    def because(self, what: str, reasons: tuple[str, ...]) -> str:
        """One of the reasons, as one line."""
        return self.outline.draw.pick(what, reasons)


def step(outline: Outline, number: int, intention: Intention) -> Step:
    """The intention as the trial's command of that number; if the command states a day, it is the intention's."""
    day = outline.day(intention.percent)
    hour = outline.draw.pick(f"hour {number}", OFFICE_HOURS)
    on = {"on": day.isoformat()} if "on" in intention.command.model_fields else {}
    occurred = datetime.combine(day, time(hour, outline.draw.number(f"minute {number}", 0, 59)), UTC)
    key = uuid5(NAMES, f"trial {outline.number} step {number}") if number else outline.trial
    command = intention.command.model_validate({**on, **intention.fields, "occurred_at": occurred})
    return Step(intention.percent, Actor(TOKEN, intention.role, intention.organisation), key, command)
