"""Invented trials of any number, with texts in both languages from the demo's world, as records of the log."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID, uuid5

from events import founding
from events.admission import Head
from events.catalogue import name_of
from events.origin import Origin
from events.partitions import partition_of
from events.port import Addressed, EventLog, Topic
from events.record import Message, Record, encode
from events.schemas.parties import Contact, Organisation
from events.schemas.registration import Phase
from events.schemas.values import Sealed
from registry.demo import hospitals, sources
from registry.demo.draw import Draw
from registry.demo.outline import NAMES, Outline
from registry.demo.registrations import registration
from registry.demo.world import LifeName, Words, World
from registry.domain.decider import Command, Context
from registry.domain.numbers.grammar import Grammar
from registry.domain.trial.commands import AddSite, OpenSite, PublishTrial, RegisterTrial
from registry.domain.trial.decider import TRIAL
from registry.people.sealable import PARTIES, replaced
from tests.support.trials import SEALED

TODAY: Final = date(2026, 11, 22)
NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
LOG: Final = UUID("6f2f5c0e-33a6-4a3c-9d2e-0d6f0f1f7c12")
ORIGIN: Final = Origin("https://registry.example", str(LOG))
APPENDED: Final = 500
LIVES: Final[tuple[LifeName, ...]] = ("recruiting", "not_yet", "recruiting", "completed")
GRAMMAR: Final = Grammar("JTR{year}{number:06}")
SERIES: Final = GRAMMAR.series(TODAY.year)


def outlines(count: int) -> Iterator[Outline]:
    """So many trials, of all diseases, treatments, sponsors and hospitals of the demo's world."""
    world = sources.read()
    sites = [site for of in hospitals.in_japan(world) for site in of]
    kinds = [kind for kind in world.kinds.values() if kind.intervention]
    for number in range(1, count + 1):
        draw = Draw(f"bench {number}")
        kind, disease = draw.pick("kind", kinds), draw.pick("disease", world.diseases)
        way = draw.pick("treatment", world.treatments)
        yield Outline(
            number=number,
            kind=kind,
            life=draw.pick("life", LIVES),
            disease=disease,
            who=world.wording.who[disease.ages],
            phase=Phase(draw.pick("phase", kind.phases)),
            sponsor=draw.pick("sponsor", world.organisations.sponsors),
            treatment=Words(way.ja, way.en),
            comparator=Words(way.comparator_ja, way.comparator_en)
            if way.comparator_ja
            else Words("通常診療", "usual care"),
            sites=tuple(draw.some("sites", sites, 2)),
            begun=TODAY - timedelta(days=draw.number("begun", 10, 2000)),
            last=TODAY - timedelta(days=1),
        )


def messages(outline: Outline, world: World) -> Iterator[Message]:
    """The trial's records: registered, two sites, published, and one of the sites open; decided by the domain."""
    state, head = TRIAL.initial, Head()
    context = Context(datetime.combine(TODAY, time(3), UTC), outline.sponsor.id, GRAMMAR.render(SERIES, outline.number))
    for number, command in enumerate(_commands(outline, world)):
        event = TRIAL.decide(state, command, context)
        assert event is not None
        state = TRIAL.evolve(state, event)
        message = _message(outline, number, head, event)
        head = Head(head.version + 1, message.digest)
        yield message


def _commands(outline: Outline, world: World) -> Iterator[Command]:
    yield replaced(PARTIES, RegisterTrial(registration=registration(outline, world)), _sealed)
    for site in outline.sites:
        yield AddSite(site=site)
    yield PublishTrial()
    if outline.life == "recruiting":
        yield OpenSite(site=outline.sites[0].site, on=TODAY.isoformat())


def _sealed(party: Contact | Organisation) -> Contact | Organisation:
    """In its stored form; these are never opened, so one sealed text serves for all."""
    return party if party.person is None else party.model_copy(update={"person": Sealed.model_validate(SEALED)})


def _message(outline: Outline, number: int, head: Head, event: Any) -> Message:
    return encode(
        Record(
            id=uuid5(NAMES, f"bench {outline.number} step {number}"),
            type=name_of(event),
            subject=outline.stream,
            expectedversion=head.version,
            previoushash=head.digest,
            commandhash=bytes(32),
            actor="bench",
            onbehalfof=outline.sponsor.id,
            time=NOW,
            data=event.to_stored(),
            origin=ORIGIN,
        )
    )


async def fill(log: EventLog, topic: Topic, count: int) -> int:
    """Founds the log, appends the trials to it, and returns the number of events of trials."""
    await founding.ensure(log, topic, ORIGIN.base, LOG, NOW)
    world, total = sources.read(), 0
    found = (
        Addressed(partition_of(outline.stream, topic.partitions), message)
        for outline in outlines(count)
        for message in messages(outline, world)
    )
    while batch := list(islice(found, APPENDED)):
        await log.append(topic, batch)
        total += len(batch)
    return total
