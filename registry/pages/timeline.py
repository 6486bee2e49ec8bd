"""What happened to a trial, event by event: what changed from what to what, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from events.schemas.fields import SPONSORS
from projections.document import Document
from registry.pages.values import PERSONAL, Path, Said, Shown, label, show, text
from registry.pages.words import Words

UNTOLD: Final = frozenset({"sources", "recorded"})
"""Fields whose changes tell a reader nothing that the event itself does not."""
INSIDE: Final = frozenset({"registration"})
"""Parts of a document that a label need not name."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field's value before and after; `hidden` where all that differs is personal."""

    field: str
    old: Shown
    new: Shown
    hidden: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `recorded` is in words; `position` names the log's state just after it."""

    version: int
    title: str
    recorded: str
    timestamp: str
    organisation: str
    reason: Said | None
    changes: tuple[Change, ...]
    position: str
    first: bool


def entry(words: Words, event: Mapping[str, Any], document: Document) -> Entry:
    """An event as the API tells it, in words; sites are called as the document calls them."""
    return Entry(
        version=event["version"],
        title=_title(words, event, document),
        recorded=words.moment(event["recorded"]),
        timestamp=event["recorded"],
        organisation=event["organisation"],
        reason=_reason(words, event),
        changes=tuple(_changes(words, event["changes"], document)),
        position=event["position"],
        first=event["version"] == 1,
    )


def _title(words: Words, event: Mapping[str, Any], document: Document) -> str:
    name = event["type"].rpartition(".")[0]
    data = event["data"]
    fills = {
        "site": _site(words, data.get("site"), document),
        "registry": data.get("source", {}).get("registry", ""),
        "corrects": data.get("corrects", ""),
    }
    return words.say(f"event.{name}", **fills)


def _site(words: Words, site: Any, document: Document) -> str:
    """The site's name; events name it by its sign, the one that adds it says it in full."""
    if isinstance(site, Mapping):
        return words.text(site["name"])[0]
    known = document["sites"].get(site)
    return words.text(known["name"])[0] if known else str(site or "")


def _reason(words: Words, event: Mapping[str, Any]) -> Said | None:
    said = event["data"].get("why") or event.get("reason")
    return text(words, said) if said else None


def _changes(words: Words, changes: Sequence[Mapping[str, Any]], document: Document) -> Iterator[Change]:
    for change in changes:
        path = _path(change["field"])
        if not UNTOLD & set(path):
            old, new = (show(words, path, change.get(side)) for side in ("old", "new"))
            yield Change(_label(words, path, document), old, new, hidden=old == new or _is_personal(path))


def _is_personal(path: Path) -> bool:
    """Whether it is of a contact's person. Who sponsors or funds is public."""
    return not PERSONAL.isdisjoint(path) and SPONSORS.isdisjoint(path)


def _path(pointer: str) -> Path:
    """The names in a JSON Pointer (RFC 6901)."""
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:])


def _label(words: Words, path: Path, document: Document) -> str:
    if path[0] == "sites" and len(path) > 1:
        return " › ".join([_site(words, path[1], document), *(label(words, name) for name in path[2:])])
    return " › ".join(label(words, name) for name in path if name not in INSIDE)
