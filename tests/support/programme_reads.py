"""Programmes as readers get them, made of the commands that tests give to a programme and to its regions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from events.admission import Head
from events.event import Event
from events.record import Position
from events.schemas.access import Role
from events.schemas.values import Payload
from projections.base.view import Document
from projections.programme.document import evolve
from registry.domain.permissions import ANONYMOUS, Actor
from registry.programmes.seeing import Viewer
from registry.programmes.whole import Whole, whole_of
from tests.projections.trials import record
from tests.support.programmes import Course, joined
from tests.support.regions import AUTHORITY, ETHICS, EU, NOW, Life, authorised, begun

ID: Final = "6f1c0e0a-6d6f-5d0e-9b8e-2f1c7c1d4a11"
SPACE: Final = UUID(ID)
RECORDED: Final = datetime(2024, 1, 1, tzinfo=UTC)


def region_id(code: str) -> str:
    """The id of a region of the programme of tests."""
    return str(uuid5(SPACE, code))


def document(stream: str, payloads: list[Any]) -> Document:
    """The document of a stream after these events."""
    folded: Document | None = None
    for version, payload in enumerate(payloads, 1):
        folded = evolve(folded, _event(stream, version, payload))
    assert folded is not None
    return folded


def _event(stream: str, version: int, payload: Payload) -> Event:
    made = record(stream, payload, head=Head(version - 1))
    return Event(Position(0, version - 1), RECORDED + timedelta(seconds=version), version, bytes(32), made)


def whole(
    course: Course | None = None,
    *lives: Life,
    trials: Mapping[str, Document] | None = None,
    now: datetime = NOW,
) -> Whole:
    """The programme with these regions."""
    events = (course or joined()).events
    regions = [document(f"region/{region_id(life.code)}", list(life.events)) for life in lives]
    programme = document(f"programme/{ID}", list(events))
    return whole_of(programme, regions, trials or {}, now.date(), now)


def seen(of: Whole, role: Role = Role.REGISTRY, organisation: str = "registry-office") -> Viewer:
    """As somebody of a role sees it; the registry's office where nothing else is stated."""
    if role is Role.PUBLIC:
        return Viewer(ANONYMOUS, of)
    return Viewer(Actor("token", role, organisation), of)


__all__ = ["AUTHORITY", "ETHICS", "EU", "Life", "Whole", "authorised", "begun", "document", "seen", "whole"]
