"""Remains of destroyed keys in PostgreSQL's files.

A deleted row stays in its table's file until the table is vacuumed, and as bytes between rows even then. Of a vault of
100,000 keys, PostgreSQL's own vacuum waits for 20,000 deletions. So the tables are written anew.
"""

from typing import Any, Final

from psycopg import AsyncConnection, errors

NOTE: Final = "insert into vault.remains default values"
"""In the transaction of the destruction, whose number is then the row's `xmin`."""
# A transaction that began before the destruction may still read the rows, and so takes them along into the new file.
_CLEARABLE: Final = """
with reading as (
    select coalesce(max(greatest(age(backend_xmin), age(backend_xid))), 0) as longest
    from pg_stat_activity where pid <> pg_backend_pid()
)
select id, age(remains.xmin) > longest from vault.remains, reading
"""
_REWRITE: Final = "vacuum (full) vault.owner, vault.identity, vault.document, vault.appearance"
_PATIENCE: Final = "2s"
"""How long a reader of sealed texts may have to wait behind us for others to finish."""


async def clear_away(connection: AsyncConnection[Any]) -> bool:
    """See `events.vault.Vault.clear_away`. The connection commits each statement by itself."""
    found = await (await connection.execute(_CLEARABLE)).fetchall()
    if not found:
        return True
    clearable = [one for one, is_clearable in found if is_clearable]
    if clearable:
        await connection.execute("select set_config('lock_timeout', %s, false)", (_PATIENCE,))
        try:
            await connection.execute(_REWRITE)
        except errors.LockNotAvailable:
            return False
        finally:
            await connection.execute("reset lock_timeout")
        await connection.execute("delete from vault.remains where id = any(%s)", (clearable,))
    return len(clearable) == len(found)
