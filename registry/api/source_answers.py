"""Answers on a trial's sources, and on the imports that brought them."""

from typing import Annotated

from pydantic import Field, JsonValue

from events.schemas.exchange import ImportFinished, Refusal
from events.schemas.registration import Source
from events.schemas.values import Line, PartialDate, StatedDate, Value
from registry.api.answer_fields import Link, Moment, Version
from registry.api.in_clear import PublicStatus


class SourceAnswer(Source):
    """What a partner last sent."""

    recorded: Moment
    version: Version
    region: Line | None = None
    """The country of this record, where its register has a row for each; WHO's words where it is no country."""
    status: PublicStatus | None = None
    """The row's status of its country."""
    completion: StatedDate | None = None
    """The completion date there, by the row."""


class AtHome(Value):
    """How recent a partner's trial is: first by its home registry, then when it was received here."""

    changed: PartialDate | None = None
    """When the home registry last changed it, by its own statement."""
    copied: PartialDate | None = None
    """If only a copy of the home's record was received from another registry: the day of that copy."""
    copied_by: Line | None = None
    """Code of the registry whose copy it is."""
    verified: PartialDate | None = None
    """When it was last confirmed there."""
    received: Moment
    """When the version in force was received here."""


class Difference(Value):
    """A field in which a source differs from the record."""

    field: str
    here: JsonValue = None
    there: JsonValue = None


class SourceOfTrial(SourceAnswer):
    """A source of a trial, beside the record."""

    source: str
    """Its name among the trial's sources: the sender, with its own number of the record where that is another."""
    home: bool
    """Whether the sender is the trial's home registry, whose data wins."""
    differs: tuple[Difference, ...]


class SourcesAnswer(Value):
    """Where a trial's data came from."""

    trial: str
    version: Version
    sources: tuple[SourceOfTrial, ...]
    next: Link | None = None


class RawDocumentAnswer(Source):
    """What a partner sent, as an event of the trial names it."""

    recorded: Moment
    version: Version
    """The trial's, by the event that names the document."""
    link: Link
    """Where its bytes are; 410 if they are erased."""


class RawDocumentsAnswer(Value):
    """A page of a trial's raw documents, in the order in which they came."""

    trial: str
    version: Version
    documents: tuple[RawDocumentAnswer, ...]
    next: Link | None = None


class ImportAnswer(ImportFinished):
    """The receipt of an import."""

    id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    recorded: Moment
    older: int
    """Versions older than what their sender had given before: kept, without changing anything."""
    refusals: tuple[Refusal, ...] | None = None
    """Refused records; given where one import is asked for."""
    next: Link | None = None
    """Where more of them are."""


class ImportsAnswer(Value):
    """A page of imports, latest first."""

    imports: tuple[ImportAnswer, ...]
    next: Link | None = None
