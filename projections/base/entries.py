"""Entries that hold from one moment to the next: how each moves to the past, and which held at a moment."""

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


def entries_at(entries: Table, past: Table) -> bytes:
    """A query named as the table: in its place, the entries that held at `moment`.

    Where a `partition` is asked for, its entries are asked by `offset`, those of the others by the moment.
    """
    return (
        sql.SQL(
            "{entries} as not materialized ("
            "select {columns} from {entries}"
            " where case when partition = %(partition)s then since_offset <= %(offset)s else since <= %(moment)s end"
            " union all"
            " select {columns} from {past}"
            " where case when partition = %(partition)s"
            " then since_offset <= %(offset)s and until_offset > %(offset)s"
            " else since <= %(moment)s and until > %(moment)s end),\n"
        )
        .format(
            entries=sql.Identifier(entries.name),
            past=sql.Identifier(past.name),
            columns=sql.SQL(", ").join(map(sql.Identifier, entries.columns)),
        )
        .as_bytes()
    )
