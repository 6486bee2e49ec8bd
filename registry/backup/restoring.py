"""Restores a backup into an empty installation: every possible refusal is checked before anything is written."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from uuid import UUID

import orjson

from events import moving
from events.port import EventLog, LogMisconfigured, Topic
from events.postgres import vault_copy
from events.sealing import OwnerKind
from events.vault import WrongKey
from registry.backup.archive import LOG, VAULT, Archive
from registry.people.destructions import Destruction, asked_in


def refuse_unfit(archive: Archive, partitions: int, key: bytes) -> None:
    """Raises if this archive can't be restored under these settings, before the installation is opened.

    Raises NotWhole, LogMisconfigured for another number of partitions, WrongKey.
    """
    moving.check(archive.lines(LOG))
    if (stated := archive.head["partitions"]) != partitions:
        raise LogMisconfigured(f"the backup is of a log with {stated} partitions; set REGISTRY_PARTITIONS={stated}")
    if not vault_copy.opens(key, bytes.fromhex(archive.head["vault"])):
        raise WrongKey("this is not the key that wraps the backup's keys; give the key of that installation")


def in_list(lines: Iterable[bytes]) -> Iterator[Destruction]:
    """The owners in a list from `registry destroyed`; raises ValueError if a line is not an entry of such a list."""
    for number, line in enumerate(lines, start=1):
        try:
            [(kind, owner)] = orjson.loads(line).items()
            yield Destruction(OwnerKind(kind), str(UUID(owner)))
        except (AttributeError, TypeError, ValueError) as fault:
            raise ValueError(f"line {number} of the list is not an id whose key was destroyed") from fault


async def restore(
    archive: Archive, log: EventLog, topics: Sequence[Topic], conninfo: str, later: Iterable[Destruction]
) -> AsyncIterator[int]:
    """Fills vault and log, and yields the number of messages done each time. Interrupted, it continues when run again.

    `later`: owners whose keys were destroyed since the backup. Their keys are not put back, nor are those that the
    backup's own log has destroyed. Raises NotEmpty, LogMisconfigured if the log holds other records, and what appends
    raise.
    """
    ends = await moving.ends_of(log, topics)
    known = {one for message in moving.messages_in(archive.lines(LOG)) if (one := asked_in(message)) is not None}
    gone = sorted({one.owner for one in (*known, *later)})
    rows = map(orjson.loads, archive.lines(VAULT))
    # Before the vault is filled: the vault knows a restoration that was interrupted.
    if any(any(end.values()) for end in ends) and await vault_copy.underway(conninfo) != archive.digest:
        raise LogMisconfigured("the log holds records already; restore into an empty installation")
    await vault_copy.put(conninfo, archive.digest, rows, gone, archive.head.get("vault_id"))
    async for done in moving.restore(log, topics, archive.lines(LOG)):
        yield done
