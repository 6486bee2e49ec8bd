-- Moves only those positions that are still where the writer found them: fewer rows than asked for means that another
-- writer was here.
update position
set next_offset = moved.next_offset, recorded = moved.recorded
from unnest(
    %(partitions)s::integer[], %(found)s::bigint[], %(next_offsets)s::bigint[], %(recorded)s::timestamptz[]
) as moved (partition, found, next_offset, recorded)
where position.partition = moved.partition and position.next_offset = moved.found
