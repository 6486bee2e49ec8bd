-- The last events of a type, of whatever stream, until those before come to so many bytes, and one more.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from (
    select page.*, sum(case when %(bytes)s::bigint is null then 0 else octet_length(data::text) end) over (
        order by recorded desc, partition desc, "offset" desc rows between unbounded preceding and 2 preceding
    ) as before
    from (
        select *
        from history
        where
            type = %(type)s
            and (
                %(before_partition)s::integer is null
                or (recorded, partition, "offset") < (
                    select others.recorded, others.partition, others."offset" from history as others
                    where others.partition = %(before_partition)s and others."offset" = %(before_offset)s
                )
            )
            -- until.sql
        order by recorded desc, partition desc, "offset" desc
        limit %(limit)s
    ) as page
) as measured
where coalesce(before, 0) <= coalesce(%(bytes)s::bigint, 0)
order by recorded desc, partition desc, "offset" desc
