"""The table of the taint test: askers, confidential items of a programme, and who may read which of them.

The programme is public and has three regions: GR and BE take a joint step, JP takes another one with BE. Nothing is
decided in GR and JP; the authority of BE has decided. A text is a marker that occurs nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, product
from typing import Any, Final, TypeAlias

from events.schemas.access import Role
from events.schemas.acts import Audience

SPONSOR, SECOND, OFFICE, REGULATOR = "kyoto-sponsor", "nara-sponsor", "registry-office", "ministry"
REGIONS: Final = ("GR", "BE", "JP")
BEFORE: Final = datetime(2026, 11, 29, 3, tzinfo=UTC)
"""When what is public later is not public yet."""
AFTER: Final = datetime(2026, 12, 24, 3, tzinfo=UTC)
MOMENTS: Final = {"never": None, "past": {"date": "2024-03-21"}, "later": {"date": "2026-12-24"}}
"""From when on an item is public: absent, over, or to come."""

Asker: TypeAlias = tuple[Role, str]
"""A role and an organisation. An asker without a token is `NOBODY`."""
NOBODY: Final[Asker] = (Role.PUBLIC, "")


def authority(code: str) -> Asker:
    """The authority of a region."""
    return (Role.AUTHORITY, f"authority-{code.lower()}")


def ethics(code: str) -> Asker:
    """The ethics body of a region."""
    return (Role.ETHICS_BODY, f"ethics-{code.lower()}")


def coordinator(code: str) -> Asker:
    """The coordinator of a region."""
    return (Role.COORDINATOR, f"office-{code.lower()}")


def of_region(code: str) -> set[Asker]:
    """The region's own people."""
    return {authority(code), ethics(code), coordinator(code)}


OWN: Final = {Role.AUTHORITY: "authority", Role.ETHICS_BODY: "ethics", Role.COORDINATOR: "office"}
"""How the organisations of a region are called, by role. Any other role borrows the name of its ethics body."""
NAMED: Final[frozenset[Asker]] = frozenset(
    {(Role.SPONSOR, SPONSOR), (Role.SECOND_SPONSOR, SECOND), (Role.REGISTRY, OFFICE), (Role.REGULATOR, REGULATOR)}
)
ASKERS: Final[tuple[Asker, ...]] = (
    NOBODY,
    *sorted(NAMED),
    *((role, f"{name}-{where}") for role, name in OWN.items() for where in ("gr", "be", "jp", "none")),
    *((role, f"ethics-{where}") for role in Role if role not in OWN for where in ("gr", "be", "none")),
)
"""Every role with an organisation of GR, of another region, and of none. BE takes a joint step with GR, JP does not."""

_ALL: Final = frozenset(ASKERS)
_OFFICE: Final = frozenset(one for one in ASKERS if one[0] is Role.REGISTRY)
_ALWAYS: Final = _OFFICE | {one for one in ASKERS if one[0] is Role.REGULATOR}
"""They read whatever has no audience of its own."""
_SPONSORS: Final = frozenset({(Role.SPONSOR, SPONSOR), (Role.SECOND_SPONSOR, SECOND)})
TAKING_PART: Final = _ALWAYS | _SPONSORS | of_region("GR") | of_region("BE") | of_region("JP")
OF_GR: Final = _ALWAYS | _SPONSORS | of_region("GR")
"""The readers of what is national, before GR decides."""
DRAFT: Final = _ALWAYS | {one for one in ASKERS if one[1] == SPONSOR and one[0] is not Role.PUBLIC}
AUDIENCES: Final[dict[Audience, frozenset[Asker]]] = {
    Audience.OWN_REGION: frozenset({authority("GR"), ethics("GR")}),
    Audience.PATTERN_MEMBERS: frozenset({authority("GR"), authority("BE")}),
    Audience.REGION_SPONSOR: frozenset({(Role.SPONSOR, SPONSOR), coordinator("GR")}),
    Audience.PROGRAMME_SPONSOR: frozenset({(Role.SPONSOR, SPONSOR)}),
    Audience.SECOND_SPONSOR: frozenset({(Role.SECOND_SPONSOR, SECOND)}),
    Audience.OFFICE: _OFFICE,
}
WRITER: Final = frozenset({authority("GR")})
"""Of every question and paper."""


