-- Events of a stream in order, until those before come to so many bytes: the first is always there.
select stream, version, id, type, partition, "offset", recorded, digest, attributes, data, changes
from (
    select page.*, sum(case when %(bytes)s::bigint is null then 0 else octet_length(data::text) + octet_length(changes::text) end) over (
        order by version rows between unbounded preceding and 1 preceding
    ) as before
    from (
        select *
        from history
        where
            stream = %(stream)s
            and version > %(after)s
            -- until.sql
        order by version
        limit %(limit)s
    ) as page
) as measured
where coalesce(before, 0) <= coalesce(%(bytes)s::bigint, 0)
order by version
