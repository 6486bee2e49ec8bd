create schema policies;

-- How far the policies have come, as in following.mark. Beside what waits, so that neither is ever without the other.
create table policies.mark (
    follower text not null,
    partition integer not null,
    topic text not null,
    next_offset bigint not null,
    digest bytea not null,
    recorded timestamptz(3),
    primary key (follower, partition)
);

-- The policies that were asked about all that the marks are past.
create table policies.asked (
    policy text primary key
);

-- Commands that follow from events and are not due yet. All of it follows from the log.
create table policies.waiting (
    key uuid primary key,
    due timestamptz not null,
    policy text not null,
    cause text not null,
    stream text not null,
    command text not null,
    content json not null
);

create index waiting_due on policies.waiting (due, cause, key);
