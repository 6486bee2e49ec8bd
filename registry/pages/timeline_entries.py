"""The history of a trial, event by event: each change with old and new value, and its reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from events.changes import members
from events.pointers import ORDER, keys_of
from events.schemas.fields import SPONSORS
from events.schemas.items import lists_of
from events.schemas.languages import is_tag
from events.schemas.registration import Registration
from events.schemas.trial import Site
from projections.trial.document import Document
from registry.domain.trial.occurrences import REPORTS
from registry.pages import coordination
from registry.pages.extensions import EXTENSIONS, labels, leads_into
from registry.pages.shown import Passage, Shown
from registry.pages.values import PERSONAL, Path, label, region_name, show, text
from registry.pages.words import Words

UNTOLD: Final = frozenset({"sources", "recorded", "reported"}) | coordination.UNTOLD
"""Fields whose changes add nothing to the event itself."""
LISTS: Final = {**lists_of(Registration), **lists_of(Site)}
"""Lists whose members are named by items, by field."""
NAME: Final = 100
"""Characters of a text that names a member in a label."""
INSIDE: Final = frozenset({"registration"})
"""Parts of a document that a label need not name."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field's value before and after; `hidden` if only personal data differs."""

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
    reason: Passage | None
    changes: tuple[Change, ...]
    corrected_by: str
    """Versions of the events that corrected it; empty if there are none."""
    position: str
    first: bool
    follows: str = ""
    """The rule by which it follows from another event, in words; empty if a person reported it."""
    said_at: str = ""
    """The id of the site that gave the reason, if it can ask to take it back."""


def entry(words: Words, event: Mapping[str, Any], document: Document) -> Entry:
    """An event of the API, in words; sites have their names from the document."""
    return Entry(
        version=event["version"],
        title=_title(words, event, document),
        recorded=words.moment(event["recorded"]),
        timestamp=event["recorded"],
        organisation=event["organisation"],
        reason=_reason(words, event),
        changes=tuple(_changes(words, _corrections(event), document)),
        corrected_by=", ".join(map(str, event.get("corrected_by", ()))),
        position=event["position"],
        first=event["version"] == 1,
        follows=_follows(words, event),
        said_at=_said_at(event),
    )


def _follows(words: Words, event: Mapping[str, Any]) -> str:
    if "follows_from" not in event:
        return ""
    cause = event["follows_from"]
    policy = words.known(f"policy.{cause['policy']}") or cause["policy"]
    if "stream" not in cause:
        return words.say("timeline.follows_from", policy=policy)
    return words.say("timeline.follows_from_event", policy=policy, event=f"{cause['stream']}/{cause['version']}")


def _corrections(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The changes; for a correction those of the corrected event, whose values readers may no longer see."""
    corrections: Sequence[Mapping[str, Any]] = event["data"].get("changes") or event["changes"]
    return corrections if event["type"].startswith("trial.event-corrected.") else event["changes"]


def _title(words: Words, event: Mapping[str, Any], document: Document) -> str:
    name = event["type"].rpartition(".")[0]
    data = event["data"]
    if name == "trial.event-corrected":
        name = ("trial.event-void" if data.get("void") else name) + ("-at-site" if "site" in data else "")
    fills = {
        "site": _site(words, data.get("site"), document),
        "registry": words.registry(data.get("source", data).get("registry", "")),
        "corrects": data.get("corrects", ""),
        "milestone": coordination.milestone_of(words, data),
        "gate": coordination.gate_of(words, data),
        "of": data.get("of", ""),
    }
    return words.say(f"event.{name}", **fills)


def _site(words: Words, site: Any, document: Document) -> str:
    """The site's name; events refer to it by its id, and the one that adds it has it in full."""
    if isinstance(site, Mapping):
        return words.text(site["name"])[0]
    known = document["sites"].get(site)
    return words.text(known["name"])[0] if known else str(site or "")


def _said_at(event: Mapping[str, Any]) -> str:
    site, why = event["data"].get("site"), event["data"].get("why") or event.get("reason")
    gone = isinstance(why, Mapping) and not all(map(is_tag, why))
    reported = event["data"].get("event", event["type"]) in REPORTS
    return site if isinstance(site, str) and why and not gone and reported else ""


def _reason(words: Words, event: Mapping[str, Any]) -> Passage | None:
    why = event["data"].get("why") or event.get("reason")
    return text(words, why) if why else None


def _changes(words: Words, changes: Sequence[Mapping[str, Any]], document: Document) -> Iterator[Change]:
    named = _Members(words, document)
    for change in changes:
        keys = keys_of(change["field"])
        extension = tuple(leads_into(keys))
        path = extension or tuple(name for name, item in _steps(keys) if not item)
        if extension or not (UNTOLD & set(path) or _is_place_in_stream(keys)):
            old, new = (show(words, path, _named(named, keys, change.get(side))) for side in ("old", "new"))
            label = " › ".join(_labels(words, keys, named))
            yield Change(label, old, new, hidden=old == new or (not extension and _is_personal(path)))


def _is_place_in_stream(keys: Sequence[str]) -> bool:
    """Whether it is the version of the stream that a gate follows from, which is for machines."""
    return keys[0] == "gates" and keys[-1] == "version"


def _is_personal(path: Path) -> bool:
    """Whether the change is of a contact's person. Sponsors and funders are public."""
    return not PERSONAL.isdisjoint(path) and SPONSORS.isdisjoint(path)


def _steps(keys: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each key, and whether it names a member of a list instead of a field."""
    for before, key in pairwise(("", *keys)):
        yield key, before in LISTS


def _named(named: "_Members", keys: Sequence[str], value: Any) -> Any:
    """The value as it is; for a changed order, the names of the members in that order."""
    if keys[-1] != ORDER:
        return value
    return [named.of((*keys[:-1], item)) or item for item in value or ()]


def _labels(words: Words, keys: Sequence[str], named: "_Members") -> Iterator[str]:
    if extension := leads_into(keys):
        yield from (label(words, EXTENSIONS), *labels(words, extension))
        return
    if keys[0] == "sites" and len(keys) > 1:
        yield _site(words, keys[1], named.document)
    for place, (key, item) in enumerate(_steps(keys)):
        if key == ORDER:
            yield words.say("timeline.order")
        elif keys[0] == "regions" and place == 1:
            yield region_name(words, key)
        elif place and keys[place - 1] in coordination.KEYED:
            yield from filter(None, [coordination.key_told(words, tuple(keys[: place + 1]), named.document)])
        elif item:
            yield from filter(None, [named.of(keys[: place + 1])])
        elif key not in INSIDE | PERSONAL and not (keys[0] == "sites" and place < len(("sites", "site"))):
            yield label(words, key)


class _Members:
    """The present names of members of lists."""

    def __init__(self, words: Words, document: Document):
        self._words, self.document = words, document
        self._lists: dict[tuple[str, ...], Document] = {}

    def of(self, keys: Sequence[str]) -> str:
        """The name of the member at the end of these keys; empty if it is gone, or is a person."""
        at = tuple(keys[:-1])
        if at not in self._lists:
            self._lists[at] = self._found(at)
        found = self._lists[at].get(keys[-1], {})
        for name in LISTS[at[-1]].KNOWN_BY:
            if name not in PERSONAL and name in found:
                known_by = text(self._words, found[name]).text
                return known_by if len(known_by) <= NAME else known_by[:NAME] + "…"
        return ""

    def _found(self, keys: Sequence[str]) -> Document:
        here: Any = self.document
        for key in keys:
            here = here.get(key) if isinstance(here, Mapping) else None
        return members(here) or {}
