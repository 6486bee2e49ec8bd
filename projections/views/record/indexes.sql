create index record_known on record using gin (known) with (gin_pending_list_limit = 256);
create index record_number on record (number, trial);
create index record_former on record using gin (former) with (gin_pending_list_limit = 256);
create index record_renumbered on record (trial) where former <> '{}';
