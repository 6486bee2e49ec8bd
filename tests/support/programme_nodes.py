"""Programmes on a running node; each command comes from the organisation whose act it is."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from events.schemas.access import Role
from events.schemas.gates import stream_of_region
from registry.domain.permissions import Actor
from registry.domain.programme import commands as programme
from registry.domain.region import commands as region
from registry.node import Node
from tests.support.regions import SPONSOR, day, terms

JAPAN: dict[str, Any] = {
    "regime": "jp-chiken",
    "procedure": "jp-chiken",
    "authorities": ["pmda"],
    "ethics_bodies": ["kyoto-crb"],
}


@dataclass
class ProgrammeOnNode:
    """A programme on a node."""

    node: Node
    id: str

    async def do(self, stream: str, command: Any, role: Role, organisation: str, /, **fields: Any) -> None:
        """Gives a command in the role."""
        actor = Actor("token", role, organisation)
        await self.node.submit(actor, self.node.new_id(), stream, command.model_validate(fields))

    async def sponsor(self, command: Any, /, **fields: Any) -> None:
        """The sponsor gives a command on the programme."""
        await self.do(f"programme/{self.id}", command, Role.SPONSOR, SPONSOR, **fields)

    async def region(self, code: str, command: Any, role: Role, organisation: str, /, **fields: Any) -> None:
        """Somebody gives a command on a region."""
        await self.do(stream_of_region(self.id, code), command, role, organisation, **fields)

    async def join(self, code: str, **fields: Any) -> None:
        """A country joins, and its stream begins as the policy of regions has it begin."""
        joins = terms(code, **fields)
        await self.sponsor(programme.JoinRegion, terms=joins, on=day("2024-01-10"))
        begins = region.BeginRegion.model_validate(
            {
                "programme": self.id,
                "terms": joins,
                "table": "2024-01-10",
                "sponsors": [SPONSOR],
                "second_sponsors": ["nara-sponsor"],
            }
        )
        await self.node.order(stream_of_region(self.id, code), begins)

    async def decided(self, code: str, outcome: str = "authorised", **fields: Any) -> None:
        """An application of a state of the European Union, handed in and decided by its authority."""
        authority = f"authority-{code.lower()}"
        initial = {"application": "initial"}
        await self.region(
            code, region.SubmitApplication, Role.SPONSOR, SPONSOR, kind="initial", on=day("2024-03-05"), **initial
        )
        await self.region(
            code,
            region.ValidateApplication,
            Role.AUTHORITY,
            authority,
            outcome="valid",
            on=day("2024-03-18"),
            **initial,
        )
        for part, on in (("joint", "2024-04-03"), ("national", "2024-04-12")):
            concluded = {"part": part, "outcome": "acceptable", "on": day(on)}
            await self.region(code, region.ConcludeAssessment, Role.AUTHORITY, authority, **initial, **concluded)
        decided = {"outcome": outcome, "on": day("2024-04-15"), **fields}
        await self.region(code, region.DecideApplication, Role.AUTHORITY, authority, **initial, **decided)


async def registered(node: Node, *, public: bool = True) -> ProgrammeOnNode:
    """A programme of the sponsor's; public where one of its registrations is."""
    created = ProgrammeOnNode(node, str(uuid4()))
    title = {"en": "Posaconazole in children", "ja": "小児の侵襲性真菌症の試験"}
    await created.sponsor(programme.RegisterProgramme, details={"title": title, "acronym": "POSA"})
    await created.sponsor(programme.AddSponsor, sponsor={"organisation": "nara-sponsor", "kind": "second_sponsor"})
    await created.sponsor(programme.AddProtocol, protocol={"protocol": "main", "number": "EX-127"})
    if public:
        await created.sponsor(programme.LinkToProgramme, registration="us", number="NCT04665037")
    return created
