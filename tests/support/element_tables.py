"""Tables of a format's elements: how often each is met, and where it is carried.

Where it is carried is found by trial: a value of a record is altered, the record is parsed again, and the value goes
where the two results differ.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from lxml import etree

from adapters.cursor import Path, scalars, written
from adapters.reading import Parsed, Refused

Parse: TypeAlias = Callable[[Iterable[bytes], str], Iterator[Parsed | Refused]]

WITNESSES: Final = 3
"""Records by which it is found where an element goes: it may go elsewhere in another kind of record."""
MOST_TRIED: Final = 40
"""Records tried for that: one that has the same value twice shows no difference."""
OCCURRENCES: Final = 6
"""Values of one element altered in one record, until one matters."""
_DIGIT: Final = re.compile("[0-9]")
_REMOVED: Final = object()


class Fate(StrEnum):
    """What becomes of an element's values. All of them stay in the raw bytes."""

    CARRIED = "carried"
    RAW_ONLY = "raw only"
    NOT_REPRESENTABLE = "not representable"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place for a value in a record, empty or not.

    `altered` gives the record's bytes with other values there, and at last with none.
    """

    element: str
    empty: bool
    altered: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a document of its own."""

    raw: bytes
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One element of a format."""

    element: str
    values: int
    """How many the samples have."""
    not_carried: int
    """How many of these an import counts as not carried."""
    fate: Fate
    where: tuple[str, ...]
    """Where it is carried, as JSON Pointers with `[]` for a position in a list."""
    reasons: tuple[str, ...]
    """Why values of it were not carried, where the reader says so."""


@dataclass(slots=True)
class _Element:
    values: int = 0
    not_carried: int = 0
    reasons: set[str] = field(default_factory=set)
    witnesses: list[Record] = field(default_factory=list)
    """Records in which it counts as carried."""


def table(parse: Parse, samples: Iterable[Record], others: Iterable[Record], named: Collection[str]) -> list[Row]:
    """A row for each element that the samples have or the schema names, by element.

    Other records are read for elements that no sample has. Raises ValueError where a value counts as carried and
    no alteration of it changes anything.
    """
    elements: dict[str, _Element] = {name: _Element() for name in named}
    for record in samples:
        for name, met in _met(parse, record).items():
            known = elements.setdefault(name, _Element())
            known.values += met.values
            known.not_carried += met.not_carried
            known.reasons |= met.reasons
            known.witnesses += met.witnesses
    for record in others:
        for name, met in _met(parse, record).items():
            if name in elements and not elements[name].values:
                elements[name].reasons |= met.reasons
                elements[name].witnesses += met.witnesses
    return [_row(parse, name, element) for name, element in sorted(elements.items())]


def _met(parse: Parse, record: Record) -> dict[str, _Element]:
    """The elements of one record."""
    (one,) = parse([record.raw], "")
    found: defaultdict[str, _Element] = defaultdict(_Element)
    for leaf in record.leaves:
        found[leaf.element].values += not leaf.empty
    for label, count in one.not_carried.items() if isinstance(one, Parsed) else ():
        name, _, reason = label.partition(" (")
        found[name].not_carried += count
        found[name].reasons |= {reason.removesuffix(")")} - {""}
    if isinstance(one, Parsed):
        for met in found.values():
            met.witnesses = [record] if met.values > met.not_carried else []
    return found


def _row(parse: Parse, name: str, element: _Element) -> Row:
    places: list[set[str]] = []
    apart = element.witnesses[:: max(1, len(element.witnesses) // WITNESSES)]
    for record in (*apart, *element.witnesses[:MOST_TRIED]):
        if len(places) < WITNESSES and (where := _where(parse, record, name)):
            places.append(where)
    if element.witnesses and not places:
        raise ValueError(f"{name} counts as carried, and no alteration of it changes anything")
    fate = Fate.CARRIED if places else Fate.NOT_REPRESENTABLE if element.reasons else Fate.RAW_ONLY
    pointers = sorted(set[str]().union(*places))
    return Row(name, element.values, element.not_carried, fate, tuple(pointers), tuple(sorted(element.reasons)))


def _where(parse: Parse, record: Record, name: str) -> set[str]:
    """Where the first value of the element that matters goes. Removing it comes last: other values may go with it."""
    before = _carried_before(parse, record.raw)
    values = [leaf for leaf in record.leaves if leaf.element == name and not leaf.empty]
    for leaf in values[:OCCURRENCES]:
        *others, removed = leaf.altered()
        found = set[str]().union(*(_differing(before, _carried(parse, raw)) for raw in others))
        if found := found or _differing(before, _carried(parse, removed)):
            return found
    return set()


def _differing(before: Mapping[Path, Any], after: Mapping[Path, Any]) -> set[str]:
    """The pointers at which the two differ; none where one was refused."""
    paths = before.keys() | after.keys() if before and after else ()
    return {_pointer(path) for path in paths if before.get(path) != after.get(path)}


def _carried(parse: Parse, raw: bytes) -> dict[Path, Any]:
    """Every value of the record that the event of an import would carry; none where it is refused."""
    (one,) = parse([raw], "")
    if isinstance(one, Refused):
        return {}
    fields = {
        "home": one.home.to_stored(),
        "registration": one.registration.to_stored(),
        "status": one.status.to_stored(),
        "sites": [site.to_stored() for site in one.sites],
        "source": {
            "registry": one.sender,
            "record": one.record,
            "retrieved": one.retrieved,
            "given_out": one.given_out,
        },
    }
    return dict(scalars(fields))


_carried_before = lru_cache(maxsize=512)(_carried)


def _pointer(path: Path) -> str:
    return "".join("[]" if isinstance(step, int) else f"/{step}" for step in path)


def json_record(raw: bytes, vocabularies: Mapping[str, Iterable[str]]) -> Record:
    """A JSON record: its leaves are its scalars. Vocabularies, by element, name the other values of an element."""
    found = [(written(path), path, value) for path, value in reversed(list(scalars(json.loads(raw))))]
    values: defaultdict[str, list[Any]] = defaultdict(list)
    for name, _, value in found:
        values[name].append(value)

    def leaf(name: str, path: Path, value: Any) -> Leaf:
        # A link within the record differs only where it links to another part.
        swapped = [other for other in values[name] if other != value][:1]
        others = [word for word in vocabularies.get(name, ()) if word != value][:2] or _others(value)
        return Leaf(name, value in (None, ""), lambda: _json_altered(raw, path, [*others, *swapped]))

    return Record(raw, tuple(leaf(*one) for one in found))


def _json_altered(raw: bytes, path: Path, others: Iterable[Any]) -> Iterator[bytes]:
    *above, last = path
    for other in (*others, _REMOVED):
        changed = within = json.loads(raw)
        for step in above:
            within = within[step]
        if other is _REMOVED:
            del within[last]
        else:
            within[last] = other
        yield json.dumps(changed).encode()


def _others(value: Any) -> tuple[Any, ...]:
    """Other values of the type: a text keeps its shape where a digit can change, as a number or a date does."""
    match value:
        case bool():
            return (not value,)
        case int() | float():
            return (value + 1, value - 1)
        case str():
            at = _DIGIT.search(value)
            digit = (f"{value[: at.start()]}{int(at[0]) % 9 + 1}{value[at.end() :]}",) if at else ()
            return (*digit, value + " x")
        case _:
            return ()


def xml_record(raw: bytes, repeated: Collection[str]) -> Record:
    """An XML document of one record below its root: its leaves are the elements without elements in them.

    Elements that may stand more than once are named in `repeated`.
    """
    record = _record_of(_tree(raw))

    def leaf(index: int, element: etree._Element) -> Leaf:
        empty = not (element.text or "").strip()
        return Leaf(_name(element, repeated), empty, lambda: _xml_altered(raw, index))

    return Record(raw, tuple(leaf(*one) for one in enumerate(record.iter("*")) if not len(one[1])))


def _tree(raw: bytes) -> etree._Element:
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _record_of(root: etree._Element) -> etree._Element:
    return next(root.iterchildren("*"))


def _name(element: etree._Element, repeated: Collection[str]) -> str:
    steps = [*[str(step.tag) for step in element.iterancestors()][-3::-1], str(element.tag)]
    return ".".join(f"{step}[]" if step in repeated else step for step in steps)


def _xml_altered(raw: bytes, index: int) -> Iterator[bytes]:
    tree = _tree(raw)
    element = list(_record_of(tree).iter("*"))[index]
    for other in (*_others(str(element.text or "")), ""):
        element.text = other
        yield etree.tostring(tree, encoding="utf-8", xml_declaration=True)


def to_csv(rows: Iterable[Row]) -> bytes:
    """The table as a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["element", "values", "not_carried", "fate", "where", "reasons"])
    for row in rows:
        writer.writerow(
            [row.element, row.values, row.not_carried, row.fate, " ".join(row.where), "; ".join(row.reasons)]
        )
    return out.getvalue().encode()
