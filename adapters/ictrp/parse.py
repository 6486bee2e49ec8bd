"""Files of WHO's ICTRP to registrations: web exports (WHO's rendering of others) and uploads (a registry's own).

Forms and traps are in `docs/divergences/ictrp.md`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from lxml import etree
from pydantic import ValidationError

from adapters.cursor import Cursor, Ledger
from adapters.ictrp import parse_export, parse_upload
from adapters.ictrp.leaves import values
from adapters.ictrp.reading import Reading
from adapters.ictrp.spans import EXPORT, FORMS, UPLOAD, identifier
from adapters.ictrp.texts import clean, mended
from adapters.reading import Parsed, Refused, faults_of, place_of, refused
from adapters.scanning.xml_spans import Broken, Found, element, records

_TEXTS: Final[Mapping[str, Callable[[str], str]]] = {EXPORT.name: mended, UPLOAD.name: clean}
_READ: Final[Mapping[str, Callable[[Cursor], Reading]]] = {
    EXPORT.name: parse_export.read,
    UPLOAD.name: parse_upload.read,
}


def parse(chunks: Iterable[bytes], place: str) -> Iterator[Parsed | Refused]:
    """Every record of the file, read or refused with the reason. Raises nothing, whatever the bytes."""
    for found in records(chunks, FORMS):
        match found:
            case Broken(None, _, reason):
                yield Refused(place, None, reason)
            case Broken(number, raw, reason):
                yield _refused(place, number, raw, [reason])
            case Found():
                yield _record(found, place)


def _refused(place: str, number: int | None, raw: bytes, reasons: list[str]) -> Refused:
    identified = identifier(raw)
    return refused(place_of(place, "record", number, identified), identified, reasons)


def _record(found: Found, place: str) -> Parsed | Refused:
    faults: list[str] = []
    parsed = element(found)
    if isinstance(parsed, str):
        faults.append(parsed)
    else:
        try:
            if (read := _read(parsed, found, place, faults)) is not None:
                return read
        except ValidationError as error:
            faults.extend(faults_of(error))
        except ValueError as error:
            faults.append(str(error))
    return _refused(place, found.number, found.raw, faults)


def _read(record: etree._Element, found: Found, place: str, faults: list[str]) -> Parsed | None:
    """None if there are faults. Raises ValueError if nothing names the trial or it is nested too deeply."""
    cursor = Cursor(values(record, _TEXTS[found.form]), Ledger(faults=faults))
    read = _READ[found.form](cursor)
    if faults:
        return None
    carried, not_carried = cursor.ledger.balance(cursor.value)
    return Parsed(
        place=place_of(place, "record", found.number, read.record),
        raw=found.raw,
        home=read.home,
        sender=read.sender,
        record=read.record,
        registration=read.registration,
        status=read.status,
        sites=(),
        retrieved=read.retrieved,
        carried=carried,
        not_carried=not_carried,
        cleaned=cursor.ledger.cleaned(),
    )
