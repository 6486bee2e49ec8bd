"""Links of the OpenAPI document: what can be asked and done with what a command's receipt names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from registry.domain.commands import SITE_COMMANDS, TRIAL_COMMANDS
from registry.domain.decider import Command
from registry.domain.trial.commands import AddSite

TRIAL: Final = "$response.body#/trial"
SITE: Final = "$response.body#/site"
READS: Final = ("readTrial", "readSites", "readHistory", "readSources")


def operation_of(model: type[Command]) -> str:
    """The operation's id of a command."""
    return model.__name__[0].lower() + model.__name__[1:]


def _to(operation: str, description: str, **parameters: str) -> dict[str, Any]:
    return {"operationId": operation, "description": description, "parameters": parameters}


def _links() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "readCommand", _to("readCommand", "What became of this command.", key="$response.body#/key")
    for operation in READS:
        yield operation, _to(operation, "The trial of the receipt.", trial=TRIAL)
    for model in TRIAL_COMMANDS.values():
        yield operation_of(model), _to(operation_of(model), "Of the trial of the receipt.", trial=TRIAL)
    yield operation_of(AddSite), _to(operation_of(AddSite), "To the trial of the receipt.", trial=TRIAL)
    for model in SITE_COMMANDS.values():
        if model is not AddSite:
            operation = operation_of(model)
            yield operation, _to(operation, "Of the site of the receipt.", trial=TRIAL, site=SITE)


LINKS: Final[Mapping[str, dict[str, Any]]] = dict(_links())
"""By the operation that each leads to."""

_OF_SITES: Final = frozenset(name for name, link in LINKS.items() if "site" in link["parameters"])


def _referred(names: Sequence[str]) -> dict[str, dict[str, str]]:
    return {name: {"$ref": f"#/components/links/{name}"} for name in names}


def after(model: type[Command]) -> dict[str, dict[str, str]]:
    """The links of the answer to a command: those of sites where its receipt names one."""
    of_a_site = model in SITE_COMMANDS.values()
    return _referred([name for name in LINKS if of_a_site or name not in _OF_SITES])
