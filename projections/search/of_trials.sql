-- All entries of trials, with their words.
with entries as (
    select search.*, null::timestamptz as until, null::bigint as until_offset
    from search where trial = any(%(trials)s)
    union all
    select search_past.* from search_past where trial = any(%(trials)s)
)

-- columns.sql
from
    entries
    join search_words as words on words.wording = entries.wording
    join search_beside as beside on beside.wording = entries.beside
