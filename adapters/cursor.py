"""A cursor over a parsed JSON record that remembers which values were read, and every fault met on the way."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from events.schemas.degrees import degrees
from events.schemas.values import PartialDate, Text, Value
from events.schemas.wording import cleaned, on_one_line

T = TypeVar("T")
V = TypeVar("V", bound=Value)
Path = tuple[str | int, ...]
DEEPEST = 64
"""Levels of nesting. ClinicalTrials.gov's deepest value is at level 13; nothing deeper than this is a registration."""

_DATE: TypeAdapter[str] = TypeAdapter(PartialDate)
# UTF-8 can't hold a lone surrogate.
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
"""Words of vocabularies: short, and no person's name, no sentence."""
_KINDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", dict: "an object",
          list: "a list"}  # fmt: skip


def storable(text: str) -> bool:
    """Whether the log and the views can hold it."""
    return text.isascii() or not _SURROGATE.search(text)


def written(path: Path) -> str:
    """A path as people read it; positions in lists are left out: `locations[].city`."""
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return text


def scalars(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every scalar of a JSON value with its path, in no particular order; ValueError when nested too deeply."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, here = pending.pop()
        if len(path) > DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        match here:
            case dict():
                pending.extend(((*path, key), inner) for key, inner in here.items())
            case list():
                pending.extend(((*path, index), inner) for index, inner in enumerate(here))
            case _:
                yield path, here


Step: TypeAlias = str | int
"""A key of an object or an index of a list."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The values read from one record, those given back unread with the reason, and its faults.

    Values are known by the identity of the object or list they are members of, and by their step there.
    """

    taken: defaultdict[int, set[Step]] = field(default_factory=lambda: defaultdict(set))
    returned: dict[int, dict[Step, str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    mended: dict[tuple[int, Step], str] = field(default_factory=dict)
    """The paths of the texts that lost control characters or direction marks."""

    def cleaned(self) -> Mapping[str, int]:
        """How many texts of each path lost characters."""
        return Counter(self.mended.values())

    def balance(self, record: Any) -> tuple[int, Mapping[str, int]]:
        """(how many scalars were carried, how many were not by path): together, all values of the record.

        Raises ValueError if it is nested too deeply.
        """
        carried, not_carried = 0, Counter[str]()
        pending: list[tuple[Any, str, int]] = [(record, "", 1)]
        while pending:
            here, name, depth = pending.pop()
            if depth > DEEPEST:
                raise ValueError(f"nested more than {DEEPEST} levels deep")
            taken, returned = self.taken.get(id(here), ()), self.returned.get(id(here), {})
            for step, inner in _members(here):
                if isinstance(inner, (dict, list)):
                    pending.append((inner, _path(name, step), depth + 1))
                elif step in returned:
                    not_carried[f"{_path(name, step)} ({returned[step]})"] += 1
                elif step in taken:
                    carried += 1
                else:
                    not_carried[_path(name, step)] += 1
        return carried, dict(sorted(not_carried.items()))


def _members(container: Any) -> Iterable[tuple[Step, Any]]:
    return container.items() if isinstance(container, dict) else enumerate(container)


def _path(name: str, step: Step) -> str:
    return f"{name}[]" if isinstance(step, int) else f"{name}.{step}" if name else step


def _containers(record: Any) -> Iterator[Any]:
    """The record and every object and list in it."""
    pending = [record]
    while pending:
        here = pending.pop()
        yield here
        pending.extend(inner for _, inner in _members(here) if isinstance(inner, (dict, list)))


# Not frozen, unlike values elsewhere: one is made for each member read, and freezing is most of the cost.
@dataclass(slots=True)
class Cursor:
    """One JSON value in its record. Reading an absent, null or blank value gives None; a wrong type is a fault."""

    value: Any
    ledger: Ledger
    within: "Cursor | None" = None
    step: Step = ""

    @property
    def path(self) -> Path:
        return (*self.within.path, self.step) if self.within else ()

    def fault(self, reason: str) -> None:
        self.ledger.faults.append(f"{written(self.path)}: {reason}")

    def keep(self) -> None:
        """Count the value as carried although its content came from another value."""
        if self.within is not None:
            self.ledger.taken[id(self.within.value)].add(self.step)

    def give_back(self, reason: str) -> None:
        """Count every value here and below as not carried, for this reason, though it may have been read."""
        if isinstance(self.value, (dict, list)):
            for container in _containers(self.value):
                self.ledger.returned[id(container)] = {step: reason for step, _ in _members(container)}
        elif self.within is not None:
            self.ledger.returned.setdefault(id(self.within.value), {})[self.step] = reason

    def peek(self) -> str:
        """The text on one line, without reading it: it still counts as not carried. Empty if it can't be stored."""
        return on_one_line(cleaned(self.value)) if isinstance(self.value, str) and storable(self.value) else ""

    def _as(self, kind: type[T]) -> T | None:
        if self.value is None:
            return None
        if isinstance(self.value, kind) and (kind is bool or not isinstance(self.value, bool)):
            return self.value
        self.fault(f"not {_KINDS[kind]}")
        return None

    def at(self, *keys: str) -> "Cursor":
        """The cursor of a member, or of a member's member; ABSENT if there is none."""
        here = self
        for key in keys:
            members = here.value if isinstance(here.value, dict) else here._as(dict) or {}
            if key not in members:
                return ABSENT
            here = Cursor(members[key], self.ledger, here, key)
        return here

    def each(self, key: str) -> list["Cursor"]:
        """The cursors of a list's items; of an absent list, none."""
        there = self.at(key)
        return [Cursor(item, self.ledger, there, index) for index, item in enumerate(there._as(list) or ())]

    def text(self) -> str | None:
        """A text on one line, without blanks around it."""
        text = self.prose()
        return on_one_line(text) if text else None

    def prose(self) -> str | None:
        """A text without blanks around it. Characters that no text of ours may have are removed, and counted."""
        if self.value is None:
            return None
        text = self.value if isinstance(self.value, str) else self._as(str)
        stripped = cleaned(text).strip() if text else None
        if not stripped:
            return None
        if not storable(stripped):
            self.fault("has a character that can't be stored (half a surrogate pair)")
            return None
        self.keep()
        if text is not None and stripped != text.strip():
            self.ledger.mended[id(self.within and self.within.value), self.step] = written(self.path)
        return stripped

    def english(self) -> Text | None:
        """A text in English."""
        text = self.prose()
        return Text(en=text) if text else None

    def flag(self) -> bool | None:
        return self._taken(self._as(bool))

    def whole(self) -> int | None:
        return self._taken(self._as(int))

    def degrees(self) -> str | None:
        """A coordinate, as decimal text."""
        number = self._as(int) if isinstance(self.value, int) else self._as(float)
        return self._taken(None if number is None else degrees(number))

    def _taken(self, value: T | None) -> T | None:
        if value is not None:
            self.keep()
        return value

    def word(self, vocabulary: Mapping[str, T]) -> T | None:
        """The meaning of a word of a vocabulary. An unknown word counts as not carried: vocabularies grow."""
        word = self.text()
        if word is None or word in vocabulary:
            return vocabulary[word] if word else None
        self.give_back(f"a word unknown here: {word}" if _WORD.fullmatch(word) else "no word known here")
        return None

    def date(self) -> str | None:
        """A date in its stated precision."""
        date = self.text()
        if date is None:
            return None
        try:
            return _DATE.validate_python(date)
        except ValidationError:
            self.fault(f"{date[:40]!r} is no date (YYYY, YYYY-MM or YYYY-MM-DD)")
            return None

    def matching(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str] | None:
        """The match of the whole text."""
        text = self.text()
        match = pattern.fullmatch(text) if text is not None else None
        if text is not None and match is None:
            self.fault(f"{text[:40]!r} is not {wanted}")
        return match


ABSENT = Cursor(None, Ledger())
"""The cursor of an absent value: it has no content and no members, and nothing of it is counted."""


def present(items: Iterable[T | None]) -> tuple[T, ...] | None:
    """The items that are not None; None if there are none."""
    return tuple(item for item in items if item is not None) or None


def stated(value: V) -> V | None:
    """The value, or None if all of its fields are empty."""
    return value if any(content is not None for _, content in value) else None


def texts(items: list[Cursor]) -> tuple[str, ...] | None:
    """The texts of a list of texts; None if there is none."""
    return present(item.text() for item in items)


def words(items: list[Cursor], vocabulary: Mapping[str, T]) -> tuple[T, ...] | None:
    """The meanings of the words in a list; None if there is none."""
    return present(item.word(vocabulary) for item in items)
