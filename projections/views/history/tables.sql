-- Every accepted event of every stream. `changes` is what differs between the trial's documents before and after; `standing` is how
-- the trial stands after it: whether it is public, whose it is, its number, and the bookkeeping that changed.
create table history (
    stream text collate "C" not null,
    version integer not null,
    id uuid not null,
    type text collate "C" not null,
    partition integer not null,
    "offset" bigint not null,
    recorded timestamptz(3) not null,
    digest bytea not null,
    attributes json not null,
    data json not null,
    changes json not null,
    standing json not null,
    primary key (stream, version)
);
