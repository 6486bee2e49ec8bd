-- How far the views have got in each partition of the topic; moved in the transaction that writes the rows.
create table position (
    partition integer primary key,
    topic text not null,
    next_offset bigint not null,
    recorded timestamptz(3)
);
