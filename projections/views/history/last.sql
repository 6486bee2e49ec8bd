-- The last event of a stream.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from history
where
    stream = %(stream)s
    -- until.sql
order by version desc
limit 1
