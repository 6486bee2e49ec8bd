create index record_known on record using gin (known);
create index record_number on record (number, trial);
