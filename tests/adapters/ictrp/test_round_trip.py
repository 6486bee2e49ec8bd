"""An upload can be read back: the same fields, and, sent again, the same bytes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.ctgov.parse import parse as parse_ctgov
from adapters.exporting import Sender
from adapters.ictrp import codes
from adapters.ictrp.checks import faults
from adapters.ictrp.render import Rendered, render
from adapters.ictrp.texts import clean
from adapters.reading import Parsed
from events.schemas import registration as r
from events.schemas.eligibility import Age, Eligibility
from events.schemas.parties import Contact, ContactRole, Organisation, Person
from events.schemas.status import AuthorisationStatus, RecruitmentStatus
from events.schemas.values import Text, first_day
from tests.support.ctgov import SAMPLES, sample_studies
from tests.support.ictrp import SENDER, adopted, document, dtd, read_back, rendered, restored, sample
from tests.support.registrations import DATES, REGISTRATIONS, TEXTS

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""No deadline: a busy machine is not a fault of the rendering."""
TABLE = Path(__file__).parents[3] / "docs" / "divergences" / "ictrp.md"


def english_of(text: Text | str | None) -> str:
    """The part of a text that an element contains: its English, else its Japanese, in the form that is sent."""
    if isinstance(text, Text):
        return english_of(text.en) or english_of(text.ja)
    return clean(text or "")


def listed(texts: Iterable[Text | str | None]) -> list[str]:
    return [one for one in dict.fromkeys(map(english_of, texts)) if one]


def carried_fields(registration: r.Registration) -> dict[str, Any]:
    """The fields that the format can carry, in the form it carries them: one language, first days, no arms.

    Kinds of organisations, coding systems, addresses of claims, their claimants, excluded limits, outcomes of neither
    rank, contacts of sites and every field of `NO_ELEMENT` are not among them.
    """
    conditions, interventions = registration.conditions or (), registration.interventions or ()
    eligibility, start = registration.eligibility or Eligibility(), registration.first_enrolment
    parted = eligibility.inclusion or eligibility.exclusion
    condition = "; ".join(filter(None, (english_of(one.name) for one in conditions)))
    condition_codes = [code for one in conditions for code in one.codes or ()]
    intervention_codes = [code for one in interventions for code in one.codes or ()]
    return {
        "titles": [english_of(registration.public_title), english_of(registration.scientific_title)],
        "acronyms": [english_of(registration.acronym), english_of(registration.scientific_acronym)],
        "sponsor": _sponsor(registration.primary_sponsor) if registration.primary_sponsor else "",
        "secondary": listed(map(_sponsor, registration.secondary_sponsors or ())),
        "funders": listed(map(_sponsor, registration.funders or ())),
        "countries": list(dict.fromkeys(registration.countries or ())),
        "condition": condition,
        "condition codes": listed(code.code for code in condition_codes) if condition else [],
        "condition keywords": listed(
            [*(registration.condition_keywords or ()), *(code.term for code in condition_codes)]
        ),
        "intervention keywords": listed(
            [
                *(registration.intervention_keywords or ()),
                *(name for one in interventions for name in one.other_names or ()),
                *(code.term for code in intervention_codes),
            ]
        ),
        "inclusion": english_of(eligibility.inclusion if parted else eligibility.criteria),
        "exclusion": english_of(eligibility.exclusion),
        "ages": [_limit(eligibility.minimum_age), _limit(eligibility.maximum_age)],
        "sex": eligibility.sex,
        "size": registration.planned_size,
        "start": (first_day(start.date), start.kind) if start else None,
        "outcomes": {rank: _outcomes(registration, rank) for rank in (r.OutcomeRank.PRIMARY, r.OutcomeRank.SECONDARY)},
        "contacts": [
            sent
            for role in (ContactRole.PUBLIC, ContactRole.SCIENTIFIC)
            for one in registration.contacts or ()
            if one.role is role and any((sent := _contact(one))[1:])
        ],
        "claims": _claims(registration),
        **_study(registration),
    }


def _sponsor(one: Organisation) -> str:
    """The sponsor's name: if it is read back as a person's, the upload is still the same."""
    if not isinstance(one.person, Person):
        return english_of(one.name)
    parts = [part for part in (one.person.given, one.person.middle, one.person.family) if part]
    return english_of(" ".join(parts) if parts else one.person.name)


def _limit(limit: Any) -> Any:
    return (limit.value, limit.unit) if isinstance(limit, Age) else limit


