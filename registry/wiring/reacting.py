"""Opens the follower that gives the commands which follow from events, on a node's own loop."""

from collections.abc import Callable, Sequence
from datetime import datetime

from events.port import EventLog
from events.postgres.marks import MarkTable, PostgresMarks
from events.starting import Begin
from projections.reading import Views
from registry.domain.catalogue import DECIDERS
from registry.engine.commanding import Commanding
from registry.engine.heads import Heads
from registry.policies.policy import Policy
from registry.reacting import waiting
from registry.reacting.follower import Reacting, WallClock
from registry.reacting.giving import Giving
from registry.reacting.planning import Planning
from registry.reacting.states_after import StatesAfter
from registry.settings import Settings
from registry.wiring.stores import topics


def open_reacting(
    settings: Settings,
    policies: Sequence[Policy],
    commanding: Commanding,
    *,
    url: str,
    log: EventLog,
    heads: Heads,
    history: Views,
    clock: Callable[[], datetime],
    begin: Begin,
) -> Reacting:
    """The follower `policies`; its waiting commands and its marks are in the database of this address."""
    planning = Planning(StatesAfter(heads, history, DECIDERS, settings.command_deadline), policies)
    giving = Giving(heads, commanding.execute, settings.command_deadline)
    table = MarkTable(waiting.NAME, waiting.MARKS)
    marks = PostgresMarks(url, waiting.NAME, topics(settings)[0], prepare=waiting.ensure, table=table)
    return Reacting(heads, log, planning, giving, marks, clock=WallClock(clock), begin=begin)
