"""Arrays for PostgreSQL, as text: psycopg looks at each element of a list several times, most of what sending takes."""

from collections.abc import Iterable


def array(values: Iterable[object]) -> str:
    """An array literal of values whose text has nothing to be quoted, or is quoted."""
    return f"{{{','.join(map(str, values))}}}"
