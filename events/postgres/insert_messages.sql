-- `distance`: how far a message lies below its head's new next offset, 1 for the last.
insert into log.message (topic, partition, "offset", recorded, key, headers, value)
select topic, partition, next_offset - distance, recorded, key, headers::json, value
from unnest(
    %(topics)s::text[], %(partitions)s::integer[], %(distances)s::bigint[],
    %(keys)b::bytea[], %(headers)b::text[], %(values)b::bytea[]
) as added (topic, partition, distance, key, headers, value)
join log.head using (topic, partition)
