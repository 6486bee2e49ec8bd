-- The next messages of each wanted partition, within a number of rows for each and of bytes for all; one row with an
-- empty offset where a partition has none. `next_offset` is of the same moment as the messages.
select partition, next_offset, "offset", recorded, key, headers, value
from (
    select
        head.partition, head.next_offset,
        message."offset", message.recorded, message.key, message.headers::text, message.value,
        sum(octet_length(message.value)) over (
            order by head.partition, message."offset" rows between unbounded preceding and 1 preceding
        ) as bytes_before
    from unnest(%(partitions)s::integer[], %(starts)s::bigint[], %(stops)s::bigint[]) as wanted (partition, start, stop)
    join log.head on head.topic = %(topic)s and head.partition = wanted.partition
    left join lateral (
        select *
        from log.message
        where
            message.topic = %(topic)s and message.partition = wanted.partition
            and message."offset" >= wanted.start and message."offset" < wanted.stop
        order by message."offset"
        limit %(rows)s
    ) as message on true
) as found
where coalesce(bytes_before, 0) < %(bytes)s
order by partition, "offset"
