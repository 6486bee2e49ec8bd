"""Plants every item of the taint table over HTTP, each by the organisation whose act it is."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from events.schemas.access import Role
from events.schemas.acts import Audience
from events.schemas.gates import stream_of_region
from registry.office import tokens as issuing
from tests.api.conftest import Answer, Api
from tests.projections.views import eventually
from tests.support import taint_items as table
from tests.support.regions import day, terms
from tests.support.taint_items import ASKERS, ITEMS, MOMENTS, NOBODY, Asker, authority, ethics, text
from tests.support.trials import PERSON, registration

SPONSOR: Final[Asker] = (Role.SPONSOR, table.SPONSOR)
OFFICE: Final[Asker] = (Role.REGISTRY, table.OFFICE)
GR: Final = authority("GR")
INITIAL: Final[dict[str, Any]] = {"application": "initial", "on": day("2024-03-20")}
HALT: Final = {"actor": "sponsor", "kind": "temporary_halt", "scope": "enrolment", "decided": day("2024-06-01")}
PAPERS: Final = ("consideration", "draft_report", "report")
STEPS: Final = ("validation", "joint", "national")


@dataclass
class Planted:
    """The programme with its regions and trials, and the commands that planted the items."""

    api: Api
    tokens: dict[Asker, str]
    programme: str = ""
    published: str = ""
    draft: str = ""
    commands: list[tuple[Asker, str, Any, str]] = field(default_factory=list)
    """Asker, address, body and key of each command that was recorded."""
    position: str = ""
    """Of the last of them."""

    def as_(self, asker: Asker) -> dict[str, str]:
        """The header by which the asker is known."""
        return {} if asker == NOBODY else {"Authorization": f"Bearer {self.tokens[asker]}"}

    async def get(self, path: str, asker: Asker, **headers: str) -> Answer:
        """What the asker reads there."""
        return await self.api.ask("GET", path, headers={**self.as_(asker), **headers})

    async def post(self, asker: Asker, path: str, body: Any, key: str = "") -> Answer:
        """The answer to the asker's command."""
        sent = {"Idempotency-Key": key or str(uuid4()), "Content-Type": "application/json", **self.as_(asker)}
        return await self.api.ask("POST", path, data=json.dumps(body).encode(), headers=sent)

    async def done(self, asker: Asker, path: str, body: Any) -> dict[str, Any]:
        """The receipt of a command that must be recorded."""
        answer = await self.post(asker, path, body, key := str(uuid4()))
        assert answer.status == 201, (path, body, answer.raw)
        self.commands.append((asker, path, body, key))
        receipt: dict[str, Any] = answer.body
        self.position = receipt["position"]
        return receipt

    async def of_programme(self, asker: Asker, action: str, **body: Any) -> int:
        """The version of an event of the programme."""
        return int((await self.done(asker, f"/v1/programmes/{self.programme}/{action}", body))["version"])

    async def of_region(self, code: str, asker: Asker, action: str, **body: Any) -> int:
        """The version of an event of a region."""
        return int((await self.done(asker, f"{self.region(code)}/{action}", body))["version"])

    def region(self, code: str) -> str:
        """The address for commands on a region."""
        return f"/v1/regions/{stream_of_region(self.programme, code).id}"


async def planted(api: Api) -> Planted:
    """All that the table names, in a registry with its own policies."""
    tokens = {one: (await issuing.issue(api.node, *one))[1] for one in ASKERS if one != NOBODY}
    planted = Planted(api, tokens)
    await _programme(planted)
    await _questions(planted)
    await _papers_and_opinions(planted)
    await _decided(planted)
    await _halts(planted)
    await _measures(planted)
    await _consequence(planted)
    await _refused(planted)
    await api.settled()
    return planted


