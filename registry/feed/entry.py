"""The entry for one change and one reader: whether they may see it, and in which form. Everything here is pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from events.record import written
from events.sealing import closed, opened, without_texts
from events.streams import Stream
from projections.trial.document import Document, timestamp, withheld_in, without_draft_times
from projections.views.history.project import Change
from registry.domain import permissions
from registry.domain.permissions import Actor
from registry.domain.trial.aggregate import AGGREGATE as TRIAL
from registry.people.persons import persons_in, without_former_contacts

CATEGORY: Final = TRIAL.category
"""The category of the streams whose changes the feed gives."""
TAKE_BACKS: Final = frozenset(["trial.take-back-asked.v1", "trial.take-back-declined.v1"])
"""Events that change which parts of a trial may be read, but no field of it."""


@dataclass(frozen=True, slots=True)
class Now:
    """The parts of a trial's current document that entries need; the whole may be a hundred times larger than one."""

    owner: str | None
    published: str | None
    """When it was published here; None if its times were never those of a draft."""
    withheld: frozenset[str]
    """Ids of texts."""
    persons: frozenset[str]
    """Ids of the persons that it names."""

    @classmethod
    def of(cls, document: Document) -> Self:
        """The parts of the trial's document."""
        published = None if document["sources"] else document.get("published_recorded")
        return cls(document.get("owner"), published, withheld_in(document), persons_in(document))


@dataclass(frozen=True, slots=True)
class Known:
    """Data needed to show the changes of a page. `keys`, by owner, open the sealed values.

    `wholes`: documents after those changes that need the whole one, by id; `now`: trials' current state, by stream.
    `changed`: owners whose keys were changed, so that they open nothing.
    """

    wholes: Mapping[str, Document]
    now: Mapping[str, Now]
    keys: Mapping[str, bytes]
    changed: frozenset[str] = frozenset()


def id_of(change: Change) -> str:
    """The id of an entry: stream and version. No two accepted events share one."""
    return f"{change.event.record.subject}/{change.event.version}"


def trial_of(change: Change) -> str:
    """The id of the trial."""
    return Stream(change.event.record.subject).id


def needs_whole(change: Change) -> bool:
    """Whether some reader needs the whole document: they did not see the trial before, or saw it in another form."""
    if change.before is None or change.event.record.type in TAKE_BACKS:
        return True
    return any(change.before.get(name) != change.after.get(name) for name in ("public", "owner"))


def entry_of(change: Change, asker: Actor, known: Known) -> dict[str, Any] | None:
    """The entry for this reader; None if they may not see the change.

    The log decides what comes when: whether the trial was public at that version, and whose it was. So the ids are the
    same for a reader who follows and for one who reads them later. A draft is for its owner today, too.
    """
    if not _may_see(change, asker, known):
        return None
    record = change.event.record
    now = known.now[record.subject]
    reads_drafts = TRIAL.may_see(asker, published=False, owner=now.owner)
    reason = {"reason": record.data["reason"]} if "reason" in record.data else {}
    entry = _about(change) | reason | _content(change, asker, known, reads_drafts)
    if not permissions.may_see_withheld(asker):
        entry = without_texts(entry, now.withheld)
    if not reads_drafts:
        entry = without_former_contacts(entry, now.persons)
    shown: dict[str, Any] = opened(closed(entry, known.changed), record.subject, known.keys)
    return shown


def closed_entry_of(change: Change, asker: Actor, known: Known) -> dict[str, Any] | None:
    """The entry of a change that can't be shown here: it states that the change exists, and none of its content."""
    return {**_about(change), "closed": True} if _may_see(change, asker, known) else None


def _about(change: Change) -> dict[str, Any]:
    """The fields that every entry has; nothing in them is sealed."""
    event, record = change.event, change.event.record
    return {
        "id": id_of(change),
        "source": f"{record.origin.base}/v1/changes",
        "stream": record.subject,
        "version": event.version,
        "type": record.type,
        "position": str(event.position),
        "recorded": timestamp(event.recorded),
        "occurred": written(record.time),
        "organisation": record.onbehalfof,
        "trial": trial_of(change),
        **({"number": change.after["number"]} if "number" in change.after else {}),
    }


def _may_see(change: Change, asker: Actor, known: Known) -> bool:
    """A trial without a document that can be shown today is left out, as in an answer to a request by its number."""
    now = known.now.get(change.event.record.subject)
    return now is not None and _sees(asker, change.after) and _sees(asker, {**change.after, "owner": now.owner})


def _sees(asker: Actor, standing: Mapping[str, Any]) -> bool:
    return TRIAL.may_see(asker, published=standing.get("public", False), owner=standing.get("owner"))


def _content(change: Change, asker: Actor, known: Known, reads_drafts: bool) -> dict[str, Any]:
    comes_in_sight = change.before is None or not _sees(asker, change.before)
    if comes_in_sight or change.event.record.type in TAKE_BACKS:
        document = known.wholes[id_of(change)]
        shown = document if reads_drafts else without_draft_times(document)
        withheld = permissions.may_see_withheld(asker)
        return {"record": shown if withheld else {name: shown[name] for name in shown if name != "withheld"}}
    changes = change.changes + change.after["marks"]
    published = known.now[change.event.record.subject].published
    if reads_drafts or published is None:
        return {"changes": changes}
    return {"changes": [_no_earlier(one, published) for one in changes]}


def _no_earlier(change: Mapping[str, Any], published: str) -> dict[str, Any]:
    """The change with no report of a site recorded before publication; see `without_draft_times`."""
    if not change["field"].startswith("/sites/"):
        return dict(change)
    name = change["field"].rpartition("/")[2]
    return {"field": change["field"], **{side: _at_least(change[side], name, published) for side in ("old", "new")}}


def _at_least(value: Any, name: str, published: str) -> Any:
    if isinstance(value, dict):
        return {inner: _at_least(one, inner, published) for inner, one in value.items()}
    return max(value, published) if name == "recorded" and isinstance(value, str) else value
