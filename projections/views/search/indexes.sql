-- A GIN index takes what comes into a list first, which every search reads from end to end. With the default of 4 MB a
-- search among trials that were just changed took two seconds; without a list, writing takes twice as long.
create index search_newest on search (newest desc, since desc, trial);
create index search_wording on search (wording);
create index search_standing on search (beside);
create index search_identifiers on search using gin (identifiers) with (gin_pending_list_limit = 256);
create index search_past_wording on search_past (wording);
create index search_past_standing on search_past (beside);
create index search_past_identifiers on search_past using gin (identifiers) with (gin_pending_list_limit = 256);
create index search_words_said on search_words using gin (words, titles, conditions, sponsors)
with (gin_pending_list_limit = 256);
create index search_beside_said on search_beside using gin (words)
with (gin_pending_list_limit = 256) where part > 0;
create index search_beside_long on search_beside using gin (words)
with (gin_pending_list_limit = 256) where part < 0;
