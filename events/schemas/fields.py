"""Which fields of stored JSON hold what: their shape alone does not tell, as `{"url": …}` is no text by language."""

from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel

from events.schemas import trial
from events.schemas.parties import Contact, Organisation, Person
from events.schemas.values import Text


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, through unions, lists and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _models(part)


def _holding(wanted: type[BaseModel], *roots: type[BaseModel]) -> frozenset[str]:
    """Names of the fields that hold the wanted model, in these models and all that they hold."""
    names, pending, visited = set(), list(roots), set[type[BaseModel]]()
    while pending:
        model = pending.pop()
        if model in visited:
            continue
        visited.add(model)
        for name, field in model.model_fields.items():
            inner = list(_models(field.annotation))
            if wanted in inner:
                names.add(name)
            pending += inner
    return frozenset(names)


TEXTS: Final = _holding(Text, Person, *get_args(trial.TrialEvent))
"""As the last name of a JSON Pointer: `public_title`, `why`, `name`."""
CONTACTS: Final = _holding(Contact, *get_args(trial.TrialEvent))
"""Contacts for questions: `contacts`, `results_contact`."""
SPONSORS: Final = _holding(Organisation, *get_args(trial.TrialEvent))
"""Sponsors, funders and others that answer for a trial: `primary_sponsor`, `funders`. Values under them are public."""
