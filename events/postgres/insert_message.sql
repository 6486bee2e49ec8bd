-- `distance`: how far the message lies below the head's new next offset, 1 for the last.
insert into log.message (topic, partition, "offset", recorded, key, header_names, header_values, value)
select
    topic, partition, next_offset - %(distance)s::bigint, recorded,
    %(key)s::bytea, %(header_names)s::text[], %(header_values)s::bytea[], %(value)s::bytea
from log.head
where topic = %(topic)s and partition = %(partition)s
