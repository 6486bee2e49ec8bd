"""ClinicalTrials.gov API v2 JSON to registrations: studies, lists of them, and pages of an answer.

The source's schema is its OpenAPI description, version 2.0.3; losses are listed in `docs/divergences/ctgov.md`.
"""

import re
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from adapters.ctgov import codes
from adapters.ctgov.parties import REGISTRY
from adapters.ctgov.protocol import registration
from adapters.ctgov.publications import page_of
from adapters.ctgov.sites import sites
from adapters.ctgov.spans import STUDIES
from adapters.cursor import Cursor, Ledger
from adapters.reading import Parsed, Refused, faults_of, place_of, refused
from adapters.scanning.json_spans import Broken, Found, records
from events.schemas.trial import Home, Status

_NUMBER = re.compile(r"NCT\d{8}")
_NUMBER_AS_WRITTEN = re.compile(rb'"nctId"\s*:\s*"(NCT\d{8})"')


def parse(chunks: Iterable[bytes], place: str) -> Iterator[Parsed | Refused]:
    """Every study of the document, read or refused with the reason. Raises nothing, whatever the bytes."""
    for found in records(chunks, STUDIES):
        match found:
            case Broken(None, _, reason):
                yield Refused(place, None, reason)
            case Broken(number, raw, reason):
                yield _refused(place, number, raw, [reason])
            case Found():
                yield _study(found, place)


def _refused(place: str, number: int | None, raw: bytes, reasons: list[str]) -> Refused:
    named = _NUMBER_AS_WRITTEN.search(raw)
    identifier = named[1].decode() if named else None
    return refused(place_of(place, STUDIES.record, number, identifier), identifier, reasons)


def _study(found: Found, place: str) -> Parsed | Refused:
    ledger = Ledger()
    study = Cursor(found.value, ledger)
    try:
        parsed = _read(study, found, place)
    except ValidationError as error:
        ledger.faults.extend(faults_of(error))
    except ValueError as error:
        ledger.faults.append(str(error))
    else:
        if not ledger.faults:
            return parsed
    return _refused(place, found.number, found.raw, ledger.faults)


def _read(study: Cursor, found: Found, place: str) -> Parsed:
    """Raises ValueError if the study has no number, or is nested too deeply."""
    protocol = study.at("protocolSection")
    identity, status = protocol.at("identificationModule"), protocol.at("statusModule")
    matched = identity.at("nctId").matching(_NUMBER, "a number such as NCT01234567")
    if matched is None:
        raise ValueError("no number: protocolSection.identificationModule.nctId")
    number = matched[0]
    home = Home(
        registry=REGISTRY, number=number, registered=status.at("studyFirstSubmitDate").date(), url=page_of(number)
    )
    found_sites = sites(protocol.at("contactsLocationsModule"))
    data_set, current = registration(study, number, found_sites), _status(status)
    retrieved = status.at("lastUpdatePostDateStruct", "date").date() or status.at("lastUpdateSubmitDate").date()
    given_out = study.at("derivedSection", "miscInfoModule", "versionHolder").date()
    carried, not_carried = study.ledger.balance(found.value)
    return Parsed(
        place=place_of(place, STUDIES.record, found.number, number),
        raw=found.raw,
        home=home,
        sender=REGISTRY,
        record=number,
        registration=data_set,
        status=current,
        sites=found_sites,
        retrieved=retrieved,
        carried=carried,
        not_carried=not_carried,
        given_out=given_out,
        cleaned=study.ledger.cleaned(),
    )


def _status(module: Cursor) -> Status:
    """Both axes; a study without a status is published with recruitment unknown."""
    known = module.at("overallStatus").word(codes.OVERALL_STATUS) or codes.OVERALL_STATUS["UNKNOWN"]
    authorisation, recruitment = known
    return Status(
        authorisation=authorisation,
        recruitment=recruitment,
        verified=module.at("statusVerifiedDate").date(),
        why=module.at("whyStopped").english(),
    )
