-- The last events of a type, of whatever stream.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from history
where
    type = %(type)s
    and -- until.sql
order by recorded desc, partition desc, "offset" desc
limit %(limit)s
