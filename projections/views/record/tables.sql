-- The latest document of each trial. `known` are the normalised numbers that it goes by: ours first, if any, then its
-- home registry's. `former` are those that its home registry says it gave the trial before.
create table record (
    trial text collate "C" primary key,
    number text collate "C",
    home boolean not null,
    known text[] not null,
    former text[] not null,
    document json not null
);
