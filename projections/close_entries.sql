-- Ends each entry where the trial's next one begins.
update search
set until = following.since, until_offset = following.since_offset
from (
    select
        trial, version,
        lead(since) over entries as since,
        lead(since_offset) over entries as since_offset
    from search
    where trial = any(%(trials)s) and until is null
    window entries as (partition by trial order by version)
) as following
where
    search.trial = following.trial
    and search.version = following.version
    and following.since is not null
