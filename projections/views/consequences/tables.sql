-- What became of each refused command. `open`: the office has neither settled nor closed it. `since`: when it was
-- refused for the first time.
create table consequence (
    consequence text collate "C" primary key,
    policy text collate "C" not null,
    open boolean not null,
    since timestamptz(3) not null,
    document json not null
);
