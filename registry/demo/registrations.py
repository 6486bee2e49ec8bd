"""The registration of an invented trial: every item that publication requires, in both languages."""

from datetime import date, timedelta
from typing import Any

from events.schemas.registration import Registration
from registry.demo.draw import Draw
from registry.demo.outline import Outline
from registry.demo.world import Words, World

ENDING = frozenset({"completed", "results", "discontinued"})


def registration(outline: Outline, world: World) -> Registration:
    """The registration as it stands on the day the trial is registered: all dates lie ahead."""
    return Registration.model_validate(
        {
            **_titles(outline, world),
            **_organisations(outline, world),
            **_participants(outline, world),
            **_treatment(outline),
            **_measures(outline, world),
            "identifiers": [{"value": f"{outline.acronym}-{outline.begun.year}", "kind": "sponsor"}],
            "countries": sorted({site.place.country for site in outline.sites if site.place and site.place.country}),
            "study_type": "interventional" if outline.treatment else "observational",
            "phase": outline.phase,
            "design": outline.kind.design,
            "first_enrolment": {"date": _month(_first_enrolment(outline)), "kind": "anticipated"},
            "completion": {"date": _month(completion(outline)), "kind": "anticipated"},
            "research_aim": outline.kind.research_aim,
            "legal_regime": outline.kind.legal_regime,
            "data_monitoring_committee": outline.kind.design.get("masking") == "double",
        }
    )


def completion(outline: Outline) -> date:
    """The planned completion: near the trial's end if it has ended, otherwise some time from now."""
    if outline.life in ENDING:
        return outline.day(outline.draw.number("completion", 70, 80))
    return outline.last + timedelta(days=outline.draw.number("completion", 150, 1100))


def _first_enrolment(outline: Outline) -> date:
    if outline.life in ("draft", "not_yet"):
        return outline.last + timedelta(days=outline.draw.number("first", 20, 90))
    return outline.day(10)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def filled(words: Words, outline: Outline, world: World, **more: object) -> dict[str, str]:
    """The text in both languages, its places filled in from the outline."""
    disease, who = outline.disease, outline.who.called
    phase = world.wording.phases[outline.phase]
    treatment, comparator = outline.treatment or Words("", ""), outline.comparator or Words("", "")
    places = {
        "ja": (disease.ja, disease.state_ja, disease.outcome_ja, who.ja, phase.ja, treatment.ja, comparator.ja),
        "en": (disease.en, disease.state_en, disease.outcome_en, who.en, phase.en, treatment.en, comparator.en),
    }
    names = ("condition", "population", "outcome", "who", "phase", "treatment", "comparator")
    texts = {
        language: getattr(words, language).format(**dict(zip(names, places[language], strict=True)), **more)
        for language in ("ja", "en")
    }
    english = "\n".join(" ".join(line.split()) for line in texts["en"].splitlines())
    return {"ja": texts["ja"], "en": english[:1].upper() + english[1:]}


def _both(words: Words) -> dict[str, str]:
    return words._asdict()


def _titles(outline: Outline, world: World) -> dict[str, Any]:
    short = outline.acronym
    public = Words(f"{outline.kind.public.ja}（{short}）", f"{outline.kind.public.en} ({short})")
    return {
        "public_title": filled(public, outline, world),
        "acronym": short,
        "scientific_title": filled(outline.kind.scientific, outline, world),
        "plain_summary": filled(outline.kind.plain, outline, world),
    }


def _organisations(outline: Outline, world: World) -> dict[str, Any]:
    draw, sponsor = outline.draw, outline.sponsor
    is_company = "company" in sponsor.kind
    named = {"name": {"ja": sponsor.ja, "en": sponsor.en}, "kind": "company" if is_company else sponsor.kind}
    paying = [{"name": _both(draw.pick("funder", world.organisations.funders))}]
    mail = f"{sponsor.id}.example.jp"
    office = {"name": {"ja": "臨床試験窓口", "en": "Clinical Trial Desk"}, "email": f"trials@{mail}"}
    scientist = Draw(f"{sponsor.id} {draw.number('scientist', 1, 4)}")
    family = scientist.pick("family", world.organisations.families)
    given_name = scientist.pick("given", world.organisations.givens)
    person = {
        "name": {"ja": f"{family.ja} {given_name.ja}", "en": f"{given_name.en} {family.en}"},
        "email": f"{given_name.en}.{family.en}@{mail}".lower(),
    }
    return {
        "funders": [named] if is_company else paying,
        "primary_sponsor": named,
        "secondary_sponsors": [],
        "contacts": [
            {"role": role, "affiliation": named["name"], "person": {**who, **_reached(scientist)}}
            for role, who in (("public", office), ("scientific", person))
        ],
        "ethics_reviews": [
            {
                "status": "approved",
                "decided": str(outline.begun - timedelta(days=draw.number("review", 5, 60))),
                "committee": _both(world.wording.texts.committee),
            }
        ],
    }


def _reached(who: Draw) -> dict[str, str]:
    return {"telephone": f"+81-3-0000-{who.number('telephone', 0, 9999):04}", "country": "JP"}


def _participants(outline: Outline, world: World) -> dict[str, Any]:
    who, texts = outline.who, world.wording.texts
    return {
        "conditions": [
            {
                "name": {"ja": outline.disease.ja, "en": outline.disease.en},
                "codes": [{"system": "MeSH", "code": outline.disease.mesh}],
            }
        ],
        "eligibility": {
            "inclusion": filled(texts.inclusion, outline, world),
            "exclusion": _both(outline.draw.pick("exclusion", texts.exclusion)),
            "minimum_age": {"value": who.from_, "unit": "years"} if who.from_ else "unlimited",
            "maximum_age": {"value": who.below, "unit": "years", "inclusive": False} if who.below else "unlimited",
            "sex": who.sex,
            "healthy_volunteers": False,
        },
        "planned_size": outline.planned_size,
    }


def _treatment(outline: Outline) -> dict[str, Any]:
    treatment, comparator = outline.treatment, outline.comparator
    if treatment is None:
        return {}
    interventions = [{"name": _both(treatment), "kind": outline.kind.intervention}]
    arms = [{"label": "A", "kind": "experimental", "interventions": [treatment.en]}]
    if comparator is not None:
        interventions.append({"name": _both(comparator), "kind": outline.kind.intervention})
        control = "placebo_comparator" if comparator.en == "placebo" else "active_comparator"
        arms.append({"label": "B", "kind": control, "interventions": [comparator.en]})
    return {"interventions": interventions, "arms": arms}


def _measures(outline: Outline, world: World) -> dict[str, Any]:
    disease, texts, draw = outline.disease, world.wording.texts, outline.draw
    primary = {
        "rank": "primary",
        "measure": {"ja": disease.outcome_ja, "en": disease.outcome_en},
        "time_point": {"ja": disease.time_ja, "en": disease.time_en},
    }
    others = draw.some("secondary", texts.secondary[:-1], draw.number("secondaries", 1, 3))
    sharing = draw.number("sharing", 0, 2)
    return {
        "outcomes": [primary, *({"rank": "secondary", "measure": _both(other)} for other in others)],
        "data_sharing": {"plan": ("yes", "no", "undecided")[sharing], "description": _both(texts.sharing[sharing])},
    }