def _study(registration: r.Registration) -> dict[str, Any]:
    type_ = registration.study_type
    if type_ is None:
        type_ = r.StudyType.INTERVENTIONAL if registration.interventions else r.StudyType.OBSERVATIONAL
    without_phase = r.Phase.NOT_APPLICABLE if type_ is r.StudyType.OBSERVATIONAL else None
    sent = r.StudyType.INTERVENTIONAL if type_ is r.StudyType.EXPANDED_ACCESS else type_
    return {"type": sent, "phase": registration.phase or without_phase}


def _outcomes(registration: r.Registration, rank: r.OutcomeRank) -> list[str]:
    of_rank = (one for one in registration.outcomes or () if one.rank is rank)
    return listed(
        "\n".join(filter(None, map(english_of, (one.measure, one.time_point, one.description)))) for one in of_rank
    )


def _contact(contact: Contact) -> tuple[Any, ...]:
    """A last name alone is read back as a whole name, because a name not stated in parts is sent in that form."""
    person = contact.person
    assert isinstance(person, Person | None)
    person = person or Person()
    given_name, middle_name, family_name = (
        english_of(person.given),
        english_of(person.middle),
        english_of(person.family),
    )
    last = family_name if given_name or middle_name or family_name else english_of(person.name)
    lines = [
        english_of(text) for text in (person.address, person.city, person.postcode, person.telephone, person.email)
    ]
    return (contact.role, given_name, middle_name, last, *lines, person.country, english_of(contact.affiliation))


def _claims(registration: r.Registration) -> list[tuple[str, str]]:
    """The universal trial number first, without its issuer; then the others."""
    claims = [(english_of(one.value), english_of(one.issuer)) for one in registration.identifiers or ()]
    universal = codes.first_universal_number(value for value, _ in claims)
    others = [(value, issuer) for value, issuer in claims if value and codes.universal_number(value) != universal]
    return [(universal, ""), *others] if universal else [(value, issuer) for value, issuer in claims if value]


def composed(registration: r.Registration) -> Iterator[tuple[str, str]]:
    """Element and a text that it must contain."""
    for one in registration.interventions or ():
        yield from (("i_freetext", english_of(text)) for text in (one.name, one.description))
    for arm in registration.arms or ():
        yield from (
            ("i_freetext", english_of(text)) for text in (arm.label, arm.description, *(arm.interventions or ()))
        )
    if design := registration.design:
        yield "study_design", english_of(design.summary)
        for text in (design.model_description, design.masking_description):
            # A sentence begins with a capital and ends with one full stop.
            yield "study_design", english_of(text)[1:].rstrip(".")


def file(result: Rendered) -> bytes:
    return etree.tostring(result.element, encoding="UTF-8")


def sent_again(one: Parsed) -> Rendered:
    return render(restored(one), {}, SENDER)


def with_summary(registration: r.Registration, summary: Text | None) -> r.Registration:
    design = (registration.design or r.Design()).model_copy(update={"summary": summary})
    return registration.model_copy(update={"design": design if summary else registration.design})


ANY = st.builds(with_summary, REGISTRATIONS, st.none() | TEXTS)
STATUSES = st.builds(
    lambda authorisation, recruitment: {"authorisation": authorisation.value, "recruitment": recruitment.value},
    st.sampled_from(AuthorisationStatus),
    st.sampled_from(RecruitmentStatus),
)


@UNHURRIED
@given(ANY, STATUSES, DATES)
def test_any_trial_sent_and_read_back_is_sent_again_as_the_same_bytes(
    registration: r.Registration, status: dict[str, str], registered: str
) -> None:
    first = rendered(registration, status=status, registered=registered)

    assert file(sent_again(read_back(first))) == file(first)


@UNHURRIED
@given(ANY)
def test_any_trial_sent_and_read_back_keeps_what_the_format_can_carry(registration: r.Registration) -> None:
    first = rendered(registration)
    back = read_back(first)

    assert carried_fields(back.registration) == carried_fields(registration)
    assert (back.home.registry, back.home.number) == ("Example Registry", "JP-1")
    assert (back.home.registered, back.home.url) == ("2026-11-22", "https://registry.example/v1/trials/JP-1")
    for element, text in composed(registration):
        assert text in (first.element.findtext(f"main/{element}") or "")
    design, treatment = back.registration.design, back.registration.interventions
    assert english_of(design.summary if design else None) == first.element.findtext("main/study_design")
    assert english_of(treatment[0].name if treatment else None) == first.element.findtext("main/i_freetext")


