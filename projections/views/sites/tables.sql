-- One row for each site of each trial; `details` is the site as the trial's document has it.
create table site (
    trial text collate "C" not null,
    site text collate "C" not null,
    organisation text collate "C",
    authorisation text not null,
    recruitment text not null,
    details json not null,
    primary key (trial, site)
);
