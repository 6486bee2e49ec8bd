-- The last events of a type, of whatever stream, up to a moment as in read.sql.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from history
where
    type = %(type)s
    and (%(recorded)s::timestamptz is null or recorded <= %(recorded)s)
    and (
        %(partition)s::integer is null
        or case
            when partition = %(partition)s then "offset" <= %(offset)s
            else recorded <= (
                select recorded from history as others
                where others.partition = %(partition)s and others."offset" <= %(offset)s
                order by others."offset" desc limit 1
            )
        end
    )
order by recorded desc, partition desc, "offset" desc
limit %(limit)s
