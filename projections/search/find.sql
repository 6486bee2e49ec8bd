-- A page of what `matching.sql` narrows down to, best first, then newest.
select narrowed.summary, coalesce(ranked.rank, 0)::float8, least(count(*) over (), %(counted)s)
from narrowed left join ranked on narrowed.trial = ranked.trial and narrowed.wording = ranked.wording
where not %(worded)s or ranked.trial is not null
order by coalesce(ranked.known, false) desc, coalesce(ranked.rank, 0) desc, narrowed.since desc, narrowed.trial
limit %(limit)s offset %(skip)s