async def _programme(planted: Planted) -> None:
    contact = {"role": "public", "person": {**PERSON, "email": f"{ITEMS['contact of a draft'].marker}@example.org"}}
    contacts = [contact, {"role": "scientific", "person": PERSON}]
    ours = registration(public_title=text("title of a draft"), contacts=contacts)
    planted.draft = (await planted.done(SPONSOR, "/v1/trials", {"registration": ours}))["trial"]
    planted.published = (await planted.done(SPONSOR, "/v1/trials", {"registration": registration()}))["trial"]
    await planted.done(OFFICE, f"/v1/trials/{planted.published}/publish", {})
    details = {"title": {"ja": "小児の試験", "en": "A trial in children"}}
    planted.programme = (await planted.done(SPONSOR, "/v1/programmes", {"details": details}))["programme"]
    second = {"organisation": table.SECOND, "kind": "second_sponsor"}
    await planted.of_programme(SPONSOR, "add-sponsor", sponsor=second)
    for trial in (planted.published, planted.draft):
        await planted.of_programme(SPONSOR, "link-registration", trial=trial)
    regimes = {"GR": ("eu-ctr",) * 2, "BE": ("eu-ctr",) * 2, "JP": ("jp-chiken",) * 2}
    hidden = {f"ethics body {when} the decision": code for when, code in (("before", "GR"), ("after", "BE"))}
    for code, regime in regimes.items():
        joins = terms(code, *regime)
        await planted.of_programme(SPONSOR, "join-region", terms=joins, on=day("2024-01-10"))
    for step, lead, members in (("part-1", "BE", ["BE", "GR"]), ("other", "JP", ["JP", "BE"])):
        await planted.of_programme(
            SPONSOR, "set-joint-step", joint_step={"step": step, "lead": lead, "members": members}
        )
    await eventually(lambda: _begun(planted))
    for item, code in hidden.items():
        # The body that acts keeps the name by which it is known among the askers; another is named beside it.
        bodies = [f"ethics-{code.lower()}", ITEMS[item].marker]
        reason = ITEMS["why the terms are amended"].marker if code == "GR" else "another body joins"
        await planted.of_region(code, OFFICE, "amend-terms", reason=reason, ethics_bodies=bodies)
    for code in table.REGIONS:
        handed_in = {"application": "initial", "kind": "initial", "on": day("2024-03-05")}
        await planted.of_region(code, SPONSOR, "submit-application", **handed_in)


async def _begun(planted: Planted) -> bool:
    """Whether the policies have noted the joint steps in every region."""
    node = planted.api.node
    streams = {code: stream_of_region(planted.programme, code) for code in table.REGIONS}
    found = await node.views.documents_of([*streams.values()])
    ours = {code: str(found.get(stream, {}).get("events", "")) for code, stream in streams.items()}
    return "'part-1'" in ours["GR"] and all("'other'" in ours[code] for code in ("BE", "JP"))


def closed(audience: str, moment: str) -> dict[str, Any]:
    """An audience, and the moment from which everybody may read."""
    public = MOMENTS[moment]
    return {"audience": [audience], **({} if public is None else {"public_from": public})}


async def _questions(planted: Planted) -> None:
    versions: dict[str, int] = {}
    for number, (audience, moment) in enumerate(itertools.product(Audience, MOMENTS)):
        name = f"{audience} {moment}"
        question = {"question": f"q{number}", "step": STEPS[number % 3], "formal": True, **closed(audience, moment)}
        body = {**INITIAL, **question, "text": text(f"question {name}")}
        versions[name] = await planted.of_region("GR", GR, "ask-question", **body)
        answer = {**INITIAL, "question": f"q{number}", "text": text(f"answer {name}")}
        await planted.of_region("GR", SPONSOR, "answer-question", **answer)
    for moment in MOMENTS:
        question = {"question": f"open-{moment}", "step": "national", "formal": True, **closed("own_region", moment)}
        await planted.of_region("GR", GR, "ask-question", **INITIAL, **question, text=text(f"open question {moment}"))
    sourced = {"by": GR[1], "source": ITEMS["source of a question"].marker, **closed("own_region", "never")}
    question = {**INITIAL, "question": "sourced", "step": "national", "formal": False, **sourced}
    await planted.of_region("GR", OFFICE, "ask-question", **question)
    question = {"question": "void", "step": "joint", "formal": True, **closed("pattern_members", "never")}
    void = await planted.of_region(
        "GR", GR, "ask-question", **INITIAL, **question, text=text("text of a void question")
    )
    await _corrected(planted, GR, "why a question is void", void, void=True)
    await _corrected(planted, GR, "why a closed question is corrected", versions["own_region never"])
    await _corrected(planted, GR, "why a public question is corrected", versions["office past"])


async def _corrected(planted: Planted, asker: Asker, item: str, version: int, **fields: Any) -> None:
    says = fields or {"on": day("2024-03-19")}
    await planted.of_region("GR", asker, "correct-event", reason=ITEMS[item].marker, corrects=version, **says)


async def _papers_and_opinions(planted: Planted) -> None:
    versions: dict[str, int] = {}
    for number, (audience, moment) in enumerate(itertools.product(Audience, MOMENTS)):
        shared = {"paper": f"p{number}", "kind": PAPERS[number % 3], **closed(audience, moment)}
        paper = {**INITIAL, **shared, "text": text(f"paper {audience} {moment}")}
        versions[f"{audience} {moment}"] = await planted.of_region("GR", GR, "share-paper", **paper)
    await _corrected(planted, GR, "why a paper is corrected", versions["pattern_members never"])
    opinion = {**INITIAL, "outcome": "approved"}
    own = await planted.of_region("GR", ethics("GR"), "give-ethics-opinion", **opinion)
    await _corrected(planted, ethics("GR"), "why an opinion is corrected", own)
    read = {"by": ethics("GR")[1], "source": ITEMS["source of an opinion"].marker}
    await planted.of_region("GR", OFFICE, "give-ethics-opinion", **opinion, **read)
    planned = {"milestone": "national_concluded", "kind": "anticipated", "on": day("2027-01-01")}
    read = {"by": GR[1], "source": ITEMS["source of a national milestone"].marker}
    await planted.of_region("GR", OFFICE, "record-milestone", **planned, **read)


