"""The export of a WHO upload: reads documents, opens persons, renders, checks and writes, one trial at a time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from adapters.exporting import ExportReport, Gap, NotWritten, OpenPersons, Outgoing
from adapters.ictrp.checks import faults
from adapters.ictrp.codes import CONTACT_TYPE
from adapters.ictrp.losses import unsent
from adapters.ictrp.render import render
from adapters.ictrp.writing import Upload
from events.schemas.parties import Person
from events.schemas.values import Sealed


async def export(outgoing: Outgoing, out: BinaryIO, progress: Callable[[int], None]) -> ExportReport:
    """Writes the trials registered here; `progress` gets the number of documents read so far.

    If this raises, `out` has a file without its end: write to a temporary file, and rename it when this returns.
    """
    written = unnumbered = elsewhere = 0
    gaps: list[Gap] = []
    not_written: list[NotWritten] = []
    no_element: Counter[str] = Counter()
    with Upload(out) as upload:
        async for document in outgoing.documents:
            if "home" in document:
                elsewhere += 1
            elif "number" not in document:
                unnumbered += 1
            else:
                persons = await _opened(document, outgoing.open_persons)
                rendered = render(document, persons, outgoing.sender)
                broken = faults(rendered.element)
                if broken:
                    not_written.append(NotWritten(document["number"], tuple(broken)))
                else:
                    upload.add(rendered.element)
                    written += 1
                    gaps.extend(rendered.gaps)
                    no_element.update(unsent(document["registration"], persons))
            progress(written + unnumbered + elsewhere + len(not_written))
    return ExportReport(written, unnumbered, elsewhere, tuple(gaps), tuple(not_written), no_element)


def _sent(registration: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The persons that an upload names. Contacts of single sites are not sent."""
    yield from (contact for contact in registration.get("contacts", ()) if contact["role"] in CONTACT_TYPE)
    yield from [registration["primary_sponsor"]] if "primary_sponsor" in registration else []
    for name in ("secondary_sponsors", "funders"):
        yield from registration.get(name, ())


async def _opened(document: Mapping[str, Any], open_persons: OpenPersons) -> dict[str, Person | None]:
    sealed = [
        Sealed.from_stored(party["person"])
        for party in _sent(document["registration"])
        if "sealed" in party.get("person", ())
    ]
    opened = await open_persons(document["trial"], sealed) if sealed else ()
    return {one.sealed: person for one, person in zip(sealed, opened, strict=True)}
