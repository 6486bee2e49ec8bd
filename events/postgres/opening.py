"""Makes the log's tables and topics where they are missing, and checks what is there."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from psycopg import AsyncConnection

from events.port import LogMisconfigured, Topic

SCHEMA: Final = files(__package__).joinpath("schema.sql").read_bytes()
LOCK_OPENING: Final = "select pg_advisory_xact_lock(hashtextextended('registry log', 0))"
SCHEMA_EXISTS: Final = "select to_regclass('log.message') is not null"
LACKS_IDS: Final = """
select not exists (
    select from information_schema.columns where (table_schema, table_name, column_name) = ('log', 'topic', 'id')
)
"""
ADD_IDS: Final = "alter table log.topic add column id uuid not null default gen_random_uuid()"
ADD_TOPICS: Final = """
insert into log.topic (name, partitions)
select name, partitions from unnest(%s::text[], %s::integer[]) as given (name, partitions)
on conflict do nothing
"""
ADD_HEADS: Final = """
insert into log.head (topic, partition)
select name, generate_series(0, partitions - 1) from log.topic
on conflict do nothing
"""
STORED_TOPICS: Final = "select name, partitions from log.topic"
DURABILITY: Final = "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit')"


async def prepare(connection: AsyncConnection[Any], topics: Sequence[Topic], create: bool) -> None:
    """Makes what is missing, where `create` says so, and checks what is there. Several processes may do it at once.

    Raises LogMisconfigured, naming everything that is wrong.
    """
    async with connection.transaction():
        await connection.execute(LOCK_OPENING)
        if await (await connection.execute(SCHEMA_EXISTS)).fetchone() == (False,):
            if not create:
                raise LogMisconfigured(
                    "the database holds no log, and there was one: name the database that holds it, or restore it: "
                    "registry log restore"
                )
            await connection.execute(SCHEMA)
        if await (await connection.execute(LACKS_IDS)).fetchone() == (True,):
            await connection.execute(ADD_IDS)
        if create:
            await connection.execute(ADD_TOPICS, ([t.name for t in topics], [t.partitions for t in topics]))
            await connection.execute(ADD_HEADS)
        partitions = dict(await (await connection.execute(STORED_TOPICS)).fetchall())
        settings = dict(await (await connection.execute(DURABILITY)).fetchall())
        if found := faults(topics, partitions, settings):
            raise LogMisconfigured("; ".join(found))


def faults(topics: Sequence[Topic], partitions: Mapping[str, int], settings: Mapping[str, str]) -> list[str]:
    """Settings that the log can't work with, in plain words: stored partition counts and the server's durability."""
    return [
        *(
            f"topic {topic.name} does not exist, and there was a log in it: name the database that holds it, or "
            f"restore it: registry log restore"
            for topic in topics
            if topic.name not in partitions
        ),
        *(
            f"topic {topic.name} has {partitions[topic.name]} partitions, not {topic.partitions}: the number can't be "
            f"changed, set REGISTRY_PARTITIONS to the stored one"
            for topic in topics
            if partitions.get(topic.name, topic.partitions) != topic.partitions
        ),
        *(
            f"PostgreSQL runs with {name} = off and would lose acknowledged events: set it to on"
            for name in ("fsync", "synchronous_commit")
            if settings[name] == "off"
        ),
    ]
