-- Locks the heads to append to. Every process takes them in the same order, so none waits for another in a circle.
select
from log.head
join unnest(%(topics)s::text[], %(partitions)s::integer[]) as wanted (topic, partition) using (topic, partition)
order by topic, partition
for update of head
