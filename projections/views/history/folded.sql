-- Events of a stream in order, without the changes, which no fold needs, until those before come to so many bytes: the first is always
-- there.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data
from (
    select page.*, sum(octet_length(data::text)) over (
        order by version rows between unbounded preceding and 1 preceding
    ) as before
    from (
        select stream, version, id, type, partition, "offset", recorded, digest, attributes, data
        from history
        where
            stream = %(stream)s
            and version > %(after)s
            -- until.sql
        order by version
        limit %(limit)s
    ) as page
) as measured
where coalesce(before, 0) <= %(bytes)s
order by version
