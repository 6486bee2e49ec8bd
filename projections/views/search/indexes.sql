-- Search indexes follow the entries in the order of the log: those that begin after a position, and those that end.
create index search_since on search (partition, since_offset);
create index search_past_since on search_past (partition, since_offset);
create index search_past_until on search_past (partition, until_offset);
