"""The fields of the index, and the document that an entry becomes. Raise SHAPE when either changes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from tantivy import Document, Schema, SchemaBuilder

from projections.search.facets import HOLDS_UNTIL
from projections.search.query import FACETS
from projections.search.words import GAP, stems

SHAPE: Final = 1
"""Of the index. One of another shape is made anew."""

TITLES, CONDITIONS, SPONSORS, REST = "titles", "conditions", "sponsors", "rest"
BY_STEMS: Final = (TITLES, CONDITIONS, SPONSORS, REST)
WRITTEN: Final = "written"
"""All words as they are written, for quoted words and for the completion of an unfinished word."""
OURS, BORNE, CLAIMED = "ours", "borne", "claimed"
"""The number of ours, all that registries gave the trial, and those that it only claims."""
OF_WORDS: Final = (*BY_STEMS, WRITTEN, OURS, BORNE, CLAIMED)
NOW, THEN = "now", "then"
"""States of an entry, and of its fields: former entries have separate fields, so a search of current ones
walks through no words of the past.
"""

ID, STATE, TRIAL, MARK = "id", "state", "trial", "mark"
PLAIN: Final = ("sex", "home", "own", "seen_by", "trait")
UNTIL_DAYS: Final = (*HOLDS_UNTIL.values(), "sites_until")
DAYS: Final = ("enrolment_from", "enrolment_to", "registered", "confirmed")
NUMBERS: Final = ("since_key", "until_key", "since", "until", "newest", *UNTIL_DAYS, *DAYS, "age_from", "age_to")
ENDLESS: Final = 2**63 - 1
NEVER: Final = -1
"""The day until which something holds that does not."""
AGE_UNITS: Final = 1_000_000
"""Of a year."""
ANYBODY: Final = "*"

_OFFSET_BITS: Final = 40
_SINCE_BITS, _TRIAL_BITS = 42, 5


class Entry(NamedTuple):
    """An entry of the view with its words, as the index takes it; fields are those of the view's tables."""

    trial: str
    version: int
    partition: int
    since: datetime
    since_offset: int
    until: datetime | None
    until_offset: int | None
    newest: datetime
    public: bool
    owner: str | None
    own: bool
    home: str | None
    identifiers: Sequence[str]
    borne: int
    authorisation: str
    recruitment: str
    recruits_until: date | None
    invites_until: date | None
    begins_until: date | None
    sites_until: date | None
    study_type: str | None
    phase: str | None
    sex: str | None
    aim: str | None
    countries: Sequence[str]
    age_from: int | None
    age_to: int | None
    enrolment_from: date | None
    enrolment_to: date | None
    registered: date | None
    confirmed: date | None
    traits: Sequence[str]
    titles: str
    conditions: str
    sponsors: str
    rest: str
    beside: str

    @property
    def name(self) -> str:
        """A name that distinguishes the entry from all others."""
        return f"{self.trial}/{self.version}"


