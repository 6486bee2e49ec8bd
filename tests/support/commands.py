"""The commands that are offered over HTTP on trials, by the ends of their addresses."""

from collections.abc import Mapping
from typing import Final

from registry.domain.decider import Command
from registry.domain.trial.aggregate import AGGREGATE

_OFFERED: Final = [one for one in AGGREGATE.commands if not one.console_only and not one.creates]

TRIAL_COMMANDS: Final[Mapping[str, type[Command]]] = {one.action: one.model for one in _OFFERED if not one.part}
"""Posted to /v1/trials/{trial}/{name}."""
SITE_COMMANDS: Final[Mapping[str, type[Command]]] = {one.action: one.model for one in _OFFERED if one.part}
"""Posted to /v1/trials/{trial}/sites/{site}/{name}."""
