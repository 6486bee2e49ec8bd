"""The command loop, put together on a log: on the one of a node, and on the demo's past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from events.origin import Origin
from events.port import EventLog
from registry.domain.numbers.grammar import Grammar
from registry.engine.commanding import Commanding, EventsById
from registry.engine.heads import Heads
from registry.engine.numbering import Numbering
from registry.engine.states import States
from registry.settings import Settings


def commanding_on(
    settings: Settings,
    log: EventLog,
    *,
    heads: Heads,
    states: States,
    history: EventsById,
    origin: Origin,
    clock: Callable[[], datetime],
    new_id: Callable[[], UUID],
) -> Commanding:
    """Executes commands on this log; `heads` and `states` follow it."""
    return Commanding(
        log,
        heads,
        states,
        history,
        origin,
        numbers=lambda loop: _numbering(settings, loop, new_id),
        clock=clock,
        tolerance=timedelta(seconds=settings.clock_tolerance),
    )


def _numbering(settings: Settings, loop: Commanding, new_id: Callable[[], UUID]) -> Numbering:
    grammar = Grammar(settings.number)
    return Numbering(loop.execute, grammar, settings.number_block, new_id, settings.command_deadline)
