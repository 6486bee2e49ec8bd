-- Takes the offsets and the recorded time. Run with the heads locked: the order of offsets, of recorded times and of
-- commits is then the same, and a reader never sees an offset before the ones below it.
update log.head
set
    next_offset = next_offset + added.messages,
    recorded = greatest(recorded, date_trunc('milliseconds', clock_timestamp()))
from unnest(%(topics)s::text[], %(partitions)s::integer[], %(messages)s::integer[])
    as added (topic, partition, messages)
where head.topic = added.topic and head.partition = added.partition
returning head.topic, head.partition, head.next_offset, head.recorded
