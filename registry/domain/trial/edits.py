"""Edits: changes of single values of a registration, and of members of its lists, as a command asks for them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from events import changes
from events.canonical import to_json
from events.pointers import ITEM, NEXT, ORDER, keys_of
from events.schemas import items
from events.schemas.parties import Person
from events.schemas.paths import NoSuchPath, place_at
from events.schemas.registration import Registration
from events.schemas.trial import Pointer
from events.schemas.values import Sealed, Value
from registry.domain.decider import Fault, Rejection

FAULTS_SHOWN: Final = 5
"""Faults of one value that a refusal names."""
ANYTHING: Final = TypeAdapter[Any](Any)
Stored = Mapping[str, Any]


def _leads_somewhere(pointer: str) -> str:
    try:
        place_at(Registration, pointer)
    except NoSuchPath as fault:
        raise PydanticCustomError("no_such_field", "{what}", {"what": str(fault)}) from None
    # Amendments, other members and histories name a member by its item.
    if keys_of(pointer)[-1] == ITEM:
        raise PydanticCustomError("item_stays", "a member keeps its item; to replace the member, remove it and add one")
    return pointer


def _of_its_place(value: Any, info: ValidationInfo) -> Any:
    """The value as the type of its place reads it, so that persons in it are found and sealed."""
    if value is None or "field" not in info.data:
        return None
    try:
        read = place_at(Registration, info.data["field"]).door.validate_json(to_json(value), strict=True)
    except ValidationError as faults:
        shown = [
            f"{'/'.join(map(str, ('', *fault['loc'])))}: {fault['msg']}".removeprefix(": ")
            for fault in faults.errors(include_url=False, include_context=False, include_input=False)[:FAULTS_SHOWN]
        ]
        raise PydanticCustomError("value_of_field", "{told}", {"told": "; ".join(shown)}) from None
    if isinstance(read, Person | Sealed):
        raise PydanticCustomError("person_alone", "give the whole contact or organisation that the person is of")
    return read


def _as_sent(value: Any) -> Any:
    return ANYTHING.dump_python(value, exclude_unset=True)


Part = Annotated[
    Registration | Any,
    PlainValidator(_of_its_place),
    PlainSerializer(_as_sent),
    WithJsonSchema({"description": "What the field holds."}),
]
"""A part of a registration. A value that may hold a person is a model, and the type says where those are."""


class Edit(Value):
    """A new value for one field, or for one member of a list. Null makes a field unknown, and removes a member."""

    field: Annotated[Pointer, AfterValidator(_leads_somewhere)]
    """A JSON Pointer (RFC 6901) into the registration, which names members of lists by their items, never by index:
    `/outcomes/i3f9a0c12/measure/en`. `/outcomes/-` adds a member at the end, `/outcomes/@order` takes all items in
    their new order."""
    value: Part = None


def edited(registration: Stored, edits: Sequence[Edit]) -> dict[str, Any]:
    """The registration in stored form after the edits. Raises Rejection where one leads nowhere."""
    after = dict(registration)
    for number, edit in enumerate(edits):
        try:
            after = _after(after, keys_of(edit.field), edit)
        except changes.NoSuchPlace as fault:
            raise Rejection(Fault("item-unknown", str(fault), f"/edits/{number}/field")) from None
    return after


def _after(registration: dict[str, Any], keys: Sequence[str], edit: Edit) -> dict[str, Any]:
    value = ANYTHING.dump_python(edit.value, mode="json", exclude_none=True)
    name, *within = keys
    if len(within) != 1 or name not in items.lists_of(Registration) or value is None or within == [ORDER]:
        return changes.apply(registration, [(edit.field, value)])
    there = registration.get(name, [])
    if within == [NEXT]:
        return registration | items.with_items(Registration, {name: [*there, value]})
    if value.setdefault(ITEM, within[0]) != within[0]:
        raise changes.NoSuchPlace(f"the member at {within[0]} says that it is {value[ITEM]}")
    return changes.apply({**registration, name: there}, [(edit.field, value)])


def touched(after: Stored, fields: set[str]) -> Registration:
    """Top-level fields of a registration as they are after edits. Raises Rejection where these left them unfit."""
    try:
        return Registration.model_validate({name: after.get(name) for name in fields})
    except ValidationError as faults:
        raise Rejection(*_faults(faults)) from None


def _faults(faults: ValidationError) -> Iterator[Fault]:
    for fault in faults.errors(include_url=False, include_context=False, include_input=False):
        yield Fault(fault["type"], fault["msg"], "/".join(["/registration", *map(str, fault["loc"])]))


def fields_of(registration: BaseModel, edits: Sequence[Edit]) -> set[str]:
    """The top-level fields that a registration given whole sets, and that edits change."""
    return registration.model_fields_set | {keys_of(edit.field)[0] for edit in edits}
