"""The catalogue: each event's literal name with version, and its payload. A class may be renamed, a name never."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from events.record import Record
from events.schemas import access, exchange, log, trial
from events.schemas.values import Payload, Value

SCHEMAS: Final = (
    "log", "programme", "region", "trial", "site_milestones", "site_halts", "trial_gates", "access", "person", "text",
    "numbers", "exchange", "consequence")  # fmt: skip
"""The modules of `events.schemas` that declare events, each in its `EVENTS`."""

_DECLARED: Final[Sequence[tuple[str, type[Payload]]]] = [
    event for module in SCHEMAS for event in import_module(f"events.schemas.{module}").EVENTS.items()
]

EVENTS: Final[Mapping[str, type[Payload]]] = MappingProxyType(dict(_DECLARED))

NAMES: Final[Mapping[type[Value], str]] = MappingProxyType({payload: name for name, payload in _DECLARED})

_SIZE_ADDED: Final = (
    trial.TrialRegistered,
    trial.TrialImported,
    trial.TrialSourceAdded,
    trial.TrialImportChanged,
    trial.TrialAmended,
    trial.TrialCorrected,
    trial.EventCorrected,
)
"""Revision 2: a registration may have an `unspecified_size`. One of before says the same without it."""
_DAY_ADDED: Final = (trial.TrialImported, trial.TrialSourceAdded, trial.TrialImportChanged)
"""Revision 3: a source may say the day of its sender's data. One of before says the same without it."""
_EXTENSIONS_ADDED: Final[Mapping[type[Value], int]] = MappingProxyType(
    {
        trial.TrialRegistered: 3,
        trial.TrialImported: 4,
        trial.TrialSourceAdded: 4,
        trial.TrialImportChanged: 4,
        trial.TrialAmended: 3,
        trial.TrialCorrected: 3,
        trial.EventCorrected: 3,
    }
)
"""The revision from which a registration may have `extensions`. One of before says the same without them."""

UPCASTS: Final[Mapping[tuple[str, int], Callable[[Mapping[str, Any]], dict[str, Any]]]] = MappingProxyType(
    {
        **{(NAMES[payload], 1): dict for payload in _SIZE_ADDED},
        **{(NAMES[payload], 2): dict for payload in _DAY_ADDED},
        **{(NAMES[payload], revision - 1): dict for payload, revision in _EXTENSIONS_ADDED.items()},
        # A token of before had one of fewer roles.
        (NAMES[access.TokenIssued], 1): dict,
        # A log of before was no demo.
        (NAMES[log.LogFounded], 1): dict,
        # One of before did not name the vault.
        (NAMES[log.LogFounded], 2): dict,
        # One of before says nothing of whom its bytes name.
        (NAMES[trial.OlderVersionKept], 1): dict,
        # A receipt of before counted older versions among the unchanged.
        (NAMES[exchange.ImportFinished], 1): dict,
    }
)
"""By type and revision: the function that makes the next revision's data. Stored data stays as it is."""

if not len(NAMES) == len(EVENTS) == len(_DECLARED):
    raise TypeError("two events share a name or a payload")


def name_of(payload: Value) -> str:
    """The literal name of an event's payload; KeyError where it is in no catalogue."""
    return NAMES[type(payload)]


CLOSING: Final = frozenset({"audience", "publicfrom"})
"""Extensions that keep an event from some readers. This program knows no audiences, so it shows no such event."""


class NotUnderstood(ValueError):
    """The event is of a type or a revision that this program does not know: a later one wrote it."""


def understood(record: Record) -> bool:
    """Whether this program knows the event's type and the revision of its form, and may show it."""
    payload = EVENTS.get(record.type)
    known = payload is not None and record.revision <= payload.REVISION
    return known and not record.extensions.keys() & CLOSING


def payload_of(record: Record) -> Value:
    """The typed payload; raises NotUnderstood, or pydantic.ValidationError for a wrong shape."""
    return EVENTS[record.type].from_stored(upcast(record).data)


def upcast(record: Record) -> Record:
    """The record in the form of its type's current revision, whatever revision it was written in.

    The gate before every fold: raises NotUnderstood where a later program wrote the event.
    """
    if not understood(record):
        raise NotUnderstood(f"{record.type}, revision {record.revision}")
    while (step := UPCASTS.get((record.type, record.revision))) is not None:
        record = replace(record, revision=record.revision + 1, data=step(record.data))
    return record
