-- Where the folds of the log stood. Made of the log, and made again from it where it is lost.
create schema if not exists snapshot;

create table snapshot.fold (
    partition integer not null,
    next_offset bigint not null,
    taken timestamptz not null,
    body bytea not null,
    primary key (partition, next_offset)
);

-- Digests and ids don't shrink.
alter table snapshot.fold alter column body set storage external;
