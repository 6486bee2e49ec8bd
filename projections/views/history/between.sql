-- Events of a category of streams from one offset of each partition up to another: at most so many, and until those before
-- come to so many bytes. Partitions are merged by recorded time, and each keeps its own order, whatever its clock did.
-- `found` is how many there were before the bytes were counted.
with asked as (
    select *
    from unnest(%(partitions)s::integer[], %(low)s::bigint[], %(high)s::bigint[]) as asked (partition, low, high)
),

light as (
    select each.*, max(each.recorded) over (partition by each.partition order by each."offset") as seen
    from asked cross join lateral (
        select history.partition, "offset", recorded, stream, version
        from history
        where
            history.partition = asked.partition
            and "offset" >= asked.low
            and "offset" < asked.high
            and split_part(stream, '/', 1) = %(category)s
        order by "offset"
        limit %(limit)s
    ) as each
),

page as (select * from light order by seen, partition, "offset" limit %(limit)s),

-- As text, not as stored: what compresses well would come to many times as much in memory.
weighed as (
    select page.*, octet_length(event.data::text) + octet_length(event.changes::text) as size
    from page join history as event using (stream, version)
),

measured as (
    select weighed.*, count(*) over () as found, sum(size) over (
        order by seen, partition, "offset" rows between unbounded preceding and 1 preceding
    ) as before
    from weighed
)

select
    event.stream, event.version, event.id, event.type, event.partition, event."offset", event.recorded, event.digest,
    event.attributes, event.data, event.changes, event.standing, previous.standing, found
from measured
join history as event using (stream, version)
left join history as previous on previous.stream = event.stream and previous.version = event.version - 1
where coalesce(before, 0) <= %(bytes)s
order by seen, measured.partition, measured."offset"
