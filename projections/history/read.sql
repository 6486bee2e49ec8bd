-- Events of a stream in order.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from history
where
    stream = %(stream)s
    and version > %(after)s
    and -- until.sql
order by version
limit %(limit)s
