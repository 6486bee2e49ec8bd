create schema if not exists following;

-- How far each follower has come: the next offset of each partition, with the digest of the record before it (empty at
-- the beginning) and when that was recorded. Moved in the transaction that handles the records.
create table if not exists following.mark (
    follower text not null,
    partition integer not null,
    topic text not null,
    next_offset bigint not null,
    digest bytea not null,
    recorded timestamptz(3),
    primary key (follower, partition)
);

-- What a follower fails at, and tries again.
create table if not exists following.trouble (
    follower text primary key,
    trouble text not null,
    since timestamptz(3) not null default now()
);
