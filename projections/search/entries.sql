-- Entries of a partition that begin or end between two offsets, with their words.
with entries as (
    select search.*, null::timestamptz as until, null::bigint as until_offset
    from search
    where partition = %(partition)s and since_offset >= %(low)s and since_offset < %(high)s
    union all
    select search_past.*
    from search_past
    where partition = %(partition)s and since_offset >= %(low)s and since_offset < %(high)s
    union all
    select search_past.*
    from search_past
    where
        partition = %(partition)s and until_offset >= %(low)s and until_offset < %(high)s
        and since_offset < %(low)s
)

-- columns.sql
from
    entries
    join search_words as words on words.wording = entries.wording
    join search_beside as beside on beside.wording = entries.beside