def schema() -> Schema:
    """The fields."""
    fields = SchemaBuilder()
    for name in (ID, TRIAL, STATE):
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic", stored=name == ID)
    fields.add_bytes_field(MARK, stored=True)
    for state in (NOW, THEN):
        for name in (*BY_STEMS, WRITTEN):
            fields.add_text_field(of(state, name), tokenizer_name="whitespace", index_option="position")
        for name in (OURS, BORNE, CLAIMED):
            fields.add_text_field(of(state, name), tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in PLAIN:
        fields.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in NUMBERS:
        fields.add_integer_field(name, fast=True)
    return fields.build()


def of(state: str, field: str) -> str:
    """The name of a field of words of entries in a state."""
    return f"{state}_{field}"


def document(entry: Entry) -> Document:
    """Raises OverflowError, TypeError, ValueError where the index can't take the entry."""
    made = Document()
    state = NOW if entry.until is None else THEN
    for name, text in ((ID, entry.name), (TRIAL, entry.trial), (STATE, state)):
        made.add_text(name, text)
    for name, text in _words(entry):
        made.add_text(of(state, name), text)
    for name, text in _plain(entry):
        made.add_text(name, text)
    for name, number in _numbers(entry).items():
        if number is not None:
            made.add_integer(name, number)
    return made


def _words(entry: Entry) -> list[tuple[str, str]]:
    rest = f"{entry.rest} {GAP} {entry.beside}"
    by_field = (entry.titles, entry.conditions, entry.sponsors, rest)
    own, claimed = entry.identifiers[: entry.borne], entry.identifiers[entry.borne :]
    return [
        *((name, stems(text)) for name, text in zip(BY_STEMS, by_field, strict=True)),
        (WRITTEN, f" {GAP} ".join(by_field)),
        *((OURS, number) for number in own[: entry.own]),
        *((BORNE, number) for number in own),
        *((CLAIMED, number) for number in claimed),
    ]


def _plain(entry: Entry) -> list[tuple[str, str]]:
    each = {
        "authorisation": entry.authorisation,
        "recruitment": entry.recruitment,
        "study_type": entry.study_type,
        "phase": entry.phase,
        "aim": entry.aim,
        "sex": entry.sex or "unknown",
        "home": entry.home,
        "own": yes_or_no(entry.own),
    }
    seen_by = [*([ANYBODY] if entry.public else []), *([owned_by(entry.owner)] if entry.owner else [])]
    return [
        *((name, value) for name, value in each.items() if value is not None),
        *(("country", country) for country in entry.countries),
        *(("seen_by", reader) for reader in seen_by),
        *(("trait", trait) for trait in entry.traits),
    ]


def _numbers(entry: Entry) -> Mapping[str, int | None]:
    return {
        "since_key": key(entry.partition, entry.since_offset),
        "until_key": ENDLESS if entry.until_offset is None else key(entry.partition, entry.until_offset),
        "since": milliseconds(entry.since),
        "until": ENDLESS if entry.until is None else milliseconds(entry.until),
        "newest": rank_of_age(entry.newest, entry.since, entry.trial),
        **{name: NEVER if (day := getattr(entry, name)) is None else number_of(day) for name in UNTIL_DAYS},
        **{name: None if (day := getattr(entry, name)) is None else number_of(day) for name in DAYS},
        "age_from": 0 if entry.age_from is None else entry.age_from,
        "age_to": ENDLESS if entry.age_to is None else entry.age_to,
    }


def key(partition: int, offset: int) -> int:
    """A position of the log as one number: those of a partition lie together, and none beyond its last."""
    return partition << _OFFSET_BITS | min(offset, (1 << _OFFSET_BITS) - 1)


def number_of(day: date) -> int:
    """A day as a number."""
    return day.toordinal()


def milliseconds(moment: datetime) -> int:
    """Since 1970, as precise as the log."""
    return round(moment.timestamp() * 1000)


def rank_of_age(newest: datetime, since: datetime, trial: str) -> int:
    """The larger the newer a trial: by the day on which it changed, then by when that came here, then by its id.

    The same for few trials, so that a page of the newest can be read without all that are of one day.
    """
    day = min(max((newest.astimezone(UTC).date() - date(1970, 1, 1)).days, 0), 0xFFFF)
    since_ms = min(max(milliseconds(since), 0), (1 << _SINCE_BITS) - 1)
    earlier = ~(UUID(trial).int >> (128 - _TRIAL_BITS)) & ((1 << _TRIAL_BITS) - 1)
    return (day << _SINCE_BITS | since_ms) << _TRIAL_BITS | earlier


def yes_or_no(value: bool) -> str:
    """A truth as a word."""
    return "yes" if value else "no"


def owned_by(organisation: str) -> str:
    """The readers of an organisation; they see its drafts."""
    return f"of {organisation}"
