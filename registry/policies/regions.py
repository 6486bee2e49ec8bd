"""Policy `regions`: facts of a programme that the streams of its joined regions get.

A country that joins begins its own stream. From then on that knows the programme's sponsors and joint steps, the trials
that are linked, and the halts of the whole programme after which its law asks for more than the sponsor's word.
"""

from collections.abc import Iterator
from typing import Final, TypedDict

from events.schemas import programme as events
from events.schemas.gates import stream_of_region
from events.schemas.halts import Halt
from events.schemas.programme import SponsorKind
from events.schemas.region_parts import JointStep, Terms
from events.streams import Stream
from registry.domain.programme.standing import in_reach, restarts_by_law
from registry.domain.programme.state import Programme
from registry.domain.region import commands as do
from registry.policies.policy import Happened, Policy, Reaction


class _ProgrammeFacts(TypedDict):
    """The facts of its programme that a region needs."""

    sponsors: tuple[str, ...]
    second_sponsors: tuple[str, ...]
    joint_steps: tuple[JointStep, ...]


def react(event: Happened, programme: Programme) -> Iterator[Reaction]:
    """Commands to the regions that have joined. Those to one region are in the order in which they depend."""
    match event.payload:
        case events.RegionJoined() as joined:
            yield from _begins(event, programme, joined)
        case events.RegistrationLinked(trial=str(trial)):
            link = do.LinkRegistration(trial=trial)
            yield from (Reaction(stream, link) for stream in _streams(event, programme))
        case events.RegistrationUnlinked(trial=str(trial)):
            unlink = do.UnlinkRegistration(trial=trial)
            yield from (Reaction(stream, unlink) for stream in _streams(event, programme))
        case events.SponsorAdded() | events.SponsorRemoved() | events.JointStepSet() | events.ProgrammeEventCorrected():
            noted = do.NoteProgramme(version=event.cause.version, **_facts(programme))
            yield from (Reaction(stream, noted) for stream in _streams(event, programme))
        case events.ProgrammeHalted(halt=halt):
            for region in restarts_by_law(programme, halt) if _is_of_all(programme, halt.item) else ():
                yield _halted(event, region, halt)
        case _:
            return


def _begins(event: Happened, programme: Programme, joined: events.RegionJoined) -> Iterator[Reaction]:
    terms: Terms = joined.terms
    stream, programme_id = _stream(event, terms.region), Stream(event.stream).id
    begin = do.BeginRegion(programme=programme_id, terms=terms, table=joined.on.date, **_facts(programme))
    yield Reaction(stream, begin)
    for trial in programme.trials:
        yield Reaction(stream, do.LinkRegistration(trial=trial), name=f"link {trial}")
    for item, standing in programme.halts.items():
        if terms.region in restarts_by_law(programme, standing.halt) and _is_of_all(programme, item):
            yield _halted(event, terms.region, standing.halt)


def _halted(event: Happened, region: str, halt: Halt) -> Reaction:
    """The halt without its texts, which are sealed for the programme's stream."""
    halted = do.HaltRegion(halt=Halt.model_validate(halt.standing().model_dump()), source=str(event.cause))
    return Reaction(_stream(event, region), halted, name=f"halt {halt.item}")


def _is_of_all(programme: Programme, item: str) -> bool:
    """Whether a halt is for all linked registrations. A halt of a region knows no smaller reach."""
    halted = programme.halts.get(item)
    return halted is not None and all(in_reach(programme, halted, registration) for registration in programme.links)


def _facts(programme: Programme) -> _ProgrammeFacts:
    return _ProgrammeFacts(
        sponsors=programme.sponsoring(SponsorKind.SPONSOR),
        second_sponsors=programme.sponsoring(SponsorKind.SECOND_SPONSOR),
        joint_steps=tuple(programme.joint_steps.values()),
    )


def _stream(event: Happened, region: str) -> Stream:
    return stream_of_region(Stream(event.stream).id, region)


def _streams(event: Happened, programme: Programme) -> Iterator[Stream]:
    return (_stream(event, region) for region in programme.regions)


POLICY: Final = Policy("regions", "programme", react)
