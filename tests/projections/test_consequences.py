"""What an event brings about beside what it says, frozen by vectors: a changed rule would change every trial's past.

A vector may be added, none may change. What is to follow from an event in another way is an event of its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from events.catalogue import EVENTS
from events.schemas.values import Value
from registry.domain.trial.evolve import evolve as decide_on
from registry.domain.trial.state import State
from tests.projections.trials import folded

VECTORS: Final[Mapping[str, Any]] = json.loads((Path(__file__).parents[1] / "fixtures/consequences.json").read_text())


def payloads(name: str) -> list[Value]:
    return [EVENTS[event["type"]].from_stored(event["data"]) for event in VECTORS[name]["events"]]


@pytest.mark.parametrize("name", VECTORS)
def test_readers_see_what_follows_from_an_event(name: str) -> None:
    document = folded(*payloads(name))

    axes = ("authorisation", "recruitment")
    sites = {site["site"]: {axis: site[axis] for axis in axes} for site in document["sites"].values()}
    status = {axis: document["status"][axis] for axis in axes}
    assert (status, sites) == (VECTORS[name]["trial"], VECTORS[name]["sites"])


@pytest.mark.parametrize("name", VECTORS)
def test_decisions_rest_on_what_follows_from_an_event(name: str) -> None:
    trial: State = None
    for payload in payloads(name):
        trial = decide_on(trial, payload)  # type: ignore[arg-type]
    assert trial is not None

    sites = {
        name: {"authorisation": site.authorisation.value, "recruitment": site.recruitment.value}
        for name, site in trial.sites.items()
    }
    status = {"authorisation": trial.authorisation.value, "recruitment": trial.recruitment.value}
    assert (status, sites) == (VECTORS[name]["trial"], VECTORS[name]["sites"])
