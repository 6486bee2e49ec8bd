"""Which log a vault keeps keys for, and which vault a log has its keys in: settled before anything is served.

Each names the other. With another vault, data sealed earlier could not be opened, and data sealed from now on could be
opened nowhere else; on another log, or an older copy, keys would be missing, or be destroyed for nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from events import founding, identity
from events.founding import Founding
from events.identity import LogIdentity, Mismatch, WrongLog
from events.partitions import partition_of
from events.port import EventLog, LogMisconfigured, Topic
from events.vault import Belonging

TOGETHER: Final = "name the log and the database that belong together"
RESTORE: Final = f"{TOGETHER}, or restore the log: registry log restore"


async def verify(log: EventLog, topics: Sequence[Topic], vault: Belonging, *, in_use: bool) -> None:
    """Returns if the log and the vault belong together, or may from now on. Writes nothing.

    `kept`: whether the database holds something that was made from a log. Raises WrongLog or LogMisconfigured, with
    the mismatch and the remedy; LogUnavailable.
    """
    events, *others = topics
    if vault.log is not None:
        await _same(log, events, LogIdentity(vault.log, vault.topics[events.name], events.partitions))
        for topic in others:
            if (made := await log.topic_id(topic)) != (known := vault.topics[topic.name]):
                raise WrongLog(
                    Mismatch.MADE_ANEW,
                    f"the log is not the one that the vault keeps keys for: its topic {topic.name} was created again: "
                    f"{made}, not {known}; {RESTORE}",
                )
    elif not await log.end(events, partition_of(founding.STREAM, events.partitions)):
        if in_use:
            raise LogMisconfigured(f"the log is empty, but the database has data of another log; {RESTORE}")
        return
    refuse_another_vault(await founding.read(log, events), vault)


async def _same(log: EventLog, topic: Topic, known: LogIdentity) -> None:
    try:
        await identity.verify(log, topic, known)
    except WrongLog as fault:
        adopt = f"to use it as the log from now on, run: registry log adopt {known.founded}"
        advice = {Mismatch.EMPTY: RESTORE, Mismatch.MADE_ANEW: adopt}.get(fault.kind, TOGETHER)
        raise WrongLog(
            fault.kind, f"the log is not the one that the vault keeps keys for: {fault}; {advice}"
        ) from fault


def refuse_another_vault(founded: Founding, vault: Belonging) -> None:
    """Raises LogMisconfigured if the log has its keys in another vault than this one."""
    if founded.vault not in (None, vault.vault):
        raise LogMisconfigured(
            f"the log {founded.origin.log} has its keys in the vault {founded.vault}, and this database holds "
            f"the vault {vault.vault}: give all nodes of one log the same REGISTRY_DATABASE_URL, or restore a backup; "
            f"only if those keys are lost permanently, run: registry log adopt {founded.origin.log}"
        )


async def topic_ids(log: EventLog, topics: Sequence[Topic]) -> Mapping[str, str]:
    """The ids of the topics by their names."""
    return {topic.name: await log.topic_id(topic) for topic in topics}
