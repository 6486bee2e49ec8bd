"""Values in headers and queries: the key of a command, preconditions, moments, positions, pages."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from aiohttp import web

from events.port import ENDLESS
from events.record import Position
from events.schemas.zones import JAPAN
from projections.base.moments import Moment, moment_of
from projections.search import cursor
from registry.api.context import NODE
from registry.api.problems import BAD_PARAMETER, KEY_MISSING, Problem
from registry.api.zipping import MARK
from registry.domain.decider import Fault

HOW_TO_MAKE_A_KEY: Final = (
    "send the header Idempotency-Key with a new UUID of version 4 or 7 for each new command (best a UUIDv7, RFC 9562; "
    "on a shell: uuidgen), and the same one when you repeat a command whose answer you did not get"
)
NO_VERSION: Final = -1
WAIT_FOR: Final = "Registry-Wait-For"
_KEY: Final = re.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[47][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
KEY: Final = f"^{_KEY.pattern}$"
"""An Idempotency-Key as RFC 9562 writes it, for readers of the schema."""
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION: Final = re.compile(rf"(\d{{1,9}})(?:-(?:erased|withheld)-\d+)*(?:{MARK})?", re.ASCII)


def unreadable(name: str, what: str) -> Problem:
    """The refusal (400) of a query parameter or a header, with its name, and its fault or the right form."""
    return Problem(BAD_PARAMETER, f"{name}: {what}", faults=(Fault(BAD_PARAMETER.code, what, name),))


def uuid_in(text: str) -> UUID | None:
    """The UUID that the text writes in its usual form (RFC 9562, 4), and only in that."""
    return UUID(text) if _UUID.fullmatch(text) else None


def idempotency_key(request: web.Request) -> UUID:
    """The key under which the command is recorded once; raises Problem (400) that says how to make one."""
    text = request.headers.get("Idempotency-Key", "")
    # Ids of partners' trials are UUIDs of version 5 here: no sender may use one for a trial of its own.
    if not _KEY.fullmatch(text):
        raise Problem(KEY_MISSING, HOW_TO_MAKE_A_KEY)
    return UUID(text)


def expected_version(request: web.Request, stream: str) -> int | None:
    """The version that If-Match asks for (RFC 9110, 13.1.1); None if any will do, NO_VERSION if none can match.

    Raises Problem (400) if it is not a list of entity tags. A weak tag never matches. Whether the version fits is for
    the command loop to say: a sender that may not give the command must not learn it.
    """
    tags = request.if_match
    if tags is None or request.headers["If-Match"].strip() == "*":
        return None
    if not tags:
        raise unreadable("If-Match", 'write * or entity tags as answers carry them, e.g. "7"')
    ours = [_VERSION.fullmatch(tag.value) for tag in tags if not tag.is_weak]
    versions = [int(match.group(1)) for match in ours if match]
    if len(versions) == 1:
        return versions[0]
    now = request.app[NODE].heads.head(stream).version
    return now if now in versions else NO_VERSION


def entity_tag(version: int, erased: int, set_aside: int = 0, withheld: int = 0, ended: int = 0) -> str:
    """The tag of a trial's representation.

    It changes with the version, with the erasure of a person in it, with the parts withheld or set aside, and on days
    on which the answer whether somebody can join may change.
    """
    parts = [("erased", erased), ("withheld", withheld), ("set-aside", set_aside), ("ended", ended)]
    return "-".join([str(version), *(f"{name}-{count}" for name, count in parts if count)])


def as_of(request: web.Request) -> Moment | None:
    """The moment that `as_of` asks for: a time with its offset, a date in Japan, or a position in the log."""
    if (text := request.query.get("as_of")) is None:
        return None
    try:
        moment = moment_of(text)
    except ValueError as fault:
        how = "write a time (2026-11-22T09:30:00+09:00), a date (2026-11-22) or a position (3:141)"
        raise unreadable("as_of", how) from fault
    if moment.position is not None:
        _in_log(request, "as_of", moment.position)
    now = datetime.now(UTC)
    if moment.recorded is not None and moment.recorded > now:
        if text != now.astimezone(JAPAN).date().isoformat():
            raise unreadable("as_of", "give a moment that is not in the future; today means up to now")
        return Moment(now)
    return moment


def position_to_wait_for(request: web.Request) -> Position | None:
    """The position that the answer must include, from the header Registry-Wait-For or the query `wait_for`."""
    places = (("wait_for", request.query.get("wait_for")), (WAIT_FOR, request.headers.get(WAIT_FOR)))
    stated = {text: name for name, text in places if text is not None}
    if len(stated) > 1:
        raise unreadable("wait_for", f"it and {WAIT_FOR} name two positions; name one")
    return next((_position(request, name, text) for text, name in stated.items()), None)


def positions_of_cursor(request: web.Request) -> dict[int, int]:
    """The next offsets that the index must hold for a `cursor`; raises Problem (400) if the log can have none such.

    Empty where the cursor is none, which the search itself refuses.
    """
    try:
        place = cursor.read(request.query.get("cursor", ""))
    except ValueError:
        return {}
    positions = {partition: offset for partition, offset in place.positions.items() if offset}
    for partition, offset in positions.items():
        _in_log(request, "cursor", Position(partition, offset - 1))
    return positions


def position_before(request: web.Request) -> Position | None:
    """The position of `before`; raises Problem (400)."""
    text = request.query.get("before")
    return None if text is None else _position(request, "before", text)


def _position(request: web.Request, name: str, text: str) -> Position:
    try:
        return _in_log(request, name, Position.parse(text))
    except ValueError as fault:
        raise unreadable(name, "write a position as partition:offset") from fault


def _in_log(request: web.Request, name: str, position: Position) -> Position:
    if position.offset > ENDLESS or position.partition not in request.app[NODE].heads.next_offsets():
        raise unreadable(name, "the log can have no such position")
    return position


def whole_number(request: web.Request, name: str, default: int, lowest: int, highest: int) -> int:
    """A number of the query within its bounds; raises Problem (400)."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and lowest <= int(text) <= highest):
        raise unreadable(name, f"write a whole number from {lowest} to {highest}")
    return int(text)


def only(request: web.Request, *names: str, repeatable: Collection[str] = ()) -> None:
    """Refuses query parameters that the route does not know, and those given twice: a typo must not widen an answer."""
    for name in request.query:
        if name not in names:
            raise unreadable(name, f"this address takes these query parameters: {', '.join(names) or 'none'}")
        if name not in repeatable and len(request.query.getall(name)) > 1:
            raise unreadable(name, "give it once")