async def _decided(planted: Planted) -> None:
    condition = {"item": "c1", "text": text("condition of a decision"), "blocks_start": False}
    decided = {**INITIAL, "outcome": "authorised_with_conditions", "conditions": [condition]}
    await planted.of_region("BE", authority("BE"), "decide-application", **decided)
    await planted.of_region("BE", SPONSOR, "end", kind="normal", why=text("why of an end"), on=day("2025-01-01"))


async def _halts(planted: Planted) -> None:
    for moment in ("past", "later"):
        for halted in ("region", "programme"):
            halt = {
                **HALT,
                "item": f"h-{moment}",
                "organisation": table.SPONSOR,
                "why": text(f"why of a halt of the {halted} {moment}"),
                "care": text(f"care under a halt of the {halted} {moment}"),
                "public_from": MOMENTS[moment],
                "benefit_risk": moment == "later",
            }
            item = ITEMS[f"why a halt of the {halted} is corrected {moment}"].marker
            fixed = {"reason": item, "on": day("2024-05-31")}
            if halted == "region":
                version = await planted.of_region("GR", SPONSOR, "halt", halt={**halt, "item": f"r-{moment}"})
                await planted.of_region("GR", SPONSOR, "correct-event", corrects=version, **fixed)
            else:
                version = await planted.of_programme(SPONSOR, "halt", halt=halt)
                await planted.of_programme(SPONSOR, "correct-event", corrects=version, **fixed)
    open_to_all = {**HALT, "item": "h-open", "organisation": table.SPONSOR}
    await planted.of_region("GR", SPONSOR, "halt", halt={**open_to_all, "why": text("why of a halt without a moment")})


async def _measures(planted: Planted) -> None:
    on = {"on": day("2024-06-02")}
    await planted.of_region("GR", SPONSOR, "take-urgent-measure", measure=text("urgent measure"), **on)
    ordered = {"measure": "m1", "kind": "require_change", "immediate": True}
    why = {"why": text("why of a corrective measure")}
    await planted.of_region("GR", GR, "order-corrective-measure", **ordered, **why, **on)


async def _consequence(planted: Planted) -> None:
    """A conclusion of BE on an application that GR does not have: the command to GR is refused, and closed."""
    extra = {"application": "extra", "on": day("2024-04-01")}
    await planted.of_region("BE", SPONSOR, "submit-application", **extra, kind="modification_part_1")
    concluded = {**extra, "part": "joint", "outcome": "acceptable"}
    await planted.of_region("BE", authority("BE"), "conclude-assessment", **concluded)
    found: list[dict[str, Any]] = []

    async def refused() -> bool:
        found[:] = (await planted.get("/v1/consequences", OFFICE)).body["consequences"]
        return any(one["command"] == "region.note-joint-conclusion" for one in found)

    await eventually(refused)
    [one] = [one for one in found if one["command"] == "region.note-joint-conclusion"]
    reason = ITEMS["why a consequence is closed"].marker
    await planted.done(OFFICE, f"/v1/consequences/{one['consequence']}/close", {"reason": reason})


async def _refused(planted: Planted) -> None:
    """The same text in commands that are refused: for what they say, for their sender, for their form."""
    secret = ITEMS["text of a refused command"].marker
    question = {"question": "q99", "step": "joint", "formal": True, "audience": ["office"], "text": {"en": secret}}
    at = f"{planted.region('GR')}/ask-question"
    bodies: dict[str, dict[str, Any]] = {
        "unknown application": {**INITIAL, **question, "application": "nothing"},
        "known question": {**INITIAL, **question, "question": "q0"},
        "no audience": {**INITIAL, **question, "audience": []},
        "no such field": {**INITIAL, **question, "note": secret},
        "no such value": {**INITIAL, **question, "step": secret},
        "too long": {**INITIAL, **question, "text": {"en": secret * 3_000}},
    }
    for asker in (GR, ethics("JP"), SPONSOR, OFFICE, NOBODY):
        for why, body in bodies.items():
            answer = await planted.post(asker, at, body)
            assert answer.status in {400, 401, 403, 422}, (asker, why, answer.raw)
            assert secret not in answer.raw.decode(), (asker, why, answer.raw)
