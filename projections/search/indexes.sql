create index search_newest on search (since desc, trial);
create index search_wording on search (wording);
create index search_beside on search (beside);
create index search_identifiers on search using gin (identifiers);
create index search_past_wording on search_past (wording);
create index search_past_beside on search_past (beside);
create index search_past_identifiers on search_past using gin (identifiers);
create index search_words_main on search_words using gin (words, titles, conditions, sponsors) where part = 0;
create index search_words_beside on search_words using gin (words) where part > 0;
