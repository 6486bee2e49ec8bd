-- How many of what `matching.sql` narrows down to have each value of each facet.
select facet.name, facet.value, count(*)
from
    narrowed left join ranked on narrowed.trial = ranked.trial and narrowed.wording = ranked.wording
    cross join lateral (
        values
            ('recruitment', narrowed.recruitment),
            ('authorisation', narrowed.authorisation),
            ('study_type', narrowed.study_type),
            ('phase', narrowed.phase),
            ('aim', narrowed.aim)
        union all
        select 'country', unnest(narrowed.countries)
    ) as facet (name, value)
where (not %(worded)s or ranked.trial is not null) and facet.value is not null
group by facet.name, facet.value
