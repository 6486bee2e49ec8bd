"""Rights to read parts of a programme. Nothing of an application is public before its authority has decided.

Regulation (EU) 536/2014, Article 81, as the authorities apply it: nothing until the decision of the state, of whatever
kind. A part with an audience is for that audience, and public from the moment that its author set.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from events.schemas.access import Role
from events.schemas.acts import Closed
from events.schemas.halts import Halt
from projections.trial.document import is_public as is_public_trial
from registry.domain.aggregate import Aggregate
from registry.domain.permissions import Actor
from registry.domain.programme.aggregate import AGGREGATE as PROGRAMME
from registry.domain.region.aggregate import AGGREGATE as REGION
from registry.domain.region.reading import may_read, moment_has_come
from registry.domain.region.state import Attempt, Region
from registry.programmes.whole import Whole


@dataclass(frozen=True, slots=True)
class Viewer:
    """An asker, and the programme that they ask about.

    `latest`: the programme as it stands today, where it is read as of a moment of the past: who has left it since no
    longer reads more than the public.
    """

    actor: Actor
    whole: Whole
    latest: Whole | None = None

    @property
    def today(self) -> Whole:
        """The programme as it stands today."""
        return self.latest or self.whole

    @property
    def may_read_programme(self) -> bool:
        """Whether the asker may read it at all: it is public, or they take part in it."""
        return is_public(self.today) or self.takes_part

    @property
    def takes_part(self) -> bool:
        """Whether the asker may read the procedure of every region, as far as it has no audience of its own."""
        regions = self.today.states.values()
        return _reads(PROGRAMME, self.actor, self.today.state) or any(
            _reads(REGION, self.actor, one) for one in regions
        )

    @property
    def sponsors(self) -> bool:
        """Whether the asker sponsors the programme, or is of the registry or a regulator.

        A coordinator acts for the sponsor in one region, and reads of the others what any region's people read.
        """
        return self.actor.role is not Role.COORDINATOR and _reads(PROGRAMME, self.actor, self.today.state)

    def acts_in(self, region: Region) -> bool:
        """Whether the asker is of the region: its authority, its ethics body, its coordinator, or a sponsor."""
        return _reads(REGION, self.actor, self._today(region))

    def _today(self, region: Region) -> Region:
        return self.today.states.get(region.terms.region, region)

    def reads_attempt(self, attempt: Attempt) -> bool:
        """Whether the asker may read how an application stands."""
        return attempt.how is not None or self.takes_part

    def reads_national(self, region: Region, attempt: Attempt) -> bool:
        """Whether the asker may read the national conclusion: before the decision only the region's own people."""
        return attempt.how is not None or self.reads_closed_of(region)

    def reads_closed_of(self, region: Region) -> bool:
        """Whether the asker may read the parts that only the region may read before its decision."""
        return self.acts_in(region) or self.sponsors

    def reads_clock(self, region: Region, attempt: Attempt) -> bool:
        """Whether the asker may read if the clock is stopped: before the decision, this reveals a question."""
        reads_question = any(self.reads_closed(one, one.by, region) for one in attempt.questions.values())
        return attempt.how is not None or self.reads_closed_of(region) or reads_question

    def reads_opinion(self, region: Region, application: str | None) -> bool:
        """Whether the asker may read an opinion of an ethics body: before the decision as a national conclusion."""
        attempt = region.last(application)
        return self.reads_closed_of(region) or (attempt is not None and attempt.how is not None)

    def reads_region(self, region: Region) -> bool:
        """Whether the asker may read how the region stands."""
        return is_disclosed(region) or self.takes_part

    def reads_closed(self, closed: Closed | Any, by: str, region: Region) -> bool:
        """Whether the asker may read a question or a paper that `by` wrote."""
        members, now_in = members_of(self.today, region), self._today(region)
        return may_read(self.actor, closed, by, now_in, now=self.whole.now, members=members)

    def reads_halt(self, halt: Halt) -> bool:
        """Whether the asker may read the details of a halt. Its existence is public at once: it closes sites."""
        return halt.public_from is None or moment_has_come(halt.public_from, self.whole.now) or self.takes_part


def _reads(aggregate: Aggregate, actor: Actor, state: Any) -> bool:
    if actor.role is Role.PUBLIC:
        return False
    owners = aggregate.owners(state, actor.role, None)
    return aggregate.may_see(actor) or any(aggregate.may_see(actor, owner=one) for one in owners)


def members_of(whole: Whole, region: Region) -> Collection[str]:
    """The authorities of all regions that take a joint step with this one; those of other steps are not among them."""
    here, steps = region.terms.region, whole.state.joint_steps.values()
    codes = {code for step in steps if here in step.members for code in step.members}
    terms = [whole.state.regions[code] for code in codes if code in whole.state.regions]
    return {one for term in terms for one in term.authorities}


def is_public(whole: Whole) -> bool:
    """Whether everybody may read the programme: one of its registrations is public, here or in another registry."""
    linked = whole.state.links.values()
    return any(one.number is not None for one in linked) or any(map(is_public_trial, whole.trials.values()))


def is_disclosed(region: Region) -> bool:
    """Whether the public may read how the region stands: something was decided, permitted, filed or published there."""
    last = (attempts[-1] for attempts in region.applications.values())
    decided = any(attempt.how is not None for attempt in last)
    return decided or bool(region.permissions) or region.published or region.revoked or region.expired
