"""The registered data set, from the sections of a ClinicalTrials.gov study. Item numbers are WHO TRDS 1.3.1's."""

from adapters.ctgov import codes, markup
from adapters.ctgov.dates import stated_date
from adapters.ctgov.eligibility import eligibility
from adapters.ctgov.extension import extension
from adapters.ctgov.parties import acronym, contacts, identifiers, organisation
from adapters.ctgov.publications import references, results
from adapters.ctgov.sites import recruiting_countries
from adapters.ctgov.treatments import arms, conditions, interventions
from adapters.cursor import Cursor, present, stated, texts, words
from events.schemas.registration import DataSharing, Design, Outcome, Phase, Registration
from events.schemas.trial import SiteAsImported
from events.schemas.values import DateKind


def registration(study: Cursor, number: str, sites: tuple[SiteAsImported, ...]) -> Registration:
    """All values of the study that the data set has a field for."""
    protocol = study.at("protocolSection")
    identity, status = protocol.at("identificationModule"), protocol.at("statusModule")
    sponsors, about = protocol.at("sponsorCollaboratorsModule"), protocol.at("descriptionModule")
    design = protocol.at("designModule")
    problems, treatments = conditions(study), interventions(study)
    size, kind = _size(design.at("enrollmentInfo"))
    return Registration(
        public_title=identity.at("briefTitle").english(),
        acronym=acronym(identity.at("acronym")),
        scientific_title=identity.at("officialTitle").english(),
        plain_summary=markup.english(about.at("briefSummary")),
        description=markup.english(about.at("detailedDescription")),
        identifiers=identifiers(identity),
        primary_sponsor=organisation(sponsors.at("leadSponsor")),
        secondary_sponsors=present(organisation(item) for item in sponsors.each("collaborators")),
        contacts=contacts(protocol),
        countries=recruiting_countries(sites),
        conditions=problems,
        condition_keywords=present(item.english() for item in protocol.at("conditionsModule").each("keywords")),
        interventions=treatments,
        arms=arms(study, treatments),
        eligibility=stated(eligibility(protocol.at("eligibilityModule"))),
        study_type=design.at("studyType").word(codes.STUDY_TYPE),
        design=stated(_design(design)),
        phase=_phase(design),
        first_enrolment=stated_date(status.at("startDateStruct")),
        planned_size=size if kind is DateKind.ANTICIPATED else None,
        actual_size=size if kind is DateKind.ACTUAL else None,
        unspecified_size=size if kind is None else None,
        outcomes=_outcomes(protocol.at("outcomesModule")),
        completion=stated_date(status.at("completionDateStruct")),
        primary_completion=stated_date(status.at("primaryCompletionDateStruct")),
        results=stated(results(study, number)),
        data_sharing=stated(_sharing(protocol.at("ipdSharingStatementModule"))),
        references=present(references(study, number)),
        data_monitoring_committee=protocol.at("oversightModule", "oversightHasDmc").flag(),
        ctgov=stated(extension(study, problems, treatments)),
    )


def _design(module: Cursor) -> Design:
    """Item 15."""
    info, masking = module.at("designInfo"), module.at("designInfo", "maskingInfo")
    return Design(
        allocation=info.at("allocation").word(codes.ALLOCATION),
        model=info.at("interventionModel").word(codes.MODEL),
        model_description=markup.english(info.at("interventionModelDescription")),
        purpose=info.at("primaryPurpose").word(codes.PURPOSE),
        masking=masking.at("masking").word(codes.MASKING),
        masked=words(masking.each("whoMasked"), codes.MASKED),
        masking_description=markup.english(masking.at("maskingDescription")),
        observational_model=info.at("observationalModel").word(codes.OBSERVATIONAL_MODEL),
        time_perspective=info.at("timePerspective").word(codes.TIME_PERSPECTIVE),
        patient_registry=module.at("patientRegistry").flag(),
        follow_up=module.at("targetDuration").text(),
    )


def _phase(design: Cursor) -> Phase | None:
    """Item 15. If one word of a list is unknown, the others are not the phase."""
    phases = texts(design.each("phases"))
    phase = codes.PHASES.get(frozenset(phases)) if phases else None
    if phases and phase is None:
        design.at("phases").give_back("no phase, nor two that go together")
    return phase


def _size(info: Cursor) -> tuple[int | None, DateKind | None]:
    """Item 17: the source's one number, and whether it is planned or actual. Older records do not say which."""
    count = info.at("count").whole()
    return count, None if count is None else info.at("type").word(codes.DATE_KIND)


def _outcomes(module: Cursor) -> tuple[Outcome, ...] | None:
    """Items 19 and 20."""
    found = []
    for key, rank in codes.OUTCOMES.items():
        for item in module.each(key):
            measure = item.at("measure").english()
            time_point, description = item.at("timeFrame").english(), markup.english(item.at("description"))
            if measure is None:
                item.give_back("an outcome without a measure")
            else:
                found.append(Outcome(rank=rank, measure=measure, time_point=time_point, description=description))
    return tuple(found) or None


def _sharing(module: Cursor) -> DataSharing:
    """Item 24."""
    return DataSharing(
        plan=module.at("ipdSharing").word(codes.SHARING),
        description=markup.english(module.at("description")),
        shared=words(module.each("infoTypes"), codes.SHARED),
        time_frame=markup.english(module.at("timeFrame")),
        access=markup.english(module.at("accessCriteria")),
        url=module.at("url").text(),
    )
