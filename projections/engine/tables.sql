-- How far the views have got in each partition of the topic; moved in the transaction that writes the rows. Columns as
-- in events/postgres/marks.sql.
create table position (
    follower text not null,
    partition integer primary key,
    topic text not null,
    next_offset bigint not null,
    digest bytea not null,
    recorded timestamptz(3)
);

-- Events that a view could not take, and those that wait behind them in their stream. `cause` is the offset of the first
-- of these. Names of streams are kept as bytes, as no text can hold every name that a record may bear.
create table set_aside (
    view text not null,
    partition integer not null,
    "offset" bigint not null,
    stream bytea not null,
    version integer not null,
    type text not null,
    organisation text not null,
    recorded timestamptz(3) not null,
    cause bigint not null,
    reason text not null,
    program text not null,
    primary key (partition, "offset", view)
);
create index set_aside_stream on set_aside using hash (stream);
