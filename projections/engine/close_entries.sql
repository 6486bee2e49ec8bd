-- Moves to the past each entry that another follows, which begins where it ends.
with entries as (
    select
        trial, version,
        lead(since) over entries as until,
        lead(since_offset) over entries as until_offset
    from search
    where trial = any(%(trials)s)
    window entries as (partition by trial order by version)
),

ended as (
    delete from search using entries
    where search.trial = entries.trial and search.version = entries.version and entries.until is not null
    returning search.*, entries.until, entries.until_offset
)

insert into search_past select * from ended
