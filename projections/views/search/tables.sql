-- What a trial can be found by now. Of several entries of one millisecond, offsets say which came last. `wording` and
-- `beside` name the words that hold with it. The first `borne` of `identifiers` are its own, ours before all; the others
-- it only claims. `newest` orders trials: when one of ours changed, and when its home says that a partner's did.
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
    registered date,
    confirmed date,
    traits text[] not null,
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

-- The words of a registration, cut and ready to be indexed, kept once for all entries that say the same.
create table search_words (
    wording uuid primary key,
    titles text not null,
    conditions text not null,
    sponsors text not null,
    rest text not null
);

-- Words that are not there: those of a trial's numbers and sites.
create table search_beside (
    wording uuid primary key,
    words text not null
);
