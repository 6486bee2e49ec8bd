create index search_now on search (since desc, trial) where until is null;
create index search_identifiers on search using gin (identifiers);
create index search_sponsors on search using gin (sponsors);
create index search_words_words on search_words using gin (words);