@dataclass(frozen=True)
class Item:
    """A text, and who may read it before it is public. `public`: a name of `MOMENTS`."""

    marker: str
    readers: frozenset[Asker]
    public: str = "never"
    sealed: bool = True
    """Whether the log and the views hold it sealed."""

    def open_to(self, asker: Asker, now: datetime) -> bool:
        """Whether the asker may read it, somewhere."""
        everybody = self.public == "past" or (self.public == "later" and now >= AFTER)
        return everybody or asker in self.readers


def _closed(what: str) -> Iterator[tuple[str, frozenset[Asker], str]]:
    for audience, moment in product(Audience, MOMENTS):
        yield f"{what} {audience} {moment}", AUDIENCES[audience] | WRITER, moment


def _rows() -> Iterator[tuple[Any, ...]]:
    """What each item is called, its readers, and from when on it is public; then whether it is sealed."""
    yield from _closed("question")
    yield from _closed("answer")
    yield from _closed("paper")
    yield from ((f"open question {one}", AUDIENCES[Audience.OWN_REGION] | WRITER, one) for one in MOMENTS)
    yield "source of a question", AUDIENCES[Audience.OWN_REGION] | WRITER, "never", False
    yield "source of an opinion", OF_GR, "never", False
    yield "source of a national milestone", OF_GR, "never", False
    yield "text of a void question", AUDIENCES[Audience.PATTERN_MEMBERS] | WRITER
    yield "why a question is void", AUDIENCES[Audience.PATTERN_MEMBERS] | WRITER
    yield "why a closed question is corrected", AUDIENCES[Audience.OWN_REGION] | WRITER
    yield "why a public question is corrected", TAKING_PART
    yield "why a paper is corrected", AUDIENCES[Audience.PATTERN_MEMBERS] | WRITER
    yield "why an opinion is corrected", OF_GR
    for halted, moment in product(("region", "programme"), ("past", "later")):
        yield f"why of a halt of the {halted} {moment}", TAKING_PART, moment
        yield f"care under a halt of the {halted} {moment}", TAKING_PART, moment
        # The reasons of corrections are of the history, which is for those who take part.
        yield f"why a halt of the {halted} is corrected {moment}", TAKING_PART
    yield "why of a halt without a moment", _ALL, "past"
    yield "urgent measure", TAKING_PART
    yield "why of a corrective measure", TAKING_PART
    yield "why of an end", TAKING_PART
    yield "why the terms are amended", TAKING_PART
    yield "condition of a decision", _ALL, "past", False
    yield "ethics body before the decision", TAKING_PART, "never", False
    yield "ethics body after the decision", _ALL, "past", False
    yield "title of a draft", DRAFT, "never", False
    yield "contact of a draft", DRAFT
    yield "why a consequence is closed", _OFFICE
    yield "text of a refused command", frozenset()


_NUMBERS: Final = count(1)
ITEMS: Final[dict[str, Item]] = {name: Item(f"zq{next(_NUMBERS):03d}qz", *rest) for name, *rest in _rows()}
"""By name. Markers are of small letters and digits, so that no form of text changes them."""
NAMES: Final = {item.marker: name for name, item in ITEMS.items()}


def text(name: str) -> dict[str, str]:
    """The marker of an item as a text in both languages."""
    return {"ja": ITEMS[name].marker, "en": ITEMS[name].marker}


def found_in(raw: str | bytes) -> set[str]:
    """The names of the items whose markers occur."""
    content = raw.decode() if isinstance(raw, bytes) else raw
    return {name for marker, name in NAMES.items() if marker in content}
