"""Texts composed of the tables of results: plain lines that name their groups, cut where a text is full."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from adapters.ctgov import markup
from adapters.cursor import Cursor
from events.schemas.values import Text

MOST: Final = 99_800
"""Characters of a composed text: the limit of a text (`values.Prose`), less room for the note that it was cut."""
NO_ROOM: Final = "no room in a text of 100,000 characters"
LONGEST_NAME: Final = 40
"""Characters of a group's title up to which lines use it; beyond, its id is easier to read."""


class Composition:
    """Blocks of lines in order, up to the first that has no room."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._length = self._left_out = 0

    def add(self, block: str, *sources: Cursor) -> None:
        """Adds a block; if there is no room, its sources count as not carried. An empty block is skipped."""
        if not block:
            return
        if self._left_out or self._length + len(block) + 1 > MOST:
            self._left_out += 1
            for source in sources:
                source.give_back(NO_ROOM)
            return
        self._blocks.append(block)
        self._length += len(block) + 1

    def add_paragraph(self, block: str, *sources: Cursor) -> None:
        """Adds a block with an empty line before it."""
        self.add(block and f"\n{block}", *sources)

    def text(self) -> Text | None:
        """The whole text in English, with a note of omissions at the end."""
        cut = [f"Cut here: {self._left_out} more parts are at the source."] if self._left_out else []
        return Text(en="\n".join(self._blocks + cut).lstrip("\n")) if self._blocks or cut else None


def plain_value(item: Cursor) -> str:
    """A value on one line, empty if there is none. Tables have some of their numbers as numbers."""
    if isinstance(item.value, int | float) and not isinstance(item.value, bool):
        item.keep()
        return str(item.value)
    return " ".join((item.text() or "").split())


def plain_prose(item: Cursor) -> str:
    """A text in CommonMark on one line, empty if there is none."""
    return " ".join((markup.prose(item) or "").split()) if isinstance(item.value, str) else plain_value(item)


def spoken(item: Cursor) -> str:
    """A word of a vocabulary as people write it: `STANDARD_DEVIATION` is `standard deviation`."""
    word = plain_value(item)
    return word.replace("_", " ").lower() if word.isupper() else word


def joined(separator: str, *parts: str) -> str:
    """The parts that are not empty, joined."""
    return separator.join(part for part in parts if part)


def labelled(label: str, value: str) -> str:
    return f"{label}: {value}" if value else ""


def names(groups: list[Cursor]) -> dict[str, str]:
    """Group id to the group's name in lines: its title if that is short and unique, or else the id."""
    titles = {id_of(group): " ".join(group.at("title").peek().split()) for group in groups}
    counted = Counter(titles.values())
    return {
        id_: title if counted[title] == 1 and 0 < len(title) <= LONGEST_NAME else id_ for id_, title in titles.items()
    }


def id_of(group: Cursor) -> str:
    return group.at("id").peek().strip()


def group_line(group: Cursor) -> str:
    """A group with its id, by which other lines may name it."""
    called = joined(" ", plain_value(group.at("id")), plain_value(group.at("title")))
    return labelled("Group", joined(": ", called, plain_prose(group.at("description"))))


def row(label: str, cells: Iterable[str]) -> str:
    return joined(": ", label, "; ".join(cells))


def cell(item: Cursor, called: dict[str, str], value: str) -> str:
    """A group's value in a row, with its comment."""
    group, comment = plain_value(item.at("groupId")), plain_prose(item.at("comment"))
    return joined(" ", joined(" = ", called.get(group, group), value), comment and f"[{comment}]")
