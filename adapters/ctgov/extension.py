"""Data that ClinicalTrials.gov publishes beyond the WHO data set: the typed extension of the registration."""

from collections.abc import Iterable

from adapters.ctgov import markup
from adapters.ctgov.dates import posted_date
from adapters.ctgov.parties import organisation
from adapters.cursor import Cursor, present, stated, texts
from adapters.parties import party
from events.identifiers.mesh import mesh_id
from events.schemas import ctgov
from events.schemas.parties import Contact, ContactRole, Organisation, Person
from events.schemas.registration import Condition, Intervention
from events.schemas.values import Code, Text


def extension(
    study: Cursor, conditions: Iterable[Condition] | None, interventions: Iterable[Intervention] | None
) -> ctgov.CtgovExtension:
    """All its fields may be absent. Takes the conditions and interventions for the MeSH terms already tied to them."""
    protocol, derived = study.at("protocolSection"), study.at("derivedSection")
    status, eligibility = protocol.at("statusModule"), protocol.at("eligibilityModule")
    annotation, more = study.at("annotationSection", "annotationModule"), study.at("resultsSection", "moreInfoModule")
    documents, misc = study.at("documentSection", "largeDocumentModule"), derived.at("miscInfoModule")
    tracking, unposted = misc.at("submissionTracking"), annotation.at("unpostedAnnotation")
    return ctgov.CtgovExtension(
        organisation=organisation(protocol.at("identificationModule", "organization"), "fullName"),
        responsible_party=_word(protocol.at("sponsorCollaboratorsModule", "responsibleParty", "type")),
        last_known_status=_word(status.at("lastKnownStatus")),
        delayed_posting=status.at("delayedPosting").flag(),
        results_waived=status.at("resultsWaived").flag(),
        dates=stated(_dates(status)),
        oversight=stated(_oversight(protocol.at("oversightModule"))),
        expanded_access=stated(_expanded_access(status.at("expandedAccessInfo"), protocol.at("designModule"))),
        biospecimens=stated(_biospecimens(protocol.at("designModule", "bioSpec"))),
        gender_based=eligibility.at("genderBased").flag(),
        age_groups=present(_word(item) for item in eligibility.each("stdAges")),
        condition_terms=_untied(derived.at("conditionBrowseModule"), conditions),
        intervention_terms=_untied(derived.at("interventionBrowseModule"), interventions),
        documents=present(_document(item) for item in documents.each("largeDocs")),
        no_analysis_plan=documents.at("noSap").flag(),
        removed_countries=texts(misc.each("removedCountries")),
        results_contact=_results_contact(more.at("pointOfContact")),
        results_agreement=stated(_agreement(more.at("certainAgreement"))),
        results_expected=tracking.at("estimatedResultsFirstSubmitDate").date(),
        results_first_posted_with_comments=posted_date(tracking.at("firstMcpInfo", "postDateStruct")),
        results_submissions=present(stated(_submission(item)) for item in tracking.each("submissionInfos")),
        unposted_party=_unposted_party(unposted.at("unpostedResponsibleParty")),
        unposted_events=present(stated(_unposted(item)) for item in unposted.each("unpostedEvents")),
        violations=present(
            stated(_violation(item)) for item in annotation.at("violationAnnotation").each("violationEvents")
        ),
    )


def _unposted_party(item: Cursor) -> Organisation | None:
    """A company, or a person with their office, in one text."""
    name = item.english()
    return party(name) if name else None


def _word(item: Cursor) -> str | None:
    word = item.text()
    return word.lower() if word else None


def _dates(status: Cursor) -> ctgov.Dates:
    return ctgov.Dates(
        first_reviewed=status.at("studyFirstSubmitQcDate").date(),
        first_posted=posted_date(status.at("studyFirstPostDateStruct")),
        results_first_submitted=status.at("resultsFirstSubmitDate").date(),
        results_first_reviewed=status.at("resultsFirstSubmitQcDate").date(),
        results_first_posted=posted_date(status.at("resultsFirstPostDateStruct")),
        delay_first_submitted=status.at("dispFirstSubmitDate").date(),
        delay_first_reviewed=status.at("dispFirstSubmitQcDate").date(),
        delay_first_posted=posted_date(status.at("dispFirstPostDateStruct")),
        last_update_submitted=status.at("lastUpdateSubmitDate").date(),
        last_update_posted=posted_date(status.at("lastUpdatePostDateStruct")),
    )