@UNHURRIED
@given(ANY, STATUSES)
def test_of_our_own_upload_all_is_carried_but_empty_contacts_and_a_status_that_does_not_tell(
    registration: r.Registration, status: dict[str, str]
) -> None:
    back = read_back(rendered(registration, status=status))

    assert set(back.not_carried) <= {
        "contacts.contact[].type (an empty contact)",
        "main.recruitment_status (does not tell whether recruitment is yet to open, open, paused or closed)",
    }


def all_samples() -> list[Parsed]:
    sample_studies()
    ctgov = [one for path in SAMPLES for one in parse_ctgov([path.read_bytes()], path.name)]
    return [one for one in [*ctgov, *sample("export"), *sample("upload")] if isinstance(one, Parsed)]


def test_every_sample_adopted_is_sent_valid_and_again_as_the_same_bytes() -> None:
    schema, taken = dtd(), all_samples()
    for index, one in enumerate(taken):
        first = rendered_as_adopted(one, f"JTR2026{index:07}")
        again = sent_again(read_back(first))

        assert schema.validate(first.element), (one.place, schema.error_log)
        assert faults(first.element) == [], one.place
        assert file(again) == file(first), one.place
    assert len(taken) == 278 + 300 + 57


def rendered_as_adopted(one: Parsed, number: str) -> Rendered:
    return render(adopted(one, number), {}, SENDER)


Difference = tuple[str, str, str]
"""Element, the text received, the text sent back."""


def leaves(element: etree._Element, path: str = "") -> Iterator[tuple[str, str]]:
    for child in element:
        here = f"{path}/{child.tag}" if path else str(child.tag)
        if len(child):
            yield from leaves(child, here)
        else:
            yield here, child.text or ""


def differences(trial: etree._Element, back: etree._Element) -> Iterator[Difference]:
    """The differences of a trial sent back from the one received; blanks around texts are given without the element."""
    for claim in trial.findall("secondary_ids/secondary_id"):
        if (claim.findtext("sec_id") or "").strip() == trial.findtext("main/utrn"):
            claim.getparent().remove(claim)  # type: ignore[union-attr]
            yield "secondary_ids/secondary_id", "the universal trial number again", "left out"
    names = [name.text or "" for name in trial.iterfind("source_support/source_name")]
    for name in trial.findall("source_support/source_name")[::-1]:
        if names.count(name.text or "") > 1:
            names.remove(name.text or "")
            name.getparent().remove(name)  # type: ignore[union-attr]
            yield "source_support/source_name", "said twice", "said once"
    for (path, sent), (path_back, returned) in zip(leaves(trial), leaves(back), strict=True):
        assert path == path_back
        if path == "main/url":
            yield path, "the page there", "the page here"
        elif sent.strip() != returned:
            yield path, sent or "empty", returned or "empty"
        elif sent != returned:
            yield "any", "blanks around the text", "none"


def test_a_real_upload_sent_back_differs_only_as_the_table_says() -> None:
    taken = [one for one in sample("upload") if isinstance(one, Parsed)]
    found: Counter[Difference] = Counter()
    for one in taken:
        back = render(
            document(
                one.registration,
                number=one.home.number,
                registered=one.home.registered,
                status=one.status.to_stored(),
            ),
            {},
            Sender("REBEC", SENDER.trials, SENDER.today),
        )
        found.update(differences(etree.fromstring(one.raw), back.element))

    assert len(taken) == 57
    assert found == told_in_the_table()


def told_in_the_table() -> Counter[Difference]:
    """Rows `| element | sent | sent back | times | why |` of the section on a real upload."""
    _, _, section = TABLE.read_text(encoding="utf-8").partition("## A real upload, read and sent back\n")
    rows = [line.strip("| ").split(" | ") for line in section.partition("\n## ")[0].splitlines() if line[:3] == "| `"]
    return Counter({(element.strip("`"), sent, back): int(times) for element, sent, back, times, _ in rows})


def word_of(sent: Rendered) -> str | None:
    return sent.element.findtext("main/recruitment_status")


@pytest.mark.parametrize("word", codes.RECRUITMENT_STATUSES)
def test_each_of_whos_five_statuses_is_read_back_as_itself(word: str) -> None:
    statuses = [
        {"authorisation": authorisation.value, "recruitment": recruitment.value}
        for authorisation in AuthorisationStatus
        for recruitment in RecruitmentStatus
    ]
    statuses = [one for one in statuses if word_of(rendered({}, status=one)) == word]
    assert statuses
    for status in statuses:
        assert word_of(sent_again(read_back(rendered({}, status=status)))) == word
