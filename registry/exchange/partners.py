"""Partners' records, prepared for an import."""

from collections.abc import Iterable, Iterator

from adapters.partner import Source
from adapters.reading import Parsed
from events.schemas import items
from events.schemas.exchange import Refusal
from registry.exchange.fates import refusal
from registry.exchange.received import Received, Study


def records_of(source: Source, chunks: Iterable[bytes], place: str) -> Iterator[Parsed | Refusal]:
    """The records of a document, given in chunks, in order. Raises nothing, whatever the bytes."""
    for read in source.parse(chunks, place):
        yield read if isinstance(read, Parsed) else refusal(read.place, read.identifier, read.reason)


def study_of(source: Source, parsed: Parsed) -> Study:
    """A record in the form that an import takes."""
    record = None if parsed.record == parsed.home.number else parsed.record
    sites = {site.site: site.to_stored() for site in parsed.sites}
    content = items.whole({"registration": parsed.registration.to_stored(), "sites": sites})
    return Study(
        place=parsed.place,
        home=parsed.home,
        received=Received.of(
            parsed.sender, parsed.raw, source.media_type, parsed.retrieved, record, given_out=parsed.given_out
        ),
        content={**content, "sites": [*content["sites"].values()], "status": parsed.status.to_stored()},
    )