def _oversight(module: Cursor) -> ctgov.Oversight:
    return ctgov.Oversight(
        fda_regulated_drug=module.at("isFdaRegulatedDrug").flag(),
        fda_regulated_device=module.at("isFdaRegulatedDevice").flag(),
        unapproved_device=module.at("isUnapprovedDevice").flag(),
        pediatric_postmarket_surveillance=module.at("isPpsd").flag(),
        us_export=module.at("isUsExport").flag(),
        fdaaa_violation=module.at("fdaaa801Violation").flag(),
    )


def _expanded_access(info: Cursor, design: Cursor) -> ctgov.ExpandedAccess:
    types = design.at("expandedAccessTypes")
    return ctgov.ExpandedAccess(
        available=info.at("hasExpandedAccess").flag(),
        number=info.at("nctId").text(),
        status=_word(info.at("statusForNctId")),
        pointing_here=design.at("nPtrsToThisExpAccNctId").whole(),
        individual=types.at("individual").flag(),
        intermediate=types.at("intermediate").flag(),
        treatment=types.at("treatment").flag(),
    )


def _biospecimens(info: Cursor) -> ctgov.Biospecimens:
    return ctgov.Biospecimens(retention=_word(info.at("retention")), description=markup.english(info.at("description")))


def _untied(browse: Cursor, named: Iterable[Condition | Intervention] | None) -> tuple[Code, ...] | None:
    tied = {code.code for one in named or () for code in one.codes or ()}
    return present(_term(mesh) for mesh in browse.each("meshes") if mesh_id(mesh.at("id").peek().strip()) not in tied)


def _term(mesh: Cursor) -> Code | None:
    code, term = mesh.at("id").text(), mesh.at("term").text()
    if code is None:
        mesh.give_back("a term without its code")
        return None
    return Code(system="MeSH", code=mesh_id(code), term=Text(en=term) if term else None)


def _document(item: Cursor) -> ctgov.TrialDocument | None:
    filename = item.at("filename").text()
    if filename is None:
        return None
    return ctgov.TrialDocument(
        filename=filename,
        dated=item.at("date").date(),
        uploaded=item.at("uploadDate").text(),
        size=item.at("size").whole(),
        protocol=item.at("hasProtocol").flag(),
        analysis_plan=item.at("hasSap").flag(),
        consent_form=item.at("hasIcf").flag(),
    )


def _results_contact(item: Cursor) -> Contact | None:
    """The contact for questions about the results; the source has one field for a person's name or an office's."""
    affiliation, name = item.at("organization").english(), item.at("title").english()
    email, phone, extension_number = (item.at(key).text() for key in ("email", "phone", "phoneExt"))
    telephone = f"{phone or ''} ext. {extension_number}".strip() if extension_number else phone
    person = Person(name=name, telephone=telephone, email=email) if name or telephone or email else None
    if person is None and affiliation is None:
        return None
    return Contact(role=ContactRole.SCIENTIFIC, affiliation=affiliation, person=person)


def _agreement(item: Cursor) -> ctgov.ResultsAgreement:
    return ctgov.ResultsAgreement(
        investigators_are_employees=item.at("piSponsorEmployee").flag(),
        restrictive=item.at("restrictiveAgreement").flag(),
        restriction=_word(item.at("restrictionType")),
        details=markup.english(item.at("otherDetails")),
    )


def _submission(item: Cursor) -> ctgov.ResultsSubmission:
    return ctgov.ResultsSubmission(
        released=item.at("releaseDate").date(),
        unreleased=item.at("unreleaseDate").date(),
        unreleased_unknown=item.at("unreleaseDateUnknown").flag(),
        reset=item.at("resetDate").date(),
        round=item.at("mcpReleaseN").whole(),
    )


def _unposted(item: Cursor) -> ctgov.UnpostedEvent:
    return ctgov.UnpostedEvent(
        kind=_word(item.at("type")), on=item.at("date").date(), on_unknown=item.at("dateUnknown").flag()
    )


def _violation(item: Cursor) -> ctgov.Violation:
    return ctgov.Violation(
        kind=_word(item.at("type")),
        description=item.at("description").english(),
        created=item.at("creationDate").date(),
        issued=item.at("issuedDate").date(),
        released=item.at("releaseDate").date(),
        posted=item.at("postedDate").date(),
    )
