"""Synthetic trials that tests share: a complete registration in two languages, and small parts of one."""

from typing import Any

from events.schemas.registration import Registration
from events.schemas.trial import Home, Site, SiteAsImported, Status

PERSON = {
    "name": {"ja": "試験 花子", "en": "Hanako Shiken"},
    "email": "hanako@example.jp",
    "telephone": "+81-3-0000-0000",
}
SEALED = {"person": "0199a5c0-0000-7000-8000-000000000001", "sealed": "1." + "A" * 40}


def registration(**fields: Any) -> dict[str, Any]:
    """A registration that may be published, in JSON form; `fields` replace its own, None removes one."""
    complete = {
        "public_title": {"ja": "肺がんに対する新しい治療の試験", "en": "A trial of a new treatment for lung cancer"},
        "scientific_title": {
            "ja": "非小細胞肺癌に対する第II相試験",
            "en": "Phase II trial in non-small cell lung cancer",
        },
        "funders": [{"name": {"ja": "国立研究開発法人", "en": "A national agency"}}],
        "primary_sponsor": {"name": {"ja": "京都中央病院", "en": "Kyoto Central Hospital"}},
        "secondary_sponsors": [],
        "contacts": [
            {"role": "public", "affiliation": {"ja": "京都中央病院"}, "person": PERSON},
            {"role": "scientific", "affiliation": {"ja": "京都中央病院"}, "person": PERSON},
        ],
        "countries": ["JP"],
        "conditions": [{"name": {"ja": "非小細胞肺癌", "en": "Non-small cell lung cancer"}}],
        "interventions": [{"name": {"ja": "試験薬A", "en": "Drug A"}, "kind": "drug"}],
        "arms": [{"label": "A", "interventions": ["Drug A"]}],
        "eligibility": {
            "inclusion": {"ja": "20歳以上", "en": "Adults"},
            "minimum_age": {"value": 20, "unit": "years"},
            "maximum_age": "unlimited",
            "sex": "all",
        },
        "study_type": "interventional",
        "phase": "2",
        "first_enrolment": {"date": "2027-01", "kind": "anticipated"},
        "planned_size": 120,
        "outcomes": [{"rank": "primary", "measure": {"ja": "全生存期間", "en": "Overall survival"}}],
        "ethics_reviews": [{"status": "approved", "decided": "2026-10-01"}],
        "completion": {"date": "2029", "kind": "anticipated"},
        "data_sharing": {"plan": "undecided"},
        "research_aim": "development",
        "legal_regime": "clinical_trials_act_specified",
    }
    return {name: value for name, value in {**complete, **fields}.items() if value is not None}


def sealed_registration(**fields: Any) -> Registration:
    """The same as a model, its contacts sealed, as decisions get it."""
    contacts = [{"role": role, "person": SEALED} for role in ("public", "scientific")]
    return Registration.model_validate(registration(**{"contacts": contacts, **fields}))


def site(name: str = "kyoto", organisation: str = "kyoto-hp") -> Site:
    """A site of an organisation."""
    return Site.model_validate({"site": name, "name": {"ja": "京都中央病院"}, "organisation": organisation})


def partner_study(number: str = "NCT01234567", **fields: Any) -> dict[str, Any]:
    """A partner's record as fields of ImportTrial, without the source."""
    return {
        "home": Home(registry="ctgov", number=number, registered="2020-05-01"),
        "registration": Registration.model_validate({"public_title": {"en": "A partner's trial"}, **fields}),
        "status": Status.model_validate({"authorisation": "published", "recruitment": "recruiting"}),
        "sites": (SiteAsImported.model_validate({"site": "s1", "name": {"en": "A"}, "recruitment": "recruiting"}),),
    }


def without_items(value: Any) -> Any:
    """A JSON value without the item names of its lists."""
    if isinstance(value, dict):
        return {name: without_items(inner) for name, inner in value.items() if name not in ("item", "uses")}
    return [without_items(one) for one in value] if isinstance(value, list) else value
