-- What a trial can be found by now. Of several entries of one millisecond, offsets say which came last. `wording` and
-- `beside` name the words that hold with it. The first `borne` of `identifiers` are its
-- own, ours before all; the others it only claims. Rows are kept small, so that a search reads many of them fast.
-- `newest` orders them: when a trial of ours changed, and when its home says that a partner's did; then `since`.
-- Recruitment is that of the first of `recruits_until`, `invites_until` and `begins_until` that lies ahead, else what
-- `recruitment` says: so the answer of any day is here, and no row changes because a day has passed.
create table search (
    trial text collate "C" not null,
    version integer not null,
    partition integer not null,
    since timestamptz(3) not null,
    since_offset bigint not null,
    newest timestamptz(3) not null,
    wording uuid not null,
    beside uuid not null,
    public boolean not null,
    owner text collate "C",
    own boolean not null,
    home text collate "C",
    identifiers text[] not null,
    borne integer not null,
    authorisation text not null,
    recruitment text not null,
    recruits_until date,
    invites_until date,
    begins_until date,
    sites_until date,
    study_type text,
    phase text,
    sex text,
    aim text,
    countries text[] not null,
    ages numrange not null,
    first_enrolment daterange,
    primary key (trial, version)
);

-- What it could be found by before, from one moment to the next.
create table search_past (
    like search,
    until timestamptz(3) not null,
    until_offset bigint not null,
    primary key (trial, version)
);

-- What a list shows of a trial that was found, for each entry.
create table search_shown (
    trial text collate "C" not null,
    version integer not null,
    summary json not null,
    primary key (trial, version)
);

-- The words of a registration, kept once for all entries that say the same, with vectors of starts that an index alone
-- decides by. Vectors are kept apart from their rows, which are read more often.
create table search_words (
    wording uuid primary key,
    words tsvector not null,
    titles tsvector not null,
    conditions tsvector not null,
    sponsors tsvector not null
) with (toast_tuple_target = 128);
alter table search_words
    alter column words set storage external,
    alter column titles set storage external,
    alter column conditions set storage external,
    alter column sponsors set storage external;

-- Words that are not there: parts above 0 are those of the numbers and sites that `beside` names, parts below 0 those
-- of a registration that one vector could not hold.
create table search_beside (
    wording uuid not null,
    part integer not null,
    words tsvector not null,
    primary key (wording, part)
);
