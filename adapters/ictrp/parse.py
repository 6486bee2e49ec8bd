"""Files of WHO's ICTRP to registrations: web exports (WHO's rendering of others) and uploads (a registry's own).

Forms and traps are in `docs/divergences/ictrp.md`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from lxml import etree
from pydantic import ValidationError

from adapters.cursor import Cursor, Ledger
from adapters.ictrp import export, upload
from adapters.ictrp.leaves import values
from adapters.ictrp.reading import Reading
from adapters.ictrp.spans import Broken, Form, Found, element, identifier, records
from adapters.ictrp.texts import clean, mended
from adapters.reading import Parsed, Refused

MOST_FAULTS: Final = 20
"""Faults told of one record: enough to mend it, and a refusal stays readable."""
_TEXTS: Final[Mapping[Form, Callable[[str], str]]] = {"export": mended, "upload": clean}
_READ: Final[Mapping[Form, Callable[[Cursor], Reading]]] = {"export": export.read, "upload": upload.read}


def parse(chunks: Iterable[bytes], place: str) -> Iterator[Parsed | Refused]:
    """Every record of the file, read or refused with the reason. Raises nothing for any bytes."""
    for found in records(chunks):
        match found:
            case Broken(None, _, reason):
                yield Refused(place, None, reason)
            case Broken(number, identified, reason):
                yield _refused(place, number, identified, [reason])
            case Found():
                yield _record(found, place)


def _refused(place: str, number: int | None, identified: str | None, reasons: list[str]) -> Refused:
    more = f"; and {len(reasons) - MOST_FAULTS} more" if len(reasons) > MOST_FAULTS else ""
    return Refused(_place(place, number, identified), identified, "; ".join(reasons[:MOST_FAULTS]) + more)


def _place(place: str, number: int | None, identified: str | None) -> str:
    return f"{place}, record {number}" + (f" ({identified})" if identified else "")


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
            faults.extend(_faults(error))
        except ValueError as error:
            faults.append(str(error))
    return _refused(place, found.number, identifier(found.raw), faults)


def _faults(error: ValidationError) -> Iterator[str]:
    """What the data set can't hold, by field; without the value, which may be a person's."""
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        yield f"{error.title}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}"


def _read(record: etree._Element, found: Found, place: str, faults: list[str]) -> Parsed | None:
    """None where there are faults. Raises ValueError where nothing names the trial or it is nested too deeply."""
    cursor = Cursor(values(record, _TEXTS[found.form]), Ledger(faults=faults))
    read = _READ[found.form](cursor)
    if faults:
        return None
    carried, not_carried = cursor.ledger.balance(cursor.value)
    return Parsed(
        place=_place(place, found.number, read.record),
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
