"""A registry in which everything has happened that a check or a backup must take into account."""

from dataclasses import dataclass
from uuid import uuid4

from events.schemas.access import Role
from events.sealing import OwnerKind, owners_in
from registry.domain.permissions import CONSOLE
from registry.domain.trial import commands as do
from registry.node import Node
from registry.office import tokens
from registry.office.erasing import destroy
from tests.registry.test_intake import study, take
from tests.registry.test_large import large
from tests.support.ctgov import NUMBER
from tests.support.trials import PERSON, registration, site
from tests.support.waiting import PATIENCE

FORGOTTEN = {**PERSON, "email": "forgotten@example.jp"}

LONG = "NCT07654321"
"""The number of the trial that has so many sites."""
VERY_LONG = 1_500


@dataclass(frozen=True, slots=True)
class Lived:
    """Streams and ids that tests plant faults at."""

    trial: str
    person: str
    """Named in the trial, and not forgotten."""
    forgotten: str
    why: str
    """A text of the trial that was not taken back."""
    token: str


async def live(node: Node, sites: int = 3) -> Lived:
    """A published trial with a site that paused and opened, one of whose persons was forgotten and one text taken
    back; two trials of a partner, and a person of one of them forgotten; a token.

    `sites`: of the other; with VERY_LONG no message can hold its event.
    """
    stream = f"trial/{uuid4()}"
    people = [{"role": role, "person": person} for role, person in (("public", PERSON), ("scientific", FORGOTTEN))]
    for command in (
        do.RegisterTrial(registration=registration(contacts=people)),
        do.AddSite(site=site()),
        do.PublishTrial(),
        do.OpenSite(site="kyoto", on="2026-11-01"),
        do.PauseSite(site="kyoto", on="2026-11-02", why={"ja": "点検"}),
        do.OpenSite(site="kyoto", on="2026-11-03"),
        do.PauseSite(site="kyoto", on="2026-11-04", why={"ja": "患者の氏名"}),
    ):
        assert await node.submit(CONSOLE, uuid4(), stream, command) is not None
    long = large(sites)
    long["protocolSection"]["identificationModule"]["nctId"] = LONG
    await take(node, study(), long)
    await node.until_visible(PATIENCE)
    happened = await node.views.events(stream)
    person, forgotten = owners_in(happened[0].record.data, ("person",))
    why, taken_back = (next(owners_in(happened[at].record.data, ("text",))) for at in (4, 6))
    imported = min(await persons(node, NUMBER) - await persons(node, LONG))
    await destroy(node, OwnerKind.PERSON, [forgotten, imported], "asked")
    await destroy(node, OwnerKind.TEXT, [taken_back], "a name")
    token, _ = await tokens.issue(node, Role.SITE, "kyoto-hp", "Somebody")
    await node.until_settled(PATIENCE)
    return Lived(stream, person, forgotten, why, token)


async def persons(node: Node, number: str) -> set[str]:
    """The persons named in the events of a trial, as the ids of their keys."""
    trial = await node.views.trial_by_identifier(number)
    return set(owners_in([event.record.data for event in await node.views.events(f"trial/{trial}")], ("person",)))
