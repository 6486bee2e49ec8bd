create table ward (
    ward text collate "C" primary key,
    document json not null
);

create table ward_named (
    ward text collate "C" not null,
    version integer not null,
    partition integer not null,
    since timestamptz(3) not null,
    since_offset bigint not null,
    newest text not null,
    beds int4range not null,
    primary key (ward, version)
);

create table ward_named_past (
    like ward_named,
    until timestamptz(3) not null,
    until_offset bigint not null,
    primary key (ward, version)
);
