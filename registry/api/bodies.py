"""Bodies of commands: as strict JSON or a form, then by the command's own model."""

import asyncio
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import pydantic
from aiohttp import web

from events import canonical
from events.schemas.values import FORMS
from events.weight import values
from registry.api.context import NODE
from registry.api.first_faults import first_faults
from registry.api.problems import BAD_JSON, BAD_REQUEST, INVALID, MEDIA_TYPE, TOO_LARGE, Problem
from registry.api.receiving import HOLDING, SMALL, received
from registry.domain.decider import Command, Fault

C = TypeVar("C", bound=Command)
Completed: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

FORM: Final = "application/x-www-form-urlencoded"
FORM_LIMIT: Final = 32_000
"""Bytes of a form: the longest reason the form takes, each of its characters escaped, and the rest."""
MOST_FIELDS: Final = 50
MOST_FAULTS: Final = 200
"""The most faults that an answer lists; a body can be wrong in many thousand places."""
MOST_VALUES: Final = 50_000
"""Values of a body: ten times as many as the largest known record has."""
FEW_VALUES: Final = 2_000
"""Values up to which every fault of a body is listed. For a larger one, only the first of each list is."""
MOST_NAMES: Final = 100
"""Names of one object; no object of a command has half as many."""
MOST_LEVELS: Final = 32
"""Levels of a body; no command has half as many."""
VALUE: Final = 320
"""Bytes that a value of a command takes, at most: `api/test_bodies.py` weighs commands of many."""
COPIES: Final = 3
"""Copies of a text in memory at once: in the body, in the command, and in the event that is sent to the log."""
STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""The strings of JSON; one that does not end goes to the end of the text, so that no text is scanned twice."""
NO_JSON: Final = "the body is not JSON as RFC 8259 defines it, in UTF-8, of whole characters"
CHECKING: Final = web.AppKey("checking", asyncio.Semaphore)


class _DuplicateKey(ValueError):
    pass


class _TooLong(ValueError):
    pass


class _TooMany(ValueError):
    pass


async def read_command(request: web.Request, model: type[C], completed: Completed = dict) -> C:
    """The command that the body states; `completed` adds the parts that the address names.

    Raises Problem: 400, 408, 413, 415, 422, 429, and what `completed` raises.
    """
    body = await received(request, request.app[NODE].settings.body_limit)
    if body:
        _check_media_type(request)
    if len(body) <= SMALL:
        return stated(model, body, completed)
    # One at a time, so that the loop gets its turn between two bodies, however many arrive at once.
    async with request.app[CHECKING]:
        request[HOLDING].make((COPIES - 1) * len(body) + min(values(body), MOST_VALUES) * VALUE)
        return await asyncio.to_thread(stated, model, body, completed)


def stated(model: type[C], body: bytes, completed: Completed = dict) -> C:
    """The command in a body; an absent body is an empty one. Raises as `read_command` does."""
    return command_from(model, completed(parse(body) if body else {}))


def _check_media_type(request: web.Request) -> None:
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Problem(MEDIA_TYPE, headers={"Accept-Post": "application/json"})


async def read_form(request: web.Request) -> dict[str, str]:
    """The non-empty fields of a form as a browser sends it. Raises Problem: 400, 408, 413, 415."""
    # Small, because its sender is unknown before it is read: the token is one of the fields.
    body = await received(request, FORM_LIMIT)
    if request.content_type != FORM:
        raise Problem(MEDIA_TYPE, headers={"Accept-Post": FORM})
    try:
        fields = parse_qsl(body.decode("ascii"), strict_parsing=bool(body), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as fault:
        raise Problem(BAD_REQUEST) from fault
    if any("\0" in text for field in fields for text in field):
        raise Problem(BAD_REQUEST, "the form holds the character U+0000")
    return {name: value for name, value in fields if value.strip()}


def parse(body: bytes) -> dict[str, Any]:
    """A JSON object, strictly: RFC 8259 in UTF-8, no name twice, no NaN, no number of over 64 bits.

    Raises Problem: 400, and 413 if it has more than MOST_VALUES.
    """
    if more_than(MOST_VALUES, body):
        raise Problem(TOO_LARGE, f"a body may hold {MOST_VALUES} values: members, items, objects and arrays")
    try:
        value = STRICT.decode(body.decode())
    except _DuplicateKey as fault:
        raise Problem(BAD_JSON, "an object has the same name twice") from fault
    except _TooLong as fault:
        raise Problem(BAD_JSON, "a number has more than 64 bits") from fault
    except _TooMany as fault:
        raise Problem(TOO_LARGE, f"an object may have {MOST_NAMES} names") from fault
    except (ValueError, RecursionError) as fault:
        raise Problem(BAD_JSON, NO_JSON) from fault
    if not isinstance(value, dict):
        raise Problem(BAD_JSON, "the body must be a JSON object")
    if _deeper_than(MOST_LEVELS, value):
        raise Problem(TOO_LARGE, f"a body may have {MOST_LEVELS} levels of objects and arrays")
    return value


def _deeper_than(most: int, value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(most):
        nested = [part for part in level if isinstance(part, dict | list)]
        level = [one for part in nested for one in (part.values() if isinstance(part, dict) else part)]
    return any(isinstance(part, dict | list) for part in level)


def more_than(most: int, body: bytes) -> bool:
    """Whether JSON has more commas and brackets than that outside of strings; each value but the first follows one.

    Counting them takes a thousandth of the time that making objects of them would.
    """
    return values(body) > most and values(STRINGS.sub(b"", body)) > most


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_NAMES:
        raise _TooMany
    object_ = dict(pairs)
    if len(object_) < len(pairs):
        raise _DuplicateKey
    return object_


def _storable(digits: str) -> int:
    """The number; raises _TooLong if the canonical encoding has no form for it."""
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise _TooLong
    return number


def _finite(digits: str) -> float:
    """The number; raises _TooLong if it does not fit in 64 bits."""
    number = float(digits)
    if not math.isfinite(number):
        raise _TooLong
    return number


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_storable, parse_float=_finite, parse_constant=_no_number
)


def command_from(model: type[C], body: dict[str, Any]) -> C:
    """The command that the body states. Raises Problem: 422 with every fault, and with no value of the body; 400."""
    try:
        encoded = canonical.to_json(body)
    except TypeError as fault:  # half a character: a lone surrogate
        raise Problem(BAD_JSON, NO_JSON) from fault
    try:
        if more_than(FEW_VALUES, encoded):
            return first_faults(model).validate_json(encoded, strict=True)  # type: ignore[no-any-return]
        return model.model_validate_json(encoded, strict=True)
    except pydantic.ValidationError as fault:
        raise _invalid(fault, body) from None


def _invalid(fault: pydantic.ValidationError, body: dict[str, Any]) -> Problem:
    # A person may be sealed or in clear; over HTTP only in clear, so faults of the sealed form are irrelevant.
    found = [
        one
        for one in fault.errors(include_url=False, include_context=False, include_input=False)
        if "Sealed" not in one["loc"]
    ]
    # Only the faults that are listed are located in the body: locating them takes longer than validating it.
    faults = {Fault(one["type"], one["msg"], pointer(one["loc"], body)): None for one in found[:MOST_FAULTS]}
    detail = f"{len(found)} faults, the first {MOST_FAULTS} of them listed" if len(found) > MOST_FAULTS else ""
    return Problem(INVALID, detail, faults=tuple(faults))


def pointer(location: Sequence[Any], body: Any) -> str:
    """The JSON Pointer (RFC 6901) of a pydantic location, without the union branches that it names."""
    parts: list[str] = []
    here, last = body, len(location) - 1
    for step, part in enumerate(location):
        if part in (range(len(here)) if isinstance(here, list) else here if isinstance(here, dict) else ()):
            here = here[part]
        elif step < last or not isinstance(here, dict) or part in FORMS:
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)
