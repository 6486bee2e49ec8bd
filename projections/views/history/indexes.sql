-- An id is unique within a stream only as far as admission remembers, and not across streams: no unique index.
create index history_id on history (id);
create index history_place on history (partition, "offset");
create index history_receipt on history (recorded) where type = 'import.finished.v1';
