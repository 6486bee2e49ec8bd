-- What a trial could be found by, from one moment to the next: `until` is empty for what holds now. Of several entries
-- of one millisecond, offsets say which came last.
create table search (
    trial text collate "C" not null,
    version integer not null,
    partition integer not null,
    since timestamptz(3) not null,
    since_offset bigint not null,
    until timestamptz(3),
    until_offset bigint,
    wording text collate "C" not null,
    public boolean not null,
    owner text collate "C",
    own boolean not null,
    home text collate "C",
    identifiers text[] not null,
    authorisation text not null,
    recruitment text not null,
    recruiting_sites integer not null,
    study_type text,
    phase text,
    sex text,
    aim text,
    countries text[] not null,
    ages numrange not null,
    first_enrolment daterange,
    sponsors tsvector not null,
    summary json not null,
    primary key (trial, version)
);

-- The words of a trial, kept once for all entries that say the same; several vectors where one can't hold them.
create table search_words (
    trial text collate "C" not null,
    wording text collate "C" not null,
    part integer not null,
    words tsvector not null,
    primary key (trial, wording, part)
);
