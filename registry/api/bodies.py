"""Bodies of commands: as strict JSON or a form, then by the command's own model."""

import json
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import pydantic
from aiohttp import web

from events import canonical
from registry.api.context import NODE
from registry.api.problems import BAD_JSON, BAD_REQUEST, INVALID, MEDIA_TYPE, Problem
from registry.api.receiving import received
from registry.domain.decider import Command, Fault

C = TypeVar("C", bound=Command)

FORM: Final = "application/x-www-form-urlencoded"
FORM_LIMIT: Final = 32_000
"""Bytes of a form: the longest reason the form takes, each of its characters escaped, and the rest."""
MOST_FIELDS: Final = 50
MOST_FAULTS: Final = 200
"""How many faults an answer lists; a body can be wrong in many thousand places."""


class _DuplicateKey(ValueError):
    pass


class _TooLong(ValueError):
    pass


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body, a JSON object; an absent body is an empty one. Raises Problem: 400, 408, 413, 415."""
    body = await received(request, request.app[NODE].settings.body_limit)
    if not body:
        return {}
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Problem(MEDIA_TYPE, headers={"Accept-Post": "application/json"})
    return parse(body)


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a form as a browser sends it, without those left empty. Raises Problem: 400, 408, 413, 415."""
    # Small, as its sender is not known before it is read: the token is one of the fields.
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
    """A JSON object, strictly: RFC 8259 in UTF-8, no name twice, no NaN, no lone surrogates, no number of over 64 bits.

    Raises Problem (400).
    """
    try:
        canonical.from_json(body)
        value = STRICT.decode(body.decode())
    except _DuplicateKey as fault:
        raise Problem(BAD_JSON, "an object has the same name twice") from fault
    except _TooLong as fault:
        raise Problem(BAD_JSON, "a whole number has more than 64 bits") from fault
    except (ValueError, RecursionError) as fault:
        raise Problem(BAD_JSON, "the body is not JSON as RFC 8259 defines it, in UTF-8") from fault
    if not isinstance(value, dict):
        raise Problem(BAD_JSON, "the body must be a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    object_ = dict(pairs)
    if len(object_) < len(pairs):
        raise _DuplicateKey
    return object_


def _storable(digits: str) -> int:
    """The number; raises _TooLong where the canonical encoding has no form for it."""
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise _TooLong
    return number


STRICT: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_storable)


def command_from(model: type[C], body: dict[str, Any]) -> C:
    """The command that the body states. Raises Problem (422) with every fault, and with no value of the body."""
    try:
        return model.model_validate_json(canonical.to_json(body), strict=True)
    except pydantic.ValidationError as fault:
        found = fault.errors(include_url=False, include_context=False, include_input=False)
        # A person may come sealed or in clear; over HTTP only in clear, so faults of the sealed form say nothing.
        faults = [
            Fault(one["type"], one["msg"], pointer(one["loc"], body)) for one in found if "Sealed" not in one["loc"]
        ]
        told = tuple(dict.fromkeys(faults))[:MOST_FAULTS]
        detail = f"{len(faults)} faults, the first {MOST_FAULTS} of them listed" if len(faults) > MOST_FAULTS else ""
        raise Problem(INVALID, detail, faults=told) from None


def pointer(location: Sequence[Any], body: Any) -> str:
    """The JSON Pointer (RFC 6901) of a pydantic location, without the union branches that it names."""
    parts: list[str] = []
    here, last = body, len(location) - 1
    for step, part in enumerate(location):
        if part in (range(len(here)) if isinstance(here, list) else here if isinstance(here, dict) else ()):
            here = here[part]
        elif step < last or not isinstance(here, dict):
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)
