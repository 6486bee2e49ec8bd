-- Where the parts of partners' documents stand in the log. Made of the log, and made again from it where it is lost.
create schema if not exists place;

create table if not exists place.part (
    document bytea not null,
    whole bytea not null,
    part integer not null,
    parts integer not null,
    partition integer not null,
    "offset" bigint not null,
    primary key (document, whole, part)
);

-- Up to where each partition was read for parts; those above it are known only from the nodes that appended them.
create table if not exists place.reached (
    partition integer primary key,
    next_offset bigint not null
);
