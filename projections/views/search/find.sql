-- A page of the candidates: first those that have all the terms in titles and conditions; of them, as of the others,
-- first those that recruit; then best first, then newest. Whether one really says a phrase is asked in that order, and of no
-- more than are counted: it is reading words again that takes time.
best as (
    select *
    from (
        select * from candidate
        order by -- order.sql
        offset 0
    ) as ordered
    where
        not %(phrased)s
        or sure
        or -- phrases.sql
    order by -- order.sql
    limit %(most)s
),

page as (
    select *, count(*) over () as total
    from best
    order by -- order.sql
    limit %(limit)s offset %(skip)s
)

-- No more of them than come to so many bytes: the first is always there.
select summary, rank, known = 1, total
from (
    select page.*, summary, sum(octet_length(summary::text)) over (
        order by -- order.sql
        rows between unbounded preceding and 1 preceding
    ) as before
    from page join search_shown using (trial, version)
) as measured
where coalesce(before, 0) <= %(bytes)s
order by -- order.sql
