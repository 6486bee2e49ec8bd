"""Examples of a model's stored form: values that together have every field and every alternative."""

import types
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from events.schemas import trial
from events.schemas.moment import Moment
from events.schemas.values import Sealed, SealedText, Text, Value

SEALED: Final = frozenset[Any]({Sealed, SealedText})
"""Where there is one of them, no log holds the alternative in clear."""

LONG: Final = {"old_digest": "b" * 64}
CHANGES: Final[Mapping[type[BaseModel], list[dict[str, Any]]]] = MappingProxyType(
    {
        trial.RegistrationChange: [
            {"field": "/acronym", "old": "ONE", "new": "TWO"},
            {"field": "/public_title/ja", "old": "試験"},
            {"field": "/description/en", **LONG, "new": "What is studied"},
            {"field": "/planned_size", "new": 120},
            {"field": "/outcomes/i3f9a0c12/measure/en", "old": "Survival", "new": "Overall survival"},
        ],
        trial.WholeChange: [
            {"field": "/registration/acronym", "old": "ONE", "new": "TWO"},
            {"field": "/status/recruitment", "old": "recruiting", "new": "closed"},
            {"field": "/sites/kyoto/name/en", "old": "Kyoto", "new": "Kyoto University Hospital"},
            {"field": "/home/url", **LONG, "new": "https://home.example/trials/1"},
        ],
        trial.SiteChange: [
            {"field": "/name/en", "old": "Kyoto", "new": "Kyoto University Hospital"},
            {"field": "/place/latitude", "new": "35.0206"},
            {"field": "/contacts", **LONG},
        ],
        trial.ReportChange: [
            {"field": "/on", "old": "2026-11-16", "new": "2026-11-15"},
            {"field": "/enrolled", "old": 12, "new": 11},
            {"field": "/why", **LONG},
        ],
        trial.SeenChange: [
            {"field": "/sites/kyoto/changed/on", "old": "2026-11-16", "new": "2026-11-15"},
            {"field": "/status/recruitment", "old": "paused", "new": "recruiting"},
            {"field": "/sites/kyoto/why", **LONG},
        ],
    }
)
"""Changes are written by hand: their values have the form of what stands at their field."""
MOMENTS: Final = (
    {"date": "2026-11-16", "at": "2026-11-16T09:30:00+09:00", "zone": "Asia/Tokyo"},
    {"date": "2026-11"},
)
"""Written by hand, too: the time, its day and the zone of one moment agree."""
NAMED: Final = MappingProxyType(
    {
        "content": {"colour": "red", "number": 1},
        "base": "https://registry.example",
        "event": "trial.site-paused.v1",
        "extensions": {"a-partner": {"approval": {"number": "CRB-1", "given": True}, "visits": [1, 2]}},
    }
)
SIMPLE: Final = (
    "例 example", 1, "kyoto", "2026-11-16", "JP", "a" * 64, "/registration/acronym", "1.c2VhbGVk", "1.5",
    "2026-11-16T00:00:00Z", "4c3f4f5e-6a3a-4a56-9b6d-0f4b8a1d2e3f", "Asia/Tokyo",
)  # fmt: skip


def variants(model: type[Value]) -> list[dict[str, Any]]:
    """Stored forms of the model, the fullest first, and the one with the fewest fields at the end."""
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    full, *others = _of_model(model)
    fewest = {name: full[name] for name in required}
    forms = [full, *others, fewest]
    return [model.model_validate(one).to_stored() for one in forms]


def _of_model(model: type[BaseModel]) -> list[dict[str, Any]]:
    """The first has every field; each further one the fields that have more alternatives, and those it can't lack."""
    if model in CHANGES:
        return CHANGES[model]
    if model is Moment:
        return list(MOMENTS)
    if issubclass(model, Text):
        return [{"ja": "試験", "en": "A trial", "zh-Hant": "試驗"}, {"en": "A trial"}]
    several = {name: _of_field(name, field) for name, field in model.model_fields.items()}
    full = {name: values[0] for name, values in several.items()}
    forms = [full]
    for turn in range(1, max(map(len, several.values()), default=0)):
        others = {name: values[turn] for name, values in several.items() if turn < len(values)}
        needed = {name: full[name] for name, field in model.model_fields.items() if field.is_required()}
        forms.append(needed | others)
    return [one for one in forms if _is_one(model, one)]


def _is_one(model: type[BaseModel], value: Any) -> bool:
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


def _of_field(name: str, field: FieldInfo) -> list[Any]:
    if name in NAMED:
        return [NAMED[name]]
    return _values(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)


def _values(kind: Any) -> list[Any]:
    """Values of an annotated type, one for each alternative at least."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return [_simple(kind)] if parts[0] in (str, int) else _values(parts[0])
    if origin in (Union, types.UnionType):
        sealed = [one for one in parts if SEALED & {one, *get_args(one)}]
        return [value for one in sealed or parts if one is not type(None) for value in _values(one)]
    if origin is tuple:
        return [_listed(_values(parts[0]))]
    if origin is Literal:
        return list(parts)
    return _of_class(kind)


def _of_class(kind: Any) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [one.value for one in kind]
    return [True, False] if kind is bool else [_simple(kind)]


def _listed(members: list[Any]) -> list[Any]:
    """All alternatives in one list, each under an item of its own where they have items."""
    return [
        {**one, "item": f"i{number}"} if isinstance(one, dict) and "item" in members[0] else one
        for number, one in enumerate(members, 1)
    ]


def _simple(kind: Any) -> Any:
    adapter = TypeAdapter[Any](kind)
    for value in SIMPLE:
        try:
            adapter.validate_python(value, strict=not isinstance(value, str))
        except ValidationError:
            continue
        return value
    raise TypeError(f"no value is known for {kind}")
