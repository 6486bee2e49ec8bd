-- The events of each region of a programme.
create table region (
    region text collate "C" primary key,
    programme text collate "C" not null,
    document json not null
);
