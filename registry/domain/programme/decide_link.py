"""Registrations that belong to a programme: trials of this registry, and of others by their numbers."""

import hashlib

from events.identifiers import identify
from events.schemas import programme as events
from events.schemas.programme import GivenNumber
from registry.domain.decider import Fault, Rejection, reject_if
from registry.domain.programme import commands as do
from registry.domain.programme.state import Programme


def link(programme: Programme, command: do.LinkToProgramme) -> events.RegistrationLinked:
    """The link; raises Rejection with every fault."""
    number = _number(command)
    named = command.trial or (number.number if number else "")
    registration = command.registration or f"i{hashlib.sha256(named.encode()).hexdigest()[:8]}"
    faults = []
    for item, known in programme.links.items():
        if _is_same(known, command.trial, number):
            faults.append(Fault("already-linked", f"it is linked already, as {item}"))
        elif item == registration:
            faults.append(Fault("registration-known", f"{item} names another link; give another item", "/registration"))
    if command.protocol is not None and command.protocol not in programme.protocols:
        faults.append(Fault("protocol-unknown", f"no protocol {command.protocol}; add it first", "/protocol"))
    reject_if(faults)
    return events.RegistrationLinked(
        registration=registration, trial=command.trial, number=number, protocol=command.protocol
    )


def _is_same(known: events.RegistrationLinked, trial: str | None, number: GivenNumber | None) -> bool:
    if trial is not None:
        return known.trial == trial
    both = number is not None and known.number is not None
    return both and (known.number.registry, known.number.number) == (number.registry, number.number)  # type: ignore[union-attr]


def _number(command: do.LinkToProgramme) -> GivenNumber | None:
    """The number in the one form of it. Raises Rejection where nothing, or more than one thing, is linked."""
    if (command.trial is None) == (command.number is None):
        raise Rejection(Fault("link-unclear", "give the id of a trial of this registry, or a number of another's"))
    if command.number is None:
        return None
    known = identify(command.number)
    if known is None:
        message = f"{command.number!r} is no number that this registry knows; write it as its registry does"
        raise Rejection(Fault("number-unknown", message, "/number"))
    return GivenNumber(written=command.number, registry=known.registry, number=known.number)


def unlink(programme: Programme, command: do.UnlinkFromProgramme) -> events.RegistrationUnlinked:
    """The end of a link."""
    if (known := programme.links.get(command.registration)) is None:
        linked = ", ".join(programme.links) or "none"
        message = f"no registration {command.registration} is linked (linked: {linked})"
        raise Rejection(Fault("registration-unknown", message, "/registration"))
    return events.RegistrationUnlinked(registration=command.registration, trial=known.trial)
