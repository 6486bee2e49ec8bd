"""One record of WHO's web export (`Trials_downloaded_from_ICTRP`) to a registration. Item numbers are WHO TRDS 1.3.1's.

WHO renders others' records: WHO is the sender, and the registration's home is the registry that its number names.
"""

from typing import Final

from adapters.cursor import Cursor, stated
from adapters.ictrp import closing, dates, joined, words
from adapters.ictrp.reading import Reading, eligibility, link, phase, sponsor, status, study, understood
from adapters.ictrp.texts import MISSING, acronym, brief, number
from adapters.parties import by_registry
from events.identifiers import issued_by, registry_of
from events.identifiers.registries import WHO_ICTRP
from events.schemas.registration import Outcome, OutcomeRank, Registration
from events.schemas.trial import Home
from events.schemas.values import StatedDate

SENDER: Final = WHO_ICTRP
_PROSPECTIVE: Final = (
    "follows from the dates of registration and first enrolment; `Yes` is prospective here, and late in WHO's CSV"
)
NOT_CARRIED: Final = {
    "Retrospective_flag": _PROSPECTIVE,
    "Prospective_registration": _PROSPECTIVE,
    "Export_date": "when WHO wrote the file",
    "other_records": "of WHO's index, not of the trial",
    "Bridging_flag_truefalse": "of WHO's index, not of the trial",
    "Bridged_type": "of WHO's index, not of the trial",
    "Internal_Number": "of WHO's index, not of the trial",
    "results_yes_no": "follows from the results",
}
"""Elements whose text is never a fact of the trial here, with the reasons."""
_MARKS_ALLOWED: Final = frozenset(["Inclusion_gender"])


def read(record: Cursor) -> Reading:
    """The record. Raises ValueError if nothing names the trial."""
    _pass_over_missing(record)
    for tag, reason in NOT_CARRIED.items():
        record.at(tag).give_back(reason)
    home, written = _home(record)
    return Reading(
        home=home,
        sender=SENDER,
        record=written,
        registration=_registration(record, home.registry, home.number),
        status=status(record.at("Recruitment_Status"), home.registry),
        retrieved=dates.stated(record.at("Last_Refreshed_on")),
    )


def _pass_over_missing(record: Cursor) -> None:
    """Leaves out marks of a missing value: `NULL`, `NA`, and texts without a letter or a digit."""
    for tag, text in record.value.items():
        if not isinstance(text, str):
            continue
        if text in MISSING or (tag not in _MARKS_ALLOWED and not any(map(str.isalnum, text))):
            record.at(tag).give_back(f"{text[:4]} stands for a missing value")
            record.value[tag] = None


def _home(record: Cursor) -> tuple[Home, str]:
    """Items 1 and 2, and the number as WHO writes it: with the `JPRN-` of Japan, with the country of EU rows."""
    written, source = number(record.at("TrialID")), record.at("Source_Register").peek().strip()
    known = issued_by(written, source) if written else None
    registry = known.registry if known else registry_of(source) or source
    if written is None or not registry:
        raise ValueError("no number: TrialID" if written is None else "no registry: Source_Register")
    if known:
        record.at("Source_Register").give_back("the number names the registry")
    else:
        record.at("Source_Register").keep()
    own = known.number if known else written.removeprefix("JPRN-")
    url = link(record.at("web_address"), registry, own, own=False)
    return Home(registry=registry, number=own, registered=_registered(record), url=url), written


def _registered(record: Cursor) -> str | None:
    """Item 2. The third of WHO's dates is written alike for all registers."""
    uniform = dates.stated(record.at("Date_registration3"))
    if uniform is None:
        return dates.stated(record.at("Date_registration"))
    record.at("Date_registration").give_back("Date_registration3 says it")
    return uniform


def _registration(record: Cursor, registry: str, own: str) -> Registration:
    type_, design = study(record.at("Study_type"), record.at("Study_design"))
    start = dates.stated(record.at("Date_enrollement"))
    size = understood(record.at("Target_size"), words.size, "no number, nor groups with a number each")
    return Registration(
        public_title=brief(record.at("Public_title")),
        acronym=acronym(record.at("Acronym")),
        scientific_title=brief(record.at("Scientific_title")),
        identifiers=joined.claims(record.at("Secondary_ID")) or None,
        funders=joined.sponsors(record.at("Source_Support")),
        primary_sponsor=sponsor(record.at("Primary_sponsor"), by_registry(registry)),
        secondary_sponsors=joined.sponsors(record.at("Secondary_Sponsor")),
        contacts=joined.contacts(record),
        countries=joined.countries(record.at("Countries"), registry),
        conditions=joined.conditions(record.at("Condition"), registry),
        interventions=joined.interventions(record.at("Intervention")),
        eligibility=eligibility(
            record.at("Inclusion_Criteria"),
            record.at("Exclusion_Criteria"),
            minimum=record.at("Inclusion_agemin"),
            maximum=record.at("Inclusion_agemax"),
            sex=record.at("Inclusion_gender"),
            registry=registry,
        ),
        study_type=type_,
        design=design,
        phase=phase(record.at("Phase"), registry),
        first_enrolment=StatedDate(date=start) if start else None,
        planned_size=None if registry in words.ONE_SIZE else size,
        unspecified_size=size if registry in words.ONE_SIZE else None,
        actual_size=understood(record.at("results_actual_enrollment"), words.size, "no number"),
        outcomes=_outcomes(record, registry) or None,
        ethics_reviews=closing.ethics(record),
        completion=closing.completion(record),
        results=stated(closing.results(record, own)),
        data_sharing=stated(closing.sharing(record)),
    )


def _outcomes(record: Cursor, registry: str) -> tuple[Outcome, ...]:
    """Items 19 and 20."""
    return (
        *joined.outcomes(record.at("Primary_outcome"), OutcomeRank.PRIMARY, registry),
        *joined.outcomes(record.at("Secondary_outcome"), OutcomeRank.SECONDARY, registry),
    )
