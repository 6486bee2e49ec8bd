-- The events of each region of a programme.
create table region (
    region text collate "C" primary key,
    document json not null
);
