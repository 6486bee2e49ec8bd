"""Entries that hold from one moment to the next: how each moves to the past."""

from psycopg import sql

from projections.base.table import Table


def closing(entries: Table, past: Table) -> sql.Composed:
    """Moves each entry that another follows, of the `names` asked for, to the past: it ends where the other begins."""
    return sql.SQL(
        "with entries as ("
        "select {name}, {version}, lead(since) over entries as until, lead(since_offset) over entries as until_offset"
        " from {entries} where {name} = any(%(names)s) window entries as (partition by {name} order by {version})),"
        " ended as ("
        "delete from {entries} using entries"
        " where {entries}.{name} = entries.{name} and {entries}.{version} = entries.{version} and until is not null"
        " returning {entries}.*, until, until_offset)"
        " insert into {past} select * from ended"
    ).format(
        entries=sql.Identifier(entries.name),
        past=sql.Identifier(past.name),
        name=sql.Identifier(entries.key[0]),
        version=sql.Identifier(entries.key[1]),
    )
