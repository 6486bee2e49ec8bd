-- A page of the candidates: first those that have all the terms in titles and conditions; of them, as of the others,
-- first those that recruit; then best first, then newest. Whether one really says a phrase is asked in that order, and of no
-- more than are counted: it is reading words again that takes time.
best as (
    select *
    from (select * from candidate order by known desc, rank = 1 desc, open desc, rank desc, newest desc, since desc, trial offset 0) as ordered
    where
        not %(phrased)s
        or sure
        or -- phrases.sql
    order by known desc, rank = 1 desc, open desc, rank desc, newest desc, since desc, trial
    limit %(most)s
),

page as (
    select *, count(*) over () as total
    from best
    order by known desc, rank = 1 desc, open desc, rank desc, newest desc, since desc, trial
    limit %(limit)s offset %(skip)s
)

-- No more of them than come to so many bytes: the first is always there.
select summary, rank, known = 1, total
from (
    select shown.summary, page.rank, page.known, page.open, page.newest, page.since, page.trial, page.total, sum(octet_length(shown.summary::text)) over (
        order by page.known desc, page.rank = 1 desc, page.open desc, page.rank desc, page.newest desc, page.since desc, page.trial rows between unbounded preceding and 1 preceding
    ) as before
    from page join search_shown as shown on shown.trial = page.trial and shown.version = page.version
) as measured
where coalesce(before, 0) <= %(bytes)s
order by known desc, rank = 1 desc, open desc, rank desc, newest desc, since desc, trial
