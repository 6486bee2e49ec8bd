"""The digest that recognises a retry, frozen for every command: after an upgrade the same request is still the same."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from events.schemas.access import Role
from registry.domain.aggregate import CommandType
from registry.domain.catalogue import AGGREGATES, COMMANDS, name_of
from registry.domain.decider import Command
from registry.domain.permissions import Actor
from registry.engine.order import Order

FROZEN: Final[Mapping[str, str]] = json.loads((Path(__file__).parents[1] / "fixtures/command_digests.json").read_text())
"""Digests by command. A line may be added, none may change: a sender's retry would be refused as another command."""
SOURCE: Final = {
    "registry": "ctgov",
    "document": "0" * 64,
    "media_type": "application/json",
    "size": 1,
}
HOME: Final = {"registry": "ctgov", "number": "NCT00000001"}
RECEIPT: Final = dict.fromkeys(
    ("given", "new", "changed", "unchanged", "refused", "adopted", "restored", "events", "carried"), 0
)
PROGRAMME: Final = "0199a5c0-0000-7000-8000-000000000002"
TERMS: Final = {
    "region": "JP",
    "country": "JP",
    "regime": "jp-chiken",
    "procedure": "jp-chiken",
    "authorities": ["pmda"],
}
DUE: Final = {"date": "2026-12-18", "at": "2026-12-18T23:59:59+09:00"}
OF_INITIAL: Final = {"application": "initial", "by": "example-university", "on": {"date": "2026-12-01"}}
CONSOLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "trial.import": {
        "home": HOME,
        "registration": {"public_title": {"en": "An example"}},
        "status": {"authorisation": "published", "recruitment": "recruiting"},
        "sites": [],
        "source": SOURCE,
    },
    "trial.identify": {"registry": "ctgov", "same_as": "0199a5c0-0000-7000-8000-000000000001"},
    "trial.restore": {"owner": "example-university"},
    "access.issue-token": {"digest": "0" * 64, "role": "site", "organisation": "kyoto-hp"},
    "access.revoke-token": {},
    "person.forget": {"reason": "Asked for by the person"},
    "text.take-back": {"reason": "It names a patient"},
    "numbers.reserve": {"count": 20},
    "numbers.set-aside": {"number": 1, "through": 20},
    "import.refuse-records": {"refusals": [{"place": "file.json, 1", "reason": "no number"}]},
    "trial.set-gate": {
        "gate": {"programme": PROGRAMME, "region": "JP", "country": "JP", "version": 1},
        "on": "2026-12",
    },
    "trial.remove-gate": {"programme": PROGRAMME, "region": "JP", "version": 2},
    "region.begin": {"programme": PROGRAMME, "terms": TERMS, "table": "2026-12-01", "sponsors": ["example-university"]},
    "region.note-programme": {"version": 3, "sponsors": ["example-university"]},
    "region.link-registration": {"trial": PROGRAMME},
    "region.unlink-registration": {"trial": PROGRAMME},
    "region.note-joint-conclusion": {**OF_INITIAL, "lead": "DE", "outcome": "acceptable"},
    "region.note-application-end": {**OF_INITIAL, "ended": "withdrawn", "region": "DE"},
    "region.note-silence": {"step": "decision", "due": DUE, "application": "initial", "attempt": 1},
    "consequence.refuse": {
        "policy": "gates",
        "cause": f"region/{PROGRAMME}/7",
        "target": f"trial/{PROGRAMME}",
        "command": "trial.set-gate",
        "content": {"gate": {}},
        "faults": [{"rule": "trial-unknown", "message": "no trial is registered under this id"}],
    },
    "consequence.settle": {"version": 4},
    "import.finish": {"receipt": {"source": "ctgov", "files": ["file.json"], "not_carried": [], **RECEIPT}},
}


def bodies() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An example of every command, by its name: for those of the API, what its documentation shows."""
    offered = (one for aggregate in AGGREGATES for one in aggregate.commands if not one.console_only)
    yield from ((one.name, _with_part(one)) for one in offered)
    yield from CONSOLE.items()


def _with_part(command: CommandType) -> Mapping[str, Any]:
    """The body with the id of the part, which the address names."""
    match command.part_at:
        case (part,):
            return {part: "kyoto", **command.example}
        case (whole, part):
            return {whole: {part: "kyoto", **command.example[whole]}}
        case _:
            return command.example


def order(name: str, body: Mapping[str, Any]) -> Order:
    command = COMMANDS[name].model_validate_json(json.dumps(body, default=dict))
    return Order(UUID(int=1), "trial/1", command, Actor("token", Role.SPONSOR, "example-university"))


ORDERS: Final = {name: order(name, body) for name, body in bodies()}


def test_every_command_has_a_frozen_digest() -> None:
    assert {name: ORDERS[name].digest.hex() for name in COMMANDS} == FROZEN


def leaves(kind: type[Command]) -> Iterator[type[Command]]:
    if not kind.__subclasses__():
        yield kind
    for inner in kind.__subclasses__():
        yield from leaves(inner)


def test_every_command_has_a_name_of_its_own() -> None:
    ours = {kind for kind in leaves(Command) if kind.__module__.startswith("registry.")}

    assert set(COMMANDS.values()) == ours
    assert {name_of(type(each.command)): name for name, each in ORDERS.items()} == {name: name for name in COMMANDS}


def test_another_stream_organisation_command_or_content_is_another_digest() -> None:
    one = ORDERS["site.open"]
    others = [
        one,
        replace(one, stream="trial/2"),
        replace(one, actor=replace(one.actor, organisation="another")),
        replace(one, command=COMMANDS["site.close"].model_validate({"site": "kyoto", "on": "2026-11-22"})),
        replace(one, command=one.command.model_copy(update={"on": "2026-11-23"})),
    ]

    assert len({each.digest for each in others}) == len(others)


def test_key_token_and_version_asked_for_are_not_part_of_it() -> None:
    one = ORDERS["site.open"]
    again = replace(one, key=UUID(int=2), actor=replace(one.actor, token="other"), version=3)

    assert again.digest == one.digest
