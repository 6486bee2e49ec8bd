"""Plans as Hypothesis draws them, and the commands and documents that follow from each."""

import copy
import json
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, Final

from hypothesis import strategies as st
from lxml import etree

from adapters.catalogue import SOURCES
from adapters.cursor import written
from adapters.ictrp.texts import removed
from adapters.reading import Parsed
from registry.api.schemas import components
from registry.domain.trial.vocabularies import VOCABULARIES
from registry.exchange.partners import records_of
from tests.support.ctgov import leaves
from tests.support.ctgov_whole import whole
from tests.support.filling import Filling
from tests.support.hostile import CARRIED, KINDS
from tests.support.ictrp import export_file, upload_file
from tests.support.ictrp_whole import EXPORTED, UPLOADED
from tests.support.trials import registration

OURS: Final = "registration"
IMPORTS: Final = {"ctgov": "ctgov", "export": "ictrp", "upload": "ictrp"}
"""Forms of partners' documents, and the source that each comes from."""
ROOMS: Final = (100, 600, 600, 2_500, 2_500, 9_000)
LARGE: Final = (130_000, 400_000, 900_000)
"""Characters of all texts together; one plan in 120 is large."""
MANY: Final = 5_000
"""Characters from which on lists may be as long as they may be, too."""
SITE: Final = {"site": "kyoto", "organisation": "kyoto-hp"}
ON_SITE: Final = {"site": "kyoto"}
SENTENCE: Final = "free text, 1"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an example follows from; it can be made again from what is printed of it."""

    way: str
    seed: int
    kinds: tuple[str, ...]
    room: int

    @property
    def marker(self) -> str:
        """A word of its title that no other example has."""
        return f"zz{self.seed:010d}"

    def changed(self) -> "Plan":
        """The plan of what comes next of the same trial."""
        return replace(self, seed=self.seed + 1)


PLANS: Final = st.builds(
    Plan,
    way=st.sampled_from([*[OURS] * 6, *IMPORTS]),
    seed=st.integers(0, 10**10 - 2),
    kinds=st.lists(st.sampled_from([*CARRIED] * 3 + [*KINDS]), min_size=1, max_size=4, unique=True).map(tuple),
    room=st.sampled_from([*ROOMS * 60, *LARGE]),
)
SCHEMAS: Final = components()


def _filling(plan: Plan, random: Random, chance: float = 0.3) -> Filling:
    return Filling(
        random, SCHEMAS, plan.kinds, plan.room, chance, most=random.choice([3, 30, 1_001 if plan.room > MANY else 30])
    )


def commands(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    """Commands on one trial by their names, the first of which registers it; sites' have `site/` in front."""
    random = Random(plan.seed)
    filling = _filling(plan, random)
    first, second = ({"$ref": "#/components/schemas/Registration"} for _ in range(2))
    why = filling.fill({"$ref": "#/components/schemas/Text", "properties": {"ja": {"maxLength": 2_000}}})
    reason = filling.fill({"type": "string", "maxLength": 2_000})
    begun = _agreeing({**registration(), **filling.fill(first)}, plan.marker)
    following = [
        ("site/add", {"site": _coded(filling.fill({"$ref": "#/components/schemas/Site"})) | SITE}),
        ("amend", {"reason": reason, "registration": _agreeing(filling.fill(second), plan.marker)}),
        ("publish", {}),
        ("site/change-authorisation", {**ON_SITE, "reason": reason, "to": "published", "on": "2026-01"}),
        ("site/open", {**ON_SITE, "on": "2026-02", "reason": reason}),
        ("site/pause", {**ON_SITE, "on": "2026-03", "why": why}),
        ("post-results", {"results": _posted(filling.fill({"$ref": "#/components/schemas/Results"}))}),
        ("correct", {"reason": reason, "corrects": 1, "registration": {"planned_size": random.randint(1, 10**9)}}),
        ("discontinue", {"on": "2026-11", "why": why}),
    ]
    chosen = [one for one in following if one[0] in ("site/add", "publish") or random.random() < 0.4]
    return [("register", {"registration": begun}), *chosen]


