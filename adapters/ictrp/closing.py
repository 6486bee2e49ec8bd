"""Items 21 to 24 of a web export's record: ethics, completion, results, shared data. They came in 2017."""

from itertools import zip_longest

from adapters.cursor import Cursor
from adapters.ictrp import words
from adapters.ictrp.dates import partial, stated
from adapters.ictrp.reading import word
from adapters.ictrp.texts import column, line, parts, plain, prose, worded
from adapters.parties import party
from events.identifiers.links import names_another
from events.schemas.parties import Contact, ContactRole
from events.schemas.registration import DataSharing, EthicsReview, Results
from events.schemas.values import StatedDate

_STATUS, _DECIDED, _COMMITTEE = "Ethics_review_status", "Ethics_review_approval_date", "Ethics_review_contact_name"


def ethics(record: Cursor) -> tuple[EthicsReview, ...] | None:
    """Item 21: parallel lists, read only if they have the same length and every status is known."""
    columns = {tag: column(line(record.at(tag)) or "") for tag in (_STATUS, _DECIDED, _COMMITTEE)}
    known = [plain(status) in words.ETHICS for status in columns[_STATUS]]
    if not known or not all(known) or len({len(column) for column in columns.values() if column}) != 1:
        for tag in columns:
            record.at(tag).give_back("lists of unequal length, or no status that is known")
        return None
    if any(text and partial(text) is None for text in columns[_DECIDED]):
        record.at(_DECIDED).give_back("in part no date that can be read")
    rows = zip_longest(*columns.values(), fillvalue="")
    return tuple(_review(*row) for row in rows)


def _review(status: str, decided: str, committee: str) -> EthicsReview:
    """The column is named for a contact, and contains the committee or a contact person."""
    named = party(worded(committee)) if committee else None
    return EthicsReview(
        status=words.ETHICS[plain(status)],
        decided=partial(decided),
        committee=named.name if named else None,
        contact=Contact(role=ContactRole.PUBLIC, person=named.person) if named and named.person else None,
    )


def completion(record: Cursor) -> StatedDate | None:
    """Item 22."""
    date = stated(record.at("results_date_completed"))
    return StatedDate(date=date) if date else None


def results(record: Cursor, number: str) -> Results:
    """Item 23. A link that names another trial leads to results of that one."""
    cell = record.at("results_url_link")
    urls = [url.strip() for url in parts(line(cell) or "") if url]
    wrong = [url for url in urls if names_another(url, number)]
    if wrong:
        cell.give_back("leads to another trial" if wrong == urls else "in part leads to another trial")
    return Results(
        posted=_posted(record),
        first_published=stated(record.at("results_date_first_publication")),
        urls=tuple(url for url in urls if url not in wrong) or None,
        summary=prose(record.at("results_summary")),
        baseline=prose(record.at("results_baseline_char")),
        participant_flow=prose(record.at("results_participant_flow")),
        adverse_events=prose(record.at("results_adverse_events")),
        outcome_measures=prose(record.at("results_outcome_measures")),
        protocol_url=line(record.at("results_url_protocol")),
    )


def _posted(record: Cursor) -> str | None:
    """The posting of results that are still there. Withdrawn results are not posted."""
    day = record.at("results_date_posted")
    if plain(record.at("results_yes_no").peek()) != "no":
        return stated(day)
    day.give_back("the record says that there are no results")
    return None


def sharing(record: Cursor) -> DataSharing:
    """Item 24."""
    return DataSharing(
        plan=word(record.at("results_IPD_plan"), words.SHARING, "neither yes, no nor undecided"),
        description=prose(record.at("results_IPD_description")),
    )
