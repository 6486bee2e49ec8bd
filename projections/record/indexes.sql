create index record_known on record using gin (known) with (gin_pending_list_limit = 256);
create index record_number on record (number, trial);
