"""Extensions: data that a partner publishes of a trial and that the data set has no item for (ADR 0069).

The core asks of an extension only that it is JSON which every part of the program can store, compare and show. Its
meaning is known to its partner's folder under `adapters`, which has its model.
"""

import re
from typing import Annotated, Any, Final, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from events.canonical import to_json
from events.schemas import wording
from events.schemas.bounds import at_the_door

MOST: Final = 20
"""Extensions of one trial."""
BYTES: Final = 200_000
"""Of one extension in canonical JSON."""
DEEPEST: Final = 16
"""Levels of objects and lists in one extension."""
WHOLE: Final = 2**53
"""Whole numbers lie below this on both sides of zero, so that every reader of JSON has the same (RFC 8785)."""
KEY: Final = re.compile("[a-z][a-z0-9_]{0,63}")
RESERVED: Final = frozenset({"closed", "erased", "item", "person", "sealed", "withheld"})
"""Keys that mean something wherever they stand: what is sealed, what stands in its place, and members of lists. So no
extension holds sealed data, or a person: whom a trial names, its contacts and sponsors say."""


def wrong_in(value: Any) -> str | None:
    """Why the value can't be part of an extension, if it can't; without the value itself."""
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        here, depth = pending.pop()
        if isinstance(here, dict | list) and depth > DEEPEST:
            return f"an extension may be nested {DEEPEST} levels deep"
        if (fault := _wrong_here(here)) is not None:
            return fault
        if isinstance(here, dict | list):
            pending += [(inner, depth + 1) for inner in (here.values() if isinstance(here, dict) else here)]
    size = len(to_json(value))
    return f"an extension may have {BYTES} bytes, and has {size}" if size > BYTES else None


def _wrong_here(value: Any) -> str | None:
    match value:
        case str():
            return wording.wrong_in_prose(value) or (None if _is_unicode(value) else "a text has half a character")
        case bool() | list():
            return None
        case int():
            return None if abs(value) < WHOLE else "a whole number may have 53 bits; write a larger one as a text"
        case dict():
            return next(filter(None, map(_wrong_in_key, value)), None)
        case None:
            return "leave out what is not known, in place of null"
        case _:
            return "write a number with a fraction as a text"


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can write it: it can't write half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_in_key(key: Any) -> str | None:
    if not (isinstance(key, str) and KEY.fullmatch(key)):
        return "keys are of small letters, digits and low lines, begin with a letter, and have 64 characters at most"
    return f"the key {key} is reserved" if key in RESERVED else None


@at_the_door
def _bounded(value: Any) -> Any:
    if (fault := wrong_in(value)) is not None:
        raise ValueError(fault)
    return value


Extension: TypeAlias = Annotated[
    dict[str, Any],
    AfterValidator(_bounded),
    Field(json_schema_extra={"propertyNames": {"pattern": f"^{KEY.pattern}$"}}),
]
PartnerName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""A partner's name, as the catalogue of partners has it."""
Extensions: TypeAlias = Annotated[dict[PartnerName, Extension], Field(max_length=MOST)]
