-- How many of the candidates there are of each kind that facets tell apart.
ordered as (
    select * from candidate
)

select
    -- recruitment.sql
    , authorisation, study_type, phase, aim, countries, count(*)
from ordered join search on search.trial = ordered.trial and search.version = ordered.version
where
    not %(phrased)s
    or sure
    or -- phrases.sql
group by 1, 2, 3, 4, 5, 6
