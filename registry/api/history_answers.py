"""Answers of the history and the feed: events of a trial, and the fields that each changed."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from events.schemas.values import Line, Value
from registry.api.answer_fields import At, Link, Moment, Version
from registry.api.in_clear import TakenBack


class FieldChange(Value):
    """A field's old and new value; absent is null."""

    field: str
    old: JsonValue = None
    new: JsonValue = None


class Who(Value):
    """The token that acted; for registry and regulators only."""

    token: str
    organisation: str | None = None
    role: str | None = None
    name: JsonValue = None


class FollowsFrom(Value):
    """The event that another follows from, and the policy that gave the command. No person gave it."""

    policy: str
    stream: str | None = None
    """The stream of the cause; where the asker may not read it, only the policy is named."""
    version: Version | None = None
    """The cause's version in that stream."""


class EventAnswer(Value):
    """One event of a trial's history, and the fields it changed."""

    key: str
    type: str
    version: Version
    position: At
    recorded: Moment
    occurred: Moment
    reason: str | TakenBack | None = None
    texts: tuple[str, ...] | None = None
    """Opaque ids by which its reason and whys are taken back; for registry and regulators only."""
    organisation: str
    actor: Who | None = None
    follows_from: FollowsFrom | None = None
    data: dict[str, JsonValue]
    changes: tuple[FieldChange, ...]
    corrected_by: tuple[Version, ...] | None = None
    """Versions of the events that said later what is right instead, or that it did not happen."""


class HistoryAnswer(Value):
    """A page of a trial's history, oldest first."""

    trial: str
    events: tuple[EventAnswer, ...]
    next: Link | None = None


class ChangeAnswer(Value):
    """An entry of the feed: one accepted change of a trial. `id`, stream and version, is its own for ever.

    Either `record` is the trial as it is after the change, or `changes` are what differs, or the entry is `closed`.
    """

    id: Annotated[str, Field(examples=["trial/2deec743-9b69-4f35-8670-61982826a82d/5"])]
    source: Link
    stream: str
    version: Version
    type: str
    position: At
    recorded: Moment
    occurred: Moment
    organisation: str
    trial: str
    number: Line | None = None
    """Ours, or the one that its home registry gave it."""
    reason: str | TakenBack | None = None
    record: dict[str, JsonValue] | None = None
    """The whole trial, in place of what was known of it: where it comes into the asker's sight."""
    changes: tuple[FieldChange, ...] | None = None
    closed: Literal[True] | None = None
    """Only a later version of this program can show what changed."""
    cursor: Annotated[str, Field(description="The place after this entry: give it as `after`, or Last-Event-ID.")]
