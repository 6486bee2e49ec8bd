"""Halts of one site, as its trial's stream has them. Each ends only by its own lift, by the one that halted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from events.schemas.halts import Halt, HaltActor
from events.schemas.moment import Moment
from events.schemas.values import Identifier, ItemId, Payload


class SiteHalted(Payload):
    """Somebody with the power to do so stopped recruitment or treatment at the site."""

    site: Identifier
    halt: Halt


class SiteHaltLifted(Payload):
    """The halt of the site is over. Nobody recruits there until the site itself reports that it opened again."""

    site: Identifier
    item: ItemId
    actor: HaltActor
    organisation: Identifier
    """The one that halted, and lifts it."""
    lifted: Moment


EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(
    {
        "trial.site-halted.v1": SiteHalted,
        "trial.site-halt-lifted.v1": SiteHaltLifted,
    }
)
"""By literal name. A class may be renamed, a name never."""
