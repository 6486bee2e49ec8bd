create schema if not exists vault;

-- One value under the installation's key, which shows whether a node came with that key.
create table if not exists vault.probe (
    single boolean primary key default true check (single),
    wrapped bytea not null
);

-- A person, or a text that can be taken back. What asks for the one destroys nothing of the other.
create table if not exists vault.owner (
    owner uuid primary key,
    kind text not null check (kind in ('person', 'text')),
    wrapped bytea not null
);

-- Several identities may stand for one owner; they go with the key, being personal data themselves.
create table if not exists vault.identity (
    digest bytea primary key,
    owner uuid not null references vault.owner on delete cascade
);

create table if not exists vault.document (
    digest bytea primary key,
    wrapped bytea not null
);

create table if not exists vault.appearance (
    owner uuid not null,
    document bytea not null references vault.document on delete cascade,
    primary key (owner, document)
);

-- A destruction whose rows may still stand in the files of these tables, though no statement reads them.
create table if not exists vault.remains (
    id bigint generated always as identity primary key
);

-- From what the vault and the log are being filled, as the SHA-256 of an archive, until all is there. No node starts
-- meanwhile.
create table if not exists vault.restoration (
    archive text primary key
);

-- Up to where in the log it is done what the log asks of these tables (see marks.sql). An older copy of them has older
-- marks, so that the keys which it brings back are destroyed again.
create table if not exists vault.mark (
    follower text not null,
    partition integer not null,
    topic text not null,
    next_offset bigint not null,
    digest bytea not null,
    recorded timestamptz(3),
    primary key (follower, partition)
);

-- Which vault this is: the log that it keeps keys for is founded with its id. And that log, with the ids of its topics by
-- their names, once a node has started on it.
create table if not exists vault.belonging (
    single boolean primary key default true check (single),
    vault uuid not null default gen_random_uuid(),
    log text,
    topics jsonb not null default '{}'
);

insert into vault.belonging default values on conflict do nothing;
