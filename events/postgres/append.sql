-- Appends messages to partitions of a topic, in one statement and so in one transaction and one round trip.

-- Locks the heads first. Every process takes them in the same order, so none waits for another in a circle; the order of
-- offsets, of recorded times and of commits is then the same, and a reader never sees an offset before the ones below it.
with locked as materialized (
    select partition
    from log.head
    where topic = %(topic)s and partition = any(%(partitions)s::integer[])
    order by partition
    for update
),

-- Takes the offsets and the recorded time. A head that another commit has moved while this one waited is read again
-- by the update, as it is now.
advanced as (
    update log.head
    set
        next_offset = next_offset + added.messages,
        recorded = greatest(recorded, date_trunc('milliseconds', clock_timestamp()))
    from
        unnest(%(partitions)s::integer[], %(messages)s::integer[]) as added (partition, messages)
        join locked using (partition)
    where head.topic = %(topic)s and head.partition = added.partition
    returning head.partition, head.next_offset, head.recorded
),

-- `distance`: how far a message lies below its head's new next offset, 1 for the last.
written as (
    insert into log.message (topic, partition, "offset", recorded, key, headers, value)
    select %(topic)s, partition, next_offset - distance, recorded, key, headers::json, value
    from unnest(
        %(places)s::integer[], %(distances)s::integer[],
        %(keys)b::bytea[], %(headers)b::text[], %(values)b::bytea[]
    ) as added (partition, distance, key, headers, value)
    join advanced using (partition)
)

select partition, next_offset, recorded from advanced
