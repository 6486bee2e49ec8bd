-- The log's tables. Run once, by whoever opens the log first; the owner needs no more than insert and select
-- afterwards, and `update` on log.head. Grant readers of the database `select` at most.

create schema if not exists log;

create table log.topic (
    name text primary key,
    partitions integer not null check (partitions > 0),
    id uuid not null default gen_random_uuid()
);

-- One row for each partition. Its lock is what puts the partition's appends in one order.
create table log.head (
    topic text not null references log.topic (name),
    partition integer not null,
    next_offset bigint not null default 0,
    recorded timestamptz(3),
    primary key (topic, partition)
) with (fillfactor = 10);

create table log.message (
    topic text not null,
    partition integer not null,
    "offset" bigint not null,
    recorded timestamptz(3) not null,
    key bytea not null,
    headers json not null,  -- [[name, value], …] in order, each byte of a value as the character of that number
    value bytea not null,
    primary key (topic, partition, "offset")
);

create function log.refuse_change() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using
        message = format('%I.%I is append-only: %s is refused', tg_table_schema, tg_table_name, lower(tg_op));
end
$$;

create trigger append_only before update or delete or truncate on log.message
    for each statement execute function log.refuse_change();
create trigger kept before delete or truncate on log.head
    for each statement execute function log.refuse_change();
create trigger forward_only before update on log.head
    for each row when (new.next_offset < old.next_offset or new.recorded < old.recorded)
    execute function log.refuse_change();
create trigger fixed before update or delete or truncate on log.topic
    for each statement execute function log.refuse_change();

-- Also where a session calls itself a replica, which skips ordinary triggers.
alter table log.message enable always trigger append_only;
alter table log.head enable always trigger kept;
alter table log.head enable always trigger forward_only;
alter table log.topic enable always trigger fixed;
