"""A programme's document as a row, with the values by which it is found."""

from collections.abc import Iterator
from typing import Final

from events.canonical import to_json
from events.event import Event
from projections.base.table import Put, Table
from projections.base.view import Document, Documents, View
from projections.programme.document import countries_of, evolve, numbers_of, trials_of, words_of

PROGRAMME: Final = Table(
    "programme", ("programme", "words", "numbers", "trials", "regions", "document"), key=("programme",), replaced=True
)


def project(event: Event, before: Document | None, after: Document | None) -> Iterator[Put]:
    """The row, whole, after each of its events."""
    if after is not None:
        found_by = (words_of(after), numbers_of(after), trials_of(after), countries_of(after))
        row = (after["programme"], *found_by, to_json(after).decode())
        yield Put(PROGRAMME, row[:1], (row,))


VIEW: Final = View(
    "programme",
    __package__,
    project,
    (PROGRAMME,),
    category="programme",
    latest=True,
    documents=Documents(evolve, PROGRAMME),
)
