"""Sponsors and funders that are taken for persons: by registry, by class, and by the words of a name."""

import json
from typing import Any

import pytest

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.parties import is_organisation
from adapters.reading import Parsed
from events.schemas.parties import Person
from tests.support.ctgov import SHARED, encode, small
from tests.support.ictrp import exported, uploaded

JAPANESE = SHARED / "samples" / "jprn" / "japanese_trials_130.ndjson"


@pytest.mark.parametrize(
    "name",
    [
        "Keio University, School of Medicine, Division of Gastroenterology",
        "National Institute of Allergy and Infectious Diseases (NIAID)",
        "DAIICHI SANKYO CO., LTD.",
        "Universit\u00e4tsklinikum Freiburg, Germany",
        "Dalian Medical University, Dalian, China.",
        "Funda\u00e7\u00e3o de Amparo \u00e0 Pesquisa do Estado de S\u00e3o Paulo (FAPESP) - Brazil",
        "Self-funded",
        "京都大学医学部附属病院　呼吸器内科",
        "株式会社例示製薬",
        "厚生労働省、日本医療研究開発機構",
    ],
)
def test_a_name_whose_every_part_only_organisations_bear_is_an_organisations(name: str) -> None:
    assert is_organisation(name)


@pytest.mark.parametrize(
    "name",
    [
        "Jieming QU",
        "Mori Masaaki, MD, Ph.D.",
        "Dr. Hanako Shiken, Example University Hospital",
        "Hanako Shiken, Example University Hospital",
        "Example University Hospital, Hanako Shiken",
        "Example University Hospital - Hanako Shiken",
        "Example University (Hanako Shiken)",
        "Steven Example, Principal Investigator, Example Analytics",
        "Hugh Grant",
        "Lorenzo de\u2019 Medici",
        "試験花子",
        "例示大学病院　試験花子",
        "例示大学病院 試験教授",
        "An Unknown Something",
        "-",
    ],
)
def test_any_other_name_is_taken_for_a_persons(name: str) -> None:
    assert not is_organisation(name)


@pytest.mark.parametrize("name", ["Example University Hospital", "Hanako Shiken"])
@pytest.mark.parametrize("number", ["JPRN-jRCTs031180252", "jRCT2031200126"])
def test_the_primary_sponsor_of_a_trial_of_jrct_is_a_person_whatever_the_name(number: str, name: str) -> None:
    sealed = {"person": {"name": {"en": name}}}
    row = exported(number, Primary_sponsor=name, Secondary_Sponsor="Example University", Source_Support="Hanako Shiken")
    registration = row.registration.to_stored()
    sent = uploaded(registry="jRCT", number=number.removeprefix("JPRN-"), main__primary_sponsor=name)

    assert registration["primary_sponsor"] == sealed
    assert registration["secondary_sponsors"] == [{"name": {"en": "Example University"}}]
    assert registration["funders"] == [{"person": {"name": {"en": "Hanako Shiken"}}}]
    assert sent.registration.to_stored()["primary_sponsor"] == sealed


def study(**modules: Any) -> dict[str, Any]:
    (one,) = parse_ctgov([encode(small(**modules))], "file")
    assert isinstance(one, Parsed), one
    return one.registration.to_stored()


@pytest.mark.parametrize(
    ("name", "class_", "person"),
    [
        ("Example University", "INDIV", True),
        ("Hanako Shiken", "INDIV", True),
        ("Hanako Shiken", "UNKNOWN", True),
        ("Hanako Shiken", "AMBIG", True),
        ("Example University", "UNKNOWN", False),
        ("Hanako Shiken", "OTHER", True),
        ("Example University", "OTHER", False),
        ("Example", "INDUSTRY", False),
    ],
)
def test_a_sponsor_at_clinicaltrials_gov_is_what_its_class_says_where_it_says_so(
    name: str, class_: str, person: bool
) -> None:
    party = {"person": {"name": {"en": name}}} if person else {"name": {"en": name}}
    registration = study(
        sponsorCollaboratorsModule={
            "leadSponsor": {"name": name, "class": class_},
            "collaborators": [{"name": name, "class": class_}],
        },
        identificationModule={
            "nctId": "NCT90000001",
            "organization": {"fullName": name, "class": class_},
            "orgStudyIdInfo": {"id": "ABC-1"},
        },
    )

    assert registration["primary_sponsor"] == {**party, "kind": class_.lower()}
    assert registration["secondary_sponsors"] == [{**party, "kind": class_.lower()}]
    assert registration["ctgov"]["organisation"] == {**party, "kind": class_.lower()}
    [own] = [one for one in registration["identifiers"] if one["value"] == "ABC-1"]
    assert own.get("issuer") == (None if person else name)


@pytest.mark.skipif(not JAPANESE.exists(), reason="../shared, with the real samples, is not here")
def test_of_real_japanese_trials_all_of_jrct_are_sponsored_by_persons_and_few_of_others() -> None:
    rows = [rendering for line in JAPANESE.read_text().splitlines() for rendering in json.loads(line)["renderings"]]
    named = [
        (row["TrialID"], row.get("Primary_sponsor") or row.get("Primary sponsor")) for row in rows if "TrialID" in row
    ]
    read = [exported(number, Primary_sponsor=name) for number, name in named if name and name != "NULL"]
    sponsors = [(one.home.registry, one.registration.primary_sponsor) for one in read]
    of_jrct = [sponsor for registry, sponsor in sponsors if registry == "jrct"]
    taken = [
        one.person.name for registry, one in sponsors if registry != "jrct" and one and isinstance(one.person, Person)
    ]

    assert len(of_jrct) >= 22
    assert all(sponsor and sponsor.person and sponsor.name is None for sponsor in of_jrct)
    assert {name.en for name in taken if name} == {
        "Mori Masaaki, MD, Ph.D.",
        "AstraZeneca KK",
        "Sao Carlos Federal University - School Health Unit (USE)",
    }