def _agreeing(body: dict[str, Any], marker: str) -> dict[str, Any]:
    """The body with values that can be true of one trial together: only rules of form are tried here."""
    if "public_title" in body:
        titles = {language: f"{marker} {text}"[:2_000] for language, text in body["public_title"].items()}
        body["public_title"] = {"ja": marker, "en": marker, **titles}
    if "scientific_title" in body:
        body["scientific_title"] = {"ja": "題", "en": "t", **body["scientific_title"]}
    if "arms" in body:
        body["arms"] = [{**arm, "interventions": []} for arm in body["arms"]]
    for field, days in (("first_enrolment", "1999-12"), ("completion", "9999-12-31"), ("primary_completion", "9998")):
        if field in body:
            body[field] = {"date": days, "kind": "anticipated"}
    if "eligibility" in body:
        body["eligibility"] = {"inclusion": {"en": "Adults"}, "sex": "all", **body["eligibility"]}
        body["eligibility"].pop("minimum_age", None)
    for review in body.get("ethics_reviews", ()):
        review.pop("decided", None)
    if "results" in body:
        body["results"] = _posted(body["results"])
    return _coded(body)


def _coded(value: Any, at: str = "") -> Any:
    """The value with a code where a command of our own has to bring one."""
    if at in VOCABULARIES:
        return VOCABULARIES[at][0]
    if at == "/countries/*" or at.endswith("/country"):
        return "JP"
    if isinstance(value, dict):
        return {name: _coded(inner, f"{at}/{name}") for name, inner in value.items()}
    return [_coded(inner, f"{at}/*") for inner in value] if isinstance(value, list) else value


def _posted(results: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in results.items() if name not in ("posted", "first_published")}


def document(plan: Plan, number: int) -> bytes:
    """A partner's document with one record, of the plan's form; records are told apart by their numbers."""
    match plan.way:
        case "ctgov":
            return _study(plan, number)
        case "export":
            texts = _texts(plan, EXPORTED) | {"TrialID": f"NCT{number:08}"}
            return export_file(texts | {"Public_title": f"{plan.marker} {texts['Public_title']}"})
        case _:
            texts = _texts(plan, UPLOADED) | {"main/trial_id": f"UMIN{number:09}"}
            return upload_file(_trial(texts | {"main/public_title": f"{plan.marker} {texts['main/public_title']}"}))


def _texts(plan: Plan, record: Any) -> dict[str, str]:
    random = Random(plan.seed)
    filling = _filling(plan, random)
    chosen = random.sample(_free_elements(plan.way), random.randint(1, 12))
    return {**record, **{tag: removed(filling.fill({"type": "string", "maxLength": 100_100})) for tag in chosen}}


def _trial(texts: dict[str, str]) -> etree._Element:
    trial = etree.Element("trial")
    for path, text in texts.items():
        here = trial
        for step in path.split("/"):
            found = here.find(step)
            here = etree.SubElement(here, step) if found is None else found
        here.text = text
    return trial


def _study(plan: Plan, number: int) -> bytes:
    random, study = Random(plan.seed), copy.deepcopy(whole())
    filling = _filling(plan, random)
    for path in random.sample(_free_leaves(), random.randint(1, 25)):
        _put(study, path, filling.fill({"type": "string", "maxLength": random.choice([200, 2_000, 100_100])}))
    identity = study["protocolSection"]["identificationModule"]
    identity |= {"nctId": f"NCT{number:08}", "briefTitle": f"{plan.marker} {identity['briefTitle']}"}
    module = study["protocolSection"]["contactsLocationsModule"]
    module["locations"] *= random.choice([1, 1, 3, filling.most // 3])
    study[filling.fill({"type": "string", "maxLength": 300})] = 1
    return json.dumps(study, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def _put(study: Any, path: tuple[str | int, ...], text: str) -> None:
    for step in path[:-1]:
        study = study[step]
    study[path[-1]] = text


@cache
def _free_leaves() -> list[tuple[str | int, ...]]:
    """Where a study may say anything: one that does so everywhere is refused until the other places are left out."""
    free = [path for path in leaves(whole()) if "nctId" not in path]
    while True:
        study = copy.deepcopy(whole())
        for path in free:
            _put(study, path, SENTENCE)
        (one,) = records_of(SOURCES["ctgov"], [json.dumps(study).encode()], "file")
        if isinstance(one, Parsed):
            return free
        wrong = {fault.partition(":")[0] for fault in one.reason.split("; ")}
        free = [path for path in free if written(path) not in wrong]


@cache
def _free_elements(form: str) -> list[str]:
    record = EXPORTED if form == "export" else UPLOADED
    return [tag for tag in record if "trial_id" not in tag.lower() and tag not in ("TrialID", "main/reg_name")]
