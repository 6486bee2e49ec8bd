"""Steps that follow from an event: every policy of its category is asked, and one that fails stops no other."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from events.admission import Accepted, Judged
from events.catalogue import NAMES, payload_of
from events.event import Event, accepted
from events.record import MalformedRecord
from events.schemas.consequence import RetryAsked
from events.streams import Stream
from registry.policies.policy import Cause, Happened, Policy
from registry.reacting.planned import CATEGORY, Again, Failed, Planned, Unfit, planned
from registry.reacting.states_after import StatesAfter, Unreadable

log = structlog.get_logger()
RETRY_ASKED: Final = NAMES[RetryAsked]
Step: TypeAlias = Planned | Failed | Again
UNREADABLE: Final = "the event can't be read, or one before it in its stream"


class Planning:
    """Asks the policies, each on the state of the event's stream just after the event."""

    def __init__(self, states: StatesAfter, policies: Iterable[Policy]) -> None:
        self._states = states
        self._policies = {one.name: one for one in policies}
        self._by_category: dict[str, list[Policy]] = {}
        for one in self._policies.values():
            self._by_category.setdefault(one.category, []).append(one)

    @property
    def policies(self) -> Collection[str]:
        """The names of the policies that are asked."""
        return self._policies.keys()

    def wanted(self, judged: Judged) -> bool:
        """Whether something may follow from the record; needs its headers alone."""
        if not isinstance(judged.verdict, Accepted) or judged.proposal is None:
            return False
        stream = judged.proposal.subject
        if Stream(stream).category == CATEGORY:
            return dict(judged.message.headers).get("ce_type") == RETRY_ASKED.encode()
        return bool(self._of(stream))

    async def steps(self, judged: Judged) -> Sequence[Step]:
        """The steps that follow from a wanted record, in order. Raises NotInTime, and the errors of a history."""
        try:
            event = accepted(judged)
        except MalformedRecord:
            return self._unreadable(judged)
        return () if event is None else await self.after(event)

    async def after(self, event: Event) -> Sequence[Step]:
        """The steps that follow from an event; raises the same errors as `steps`."""
        stream = event.record.subject
        if Stream(stream).category == CATEGORY:
            return await self._again(event) if event.record.type == RETRY_ASKED else ()
        return [step for policy in self._of(stream) for step in await self._by_policy(policy, event)]

    def _of(self, stream: str) -> Sequence[Policy]:
        return self._by_category.get(Stream(stream).category, ())

    async def _by_policy(self, policy: Policy, event: Event) -> Sequence[Planned | Failed]:
        cause = Cause(event.record.subject, event.version)
        try:
            state = await self._states.after(event)
        except Unreadable:
            return [_failed(policy, cause, UNREADABLE)]
        try:
            happened = Happened(
                cause, payload_of(event.record), event.recorded, event.record.time, event.record.onbehalfof
            )
            return planned(policy, cause, policy.react(happened, state))
        except Unfit as fault:
            return [_failed(policy, cause, str(fault))]
        except Exception as fault:
            # A policy is pure, so it raises the same error each time. The other policies go on.
            return [_failed(policy, cause, type(fault).__name__)]

    def _unreadable(self, judged: Judged) -> Sequence[Step]:
        if judged.proposal is None or not isinstance(judged.verdict, Accepted):
            return ()
        cause = Cause(judged.proposal.subject, judged.verdict.version)
        return [_failed(policy, cause, UNREADABLE) for policy in self._of(cause.stream)]

    async def _again(self, event: Event) -> Sequence[Step]:
        """The command that the office asked to try again, as the consequence stood at that time.

        Nothing where more is recorded since: the outcome, or that the office closed it, and then it is never given.
        """
        if self._states.is_followed(event):
            return ()
        try:
            consequence = await self._states.after(event)
            key, cause = UUID(Stream(event.record.subject).id), Cause.read(consequence.cause)
        except (Unreadable, ValueError) as fault:
            # Nothing in the log is lost: the office sees that it is being tried, and can close it.
            log.error("retry_unreadable", stream=event.record.subject, kind=type(fault).__name__)
            return ()
        if consequence.command is None:
            return await self._once_more(event.version, consequence.policy, cause)
        content = consequence.content or {}
        return [
            Again(
                event.version, Planned(key, consequence.policy, cause, consequence.target, consequence.command, content)
            )
        ]

    async def _once_more(self, version: int, policy: str, cause: Cause) -> Sequence[Step]:
        """The answer of a policy that failed before, and a step that notes it; or a step that notes another failure."""
        steps: Sequence[Planned | Failed]
        if policy not in self._policies:
            steps = [Failed(policy, cause, "there is no such policy any more")]
        else:
            try:
                event = await self._states.event_at(cause.stream, cause.version)
                steps = await self._by_policy(self._policies[policy], event)
            except Unreadable:
                steps = [Failed(policy, cause, UNREADABLE)]
        failed = [one for one in steps if isinstance(one, Failed)]
        if failed:
            return [Again(version, failed[0])]
        return [*steps, Again(version, Failed(policy, cause, ""), answered=True)]


def _failed(policy: Policy, cause: Cause, problem: str) -> Failed:
    log.error("policy_failed", policy=policy.name, cause=str(cause), problem=problem)
    return Failed(policy.name, cause, problem)
