"""Every aggregate, and what follows from all of them together. A command that none declares may be given by nobody."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from registry.domain.aggregate import Aggregate, CommandType
from registry.domain.decider import Command, Decider

FOLDERS: Final = ("programme", "region", "trial", "access", "person", "text", "numbers", "exchange", "consequence")
"""The folders of `registry/domain` that declare an aggregate, each in its `aggregate.py`."""

AGGREGATES: Final[tuple[Aggregate, ...]] = tuple(
    import_module(f"{__package__}.{folder}.aggregate").AGGREGATE for folder in FOLDERS
)

DECIDERS: Final[Mapping[str, Decider[Any]]] = MappingProxyType({one.category: one.decider for one in AGGREGATES})
"""By the category of streams."""

POSTED: Final = tuple(one.category for one in AGGREGATES if one.collection)
"""The categories of streams that commands over HTTP are recorded in."""

DECLARED: Final[Mapping[type[Command], tuple[Aggregate, CommandType]]] = MappingProxyType(
    {command.model: (one, command) for one in AGGREGATES for command in one.commands}
)
"""Every command: by its model, the aggregate that declares it and what is declared."""

COMMANDS: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {command.name: command.model for _, command in DECLARED.values()}
)
"""Models by literal name."""

if len(COMMANDS) != sum(len(one.commands) for one in AGGREGATES) or len(DECIDERS) != len(AGGREGATES):
    raise TypeError("two aggregates share a category, or two commands a name or a model")


def name_of(model: type[Command]) -> str:
    """The literal name of commands of this class; KeyError where no aggregate declares it."""
    return DECLARED[model][1].name


def is_numbered(model: type[Command]) -> bool:
    """Whether the event of such a command carries a new registration number."""
    return model in DECLARED and DECLARED[model][1].numbered
