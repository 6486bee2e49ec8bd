-- Which events of a stream corrected which.
select (data ->> 'corrects')::integer, version
from history
where
    stream = %(stream)s
    and type = any(%(types)s)
    -- until.sql
order by version
